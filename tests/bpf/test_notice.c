// SPDX-License-Identifier: MIT
/* What the program notices of a sender, and what it reports to the agent. */
#include "rig.h"

#define SPEAKER MAC(0x0a)
#define OTHER   MAC(0x0c)
#define TARGET  MAC(0x0b)
#define SPEAKS  IP(10, 0, 0, 10)
#define ASKED   IP(10, 0, 0, 11)
#define SLOT_OF 10

/* A request by SPEAKER, whose target is known and answered. */
static struct arp speak(struct rig *rig, enum slot_state state, uint8_t flags, struct mac mac)
{
	rig_bind(rig, SLOT_OF, state, flags, mac);
	rig->slots[SLOT_OF].seen = 0;
	rig_bind(rig, 11, SLOT_STATIC, SLOT_ANSWER, TARGET);
	return request(SPEAKER, SPEAKS, ASKED);
}

static void event_is(const struct rig *rig, struct event wanted, struct mac mac, struct mac source)
{
	struct event got = rig->events[0];

	assert_int_equal(rig->event_count, 1);
	assert_true(got.time <= rig_clock());
	assert_true(rig_clock() - got.time < NSEC_PER_SEC_U);
	assert_int_not_equal(got.ifindex, 0);
	got.time = 0;
	got.ifindex = 0;
	memcpy(wanted.mac, &mac, sizeof(mac));
	memcpy(wanted.source, &source, sizeof(source));
	assert_memory_equal(&got, &wanted, sizeof(got));
}

static void a_known_sender_only_refreshes_seen(void **state)
{
	static const enum slot_state states[] = {SLOT_DYNAMIC, SLOT_STATIC, SLOT_LOCAL, SLOT_STALE};
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(states) / sizeof(*states); i++) {
		for (unsigned flags = 0; flags <= SLOT_FLAGS; flags++) {
			uint32_t before = rig_now();

			answers(rig, speak(rig, states[i], flags, SPEAKER), NO_EVENT);
			assert_int_equal(counted(rig, HEARD_SAME), 1);
			assert_in_range(rig->slots[SLOT_OF].seen, before, rig_now());
		}
	}
}

static void a_new_or_different_sender_is_reported_and_never_written(void **state)
{
	static const enum slot_state states[] = {SLOT_EMPTY, SLOT_DYNAMIC, SLOT_STATIC,
	                                         SLOT_LOCAL, SLOT_STALE,   SLOT_PENDING,
	                                         SLOT_DEAD,  SLOT_STATES};
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(states) / sizeof(*states); i++) {
		struct arp arp = speak(rig, states[i], 0, OTHER);
		uint64_t binding = rig->slots[SLOT_OF].binding;

		arp.sha = arp.source = MAC(0x40 + i); /* another throttle */
		answers(rig, arp, EVENT_HEARD);
		event_is(rig,
		         (struct event){.kind = EVENT_HEARD,
		                        .slot = SLOT_OF,
		                        .address = MAPPED(SPEAKS),
		                        .peer = MAPPED(ASKED),
		                        .opcode = 1},
		         arp.sha, arp.sha);
		assert_int_equal(counted(rig, HEARD_OTHER), 1);
		assert_true(rig->slots[SLOT_OF].binding == binding);
		assert_int_equal(rig->slots[SLOT_OF].seen, 0);
	}
}

static void a_mac_in_a_slot_without_a_binding_does_not_match(void **state)
{
	struct rig *rig = *state;

	answers(rig, speak(rig, SLOT_EMPTY, 0, SPEAKER), EVENT_HEARD);
	rig_events_drop(rig);
	answers(rig, speak(rig, SLOT_PENDING, 0, SPEAKER), EVENT_HEARD);
}

static void replies_are_noticed_as_requests_are(void **state)
{
	struct rig *rig = *state;
	struct arp arp = reply(SPEAKER, SPEAKS, OTHER, ASKED);

	speak(rig, SLOT_EMPTY, 0, MAC_ZERO);
	passes(rig, arp, PASS_NOT_REQUEST, EVENT_HEARD);
	event_is(rig,
	         (struct event){.kind = EVENT_HEARD,
	                        .slot = SLOT_OF,
	                        .address = MAPPED(SPEAKS),
	                        .peer = MAPPED(ASKED),
	                        .opcode = 2},
	         SPEAKER, SPEAKER);
	speak(rig, SLOT_DYNAMIC, 0, SPEAKER);
	passes(rig, arp, PASS_NOT_REQUEST, NO_EVENT);
	assert_int_equal(counted(rig, HEARD_SAME), 1);
}

static void a_probe_is_never_noticed(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

	/* Even where 0.0.0.0 would be on-link. */
	rig->port->config[0].prefix[1].network = 0;
	arp.spa = 0;
	answers(rig, arp, NO_EVENT);
	assert_int_equal(counted(rig, HEARD_SAME) + counted(rig, HEARD_OTHER) +
	                         counted(rig, HEARD_FOREIGN),
	                 0);
}

static void a_foreign_sender_is_a_bogon(void **state)
{
	static const uint32_t others[] = {IP(10, 0, 1, 0), IP(9, 255, 255, 255), IP(172, 16, 0, 1),
	                                  IP(255, 255, 255, 255), IP(0, 0, 0, 1)};
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		arp.spa = others[i];
		rig_reset_throttle(rig);
		answers(rig, arp, EVENT_BOGON);
		event_is(rig,
		         (struct event){.kind = EVENT_BOGON,
		                        .slot = EVENT_NO_SLOT,
		                        .address = MAPPED(others[i]),
		                        .peer = MAPPED(ASKED),
		                        .opcode = 1},
		         SPEAKER, SPEAKER);
		assert_int_equal(counted(rig, HEARD_FOREIGN), 1);
	}
}

static void a_station_is_a_bogon_once_a_second_for_all_its_addresses(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

	rig_settle();
	arp.spa = IP(203, 0, 113, 1);
	answers(rig, arp, EVENT_BOGON);
	arp.spa = IP(203, 0, 113, 2);
	answers(rig, arp, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_THROTTLED), 1);
	arp.sha = arp.source = OTHER;
	answers(rig, arp, EVENT_BOGON);
}

static void in_a_vlan_without_prefixes_there_are_no_bogons(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

	arp.spa = IP(203, 0, 113, 1);
	passes(rig, tagged(arp, 0x8100, 8), PASS_OFF_LINK, NO_EVENT);
	assert_int_equal(counted(rig, HEARD_FOREIGN), 1);
	passes(rig, tagged(tagged(arp, 0x88a8, 100), 0x8100, 201), PASS_OFF_LINK, NO_EVENT);
	rig_bind(rig, 260 + 11, SLOT_STATIC, SLOT_ANSWER, TARGET);
	answers(rig, tagged(arp, 0x8100, 7), EVENT_BOGON);
	rig_reset_throttle(rig);
	passes(rig, tagged(tagged(arp, 0x88a8, 100), 0x8100, 200), PASS_OFF_LINK, EVENT_BOGON);
	rig_reset_throttle(rig);
	/* On-link, but beyond the table: not the sender's fault. */
	rig->port->config[0].prefix[0].base = RIG_SLOTS;
	arp.spa = SPEAKS;
	passes(rig, arp, PASS_OFF_LINK, NO_EVENT);
	assert_int_equal(counted(rig, HEARD_FOREIGN), 1);
}

static void an_event_shows_whether_the_frame_was_sent_to_this_interface(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

	arp.destination = OWN;
	answers(rig, arp, EVENT_HEARD);
	assert_int_equal(rig->events[0].flags, EVENT_TO_US);
	rig_reset_throttle(rig);
	arp.destination = OTHER;
	passes(rig, arp, PASS_ELSEWHERE, EVENT_HEARD);
	assert_int_equal(rig->events[0].flags, 0);
	arp = reply(OTHER, IP(10, 0, 0, 12), OWN, SPEAKS);
	passes(rig, arp, PASS_NOT_REQUEST, EVENT_HEARD);
	assert_int_equal(rig->events[0].flags, EVENT_TO_US);
	arp = request(OTHER, IP(10, 0, 0, 12), IP(10, 0, 0, 77));
	rig_bind(rig, 12, SLOT_DYNAMIC, 0, OTHER);
	arp.destination = OWN;
	passes(rig, arp, PASS_MISS, EVENT_MISS);
	assert_int_equal(rig->events[0].flags, EVENT_TO_US);
}

static void a_sender_at_the_network_or_broadcast_address_is_reported(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

	arp.spa = IP(10, 0, 0, 0);
	answers(rig, arp, EVENT_HEARD);
	assert_int_equal(rig->events[0].slot, 0);
	arp.spa = IP(10, 0, 0, 255);
	answers(rig, arp, EVENT_HEARD);
	assert_int_equal(rig->events[0].slot, 255);
}

static void a_sender_with_an_invalid_mac_is_not_answered(void **state)
{
	struct mac bad[] = {MAC_ZERO, MAC_MULTICAST, MAC_BROADCAST, {{1, 0, 0, 0, 0, 0}}};
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

		arp.sha = arp.source = bad[i];
		passes(rig, arp, PASS_BAD_SENDER, EVENT_BAD_SENDER);
		event_is(rig,
		         (struct event){.kind = EVENT_BAD_SENDER,
		                        .slot = SLOT_OF,
		                        .address = MAPPED(SPEAKS),
		                        .peer = MAPPED(ASKED),
		                        .opcode = 1},
		         bad[i], bad[i]);
		assert_int_equal(counted(rig, HEARD_OTHER), 0);
	}
}

static void either_mac_of_the_sender_can_be_bad(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_DYNAMIC, 0, SPEAKER);

	arp.source = MAC_MULTICAST;
	passes(rig, arp, PASS_BAD_SENDER, EVENT_BAD_SENDER);
	assert_int_equal(rig->slots[SLOT_OF].seen, 0);
	assert_int_equal(counted(rig, SENDER_MISMATCH), 0);
	arp.source = SPEAKER;
	arp.sha = MAC_ZERO;
	passes(rig, arp, PASS_BAD_SENDER, EVENT_BAD_SENDER);
	/* A probe's, and a reply's, too. */
	arp.spa = 0;
	passes(rig, arp, PASS_BAD_SENDER, EVENT_BAD_SENDER);
	assert_int_equal(rig->events[0].slot, EVENT_NO_SLOT);
	arp = reply(MAC_BROADCAST, IP(10, 0, 0, 12), OTHER, ASKED);
	passes(rig, arp, PASS_BAD_SENDER, EVENT_BAD_SENDER);
}

static void a_bad_mac_is_bad_even_if_a_slot_says_so(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_STATIC, SLOT_ANSWER | SLOT_PROTECT, MAC_MULTICAST);

	arp.sha = arp.source = MAC_MULTICAST;
	passes(rig, arp, PASS_BAD_SENDER, EVENT_BAD_SENDER);
	assert_int_equal(rig->slots[SLOT_OF].seen, 0);
}

static void a_mac_with_the_local_bit_is_valid(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

	arp.sha = arp.source = (struct mac){{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}};
	answers(rig, arp, EVENT_HEARD);
	arp.sha = arp.source = (struct mac){{0, 0, 0, 0, 0, 1}};
	answers(rig, arp, EVENT_HEARD);
}

static void a_sender_other_than_the_frames_source_is_reported_and_answered(void **state)
{
	struct rig *rig = *state;
	struct mac proxy = MAC(0x60);
	struct mac speaker = SPEAKER;
	struct arp arp = speak(rig, SLOT_EMPTY, 0, MAC_ZERO);

	arp.source = proxy;
	answers(rig, arp, EVENT_MISMATCH);
	event_is(rig,
	         (struct event){.kind = EVENT_MISMATCH,
	                        .slot = SLOT_OF,
	                        .address = MAPPED(SPEAKS),
	                        .peer = MAPPED(ASKED),
	                        .opcode = 1},
	         SPEAKER, proxy);
	assert_int_equal(counted(rig, SENDER_MISMATCH), 1);
	assert_int_equal(counted(rig, HEARD_OTHER), 0);
	/* The reply goes to the source of the request, and is addressed to its sender. */
	assert_memory_equal(rig->out, &proxy, 6);
	assert_memory_equal(rig->out + 32, &speaker, 6);
}

static void a_mismatch_is_never_learned_from(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_DYNAMIC, 0, SPEAKER);

	arp.source = OTHER;
	answers(rig, arp, EVENT_MISMATCH);
	assert_int_equal(counted(rig, HEARD_SAME), 0);
	assert_int_equal(rig->slots[SLOT_OF].seen, 0);
	/* From off-link too: a mismatch, not a bogon. */
	arp.spa = IP(203, 0, 113, 9);
	answers(rig, arp, EVENT_MISMATCH);
	assert_int_equal(rig->events[0].slot, EVENT_NO_SLOT);
	assert_int_equal(counted(rig, HEARD_FOREIGN), 0);
}

static void a_frame_that_contradicts_a_protected_binding_is_dropped(void **state)
{
	static const enum slot_state states[] = {SLOT_DYNAMIC, SLOT_STATIC, SLOT_LOCAL, SLOT_STALE};
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(states) / sizeof(*states); i++) {
		struct arp arp = speak(rig, states[i], SLOT_PROTECT | SLOT_ANSWER, SPEAKER);
		struct mac spoofer = MAC(0x50 + i);

		arp.sha = arp.source = spoofer;
		drops(rig, arp, EVENT_SPOOF);
		event_is(rig,
		         (struct event){.kind = EVENT_SPOOF,
		                        .slot = SLOT_OF,
		                        .address = MAPPED(SPEAKS),
		                        .peer = MAPPED(ASKED),
		                        .opcode = 1},
		         spoofer, spoofer);
		assert_int_equal(rig->slots[SLOT_OF].seen, 0);
		/* Dropped every time, reported once. */
		drops(rig, arp, NO_EVENT);
		/* Replies and announcements as well. */
		arp.opcode = 2;
		drops(rig, arp, NO_EVENT);
		arp.opcode = 1;
		arp.tpa = arp.spa;
		drops(rig, arp, NO_EVENT);
	}
}

static void no_disguise_gets_past_protection(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_STATIC, SLOT_PROTECT, SPEAKER);

	arp.sha = OTHER; /* from the owner's own source */
	drops(rig, arp, EVENT_SPOOF);
	arp.sha = MAC_MULTICAST;
	drops(rig, arp, EVENT_SPOOF);
	arp.sha = MAC_ZERO;
	drops(rig, arp, EVENT_SPOOF);
}

static void a_relayed_frame_that_agrees_with_a_protected_binding_passes(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_STATIC, SLOT_PROTECT, SPEAKER);

	arp.source = OTHER;
	answers(rig, arp, EVENT_MISMATCH);
}

static void protection_needs_a_binding(void **state)
{
	struct rig *rig = *state;

	answers(rig, speak(rig, SLOT_EMPTY, SLOT_PROTECT, MAC_ZERO), EVENT_HEARD);
	answers(rig, speak(rig, SLOT_PENDING, SLOT_PROTECT, MAC_ZERO), EVENT_HEARD);
}

static void a_probe_for_a_protected_address_does_not_contradict_it(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_STATIC, SLOT_PROTECT | SLOT_ANSWER, TARGET);

	arp.spa = 0;
	arp.tpa = SPEAKS;
	answers(rig, arp, NO_EVENT);
}

static void a_miss_names_the_asker(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, SLOT_DYNAMIC, 0, SPEAKER);

	arp.tpa = IP(10, 0, 0, 77);
	passes(rig, arp, PASS_MISS, EVENT_MISS);
	event_is(rig,
	         (struct event){.kind = EVENT_MISS,
	                        .slot = 77,
	                        .address = MAPPED(IP(10, 0, 0, 77)),
	                        .peer = MAPPED(SPEAKS),
	                        .opcode = 1},
	         SPEAKER, SPEAKER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        RIG_TEST(a_known_sender_only_refreshes_seen),
	        RIG_TEST(a_new_or_different_sender_is_reported_and_never_written),
	        RIG_TEST(a_mac_in_a_slot_without_a_binding_does_not_match),
	        RIG_TEST(replies_are_noticed_as_requests_are),
	        RIG_TEST(a_probe_is_never_noticed),
	        RIG_TEST(a_foreign_sender_is_a_bogon),
	        RIG_TEST(a_station_is_a_bogon_once_a_second_for_all_its_addresses),
	        RIG_TEST(in_a_vlan_without_prefixes_there_are_no_bogons),
	        RIG_TEST(an_event_shows_whether_the_frame_was_sent_to_this_interface),
	        RIG_TEST(a_sender_at_the_network_or_broadcast_address_is_reported),
	        RIG_TEST(a_sender_with_an_invalid_mac_is_not_answered),
	        RIG_TEST(either_mac_of_the_sender_can_be_bad),
	        RIG_TEST(a_bad_mac_is_bad_even_if_a_slot_says_so),
	        RIG_TEST(a_mac_with_the_local_bit_is_valid),
	        RIG_TEST(a_sender_other_than_the_frames_source_is_reported_and_answered),
	        RIG_TEST(a_mismatch_is_never_learned_from),
	        RIG_TEST(a_frame_that_contradicts_a_protected_binding_is_dropped),
	        RIG_TEST(no_disguise_gets_past_protection),
	        RIG_TEST(a_relayed_frame_that_agrees_with_a_protected_binding_passes),
	        RIG_TEST(protection_needs_a_binding),
	        RIG_TEST(a_probe_for_a_protected_address_does_not_contradict_it),
	        RIG_TEST(a_miss_names_the_asker),
	};

	return cmocka_run_group_tests_name("bpf: notice", tests, NULL, NULL);
}
