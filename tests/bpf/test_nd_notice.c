// SPDX-License-Identifier: MIT
/* What the program notices of who speaks: from solicitations, advertisements, router solicitations.
 */
#include "nd_rig.h"

#define SPEAKS "2001:db8::a"
#define ASKER_BYTES                                                                                \
	{                                                                                          \
		0x02, 0, 0x5e, 0x10, 0x20, 0x0a                                                    \
	}

static struct event heard(uint16_t opcode, uint16_t flags)
{
	return (struct event){.kind = EVENT_HEARD,
	                      .slot = EVENT_NO_SLOT,
	                      .mac = ASKER_BYTES,
	                      .source = ASKER_BYTES,
	                      .opcode = opcode,
	                      .flags = flags};
}

static struct nd router_solicit(const char *from)
{
	struct nd nd = message(133, ASKER, from, in6("ff02::2"));

	nd.options[nd.option_count++] = (struct option){1, 1, ASKER};
	return nd;
}

static void a_new_sender_is_reported_by_each_message(void **state)
{
	struct rig *rig = *state;

	/* The target is off-link, so that it is no event. */
	nd_passes(rig, solicit(ASKER, SPEAKS, "2001:db9::b"), PASS_OFF_LINK, EVENT_HEARD);
	nd_event_is(rig, heard(135, 0), SPEAKS, "2001:db9::b");
	assert_int_equal(counted(rig, HEARD_OTHER), 1);
	rig_reset_throttle(rig);
	nd_passes(rig, advertise(ASKER, SPEAKS, OWN, in6("fe80::1"), 0xe0), PASS_NOT_SOLICITATION,
	          EVENT_HEARD);
	nd_event_is(rig, heard(136, EVENT_TO_US | EVENT_SOLICITED | EVENT_OVERRIDE | EVENT_ROUTER),
	            SPEAKS, "fe80::1");
	rig_reset_throttle(rig);
	nd_passes(rig, router_solicit(SPEAKS), PASS_NOT_SOLICITATION, EVENT_HEARD);
	nd_event_is(rig, heard(133, 0), SPEAKS, "ff02::2");
	rig_reset_throttle(rig);
	nd_passes(rig, router_solicit("fe80::a"), PASS_NOT_SOLICITATION, EVENT_HEARD);
	nd_event_is(rig, heard(133, 0), "fe80::a", "ff02::2");
}

/* A proxy advertises another host's address: the message speaks of its target. */
static void an_advertisement_speaks_of_its_target(void **state)
{
	struct rig *rig = *state;
	struct nd nd = advertise(ASKER, SPEAKS, OWN, in6("fe80::1"), 0);

	nd.from = in6("fe80::99");
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, EVENT_HEARD);
	nd_event_is(rig, heard(136, EVENT_TO_US), SPEAKS, "fe80::1");
}

static void a_known_sender_is_refreshed(void **state)
{
	struct rig *rig = *state;
	struct neigh_slot *slot = nd_bind(rig, SPEAKS, SLOT_STALE, 0, ASKER);
	uint32_t before = rig_now();
	struct nd messages[] = {solicit(ASKER, SPEAKS, "2001:db9::b"),
	                        advertise(ASKER, SPEAKS, OWN, in6("fe80::1"), 0),
	                        router_solicit(SPEAKS)};

	for (unsigned i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		for (int option = 1; option >= 0; option--) {
			slot->seen = 0;
			messages[i].option_count = option;
			assert_int_equal(nd_send(rig, messages[i]), XDP_PASS);
			assert_int_equal(rig->event_count, 0);
			assert_int_equal(counted(rig, HEARD_SAME), 1);
			assert_in_range(slot->seen, before, rig_now());
		}
	}
}

/* The agent learns R from a holder's own advertisement, and only when it is not what the slot has.
 */
static void a_learned_holders_r_is_news_when_it_changes(void **state)
{
	struct rig *rig = *state;
	static const struct {
		uint8_t state, flags, said;
		bool news;
	} cases[] = {
	        {SLOT_DYNAMIC, 0, ND_ROUTER_BIT, true},
	        {SLOT_DYNAMIC, SLOT_ROUTER, 0, true},
	        {SLOT_STALE, 0, ND_ROUTER_BIT | ND_SOLICITED_BIT, true},
	        {SLOT_STALE, SLOT_ROUTER, ND_SOLICITED_BIT, true},
	        {SLOT_DYNAMIC, SLOT_ROUTER, ND_ROUTER_BIT, false},
	        {SLOT_DYNAMIC, 0, 0, false},
	        {SLOT_DYNAMIC, SLOT_FROZEN, ND_ROUTER_BIT, false}, /* nothing is learned of it */
	        {SLOT_STATIC, 0, ND_ROUTER_BIT, false},            /* the operator says it */
	        {SLOT_LOCAL, SLOT_ROUTER, 0, false},
	};

	nd_bind(rig, SPEAKS, SLOT_DYNAMIC, 0, ASKER);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nd nd = advertise(ASKER, SPEAKS, OWN, in6("fe80::1"), cases[i].said);
		struct event wanted = heard(136, EVENT_TO_US);

		rig_bind(rig, 0, cases[i].state, cases[i].flags, ASKER);
		rig_reset_throttle(rig);
		nd_passes(rig, nd, PASS_NOT_SOLICITATION, cases[i].news ? EVENT_HEARD : NO_EVENT);
		assert_int_equal(counted(rig, HEARD_SAME), 1);
		if (!cases[i].news)
			continue;
		wanted.slot = 0;
		wanted.flags |= cases[i].said & ND_ROUTER_BIT ? EVENT_ROUTER : 0;
		wanted.flags |= cases[i].said & ND_SOLICITED_BIT ? EVENT_SOLICITED : 0;
		nd_event_is(rig, wanted, SPEAKS, "fe80::1");
	}
	/* A solicitation has no R. */
	rig_bind(rig, 0, SLOT_DYNAMIC, SLOT_ROUTER, ASKER);
	rig_reset_throttle(rig);
	nd_passes(rig, solicit(ASKER, SPEAKS, "2001:db9::b"), PASS_OFF_LINK, NO_EVENT);
}

static void another_mac_is_news(void **state)
{
	struct rig *rig = *state;
	struct event wanted = heard(135, 0);

	nd_bind(rig, "2001:db8::1", SLOT_DYNAMIC, 0, TARGET);
	nd_bind(rig, SPEAKS, SLOT_DYNAMIC, 0, TARGET);
	wanted.slot = 1;
	nd_passes(rig, solicit(ASKER, SPEAKS, "2001:db9::b"), PASS_OFF_LINK, EVENT_HEARD);
	nd_event_is(rig, wanted, SPEAKS, "2001:db9::b");
}

static void news_is_reported_once_a_second_for_each_mac_and_address(void **state)
{
	struct rig *rig = *state;
	struct nd nd = solicit(ASKER, SPEAKS, "2001:db9::b");

	rig_settle();
	nd_passes(rig, nd, PASS_OFF_LINK, EVENT_HEARD);
	nd_passes(rig, nd, PASS_OFF_LINK, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_THROTTLED), 1);
	nd_passes(rig, solicit(ASKER, "2001:db8::c", "2001:db9::b"), PASS_OFF_LINK, EVENT_HEARD);
	nd_passes(rig, solicit(OTHER, SPEAKS, "2001:db9::b"), PASS_OFF_LINK, EVENT_HEARD);
}

static void an_awaited_advertisement_is_not_throttled(void **state)
{
	struct rig *rig = *state;
	struct nd nd = advertise(ASKER, SPEAKS, OWN, in6("fe80::1"), ND_SOLICITED_BIT);

	rig_settle();
	nd_bind(rig, SPEAKS, SLOT_PENDING, 0, MAC_ZERO);
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, EVENT_HEARD);
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, EVENT_HEARD);
	rig_bind(rig, 0, SLOT_STALE, 0, TARGET);
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, EVENT_HEARD);
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, EVENT_HEARD);
	/* Others are: not solicited, or not to this interface. */
	nd.flags = 0;
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, NO_EVENT);
	nd.flags = ND_SOLICITED_BIT;
	nd.destination = TARGET;
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, NO_EVENT);
}

static void a_sender_in_no_prefix_is_a_bogon(void **state)
{
	struct rig *rig = *state;
	struct event wanted = heard(135, 0);

	wanted.kind = EVENT_BOGON;
	nd_passes(rig, solicit(ASKER, "2001:db9::1", "2001:db9::b"), PASS_OFF_LINK, EVENT_BOGON);
	nd_event_is(rig, wanted, "2001:db9::1", "2001:db9::b");
	assert_int_equal(counted(rig, HEARD_FOREIGN), 1);
}

static void a_sender_whose_option_is_another_mac_is_reported(void **state)
{
	struct rig *rig = *state;
	struct nd nd = solicit(ASKER, SPEAKS, "2001:db9::b");

	nd_bind(rig, SPEAKS, SLOT_DYNAMIC, 0, ASKER);
	nd.source = OTHER;
	nd_passes(rig, nd, PASS_OFF_LINK, EVENT_MISMATCH);
	assert_int_equal(counted(rig, SENDER_MISMATCH), 1);
	assert_int_equal(rig->slots[0].seen, 0);
}

static void a_group_or_zero_is_no_sender(void **state)
{
	struct rig *rig = *state;
	struct mac bad[] = {MAC_ZERO, MAC_BROADCAST, MAC_MULTICAST};

	nd_bind(rig, "2001:db8::b", SLOT_STATIC, SLOT_ANSWER, TARGET);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		rig_reset_throttle(rig);
		nd_passes(rig, solicit(bad[i], SPEAKS, "2001:db8::b"), PASS_BAD_SENDER,
		          EVENT_BAD_SENDER);
		rig_reset_throttle(rig);
		nd_passes(rig, detect(bad[i], "2001:db8::b"), PASS_BAD_SENDER, EVENT_BAD_SENDER);
	}
}

static void what_contradicts_a_protected_binding_is_dropped(void **state)
{
	struct rig *rig = *state;
	struct nd nd = advertise(ASKER, SPEAKS, OWN, in6("fe80::1"), 0);

	nd_bind(rig, SPEAKS, SLOT_STATIC, SLOT_PROTECT | SLOT_ANSWER, TARGET);
	nd_drops(rig, nd, DROP_PROTECTED, EVENT_SPOOF);
	nd.option_count = 0; /* then the frame's source says so */
	nd_drops(rig, nd, DROP_PROTECTED, NO_EVENT);
	nd_drops(rig, solicit(ASKER, SPEAKS, "2001:db8::c"), DROP_PROTECTED, NO_EVENT);
	nd_drops(rig, router_solicit(SPEAKS), DROP_PROTECTED, NO_EVENT);
	/* Forged, with the owner's MAC as the frame's source. */
	nd = advertise(TARGET, SPEAKS, OWN, in6("fe80::1"), 0);
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, NO_EVENT);
	nd.options[0].mac = ASKER;
	nd_drops(rig, nd, DROP_PROTECTED, NO_EVENT);
	/* Who wants the address does not claim it yet. */
	nd_answers(rig, detect(ASKER, SPEAKS), EVENT_HEARD);
}

/* Behind more options than are walked, or beside another one, a MAC cannot be seen. */
static void a_hidden_contradiction_is_dropped(void **state)
{
	struct rig *rig = *state;
	struct nd nd = advertise(TARGET, SPEAKS, OWN, in6("fe80::1"), 0);

	nd_bind(rig, SPEAKS, SLOT_STATIC, SLOT_PROTECT, TARGET);
	for (int i = 0; i < 8; i++)
		nd.options[i] = (struct option){14, 1, TARGET};
	nd.options[8] = (struct option){2, 1, ASKER};
	nd.option_count = 9;
	nd_drops(rig, nd, DROP_PROTECTED, EVENT_SPOOF);
	nd = advertise(TARGET, SPEAKS, OWN, in6("fe80::1"), 0);
	nd.options[nd.option_count++] = (struct option){2, 1, ASKER};
	nd_drops(rig, nd, DROP_PROTECTED, NO_EVENT);
}

static void a_miss_is_reported_once_a_second_whichever_host_asks(void **state)
{
	struct rig *rig = *state;
	struct event wanted = heard(135, 0);

	rig_settle();
	wanted.kind = EVENT_MISS;
	nd_bind(rig, SPEAKS, SLOT_DYNAMIC, 0, ASKER);
	nd_bind(rig, "2001:db8::c", SLOT_DYNAMIC, 0, OTHER);
	nd_passes(rig, solicit(ASKER, SPEAKS, "2001:db8::77"), PASS_MISS, EVENT_MISS);
	nd_event_is(rig, wanted, "2001:db8::77", SPEAKS);
	nd_passes(rig, solicit(ASKER, SPEAKS, "2001:db8::77"), PASS_MISS, NO_EVENT);
	nd_passes(rig, solicit(OTHER, "2001:db8::c", "2001:db8::77"), PASS_MISS, NO_EVENT);
	nd_passes(rig, solicit(ASKER, SPEAKS, "2001:db8::78"), PASS_MISS, EVENT_MISS);
	/* An empty slot is a miss as well, and a dead one counts. */
	nd_bind(rig, "2001:db8::79", SLOT_EMPTY, 0, MAC_ZERO);
	nd_passes(rig, solicit(ASKER, SPEAKS, "2001:db8::79"), PASS_MISS, EVENT_MISS);
	assert_int_equal(rig->events[0].slot, 2);
	rig_bind(rig, 2, SLOT_DEAD, 0, MAC_ZERO);
	nd_passes(rig, solicit(ASKER, SPEAKS, "2001:db8::79"), PASS_MISS, NO_EVENT);
	assert_int_equal(rig->slots[2].seen, 1);
	nd_passes(rig, detect(ASKER, "2001:db8::79"), PASS_MISS, NO_EVENT);
	assert_int_equal(rig->slots[2].seen, 1);
}

/* A scan of a /64: the misses of one station are limited, and so are those of all together. */
static void a_scan_is_limited(void **state)
{
	struct rig *rig = *state;
	uint64_t sums[COUNTERS];
	uint8_t frame[FRAME_MAX];
	char target[64];

	nd_bind(rig, SPEAKS, SLOT_DYNAMIC, 0, ASKER);
	for (unsigned i = 0; i < 8000; i++) {
		struct nd nd;
		unsigned length;

		snprintf(target, sizeof(target), "2001:db8::1:%x", i);
		nd = solicit(ASKER, SPEAKS, target);
		length = nd_write(frame, &nd);
		assert_int_equal(rig_run(rig, frame, length, 1), XDP_PASS);
	}
	rig_counters(rig, sums);
	assert_int_equal(sums[COUNTER_ND_PASS_MISS], 8000);
	assert_int_equal(sums[COUNTER_EVENTS_SENT] + sums[COUNTER_EVENTS_LIMITED], 8000);
	/* 1,250, and 1,250 a second. */
	assert_in_range(sums[COUNTER_EVENTS_SENT], 1250, 7000);
	rig_events_drop(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ND_TEST(a_new_sender_is_reported_by_each_message),
	        ND_TEST(an_advertisement_speaks_of_its_target),
	        ND_TEST(a_known_sender_is_refreshed),
	        ND_TEST(a_learned_holders_r_is_news_when_it_changes),
	        ND_TEST(another_mac_is_news),
	        ND_TEST(news_is_reported_once_a_second_for_each_mac_and_address),
	        ND_TEST(an_awaited_advertisement_is_not_throttled),
	        ND_TEST(a_sender_in_no_prefix_is_a_bogon),
	        ND_TEST(a_sender_whose_option_is_another_mac_is_reported),
	        ND_TEST(a_group_or_zero_is_no_sender),
	        ND_TEST(what_contradicts_a_protected_binding_is_dropped),
	        ND_TEST(a_hidden_contradiction_is_dropped),
	        ND_TEST(a_miss_is_reported_once_a_second_whichever_host_asks),
	        ND_TEST(a_scan_is_limited),
	};

	return cmocka_run_group_tests_name("bpf: neighbour discovery: notice", tests, NULL, NULL);
}
