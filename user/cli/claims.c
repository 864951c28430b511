// SPDX-License-Identifier: MIT
/* Reads the repository; asks the agent only where that is. */
#include "cli/claims.h"

#include "cli/source.h"
#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"

#define ROWS_AT_ONCE 1024
#define WHY_TEXT     80

/* By order.h's numbers: a key for programs, words for people. */
static const struct {
	const char *key, *words;
} rules[CLAIM_RULES + 1] = {
        {NULL, NULL},
        {"operator", "an operator's later word"},
        {"static", "static before learned"},
        {"since", "later"},
        {"present", "a binding before a mark"},
        {"mac", "the lower MAC"},
        {"text", "the lower id of its text"},
        {"node", "the lower name of the node"},
};

static const char *const states[] = {[CLAIM_NONE] = "none",
                                     [CLAIM_GONE] = "gone",
                                     [CLAIM_DYNAMIC] = "dynamic",
                                     [CLAIM_STATIC] = "static"};

static json_t *time_json(int64_t time)
{
	char text[TIME_TEXT];

	return time ? json_string(time_format(text, time)) : json_null();
}

static json_t *claim_json(const struct reader_claim *said)
{
	char address[ADDRESS_TEXT], mac[MAC_TEXT];
	const struct claim *claim = &said->claim;

	return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:b, s:s?}", "segment",
	                 said->segment, "address", address_format(address, said->address), "node",
	                 said->node, "state", states[claim->state], "mac",
	                 claim_is_present(claim) ? mac_format(mac, claim->mac) : NULL, "since",
	                 time_json(claim->since), "after", time_json(claim->after), "wins",
	                 said->wins, "rule", rules[said->rule].key);
}

static void print_row(struct table *table, const struct reader_claim *said)
{
	char address[ADDRESS_TEXT], mac[MAC_TEXT], since[WHEN_TEXT], after[WHEN_TEXT],
	        why[WHY_TEXT];
	const struct claim *claim = &said->claim;
	const char *end = said->wins && !claim_is_present(claim) ? ", so no entry" : "";

	if (said->rule)
		snprintf(why, sizeof(why), "%s: %s%s", said->wins ? "wins" : "beaten",
		         rules[said->rule].words, end);
	else
		snprintf(why, sizeof(why), "wins: the only one%s", end);
	table_row(table, address_format(address, said->address), said->node, states[claim->state],
	          claim_is_present(claim) ? mac_format(mac, claim->mac) : NULL,
	          when_time(since, claim->since),
	          claim->after ? when_time(after, claim->after) : NULL, said->segment, why);
}

static int print(void *context, const struct reader_claim *said)
{
	struct rows *rows = context;

	if (rows->table)
		print_row(rows->table, said);
	return rows_add(rows, rows->table ? NULL : claim_json(said));
}

static void warn(const char *node, const char *path, const char *why)
{
	log_warning("node %s: %s: %s", node, path, why);
}

int claims_show(const struct settings *settings, const struct range *range, const struct mac *mac,
                const char *segment, struct fault *fault)
{
	const struct reader_claims_query query = {range, mac, segment};
	struct rows rows = {.titles = "ADDRESS|NODE|*STATE|MAC|SINCE|AFTER|SEGMENT|*~WHY",
	                    .opening = "{\"claims\": [",
	                    .at_once = ROWS_AT_ONCE};
	struct reader *reader = NULL;
	int error = source_open(&reader, settings, fault);

	if (error)
		return error;
	error = rows_begin(&rows, settings->json);
	if (!error)
		error = reader_claims(reader, &query, print, warn, &rows, fault);
	error = rows_end(&rows, error, "no node claims anything", "", fault);
	reader_close(reader);
	return error;
}
