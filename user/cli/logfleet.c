// SPDX-License-Identifier: MIT
#include "cli/logfleet.h"

#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"

#define ROWS_AT_ONCE 64
#define WHAT_TEXT    160

struct output {
	struct rows rows;
	size_t limit;
};

static bool is_mark(const struct claim_value *value)
{
	return value && value->state == CLAIM_GONE;
}

static const struct entry *entry_of(const struct claim_value *value)
{
	return value && value->state != CLAIM_GONE ? &value->entry : NULL;
}

/* What the node's word did to its claim. */
static void say(char what[WHAT_TEXT], const struct reader_said *said)
{
	const struct entry *before = entry_of(said->before), *after = entry_of(said->after);
	char old[MAC_TEXT], new[MAC_TEXT];
	const char *kind = after && after->state == ENTRY_STATIC ? ", static" : "";

	if (said->begins)
		snprintf(what, WHAT_TEXT, "%s when the history that is kept begins",
		         after ? mac_format(new, after->mac) : "gone");
	else if (after && before && !mac_equal(after->mac, before->mac))
		snprintf(what, WHAT_TEXT, "claimed at %s%s, was at %s", mac_format(new, after->mac),
		         kind, mac_format(old, before->mac));
	else if (after)
		snprintf(what, WHAT_TEXT, "claimed %sat %s%s", before ? "anew " : "",
		         mac_format(new, after->mac), kind);
	else if (is_mark(said->after))
		snprintf(what, WHAT_TEXT, "marked gone%s%s", before ? ", was at " : "",
		         before ? mac_format(old, before->mac) : "");
	else if (before)
		snprintf(what, WHAT_TEXT, "claim withdrawn, was at %s",
		         mac_format(old, before->mac));
	else
		snprintf(what, WHAT_TEXT, "mark dropped: it hides nothing any more");
}

static json_t *side_json(const struct claim_value *value)
{
	char mac[MAC_TEXT], since[TIME_TEXT], after[TIME_TEXT];
	const struct entry *entry = entry_of(value);

	if (!value)
		return json_null();
	return json_pack("{s:s, s:s?, s:s, s:s?, s:s?, s:s?, s:s*}", "state",
	                 entry ? entry_state_name(entry->state) : "gone", "mac",
	                 entry ? mac_format(mac, entry->mac) : NULL, "since",
	                 time_format(since, value->entry.since), "after",
	                 value->entry.after ? time_format(after, value->entry.after) : NULL,
	                 "origin", entry ? entry->origin : NULL, "note", entry ? entry->note : NULL,
	                 "role", entry && entry->router ? ENTRY_ROLE_ROUTER : NULL);
}

static json_t *said_json(const struct reader_said *said)
{
	char time[TIME_TEXT], address[ADDRESS_TEXT];

	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:o, s:s}", "time",
	                 time_format(time, said->time), "node", said->node, "segment",
	                 said->segment, "address", address_format(address, said->address), "before",
	                 side_json(said->before), "after", side_json(said->after), "begins",
	                 said->begins, "subject", json_of_text(said->subject), "commit",
	                 said->commit);
}

static int print(void *context, const struct reader_said *said)
{
	struct output *output = context;
	struct table *table = output->rows.table;
	char when[WHEN_TEXT], address[ADDRESS_TEXT], what[WHAT_TEXT], commit[8];
	int error;

	say(what, said);
	snprintf(commit, sizeof(commit), "%.7s", said->commit);
	table_row(table, when_time(when, said->time), said->node,
	          address_format(address, said->address), what, commit, said->segment);
	error = rows_add(&output->rows, table ? NULL : said_json(said));
	return error ? error : output->limit && output->rows.count >= output->limit;
}

int logfleet_print(struct reader *reader, const struct reader_query *query, bool json,
                   struct fault *fault)
{
	struct output output = {.rows = {.titles = "TIME|NODE|ADDRESS|~WHAT|COMMIT|SEGMENT",
	                                 .opening = "{\"claims\": [",
	                                 .at_once = ROWS_AT_ONCE},
	                        .limit = query->limit};
	int error = rows_begin(&output.rows, json);

	if (!error)
		error = reader_said(reader, query, print, &output, fault);
	return rows_end(&output.rows, error, "no node said anything", "", fault);
}
