/* SPDX-License-Identifier: MIT */
/*
 * The prefixes of the segments: configured, or the interfaces' own; and where the table has them. A
 * segment that takes its interface's own has none until there is an address, and gets those of
 * addresses that come later. One that goes leaves its prefix: an interface that flaps must not
 * empty the table.
 */
#ifndef USER_AGENT_PREFIXES_H
#define USER_AGENT_PREFIXES_H

#include "ports/ports.h"

/* Adds the interfaces' own to the segments for which the configuration names none. Returns how many
 * are new, or -ENOMEM. */
int prefixes_fill(struct config *config, const struct ports *ports);
/* Whether each segment has a prefix. */
int prefixes_check(const struct config *config, struct fault *fault);
/* The place of each in the table. On error, too, layout_clear() must follow. */
int prefixes_layout(struct layout *layout, const struct config *config, struct fault *fault);

#endif
