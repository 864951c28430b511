// SPDX-License-Identifier: MIT
/*
 * The watchdog: when the agent has been silent for too long, learned bindings are unverified, and
 * the program does not answer them.
 */
#include "rig.h"

#define ASKER   MAC(0x0a)
#define TARGET  MAC(0x0b)
#define SILENCE 10

/* A request for 10.0.0.11, whose agent was last alive `age` seconds ago. */
static struct arp ask(struct rig *rig, enum slot_state state, uint8_t flags, int64_t age)
{
	rig_bind(rig, 10, SLOT_DYNAMIC, 0, ASKER);
	rig_bind(rig, 11, state, flags, TARGET);
	/* The age must be the same when the program reads its clock. */
	rig_settle();
	rig->port->heartbeat = (uint32_t)(rig_now() - age);
	return request(ASKER, IP(10, 0, 0, 10), IP(10, 0, 0, 11));
}

static void learned_bindings_are_answered_up_to_the_limit(void **state)
{
	struct rig *rig = *state;

	rig->port->silence = SILENCE;
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, 0), NO_EVENT);
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, SILENCE - 1), NO_EVENT);
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, SILENCE), NO_EVENT);
	answers(rig, ask(rig, SLOT_STALE, SLOT_ANSWER, SILENCE), NO_EVENT);
}

static void learned_bindings_are_not_answered_after_the_limit(void **state)
{
	struct rig *rig = *state;

	rig->port->silence = SILENCE;
	passes(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, SILENCE + 1), PASS_WATCHDOG, NO_EVENT);
	passes(rig, ask(rig, SLOT_STALE, SLOT_ANSWER, SILENCE + 1), PASS_WATCHDOG, NO_EVENT);
	passes(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, 1000000), PASS_WATCHDOG, NO_EVENT);
	assert_int_equal(rig->slots[11].used, 0);
}

static void the_sponge_stops_with_the_agent(void **state)
{
	struct rig *rig = *state;

	rig->port->silence = SILENCE;
	answers(rig, ask(rig, SLOT_DEAD, SLOT_ANSWER | SLOT_SPONGE, SILENCE), EVENT_SPONGED);
	passes(rig, ask(rig, SLOT_DEAD, SLOT_ANSWER | SLOT_SPONGE, SILENCE + 1), PASS_WATCHDOG,
	       NO_EVENT);
}

static void declared_bindings_are_answered_for_ever(void **state)
{
	struct rig *rig = *state;
	struct arp probe;

	rig->port->silence = SILENCE;
	answers(rig, ask(rig, SLOT_STATIC, SLOT_ANSWER, SILENCE + 1), NO_EVENT);
	answers(rig, ask(rig, SLOT_LOCAL, SLOT_ANSWER, 1000000), EVENT_LOCAL);
	probe = ask(rig, SLOT_STATIC, SLOT_ANSWER, 1000000);
	probe.spa = 0;
	answers(rig, probe, NO_EVENT);
}

static void a_heartbeat_in_the_future_is_alive(void **state)
{
	struct rig *rig = *state;

	rig->port->silence = SILENCE;
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, -1), NO_EVENT);
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, -2 * SILENCE), NO_EVENT);
}

static void without_a_silence_limit_there_is_no_watchdog(void **state)
{
	struct rig *rig = *state;

	rig->port->silence = 0;
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, 1), NO_EVENT);
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, 1000000), NO_EVENT);
}

static void a_huge_silence_is_not_negative(void **state)
{
	struct rig *rig = *state;

	rig->port->silence = 0xffffffff;
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, 1000000), NO_EVENT);
}

static void an_unanswerable_frame_does_not_count_for_the_watchdog(void **state)
{
	struct rig *rig = *state;
	struct arp arp;

	rig->port->silence = SILENCE;
	passes(rig, ask(rig, SLOT_DYNAMIC, 0, SILENCE + 1), PASS_UNANSWERED, NO_EVENT);
	arp = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, SILENCE + 1);
	arp.spa = 0;
	passes(rig, arp, PASS_PROBE, NO_EVENT);
	arp = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, SILENCE + 1);
	arp.sha = arp.source = TARGET;
	passes(rig, arp, PASS_OWNER, EVENT_HEARD);
	passes(rig, ask(rig, SLOT_EMPTY, 0, SILENCE + 1), PASS_MISS, EVENT_MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        RIG_TEST(learned_bindings_are_answered_up_to_the_limit),
	        RIG_TEST(learned_bindings_are_not_answered_after_the_limit),
	        RIG_TEST(the_sponge_stops_with_the_agent),
	        RIG_TEST(declared_bindings_are_answered_for_ever),
	        RIG_TEST(a_heartbeat_in_the_future_is_alive),
	        RIG_TEST(without_a_silence_limit_there_is_no_watchdog),
	        RIG_TEST(a_huge_silence_is_not_negative),
	        RIG_TEST(an_unanswerable_frame_does_not_count_for_the_watchdog),
	};

	return cmocka_run_group_tests_name("bpf: watchdog", tests, NULL, NULL);
}
