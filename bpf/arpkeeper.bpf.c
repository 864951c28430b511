// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The XDP program: what happens to a frame, in order. It obeys the slots' flags, and knows no
 * policy; it tells the agent what it notices, and never waits for it.
 *
 * Frames that are not ARP leave at once, before any map is touched. Every ARP frame is counted
 * once, and gets exactly one verdict, which is counted too.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

#include "answer.h"
#include "notice.h"

/* Under libxdp's dispatcher: before others (their default is 50), which get what passes. */
struct {
	__uint(priority, 10);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(arpkeeper);

static __always_inline enum counter judge(const struct frame *frame, struct counters *tally,
                                          const struct port *self, const struct port_config *config,
                                          __u64 *answer)
{
	__u32 second = second_now(tally);
	struct place place = {0};
	enum counter verdict;

	/* A probe says only who asks (RFC 5227), nothing about an address. */
	if (frame_spa(frame))
		place = place_find(config, frame->vlan, bpf_ntohl(frame_spa(frame)));
	verdict = notice_sender(frame, tally, place, second);
	if (verdict != UNDECIDED)
		return verdict;
	return answer_judge(frame, tally, self, config, place, second, answer);
}

SEC("xdp")
int arpkeeper(struct xdp_md *ctx)
{
	const struct port_config *config;
	const struct port *self;
	struct counters *tally;
	enum counter verdict;
	struct frame frame;
	enum parsed parsed = frame_parse(ctx, &frame);
	__u64 answer = 0;
	__u32 key = 0;

	if (parsed == PARSED_OTHER)
		return XDP_PASS;
	self = bpf_map_lookup_elem(&port, &key);
	tally = tally_here();
	if (!self || !tally)
		return XDP_PASS;
	config = port_active(self);

	count(tally, COUNTER_ARP_FRAMES);
	verdict = COUNTER_PASS_MALFORMED;
	if (parsed == PARSED_ARP)
		verdict = judge(&frame, tally, self, config, &answer);
	count(tally, verdict);
	switch (verdict) {
	case COUNTER_ANSWERED:
		answer_write(&frame, config, answer);
		if (config->flags & PORT_REDIRECT)
			return bpf_redirect(ctx->ingress_ifindex, 0);
		return XDP_TX;
	case COUNTER_DROP_PROTECTED:
		return XDP_DROP;
	default:
		return XDP_PASS;
	}
}

char _license[] SEC("license") = "Dual MIT/GPL";
