// SPDX-License-Identifier: MIT
/*
 * Targets of requests to the page's server, as they are sent, against a small table and without an
 * agent. Each has an answer that is an object, or a sentence; a page is bounded, in order, and has
 * only rows that were asked for.
 */
#include "fuzz.h"

#include <errno.h>

#include "web/route.h"
#include "web/rowjson.h"
#include "web/select.h"
#include "web/tablepage.h"

#define ROWS 600

static struct web web = {.control = "/nonexistent/control.sock",
                         .repository = "/nonexistent/history.git"};

/* IPv4's, and after them those of two prefixes of IPv6. */
static struct address scattered(uint32_t i)
{
	const uint64_t high[] = {UINT64_C(0x20010db800000007), UINT64_C(0xfe80) << 48};

	if (i % 3 == 0)
		return address_v4(0x0a000000 + i);
	return (struct address){high[i % 3 - 1], UINT64_C(0x9e3779b97f4a7c15) * i};
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct rows *rows = &web.copy.next;

	(void)argc;
	(void)argv;
	MUST(copy_init(&web.copy) == 0 && events_init(&web.events) == 0);
	gate_init(&web.present, 1);
	gate_init(&web.past, 1);
	copy_begin(&web.copy);
	for (uint32_t i = 0; i < ROWS; i++) {
		struct row row = {
		        .address = scattered(i),
		        .segment = (uint16_t)rows_segment(rows, i % 2 ? "lan" : "dmz"),
		        .state = (uint8_t)(SLOT_DYNAMIC + i % 6),
		        .flags = i % 7 ? 0 : ROW_FROZEN,
		        .mac = {{2, 0, 0, (uint8_t)(i % 5), (uint8_t)(i >> 8), (uint8_t)i}},
		        .since = 1700000000 + (int64_t)i * 977 % 5000,
		        .origin = rows_text(rows, i % 3 ? "request lan0" : NULL),
		        .note = rows_text(rows, i % 4 ? NULL : "<b>rack</b>")};

		MUST(rows_put(rows, &row) == 0);
	}
	MUST(copy_end(&web.copy, true));
	return 0;
}

static const char *parameter(void *context, const char *name)
{
	return target_find(context, name);
}

/* Asked again by a plain look at each row. */
static size_t count(const struct selection *selection)
{
	const struct rows *rows = &web.copy.now;
	size_t matching = 0;

	for (size_t i = 0; i < rows->blocks; i++)
		for (size_t j = 0; j < rows->block[i].count; j++) {
			const struct row row = rows_row(&rows->block[i], j);

			matching += range_contains(selection->range, row.address) &&
			            (!selection->states || selection->states >> row.state & 1) &&
			            (!selection->frozen || row.flags & ROW_FROZEN) &&
			            (!selection->mac || mac_equal(*selection->mac, row.mac)) &&
			            (!selection->segment ||
			             !strcmp(selection->segment, rows->segment[row.segment]));
		}
	return matching;
}

static struct address address_of(const json_t *entries, size_t index)
{
	const json_t *entry = json_array_get(entries, index);
	struct address address;

	MUST(address_parse(&address, json_string_value(json_object_get(entry, "address"))) == 0);
	return address;
}

/* Each address is in the table once. So many come before the page as it passes over. */
static void check_order(const struct selection *selection, const json_t *entries)
{
	struct selection before = *selection;
	const struct address first = address_of(entries, 0);

	for (size_t i = 1; i < json_array_size(entries); i++) {
		int order = address_compare(address_of(entries, i - 1), address_of(entries, i));

		MUST(selection->descending ? order > 0 : order < 0);
	}
	if (selection->text)
		return;
	if (selection->descending)
		before.range.first = address_plus(first, 1);
	else
		before.range.last = (struct address){first.high - !first.low, first.low - 1};
	MUST(count(&before) == selection->offset);
}

static void check_table(struct target *target, const json_t *answer)
{
	const struct api_request request = {.parameter = parameter, .context = target};
	const json_t *entries = json_object_get(answer, "entries");
	size_t total = (size_t)json_integer_value(json_object_get(answer, "total")), left;
	struct selection selection;
	struct fault fault = {""};
	struct mac mac;

	MUST(table_read(&selection, &mac, &request, &fault) == 0);
	MUST(json_integer_value(json_object_get(answer, "of")) == ROWS);
	left = selection.offset < total ? total - selection.offset : 0;
	MUST(json_array_size(entries) == (left < selection.limit ? left : selection.limit));
	MUST(selection.limit <= SELECT_LIMIT);
	if (selection.text)
		MUST(total <= count(&selection));
	else
		MUST(total == count(&selection));
	if (selection.sort == SORT_ADDRESS && json_array_size(entries))
		check_order(&selection, entries);
}

static void check_map(const json_t *answer)
{
	const char *states = json_string_value(json_object_get(answer, "states"));
	const char *ages = json_string_value(json_object_get(answer, "ages"));

	MUST(strlen(states) == strlen(ages) && strlen(states) <= 65536);
	MUST(strspn(states, ".dsltpxf") == strlen(states));
	MUST(strspn(ages, ".0123456789") == strlen(ages));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = strndup((const char *)data, size);
	struct fault fault = {""};
	struct target target;
	json_t *answer = NULL;
	int error = line ? target_parse(&target, line, &fault) : -ENOMEM;

	MUST(line);
	if (!error) {
		for (size_t i = 0; i < target.count; i++)
			MUST(!text_reason(target.parameter[i].value,
			                  strlen(target.parameter[i].value)) &&
			     strlen(target.parameter[i].value) <= TARGET_VALUE);
		error = route_answer(&web, &target, &answer, &fault);
	}
	MUST(error <= 0 && (error ? fault.text[0] && !answer : json_is_object(answer)));
	MUST(error == 0 || (route_status(error) >= 400 && route_status(error) <= 503));
	if (!error && !strcmp(target.path, "/api/v1/table") && !target_find(&target, "at"))
		check_table(&target, answer);
	if (!error && !strcmp(target.path, "/api/v1/map"))
		check_map(answer);
	json_decref(answer);
	target_clear(&target);
	free(line);
	return 0;
}
