/* SPDX-License-Identifier: MIT */
/*
 * The membership is the socket's: when the agent ends, however it does, the interface is as it was.
 * The filter runs in the kernel, before a frame is copied, and refuses unicast with its first
 * comparison; what leaves the interface does not reach it (PACKET_IGNORE_OUTGOING). The protocol is
 * ETH_P_ALL, because a bridge takes the frames of its members before others see them.
 */
#include "ports/ear.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arpkeeper/frame.h"
#include "arpkeeper/nd.h"

#define QUERY_MAX      2048 /* a longer one names sources, of which our groups have none */
#define HOP_BY_HOP     0
#define MLD_QUERY_TYPE 130

/* The outer tag is beside the frame by now; an inner one is in it. Loads beyond the end drop. */
#define DROP                 17
#define MUST(at, value)      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, DROP - (at)-1)
#define GO_IF(at, value, to) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (to) - (at)-1, 0)

static struct sock_filter filter[] = {
        [0] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
        [1] = MUST(1, PACKET_MULTICAST),
        [2] = BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0),
        [3] = BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
        [4] = GO_IF(4, ETH_P_IPV6, 9),
        [5] = GO_IF(5, ETH_P_8021Q, 7),
        [6] = MUST(6, ETH_P_8021AD),
        [7] = BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, sizeof(struct vlan_tag)),
        [8] = BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 16),
        [9] = MUST(9, ETH_P_IPV6),
        [10] = BPF_STMT(BPF_LD | BPF_B | BPF_IND, 20),
        [11] = MUST(11, HOP_BY_HOP),
        [12] = BPF_STMT(BPF_LD | BPF_B | BPF_IND, 54),
        [13] = MUST(13, IPV6_NEXT_ICMPV6),
        [14] = BPF_STMT(BPF_LD | BPF_B | BPF_IND, 62),
        [15] = MUST(15, MLD_QUERY_TYPE),
        [16] = BPF_STMT(BPF_RET | BPF_K, QUERY_MAX),
        [DROP] = BPF_STMT(BPF_RET | BPF_K, 0),
};

static int set(int ear, int option, const void *value, socklen_t size)
{
	return setsockopt(ear, SOL_PACKET, option, value, size);
}

static int prepare(int ear, unsigned ifindex)
{
	const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
	const struct packet_mreq all = {.mr_ifindex = (int)ifindex, .mr_type = PACKET_MR_ALLMULTI};
	const struct sockaddr_ll here = {
	        .sll_family = AF_PACKET,
	        .sll_protocol = htons(ETH_P_ALL),
	        .sll_ifindex = (int)ifindex,
	};
	const int on = 1;

	/* The protocol comes last: nothing arrives before the filter is there. */
	if (setsockopt(ear, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ||
	    set(ear, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    set(ear, PACKET_AUXDATA, &on, sizeof(on)) ||
	    set(ear, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) ||
	    bind(ear, (const struct sockaddr *)&here, sizeof(here)))
		return -errno;
	return 0;
}

int ear_open(unsigned ifindex, const char *interface, struct fault *fault)
{
	int ear = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = ear < 0 ? -errno : prepare(ear, ifindex);

	if (!error)
		return ear;
	if (ear >= 0)
		close(ear);
	return fault_set(fault, error,
	                 "%s: cannot hear multicast: %s; solicitations for IPv6 addresses do not "
	                 "arrive where the interface filters",
	                 interface, strerror(-error));
}

/* The tag that the kernel took off; 0: none. */
static uint32_t tag_of(struct msghdr *message)
{
	for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
		struct tpacket_auxdata data;

		if (at->cmsg_level != SOL_PACKET || at->cmsg_type != PACKET_AUXDATA ||
		    at->cmsg_len < CMSG_LEN(sizeof(data)))
			continue;
		memcpy(&data, CMSG_DATA(at), sizeof(data));
		if (data.tp_status & TP_STATUS_VLAN_VALID)
			return vlan_key(0, data.tp_vlan_tci);
	}
	return 0;
}

bool ear_next(int ear, struct mld_query *query)
{
	uint8_t frame[QUERY_MAX];
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))]
	        __attribute__((aligned(__alignof__(struct cmsghdr))));
	struct iovec bytes = {frame, sizeof(frame)};

	for (;;) {
		struct msghdr message = {
		        .msg_iov = &bytes,
		        .msg_iovlen = 1,
		        .msg_control = control,
		        .msg_controllen = sizeof(control),
		};
		ssize_t length = recvmsg(ear, &message, 0);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return false;
		if (mld_query_parse(query, tag_of(&message), frame, (size_t)length))
			return true;
	}
}
