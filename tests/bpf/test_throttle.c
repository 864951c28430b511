// SPDX-License-Identifier: MIT
/*
 * How much the program reports to the agent: the same event once a second, and all events within
 * the bucket's limit. It counts the lost ones. The tests set back the stamps instead of sleeping.
 */
#include "rig.h"

#define SPEAKER MAC(0x0a)
#define TARGET  MAC(0x0b)
#define ASKED   IP(10, 0, 0, 11)

/* As in bpf/maps.h. The test reads it from outside. */
struct throttle_key {
	uint8_t mac[8];
	uint32_t slot, kind;
};

static struct arp speak(struct rig *rig, uint8_t last, struct mac mac)
{
	rig_bind(rig, 11, SLOT_STATIC, SLOT_ANSWER, TARGET);
	return request(mac, IP(10, 0, 0, last), ASKED);
}

/* Moves all reports one second into the past. */
static void a_second_passes(struct rig *rig)
{
	struct bpf_map *map = rig->bpf->maps.throttle;
	struct throttle_key key, *last = NULL;
	uint32_t second;

	while (!bpf_map__get_next_key(map, last, &key, sizeof(key))) {
		assert_int_equal(bpf_map__lookup_elem(map, &key, sizeof(key), &second, 4, 0), 0);
		second--;
		assert_int_equal(bpf_map__update_elem(map, &key, sizeof(key), &second, 4, 0), 0);
		last = &key;
	}
	for (int i = 0; i < RIG_SLOTS; i++)
		rig->slots[i].used--;
}

static void the_same_news_is_reported_once_a_second(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);

	rig_settle();
	answers(rig, arp, EVENT_HEARD);
	for (int i = 0; i < 3; i++) {
		answers(rig, arp, NO_EVENT);
		assert_int_equal(counted(rig, EVENTS_THROTTLED), 1);
		assert_int_equal(counted(rig, HEARD_OTHER), 1);
	}
	a_second_passes(rig);
	answers(rig, arp, EVENT_HEARD);
	answers(rig, arp, NO_EVENT);
}

static void other_macs_addresses_and_kinds_have_a_throttle_of_their_own(void **state)
{
	struct rig *rig = *state;
	struct arp arp;

	rig_settle();
	answers(rig, speak(rig, 10, SPEAKER), EVENT_HEARD);
	answers(rig, speak(rig, 10, MAC(0x0d)), EVENT_HEARD);
	answers(rig, speak(rig, 12, SPEAKER), EVENT_HEARD);
	arp = speak(rig, 10, SPEAKER);
	arp.source = MAC(0x0d);
	answers(rig, arp, EVENT_MISMATCH);
	answers(rig, arp, NO_EVENT);
	answers(rig, speak(rig, 10, SPEAKER), NO_EVENT);
	answers(rig, speak(rig, 10, MAC(0x0d)), NO_EVENT);
	answers(rig, speak(rig, 12, SPEAKER), NO_EVENT);
}

static void garbage_is_reported_once_a_second(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, MAC_BROADCAST);

	rig_settle();
	passes(rig, arp, PASS_BAD_SENDER, EVENT_BAD_SENDER);
	passes(rig, arp, PASS_BAD_SENDER, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_THROTTLED), 1);
}

static void an_awaited_reply_is_not_throttled(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);

	rig_settle();
	answers(rig, arp, EVENT_HEARD);
	rig_bind(rig, 10, SLOT_PENDING, 0, MAC_ZERO);
	answers(rig, arp, EVENT_HEARD);
	answers(rig, arp, EVENT_HEARD);
	rig_bind(rig, 10, SLOT_DEAD, 0, MAC_ZERO);
	answers(rig, arp, NO_EVENT);
}

static void an_answer_in_a_contest_is_not_throttled(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, MAC(0x0c));

	rig_bind(rig, 10, SLOT_STALE, SLOT_ANSWER, SPEAKER);
	rig_settle();
	answers(rig, arp, EVENT_HEARD);
	answers(rig, arp, NO_EVENT);
	arp.opcode = ARP_OP_REPLY;
	passes(rig, arp, PASS_NOT_REQUEST, NO_EVENT); /* to all */
	arp.destination = OWN;
	passes(rig, arp, PASS_NOT_REQUEST, EVENT_HEARD);
	passes(rig, arp, PASS_NOT_REQUEST, EVENT_HEARD);
	rig_bind(rig, 10, SLOT_DYNAMIC, SLOT_ANSWER, SPEAKER);
	passes(rig, arp, PASS_NOT_REQUEST, NO_EVENT);
}

static void a_miss_is_reported_once_a_second(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);
	uint32_t before;

	rig_bind(rig, 10, SLOT_DYNAMIC, 0, SPEAKER);
	arp.tpa = IP(10, 0, 0, 77);
	rig_settle();
	before = rig_now();
	passes(rig, arp, PASS_MISS, EVENT_MISS);
	assert_in_range(rig->slots[77].used, before, rig_now());
	passes(rig, arp, PASS_MISS, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_THROTTLED), 1);
	/* For every asker. */
	rig_bind(rig, 12, SLOT_DYNAMIC, 0, TARGET);
	passes(rig, request(TARGET, IP(10, 0, 0, 12), arp.tpa), PASS_MISS, NO_EVENT);
	/* Another address has its own throttle. */
	arp.tpa = IP(10, 0, 0, 78);
	passes(rig, arp, PASS_MISS, EVENT_MISS);
	a_second_passes(rig);
	arp.tpa = IP(10, 0, 0, 77);
	passes(rig, arp, PASS_MISS, EVENT_MISS);
}

/* The bucket holds the time when it is full again: this many nanoseconds from now. */
static void bucket_set(struct rig *rig, int64_t full_in)
{
	uint64_t full = rig_clock() + full_in;
	uint32_t key = 0;

	assert_int_equal(
	        bpf_map__update_elem(rig->bpf->maps.bucket, &key, sizeof(key), &full, 8, 0), 0);
}

static void five_thousand_events_pass_at_once(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);
	uint8_t frame[FRAME_MAX];
	unsigned length, reported;
	uint64_t sums[COUNTERS], start;

	rig_bind(rig, 10, SLOT_PENDING, 0, MAC_ZERO);
	length = frame_write(frame, &arp);
	start = rig_clock();
	for (int i = 0; i < 8; i++) {
		uint8_t copy[FRAME_MAX];

		/*
		 * An answered frame has become a reply, so the test does not run the same bytes
		 * twice.
		 */
		for (int j = 0; j < 1000; j++) {
			/* From many stations: each needs less than its share. */
			frame[11] = frame[27] = (uint8_t)(16 + i);
			memcpy(copy, frame, length);
			assert_int_equal(rig_run(rig, copy, length, 1), XDP_TX);
		}
		ring_buffer__consume(rig->ring);
	}
	reported = rig->event_count;
	rig_counters(rig, sums);
	assert_int_equal(sums[COUNTER_EVENTS_SENT], reported);
	assert_int_equal(sums[COUNTER_EVENTS_SENT] + sums[COUNTER_EVENTS_LIMITED], 8000);
	assert_int_equal(sums[COUNTER_EVENTS_LOST], 0);
	/* 5000 at once, and one every 200 µs after that. The clock's tick is at most 10 ms. */
	assert_in_range(reported, 5000, 5000 + (rig_clock() - start) / 200000 + 50);
}

static void one_station_gets_a_quarter_of_the_bucket(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER), other;
	uint64_t start = rig_clock(), sums[COUNTERS], refilled;
	uint8_t frame[FRAME_MAX];
	unsigned reported = 0;

	rig_bind(rig, 10, SLOT_PENDING, 0, MAC_ZERO);
	for (int i = 0; i < 3000; i++) {
		unsigned length = frame_write(frame, &arp);

		/* The senders differ in name only: the frame's source counts. */
		frame[26] = (uint8_t)i;
		assert_int_equal(rig_run(rig, frame, length, 1), XDP_TX);
		/* This test is not about the throttle. */
		if (i % 128 == 0)
			rig_map_empty(rig->bpf->maps.throttle);
	}
	rig_counters(rig, sums);
	reported = (unsigned)sums[COUNTER_EVENTS_SENT];
	/* 1250 at once, and one every 800 µs after that. */
	refilled = (rig_clock() - start) / 800000;
	assert_in_range(reported, 1250, 1250 + refilled + 15);
	assert_int_equal(sums[COUNTER_EVENTS_SENT] + sums[COUNTER_EVENTS_LIMITED] +
	                         sums[COUNTER_EVENTS_THROTTLED],
	                 3000);
	/* An emulated processor may be slower than its share. */
	if (1250 + refilled + 15 < 3000)
		assert_true(sums[COUNTER_EVENTS_LIMITED] > 0);
	/* The agent still gets the events of the others. */
	other = speak(rig, 12, MAC(0x0d));
	answers(rig, other, EVENT_HEARD);
}

static void a_stations_share_is_spent_only_on_reported_events(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);
	uint8_t frame[FRAME_MAX];
	unsigned length = frame_write(frame, &arp);

	rig_bind(rig, 10, SLOT_PENDING, 0, MAC_ZERO);
	bucket_set(rig, 60 * NSEC_PER_SEC_U);
	for (int i = 0; i < 2000; i++) {
		uint8_t copy[FRAME_MAX];

		memcpy(copy, frame, length);
		assert_int_equal(rig_run(rig, copy, length, 1), XDP_TX);
	}
	bucket_set(rig, 0);
	answers(rig, arp, EVENT_HEARD);
}

static void a_sponged_asker_is_reported_once_in_thirty_seconds(void **state)
{
	struct rig *rig = *state;
	struct arp arp = request(SPEAKER, IP(10, 0, 0, 10), ASKED);

	rig_bind(rig, 10, SLOT_DYNAMIC, 0, SPEAKER);
	rig_bind(rig, 12, SLOT_DYNAMIC, 0, MAC(0x0d));
	rig_bind(rig, 11, SLOT_DEAD, SLOT_SPONGE | SLOT_ANSWER, TARGET);
	rig_settle();
	answers(rig, arp, EVENT_SPONGED);
	for (int i = 0; i < 29; i++) {
		a_second_passes(rig);
		answers(rig, arp, NO_EVENT);
		assert_int_equal(counted(rig, SPONGED), 1);
		assert_int_equal(counted(rig, EVENTS_THROTTLED), 1);
	}
	/* Another asker holds the sponge's MAC, too. */
	answers(rig, request(MAC(0x0d), IP(10, 0, 0, 12), ASKED), EVENT_SPONGED);
	a_second_passes(rig);
	answers(rig, arp, EVENT_SPONGED);
}

static void an_asker_of_the_hosts_address_is_reported_once_a_second(void **state)
{
	struct rig *rig = *state;
	struct arp arp = request(SPEAKER, IP(10, 0, 0, 10), ASKED);

	rig_bind(rig, 10, SLOT_DYNAMIC, 0, SPEAKER);
	rig_bind(rig, 11, SLOT_LOCAL, SLOT_ANSWER, TARGET);
	rig_settle();
	answers(rig, arp, EVENT_LOCAL);
	answers(rig, arp, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_THROTTLED), 1);
	a_second_passes(rig);
	answers(rig, arp, EVENT_LOCAL);
}

static void an_empty_bucket_holds_events_back(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);

	bucket_set(rig, 3 * NSEC_PER_SEC_U);
	answers(rig, arp, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_LIMITED), 1);
	assert_int_equal(counted(rig, EVENTS_THROTTLED), 0);
	/* The program held the event back, so the throttle is still open. */
	bucket_set(rig, 0);
	answers(rig, arp, EVENT_HEARD);
}

static void an_empty_bucket_leaves_a_miss_unreported(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);

	rig_bind(rig, 10, SLOT_DYNAMIC, 0, SPEAKER);
	arp.tpa = IP(10, 0, 0, 77);
	bucket_set(rig, 3 * NSEC_PER_SEC_U);
	passes(rig, arp, PASS_MISS, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_LIMITED), 1);
	assert_int_equal(rig->slots[77].used, 0);
	bucket_set(rig, 0);
	passes(rig, arp, PASS_MISS, EVENT_MISS);
}

static void the_bucket_limits_awaited_answers_too(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);

	rig_bind(rig, 10, SLOT_PENDING, 0, MAC_ZERO);
	bucket_set(rig, 3 * NSEC_PER_SEC_U);
	answers(rig, arp, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_LIMITED), 1);
}

static void a_spoof_is_dropped_even_when_it_cannot_be_reported(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);

	rig_bind(rig, 10, SLOT_STATIC, SLOT_PROTECT, TARGET);
	bucket_set(rig, 3 * NSEC_PER_SEC_U);
	drops(rig, arp, NO_EVENT);
	assert_int_equal(counted(rig, EVENTS_LIMITED), 1);
}

static void a_full_ring_buffer_loses_events_and_counts_them(void **state)
{
	struct rig *rig = *state;
	struct arp arp = speak(rig, 10, SPEAKER);
	uint8_t frame[FRAME_MAX], copy[FRAME_MAX];
	uint64_t sums[COUNTERS];
	unsigned length = frame_write(frame, &arp);

	rig_bind(rig, 10, SLOT_PENDING, 0, MAC_ZERO);
	for (int i = 0; i < 20000; i++) {
		if (i % 1000 == 0)
			rig_reset_throttle(rig);
		memcpy(copy, frame, length);
		assert_int_equal(rig_run(rig, copy, length, 1), XDP_TX);
	}
	rig_counters(rig, sums);
	assert_int_equal(sums[COUNTER_EVENTS_LIMITED], 0);
	assert_int_equal(sums[COUNTER_EVENTS_SENT] + sums[COUNTER_EVENTS_LOST], 20000);
	/* 1 MiB of events, each with a header of 8 bytes. */
	assert_in_range(sums[COUNTER_EVENTS_SENT], 13000, (1 << 20) / (sizeof(struct event) + 8));
	rig_events_drop(rig);
	bucket_set(rig, 0);
	answers(rig, arp, EVENT_HEARD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        RIG_TEST(the_same_news_is_reported_once_a_second),
	        RIG_TEST(other_macs_addresses_and_kinds_have_a_throttle_of_their_own),
	        RIG_TEST(garbage_is_reported_once_a_second),
	        RIG_TEST(an_awaited_reply_is_not_throttled),
	        RIG_TEST(an_answer_in_a_contest_is_not_throttled),
	        RIG_TEST(a_miss_is_reported_once_a_second),
	        RIG_TEST(five_thousand_events_pass_at_once),
	        RIG_TEST(one_station_gets_a_quarter_of_the_bucket),
	        RIG_TEST(a_stations_share_is_spent_only_on_reported_events),
	        RIG_TEST(a_sponged_asker_is_reported_once_in_thirty_seconds),
	        RIG_TEST(an_asker_of_the_hosts_address_is_reported_once_a_second),
	        RIG_TEST(an_empty_bucket_holds_events_back),
	        RIG_TEST(an_empty_bucket_leaves_a_miss_unreported),
	        RIG_TEST(the_bucket_limits_awaited_answers_too),
	        RIG_TEST(a_spoof_is_dropped_even_when_it_cannot_be_reported),
	        RIG_TEST(a_full_ring_buffer_loses_events_and_counts_them),
	};

	return cmocka_run_group_tests_name("bpf: throttle", tests, NULL, NULL);
}
