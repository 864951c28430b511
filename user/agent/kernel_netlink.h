/* SPDX-License-Identifier: MIT */
/*
 * rtnetlink about the host's neighbour table: messages as values (linux/neighbour.h,
 * net/core/neighbour.c); the whole table, a part at a time; and requests, several in one system
 * call. rtnetlink handles a request while it is sent, so that its errors are read right after it,
 * and nothing here waits but for the kernel's lock.
 */
#ifndef USER_AGENT_KERNEL_NETLINK_H
#define USER_AGENT_KERNEL_NETLINK_H

#include <linux/netlink.h>

#include "base/base.h"
#include "wire/wire.h"

/* The origin of an entry (NDA_PROTOCOL): the agent's own number among those of linux/rtnetlink.h.
 */
#define KERNEL_PROTOCOL 65

/* The most bytes of a request, and of the answer that repeats it. */
#define KERNEL_MESSAGE_MAX 128

/* An entry of the host's own neighbour table, as the kernel reports it. */
struct kernel_neighbour {
	unsigned ifindex;
	struct address address;
	struct mac mac; /* zero: none is known */
	uint16_t state; /* NUD_* */
	uint8_t protocol;
	bool router;      /* NTF_ROUTER: IPv6; the kernel keeps its default routes by it */
	bool ext_learned; /* NTF_EXT_LEARNED: made by a daemon */
	bool managed;     /* NTF_EXT_MANAGED: the kernel keeps it fresh, for a daemon */
	bool gone;        /* RTM_DELNEIGH */
};

/* RTM_NEWNEIGH, RTM_DELNEIGH (also a request that came back with an error). False: not about an
 * neighbour on an interface, of either family. */
bool kernel_message_parse(struct kernel_neighbour *neighbour, const struct nlmsghdr *header);

enum kernel_write {
	KERNEL_CREATE,  /* fails with EEXIST if one exists */
	KERNEL_REPLACE, /* whatever exists */
	KERNEL_REFRESH, /* an entry with that MAC only; another one stays */
	KERNEL_REMOVE
};

/* Writes one request into `buffer` (KERNEL_MESSAGE_MAX bytes, aligned). Returns its length. */
size_t kernel_message_write(void *buffer, enum kernel_write write,
                            const struct kernel_neighbour *neighbour, uint32_t sequence);
/* Requests: their errors, some 800 bytes each, fit the buffer of a socket. */
#define KERNEL_BATCH 64

struct mnl_socket;

struct kernel_socket {
	struct mnl_socket *socket;
	uint32_t sequence;
	unsigned count; /* of requests in the batch */
	size_t length;
	char batch[KERNEL_BATCH * KERNEL_MESSAGE_MAX] __attribute__((aligned(4)));
};

int kernel_socket_open(struct kernel_socket *socket, struct fault *fault);
/* One more request for the batch; there must be room. */
void kernel_socket_put(struct kernel_socket *socket, enum kernel_write write,
                       const struct kernel_neighbour *neighbour);
/* Sends the batch. `refused` gets each request that failed; it must not put others. */
void kernel_socket_flush(struct kernel_socket *socket,
                         void (*refused)(void *context, int error,
                                         const struct kernel_neighbour *request),
                         void *context);
/* Reads one entry. -ENOENT: none exists. */
int kernel_socket_get(struct kernel_socket *socket, struct kernel_neighbour *neighbour,
                      unsigned ifindex, struct address address);
void kernel_socket_close(struct kernel_socket *socket);

typedef void kernel_visit(void *context, const struct kernel_neighbour *neighbour);

/* Begins to list the whole table. */
int kernel_dump_open(struct mnl_socket **dump, struct fault *fault);
/* The next few hundred entries. 1: more to come; 0: that was all; or a negative errno. */
int kernel_dump_next(struct mnl_socket *dump, kernel_visit *visit, void *context);

/* Reports what changes in the table from now on; poll its descriptor. */
int kernel_monitor_open(struct mnl_socket **monitor, struct fault *fault);
/* 1: some changes were visited; 0: no more for now; -ENOBUFS: some were lost; or another errno. */
int kernel_monitor_next(struct mnl_socket *monitor, kernel_visit *visit, void *context);

#endif
