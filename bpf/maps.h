/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The maps. Their names are relied on by the loader, by the tests, and by whoever looks with
 * bpftool. There is no read-only data: what differs from one interface to the next is in `port`,
 * so that one object file, unchanged, serves them all.
 */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "arpkeeper/counters.h"
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

/* This interface. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct port);
} port SEC(".maps");

/* What was counted, on each CPU: all in one element, see counters.h. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* struct event, to the agent. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/* What was said, by whom, for which slot. No padding: the key is compared whole. */
struct throttle_key {
	__u64 mac; /* as a word, see word.h */
	__u32 slot;
	__u32 kind; /* enum event_kind */
};

/* → the coarse second in which the agent was last told. When it is full, the oldest goes. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct throttle_key);
	__type(value, __u32);
} throttle SEC(".maps");

/* All events together, on all CPUs: see bucket.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} bucket SEC(".maps");

/* A station's share of them, by its MAC as a word. When it is full, the oldest goes. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} shares SEC(".maps");

#endif
