/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Reports events of neighbour discovery, within the limits of report.h. */
#ifndef BPF_ND_REPORT_H
#define BPF_ND_REPORT_H

#include "nd_parse.h"
#include "nd_table.h"
#include "report.h"

/* What the program knows of who speaks, and where. */
struct nd_sender {
	const struct port_config *config;
	struct address6 address; /* none in a solicitation from "::" */
	__u64 mac;
	__u32 segment; /* NO_SEGMENT where neighbour discovery is off */
};

struct nd_news {
	struct event event;
	__u32 segment;
	__u32 hold; /* HOLD_* */
};

/* Whether the event reaches the agent. `now` is in coarse nanoseconds. */
static __always_inline _Bool nd_report(struct counters *tally, const struct event *event, __u64 now)
{
	struct event *sent;

	if (!bucket_take(mac_load(event->source), now)) {
		count(tally, COUNTER_EVENTS_LIMITED);
		return 0;
	}
	sent = bpf_ringbuf_reserve(&events, sizeof(*sent), 0);
	if (!sent) {
		count(tally, COUNTER_EVENTS_LOST);
		return 0;
	}
	__builtin_memcpy(sent, event, sizeof(*sent));
	sent->time = now;
	bpf_ringbuf_submit(sent, 0);
	count(tally, COUNTER_EVENTS_SENT);
	return 1;
}

/* As report_once(). A global function, as bucket_take(): many rules end here. */
__noinline int nd_report_once(struct nd_news *news)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 second = coarse_seconds(now), *reported;
	struct throttle_key6 key = {0};
	struct counters *tally = tally_here();

	if (!news || !tally)
		return 0;
	key.segment = news->segment;
	key.kind = news->event.kind;
	if (key.kind != EVENT_MISS)
		key.mac = mac_load(news->event.mac);
	/* A station that invents addresses is one report, as in ARP. */
	if (key.kind != EVENT_BOGON)
		address6_store(key.address, address6_load(news->event.address));
	if (news->hold != HOLD_NONE) {
		reported = bpf_map_lookup_elem(&throttle6, &key);
		if (reported && second - *reported < news->hold) {
			count(tally, COUNTER_EVENTS_THROTTLED);
			return 0;
		}
	}
	if (nd_report(tally, &news->event, now))
		bpf_map_update_elem(&throttle6, &key, &second, BPF_ANY);
	return 0;
}

/* As mac_store(), to the stack, whose words the verifier wants aligned. */
static __always_inline void mac_store_stack(__u8 at[ETH_ALEN], __u64 mac)
{
	__u16 *word = (__u16 *)at;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	word[0] = (__u16)mac;
	word[1] = (__u16)(mac >> 16);
	word[2] = (__u16)(mac >> 32);
#else
	word[0] = (__u16)(mac >> 48);
	word[1] = (__u16)(mac >> 32);
	word[2] = (__u16)(mac >> 16);
#endif
}

static __always_inline __u16 nd_event_flags(const struct nd_frame *frame,
                                            const struct port_config *config)
{
	__u8 said = frame->message->flags;
	__u16 flags = 0;

	if (nd_ethernet_destination(frame) == mac_load(config->mac))
		flags |= EVENT_TO_US;
	if (frame->message->type == ND_NEIGHBOR_SOLICITATION && address6_is_none(nd_source(frame)))
		flags |= EVENT_DAD;
	if (frame->message->type != ND_NEIGHBOR_ADVERTISEMENT)
		return flags;
	if (said & ND_FLAG_SOLICITED)
		flags |= EVENT_SOLICITED;
	if (said & ND_FLAG_OVERRIDE)
		flags |= EVENT_OVERRIDE;
	if (said & ND_FLAG_ROUTER)
		flags |= EVENT_ROUTER;
	return flags;
}

/*
 * Makes the event and reports it. Out of line, because several rules end here. Who has no address
 * yet can only be heard of by its target (EVENT_DAD).
 */
static __noinline int nd_tell(const struct nd_frame *frame, const struct nd_sender *sender,
                              enum event_kind kind, __u32 slot, __u32 hold)
{
	struct nd_news news = {
	        .event = {.kind = kind, .vlan = frame->vlan, .slot = slot},
	        .segment = sender->segment,
	        .hold = hold,
	};
	struct address6 target = nd_target(frame), address = sender->address, peer;

	peer = frame->message->type == ND_NEIGHBOR_SOLICITATION ? target : nd_destination(frame);
	if (event_is_of_target(kind) || (kind == EVENT_HEARD && address6_is_none(address))) {
		peer = address;
		address = target;
	}
	news.event.ifindex = frame->ctx->ingress_ifindex;
	address6_store(news.event.address, address);
	address6_store(news.event.peer, peer);
	mac_store_stack(news.event.mac, sender->mac);
	mac_store_stack(news.event.source, nd_ethernet_source(frame));
	news.event.opcode = frame->message->type;
	news.event.flags = nd_event_flags(frame, sender->config);
	return nd_report_once(&news);
}

#endif
