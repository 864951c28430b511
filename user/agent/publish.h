/* SPDX-License-Identifier: MIT */
/* The stream of `watch`: changes of the table, alerts and notices. */
#ifndef USER_AGENT_PUBLISH_H
#define USER_AGENT_PUBLISH_H

#include "agent/state.h"

void publish_change(struct agent *agent, const struct neighbour_change *change);
/* `vlan`: vlan_key(); 0: untagged, or unknown. */
void publish_alert(struct agent *agent, const struct history_alert *alert, uint32_t vlan);
/* One line, which goes to the log, too. */
void publish_notice(struct agent *agent, const char *line);

#endif
