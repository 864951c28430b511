/* SPDX-License-Identifier: MIT */
/*
 * The configuration: git-config syntax, read through libgit2 (DESIGN 5). Every key has a
 * default. Unknown sections and keys and bad values are faults with file and line.
 */
#ifndef USER_CONFIG_H
#define USER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "entry/entry.h"
#include "wire/wire.h"

enum config_answer { ANSWER_KNOWN, ANSWER_STATIC, ANSWER_OFF };
enum config_learn { LEARN_VERIFIED, LEARN_PASSIVE, LEARN_OFF };
enum config_announce { ANNOUNCE_LOCAL, ANNOUNCE_STATIC, ANNOUNCE_OFF };
enum config_kernel { KERNEL_OFF, KERNEL_IMPORT, KERNEL_EXPORT, KERNEL_BOTH };
enum config_mode { MODE_AUTO, MODE_NATIVE, MODE_GENERIC };

struct config_segment {
	char name[SEGMENT_NAME_MAX + 1];
	char **interface; /* owned */
	size_t interfaces;
	struct prefix *prefix; /* owned; empty: the interface's own, filled in by the agent */
	size_t prefixes;
	uint32_t vlan;          /* vlan_key(); 0: untagged */
	uint16_t vlan_protocol; /* of the outer tag of our own frames: ETH_P_8021Q or ETH_P_8021AD;
	                           0: the former for one tag, the latter for two */
	bool vlan_offload_off;  /* switch off what hides tags; else only say so */
	enum config_answer answer;
	enum config_learn learn;
	uint32_t learn_limit; /* learned addresses; 0: as many as there are */
	uint32_t mac_limit;   /* addresses of one MAC beyond which there is an alert; 0: never */
	uint32_t timeout;     /* seconds of silence until a binding is stale */
	enum config_announce announce;
	uint32_t announce_every; /* seconds; 0: never */
	bool reply_as_target;
	bool enforce;
	bool sponge;
	struct mac sponge_mac; /* zero: the interface's own */
	uint32_t
	        sponge_rate; /* requests a minute for one dead address, from which it is answered */
	bool local_offload;
	enum config_kernel kernel;
};

#define CONFIG_MEMORY ":memory:" /* as history.path: kept in memory */

struct config {
	char *history_path;             /* owned; default /var/lib/arpkeeper/history.git */
	uint32_t interval_ms;           /* history.interval, default 200 */
	uint32_t keep;                  /* history.keep, seconds; default 0: everything */
	uint32_t backlog;               /* history.backlog, changes; default 131072 */
	char *instance;                 /* owned; default "default": letters, digits, '-', '_' */
	char *control;                  /* owned; default /run/arpkeeper/control.sock */
	uint32_t silence;               /* agent.silence, seconds, default 60; 0: never */
	enum config_mode mode;          /* agent.mode, default auto */
	struct config_segment *segment; /* owned */
	size_t segments;
};

/* All defaults, no segment. */
int config_init(struct config *config);
/* Reads a file over the defaults. Prefixes are checked for size and overlap here. */
int config_read(struct config *config, const char *path, struct fault *fault);
/* Adds a segment with every default (for `run -i`); NULL when out of memory or the name is bad. */
struct config_segment *config_add_segment(struct config *config, const char *name,
                                          struct fault *fault);
int config_segment_add_interface(struct config_segment *segment, const char *name,
                                 struct fault *fault);
int config_segment_add_prefix(struct config_segment *segment, struct prefix prefix);
/* Checks what can be checked only as a whole: prefixes that overlap, interface and VLAN used twice.
 */
int config_check(const struct config *config, struct fault *fault);
/* As the configuration has them: "known", "verified", ... */
const char *config_answer_name(enum config_answer answer);
const char *config_learn_name(enum config_learn learn);
/* Index of the segment called `name`; -1 if none. */
int config_find_segment(const struct config *config, const char *name);
void config_clear(struct config *config);

/* "90", "90s", "200ms", "5m", "2h", "1d" to milliseconds; 0 or -EINVAL. Also used by the command
 * line. */
int duration_parse_ms(uint64_t *milliseconds, const char *text);

#endif
