/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The maps. The loader, the tests and operators with bpftool rely on their names. The program has
 * no read-only data: `port` holds all that differs between interfaces. So one object file serves
 * them all, unchanged.
 */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "arpkeeper/counters.h"
#include "arpkeeper/index6.h"
#include "arpkeeper/port.h"
#include "arpkeeper/slot.h"

/* The table: a slot for every address of every prefix; the loader sets max_entries. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct neigh_slot);
} neigh_slots SEC(".maps");

/*
 * Where the table has an IPv6 address: see index6.h. Only the agent writes it; the loader sets
 * max_entries. Memory-mapped arrays begin at a page, so each element is one cache line.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, union index6_line);
} neigh_index6 SEC(".maps");

/* This interface. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct port);
} port SEC(".maps");

/* What each CPU counted, all in one element: see counters.h. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* struct event, for the agent. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/*
 * The key of the throttle: sender, slot, kind of event. It has no padding, because the whole key is
 * compared.
 */
struct throttle_key {
	__u64 mac; /* as a word, see word.h */
	__u32 slot;
	__u32 kind; /* enum event_kind */
};

/*
 * The value is the coarse second of the last report to the agent. When the map is full, the kernel
 * evicts the oldest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct throttle_key);
	__type(value, __u32);
} throttle SEC(".maps");

/*
 * The same for neighbour discovery, where most addresses have no slot. Reports about one address
 * have the sender's MAC in their key, but a miss is a miss whichever host asks, and has 0.
 */
struct throttle_key6 {
	__u64 mac;
	__u8 address[16];
	__u32 segment;
	__u32 kind; /* enum event_kind */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct throttle_key6);
	__type(value, __u32);
} throttle6 SEC(".maps");

/* All events together, on all CPUs: see bucket.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} bucket SEC(".maps");

/*
 * A station's share of the events, by its MAC as a word. When the map is full, the kernel evicts
 * the oldest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} shares SEC(".maps");

#endif
