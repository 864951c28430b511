/* SPDX-License-Identifier: MIT */
/* A change of the table as watchers get it: one line of JSON. */
#ifndef USER_AGENT_CHANGELINE_H
#define USER_AGENT_CHANGELINE_H

#include <stddef.h>
#include <stdint.h>

#include "neighbour/neighbour.h"

/* Any change fits. */
#define CHANGELINE 1024

/* Writes the line with its end. `time`: Unix seconds. Returns its length; 0: it does not fit. Texts
 * that are not UTF-8 are mended. */
size_t changeline_write(char line[CHANGELINE], const struct neighbour_change *change,
                        const char *segment, int64_t time);

#endif
