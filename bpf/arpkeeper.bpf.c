// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The XDP program: the steps of a frame, in order. It obeys the slots' flags and knows no policy.
 * It reports what it notices to the agent, and never waits for it.
 *
 * Frames that are neither ARP nor neighbour discovery leave at once, before the program touches a
 * map. It counts every other frame once, and counts its one verdict.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

#include "answer.h"
#include "nd.h"
#include "notice.h"

/*
 * Under libxdp's dispatcher the program runs before others, whose default is 50. They get the
 * frames that it passes.
 */
struct {
	__uint(priority, 10);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(arpkeeper);

/*
 * A frame that may bring news. It is out of line and parses the frame again, so that the common
 * frame has the few registers for itself.
 */
static __noinline int news(struct xdp_md *ctx)
{
	const struct port_config *config;
	struct counters *tally;
	struct sender sender;
	enum counter verdict;
	struct frame frame;
	struct port *self;

	if (frame_parse(ctx, &frame) != PARSED_ARP)
		return XDP_PASS;
	self = port_here();
	tally = tally_here();
	if (!self || !tally)
		return XDP_PASS;
	config = port_active(self);
	sender_find(&sender, &frame, config);
	verdict = notice_sender(&sender, &frame, tally, config);
	if (verdict == UNDECIDED)
		return answer(&frame, tally, self, config, sender.place, second_now(tally));
	count(tally, verdict);
	return verdict == COUNTER_DROP_PROTECTED ? XDP_DROP : XDP_PASS;
}

static __noinline int malformed(void)
{
	struct counters *tally = tally_here();

	if (tally) {
		count(tally, COUNTER_ARP_FRAMES);
		count(tally, COUNTER_PASS_MALFORMED);
	}
	return XDP_PASS;
}

SEC("xdp")
int arpkeeper(struct xdp_md *ctx)
{
	const struct port_config *config;
	struct counters *tally;
	struct neigh_slot *slot;
	struct place place;
	struct frame frame;
	struct port *self;
	__u32 second, address;

	switch (frame_parse(ctx, &frame)) {
	case PARSED_OTHER:
		return XDP_PASS;
	case PARSED_MALFORMED:
		return malformed();
	case PARSED_ND:
		return discovery(ctx);
	case PARSED_ARP:
		break;
	}
	self = port_here();
	tally = tally_here();
	if (!self || !tally)
		return XDP_PASS;
	count(tally, COUNTER_ARP_FRAMES);
	config = port_active(self);
	/*
	 * Finds the sender as sender_find() does, but leaves at once in every unusual case. Merging
	 * the paths again costs an answer 1.3 ns.
	 */
	address = bpf_ntohl(frame_spa(&frame));
	if (!address)
		return news(ctx);
	place = place_find(config, frame.vlan, address);
	if (!place.mask)
		return news(ctx);
	slot = slot_at(place_slot(place, address));
	if (!slot || !sender_matches_table(binding_load(slot), &frame))
		return news(ctx);
	second = second_now(tally);
	count(tally, COUNTER_HEARD_SAME);
	second_store(&slot->seen, second);
	return answer(&frame, tally, self, config, place, second);
}

char _license[] SEC("license") = "Dual MIT/GPL";
