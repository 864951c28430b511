// SPDX-License-Identifier: MIT
/* Which frames the program takes for ARP: lengths, tags, types. */
#include "rig.h"

#define ASKER  MAC(0x0a)
#define TARGET MAC(0x0b)

/* Every broadcast domain that has the address 10.0.0.11 knows it. */
static struct arp known_request(struct rig *rig)
{
	rig_bind(rig, 10, SLOT_DYNAMIC, 0, ASKER);
	rig_bind(rig, 11, SLOT_STATIC, SLOT_ANSWER, TARGET);
	rig_bind(rig, 270, SLOT_DYNAMIC, 0, ASKER);
	rig_bind(rig, 271, SLOT_STATIC, SLOT_ANSWER, TARGET);
	return request(ASKER, IP(10, 0, 0, 10), IP(10, 0, 0, 11));
}

static void nothing_was_counted(struct rig *rig)
{
	for (int i = 0; i < COUNTERS; i++)
		assert_int_equal(rig->counted[i], 0);
	assert_int_equal(rig->event_count, 0);
	assert_memory_equal(rig->sent, rig->out, rig->out_length);
}

static void a_request_of_42_bytes_is_answered(void **state)
{
	struct rig *rig = *state;

	answers(rig, known_request(rig), NO_EVENT);
	assert_int_equal(rig->out_length, 42);
}

/* The kernel runs the program on at least an Ethernet header. */
static void a_frame_cut_at_any_length_passes(void **state)
{
	struct rig *rig = *state;

	for (int tags = 0; tags <= 2; tags++) {
		struct arp arp = known_request(rig);
		uint8_t frame[FRAME_MAX];
		unsigned header = 14 + 4 * tags, whole;

		for (int i = 0; i < tags; i++)
			arp = tagged(arp, 0x8100, 0);
		whole = frame_write(frame, &arp);
		for (unsigned length = 0; length < 14; length++)
			assert_int_equal(rig_run(rig, frame, length, 1), -EINVAL);
		for (unsigned length = 14; length < whole; length++) {
			int action = rig_send_bytes(rig, frame, length);

			if (length < header) {
				assert_int_equal(action, XDP_PASS);
				nothing_was_counted(rig);
			} else {
				rig_check(rig, action, XDP_PASS, COUNTER_PASS_MALFORMED, NO_EVENT,
				          __FILE__, __LINE__);
			}
		}
		assert_int_equal(rig_send_bytes(rig, frame, whole), XDP_TX);
	}
}

static void padding_of_any_length_is_kept(void **state)
{
	struct rig *rig = *state;
	struct arp arp = known_request(rig);
	uint8_t frame[FRAME_MAX];
	unsigned whole = frame_write(frame, &arp);

	memset(frame + whole, 0xa5, sizeof(frame) - whole);
	for (unsigned length = whole; length <= 128; length++) {
		assert_int_equal(rig_send_bytes(rig, frame, length), XDP_TX);
		assert_int_equal(rig->out_length, length);
		assert_memory_equal(rig->out + whole, frame + whole, length - whole);
	}
}

static void a_frame_that_is_not_arp_passes_uncounted(void **state)
{
	static const uint16_t types[] = {0x0000, 0x0026, 0x05dc, 0x0800, 0x0805, 0x0807, 0x8035,
	                                 0x86dd, 0x88cc, 0x9100, 0x9200, 0x0608, 0x0081, 0xffff};
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		for (int tags = 0; tags <= 2; tags++) {
			struct arp arp = known_request(rig);
			uint8_t frame[FRAME_MAX];
			unsigned length;

			for (int j = 0; j < tags; j++)
				arp = tagged(arp, 0x8100, 0);
			length = frame_write(frame, &arp);
			put16(frame + length - ARP_LENGTH - 2, types[i]);
			assert_int_equal(rig_send_bytes(rig, frame, length), XDP_PASS);
			nothing_was_counted(rig);
		}
	}
}

static void other_hardware_and_protocols_pass_as_malformed(void **state)
{
	struct rig *rig = *state;
	struct arp arp;

	for (unsigned bit = 0; bit < 48; bit++) {
		uint8_t frame[FRAME_MAX];
		unsigned length;

		arp = known_request(rig);
		length = frame_write(frame, &arp);
		frame[14 + bit / 8] ^= 1 << bit % 8;
		rig_check(rig, rig_send_bytes(rig, frame, length), XDP_PASS, COUNTER_PASS_MALFORMED,
		          NO_EVENT, __FILE__, __LINE__);
	}
	arp = known_request(rig);
	arp.htype = 6; /* IEEE 802: seen in the wild, ignored by Linux on Ethernet too */
	passes(rig, arp, PASS_MALFORMED, NO_EVENT);
	arp = known_request(rig);
	arp.hlen = 0;
	arp.plen = 255;
	passes(rig, arp, PASS_MALFORMED, NO_EVENT);
}

static void only_opcode_request_is_answered(void **state)
{
	static const uint16_t opcodes[] = {0, 2, 3, 4, 8, 9, 10, 25, 0x0100, 0x0101, 0xffff};
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(opcodes) / sizeof(*opcodes); i++) {
		struct arp arp = known_request(rig);

		arp.opcode = opcodes[i];
		passes(rig, arp, PASS_NOT_REQUEST, NO_EVENT);
		assert_int_equal(counted(rig, HEARD_SAME), 1);
	}
}

static void a_priority_tag_selects_the_untagged_table(void **state)
{
	struct rig *rig = *state;

	answers(rig, tagged(known_request(rig), 0x8100, 0x0000), NO_EVENT);
	answers(rig, tagged(known_request(rig), 0x8100, 0xf000), NO_EVENT);
	answers(rig, tagged(known_request(rig), 0x88a8, 0x0000), NO_EVENT);
	answers(rig, tagged(tagged(known_request(rig), 0x88a8, 0), 0x8100, 0), NO_EVENT);
	answers(rig, tagged(tagged(known_request(rig), 0x88a8, 0), 0x8100, 7), NO_EVENT);
}

static void a_tag_selects_the_table_of_its_vlan(void **state)
{
	struct rig *rig = *state;
	struct arp arp = known_request(rig);
	struct mac elsewhere = MAC(0x77);

	rig_bind(rig, 271, SLOT_STATIC, SLOT_ANSWER, elsewhere);
	answers(rig, tagged(arp, 0x8100, 7), NO_EVENT);
	assert_memory_equal(rig->out + 18 + 8, &elsewhere, 6);
	/* The TCI's other bits are priority and DEI. */
	answers(rig, tagged(arp, 0x8100, 0xf007), NO_EVENT);
	assert_memory_equal(rig->out + 18 + 8, &elsewhere, 6);

	rig->slots[271] = (struct neigh_slot){0};
	passes(rig, tagged(arp, 0x8100, 7), PASS_MISS, EVENT_MISS);
	assert_int_equal(rig->events[0].slot, 271);
	assert_int_equal(rig->events[0].vlan, 7);
}

static void another_vlan_is_off_link(void **state)
{
	static const uint16_t others[] = {1, 6, 8, 0x107, 0xfff};
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		passes(rig, tagged(known_request(rig), 0x8100, others[i]), PASS_OFF_LINK, NO_EVENT);
		assert_int_equal(counted(rig, HEARD_FOREIGN), 1);
	}
}

static void two_tags_select_by_both(void **state)
{
	struct rig *rig = *state;
	struct arp arp = request(ASKER, IP(172, 16, 0, 1), IP(172, 16, 0, 2));

	rig_bind(rig, 517, SLOT_DYNAMIC, 0, ASKER);
	rig_bind(rig, 518, SLOT_DYNAMIC, SLOT_ANSWER, TARGET);
	answers(rig, tagged(tagged(arp, 0x88a8, 100), 0x8100, 200), NO_EVENT);
	answers(rig, tagged(tagged(arp, 0x8100, 100), 0x8100, 200), NO_EVENT);
	answers(rig, tagged(tagged(arp, 0x8100, 0x3064), 0x8100, 0x50c8), NO_EVENT);
	passes(rig, tagged(tagged(arp, 0x88a8, 200), 0x8100, 100), PASS_OFF_LINK, NO_EVENT);
	passes(rig, tagged(tagged(arp, 0x88a8, 100), 0x8100, 0), PASS_OFF_LINK, NO_EVENT);
	passes(rig, tagged(arp, 0x8100, 200), PASS_OFF_LINK, NO_EVENT);
	passes(rig, tagged(arp, 0x8100, 100), PASS_OFF_LINK, NO_EVENT);
	/* Untagged frames belong to the port, but this address does not. */
	passes(rig, arp, PASS_OFF_LINK, EVENT_BOGON);
}

static void more_than_two_tags_pass(void **state)
{
	struct rig *rig = *state;
	struct arp arp = known_request(rig);

	arp = tagged(tagged(tagged(arp, 0x8100, 0), 0x8100, 0), 0x8100, 0);
	assert_int_equal(rig_send(rig, arp), XDP_PASS);
	nothing_was_counted(rig);
}

static void tags_are_kept_in_the_reply(void **state)
{
	struct rig *rig = *state;
	struct arp asked = tagged(known_request(rig), 0x88a8, 0xe007);
	struct arp wanted =
	        tagged(reply(TARGET, IP(10, 0, 0, 11), ASKER, IP(10, 0, 0, 10)), 0x88a8, 0xe007);
	uint8_t frame[FRAME_MAX];
	unsigned length;

	wanted.source = OWN;
	length = frame_write(frame, &wanted);
	answers(rig, asked, NO_EVENT);
	assert_int_equal(rig->out_length, length);
	assert_memory_equal(rig->out, frame, length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        RIG_TEST(a_request_of_42_bytes_is_answered),
	        RIG_TEST(a_frame_cut_at_any_length_passes),
	        RIG_TEST(padding_of_any_length_is_kept),
	        RIG_TEST(a_frame_that_is_not_arp_passes_uncounted),
	        RIG_TEST(other_hardware_and_protocols_pass_as_malformed),
	        RIG_TEST(only_opcode_request_is_answered),
	        RIG_TEST(a_priority_tag_selects_the_untagged_table),
	        RIG_TEST(a_tag_selects_the_table_of_its_vlan),
	        RIG_TEST(another_vlan_is_off_link),
	        RIG_TEST(two_tags_select_by_both),
	        RIG_TEST(more_than_two_tags_pass),
	        RIG_TEST(tags_are_kept_in_the_reply),
	};

	return cmocka_run_group_tests_name("bpf: parse", tests, NULL, NULL);
}
