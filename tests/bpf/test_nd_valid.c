// SPDX-License-Identifier: MIT
/*
 * Which messages are valid: RFC 4861 6.1.1, 7.1.1 and 7.1.2, one mistake at a time in an otherwise
 * ordinary message. What is not valid passes, and neither answers nor teaches.
 */
#include "nd_rig.h"

/* Both ways through the program: with the asker's option, and without. */
static struct nd known(struct rig *rig, bool with_option)
{
	struct nd nd = solicit(ASKER, ASKS, ASKED);

	nd_slots = 0;
	nd_bind(rig, ASKS, SLOT_DYNAMIC, 0, ASKER);
	nd_bind(rig, ASKED, SLOT_STATIC, SLOT_ANSWER, TARGET);
	nd.option_count = with_option;
	return nd;
}

static struct nd advert(uint8_t flags)
{
	return advertise(OTHER, "2001:db8::77", OWN, in6(ASKS), flags);
}

/* Not counted, whatever follows: it is not neighbour discovery for the program. */
static void ignores(struct rig *rig, struct nd nd)
{
	assert_int_equal(nd_send(rig, nd), XDP_PASS);
	assert_int_equal(counted(rig, ND_FRAMES), 0);
	assert_int_equal(rig->event_count, 0);
}

static void the_hop_limit_must_be_255(void **state)
{
	struct rig *rig = *state;
	uint8_t wrong[] = {0, 1, 64, 254};

	for (int option = 0; option < 2; option++)
		for (unsigned i = 0; i < sizeof(wrong); i++) {
			struct nd nd = known(rig, option);

			nd.hop_limit = wrong[i];
			nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
		}
}

static void the_code_must_be_0(void **state)
{
	struct rig *rig = *state;

	for (int option = 0; option < 2; option++) {
		struct nd nd = known(rig, option);

		nd.code = 1;
		nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	}
}

static void the_version_must_be_6(void **state)
{
	struct rig *rig = *state;

	for (int option = 0; option < 2; option++) {
		struct nd nd = known(rig, option);

		nd.version = 4;
		nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	}
}

static void the_checksum_must_be_right(void **state)
{
	struct rig *rig = *state;

	for (int option = 0; option < 2; option++)
		for (int bit = 0; bit < 16; bit++) {
			struct nd nd = known(rig, option);

			nd.sum_off = (uint16_t)(1 << bit);
			nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
		}
}

static void each_bit_under_the_checksum_matters(void **state)
{
	struct rig *rig = *state;
	struct nd nd = known(rig, true);
	uint8_t frame[FRAME_MAX];
	unsigned length = nd_write(frame, &nd);

	/* Addresses and the whole message; what comes before is in other tests. */
	for (unsigned bit = 8 * (14 + 8); bit < 8 * length; bit++) {
		frame[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(rig_send_bytes(rig, frame, length), XDP_PASS);
		if (counted(rig, ND_FRAMES))
			assert_int_equal(rig_verdict(rig),
			                 bit / 8 == 54 && rig->sent[54] != 136 &&
			                                 rig->sent[54] != 133
			                         ? COUNTER_ND_PASS_NOT_SOLICITATION
			                         : COUNTER_ND_PASS_MALFORMED);
		frame[bit / 8] ^= 1 << bit % 8;
	}
	assert_int_equal(rig_send_bytes(rig, frame, length), XDP_TX);
}

static void the_length_must_fit(void **state)
{
	struct rig *rig = *state;
	int wrong[] = {-32, -24, -16, -8, -7, -4, -1, 1, 4, 8, 16, 4096};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct nd nd = known(rig, true);

		/* A message of 24 bytes is whole. */
		if (wrong[i] == -8)
			continue;
		/* The checksum of what is there would be right, where it can be. */
		nd.length_off = wrong[i] < 0 ? wrong[i] : 0;
		if (wrong[i] < 0) {
			nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
		} else {
			uint8_t frame[FRAME_MAX];
			unsigned length = nd_write(frame, &nd);

			put16(frame + 18, (uint16_t)(32 + wrong[i]));
			assert_int_equal(rig_send_bytes(rig, frame, length), XDP_PASS);
			assert_int_equal(rig_verdict(rig), COUNTER_ND_PASS_MALFORMED);
		}
	}
}

static void a_frame_that_was_cut_is_malformed(void **state)
{
	struct rig *rig = *state;
	struct nd nd = known(rig, true);
	uint8_t frame[FRAME_MAX];
	unsigned length = nd_write(frame, &nd);

	for (unsigned cut = ETH_HLEN; cut < length; cut++) {
		assert_int_equal(rig_send_bytes(rig, frame, cut), XDP_PASS);
		/* Without the type it is any frame. */
		assert_int_equal(counted(rig, ND_FRAMES), cut > 54);
		assert_int_equal(counted(rig, ND_PASS_MALFORMED), cut > 54);
	}
}

static void the_target_must_be_a_hosts_address(void **state)
{
	/* The last would be the IPv4 address to the agent. */
	static const char *const wrong[] = {"ff02::1:ff00:b", "ff02::1", "::", "::ffff:10.0.0.5"};
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		nd_passes(rig, solicit(ASKER, ASKS, wrong[i]), PASS_MALFORMED, NO_EVENT);
		nd_passes(rig, advertise(ASKER, wrong[i], OWN, in6(ASKS), 0), PASS_MALFORMED,
		          NO_EVENT);
	}
}

static void the_source_must_be_a_hosts_address(void **state)
{
	static const char *const wrong[] = {"ff02::1", "::ffff:10.0.0.5"};
	struct rig *rig = *state;

	known(rig, true);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		nd_passes(rig, solicit(ASKER, wrong[i], ASKED), PASS_MALFORMED, NO_EVENT);
		nd_passes(rig, message(133, ASKER, wrong[i], in6("ff02::2")), PASS_MALFORMED,
		          NO_EVENT);
	}
}

static void the_unspecified_source_asks_the_solicited_node_group_only(void **state)
{
	static const char *const wrong[] = {ASKED, "ff02::1", "ff02::1:fe00:b", "ff05::1:ff00:b"};
	struct rig *rig = *state;
	struct nd nd;

	known(rig, true);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		nd = detect(ASKER, ASKED);
		nd.to = in6(wrong[i]);
		nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	}
	/* Valid, but for another address. */
	nd.to = in6("ff02::1:ff00:c");
	nd_passes(rig, nd, PASS_ELSEWHERE, NO_EVENT);
}

static void the_unspecified_source_has_no_link_layer_address(void **state)
{
	struct rig *rig = *state;
	struct nd nd = detect(ASKER, ASKED);

	known(rig, true);
	nd.options[nd.option_count++] = (struct option){1, 1, ASKER};
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	nd = message(133, ASKER, "::", in6("ff02::2"));
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, NO_EVENT);
	nd.options[nd.option_count++] = (struct option){1, 1, ASKER};
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
}

static void an_advertisement_to_a_group_is_unsolicited(void **state)
{
	struct rig *rig = *state;
	struct nd nd = advert(ND_SOLICITED_BIT);

	nd_passes(rig, nd, PASS_NOT_SOLICITATION, EVENT_HEARD);
	nd.to = in6("ff02::1");
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	rig_reset_throttle(rig);
	nd.flags = 0;
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, EVENT_HEARD);
}

static void an_option_has_a_length_that_fits(void **state)
{
	struct rig *rig = *state;
	struct nd nd = known(rig, true);

	nd.options[0].length = 0;
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	nd.options[0].length = 2; /* not Ethernet's */
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	nd.options[0] = (struct option){14, 4, ASKER};
	nd.length_off = -24; /* the message ends in the option */
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	nd = known(rig, true);
	nd.options[nd.option_count++] = (struct option){14, 0, ASKER};
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
}

static void eight_options_are_walked(void **state)
{
	struct rig *rig = *state;
	struct nd nd = known(rig, true);

	nd.option_count = 8;
	for (int i = 0; i < 7; i++)
		nd.options[i] = (struct option){14, 1, OTHER};
	nd.options[7] = (struct option){1, 1, ASKER};
	nd_answers(rig, nd, NO_EVENT);
	nd.options[8] = (struct option){14, 1, OTHER};
	nd.option_count = 9;
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
}

static void two_options_that_differ_are_none(void **state)
{
	struct rig *rig = *state;
	struct nd nd = known(rig, true);

	nd.options[nd.option_count++] = (struct option){1, 1, ASKER};
	nd_answers(rig, nd, NO_EVENT);
	nd.options[1].mac = OTHER;
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
	/* The target's option has no meaning in a solicitation. */
	nd.options[1].type = 2;
	nd_answers(rig, nd, NO_EVENT);
}

static void headers_between_ipv6_and_icmpv6_pass_and_so_fragments(void **state)
{
	struct rig *rig = *state;
	uint8_t next[] = {0, 43, 44, 60, 51, 6, 17, 1, 59};
	struct nd nd;

	for (unsigned i = 0; i < sizeof(next); i++) {
		nd = known(rig, true);
		nd.next = next[i];
		ignores(rig, nd);
	}
}

static void other_messages_of_icmpv6_pass(void **state)
{
	struct rig *rig = *state;
	uint8_t types[] = {1, 2, 128, 129, 130, 131, 132, 138, 143, 255};

	for (unsigned i = 0; i < sizeof(types); i++) {
		struct nd nd = known(rig, true);

		nd.type = types[i];
		ignores(rig, nd);
	}
}

static void a_router_solicitation_needs_eight_bytes(void **state)
{
	struct rig *rig = *state;
	struct nd nd = message(133, ASKER, "fe80::a", in6("ff02::2"));

	nd_passes(rig, nd, PASS_NOT_SOLICITATION, EVENT_HEARD);
	nd.length_off = -8;
	nd_passes(rig, nd, PASS_MALFORMED, NO_EVENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ND_TEST(the_hop_limit_must_be_255),
	        ND_TEST(the_code_must_be_0),
	        ND_TEST(the_version_must_be_6),
	        ND_TEST(the_checksum_must_be_right),
	        ND_TEST(each_bit_under_the_checksum_matters),
	        ND_TEST(the_length_must_fit),
	        ND_TEST(a_frame_that_was_cut_is_malformed),
	        ND_TEST(the_target_must_be_a_hosts_address),
	        ND_TEST(the_source_must_be_a_hosts_address),
	        ND_TEST(the_unspecified_source_asks_the_solicited_node_group_only),
	        ND_TEST(the_unspecified_source_has_no_link_layer_address),
	        ND_TEST(an_advertisement_to_a_group_is_unsolicited),
	        ND_TEST(an_option_has_a_length_that_fits),
	        ND_TEST(eight_options_are_walked),
	        ND_TEST(two_options_that_differ_are_none),
	        ND_TEST(headers_between_ipv6_and_icmpv6_pass_and_so_fragments),
	        ND_TEST(other_messages_of_icmpv6_pass),
	        ND_TEST(a_router_solicitation_needs_eight_bytes),
	};

	return cmocka_run_group_tests_name("bpf: neighbour discovery: valid", tests, NULL, NULL);
}
