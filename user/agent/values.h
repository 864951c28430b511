/* SPDX-License-Identifier: MIT */
/* Values of the agent as JSON, by the names that commands.h gives them. */
#ifndef USER_AGENT_VALUES_H
#define USER_AGENT_VALUES_H

#include <jansson.h>

#include "arpkeeper/slot.h"
#include "entry/entry.h"

json_t *value_time(int64_t seconds);
/* A number for one tag, "OUTER.INNER" for two, null for none (0). */
json_t *value_vlan(uint32_t vlan);
/* {"mac", "state"}; null for NULL. */
json_t *value_binding(const struct entry *entry);
/* "dynamic", "stale", ... */
const char *value_state_name(enum slot_state state);

#endif
