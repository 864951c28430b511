/* SPDX-License-Identifier: MIT */
/*
 * The rig with neighbour discovery. Its VLANs, their segments, and the prefixes that are on-link:
 *
 *     untagged, VLAN 100/200    segment 3    2001:db8::/64, fe80::/64
 *     VLAN 7                    segment 5    2001:db8::/64
 *
 * Addresses get their slots in the order in which the test binds them.
 */
#ifndef TESTS_BPF_ND_RIG_H
#define TESTS_BPF_ND_RIG_H

#include "nd_frames.h"
#include "rig.h"

#define ASKER  MAC(0x0a)
#define TARGET MAC(0x0b)
#define OTHER  MAC(0x0c)
#define ASKS   "2001:db8::a"
#define ASKED  "2001:db8::b"
#define SEG    3

static uint32_t nd_slots;

static inline void nd_prefix(struct port_config *config, const char *network, unsigned bytes,
                             uint32_t vlan, uint32_t segment)
{
	struct port_prefix6 *prefix = &config->prefix6[config->prefixes6++];
	struct in6 address = in6(network);

	*prefix = (struct port_prefix6){.vlan = vlan, .segment = segment};
	memcpy(prefix->network, &address, 16);
	memset(prefix->mask, 0xff, bytes);
}

static inline int nd_setup(void **state)
{
	struct port_config *config;
	struct rig *rig;
	int error = rig_setup(state);

	rig = *state;
	config = &rig->port->config[0];
	config->domain[0] = (struct port_domain){0, SEG};
	config->domain[1] = (struct port_domain){100 << 16 | 200, SEG};
	config->domain[2] = (struct port_domain){7, 5};
	config->domains = 3;
	for (int i = 0; i < 3; i++)
		nd_prefix(config, "2001:db8::", 8, config->domain[i].vlan,
		          config->domain[i].segment);
	for (int i = 0; i < 2; i++)
		nd_prefix(config, "fe80::", 8, config->domain[i].vlan, SEG);
	nd_slots = 0;
	return error;
}

static inline void nd_index(struct rig *rig, uint32_t segment, const char *address, uint32_t slot)
{
	struct neigh_key6 key = {.segment = segment};
	struct in6 bytes = in6(address);

	memcpy(key.address, &bytes, 16);
	assert_int_equal(lines_put(rig->index6, &key, slot), 0);
}

/* Gives the address of segment 3 a slot, and returns it. */
static inline struct neigh_slot *nd_bind(struct rig *rig, const char *address,
                                         enum slot_state state, uint8_t flags, struct mac mac)
{
	uint32_t slot = nd_slots++;

	rig_bind(rig, slot, state, flags, mac);
	nd_index(rig, SEG, address, slot);
	return &rig->slots[slot];
}

static inline int nd_send(struct rig *rig, struct nd nd)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = nd_write(frame, &nd);

	return rig_send_bytes(rig, frame, length);
}

#define nd_passes(rig, frame, verdict, event)                                                      \
	rig_check(rig, nd_send(rig, frame), XDP_PASS, COUNTER_ND_##verdict, event, __FILE__,       \
	          __LINE__)
#define nd_drops(rig, frame, verdict, event)                                                       \
	rig_check(rig, nd_send(rig, frame), XDP_DROP, COUNTER_ND_##verdict, event, __FILE__,       \
	          __LINE__)
#define nd_answers(rig, frame, event)                                                              \
	rig_check(rig, nd_send(rig, frame), XDP_TX, COUNTER_ND_ANSWERED, event, __FILE__, __LINE__)

static inline void nd_event_is(const struct rig *rig, struct event wanted, const char *address,
                               const char *peer)
{
	struct in6 bytes = in6(address);
	struct event got = rig->events[0];

	assert_int_equal(rig->event_count, 1);
	memcpy(wanted.address, &bytes, 16);
	bytes = in6(peer);
	memcpy(wanted.peer, &bytes, 16);
	wanted.time = got.time;
	wanted.ifindex = got.ifindex;
	assert_memory_equal(&got, &wanted, sizeof(got));
}

/* The frame after the run is the message, and then `trailing` bytes. */
static inline void nd_reply_is(const struct rig *rig, struct nd wanted, unsigned trailing)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = nd_write(frame, &wanted);

	assert_int_equal(rig->out_length, length + trailing);
	assert_memory_equal(rig->out, frame, length);
}

#define ND_TEST(function) cmocka_unit_test_setup_teardown(function, nd_setup, rig_teardown)

#endif
