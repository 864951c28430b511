// SPDX-License-Identifier: MIT
/* What a keeper says out of turn is refused, and reaches no history: here there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "recorder/take.h"

static void nothing_is_posted_before_the_table_is_complete(void **state)
{
	static const enum packet_kind kinds[] = {PACKET_CHANGE, PACKET_BEGIN,   PACKET_END,
	                                         PACKET_MARK,   PACKET_MERGE,   PACKET_REVERT,
	                                         PACKET_ALERT,  PACKET_RESULTS, PACKET_ANSWER};
	struct recorder recorder = {.loaded = false};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct packet packet = {.kind = kinds[i]};

		assert_int_equal(take_packet(&recorder, &packet), -EPROTO);
	}
	assert_int_equal(recorder.number, 0);
}

static void the_table_is_completed_once(void **state)
{
	static const enum packet_kind kinds[] = {PACKET_LOADED, PACKET_KEEP};
	struct recorder recorder = {.loaded = true};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct packet packet = {.kind = kinds[i]};

		assert_int_equal(take_packet(&recorder, &packet), -EPROTO);
	}
}

static void what_was_not_proposed_is_not_answered(void **state)
{
	struct recorder recorder = {.loaded = true};
	const struct packet results = {.kind = PACKET_RESULTS}, answer = {.kind = PACKET_ANSWER};

	(void)state;
	assert_int_equal(take_packet(&recorder, &results), -EPROTO);
	assert_int_equal(take_packet(&recorder, &answer), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_posted_before_the_table_is_complete),
	        cmocka_unit_test(the_table_is_completed_once),
	        cmocka_unit_test(what_was_not_proposed_is_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
