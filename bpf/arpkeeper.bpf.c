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

static __always_inline enum counter judge(struct frame *frame, const struct port *self,
                                          const struct port_config *config, __u64 *answer)
{
	enum counter verdict = notice_sender(frame, config);

	if (verdict != UNDECIDED)
		return verdict;
	return answer_judge(frame, self, config, answer);
}

SEC("xdp")
int arpkeeper(struct xdp_md *ctx)
{
	struct frame frame = {};
	const struct port_config *config;
	const struct port *self;
	enum counter verdict;
	__u64 answer = 0;
	__u32 key = 0;

	switch (frame_parse(ctx, &frame)) {
	case PARSED_OTHER:
		return XDP_PASS;
	case PARSED_MALFORMED:
		count(COUNTER_ARP_FRAMES);
		count(COUNTER_PASS_MALFORMED);
		return XDP_PASS;
	case PARSED_ARP:
		break;
	}
	self = bpf_map_lookup_elem(&port, &key);
	if (!self)
		return XDP_PASS;
	config = port_active(self);

	verdict = judge(&frame, self, config, &answer);
	count(COUNTER_ARP_FRAMES);
	count(verdict);
	switch (verdict) {
	case COUNTER_ANSWERED:
		answer_write(&frame, config, answer);
		if (config->flags & PORT_REDIRECT)
			return bpf_redirect(frame.ifindex, 0);
		return XDP_TX;
	case COUNTER_DROP_PROTECTED:
		return XDP_DROP;
	default:
		return XDP_PASS;
	}
}

char _license[] SEC("license") = "Dual MIT/GPL";
