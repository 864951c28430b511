// SPDX-License-Identifier: MIT
/* A thread that hangs is told from one that is busy, with a clock that is passed in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recorder/stillness.h"

#define LOOK_MS UINT64_C(1000)

/* Looks until `end`, with what `sign` becomes each time; returns the last answer. */
static uint64_t look_until(struct stillness *stillness, struct sign *sign, const struct sign *step,
                           uint64_t *now, uint64_t end)
{
	uint64_t hangs = 0;

	for (; *now < end && !hangs; *now += LOOK_MS) {
		sign->beats += step->beats;
		sign->cpu_ns += step->cpu_ns;
		sign->child = step->child;
		hangs = stillness_look(stillness, sign, *now);
	}
	return hangs;
}

static void a_loop_that_turns_never_hangs(void **state)
{
	struct stillness stillness = {0};
	struct sign sign = {0};
	const struct sign turns = {.beats = 1};
	uint64_t now = 5000;

	(void)state;
	assert_int_equal(look_until(&stillness, &sign, &turns, &now, 10 * BUSY_MS), 0);
}

static void a_thread_that_does_nothing_hangs_after_a_minute(void **state)
{
	struct stillness stillness = {0};
	struct sign sign = {.beats = 7};
	const struct sign nothing = {0};
	uint64_t now = 5000;

	(void)state;
	assert_int_equal(look_until(&stillness, &sign, &nothing, &now, 5000 + STILL_MS), 0);
	assert_int_equal(stillness_look(&stillness, &sign, now), STILL_MS);
}

static void a_thread_that_never_began_hangs_too(void **state)
{
	struct stillness stillness = {0};
	struct sign sign = {0};
	const struct sign nothing = {0};
	uint64_t now = 0;

	(void)state;
	assert_int_not_equal(look_until(&stillness, &sign, &nothing, &now, 2 * STILL_MS), 0);
}

static void a_thread_that_computes_has_ten_minutes(void **state)
{
	struct stillness stillness = {0};
	struct sign sign = {.beats = 7};
	const struct sign computes = {.cpu_ns = 100000000};
	uint64_t now = 0;

	(void)state;
	assert_int_equal(look_until(&stillness, &sign, &computes, &now, BUSY_MS), 0);
	assert_int_equal(look_until(&stillness, &sign, &computes, &now, 2 * BUSY_MS), BUSY_MS);
}

static void a_thread_that_waits_for_a_process_has_ten_minutes(void **state)
{
	struct stillness stillness = {0};
	struct sign sign = {.beats = 7};
	const struct sign waits = {.child = true};
	uint64_t now = 0;

	(void)state;
	assert_int_equal(look_until(&stillness, &sign, &waits, &now, BUSY_MS), 0);
	assert_int_equal(look_until(&stillness, &sign, &waits, &now, 2 * BUSY_MS), BUSY_MS);
}

/* By a debugger, or a machine that slept: the other thread had no time either. */
static void a_process_that_was_stopped_is_not_blamed(void **state)
{
	struct stillness stillness = {0};
	struct sign sign = {.beats = 7};
	const struct sign nothing = {0};
	uint64_t now = 0;

	(void)state;
	assert_int_equal(look_until(&stillness, &sign, &nothing, &now, STILL_MS / 2), 0);
	now += 100 * BUSY_MS;
	assert_int_equal(stillness_look(&stillness, &sign, now), 0);
	assert_int_equal(stillness_look(&stillness, &sign, now + LOOK_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_loop_that_turns_never_hangs),
	        cmocka_unit_test(a_thread_that_does_nothing_hangs_after_a_minute),
	        cmocka_unit_test(a_thread_that_never_began_hangs_too),
	        cmocka_unit_test(a_thread_that_computes_has_ten_minutes),
	        cmocka_unit_test(a_thread_that_waits_for_a_process_has_ten_minutes),
	        cmocka_unit_test(a_process_that_was_stopped_is_not_blamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
