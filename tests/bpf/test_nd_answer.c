// SPDX-License-Identifier: MIT
/* Which solicitations the program answers, from which slots, and what the advertisement contains.
 */
#include "nd_rig.h"

/* The asker is known, so that only the target counts. */
static struct nd ask(struct rig *rig, enum slot_state state, uint8_t flags, struct mac mac)
{
	nd_slots = 0;
	nd_bind(rig, ASKS, SLOT_DYNAMIC, 0, ASKER);
	nd_bind(rig, ASKED, state, flags, mac)->used = 0;
	return solicit(ASKER, ASKS, ASKED);
}

static struct nd ask_dad(struct rig *rig, enum slot_state state, uint8_t flags, struct mac mac)
{
	ask(rig, state, flags, mac);
	return detect(ASKER, ASKED);
}

/* The advertisement for ASKED, from this interface. */
static struct nd answer(const char *to, uint8_t flags)
{
	struct nd nd = advertise(TARGET, ASKED, ASKER, in6(to), flags);

	nd.source = OWN;
	return nd;
}

static void the_advertisement_comes_from_the_interfaces_mac_and_the_targets_address(void **state)
{
	struct rig *rig = *state;

	nd_answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), NO_EVENT);
	nd_reply_is(rig, answer(ASKS, ND_SOLICITED_BIT), 0);
}

static void the_advertisement_comes_from_the_targets_mac_if_so_configured(void **state)
{
	struct rig *rig = *state;
	struct nd wanted = answer(ASKS, ND_SOLICITED_BIT);

	rig->port->config[0].flags = PORT_REPLY_AS_TARGET;
	wanted.source = TARGET;
	nd_answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), NO_EVENT);
	nd_reply_is(rig, wanted, 0);
}

static void the_advertisement_is_redirected_if_so_configured(void **state)
{
	struct rig *rig = *state;

	rig->port->config[0].flags = PORT_REDIRECT;
	rig_check(rig, nd_send(rig, ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET)), XDP_REDIRECT,
	          COUNTER_ND_ANSWERED, NO_EVENT, __FILE__, __LINE__);
	nd_reply_is(rig, answer(ASKS, ND_SOLICITED_BIT), 0);
}

static void r_and_o_are_the_slots_flags(void **state)
{
	struct rig *rig = *state;

	nd_answers(rig, ask(rig, SLOT_STATIC, SLOT_ANSWER | SLOT_OVERRIDE, TARGET), NO_EVENT);
	nd_reply_is(rig, answer(ASKS, ND_SOLICITED_BIT | ND_OVERRIDE_BIT), 0);
	nd_answers(rig, ask(rig, SLOT_STATIC, SLOT_ANSWER | SLOT_ROUTER, TARGET), NO_EVENT);
	nd_reply_is(rig, answer(ASKS, ND_SOLICITED_BIT | ND_ROUTER_BIT), 0);
}

static void duplicate_address_detection_of_a_declared_address_is_answered_to_all_nodes(void **state)
{
	struct rig *rig = *state;
	struct nd wanted = answer("ff02::1", ND_OVERRIDE_BIT);

	wanted.destination = (struct mac){{0x33, 0x33, 0, 0, 0, 1}};
	nd_answers(rig, ask_dad(rig, SLOT_STATIC, SLOT_ANSWER | SLOT_OVERRIDE, TARGET),
	           EVENT_HEARD);
	assert_int_equal(rig->out_length, 86); /* it was 78 */
	nd_reply_is(rig, wanted, 0);
	nd_event_is(rig,
	            (struct event){.kind = EVENT_HEARD,
	                           .slot = 1,
	                           .mac = {0x02, 0, 0x5e, 0x10, 0x20, 0x0a},
	                           .source = {0x02, 0, 0x5e, 0x10, 0x20, 0x0a},
	                           .opcode = 135,
	                           .flags = EVENT_DAD},
	            ASKED, "::");
	rig_reset_throttle(rig);
	nd_answers(rig, ask_dad(rig, SLOT_LOCAL, SLOT_ANSWER, TARGET), EVENT_HEARD);
}

static void duplicate_address_detection_of_a_learned_address_passes(void **state)
{
	struct rig *rig = *state;

	nd_passes(rig, ask_dad(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), PASS_PROBE, NO_EVENT);
	nd_passes(rig, ask_dad(rig, SLOT_STALE, SLOT_ANSWER, TARGET), PASS_PROBE, NO_EVENT);
	nd_passes(rig, ask_dad(rig, SLOT_DEAD, SLOT_ANSWER | SLOT_SPONGE, TARGET), PASS_PROBE,
	          NO_EVENT);
	nd_passes(rig, ask_dad(rig, SLOT_EMPTY, 0, MAC_ZERO), PASS_MISS, NO_EVENT);
	nd_passes(rig, detect(ASKER, "2001:db8::77"), PASS_MISS, NO_EVENT);
}

static void duplicate_address_detection_by_the_owner_passes(void **state)
{
	struct rig *rig = *state;

	nd_passes(rig, ask_dad(rig, SLOT_STATIC, SLOT_ANSWER, ASKER), PASS_OWNER, NO_EVENT);
}

static void a_solicitation_without_a_link_layer_address_grows(void **state)
{
	struct rig *rig = *state;
	struct nd nd = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET);

	nd.option_count = 0;
	nd_answers(rig, nd, NO_EVENT);
	nd_reply_is(rig, answer(ASKS, ND_SOLICITED_BIT), 0);
	/* Padding is room: of some of it, of all of it, and more. */
	for (nd.padding = 1; nd.padding < 12; nd.padding++) {
		nd_answers(rig, nd, NO_EVENT);
		nd_reply_is(rig, answer(ASKS, ND_SOLICITED_BIT),
		            nd.padding > 8 ? nd.padding - 8 : 0);
	}
}

/* RFC 7527's nonce, for example. What it leaves behind is padding. */
static void other_options_do_not_matter(void **state)
{
	struct rig *rig = *state;
	struct nd nd = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET);

	nd.options[nd.option_count++] = (struct option){14, 1, OTHER};
	nd_answers(rig, nd, NO_EVENT);
	nd_reply_is(rig, answer(ASKS, ND_SOLICITED_BIT), 8);
	nd.options[0] = (struct option){14, 2, OTHER};
	nd.options[1] = (struct option){1, 1, ASKER};
	nd_answers(rig, nd, NO_EVENT);
	nd_reply_is(rig, answer(ASKS, ND_SOLICITED_BIT), 16);
}

static void tags_are_kept(void **state)
{
	struct rig *rig = *state;
	struct nd nd = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), wanted = answer(ASKS, 0x40);

	nd.tags[0] = wanted.tags[0] = (struct tag){0x88a8, 0x6000 | 100};
	nd.tags[1] = wanted.tags[1] = (struct tag){0x8100, 200};
	nd.tag_count = wanted.tag_count = 2;
	nd_answers(rig, nd, NO_EVENT);
	nd_reply_is(rig, wanted, 0);
	/* And where the frame grows. */
	nd.option_count = 0;
	nd_answers(rig, nd, NO_EVENT);
	nd_reply_is(rig, wanted, 0);
	/* Three are not parsed. */
	nd.tags[2] = (struct tag){0x8100, 1};
	nd.tag_count = 3;
	assert_int_equal(nd_send(rig, nd), XDP_PASS);
	assert_int_equal(counted(rig, ND_FRAMES), 0);
}

static void each_state_and_flag_has_its_verdict(void **state)
{
	struct rig *rig = *state;

	for (int slot_state = 0; slot_state <= SLOT_STATES + 1; slot_state++) {
		for (unsigned flags = 0; flags <= SLOT_FLAGS; flags++) {
			bool held = slot_state >= SLOT_DYNAMIC && slot_state <= SLOT_STALE;
			bool sponge = slot_state == SLOT_DEAD && flags & SLOT_SPONGE &&
			              flags & SLOT_ANSWER;
			struct nd nd = ask(rig, slot_state, flags, TARGET);

			rig_reset_throttle(rig);
			if (!held && !sponge)
				nd_passes(rig, nd, PASS_MISS,
				          slot_state == SLOT_EMPTY ? EVENT_MISS : NO_EVENT);
			else if (!(flags & SLOT_ANSWER))
				nd_passes(rig, nd, PASS_UNANSWERED, NO_EVENT);
			else
				nd_answers(rig, nd,
				           sponge                     ? EVENT_SPONGED
				           : slot_state == SLOT_LOCAL ? EVENT_LOCAL
				                                      : NO_EVENT);
		}
	}
}

static void an_invalid_mac_is_never_in_an_answer(void **state)
{
	struct rig *rig = *state;

	for (int slot_state = SLOT_DYNAMIC; slot_state <= SLOT_STALE; slot_state++) {
		nd_passes(rig, ask(rig, slot_state, SLOT_ANSWER, MAC_ZERO), PASS_UNANSWERED,
		          NO_EVENT);
		nd_passes(rig, ask(rig, slot_state, SLOT_ANSWER, MAC_MULTICAST), PASS_UNANSWERED,
		          NO_EVENT);
	}
}

static void unreachability_detection_of_another_host_passes(void **state)
{
	struct rig *rig = *state;
	struct nd nd = ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET);

	nd.to = in6(ASKED);
	nd.destination = TARGET;
	nd_passes(rig, nd, PASS_ELSEWHERE, NO_EVENT);
	/* To this interface it is for us: we answer for the address. */
	nd.destination = OWN;
	nd_answers(rig, nd, NO_EVENT);
	nd.option_count = 0;
	nd_answers(rig, nd, NO_EVENT);
}

static void a_packet_for_another_group_or_host_passes(void **state)
{
	static const char *const others[] = {"ff02::1", "ff02::2", "ff02::1:ff00:c", "2001:db8::c",
	                                     "ff05::1:ff00:b"};
	struct rig *rig = *state;
	struct nd nd = ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET);

	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		nd.to = in6(others[i]);
		nd_passes(rig, nd, PASS_ELSEWHERE, NO_EVENT);
	}
}

static void an_owner_that_asks_for_its_own_address_is_not_answered(void **state)
{
	struct rig *rig = *state;

	nd_passes(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, ASKER), PASS_OWNER, NO_EVENT);
	ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET);
	nd_passes(rig, solicit(TARGET, ASKED, ASKED), PASS_OWNER, NO_EVENT);
}

static void a_segment_has_its_own_addresses(void **state)
{
	struct rig *rig = *state;
	struct nd nd = ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET);

	nd.tags[nd.tag_count++] = (struct tag){0x8100, 7};
	rig_events_drop(rig);
	assert_int_equal(nd_send(rig, nd), XDP_PASS);
	assert_int_equal(rig_verdict(rig), COUNTER_ND_PASS_MISS);
	nd_index(rig, 5, ASKED, 1);
	nd_index(rig, 5, ASKS, 0);
	nd_answers(rig, nd, NO_EVENT);
	nd.tags[0].tci = 8;
	nd_passes(rig, nd, PASS_OFF_LINK, NO_EVENT);
	assert_int_equal(counted(rig, HEARD_FOREIGN), 1);
}

static void a_target_off_link_passes(void **state)
{
	struct rig *rig = *state;

	ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET);
	nd_passes(rig, solicit(ASKER, ASKS, "2001:db8:0:1::b"), PASS_OFF_LINK, NO_EVENT);
	/* What the agent put into the table is on-link. */
	nd_bind(rig, "2001:db8:0:1::b", SLOT_STATIC, SLOT_ANSWER, TARGET);
	nd_answers(rig, solicit(ASKER, ASKS, "2001:db8:0:1::b"), NO_EVENT);
	/* A slot beyond the table is none. */
	nd_index(rig, SEG, "2001:db8:0:1::b", RIG_SLOTS);
	nd_passes(rig, solicit(ASKER, ASKS, "2001:db8:0:1::b"), PASS_OFF_LINK, NO_EVENT);
}

static void learned_bindings_are_not_answered_when_the_agent_is_silent(void **state)
{
	struct rig *rig = *state;

	rig->port->silence = 10;
	rig_settle();
	rig->port->heartbeat = rig_now() - 11;
	nd_passes(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), PASS_WATCHDOG, NO_EVENT);
	nd_passes(rig, ask(rig, SLOT_STALE, SLOT_ANSWER, TARGET), PASS_WATCHDOG, NO_EVENT);
	nd_answers(rig, ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET), NO_EVENT);
	rig->port->heartbeat = rig_now() - 10;
	nd_answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), NO_EVENT);
}

static void an_answer_stamps_the_slot(void **state)
{
	struct rig *rig = *state;
	struct nd nd = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET);
	uint32_t before = rig_now();

	nd_answers(rig, nd, NO_EVENT);
	assert_in_range(rig->slots[1].used, before, rig_now());
	assert_in_range(rig->slots[0].seen, before, rig_now());
	rig->slots[1].used = rig->slots[0].seen = 0;
	nd.option_count = 0; /* the other way through the program */
	nd_answers(rig, nd, NO_EVENT);
	assert_in_range(rig->slots[1].used, before, rig_now());
	assert_in_range(rig->slots[0].seen, before, rig_now());
}

/* A checksum whose sum has every carry: addresses and MACs of many bits. */
static void the_checksum_is_right_for_any_address(void **state)
{
	struct rig *rig = *state;
	struct mac mac = {{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}};
	char target[64], asker[64];
	struct nd nd, wanted;

	for (unsigned i = 0; i < 2000; i++) {
		nd_slots = 0;
		snprintf(target, sizeof(target), "2001:db8::%x:%x:ffff:%x", i * 37 & 0xffff,
		         0xffff - i, i * i & 0xffff);
		snprintf(asker, sizeof(asker), "fe80::%x:ffff:%x:1", 0xffff - i * 3, i);
		mac.byte[5] = (uint8_t)i;
		nd_bind(rig, asker, SLOT_DYNAMIC, 0, ASKER);
		nd_bind(rig, target, SLOT_DYNAMIC, SLOT_ANSWER | (i & 1 ? SLOT_OVERRIDE : 0), mac);
		nd = solicit(ASKER, asker, target);
		nd.option_count = i % 3 != 0;
		wanted = advertise(mac, target, ASKER, in6(asker),
		                   ND_SOLICITED_BIT | (i & 1 ? ND_OVERRIDE_BIT : 0));
		wanted.source = OWN;
		nd_answers(rig, nd, NO_EVENT);
		nd_reply_is(rig, wanted, 0);
		index6_renew(rig->index6, RIG_SLOTS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ND_TEST(the_advertisement_comes_from_the_interfaces_mac_and_the_targets_address),
	        ND_TEST(the_advertisement_comes_from_the_targets_mac_if_so_configured),
	        ND_TEST(the_advertisement_is_redirected_if_so_configured),
	        ND_TEST(r_and_o_are_the_slots_flags),
	        ND_TEST(duplicate_address_detection_of_a_declared_address_is_answered_to_all_nodes),
	        ND_TEST(duplicate_address_detection_of_a_learned_address_passes),
	        ND_TEST(duplicate_address_detection_by_the_owner_passes),
	        ND_TEST(a_solicitation_without_a_link_layer_address_grows),
	        ND_TEST(other_options_do_not_matter),
	        ND_TEST(tags_are_kept),
	        ND_TEST(each_state_and_flag_has_its_verdict),
	        ND_TEST(an_invalid_mac_is_never_in_an_answer),
	        ND_TEST(unreachability_detection_of_another_host_passes),
	        ND_TEST(a_packet_for_another_group_or_host_passes),
	        ND_TEST(an_owner_that_asks_for_its_own_address_is_not_answered),
	        ND_TEST(a_segment_has_its_own_addresses),
	        ND_TEST(a_target_off_link_passes),
	        ND_TEST(learned_bindings_are_not_answered_when_the_agent_is_silent),
	        ND_TEST(an_answer_stamps_the_slot),
	        ND_TEST(the_checksum_is_right_for_any_address),
	};

	return cmocka_run_group_tests_name("bpf: neighbour discovery: answer", tests, NULL, NULL);
}
