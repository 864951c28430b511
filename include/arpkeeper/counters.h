/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The counters: one for each verdict and its reason, kept per CPU by the XDP program. Only this
 * list names them: program, command line, metrics and tests all print these names.
 *
 * Each ARP frame adds one to `arp_frames` and one to exactly one verdict below it, and so does a
 * frame of neighbour discovery to `nd_frames` and the verdicts `nd_...`. Other frames are not
 * counted, because that would cost them time. Observations are of both.
 */
#ifndef ARPKEEPER_COUNTERS_H
#define ARPKEEPER_COUNTERS_H

#include <linux/types.h>

#define ARPKEEPER_COUNTERS(_)                                                                      \
	_(ARP_FRAMES, "arp_frames", "ARP frames seen")                                             \
	/* verdicts */                                                                             \
	_(ANSWERED, "answered", "requests answered here")                                          \
	_(PASS_MALFORMED, "pass_malformed", "too short, or not Ethernet/IPv4 ARP")                 \
	_(PASS_OFF_LINK, "pass_off_link", "target in no prefix of this interface and VLAN")        \
	_(PASS_NOT_REQUEST, "pass_not_request", "replies and other opcodes")                       \
	_(PASS_GRATUITOUS, "pass_gratuitous", "announcements: the sender asks for itself")         \
	_(PASS_ELSEWHERE, "pass_elsewhere", "unicast requests to another host")                    \
	_(PASS_OWNER, "pass_owner", "the owner asks for its own address")                          \
	_(PASS_PROBE, "pass_probe", "probes for an address that is only learned")                  \
	_(PASS_MISS, "pass_miss", "target on-link, no binding known")                              \
	_(PASS_UNANSWERED, "pass_unanswered", "binding known, but not to be answered here")        \
	_(PASS_WATCHDOG, "pass_watchdog", "the agent is silent: learned binding not answered")     \
	_(PASS_BAD_SENDER, "pass_bad_sender", "sender's MAC is zero or a group address")           \
	_(DROP_PROTECTED, "drop_protected", "contradicts a protected binding")                     \
	_(ND_FRAMES, "nd_frames", "frames of IPv6 neighbour discovery seen")                       \
	/* verdicts */                                                                             \
	_(ND_ANSWERED, "nd_answered", "solicitations answered here")                               \
	_(ND_PASS_MALFORMED, "nd_pass_malformed", "not valid by RFC 4861, or more than 8 options") \
	_(ND_PASS_OFF_LINK, "nd_pass_off_link", "target in no prefix of this interface and VLAN")  \
	_(ND_PASS_NOT_SOLICITATION, "nd_pass_not_solicitation",                                    \
	  "advertisements, router messages and redirects")                                         \
	_(ND_PASS_ELSEWHERE, "nd_pass_elsewhere", "solicitations to another host")                 \
	_(ND_PASS_OWNER, "nd_pass_owner", "the owner asks for its own address")                    \
	_(ND_PASS_PROBE, "nd_pass_probe",                                                          \
	  "duplicate address detection for an address that is only learned")                       \
	_(ND_PASS_MISS, "nd_pass_miss", "target on-link, no binding known")                        \
	_(ND_PASS_UNANSWERED, "nd_pass_unanswered", "binding known, but not to be answered here")  \
	_(ND_PASS_WATCHDOG, "nd_pass_watchdog",                                                    \
	  "the agent is silent: learned binding not answered")                                     \
	_(ND_PASS_BAD_SENDER, "nd_pass_bad_sender", "sender's MAC is zero or a group address")     \
	_(ND_PASS_NO_ROOM, "nd_pass_no_room",                                                      \
	  "no room in the driver's buffer for the answer's option")                                \
	_(ND_DROP_PROTECTED, "nd_drop_protected", "contradicts a protected binding")               \
	_(ND_DROP_ROUTER, "nd_drop_router",                                                        \
	  "router advertisement or redirect, not of a declared router")                            \
	/* observations */                                                                         \
	_(HEARD_SAME, "heard_same", "sender as in the table")                                      \
	_(HEARD_OTHER, "heard_other", "sender new, or not as in the table")                        \
	_(HEARD_FOREIGN, "heard_foreign", "sender's address in no prefix here")                    \
	_(SPONGED, "sponged", "answers for dead addresses, with the sponge's MAC")                 \
	_(SENDER_MISMATCH, "sender_mismatch", "sender's MAC is not the frame's source")            \
	_(EVENTS_SENT, "events_sent", "events sent to the agent")                                  \
	_(EVENTS_THROTTLED, "events_throttled",                                                    \
	  "events suppressed: the same was sent just before")                                      \
	_(EVENTS_LIMITED, "events_limited",                                                        \
	  "events suppressed: too many, in all or of one station")                                 \
	_(EVENTS_LOST, "events_lost", "events lost: ring buffer full")

#define ARPKEEPER_COUNTER_ENUM(id, name, help) COUNTER_##id,
enum counter { ARPKEEPER_COUNTERS(ARPKEEPER_COUNTER_ENUM) COUNTERS };
#undef ARPKEEPER_COUNTER_ENUM

/* The one element of the per-CPU map `counters`. All counters are together, because each look-up in
 * a per-CPU map costs a frame 1 to 2 ns. */
struct counters {
	__u64 count[COUNTERS];
	__u64 tick; /* for the program's clock: the jiffy in which `second` was read */
	__u64 second;
};

#endif
