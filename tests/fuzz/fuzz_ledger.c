// SPDX-License-Identifier: MIT
/*
 * The keeper's side of the border: a ledger, and recorders that say anything, in any order. The
 * input is what the owner of the table does and what the recorder says, in turns. Whatever it says,
 * proposals are within their bounds, each waiter is answered once, and the keeper's own messages
 * are what the other side can read.
 */
#include "say.h"

#include <errno.h>

#include "ledger/ledger.h"
#include "ledger/life.h"
#include "ledger/state.h"

#define WAITERS_MAX 256
#define STEPS_MAX   200

static const struct prefix lan[] = {{ADDRESS_V4(0x0a000000), 28}},
                           dmz[] = {{ADDRESS_V4(0xc0a80000), 30}, {{SAY_IPV6, 0}, 64}};
static const struct segment segment[] = {{"lan", lan, 1}, {"dmz", dmz, 2}};
static const struct packet_source keeper = {false, segment, 2};

struct waiter {
	bool posted, answered;
};

/* What is around the ledger. */
struct world {
	uv_loop_t loop;
	struct ledger *ledger;
	struct input input;
	int recorder; /* its end of the socket; -1: there is none */
	struct inbox inbox;
	struct history_proposal *proposal; /* the owner has it */
	struct waiter waiter[WAITERS_MAX];
	unsigned waiters;
	uint64_t task; /* the owner's; 0: none is open */
};

static struct world world;

/* --- its life -------------------------------------------------------------------------------- */

static void hang_up(void)
{
	if (world.recorder >= 0)
		close(world.recorder);
	world.recorder = -1;
	world.inbox.begin = world.inbox.end = 0;
}

/* In a good start it says what it must; and may go on with something else at any point. */
static int start(void *context, int socket, pid_t *pid, struct fault *fault)
{
	static const struct packet hello = {.kind = PACKET_HELLO, .version = PROTOCOL_VERSION};
	static const struct packet read = {.kind = PACKET_READ};
	struct packet loading = {.kind = PACKET_LOADING};
	struct input *input = &world.input;
	uint8_t how = input_u8(input);

	(void)context;
	(void)fault;
	hang_up();
	world.recorder = dup(socket);
	MUST(world.recorder >= 0);
	*pid = 1000;
	if (how & 1)
		say_something(world.recorder, input, how);
	say(world.recorder, &hello);
	choose_loading(&loading.loading, input);
	if (how & 2)
		say_something(world.recorder, input, how);
	say(world.recorder, &loading);
	for (unsigned i = how >> 2 & 3; i > 0; i--) {
		struct packet chunk = {.kind = PACKET_CHUNK};

		choose_items(&chunk, input);
		say(world.recorder, &chunk);
	}
	if (how & 0x10)
		say_something(world.recorder, input, how);
	say(world.recorder, &read);
	/* The start of the first one waits for it. */
	if (!world.ledger && how & 0x13)
		(void)shutdown(world.recorder, SHUT_WR);
	return 0;
}

static void end_by_force(void *context, pid_t pid)
{
	(void)context;
	MUST(pid == 1000);
}

/* --- the owner ------------------------------------------------------------------------------- */

static void ended(void *context, const char *words)
{
	(void)context;
	MUST(words && *words);
}

static void raised(void *context, const struct history_alert *alert)
{
	(void)context;
	MUST(task_kind_is_valid(alert->kind) && alert->words);
}

static void check_place(unsigned number, struct address address)
{
	bool inside = false;

	MUST(number < 2);
	for (size_t i = 0; i < segment[number].prefixes; i++)
		inside |= prefix_is_host(segment[number].prefix[i], address);
	MUST(inside);
}

static void propose(void *context, struct history_proposal *proposal)
{
	(void)context;
	MUST(!world.proposal && proposal->items > 0 && proposal->source);
	for (size_t i = 0; i < proposal->items; i++) {
		check_place(proposal->item[i].segment, proposal->item[i].address);
		MUST(i == 0 || proposal_compare(&proposal->item[i - 1], &proposal->item[i]) < 0);
	}
	world.proposal = proposal;
}

static void withdraw(void *context)
{
	(void)context;
	MUST(world.proposal);
	world.proposal = NULL;
}

static void reload(void *context, struct history_item *item, bool pending)
{
	(void)context;
	(void)pending;
	check_place(item->segment, item->address);
	item->result = item->base;
}

static void reloaded(void *context)
{
	(void)context;
}

static void notice(void *context, const char *line)
{
	(void)context;
	MUST(text_reason(line, strcspn(line, "\n")) == NULL);
}

static struct waiter *wait_for(void)
{
	return world.waiters < WAITERS_MAX ? &world.waiter[world.waiters++] : NULL;
}

static void done(void *argument, int status, const char *commit)
{
	struct waiter *waiter = argument;

	MUST(!waiter->answered && status <= 0 && strlen(commit) < COMMIT_TEXT);
	waiter->answered = true;
}

static void outcome(void *argument, const struct history_outcome *result)
{
	done(argument, result->status, result->commit);
}

static void post_change(struct input *input, bool wait)
{
	const struct task_context told = {.interface = "eth0", .trigger = "request"};
	struct entry after = choose_entry(input);
	struct waiter *waiter = wait ? wait_for() : NULL;
	uint8_t where = input_u8(input);
	struct address address = address_v4(where & 0x80 ? 0xc0a80001 : 0x0a000001 + where % 14);
	int error;

	if (where & 0x80 && where & 0x10)
		address = (struct address){SAY_IPV6, 1 + where % 8};
	if (where & 0x40 && world.task)
		error = ledger_task_change(world.ledger, world.task, &told, where >> 7, address,
		                           entry_copy(&after));
	else
		error = ledger_record(world.ledger, "learn", &told, where >> 7, address,
		                      where & 0x20 ? NULL : entry_copy(&after),
		                      waiter ? done : NULL, waiter);
	if (waiter)
		waiter->posted = !error && !(where & 0x40 && world.task);
}

static void post_task(bool wait)
{
	struct waiter *waiter = wait ? wait_for() : NULL;

	if (!world.task) {
		world.task = ledger_begin(world.ledger, "import");
		return;
	}
	if (ledger_end(world.ledger, world.task, waiter ? done : NULL, waiter) == 0 && waiter)
		waiter->posted = true;
	world.task = 0;
}

static void post_request(uint8_t which)
{
	static const char *const commits[] = {"0123456789abcdef0123456789abcdef01234567"};
	const struct history_revert revert = {
	        .name = "operator/1", .commit = commits, .commits = 1};
	struct waiter *waiter = wait_for();
	int error;

	if (!waiter)
		return;
	if (which % 3 == 0)
		error = ledger_mark(world.ledger, done, waiter);
	else if (which % 3 == 1)
		error = ledger_merge(world.ledger, "merge/x", 0, outcome, waiter);
	else
		error = ledger_revert(world.ledger, &revert, outcome, waiter);
	waiter->posted = !error;
}

static void answer_proposal(struct input *input)
{
	struct history_proposal *proposal = world.proposal;
	struct entry ours = choose_entry(input);

	if (!proposal)
		return;
	while (proposal->merged < proposal->items) {
		struct history_item *item = &proposal->item[proposal->merged];
		const struct entry *mine = input_u8(input) & 1 ? &ours : item->base;

		MUST(proposal_set_result(item, proposal_decide(proposal, item, mine)) == 0);
		proposal->merged++;
		/* Half-way, as after a turn of the loop. */
		if (input_u8(input) == 0xff)
			return;
	}
	world.proposal = NULL;
	ledger_proposal_done(world.ledger);
}

static void raise_alert(void)
{
	const struct history_alert alert = {.time = 1700000000, .kind = "conflict", .words = "w"};

	MUST(ledger_alert(world.ledger, &alert) == 0);
}

/* --- a run ----------------------------------------------------------------------------------- */

/* What the keeper has said: it starts with OPEN. */
static void listen_to_keeper(void)
{
	char *frame;
	size_t length;

	while (world.recorder >= 0 &&
	       inbox_receive(&world.inbox, world.recorder, SIZE_MAX, MSG_DONTWAIT) > 0)
		do {
			struct packet packet;

			MUST(inbox_next(&world.inbox, &frame, &length) == 0);
			if (!frame)
				break;
			MUST(packet_decode(&packet, &keeper, frame, length) == 0);
			packet_clear(&packet);
		} while (true);
}

static void start_another(void)
{
	struct fault fault = {""};

	if (world.ledger->stage != LEDGER_DOWN)
		return;
	uv_timer_stop(&world.ledger->retry);
	MUST(life_start(world.ledger, &fault) == 0);
	life_begin(world.ledger);
}

static void step(struct input *input)
{
	struct history_status status;
	uint8_t what = input_u8(input);

	switch (what % 16) {
	case 0:
	case 1:
		post_change(input, what & 0x80);
		break;
	case 2:
		post_task(what & 0x80);
		break;
	case 3:
		post_request(what >> 4);
		break;
	case 4:
		answer_proposal(input);
		break;
	case 5:
		raise_alert();
		break;
	case 6:
		hang_up();
		break;
	case 7:
		start_another();
		break;
	default:
		say_something(world.recorder, input, what);
	}
	if (what & 0x40)
		return; /* more before the loop turns */
	uv_run(&world.loop, UV_RUN_NOWAIT);
	listen_to_keeper();
	ledger_status(world.ledger, &status);
	MUST(memchr(status.trouble, '\0', sizeof(status.trouble)));
}

/* All of the first start's chunks. */
static int load(struct fault *fault)
{
	struct history_proposal *chunk;
	int error;

	while ((error = ledger_load_next(world.ledger, &chunk, fault)) > 0)
		for (size_t i = 0; i < chunk->items; i++) {
			struct history_item *item = &chunk->item[i];

			check_place(item->segment, item->address);
			item->result = i & 1 ? item->base : item->theirs;
		}
	return error;
}

static void finish(void)
{
	hang_up();
	(void)ledger_close(world.ledger, 0, false);
	world.ledger = NULL;
	uv_run(&world.loop, UV_RUN_NOWAIT);
	MUST(!uv_loop_alive(&world.loop));
	for (unsigned i = 0; i < world.waiters; i++)
		MUST(world.waiter[i].posted == world.waiter[i].answered);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	log_set_level(LOG_LEVEL_ERROR);
	world.recorder = -1;
	MUST(inbox_init(&world.inbox) == 0);
	return uv_loop_init(&world.loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ledger_options options = {
	        .path = "/history.git",
	        .instance = "fuzz",
	        .control = "/control",
	        .segment = segment,
	        .segments = 2,
	        .backlog = 16,
	        .loop = &world.loop,
	        .start = start,
	        .kill = end_by_force,
	        .ended = ended,
	        .lost = ended,
	        .warned = ended,
	        .raised = raised,
	        .propose = propose,
	        .withdraw = withdraw,
	        .reload = reload,
	        .reloaded = reloaded,
	        .notice = notice,
	};
	struct fault fault = {""};
	uint64_t about;
	int error;

	world.input = (struct input){data, data + size};
	memset(world.waiter, 0, sizeof(world.waiter));
	world.waiters = 0;
	world.task = 0;
	world.proposal = NULL;
	world.ledger = NULL;
	error = ledger_open(&world.ledger, &options, &about, &fault);
	if (!error)
		error = load(&fault);
	if (!error) {
		ledger_loaded(world.ledger);
		for (unsigned i = 0; i < STEPS_MAX && input_left(&world.input) > 0; i++)
			step(&world.input);
	} else {
		MUST(fault.text[0]);
	}
	finish();
	return 0;
}
