/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Finds the slot of an IPv6 address: first the segment of its VLAN, then the agent's index. */
#ifndef BPF_ND_TABLE_H
#define BPF_ND_TABLE_H

#include "address.h"
#include "table.h"

#define NO_SEGMENT 0xffffffffu

/* The segment whose neighbour discovery is on in the VLAN, or NO_SEGMENT. */
static __always_inline __u32 segment_find(const struct port_config *config, __u32 vlan)
{
	__u32 segment = NO_SEGMENT;

	for (__u32 i = 0; i < PORT_PREFIXES_MAX && i < config->domains; i++)
		if (config->domain[i].vlan == vlan) {
			segment = config->domain[i].segment;
			break;
		}
	return segment;
}

/*
 * Whether a prefix of the VLAN holds the address. A global function: the verifier checks it once,
 * and not with each of its callers' states.
 */
__noinline int address6_is_on_link(const struct address6 *address, __u32 vlan)
{
	const struct port *self = port_here();
	const struct port_config *config;

	if (!address || !self)
		return 0;
	config = port_active(self);
	for (__u32 i = 0; i < PORT_PREFIXES_MAX && i < config->prefixes6; i++) {
		const struct port_prefix6 *prefix = &config->prefix6[i];
		struct address6 network = address6_load(prefix->network);
		struct address6 mask = address6_load(prefix->mask);

		if (prefix->vlan == vlan && (address->high & mask.high) == network.high &&
		    (address->low & mask.low) == network.low)
			return 1;
	}
	return 0;
}

static __always_inline const union index6_line *index6_at(__u32 number)
{
	return bpf_map_lookup_elem(&neigh_index6, &number);
}

/* The slot that the entry has for the address, or EVENT_NO_SLOT. The order of the loads matters:
 * see index6.h. */
static __always_inline __u32 entry_slot(const struct index6_entry *entry, struct address6 address,
                                        __u32 segment)
{
	const volatile struct index6_entry *now = entry;
	__u64 leads = now->leads, other = now->low ^ address.low;

	other |= now->high ^ address.high;
	other |= now->leads ^ leads;
	other |= leads >> 32 ^ (segment + 1);
	return other ? EVENT_NO_SLOT : (__u32)leads;
}

/*
 * The slot that the line has for the address. Which of the two entries it has is chance, so a
 * branch would be mispredicted each second time. Both can begin alike only with addresses that have
 * the same low half: index6_seek() looks at each.
 */
static __always_inline __u32 line_slot(const union index6_line *line, struct address6 address,
                                       __u32 segment)
{
	__u64 differs = line->entry[0].low ^ address.low, negative = -differs;

	/* Or else the compiler makes a branch of it. */
	asm volatile("" : "+r"(negative));
	return entry_slot((const void *)line + ((differs | negative) >> 63) * sizeof(*line->entry),
	                  address, segment);
}

/* Any address: the number of its slot, or EVENT_NO_SLOT. */
__noinline __u32 index6_seek(__u64 high, __u64 low, __u32 segment)
{
	const union index6_line *header = index6_at(0), *line;
	const struct address6 address = {high, low};
	__u32 at, slot = EVENT_NO_SLOT;
	__u64 hash;

	if (!header)
		return EVENT_NO_SLOT;
	hash = index6_hash(header, segment, high, low);
	at = index6_first(header, hash);
	for (int i = 0; i < 2 && slot == EVENT_NO_SLOT; i++) {
		line = index6_at(at);
		if (!line)
			break;
		for (int way = 0; way < INDEX6_WAYS && slot == EVENT_NO_SLOT; way++)
			slot = entry_slot(&line->entry[way], address, segment);
		at = index6_second(header, hash);
	}
	return slot;
}

/* The same for addresses that are mostly known, which are mostly in their first line. */
static __always_inline __u32 index6_find(const union index6_line *header, __u32 segment,
                                         struct address6 address)
{
	__u64 hash = index6_hash(header, segment, address.high, address.low);
	const union index6_line *line = index6_at(index6_first(header, hash));
	__u32 slot = EVENT_NO_SLOT;

	if (line)
		slot = line_slot(line, address, segment);
	return slot == EVENT_NO_SLOT ? index6_seek(address.high, address.low, segment) : slot;
}

/* The number of the address's slot, or EVENT_NO_SLOT. A global function, for what is seldom. */
__noinline __u32 nd_index(const struct address6 *address, __u32 segment)
{
	__u32 index;

	if (!address || segment == NO_SEGMENT)
		return EVENT_NO_SLOT;
	index = index6_seek(address->high, address->low, segment);
	return slot_at(index) ? index : EVENT_NO_SLOT;
}

#endif
