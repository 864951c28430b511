// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The benchmarks' own programs: the floor for arpkeeper's figures, and the programs that ask.
 *
 * A program under test rewrites its frame, and the kernel does not restore it between repeats. So
 * the buffer holds REQUESTS frames. `ask` takes them in turn, each with another random target, and
 * writes all of them again after the last.
 *
 * (A single frame, rewritten just before each run, would still be in the processor's store buffer.
 * That would cost loads that a frame from a network card does not cost.) Asking costs both sides
 * the same, and `nothing` measures that cost.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "arpkeeper/frame.h"
#include "arpkeeper/nd.h"
#include "request.h"

/* The runner sets it: targets are BENCH_NETWORK + a random number below 1 << ask_bits. */
__u32 ask_bits = 16;
__u32 ask_state = 1;
__u32 wire_ifindex;
/* A burst: the number of frames, and the times of the first and the last one. */
__u32 burst_frames, burst_done;
__u64 burst_first, burst_last;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} under_test SEC(".maps");

struct request {
	struct ethhdr eth;
	struct arp_ipv4 arp;
} __attribute__((packed, aligned(2)));

/* The position of `ask` in the buffer. */
__u32 ask_at;

static __always_inline void request_write(struct request *request)
{
	static const __u8 asker[ETH_ALEN] = ASKER_MAC;

	/* A linear congruence: its high bits are random enough to defeat every cache. */
	ask_state = ask_state * 1664525 + 1013904223;
	__builtin_memset(request->eth.h_dest, 0xff, ETH_ALEN);
	__builtin_memcpy(request->eth.h_source, asker, ETH_ALEN);
	request->eth.h_proto = bpf_htons(ETH_P_ARP);
	request->arp.htype = bpf_htons(ARP_HTYPE_ETHERNET);
	request->arp.ptype = bpf_htons(ETH_P_IP);
	request->arp.hlen = ETH_ALEN;
	request->arp.plen = 4;
	request->arp.opcode = bpf_htons(ARP_OP_REQUEST);
	__builtin_memcpy(request->arp.sha, asker, ETH_ALEN);
	request->arp.spa = bpf_htonl(ASKER_ADDRESS);
	__builtin_memset(request->arp.tha, 0, ETH_ALEN);
	request->arp.tpa = bpf_htonl(BENCH_NETWORK + (ask_state >> (32 - (ask_bits & 31))));
}

/* Goes to the next frame, and from the last to the first. Then the frames need writing again. */
static __always_inline int step_on(struct xdp_md *ctx, void **frames, int count, int stride)
{
	int step = stride;

	if (ask_at == (__u32)count - 1)
		step = -(count - 1) * stride;
	*frames = NULL;
	if (bpf_xdp_adjust_head(ctx, step))
		return -1;
	if (step > 0) {
		ask_at++;
		return 0;
	}
	ask_at = 0;
	*frames = (void *)(long)ctx->data;
	return *frames + count * stride > (void *)(long)ctx->data_end ? -1 : 0;
}

SEC("xdp")
int ask(struct xdp_md *ctx)
{
	void *requests;

	if (step_on(ctx, &requests, REQUESTS, REQUEST_STRIDE))
		return XDP_ABORTED;
	if (requests)
		for (int i = 0; i < REQUESTS; i++)
			request_write(requests + i * REQUEST_STRIDE);
	bpf_tail_call(ctx, &under_test, 0);
	return XDP_ABORTED;
}

struct solicit {
	struct ethhdr eth;
	struct ipv6_header ip;
	struct nd_message message;
	struct nd_option option;
} __attribute__((packed, aligned(2)));

/* The runner writes it, for the target 2001:db8::, and the sum of its words without checksum. */
__u64 solicit_frame[SOLICIT_STRIDE / 8];
__u32 solicit_sum;

/* A target adds to the sum twice: its group has its low 24 bits, too. */
static __always_inline void solicit_write(struct solicit *solicit)
{
	__u32 host, sum;

	ask_state = ask_state * 1664525 + 1013904223;
	host = ask_state >> (32 - (ask_bits & 31));
	__builtin_memcpy(solicit, solicit_frame, sizeof(*solicit));
	*(__be32 *)(solicit->eth.h_dest + 2) = bpf_htonl(0xff000000 | host);
	*(__be32 *)(solicit->ip.destination + 12) = bpf_htonl(0xff000000 | host);
	*(__be32 *)(solicit->message.target + 12) = bpf_htonl(host);
	sum = solicit_sum + 2 * ((host >> 16) + (host & 0xffff));
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	solicit->message.checksum = bpf_htons(~sum & 0xffff);
}

/* As `ask`, with solicitations. */
SEC("xdp")
int ask_nd(struct xdp_md *ctx)
{
	void *solicits;

	if (step_on(ctx, &solicits, SOLICITS, SOLICIT_STRIDE))
		return XDP_ABORTED;
	if (solicits)
		for (int i = 0; i < SOLICITS; i++)
			solicit_write(solicits + i * SOLICIT_STRIDE);
	bpf_tail_call(ctx, &under_test, 0);
	return XDP_ABORTED;
}

/* The same for a frame of the runner's: always the same one. */
__u64 again_frame[REQUEST_STRIDE / 8];

SEC("xdp")
int again(struct xdp_md *ctx)
{
	void *frames;

	if (step_on(ctx, &frames, REQUESTS, REQUEST_STRIDE))
		return XDP_ABORTED;
	if (frames)
		for (int i = 0; i < REQUESTS; i++)
			__builtin_memcpy(frames + i * REQUEST_STRIDE, again_frame, REQUEST_STRIDE);
	bpf_tail_call(ctx, &under_test, 0);
	return XDP_ABORTED;
}

/* Of a burst, which gave its frame another target. */
static __always_inline int burst_send(void)
{
	if (!burst_done++)
		burst_first = bpf_ktime_get_ns();
	else if (burst_done == burst_frames)
		burst_last = bpf_ktime_get_ns();
	return bpf_redirect(wire_ifindex, 0);
}

/* Run with BPF_F_TEST_XDP_LIVE_FRAMES: puts requests on the wire. */
SEC("xdp")
int generate(struct xdp_md *ctx)
{
	struct request *request = (void *)(long)ctx->data;

	if ((void *)(request + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	request_write(request);
	return burst_send();
}

/* The same with solicitations. */
SEC("xdp")
int generate_nd(struct xdp_md *ctx)
{
	struct solicit *solicit = (void *)(long)ctx->data;

	if ((void *)(solicit + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	solicit_write(solicit);
	return burst_send();
}

static __always_inline int swap(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	static const __u8 own[ETH_ALEN] = OWN_MAC;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return -1;
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, own, ETH_ALEN);
	return 0;
}

/* The floor: the least work for any answer. */
SEC("xdp")
int swap_tx(struct xdp_md *ctx)
{
	return swap(ctx) ? XDP_ABORTED : XDP_TX;
}

SEC("xdp")
int swap_redirect(struct xdp_md *ctx)
{
	return swap(ctx) ? XDP_ABORTED : bpf_redirect(ctx->ingress_ifindex, 0);
}

SEC("xdp")
int nothing(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_TX;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
