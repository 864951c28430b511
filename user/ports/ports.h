/* SPDX-License-Identifier: MIT */
/*
 * Ports: the interfaces that the agent answers on. Each follows its interface as netlink
 * tells it (there, gone, up, down, other MAC, other index), keeps the program attached, and
 * sends the agent's own frames.
 */
#ifndef USER_PORTS_H
#define USER_PORTS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "offload/offload.h"
#include "ports/domains.h"
#include "ports/links.h"
#include "ports/locals.h"
#include "ports/porttags.h"
#include "ports/uppers.h"
#include "wire/wire.h"

enum port_state {
	PORT_ATTACHED, /* answering */
	PORT_DOWN,     /* attached, but the link is down */
	PORT_GONE,     /* the interface is not there; attached when it comes */
	PORT_FAILED    /* attaching failed: `reason`; tried again */
};

struct port_segment {
	unsigned segment; /* index in the configuration */
	uint32_t vlan;    /* vlan_key() */
};

/* An address that the host has on a port, or on what stands on it (agent/uppers.h). */
struct port_address {
	uint32_t address;
	uint8_t length;   /* of its prefix */
	uint32_t vlan;    /* of the segment that it is in: vlan_key() */
	unsigned ifindex; /* the interface that has it, */
	struct mac mac;   /* the MAC of that, */
	bool up;          /* and whether that is up */
};

struct ports;

struct agent_port {
	struct ports *ports;
	char name[IFNAMSIZ];
	struct port_segment *segment; /* owned: the segments that live on this interface */
	size_t segments;
	unsigned ifindex; /* 0: not there */
	bool up, ethernet;
	struct mac mac;
	struct port_address *address; /* owned; its own come first */
	size_t addresses, address_room;
	enum port_state state;
	char reason[FAULT_TEXT]; /* of PORT_FAILED */
	int64_t since;           /* Unix seconds: of `state` */
	struct offload_port *offload;
	struct port_tags tags;
};

struct ports_ops {
	/* The host has (mac) or no longer has (NULL) this address on a segment. */
	void (*local)(void *context, unsigned segment, uint32_t address, const struct mac *mac);
	/* A port began to answer, or its link came up: what is ours should be announced. */
	void (*ready)(void *context, struct agent_port *port);
	/* The addresses of a port, or what they are on, have changed. May be NULL. */
	void (*moved)(void *context);
	/* A segment's last link went down, or its first one came up. At first all count as up. */
	void (*link)(void *context, unsigned segment, bool up);
	/* The MAC that stands for a segment: of its first port. At the start, and when it changes.
	 */
	void (*mac)(void *context, unsigned segment, struct mac mac);
	/* One line for the log and for `watch`. */
	void (*notice)(void *context, const char *line);
};

struct ports {
	struct agent_port *port; /* owned */
	size_t count;
	struct domain *domain; /* owned: one for each segment */
	const struct config *config;
	const struct layout *layout; /* set before ports_attach() */
	struct offload *offload;     /* likewise; NULL: nothing is attached yet */
	const struct ports_ops *ops;
	void *context;
	struct uppers uppers;
	struct locals locals; /* what `local` was told */
	int socket;           /* AF_PACKET, sends only */
};

/* One port for each interface that the configuration names. */
int ports_init(struct ports *ports, const struct config *config, const struct ports_ops *ops,
               void *context, struct fault *fault);
/* What netlink said (struct links_ops). Attaches and detaches once ports_attach() was called. */
void ports_link(struct ports *ports, const struct link_state *link);
void ports_address(struct ports *ports, const struct link_address *address);
/* Checks that every interface is there and is Ethernet. */
int ports_check(const struct ports *ports, struct fault *fault);
/* Attaches all; from now on every port follows its interface. Detaches what it attached if one
 * fails. */
int ports_attach(struct ports *ports, struct offload *offload, const struct layout *layout,
                 struct fault *fault);
/* Once a second: heartbeats, and another try for ports whose attachment failed or was taken off. */
void ports_beat(struct ports *ports);
/* Detaches all. Names what stayed attached in the fault. */
int ports_detach(struct ports *ports, struct fault *fault);
void ports_clear(struct ports *ports);

/* The port with this index; NULL if none. */
struct agent_port *ports_find(struct ports *ports, unsigned ifindex);
/* Where the segment is on the port; NULL: it is not. A port has a segment once (config_check()). */
static inline const struct port_segment *port_segment_of(const struct agent_port *port,
                                                         unsigned segment)
{
	for (size_t s = 0; s < port->segments; s++)
		if (port->segment[s].segment == segment)
			return &port->segment[s];
	return NULL;
}
const char *port_state_name(enum port_state state);
/* One line for the log and for `watch`. */
void port_notice(const struct agent_port *port, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* The pace of the agent's own frames that may be many: 500 a second. */
#define PORTS_PACE_MS     20
#define PORTS_PACE_FRAMES 10 /* every PORTS_PACE_MS */

/* Sends a request for `target` on every port of the segment. `to` NULL: broadcast. */
void ports_ask(struct ports *ports, unsigned segment, uint32_t target, const struct mac *to);
/* Announces that `address` is at `owner` on every port of the segment. */
void ports_announce(struct ports *ports, unsigned segment, uint32_t address, struct mac owner);
/* Tells `holder` alone, who is at `holder_mac`, that `address` is at `owner`: a reply that nobody
 * asked for, on every port of the segment. To the broadcast MAC: announces it to all. */
void ports_reply(struct ports *ports, unsigned segment, uint32_t address, struct mac owner,
                 uint32_t holder, struct mac holder_mac);

#endif
