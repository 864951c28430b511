// SPDX-License-Identifier: MIT
/* Which requests the program answers, from which slots, and what the reply contains. */
#include "rig.h"

#define ASKER   MAC(0x0a)
#define TARGET  MAC(0x0b)
#define ASKING  IP(10, 0, 0, 10)
#define ASKED   IP(10, 0, 0, 11)
#define NO_HOST IP(0, 0, 0, 0)
#define SLOT_OF 11

/* The asker is known, so that only the target counts. */
static struct arp ask(struct rig *rig, enum slot_state state, uint8_t flags, struct mac mac)
{
	rig_bind(rig, 10, SLOT_DYNAMIC, 0, ASKER);
	rig_bind(rig, SLOT_OF, state, flags, mac);
	rig->slots[SLOT_OF].used = 0;
	return request(ASKER, ASKING, ASKED);
}

static struct arp ask_probe(struct rig *rig, enum slot_state state, uint8_t flags, struct mac mac)
{
	struct arp arp = ask(rig, state, flags, mac);

	arp.spa = NO_HOST;
	return arp;
}

static void reply_is(const struct rig *rig, struct arp wanted)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = frame_write(frame, &wanted);

	assert_int_equal(rig->out_length, length);
	assert_memory_equal(rig->out, frame, length);
}

static void the_reply_comes_from_the_interfaces_mac(void **state)
{
	struct rig *rig = *state;
	struct arp wanted = reply(TARGET, ASKED, ASKER, ASKING);

	wanted.source = OWN;
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), NO_EVENT);
	reply_is(rig, wanted);
}

static void the_reply_comes_from_the_targets_mac_if_so_configured(void **state)
{
	struct rig *rig = *state;

	rig->port->config[0].flags = PORT_REPLY_AS_TARGET;
	answers(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), NO_EVENT);
	reply_is(rig, reply(TARGET, ASKED, ASKER, ASKING));
}

static void the_reply_is_redirected_if_so_configured(void **state)
{
	struct rig *rig = *state;
	struct arp wanted = reply(TARGET, ASKED, ASKER, ASKING);

	wanted.source = OWN;
	rig->port->config[0].flags = PORT_REDIRECT;
	rig_check(rig, rig_send(rig, ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET)), XDP_REDIRECT,
	          COUNTER_ANSWERED, NO_EVENT, __FILE__, __LINE__);
	reply_is(rig, wanted);
}

static void the_reply_to_a_probe_is_for_address_zero(void **state)
{
	struct rig *rig = *state;
	struct arp wanted = reply(TARGET, ASKED, ASKER, NO_HOST);

	wanted.source = OWN;
	answers(rig, ask_probe(rig, SLOT_STATIC, SLOT_ANSWER, TARGET), NO_EVENT);
	reply_is(rig, wanted);
}

static void the_requests_own_tha_does_not_matter(void **state)
{
	struct rig *rig = *state;
	struct arp wanted = reply(TARGET, ASKED, ASKER, ASKING);
	struct arp arp = ask(rig, SLOT_STALE, SLOT_ANSWER, TARGET);

	wanted.source = OWN;
	arp.tha = MAC_BROADCAST;
	answers(rig, arp, NO_EVENT);
	reply_is(rig, wanted);
}

/* The verdict of a request, and of a probe, for a slot in each state, with each set of flags. */
static void each_state_and_flag_has_its_verdict(void **state)
{
	struct rig *rig = *state;

	for (int slot_state = 0; slot_state <= SLOT_STATES + 1; slot_state++) {
		for (unsigned flags = 0; flags <= SLOT_FLAGS; flags++) {
			bool held = slot_state >= SLOT_DYNAMIC && slot_state <= SLOT_STALE;
			bool sponge = slot_state == SLOT_DEAD && flags & SLOT_SPONGE &&
			              flags & SLOT_ANSWER;
			bool declared = slot_state == SLOT_STATIC || slot_state == SLOT_LOCAL;

			if (!held && !sponge) {
				unsigned event = slot_state == SLOT_EMPTY ? EVENT_MISS : NO_EVENT;

				passes(rig, ask_probe(rig, slot_state, flags, TARGET), PASS_MISS,
				       NO_EVENT);
				passes(rig, ask(rig, slot_state, flags, TARGET), PASS_MISS, event);
			} else if (!(flags & SLOT_ANSWER)) {
				passes(rig, ask_probe(rig, slot_state, flags, TARGET),
				       PASS_UNANSWERED, NO_EVENT);
				passes(rig, ask(rig, slot_state, flags, TARGET), PASS_UNANSWERED,
				       NO_EVENT);
			} else {
				if (declared)
					answers(rig, ask_probe(rig, slot_state, flags, TARGET),
					        NO_EVENT);
				else
					passes(rig, ask_probe(rig, slot_state, flags, TARGET),
					       PASS_PROBE, NO_EVENT);
				/*
				 * The program also reports the sponge's askers, and those of the
				 * host's own address.
				 */
				rig_reset_throttle(rig);
				answers(rig, ask(rig, slot_state, flags, TARGET),
				        sponge                     ? EVENT_SPONGED
				        : slot_state == SLOT_LOCAL ? EVENT_LOCAL
				                                   : NO_EVENT);
				assert_int_equal(counted(rig, SPONGED), sponge);
			}
		}
	}
}

static void an_invalid_mac_is_never_in_an_answer(void **state)
{
	struct rig *rig = *state;

	for (int slot_state = SLOT_DYNAMIC; slot_state <= SLOT_STALE; slot_state++) {
		passes(rig, ask(rig, slot_state, SLOT_ANSWER, MAC_ZERO), PASS_UNANSWERED, NO_EVENT);
		passes(rig, ask(rig, slot_state, SLOT_ANSWER, MAC_BROADCAST), PASS_UNANSWERED,
		       NO_EVENT);
		passes(rig, ask(rig, slot_state, SLOT_ANSWER, MAC_MULTICAST), PASS_UNANSWERED,
		       NO_EVENT);
	}
	passes(rig, ask(rig, SLOT_DEAD, SLOT_ANSWER | SLOT_SPONGE, MAC_ZERO), PASS_UNANSWERED,
	       NO_EVENT);
}

static void an_announcement_passes(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, ASKER);

	arp.spa = ASKED;
	passes(rig, arp, PASS_GRATUITOUS, NO_EVENT);
	/* Even where it contradicts the table, and the destination is this interface. */
	rig_bind(rig, SLOT_OF, SLOT_STATIC, SLOT_ANSWER, TARGET);
	arp.destination = OWN;
	passes(rig, arp, PASS_GRATUITOUS, EVENT_HEARD);
	/* An announcement of address zero makes no sense, but equal is equal. */
	arp.spa = arp.tpa = NO_HOST;
	passes(rig, arp, PASS_GRATUITOUS, NO_EVENT);
	arp.spa = arp.tpa = IP(8, 8, 8, 8);
	passes(rig, arp, PASS_GRATUITOUS, EVENT_BOGON);
}

static void a_unicast_request_to_this_interface_is_answered(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET);

	arp.destination = OWN;
	answers(rig, arp, NO_EVENT);
}

static void a_unicast_request_to_another_host_passes(void **state)
{
	struct rig *rig = *state;
	struct mac others[] = {TARGET, ASKER, MAC_ZERO, MAC_MULTICAST, MAC(0x00), MAC(0x81)};
	struct arp arp = ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET);

	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		arp.destination = others[i];
		passes(rig, arp, PASS_ELSEWHERE, NO_EVENT);
	}
	/* One bit away from broadcast, and from this interface's MAC. */
	for (unsigned bit = 0; bit < 48; bit++) {
		arp.destination = MAC_BROADCAST;
		arp.destination.byte[bit / 8] ^= 1 << bit % 8;
		passes(rig, arp, PASS_ELSEWHERE, NO_EVENT);
		arp.destination = OWN;
		arp.destination.byte[bit / 8] ^= 1 << bit % 8;
		passes(rig, arp, PASS_ELSEWHERE, NO_EVENT);
	}
}

static void an_owner_that_asks_for_its_own_address_is_not_answered(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask_probe(rig, SLOT_STATIC, SLOT_ANSWER, TARGET);

	arp.sha = arp.source = TARGET;
	passes(rig, arp, PASS_OWNER, NO_EVENT);
	arp = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, ASKER);
	passes(rig, arp, PASS_OWNER, NO_EVENT);
}

static void a_request_for_an_address_off_link_passes(void **state)
{
	struct rig *rig = *state;
	uint32_t others[] = {IP(10, 0, 1, 0),       IP(9, 255, 255, 255), IP(192, 168, 4, 4),
	                     IP(192, 168, 3, 255),  IP(172, 16, 0, 1),    IP(0, 0, 0, 0),
	                     IP(255, 255, 255, 255)};
	struct arp arp = ask(rig, SLOT_EMPTY, 0, MAC_ZERO);

	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		arp.tpa = others[i];
		passes(rig, arp, PASS_OFF_LINK, NO_EVENT);
	}
}

static void a_prefixs_first_and_last_address_are_slots_like_others(void **state)
{
	static const struct {
		uint32_t address, slot;
	} corners[] = {
	        {IP(10, 0, 0, 0), 0},
	        {IP(10, 0, 0, 255), 255},
	        {IP(192, 168, 4, 0), 256},
	        {IP(192, 168, 4, 3), 259},
	};
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_EMPTY, 0, MAC_ZERO);

	for (unsigned i = 0; i < sizeof(corners) / sizeof(*corners); i++) {
		arp.tpa = corners[i].address;
		passes(rig, arp, PASS_MISS, EVENT_MISS);
		assert_int_equal(rig->events[0].slot, corners[i].slot);
		rig_bind(rig, corners[i].slot, SLOT_STATIC, SLOT_ANSWER, TARGET);
		answers(rig, arp, NO_EVENT);
	}
}

static void all_sixteen_prefixes_are_searched(void **state)
{
	struct rig *rig = *state;
	struct port_config *config = &rig->port->config[0];
	struct arp arp = ask(rig, SLOT_EMPTY, 0, MAC_ZERO);

	arp.spa = IP(10, 1, 0, 0);
	config->prefixes = 0;
	for (int i = 0; i < PORT_PREFIXES_MAX; i++)
		rig_prefix(config, IP(10, i, 0, 0), 32, 0, i);
	rig_bind(rig, 1, SLOT_DYNAMIC, 0, ASKER);
	for (int i = 2; i < PORT_PREFIXES_MAX; i++) {
		arp.tpa = IP(10, i, 0, 0);
		rig_bind(rig, i, SLOT_STATIC, SLOT_ANSWER, TARGET);
		answers(rig, arp, NO_EVENT);
	}
	/* A count that is too large reads nothing beyond the array. */
	config->prefixes = PORT_PREFIXES_MAX + 1;
	arp.tpa = IP(10, 16, 0, 0);
	passes(rig, arp, PASS_OFF_LINK, NO_EVENT);
	config->prefixes = PORT_PREFIXES_MAX - 1;
	arp.tpa = IP(10, 15, 0, 0);
	passes(rig, arp, PASS_OFF_LINK, NO_EVENT);
	config->prefixes = 0;
	arp.tpa = IP(10, 2, 0, 0);
	passes(rig, arp, PASS_OFF_LINK, NO_EVENT);
}

static void a_slot_beyond_the_table_is_off_link(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_EMPTY, 0, MAC_ZERO);

	rig->port->config[0].prefix[1].base = RIG_SLOTS - 1;
	arp.tpa = IP(192, 168, 4, 0);
	passes(rig, arp, PASS_MISS, EVENT_MISS);
	arp.tpa = IP(192, 168, 4, 1);
	passes(rig, arp, PASS_OFF_LINK, NO_EVENT);
	rig->port->config[0].prefix[1].base = 0xfffffffe;
	passes(rig, arp, PASS_OFF_LINK, NO_EVENT);
}

static void the_active_configuration_counts(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_STATIC, SLOT_ANSWER, TARGET);

	rig->port->active = 1;
	passes(rig, arp, PASS_OFF_LINK, NO_EVENT);
	rig->port->config[1] = rig->port->config[0];
	rig->port->config[1].mac[5] = 0x99;
	answers(rig, arp, NO_EVENT);
	assert_int_equal(rig->out[11], 0x99);
	rig->port->active = 2;
	answers(rig, arp, NO_EVENT);
	assert_int_equal(rig->out[11], 0x01);
}

static void an_answer_stamps_the_slot(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET);
	uint32_t before = rig_now();

	answers(rig, arp, NO_EVENT);
	assert_in_range(rig->slots[SLOT_OF].used, before, rig_now());
	assert_int_equal(rig->slots[SLOT_OF].seen, 0);
	assert_in_range(rig->slots[10].seen, before, rig_now());
	assert_int_equal(rig->slots[10].used, 0);
}

static void an_unanswered_frame_stamps_nothing(void **state)
{
	struct rig *rig = *state;

	passes(rig, ask(rig, SLOT_DYNAMIC, 0, TARGET), PASS_UNANSWERED, NO_EVENT);
	assert_int_equal(rig->slots[SLOT_OF].used, 0);
	passes(rig, ask_probe(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET), PASS_PROBE, NO_EVENT);
	assert_int_equal(rig->slots[SLOT_OF].used, 0);
	passes(rig, ask_probe(rig, SLOT_EMPTY, 0, MAC_ZERO), PASS_MISS, NO_EVENT);
	assert_int_equal(rig->slots[SLOT_OF].used, 0);
	passes(rig, ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, ASKER), PASS_OWNER, NO_EVENT);
	assert_int_equal(rig->slots[SLOT_OF].used, 0);
}

static void a_request_from_a_foreign_address_is_answered(void **state)
{
	struct rig *rig = *state;
	struct arp arp = ask(rig, SLOT_DYNAMIC, SLOT_ANSWER, TARGET);

	arp.spa = IP(203, 0, 113, 9);
	answers(rig, arp, EVENT_BOGON);
	assert_int_equal(counted(rig, HEARD_FOREIGN), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        RIG_TEST(the_reply_comes_from_the_interfaces_mac),
	        RIG_TEST(the_reply_comes_from_the_targets_mac_if_so_configured),
	        RIG_TEST(the_reply_is_redirected_if_so_configured),
	        RIG_TEST(the_reply_to_a_probe_is_for_address_zero),
	        RIG_TEST(the_requests_own_tha_does_not_matter),
	        RIG_TEST(each_state_and_flag_has_its_verdict),
	        RIG_TEST(an_invalid_mac_is_never_in_an_answer),
	        RIG_TEST(an_announcement_passes),
	        RIG_TEST(a_unicast_request_to_this_interface_is_answered),
	        RIG_TEST(a_unicast_request_to_another_host_passes),
	        RIG_TEST(an_owner_that_asks_for_its_own_address_is_not_answered),
	        RIG_TEST(a_request_for_an_address_off_link_passes),
	        RIG_TEST(a_prefixs_first_and_last_address_are_slots_like_others),
	        RIG_TEST(all_sixteen_prefixes_are_searched),
	        RIG_TEST(a_slot_beyond_the_table_is_off_link),
	        RIG_TEST(the_active_configuration_counts),
	        RIG_TEST(an_answer_stamps_the_slot),
	        RIG_TEST(an_unanswered_frame_stamps_nothing),
	        RIG_TEST(a_request_from_a_foreign_address_is_answered),
	};

	return cmocka_run_group_tests_name("bpf: answer", tests, NULL, NULL);
}
