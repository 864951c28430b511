// SPDX-License-Identifier: MIT
/*
 * The frame table: every field of Ethernet, tags and ARP at the values where its meaning changes.
 * It changes one field at a time, in an otherwise ordinary request.
 *
 * The first pass expects the verdict written here. The second has the sender's and the target's
 * slots in each state and with each set of flags. It compares everything with the reference
 * (tests/fuzz): bytes, counters, events, slots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include <bpf/bpf.h>

#include "../fuzz/pair.h"
#include "frames.h"

#define OWN          MAC(0x01)
#define ASKER        MAC(0x0a)
#define TARGET       MAC(0x0b)
#define OTHER        MAC(0x0c)
#define ASKS         IP(10, 0, 0, 10)
#define ASKED        IP(10, 0, 0, 11)
#define SILENCE      30
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Where the port's prefixes are: the same addresses in several VLANs. */
static const struct port_prefix prefixes[] = {
        {IP(10, 0, 0, 0), ~0u << 8, 0, 0},      {IP(10, 0, 0, 0), ~0u << 6, 1, 256},
        {IP(10, 0, 0, 0), ~0u << 6, 4094, 320}, {IP(10, 0, 0, 0), ~0u << 6, 100 << 16 | 200, 384},
        {IP(192, 168, 4, 0), ~0u << 2, 0, 448},
};

enum field {
	DESTINATION,
	SOURCE,
	SHA,
	BOTH, /* SOURCE and SHA */
	THA,
	HTYPE,
	PTYPE,
	HLEN,
	PLEN,
	OPCODE,
	SPA,
	TPA,
	ANNOUNCED /* SPA and TPA */
};

struct row {
	enum field field;
	uint32_t number;
	struct mac mac;
	enum counter verdict;
	unsigned event; /* 0: none */
};

#define EVENTLESS 0
#define ADDRESS(f, m, v, e)                                                                        \
	{                                                                                          \
		f, 0, m, COUNTER_##v, e                                                            \
	}
#define NUMBER(f, n, v, e)                                                                         \
	{                                                                                          \
		f, n, MAC_ZERO, COUNTER_##v, e                                                     \
	}

/* clang-format off */
static const struct row rows[] = {
        ADDRESS(DESTINATION, MAC_BROADCAST, ANSWERED, EVENTLESS),
        ADDRESS(DESTINATION, OWN, ANSWERED, EVENTLESS),
        ADDRESS(DESTINATION, OTHER, PASS_ELSEWHERE, EVENTLESS),
        ADDRESS(DESTINATION, ASKER, PASS_ELSEWHERE, EVENTLESS),
        ADDRESS(DESTINATION, TARGET, PASS_ELSEWHERE, EVENTLESS),
        ADDRESS(DESTINATION, MAC_MULTICAST, PASS_ELSEWHERE, EVENTLESS),
        ADDRESS(DESTINATION, MAC_ZERO, PASS_ELSEWHERE, EVENTLESS),
        ADDRESS(DESTINATION, ((struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}}), PASS_ELSEWHERE, EVENTLESS),
        ADDRESS(DESTINATION, ((struct mac){{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}}), PASS_ELSEWHERE, EVENTLESS),

        ADDRESS(BOTH, ASKER, ANSWERED, EVENTLESS),
        ADDRESS(BOTH, OTHER, ANSWERED, EVENT_HEARD),
        ADDRESS(BOTH, OWN, ANSWERED, EVENT_HEARD),
        ADDRESS(BOTH, TARGET, PASS_OWNER, EVENT_HEARD),
        ADDRESS(BOTH, MAC_ZERO, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(BOTH, MAC_BROADCAST, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(BOTH, MAC_MULTICAST, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(BOTH, ((struct mac){{1, 0, 0, 0, 0, 0}}), PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(BOTH, ((struct mac){{0, 0, 0, 0, 0, 1}}), ANSWERED, EVENT_HEARD),
        ADDRESS(BOTH, ((struct mac){{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}}), ANSWERED, EVENT_HEARD),
        ADDRESS(SOURCE, OTHER, ANSWERED, EVENT_MISMATCH),
        ADDRESS(SOURCE, MAC_ZERO, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(SOURCE, MAC_BROADCAST, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(SOURCE, MAC_MULTICAST, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(SHA, OTHER, ANSWERED, EVENT_MISMATCH),
        ADDRESS(SHA, TARGET, PASS_OWNER, EVENT_MISMATCH),
        ADDRESS(SHA, MAC_ZERO, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(SHA, MAC_BROADCAST, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(SHA, MAC_MULTICAST, PASS_BAD_SENDER, EVENT_BAD_SENDER),
        ADDRESS(THA, MAC_ZERO, ANSWERED, EVENTLESS),
        ADDRESS(THA, MAC_BROADCAST, ANSWERED, EVENTLESS),
        ADDRESS(THA, OTHER, ANSWERED, EVENTLESS),

        NUMBER(HTYPE, 0, PASS_MALFORMED, EVENTLESS),
        NUMBER(HTYPE, 1, ANSWERED, EVENTLESS),
        NUMBER(HTYPE, 2, PASS_MALFORMED, EVENTLESS),
        NUMBER(HTYPE, 0x0100, PASS_MALFORMED, EVENTLESS),
        NUMBER(HTYPE, 0x0101, PASS_MALFORMED, EVENTLESS),
        NUMBER(HTYPE, 0xffff, PASS_MALFORMED, EVENTLESS),
        NUMBER(PTYPE, 0, PASS_MALFORMED, EVENTLESS),
        NUMBER(PTYPE, 0x07ff, PASS_MALFORMED, EVENTLESS),
        NUMBER(PTYPE, 0x0800, ANSWERED, EVENTLESS),
        NUMBER(PTYPE, 0x0801, PASS_MALFORMED, EVENTLESS),
        NUMBER(PTYPE, 0x86dd, PASS_MALFORMED, EVENTLESS),
        NUMBER(PTYPE, 0xffff, PASS_MALFORMED, EVENTLESS),
        NUMBER(HLEN, 0, PASS_MALFORMED, EVENTLESS),
        NUMBER(HLEN, 5, PASS_MALFORMED, EVENTLESS),
        NUMBER(HLEN, 6, ANSWERED, EVENTLESS),
        NUMBER(HLEN, 7, PASS_MALFORMED, EVENTLESS),
        NUMBER(HLEN, 255, PASS_MALFORMED, EVENTLESS),
        NUMBER(PLEN, 0, PASS_MALFORMED, EVENTLESS),
        NUMBER(PLEN, 3, PASS_MALFORMED, EVENTLESS),
        NUMBER(PLEN, 4, ANSWERED, EVENTLESS),
        NUMBER(PLEN, 5, PASS_MALFORMED, EVENTLESS),
        NUMBER(PLEN, 16, PASS_MALFORMED, EVENTLESS),
        NUMBER(OPCODE, 0, PASS_NOT_REQUEST, EVENTLESS),
        NUMBER(OPCODE, 1, ANSWERED, EVENTLESS),
        NUMBER(OPCODE, 2, PASS_NOT_REQUEST, EVENTLESS),
        NUMBER(OPCODE, 3, PASS_NOT_REQUEST, EVENTLESS),
        NUMBER(OPCODE, 0x0100, PASS_NOT_REQUEST, EVENTLESS),
        NUMBER(OPCODE, 0x0101, PASS_NOT_REQUEST, EVENTLESS),
        NUMBER(OPCODE, 0xffff, PASS_NOT_REQUEST, EVENTLESS),

        NUMBER(SPA, 0, PASS_PROBE, EVENTLESS),
        NUMBER(SPA, IP(0, 0, 0, 1), ANSWERED, EVENT_BOGON),
        NUMBER(SPA, ASKED, PASS_GRATUITOUS, EVENT_HEARD),
        NUMBER(SPA, IP(10, 0, 0, 0), ANSWERED, EVENT_HEARD),
        NUMBER(SPA, IP(10, 0, 0, 1), ANSWERED, EVENT_HEARD),
        NUMBER(SPA, IP(10, 0, 0, 254), ANSWERED, EVENT_HEARD),
        NUMBER(SPA, IP(10, 0, 0, 255), ANSWERED, EVENT_HEARD),
        NUMBER(SPA, IP(9, 255, 255, 255), ANSWERED, EVENT_BOGON),
        NUMBER(SPA, IP(10, 0, 1, 0), ANSWERED, EVENT_BOGON),
        NUMBER(SPA, IP(192, 168, 3, 255), ANSWERED, EVENT_BOGON),
        NUMBER(SPA, IP(192, 168, 4, 0), ANSWERED, EVENT_HEARD),
        NUMBER(SPA, IP(192, 168, 4, 3), ANSWERED, EVENT_HEARD),
        NUMBER(SPA, IP(192, 168, 4, 4), ANSWERED, EVENT_BOGON),
        NUMBER(SPA, IP(127, 0, 0, 1), ANSWERED, EVENT_BOGON),
        NUMBER(SPA, IP(169, 254, 7, 7), ANSWERED, EVENT_BOGON),
        NUMBER(SPA, IP(224, 0, 0, 1), ANSWERED, EVENT_BOGON),
        NUMBER(SPA, IP(255, 255, 255, 255), ANSWERED, EVENT_BOGON),
        NUMBER(TPA, 0, PASS_OFF_LINK, EVENTLESS),
        NUMBER(TPA, ASKS, PASS_GRATUITOUS, EVENTLESS),
        NUMBER(TPA, IP(10, 0, 0, 0), PASS_MISS, EVENT_MISS),
        NUMBER(TPA, IP(10, 0, 0, 1), PASS_MISS, EVENT_MISS),
        NUMBER(TPA, IP(10, 0, 0, 254), PASS_MISS, EVENT_MISS),
        NUMBER(TPA, IP(10, 0, 0, 255), PASS_MISS, EVENT_MISS),
        NUMBER(TPA, IP(9, 255, 255, 255), PASS_OFF_LINK, EVENTLESS),
        NUMBER(TPA, IP(10, 0, 1, 0), PASS_OFF_LINK, EVENTLESS),
        NUMBER(TPA, IP(192, 168, 4, 0), PASS_MISS, EVENT_MISS),
        NUMBER(TPA, IP(192, 168, 4, 3), PASS_MISS, EVENT_MISS),
        NUMBER(TPA, IP(192, 168, 4, 4), PASS_OFF_LINK, EVENTLESS),
        NUMBER(TPA, IP(224, 0, 0, 1), PASS_OFF_LINK, EVENTLESS),
        NUMBER(TPA, IP(255, 255, 255, 255), PASS_OFF_LINK, EVENTLESS),
        NUMBER(ANNOUNCED, 0, PASS_GRATUITOUS, EVENTLESS),
        NUMBER(ANNOUNCED, ASKS, PASS_GRATUITOUS, EVENTLESS),
        NUMBER(ANNOUNCED, ASKED, PASS_GRATUITOUS, EVENT_HEARD),
        NUMBER(ANNOUNCED, IP(8, 8, 8, 8), PASS_GRATUITOUS, EVENT_BOGON),
};
/* clang-format on */

/* Not ARP: no counter moves. */
#define UNCOUNTED COUNTERS

static const struct tagging {
	struct tag tags[TAGS_MAX];
	int count;
	enum counter verdict;
} taggings[] = {
        {{{0}}, 0, COUNTER_ANSWERED},
        {{{0x8100, 0}}, 1, COUNTER_ANSWERED},
        {{{0x8100, 0xf000}}, 1, COUNTER_ANSWERED}, /* PCP 7, DEI: a priority, no VLAN */
        {{{0x88a8, 0}}, 1, COUNTER_ANSWERED},
        {{{0x8100, 1}}, 1, COUNTER_ANSWERED},
        {{{0x88a8, 1}}, 1, COUNTER_ANSWERED},
        {{{0x8100, 0x1001}}, 1, COUNTER_ANSWERED}, /* DEI */
        {{{0x8100, 0x2001}}, 1, COUNTER_ANSWERED}, /* PCP 1 */
        {{{0x8100, 0xf001}}, 1, COUNTER_ANSWERED},
        {{{0x8100, 0x0100}}, 1, COUNTER_PASS_OFF_LINK},
        {{{0x8100, 2}}, 1, COUNTER_PASS_OFF_LINK},
        {{{0x8100, 4093}}, 1, COUNTER_PASS_OFF_LINK},
        {{{0x8100, 4094}}, 1, COUNTER_ANSWERED},
        {{{0x8100, 0xfffe}}, 1, COUNTER_ANSWERED},
        {{{0x8100, 4095}}, 1, COUNTER_PASS_OFF_LINK},
        {{{0x9100, 1}}, 1, UNCOUNTED},
        {{{0x9100, 0}}, 1, UNCOUNTED},
        {{{0x88a8, 100}, {0x8100, 200}}, 2, COUNTER_ANSWERED},
        {{{0x8100, 100}, {0x8100, 200}}, 2, COUNTER_ANSWERED},
        {{{0x8100, 100}, {0x88a8, 200}}, 2, COUNTER_ANSWERED},
        {{{0x88a8, 0xf064}, {0x8100, 0xf0c8}}, 2, COUNTER_ANSWERED},
        {{{0x88a8, 200}, {0x8100, 100}}, 2, COUNTER_PASS_OFF_LINK},
        {{{0x88a8, 100}, {0x8100, 0}}, 2, COUNTER_PASS_OFF_LINK},
        {{{0x8100, 0}, {0x8100, 1}}, 2, COUNTER_ANSWERED}, /* a priority outside, VLAN 1 */
        {{{0x8100, 1}, {0x8100, 0}}, 2, COUNTER_PASS_OFF_LINK},
        {{{0x8100, 0}, {0x8100, 0}}, 2, COUNTER_ANSWERED},
        {{{0x8100, 100}, {0x9100, 200}}, 2, UNCOUNTED},
        {{{0x9100, 100}, {0x8100, 200}}, 2, UNCOUNTED},
        {{{0x8100, 4095}, {0x8100, 4095}}, 2, COUNTER_PASS_OFF_LINK},
        {{{0x8100, 0}, {0x8100, 0}, {0x8100, 0}}, 3, UNCOUNTED},
        {{{0x88a8, 100}, {0x8100, 200}, {0x8100, 1}}, 3, UNCOUNTED},
};

/* The content of a slot. `mac` is set where the slot names one. */
struct binding_case {
	enum slot_state state;
	uint8_t flags;
	struct mac mac;
};

static struct pair pair;

static int load(void **state)
{
	(void)state;
	pair_open(&pair);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	pair_close(&pair);
	return 0;
}

static struct arp ordinary(void)
{
	return request(ASKER, ASKS, ASKED);
}

static void apply(struct arp *arp, const struct row *row)
{
	switch (row->field) {
	case DESTINATION:
		arp->destination = row->mac;
		break;
	case SOURCE:
		arp->source = row->mac;
		break;
	case SHA:
		arp->sha = row->mac;
		break;
	case BOTH:
		arp->source = arp->sha = row->mac;
		break;
	case THA:
		arp->tha = row->mac;
		break;
	case HTYPE:
		arp->htype = (uint16_t)row->number;
		break;
	case PTYPE:
		arp->ptype = (uint16_t)row->number;
		break;
	case HLEN:
		arp->hlen = (uint8_t)row->number;
		break;
	case PLEN:
		arp->plen = (uint8_t)row->number;
		break;
	case OPCODE:
		arp->opcode = (uint16_t)row->number;
		break;
	case SPA:
		arp->spa = row->number;
		break;
	case TPA:
		arp->tpa = row->number;
		break;
	case ANNOUNCED:
		arp->spa = arp->tpa = row->number;
		break;
	}
}

/* In each VLAN where the address is on-link. */
static void slots_bind(uint32_t address, struct binding_case bound)
{
	union binding binding = {.state = bound.state, .flags = bound.flags};

	memcpy(binding.mac, &bound.mac, sizeof(binding.mac));
	for (unsigned i = 0; i < COUNT(prefixes); i++)
		if ((address & prefixes[i].mask) == prefixes[i].network)
			pair.world.slots[prefixes[i].base + (address & ~prefixes[i].mask)].binding =
			        binding.word;
}

static void world(uint32_t spa, struct binding_case sender, uint32_t tpa,
                  struct binding_case target, bool silent)
{
	struct port_config *config;
	struct mac own = OWN;

	pair_clear(&pair);
	config = &pair.world.port.config[0];
	memcpy(config->mac, &own, sizeof(own));
	config->prefixes = COUNT(prefixes);
	memcpy(config->prefix, prefixes, sizeof(prefixes));
	pair.world.port.silence = SILENCE;
	if (silent)
		pair.world.port.heartbeat -= SILENCE + 1;
	slots_bind(spa, sender);
	slots_bind(tpa, target);
}

/* Both, in the world as it was set up. Runs again when the clock ticks meanwhile. */
static void both(const uint8_t *frame, unsigned length)
{
	struct reference start = pair.world;
	enum pair_result result;

	do {
		pair.world = start;
		pair_begin(&pair);
		result = pair_send(&pair, frame, length);
	} while (result == PAIR_TICKED);
	if (result == PAIR_DIFFERENT) {
		pair_explain(&pair, frame, length, stderr);
		fail_msg("the program does otherwise than the reference says: see above");
	}
}

static void ordinary_world(void)
{
	world(ASKS, (struct binding_case){SLOT_DYNAMIC, 0, ASKER}, ASKED,
	      (struct binding_case){SLOT_DYNAMIC, SLOT_ANSWER, TARGET}, false);
}

static enum counter verdict(void)
{
	if (!pair.got.counted[COUNTER_ARP_FRAMES])
		return UNCOUNTED;
	for (int i = COUNTER_ANSWERED; i <= COUNTER_DROP_PROTECTED; i++)
		if (pair.got.counted[i])
			return i;
	return COUNTER_ARP_FRAMES; /* a verdict that a row cannot contain */
}

static void each_field_at_its_boundaries_has_the_verdict_that_the_table_says(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(rows); i++) {
		struct arp arp = ordinary();
		uint8_t frame[FRAME_MAX];

		ordinary_world();
		apply(&arp, &rows[i]);
		both(frame, frame_write(frame, &arp));
		if (verdict() != rows[i].verdict || pair.got.event_count != (rows[i].event != 0) ||
		    (rows[i].event && pair.got.events[0].kind != rows[i].event))
			fail_msg("row %u: verdict %u, not %u; %u events, the first of kind %u, "
			         "not %u",
			         i, verdict(), rows[i].verdict, pair.got.event_count,
			         pair.got.events[0].kind, rows[i].event);
	}
}

static void each_stack_of_tags_selects_its_vlan(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(taggings); i++) {
		struct arp arp = ordinary();
		uint8_t frame[FRAME_MAX];

		ordinary_world();
		memcpy(arp.tags, taggings[i].tags, sizeof(arp.tags));
		arp.tag_count = taggings[i].count;
		both(frame, frame_write(frame, &arp));
		if (verdict() != taggings[i].verdict)
			fail_msg("tags %u: verdict %u, not %u", i, verdict(), taggings[i].verdict);
	}
}

/* The kernel gives the program at least an Ethernet header, so the lengths start at 14. */
static void each_length_has_its_verdict(void **state)
{
	(void)state;
	for (unsigned tags = 0; tags <= 2; tags++) {
		unsigned whole = ETH_HLEN + 4 * tags + ARP_LENGTH;

		for (unsigned length = 0; length <= 64; length++) {
			struct arp arp = ordinary();
			uint8_t frame[FRAME_MAX] = {0};
			LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame,
			            .data_size_in = length);

			if (tags)
				arp = tagged(arp, 0x88a8, tags == 2 ? 100 : 1);
			if (tags == 2)
				arp = tagged(arp, 0x8100, 200);
			frame_write(frame, &arp);
			ordinary_world();
			if (length < ETH_HLEN) {
				assert_int_not_equal(
				        bpf_prog_test_run_opts(
				                bpf_program__fd(pair.bpf->progs.arpkeeper),
				                &options),
				        0);
				continue;
			}
			both(frame, length);
			assert_int_equal(verdict(), length >= whole ? COUNTER_ANSWERED
			                            : length >= ETH_HLEN + 4 * tags
			                                    ? COUNTER_PASS_MALFORMED
			                                    : UNCOUNTED);
		}
	}
}

/* All frames of the tables, in the given world. */
static unsigned all_frames(struct binding_case sender, struct binding_case target, bool silent)
{
	uint8_t frame[FRAME_MAX];
	unsigned frames = 0;

	for (unsigned i = 0; i < COUNT(rows); i++, frames++) {
		struct arp arp = ordinary();

		apply(&arp, &rows[i]);
		world(arp.spa, sender, arp.tpa, target, silent);
		both(frame, frame_write(frame, &arp));
	}
	for (unsigned i = 0; i < COUNT(taggings); i++, frames++) {
		struct arp arp = ordinary();

		memcpy(arp.tags, taggings[i].tags, sizeof(arp.tags));
		arp.tag_count = taggings[i].count;
		world(arp.spa, sender, arp.tpa, target, silent);
		both(frame, frame_write(frame, &arp));
	}
	return frames;
}

static void the_reference_agrees_for_every_target(void **state)
{
	static const struct binding_case senders[] = {
	        {SLOT_DYNAMIC, 0, ASKER},
	        {SLOT_EMPTY, 0, MAC_ZERO},
	        {SLOT_STATIC, SLOT_PROTECT, OTHER},
	        {SLOT_PENDING, 0, MAC_ZERO},
	};
	unsigned frames = 0;

	(void)state;
	for (unsigned i = 0; i < COUNT(senders); i++)
		for (int of = SLOT_EMPTY; of <= SLOT_STATES + 1; of++)
			for (unsigned flags = 0; flags <= SLOT_FLAGS; flags++)
				frames += all_frames(
				        senders[i],
				        (struct binding_case){of, (uint8_t)flags, TARGET},
				        (of + flags) % 3 == 0);
	print_message("# %u frames\n", frames);
}

static void the_reference_agrees_for_every_sender(void **state)
{
	static const struct binding_case targets[] = {
	        {SLOT_DYNAMIC, SLOT_ANSWER, TARGET},
	        {SLOT_LOCAL, SLOT_ANSWER, OWN},
	        {SLOT_EMPTY, 0, MAC_ZERO},
	};
	static const struct mac macs[] = {ASKER, OTHER, MAC_ZERO, MAC_MULTICAST};
	unsigned frames = 0;

	(void)state;
	for (unsigned i = 0; i < COUNT(targets); i++)
		for (int of = SLOT_EMPTY; of <= SLOT_STATES + 1; of++)
			for (unsigned mac = 0; mac < COUNT(macs); mac++)
				for (unsigned flags = 0; flags <= SLOT_PROTECT;
				     flags += SLOT_PROTECT)
					frames +=
					        all_frames((struct binding_case){of, (uint8_t)flags,
					                                         macs[mac]},
					                   targets[i], false);
	print_message("# %u frames\n", frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_field_at_its_boundaries_has_the_verdict_that_the_table_says),
	        cmocka_unit_test(each_stack_of_tags_selects_its_vlan),
	        cmocka_unit_test(each_length_has_its_verdict),
	        cmocka_unit_test(the_reference_agrees_for_every_target),
	        cmocka_unit_test(the_reference_agrees_for_every_sender),
	};

	return cmocka_run_group_tests_name("bpf: fields", tests, load, unload);
}
