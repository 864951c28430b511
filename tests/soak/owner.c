// SPDX-License-Identifier: MIT
/*
 * fleet_owner: a table without a wire, and its recorder, a real process over the real protocol. It
 * does what it is told, line by line, and answers each line with one of its own;
 * tests/soak/fleet.py tells it.
 *
 *   fleet_owner PROGRAM REPOSITORY NODE
 *
 *   learn HOST N    the host was heard at 02:00:00:00:00:N of its number (see set_mac)      ok
 *   set HOST N      an operator declares it                                                 ok
 *   expire HOST     what was learned has gone silent                                        ok
 *   unset HOST      an operator removes it                                                  ok
 *   durable         waits until all of this is recorded                                     ok
 *   look            looks at fetched branches, and waits until what they change is recorded ok
 *   show            HOST N STATE, for each entry, in one line
 *   status          the recorder's process, and history's commits, claims and nodes
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/ledger.h"

#define NETWORK 0x0a000000u /* 10.0.0.0/16 */
#define HOSTS   65536u
#define LINE    256

struct owner {
	const char *program;
	struct ledger *ledger;
	uv_loop_t loop;
	struct entry *table[HOSTS];
	unsigned waiting; /* changes that are not durable */
	bool done;
	int status;
};

static const uint8_t share[] = {SHARE_ALL};
static struct prefix prefix = {ADDRESS_V4(NETWORK), 16};
static const struct segment segment = {"lan", &prefix, 1};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "fleet_owner: %s\n", what);
	exit(1);
}

static int start(void *context, int socket, pid_t *pid, struct fault *fault)
{
	struct owner *owner = context;

	*pid = fork();
	if (*pid < 0)
		return fault_set(fault, -errno, "fork: %s", strerror(errno));
	if (*pid == 0) {
		int null = open("/dev/null", O_RDWR);

		if (dup2(null, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
		    dup2(socket, 3) < 0)
			_exit(1);
		if (socket == 3)
			fcntl(3, F_SETFD, 0);
		execl(owner->program, owner->program, "recorder", (char *)NULL);
		_exit(1);
	}
	return 0;
}

static void end_by_force(void *context, pid_t pid)
{
	(void)context;
	kill(pid, SIGKILL);
}

static void on_words(void *context, const char *words)
{
	(void)context;
	fprintf(stderr, "fleet_owner: %s\n", words);
}

static void on_line(void *context, const char *words)
{
	(void)context;
	(void)words;
}

static void on_raised(void *context, const struct history_alert *alert)
{
	(void)context;
	fprintf(stderr, "fleet_owner: alert: %s: %s\n", alert->kind, alert->words);
}

static void merge(struct owner *owner, struct history_proposal *proposal)
{
	for (; proposal->merged < proposal->items; proposal->merged++) {
		struct history_item *item = &proposal->item[proposal->merged];
		struct entry **ours = &owner->table[address_number(item->address) - NETWORK];
		const struct entry *winner = proposal_decide(proposal, item, *ours);

		if (proposal_set_result(item, winner))
			fail("out of memory");
		if (winner != *ours) {
			struct entry *copy = entry_copy(winner);

			entry_free(*ours);
			*ours = copy;
		}
	}
}

static void on_propose(void *context, struct history_proposal *proposal)
{
	struct owner *owner = context;

	merge(owner, proposal);
	ledger_proposal_done(owner->ledger);
}

static void on_recorded(void *argument, int status, const char *commit)
{
	struct owner *owner = argument;

	(void)commit;
	if (status)
		fail(strerror(-status));
	owner->waiting--;
}

static void on_outcome(void *argument, const struct history_outcome *outcome)
{
	struct owner *owner = argument;

	if (outcome->status)
		fail(outcome->text);
	owner->done = true;
}

static void wait_done(struct owner *owner)
{
	while (!owner->done || owner->waiting)
		uv_run(&owner->loop, UV_RUN_ONCE);
}

/* N is the MAC's last three octets. */
static void change(struct owner *owner, const char *kind, uint32_t host, uint32_t mac,
                   enum entry_state state)
{
	struct entry entry = {
	        .mac = {{2, 0, 0, (uint8_t)(mac >> 16), (uint8_t)(mac >> 8), (uint8_t)mac}},
	        .state = state,
	        .since = time(NULL)};
	const struct task_context context = {.segment = "lan"};
	struct entry *after = mac ? entry_copy(&entry) : NULL;

	if (host >= HOSTS || (mac && !after))
		fail("there is no such host");
	entry_free(owner->table[host]);
	owner->table[host] = mac ? entry_copy(&entry) : NULL;
	if (ledger_record(owner->ledger, kind, &context, 0, address_v4(NETWORK + host), after,
	                  on_recorded, owner))
		fail("a change was not taken");
	owner->waiting++;
}

static void show(const struct owner *owner)
{
	for (uint32_t host = 0; host < HOSTS; host++) {
		const struct entry *entry = owner->table[host];

		if (entry)
			printf("%u %u %s ", host,
			       (unsigned)entry->mac.octet[3] << 16 |
			               (unsigned)entry->mac.octet[4] << 8 | entry->mac.octet[5],
			       entry->state == ENTRY_STATIC ? "static" : "dynamic");
	}
	printf("\n");
}

static void tell_status(struct owner *owner)
{
	struct history_status status;
	struct ledger_recorder recorder;

	ledger_status(owner->ledger, &status);
	ledger_recorder(owner->ledger, &recorder);
	printf("%d %llu %llu %llu\n", (int)recorder.pid, (unsigned long long)status.commits,
	       (unsigned long long)status.fleet.claims, (unsigned long long)status.fleet.nodes);
}

static void obey(struct owner *owner, const char *line)
{
	char word[LINE];
	unsigned host = 0, mac = 0;
	int count = sscanf(line, "%255s %u %u", word, &host, &mac);

	if (count < 1)
		fail("an empty line");
	if (!strcmp(word, "show")) {
		show(owner);
		return;
	}
	if (!strcmp(word, "status")) {
		tell_status(owner);
		return;
	}
	owner->done = strcmp(word, "look") != 0;
	if (!strcmp(word, "learn") && count == 3)
		change(owner, "learn", host, mac, ENTRY_DYNAMIC);
	else if (!strcmp(word, "set") && count == 3)
		change(owner, "operator", host, mac, ENTRY_STATIC);
	else if (!strcmp(word, "expire") && count == 2)
		change(owner, "expire", host, 0, ENTRY_DYNAMIC);
	else if (!strcmp(word, "unset") && count == 2)
		change(owner, "operator", host, 0, ENTRY_DYNAMIC);
	else if (!strcmp(word, "durable") ||
	         (!strcmp(word, "look") &&
	          !ledger_merge(owner->ledger, NULL, 0, on_outcome, owner)))
		wait_done(owner);
	else
		fail(line);
	printf("ok\n");
}

static void on_input(uv_poll_t *poll, int status, int events)
{
	(void)poll;
	(void)status;
	(void)events;
	uv_stop(poll->loop);
}

static void open_ledger(struct owner *owner, const char *repository, const char *node)
{
	static struct fleet_options fleet = {.poll_ms = 100, .share = share};
	struct ledger_options options = {.path = repository,
	                                 .instance = node,
	                                 .control = "/nonexistent",
	                                 .program = owner->program,
	                                 .node = node,
	                                 .segment = &segment,
	                                 .segments = 1,
	                                 .interval_ms = 50,
	                                 .fleet = &fleet,
	                                 .log_level = LOG_LEVEL_ERROR,
	                                 .loop = &owner->loop,
	                                 .context = owner,
	                                 .start = start,
	                                 .kill = end_by_force,
	                                 .lost = on_words,
	                                 .ended = on_words,
	                                 .propose = on_propose,
	                                 .warned = on_words,
	                                 .raised = on_raised,
	                                 .notice = on_line};
	struct history_proposal *chunk;
	struct fault fault = {""};
	uint64_t about;
	int error;

	fleet.node = node;
	error = ledger_open(&owner->ledger, &options, &about, &fault);
	while (!error && (error = ledger_load_next(owner->ledger, &chunk, &fault)) > 0) {
		merge(owner, chunk);
		error = 0;
	}
	if (error)
		fail(fault.text);
	ledger_loaded(owner->ledger);
}

int main(int count, char **argument)
{
	static struct owner owner;
	char line[LINE];
	uv_poll_t input;
	size_t used = 0;

	if (count != 4)
		fail("give PROGRAM REPOSITORY NODE");
	owner.program = argument[1];
	log_set_level(LOG_LEVEL_ERROR);
	if (uv_loop_init(&owner.loop))
		fail("no loop");
	open_ledger(&owner, argument[2], argument[3]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (uv_poll_init(&owner.loop, &input, STDIN_FILENO) ||
	    uv_poll_start(&input, UV_READABLE, on_input))
		fail("no standard input");
	printf("ok\n");
	for (;;) {
		char *end = memchr(line, '\n', used);
		ssize_t got;

		if (end) {
			*end++ = '\0';
			obey(&owner, line);
			used -= (size_t)(end - line);
			memmove(line, end, used);
			continue;
		}
		uv_run(&owner.loop, UV_RUN_DEFAULT); /* until there is input */
		got = read(STDIN_FILENO, line + used, sizeof(line) - used);
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	ledger_close(owner.ledger, 30000, false);
	return 0;
}
