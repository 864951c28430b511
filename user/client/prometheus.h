/* SPDX-License-Identifier: MIT */
/* The agent's statistics in Prometheus' text format. */
#ifndef USER_CLIENT_PROMETHEUS_H
#define USER_CLIENT_PROMETHEUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* `stats`: the agent's answer. What it does not have is not written. `open_metrics`: as OpenMetrics
 * 1.0 has it, which ends with a line "# EOF"; the caller writes that. */
void prometheus_write(FILE *out, const json_t *stats, bool open_metrics);
/* To standard output, as `stats --prometheus`. */
void prometheus_print(const json_t *stats);

#endif
