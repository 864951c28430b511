// SPDX-License-Identifier: MIT
/*
 * Requests for unknown or dead addresses and for this host's own: what the slot records, and what
 * the program reports.
 */
#include "rig.h"

#define ASKER   MAC(0x0a)
#define TARGET  MAC(0x0b)
#define OTHER   MAC(0x0c)
#define ASKS    IP(10, 0, 0, 10)
#define ASKED   IP(10, 0, 0, 11)
#define SLOT_OF 11
#define SPONGED (SLOT_SPONGE | SLOT_ANSWER)

static struct arp ask(struct rig *rig, enum slot_state state, uint8_t flags, struct mac mac)
{
	rig_bind(rig, 10, SLOT_DYNAMIC, 0, ASKER);
	rig_bind(rig, SLOT_OF, state, flags, mac);
	rig->slots[SLOT_OF].seen = rig->slots[SLOT_OF].used = 0;
	return request(ASKER, ASKS, ASKED);
}

static void event_is(const struct rig *rig, enum event_kind kind, struct mac mac, struct mac source)
{
	const struct event *event = &rig->events[0];

	assert_int_equal(event->kind, kind);
	assert_int_equal(event->slot, SLOT_OF);
	assert_memory_equal(event->address, ((const __u8[16])MAPPED(ASKED)), 16);
	assert_memory_equal(event->peer, ((const __u8[16])MAPPED(ASKS)), 16);
	assert_int_equal(event->opcode, 1);
	assert_memory_equal(event->mac, &mac, sizeof(mac));
	assert_memory_equal(event->source, &source, sizeof(source));
}

static void a_dead_address_counts_its_requests(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_DEAD, 0, MAC_ZERO);

	for (uint32_t times = 1; times <= 5; times++) {
		passes(rig, arp, PASS_MISS, NO_EVENT);
		assert_int_equal(rig->slots[SLOT_OF].seen, times);
	}
	/* The sponge needs both flags. */
	arp = ask(rig, SLOT_DEAD, SLOT_SPONGE, TARGET);
	passes(rig, arp, PASS_MISS, NO_EVENT);
	arp = ask(rig, SLOT_DEAD, SLOT_ANSWER | SLOT_PROTECT, TARGET);
	passes(rig, arp, PASS_MISS, NO_EVENT);
	assert_int_equal(rig->slots[SLOT_OF].seen, 1);
	rig->slots[SLOT_OF].seen = UINT32_MAX;
	passes(rig, arp, PASS_MISS, NO_EVENT);
	assert_int_equal(rig->slots[SLOT_OF].seen, 0);
	assert_int_equal(rig->slots[SLOT_OF].used, 0);
}

static void a_dead_address_counts_requests_but_no_probes(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_DEAD, 0, MAC_ZERO);

	arp.spa = 0;
	passes(rig, arp, PASS_MISS, NO_EVENT);
	arp = ask(rig, SLOT_DEAD, 0, MAC_ZERO);
	arp.destination = OTHER;
	passes(rig, arp, PASS_ELSEWHERE, NO_EVENT);
	arp.opcode = 2;
	passes(rig, arp, PASS_NOT_REQUEST, NO_EVENT);
	arp = ask(rig, SLOT_DEAD, 0, MAC_ZERO);
	arp.spa = ASKED;
	passes(rig, arp, PASS_GRATUITOUS, EVENT_HEARD);
	assert_int_equal(rig->slots[SLOT_OF].seen, 0);
	/* A request does not count as a sign of the target. */
	passes(rig, ask(rig, SLOT_PENDING, 0, MAC_ZERO), PASS_MISS, NO_EVENT);
	assert_int_equal(rig->slots[SLOT_OF].seen, 0);
}

static void the_sponge_answers_with_its_mac_and_reports_the_asker(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_DEAD, SPONGED, TARGET);
	uint32_t before = rig_now();
	struct mac target = TARGET;

	answers(rig, arp, EVENT_SPONGED);
	event_is(rig, EVENT_SPONGED, ASKER, ASKER);
	assert_memory_equal(rig->out + 22, &target, sizeof(target));
	assert_int_equal(counted(rig, SPONGED), 1);
	assert_int_equal(rig->slots[SLOT_OF].seen, 0);
	assert_in_range(rig->slots[SLOT_OF].used, before, rig_now());
}

static void the_sponge_reports_odd_askers_too_since_they_hold_its_mac(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_DEAD, SPONGED, TARGET);

	arp.source = OTHER;
	assert_int_equal(rig_send(rig, arp), XDP_TX);
	assert_int_equal(rig->event_count, 2);
	assert_int_equal(rig->events[0].kind, EVENT_MISMATCH);
	rig->events[0] = rig->events[1];
	event_is(rig, EVENT_SPONGED, ASKER, OTHER);
}

static void the_sponge_does_not_answer_the_host_with_its_mac(void **state)
{
	struct rig *rig = *state;

	passes(rig, ask(rig, SLOT_DEAD, SPONGED, ASKER), PASS_OWNER, NO_EVENT);
	assert_int_equal(counted(rig, SPONGED), 0);
}

static void an_asker_of_the_hosts_own_address_is_reported(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_LOCAL, SLOT_ANSWER, OWN);

	answers(rig, arp, EVENT_LOCAL);
	event_is(rig, EVENT_LOCAL, ASKER, ASKER);
	assert_int_equal(rig->events[0].flags, 0);
	rig_reset_throttle(rig);
	arp.destination = OWN;
	answers(rig, arp, EVENT_LOCAL);
	assert_int_equal(rig->events[0].flags, EVENT_TO_US);
	assert_int_equal(counted(rig, SPONGED), 0);
}

static void a_new_station_that_asks_for_the_hosts_address_is_two_events(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_LOCAL, SLOT_ANSWER, OWN);

	rig_bind(rig, 10, SLOT_EMPTY, 0, MAC_ZERO);
	assert_int_equal(rig_send(rig, arp), XDP_TX);
	assert_int_equal(rig->event_count, 2);
	assert_int_equal(rig->events[0].kind, EVENT_HEARD);
	rig->events[0] = rig->events[1];
	event_is(rig, EVENT_LOCAL, ASKER, ASKER);
}

static void an_implausible_asker_is_answered_but_not_reported(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_LOCAL, SLOT_ANSWER, OWN);

	arp.source = OTHER;
	answers(rig, arp, EVENT_MISMATCH);
	arp = ask(rig, SLOT_LOCAL, SLOT_ANSWER, OWN);
	arp.spa = IP(203, 0, 113, 1);
	answers(rig, arp, EVENT_BOGON);
	arp.spa = 0;
	answers(rig, arp, NO_EVENT);
}

static void an_own_address_left_to_the_stack_is_not_reported(void **state)
{
	struct rig *rig = *state;

	passes(rig, ask(rig, SLOT_LOCAL, 0, OWN), PASS_UNANSWERED, NO_EVENT);
	passes(rig, ask(rig, SLOT_LOCAL, SLOT_PROTECT, OWN), PASS_UNANSWERED, NO_EVENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        RIG_TEST(a_dead_address_counts_its_requests),
	        RIG_TEST(a_dead_address_counts_requests_but_no_probes),
	        RIG_TEST(the_sponge_answers_with_its_mac_and_reports_the_asker),
	        RIG_TEST(the_sponge_reports_odd_askers_too_since_they_hold_its_mac),
	        RIG_TEST(the_sponge_does_not_answer_the_host_with_its_mac),
	        RIG_TEST(an_asker_of_the_hosts_own_address_is_reported),
	        RIG_TEST(a_new_station_that_asks_for_the_hosts_address_is_two_events),
	        RIG_TEST(an_implausible_asker_is_answered_but_not_reported),
	        RIG_TEST(an_own_address_left_to_the_stack_is_not_reported),
	};

	return cmocka_run_group_tests_name("bpf: seldom", tests, NULL, NULL);
}
