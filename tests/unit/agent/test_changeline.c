/* SPDX-License-Identifier: MIT */
/* A change as a line of JSON: jansson reads in it what was to be said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "agent/changeline.h"
#include "base/base.h"
#include "entry/entry.h"

#define RANDOM_LINES 20000
#define NAME_MOST    15 /* bytes of an interface's name */

static json_t *read_line(const char *line, size_t length)
{
	json_error_t error;
	json_t *event;

	assert_true(length > 0 && line[length - 1] == '\n');
	assert_ptr_equal(memchr(line, '\n', length), line + length - 1);
	event = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	if (!event)
		fail_msg("%s: %.*s", error.text, (int)length, line);
	return event;
}

static void assert_event(const struct neighbour_change *change, const char *segment,
                         json_t *expected)
{
	char line[CHANGELINE];
	json_t *event = read_line(line, changeline_write(line, change, segment, 1763806500));

	assert_true(json_equal(event, expected));
	json_decref(event);
	json_decref(expected);
}

static void a_change_has_all_its_members(void **state)
{
	const struct entry before = {.mac = {{2, 0, 0, 0, 0, 1}}, .state = ENTRY_DYNAMIC};
	const struct entry after = {.mac = {{2, 0, 0, 0, 0, 2}}, .state = ENTRY_STATIC};

	(void)state;
	assert_event(&(struct neighbour_change){.kind = TASK_MOVE,
	                                        .address = ADDRESS_V4(0x0a000311),
	                                        .before = &before,
	                                        .after = &after,
	                                        .interface = "lan0",
	                                        .trigger = "bpf map"},
	             "lan",
	             json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}",
	                       "time", "2025-11-22T10:15:00Z", "type", "change", "task", "move",
	                       "segment", "lan", "address", "10.0.3.17", "interface", "lan0",
	                       "trigger", "bpf map", "before", "mac", "02:00:00:00:00:01", "state",
	                       "dynamic", "after", "mac", "02:00:00:00:00:02", "state", "static"));
}

static void what_is_absent_is_null(void **state)
{
	(void)state;
	assert_event(
	        &(struct neighbour_change){.kind = TASK_EXPIRE, .address = ADDRESS_V4(1)}, "lan",
	        json_pack("{s:s, s:s, s:s, s:s, s:s, s:n, s:n, s:n, s:n}", "time",
	                  "2025-11-22T10:15:00Z", "type", "change", "task", "expire", "segment",
	                  "lan", "address", "0.0.0.1", "interface", "trigger", "before", "after"));
}

/* Any bytes: those that are text come out as they were. */
static void any_name_is_a_string(void **state)
{
	char line[CHANGELINE], name[NAME_MOST + 1], mended[NAME_MOST + 1];

	(void)state;
	srand(14);
	for (int i = 0; i < RANDOM_LINES; i++) {
		static const char often[] = "\"\\\n\t /a\xc3\xa4\x7f";
		struct neighbour_change change = {.kind = TASK_LEARN, .interface = name};
		size_t length = (size_t)rand() % NAME_MOST;
		json_t *event;

		for (size_t j = 0; j < length; j++)
			name[j] = rand() % 2 ? often[(size_t)rand() % (sizeof(often) - 1)]
			                     : (char)(1 + rand() % 255);
		name[length] = '\0';
		strcpy(mended, name);
		text_mend(mended);
		event = read_line(line, changeline_write(line, &change, name, rand()));
		assert_string_equal(json_string_value(json_object_get(event, "interface")), mended);
		assert_string_equal(json_string_value(json_object_get(event, "segment")), mended);
		json_decref(event);
	}
}

static void the_longest_change_fits(void **state)
{
	char line[CHANGELINE], segment[SEGMENT_NAME_MAX + 1], interface[NAME_MOST + 1];
	const struct entry entry = {.mac = {{255, 255, 255, 255, 255, 255}},
	                            .state = ENTRY_DYNAMIC};
	const struct neighbour_change change = {.kind = TASK_OPERATOR,
	                                        .address = {UINT64_MAX, UINT64_MAX},
	                                        .before = &entry,
	                                        .after = &entry,
	                                        .interface = interface,
	                                        .trigger = segment};

	(void)state;
	memset(segment, '"', SEGMENT_NAME_MAX);
	segment[SEGMENT_NAME_MAX] = '\0';
	memset(interface, '\\', NAME_MOST);
	interface[NAME_MOST] = '\0';
	json_decref(read_line(line, changeline_write(line, &change, segment, INT32_MAX)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_change_has_all_its_members),
	        cmocka_unit_test(what_is_absent_is_null),
	        cmocka_unit_test(any_name_is_a_string),
	        cmocka_unit_test(the_longest_change_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
