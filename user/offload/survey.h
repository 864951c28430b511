/* SPDX-License-Identifier: MIT */
/* What an instance has without an agent: its pinned maps, and its programs on interfaces. */
#ifndef USER_OFFLOAD_SURVEY_H
#define USER_OFFLOAD_SURVEY_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arpkeeper/counters.h"
#include "arpkeeper/slot.h"
#include "offload/types.h"

struct survey_port {
	char interface[IFNAMSIZ]; /* as it was when the program was attached */
	bool attached;            /* in this network namespace */
	const char *mode;         /* "native" or "generic", if it is */
	uint32_t silent;          /* seconds since the agent was last alive */
	uint32_t silence; /* after so many, learned bindings are not answered; 0: they are */
};

struct survey {
	char directory[128]; /* of the pins */
	int64_t since;       /* Unix seconds: when the table was pinned */
	uint64_t slots, state[SLOT_STATES], answered, sponged, frozen;
	bool counted;
	uint64_t counters[COUNTERS];
	struct survey_port *port; /* owned */
	size_t ports, port_room;
};

/* Looks at the pins of `instance`; changes nothing. -ENOENT: it has none. survey_clear() in any
 * case. */
int survey_take(struct survey *survey, const char *instance, struct fault *fault);
void survey_clear(struct survey *survey);

#endif
