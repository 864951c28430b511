/* SPDX-License-Identifier: MIT */
/* The state of the ports, and small functions on them. */
#ifndef USER_PORTS_PORT_H
#define USER_PORTS_PORT_H

#include <net/if.h>

#include "config/config.h"
#include "offload/offload.h"
#include "ports/uppers.h"

enum port_state {
	PORT_ATTACHED, /* answering */
	PORT_DOWN,     /* attached, but the link is down */
	PORT_GONE,     /* the interface does not exist; attached when it comes */
	PORT_FAILED    /* attaching failed: `reason`; tried again */
};

struct port_segment {
	unsigned segment; /* index in the configuration */
	uint32_t vlan;    /* vlan_key() */
};

/* An address of the host on a port, or on an interface above it (uppers.h). */
struct port_address {
	struct address address;
	uint8_t length;   /* of its prefix */
	uint32_t vlan;    /* of its segment: vlan_key() */
	unsigned ifindex; /* the interface that has the address, */
	struct mac mac;   /* its MAC, */
	bool up;          /* and whether it is up */
};

/* Whether the interface takes tags off (tags.h). */
struct port_tags {
	unsigned needed;   /* TAGS_*: the outer tags of its segments; 0: they have none */
	int hidden;        /* TAGS_*: taken off by the interface; negative: not known */
	unsigned switched; /* TAGS_*: the agent switched this off */
};

struct agent_port {
	struct ports *ports;
	char name[IFNAMSIZ];
	struct port_segment *segment; /* owned: the segments that live on this interface */
	size_t segments, segment_room;
	unsigned ifindex; /* 0: it does not exist */
	bool up, ethernet;
	uint16_t mtu; /* 65535: that or more */
	struct mac mac;
	struct port_address *address; /* owned; the port's own come first */
	size_t addresses, address_room;
	enum port_state state;
	char reason[FAULT_TEXT]; /* of PORT_FAILED */
	int64_t since;           /* Unix seconds: of `state` */
	struct offload_port *offload;
	struct offload_port *away; /* of the interface when it left this network namespace */
	struct port_tags tags;
};

/* A segment as one broadcast domain over all of its ports. */
struct domain {
	bool up;        /* an attached port has a link */
	struct mac mac; /* of the first attached port, as last reported; zero: none so far */
};

/* The host's own addresses as a set. One that is on two interfaces is in it once. */
struct local {
	unsigned segment;
	struct address address;
	struct mac mac;
};

struct locals {             /* zero: empty */
	struct local *item; /* owned; ordered by segment and address */
	size_t count, room;
};

struct links;

struct ports_ops {
	/* The host has (mac) or no longer has (NULL) this address on a segment. */
	void (*local)(void *context, unsigned segment, struct address address,
	              const struct mac *mac);
	/* A port began to answer, or its link came up: announce what its segments have. */
	void (*ready)(void *context, struct agent_port *port);
	/* The addresses of a port, or what they are on, have changed. May be NULL. */
	void (*moved)(void *context);
	/* A segment's last link went down, or its first one came up. At first all count as up. */
	void (*link)(void *context, unsigned segment, bool up);
	/* The MAC that stands for a segment: of its first port. At the start, and when it changes.
	 */
	void (*mac)(void *context, unsigned segment, struct mac mac);
	/* Whether the IPv6 address is a router's, which advertisements say (RFC 4861 4.4, R). May
	 * be NULL: none is. */
	bool (*is_router)(void *context, unsigned segment, struct address address);
	/* One line for the log and for `watch`. */
	void (*notice)(void *context, const char *line);
};

struct ports {
	struct agent_port *port; /* owned */
	size_t count;
	struct domain *domain; /* owned: one for each segment */
	const struct config *config;
	const struct layout *layout; /* set by ports_attach() */
	struct offload *offload;     /* likewise; NULL: nothing is attached yet */
	const struct ports_ops *ops;
	void *context;
	struct links *links; /* owned: netlink */
	struct uppers uppers;
	struct locals locals; /* what `local` reported */
	int socket;           /* AF_PACKET, sends only */
};

/* The port with this index; NULL if none. */
struct agent_port *ports_find(struct ports *ports, unsigned ifindex);
/* Where the segment is on the port; NULL: nowhere. A port has a segment once (config_check()). */
const struct port_segment *port_segment_of(const struct agent_port *port, unsigned segment);
const char *port_state_name(enum port_state state);
/* One line for the log and for `watch`. */
void port_notice(const struct agent_port *port, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
