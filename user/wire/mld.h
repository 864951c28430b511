/* SPDX-License-Identifier: MIT */
/*
 * Multicast listener discovery: how a switch that snoops learns which groups a port hears. Reports
 * of version 2 (RFC 3810) hold many groups; to a querier of version 1 (RFC 2710) each group has a
 * frame of its own. Queries are parsed.
 */
#ifndef USER_WIRE_MLD_H
#define USER_WIRE_MLD_H

#include "wire/ethernet.h"

#define MLD_FRAME_MAX 1522 /* an MTU of 1500, and two tags */
#define MLD_MTU_MAX   1500

/* Record types of version 2, RFC 3810 5.2.12. Our groups have no source lists. */
enum mld_record {
	MLD_IS_EXCLUDE = 2, /* answers a query: every source is heard */
	MLD_TO_INCLUDE = 3, /* the group is left */
	MLD_TO_EXCLUDE = 4  /* the group is joined */
};

/* A report under way. */
struct mld_report {
	struct ethernet ethernet;
	struct address from; /* link-local; "::": none (RFC 3590) */
	uint16_t mtu;        /* more than MLD_MTU_MAX counts as that */
	/* The rest is mld_add()'s. */
	uint16_t records;
	uint8_t frame[MLD_FRAME_MAX];
};

/* One more record. Where `mld_is_full()` says so, mld_finish() must come first. */
void mld_add(struct mld_report *report, enum mld_record type, struct address group);
bool mld_is_full(const struct mld_report *report);
/* Completes the frame; returns its length, 0 if it has no records. The next mld_add() begins
 * another one. */
size_t mld_finish(struct mld_report *report);

/* A report (`joined`) or a "done" of version 1, for one group; returns the frame's length. Takes
 * addresses of `report`, and its `frame` as the buffer: it must have no records. */
size_t mld1_build(struct mld_report *report, bool joined, struct address group);

struct mld_query {
	uint32_t vlan; /* vlan_key() */
	struct address from;
	struct address group;      /* "::": for all groups */
	uint32_t delay_ms;         /* within which to answer */
	uint32_t other_version_ms; /* how long a querier of version 1 counts as present; 0: it is
	                              of version 2 */
};

/* `vlan`: the tags that the interface took off, as a key; the others are in the frame. False: not a
 * valid query (RFC 3810 5.1.14, 6.2). */
bool mld_query_parse(struct mld_query *query, uint32_t vlan, const uint8_t *frame, size_t length);

#endif
