/* SPDX-License-Identifier: MIT */
/* A configuration as a value. */
#ifndef USER_CONFIG_TYPES_H
#define USER_CONFIG_TYPES_H

#include "entry/entry.h"

enum config_answer { ANSWER_KNOWN, ANSWER_STATIC, ANSWER_OFF };
/* auto: on, if the segment has an IPv6 prefix. */
enum config_nd { ND_AUTO, ND_ON, ND_OFF };
enum config_learn { LEARN_VERIFIED, LEARN_PASSIVE, LEARN_OFF };
enum config_announce { ANNOUNCE_LOCAL, ANNOUNCE_STATIC, ANNOUNCE_OFF };
enum config_kernel { KERNEL_OFF, KERNEL_IMPORT, KERNEL_EXPORT, KERNEL_BOTH };
/* Which of a segment's entries other nodes see: protocol's enum fleet_share, in its order. */
enum config_share { CONFIG_SHARE_ALL, CONFIG_SHARE_STATIC, CONFIG_SHARE_OFF };
enum config_fetch { FETCH_SEGMENTS, FETCH_ALL, FETCH_OFF };
enum config_push { PUSH_OWN, PUSH_RELAY, PUSH_OFF };
enum config_mode { MODE_AUTO, MODE_NATIVE, MODE_GENERIC };

struct config_segment {
	char name[SEGMENT_NAME_MAX + 1];
	char **interface; /* owned */
	size_t interfaces, interface_room;
	struct prefix *prefix; /* owned; empty: the agent fills in the interface's own */
	size_t prefixes, prefix_room;
	enum config_nd nd;      /* IPv6: config_segment_has_nd() */
	bool ra_guard;          /* router advertisements pass from declared routers alone */
	bool own_prefixes;      /* the agent did */
	uint32_t vlan;          /* vlan_key(); 0: untagged */
	uint16_t vlan_protocol; /* outer tag of frames we send: ETH_P_8021Q or ETH_P_8021AD;
	                           0: the former with one tag, the latter with two */
	bool vlan_offload_off;  /* switch off an offload that hides tags; else only report it */
	enum config_answer answer;
	enum config_learn learn;
	uint32_t learn_limit;     /* learned addresses; 0: no limit */
	uint32_t mac_limit;       /* learned addresses of one MAC before an alert; 0: never */
	bool mac_limit_refuses;   /* and more are not learned */
	uint32_t learn_rate;      /* new bindings a second of an interface; 0: no limit */
	uint32_t timeout;         /* seconds of silence until a binding is stale */
	uint32_t hold;            /* seconds of silence until another MAC gets an old binding */
	uint32_t reclaim;         /* seconds in which the owner before gets it back; 0: never */
	uint32_t duplicate_moves; /* so many, 0: never, */
	uint32_t duplicate_time;  /* within so many seconds, freeze an address, */
	uint32_t duplicate_hold;  /* for so many seconds; 0: until it is set or unset */
	enum config_announce announce;
	uint32_t announce_every; /* seconds; 0: never */
	bool reply_as_target;
	bool enforce;
	bool sponge;
	struct mac sponge_mac; /* zero: the interface's own */
	uint32_t sponge_rate;  /* requests a minute for a dead address, then it is answered */
	bool local_offload;
	enum config_kernel kernel;
	enum config_share share; /* in a fleet */
};

/* A repository that nodes of the fleet exchange their branches through. */
struct config_remote {
	char name[NODE_NAME_MAX + 1];
	char *url; /* owned; NULL only while the file is read */
	enum config_fetch fetch;
	enum config_push push;
	uint32_t poll_ms;
	bool operators; /* this node takes the requests that people push there */
};

#define CONFIG_REMOTES_MAX 8
#define CONFIG_SECTION     (sizeof("segment.") + SEGMENT_NAME_MAX) /* of a section's name */

#define CONFIG_MEMORY ":memory:" /* as history.path: the repository is kept in memory */

struct config {
	char *history_path;   /* owned; default /var/lib/arpkeeper/history.git */
	uint32_t interval_ms; /* history.interval, default 200 */
	char *archive;        /* owned; history.archive: a path; NULL: none */
	uint32_t keep;        /* history.keep, seconds; default 0: all of it */
	uint32_t backlog;     /* history.backlog, changes; default 131072 */
	uint32_t guard;       /* history.guard, as in entry/guard.h; default GUARD_AUTO */
	char *instance;       /* owned; default "default": letters, digits, '-', '_' */
	char *node;           /* owned; agent.node; NULL: the machine's name */
	char *control;        /* owned; default /run/arpkeeper/control.sock */
	char *operators;      /* owned; agent.operators: a group; NULL: none */
	char *recorder_user;  /* owned; agent.recorder-user; NULL: arpkeeper or root */
	char *alert_command;  /* owned; agent.alert-command: a path; NULL: none */
	char *web;            /* owned; web.listen: where `arpkeeper web` listens; NULL: default */
	char *fleet;          /* owned; fleet.node; NULL: this node is in no fleet */
	struct config_remote *remote; /* owned */
	size_t remotes, remote_room;
	uint32_t silence;               /* agent.silence, seconds, default 60; 0: never */
	enum config_mode mode;          /* agent.mode, default auto */
	uint32_t neighbours6;           /* agent.neighbours6: IPv6 addresses in the table */
	struct config_segment *segment; /* owned */
	size_t segments, segment_room;
};

#endif
