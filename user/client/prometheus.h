/* SPDX-License-Identifier: MIT */
/* The agent's statistics in Prometheus' text format. */
#ifndef USER_CLIENT_PROMETHEUS_H
#define USER_CLIENT_PROMETHEUS_H

#include <jansson.h>

/* `stats`: the agent's answer. What it does not have is not printed. */
void prometheus_print(const json_t *stats);

#endif
