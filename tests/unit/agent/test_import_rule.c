/* SPDX-License-Identifier: MIT */
/* What a line of an import says, and what it makes of what the table holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/import_rule.h"

static const struct mac here = {{2, 0x50, 0x2a, 0x16, 0x6d, 1}};
static const struct mac elsewhere = {{2, 0x50, 0x2a, 0x16, 0x6d, 2}};

static const char *parse(struct import_line *said, const char *line)
{
	static char copy[1024];

	snprintf(copy, sizeof(copy), "%s", line);
	return import_line_parse(said, copy);
}

static void a_line_says_as_much_as_it_has(void **state)
{
	struct import_line said;

	(void)state;
	assert_null(parse(&said, "10.0.0.1\t02:50:2a:16:6d:01\ts"));
	assert_int_equal(address_number(said.address), 0x0a000001);
	assert_true(mac_equal(said.entry.mac, here));
	assert_int_equal(said.entry.state, ENTRY_STATIC);
	assert_false(said.has_since);
	assert_null(said.entry.origin);
	assert_null(said.entry.note);
	assert_null(said.entry.extra);
	assert_null(parse(&said, "10.0.0.1\t02:50:2a:16:6d:01\td\t\t\track 3"));
	assert_int_equal(said.entry.state, ENTRY_DYNAMIC);
	assert_false(said.has_since);
	assert_string_equal(said.entry.note, "rack 3");
	assert_false(said.entry.router);
	assert_null(parse(&said, "2001:db8::1\t02:50:2a:16:6d:01\tr"));
	assert_true(address_equal(said.address, (struct address){UINT64_C(0x20010db8) << 32, 1}));
	assert_int_equal(said.entry.state, ENTRY_STATIC);
	assert_true(said.entry.router);
	assert_null(parse(&said, "10.0.0.1\t02:50:2a:16:6d:01\ts\t2026-11-22T10:15:00Z\thost1"
	                         "\track 3\tx-a b\tx-c d e"));
	assert_true(said.has_since);
	assert_int_equal(said.entry.since, 1795342500);
	assert_string_equal(said.entry.origin, "host1");
	assert_string_equal(said.entry.extra, "x-a b\nx-c d e\n");
}

static void an_invalid_line_is_refused(void **state)
{
	static const char *const lines[] = {
	        "",
	        "\t\t",
	        "10.0.0.1",
	        "10.0.0.1\t02:50:2a:16:6d:01",
	        "10.0.0.1\t02:50:2a:16:6d:01\t",
	        "10.0.0.1\t02:50:2a:16:6d:01\tsd",
	        "10.0.0.1\t02:50:2a:16:6d:01\tx",
	        "10.0.0.256\t02:50:2a:16:6d:01\ts",
	        "10.0.0.1\t01:50:2a:16:6d:01\ts",
	        "10.0.0.1\t00:00:00:00:00:00\ts",
	        "10.0.0.1\t02:50:2a:16:6d:01\ts\tnow",
	        "10.0.0.1\t02:50:2a:16:6d:01\ts\t\t\x01",
	        "10.0.0.1\t02:50:2a:16:6d:01\ts\t\t\t ends with a space ",
	        "10.0.0.1\t02:50:2a:16:6d:01\ts\t\t\t\tnote forged",
	        "10.0.0.1\t02:50:2a:16:6d:01\ts\t\t\t\tx-a b\tmac 02:00:00:00:00:01",
	        "10.0.0.1\t02:50:2a:16:6d:01\ts\t\t\t\tx-a b\tx-a",
	};
	struct import_line said;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (!parse(&said, lines[i]))
			fail_msg("accepted: %s", lines[i]);
}

enum { ABSENT, DYNAMIC, STATIC, LOCAL };

/* What becomes of a line for `here`, when the table says `mac` in `state`. */
static enum import_outcome decide(int state, struct mac mac, enum entry_state list, bool force,
                                  struct entry *after)
{
	struct entry now = {.mac = mac,
	                    .state = state == STATIC ? ENTRY_STATIC : ENTRY_DYNAMIC,
	                    .since = 7,
	                    .origin = "o",
	                    .note = "n"};
	struct neighbour_view view = {.state = SLOT_EMPTY};
	struct import_line said = {.entry = {.mac = here, .state = list, .since = 9}};
	const char *why = NULL;
	enum import_outcome outcome;

	if (state != ABSENT)
		view.mac = mac;
	if (state == LOCAL)
		view.state = SLOT_LOCAL;
	else if (state != ABSENT) {
		view.state = state == STATIC ? SLOT_STATIC : SLOT_DYNAMIC;
		view.entry = &now;
	}
	outcome = import_decide(after, &said, &view, force, &why);
	if (outcome == IMPORT_REFUSED)
		assert_non_null(why);
	return outcome;
}

static void an_import_displaces_nothing_but_what_was_learned_where_it_declares(void **state)
{
	static const struct {
		int now;
		bool moved; /* the table has it elsewhere */
		enum entry_state list;
		enum import_outcome outcome, forced;
	} cases[] = {
	        {ABSENT, false, ENTRY_DYNAMIC, IMPORT_CHANGES, IMPORT_CHANGES},
	        {ABSENT, false, ENTRY_STATIC, IMPORT_CHANGES, IMPORT_CHANGES},
	        {DYNAMIC, false, ENTRY_DYNAMIC, IMPORT_SAME, IMPORT_SAME},
	        {DYNAMIC, false, ENTRY_STATIC, IMPORT_CHANGES, IMPORT_CHANGES},
	        {DYNAMIC, true, ENTRY_DYNAMIC, IMPORT_KEPT, IMPORT_CHANGES},
	        {DYNAMIC, true, ENTRY_STATIC, IMPORT_CHANGES, IMPORT_CHANGES},
	        {STATIC, false, ENTRY_DYNAMIC, IMPORT_SAME, IMPORT_CHANGES},
	        {STATIC, false, ENTRY_STATIC, IMPORT_SAME, IMPORT_SAME},
	        {STATIC, true, ENTRY_DYNAMIC, IMPORT_REFUSED, IMPORT_CHANGES},
	        {STATIC, true, ENTRY_STATIC, IMPORT_REFUSED, IMPORT_CHANGES},
	        {LOCAL, false, ENTRY_STATIC, IMPORT_SAME, IMPORT_SAME},
	        {LOCAL, true, ENTRY_STATIC, IMPORT_REFUSED, IMPORT_REFUSED},
	};
	struct entry after;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mac mac = cases[i].moved ? elsewhere : here;

		assert_int_equal(decide(cases[i].now, mac, cases[i].list, false, &after),
		                 cases[i].outcome);
		assert_int_equal(decide(cases[i].now, mac, cases[i].list, true, &after),
		                 cases[i].forced);
	}
}

static void a_binding_that_goes_on_keeps_what_the_list_does_not_say(void **state)
{
	struct entry after;

	(void)state;
	assert_int_equal(decide(DYNAMIC, here, ENTRY_STATIC, false, &after), IMPORT_CHANGES);
	assert_int_equal(after.state, ENTRY_STATIC);
	assert_int_equal(after.since, 7);
	assert_string_equal(after.origin, "o");
	assert_string_equal(after.note, "n");
	assert_int_equal(decide(DYNAMIC, elsewhere, ENTRY_STATIC, false, &after), IMPORT_CHANGES);
	assert_int_equal(after.since, 9);
	assert_null(after.note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_says_as_much_as_it_has),
	        cmocka_unit_test(an_invalid_line_is_refused),
	        cmocka_unit_test(
	                an_import_displaces_nothing_but_what_was_learned_where_it_declares),
	        cmocka_unit_test(a_binding_that_goes_on_keeps_what_the_list_does_not_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
