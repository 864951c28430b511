/* SPDX-License-Identifier: MIT */
/* Builds a line only when a client watches. */
#include "agent/publish.h"

#include <time.h>

#include "agent/changeline.h"

json_t *value_time(int64_t seconds)
{
	char text[TIME_TEXT];

	return json_string(time_format(text, seconds));
}

json_t *value_vlan(uint32_t vlan)
{
	char text[VLAN_TEXT];

	if (!vlan)
		return json_null();
	return vlan >> 16 ? json_string(vlan_format(text, vlan)) : json_integer(vlan);
}

static bool is_watched(const struct agent *agent)
{
	return agent->control && control_has_subscribers(agent->control);
}

void publish_change(struct agent *agent, const struct neighbour_change *change)
{
	char line[CHANGELINE];
	size_t length;

	if (!is_watched(agent))
		return;
	length = changeline_write(line, change, agent->config.segment[change->segment].name,
	                          time(NULL));
	control_publish_line(agent->control, line, length);
}

void publish_alert(struct agent *agent, const struct history_alert *alert, uint32_t vlan)
{
	if (!is_watched(agent))
		return;
	control_publish(agent->control,
	                json_pack("{s:o, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:o, s:s?}",
	                          "time", value_time(alert->time), "type", "alert", "alert",
	                          alert->kind, "segment", alert->segment, "address", alert->address,
	                          "mac", alert->mac, "other", alert->other, "interface",
	                          alert->interface, "vlan", value_vlan(vlan), "text",
	                          alert->address ? NULL : alert->words));
}

void publish_notice(void *context, const char *line)
{
	const struct agent *agent = context;

	log_info("%s", line);
	if (is_watched(agent))
		control_publish(agent->control,
		                json_pack("{s:o, s:s, s:s}", "time", value_time(time(NULL)), "type",
		                          "notice", "text", line));
}
