/* SPDX-License-Identifier: MIT */
/*
 * The one funnel of alerts. Each is counted, by kind; those that the limiter lets pass are told:
 * to the log, to those who watch, and to history, which makes each a commit on the branch
 * `alerts`. What was held back is said in one line, once a minute or when it ends.
 * An alert that is held back costs no allocation.
 */
#ifndef USER_AGENT_ALERTS_H
#define USER_AGENT_ALERTS_H

#include <jansson.h>

#include "agent/alertlimit.h"
#include "agent/flood.h"

#define ALERTS_SUMMARY_MS 60000 /* what is held back is said so often, */
#define ALERTS_QUIET_MS   5000  /* or when nothing was held back for so long */

struct agent;

/* All zeros is a beginning. */
struct alerts {
	struct alertlimit limit;
	uint64_t raised[ALERT_KINDS],
	        held[ALERT_KINDS];       /* since the start; the former with the latter
	                                  */
	uint64_t held_said[ALERT_KINDS]; /* of `held`: in a summary already */
	uint64_t held_since, held_last;  /* milliseconds: what no summary has said; 0: nothing is */
	struct flood flood;
};

/* Something is wrong, or new. The alert is copied. */
void alerts_raise(struct agent *agent, const struct neighbour_alert *alert);
/* Once a second: floods, and the summary of what was held back. */
void alerts_beat(struct agent *agent);
/* The agent is about to end: the summary, if there is anything to sum up. */
void alerts_end(struct agent *agent);
/* {"raised": {KIND: N, ...}, "held_back": {KIND: N, ...}} */
json_t *alerts_json(const struct agent *agent);

#endif
