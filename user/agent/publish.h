/* SPDX-License-Identifier: MIT */
/* The stream of `watch`: changes of the table, alerts and notices; and values as JSON. */
#ifndef USER_AGENT_PUBLISH_H
#define USER_AGENT_PUBLISH_H

#include "agent/state.h"

void publish_change(struct agent *agent, const struct neighbour_change *change);
/* `vlan`: vlan_key(); 0: untagged, or unknown. */
void publish_alert(struct agent *agent, const struct history_alert *alert, uint32_t vlan);
/* One line, which goes to the log, too. The context is the struct agent. */
void publish_notice(void *context, const char *line);

json_t *value_time(int64_t seconds);
/* A number for one tag, "OUTER.INNER" for two, null for none (0). */
json_t *value_vlan(uint32_t vlan);

#endif
