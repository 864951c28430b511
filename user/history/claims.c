// SPDX-License-Identifier: MIT
/* What this node says, word by word. Commits are ownbranch.c's, others' branches gather.c's. */
#include "history/claims.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history/state.h"

#define RANK_POLLS 25 /* tenths of polls that a node waits for each one that comes before it */
#define ALERT_TEXT 512

int claims_new(struct claims **claims, const struct history_options *options, struct fault *fault)
{
	const struct fleet_options *fleet = options->fleet;
	struct claims *made;
	bool shared = false;
	int error = 0;

	*claims = NULL;
	for (size_t i = 0; fleet && i < options->segments; i++)
		shared |= fleet->share[i] != SHARE_OFF;
	if (!shared)
		return 0;
	made = calloc(1, sizeof(*made));
	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->segments = options->segments;
	made->share = malloc(options->segments);
	made->own = calloc(options->segments, sizeof(*made->own));
	if (!made->share || !made->own)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = fleet_new(&made->fleet, fleet->node, fault);
	if (error) {
		claims_free(made);
		return error;
	}
	memcpy(made->share, fleet->share, options->segments);
	snprintf(made->node, sizeof(made->node), "%s", fleet->node);
	made->poll_ms = fleet->poll_ms;
	made->numbers = (struct idmap)IDMAP(sizeof(uint64_t));
	made->raised = options->raised;
	made->context = options->context;
	*claims = made;
	return 0;
}

void claims_free(struct claims *claims)
{
	if (!claims)
		return;
	fleet_free(claims->fleet);
	free(claims->share);
	for (size_t i = 0; claims->own && i < claims->segments; i++) {
		addresses_clear(&claims->own[i].said);
		addresses_clear(&claims->own[i].tidied);
	}
	free(claims->own);
	idmap_clear(&claims->numbers);
	free(claims->branch);
	doubts_clear(&claims->doubts);
	doubts_clear(&claims->asked);
	waits_clear(&claims->waits);
	doubts_clear(&claims->held);
	addresses_clear(&claims->edited);
	addresses_clear(&claims->unclaimed);
	free(claims);
}

bool claims_share(const struct claims *claims, unsigned segment)
{
	return claims && claims->share[segment] != SHARE_OFF;
}

struct node_branch *claims_branch(struct claims *claims, unsigned segment, unsigned node)
{
	uint64_t key = (uint64_t)segment << 32 | node;
	uint32_t number;
	int added;

	if (array_reserve(&claims->branch, &claims->branch_room, (size_t)claims->numbers.count + 1))
		return NULL;
	added = idmap_add(&claims->numbers, &number, &key);
	if (added < 0)
		return NULL;
	if (added)
		claims->branch[number] = (struct node_branch){.segment = segment, .node = node};
	return &claims->branch[number];
}

char *claims_ref(char ref[REF_NAME_MAX], const struct archive *archive, unsigned segment,
                 const char *node)
{
	snprintf(ref, REF_NAME_MAX, NODE_REFS "%s/%s", archive->segment[segment].name, node);
	return ref;
}

void claims_tick(struct claims *claims)
{
	int64_t now = time(NULL);

	if (now > claims->now)
		claims->now = now;
	fleet_clock(claims->fleet, claims->now);
}

void claims_raise(const struct claims *claims, const char *kind, const char *segment,
                  const char *address, const char *words, ...)
{
	struct history_alert alert = {
	        .time = time(NULL), .kind = kind, .segment = segment, .address = address};
	char text[ALERT_TEXT];
	va_list arguments;

	va_start(arguments, words);
	vsnprintf(text, sizeof(text), words, arguments);
	va_end(arguments);
	alert.words = text;
	if (claims->raised)
		claims->raised(claims->context, &alert);
	else
		log_warning("%s: %s", kind, text);
}

bool claims_want(const struct claims *claims, unsigned segment, struct address address,
                 struct claim *winner, unsigned *node)
{
	bool shows = fleet_view(claims->fleet, segment, address, winner, node);

	return shows && (claims->share[segment] == SHARE_ALL || *node == FLEET_OWN ||
	                 winner->state == CLAIM_STATIC);
}

/* --- words ------------------------------------------------------------------------------------ */

static enum fleet_word word_of(const char *kind, const struct entry *after)
{
	bool declared = strcmp(kind, "operator") == 0;

	if (after)
		return declared || after->state == ENTRY_STATIC ? FLEET_DECLARE : FLEET_LEARN;
	if (declared)
		return FLEET_UNSET;
	return strcmp(kind, "expire") == 0 ? FLEET_EXPIRE : FLEET_WITHDRAW;
}

/* What a start finds in the table may be what others said, and was not recorded yet. Then it is no
 * word, and has their times. */
static bool is_known(const struct claims *claims, const struct transition *transition)
{
	struct entry *after = transition->after;
	struct claim winner;
	unsigned node;
	bool shows;

	if (!claims->starts)
		return false;
	shows = claims_want(claims, transition->segment, transition->address, &winner, &node);
	if (!after || !shows)
		return !after && !shows;
	if (!mac_equal(winner.mac, after->mac) ||
	    (winner.state == CLAIM_STATIC) != (after->state == ENTRY_STATIC))
		return false;
	after->since = winner.since;
	after->after = winner.after;
	return true;
}

static int note_latest(void *context, unsigned node, unsigned segment, struct address address,
                       const struct claim *claim)
{
	int64_t *latest = context;

	(void)node;
	(void)segment;
	(void)address;
	if (claim->since >= *latest)
		*latest = claim->since + 1;
	return 0;
}

/* What was learned some time ago began then, as if this node's clock were behind: but after all
 * that stands there. So main keeps its text. */
static void date_back(const struct claims *claims, struct word *word, const struct entry *after)
{
	int64_t since = after->since;

	fleet_each_at(claims->fleet, word->segment, word->address, note_latest, &since);
	if (since < word->own.since)
		word->own.since = since;
}

/* When it is this node's turn to claim what it learned; 0: now. */
static uint64_t turn_of(const struct state *state, unsigned segment, struct address address)
{
	const struct claims *claims = state->claims;
	const char **name = calloc((size_t)claims->numbers.count + 1, sizeof(*name));
	unsigned rank = 0;
	size_t count = 0;

	for (uint32_t i = 0; name && i < claims->numbers.count; i++)
		if (claims->branch[i].known && claims->branch[i].segment == segment)
			name[count++] = fleet_node_name(claims->fleet, claims->branch[i].node);
	if (count > 0)
		rank = fleet_rank(state->archive.segment[segment].name, address, claims->node, name,
		                  count);
	free(name);
	return rank ? uv_now(&state->loop) + (uint64_t)rank * RANK_POLLS * claims->poll_ms / 10 : 0;
}

/* The id of a claim's text. `entry`: with its times. */
static int hash_claim(struct state *state, struct claim *claim, const struct entry *entry,
                      struct fault *fault)
{
	struct claim_value mark = {.state = CLAIM_GONE,
	                           .entry = {.since = claim->since, .after = claim->after}};
	char *text = entry ? entry_print(entry) : claim_print(&mark);
	git_oid id;
	int error = text ? writer_blob(state->archive.writer, &id, text, strlen(text), fault)
	                 : fault_set(fault, -ENOMEM, "out of memory");

	free(text);
	if (!error)
		memcpy(claim->text, id.id, sizeof(claim->text));
	return error;
}

/* With the text of `entry`, for a claim that shows. */
static int finish_claim(struct state *state, struct claim *claim, struct entry *entry,
                        struct fault *fault)
{
	if (claim->state == CLAIM_NONE)
		return 0;
	if (!claim_is_present(claim))
		return hash_claim(state, claim, NULL, fault);
	entry->since = claim->since;
	entry->after = claim->after;
	return hash_claim(state, claim, entry, fault);
}

/* What main will have. */
static int note_file(struct state *state, struct word *word, const struct entry *after,
                     struct fault *fault)
{
	char *text;
	int error;

	word->present = after != NULL;
	if (!after)
		return 0;
	text = entry_print(after);
	error = text ? writer_blob(state->archive.writer, &word->file, text, strlen(text), fault)
	             : fault_set(fault, -ENOMEM, "out of memory");
	free(text);
	return error;
}

int claims_word(struct state *state, struct word *word, const char *kind,
                struct transition *transition, struct fault *fault)
{
	struct claims *claims = state->claims;
	struct entry *after = transition->after;
	enum fleet_word said = word_of(kind, after);
	struct claim about = {.state = CLAIM_NONE}, winner;
	unsigned node;
	int error = 0;

	*word = (struct word){.segment = transition->segment, .address = transition->address};
	if (!claims_share(claims, word->segment))
		return 0;
	word->heard = true;
	claims_tick(claims);
	if (after)
		about = claim_of_entry(after);
	/* What is not shared is no word; nor is it one any more. */
	if (after && after->state == ENTRY_DYNAMIC && claims->share[word->segment] == SHARE_STATIC)
		said = FLEET_WITHDRAW;
	if (!is_known(claims, transition))
		word->says = fleet_say(claims->fleet, word->segment, word->address, said, &about,
		                       claims->now, &word->own);
	if (word->says && said == FLEET_LEARN) {
		date_back(claims, word, after);
		/* The mark of an unset that it came after may be gone by now. */
		if (after->after > word->own.after)
			word->own.after = after->after;
	}
	if (word->says)
		error = finish_claim(state, &word->own, after, fault);
	if (word->says && said == FLEET_LEARN &&
	    !fleet_view(claims->fleet, word->segment, word->address, &winner, &node))
		word->due = turn_of(state, word->segment, word->address);
	return error ? error : note_file(state, word, after, fault);
}

/* The own claim is this from now on. */
static void put(struct state *state, unsigned segment, struct address address,
                const struct claim *own, bool held)
{
	struct claims *claims = state->claims;
	struct own_branch *branch = &claims->own[segment];

	/* A start compares main with the view, and finds what is missing. */
	if (fleet_put(claims->fleet, FLEET_OWN, segment, address, own) < 0 ||
	    addresses_add(held ? &branch->tidied : &branch->said, segment, address) < 0)
		log_error("a claim is lost until the next start: out of memory");
}

int claims_tidy(struct state *state, unsigned segment, struct address address, bool held,
                struct fault *fault)
{
	struct claims *claims = state->claims;
	struct claim before, own;
	char text[ADDRESS_TEXT];
	int error = 0;

	fleet_own(claims->fleet, segment, address, &before);
	if (!fleet_tidy(claims->fleet, segment, address, &own))
		return 0;
	if (own.state == CLAIM_GONE)
		error = hash_claim(state, &own, NULL, fault);
	if (error)
		return error;
	put(state, segment, address, &own, held);
	if (before.state == CLAIM_STATIC && own.state != CLAIM_STATIC) {
		claims->overruled++;
		address_format(text, address);
		claims_raise(claims, "overruled", state->archive.segment[segment].name, text,
		             "%s: what was declared here is overruled by another node", text);
	}
	return 0;
}

/* Whether main is what the view says, once the word's change is in it. */
static bool is_settled(const struct claims *claims, const struct word *word)
{
	struct claim winner;
	unsigned node;
	bool shows = claims_want(claims, word->segment, word->address, &winner, &node);

	if (!shows)
		return !word->present;
	return word->present && memcmp(winner.text, word->file.id, sizeof(winner.text)) == 0;
}

void claims_say(struct state *state, const struct word *word)
{
	struct claims *claims = state->claims;
	struct fault fault = {""};

	if (!word->heard)
		return;
	waits_drop(&claims->waits, word->segment, word->address);
	if (word->due && waits_add(&claims->waits, word->segment, word->address, word->due) == 0)
		return;
	if (word->says)
		put(state, word->segment, word->address, &word->own, false);
	if (claims_tidy(state, word->segment, word->address, false, &fault))
		log_error("a claim is lost until the next start: %s", fault.text);
	if (!is_settled(claims, word) &&
	    doubts_add(&claims->doubts, word->segment, word->address, FLEET_OWN) < 0)
		log_error("a change of the fleet waits for the next start: out of memory");
}

/* --- the timer -------------------------------------------------------------------------------- */

void claims_due(uv_timer_t *timer)
{
	uv_async_send(timer->data);
}

void claims_start(struct claims *claims, uv_loop_t *loop, uv_async_t *wake)
{
	if (!claims)
		return;
	uv_timer_init(loop, &claims->timer);
	claims->timer.data = wake;
	claims->has_timer = true;
}

void claims_stop(struct claims *claims)
{
	if (claims && claims->has_timer)
		uv_close((uv_handle_t *)&claims->timer, NULL);
	if (claims)
		claims->has_timer = false;
}
