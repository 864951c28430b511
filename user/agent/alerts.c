/* SPDX-License-Identifier: MIT */
/* Alerts: counted, limited, put into words, told. Decides nothing about what is one. */
#include "agent/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/report.h"
#include "agent/state.h"
#include "base/base.h"
#include "wire/wire.h"

#define WORDS_MAX 512

/* An alert, ready to be told. */
struct telling {
	const char *kind;
	const char *words;                   /* one line, without kind and segment */
	const char *segment;                 /* NULL: the agent's as a whole */
	const struct neighbour_alert *alert; /* NULL: about no address */
	const char *interface;               /* NULL: unknown */
	uint32_t vlan;                       /* vlan_key(); 0: untagged, or unknown */
	enum log_level level;
};

static const char *mac_text(char text[MAC_TEXT], const struct mac *mac)
{
	return mac && !mac_is_zero(*mac) ? mac_format(text, *mac) : NULL;
}

/* --- words ----------------------------------------------------------------------------------- */

/* What stands around the other MAC, and at the end. */
static const struct {
	const char *other, *end;
} phrase[ALERT_KINDS] = {
        [ALERT_MOVED] = {", before at ", ""},
        [ALERT_FLIP_FLOP] = {", a moment ago at ", ""},
        [ALERT_CONFLICT] = {", not ", ""},
        [ALERT_SPOOF] = {", not ", ": dropped"},
        [ALERT_MISMATCH] = {", in a frame from ", ""},
        [ALERT_BROADCAST_SOURCE] = {", in a frame from ", ""},
        [ALERT_MANY_ADDRESSES] = {", not ", ", which has more addresses than it should"},
        [ALERT_LEARN_LIMIT] = {", not ", ", is not learned: the limit is reached"},
        [ALERT_EXTERNAL_INVALID] = {", not ", ", was written into the map, and is undone"},
};

static const char *words_of(char words[WORDS_MAX], const struct neighbour_alert *alert)
{
	char address[IPV4_TEXT], mac[MAC_TEXT], other[MAC_TEXT];
	const char *around = phrase[alert->kind].other, *end = phrase[alert->kind].end;
	bool with_other = mac_text(other, &alert->other);

	snprintf(words, WORDS_MAX, "%s at %s%s%s%s", ipv4_format(address, alert->address),
	         mac_format(mac, alert->mac), with_other ? around ? around : ", not " : "",
	         with_other ? other : "", end ? end : "");
	return words;
}

/* --- telling --------------------------------------------------------------------------------- */

static void tell_watchers(struct agent *agent, const struct telling *telling, int64_t now)
{
	const struct neighbour_alert *alert = telling->alert;
	char time_of[TIME_TEXT], address[IPV4_TEXT], mac[MAC_TEXT], other[MAC_TEXT];

	if (!agent->control || !control_has_subscribers(agent->control))
		return;
	control_publish(agent->control,
	                json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:o, s:s?}",
	                          "time", time_format(time_of, now), "type", "alert", "alert",
	                          telling->kind, "segment", telling->segment, "address",
	                          alert ? ipv4_format(address, alert->address) : NULL, "mac",
	                          mac_text(mac, alert ? &alert->mac : NULL), "other",
	                          mac_text(other, alert ? &alert->other : NULL), "interface",
	                          telling->interface, "vlan", report_vlan(telling->vlan), "text",
	                          alert ? NULL : telling->words));
}

static void tell_history(struct agent *agent, const struct telling *telling, int64_t now)
{
	const struct neighbour_alert *alert = telling->alert;
	char address[IPV4_TEXT], mac[MAC_TEXT], other[MAC_TEXT], vlan[VLAN_TEXT];
	const struct history_alert recorded = {
	        .time = now,
	        .kind = telling->kind,
	        .words = telling->words,
	        .segment = telling->segment,
	        .interface = telling->interface,
	        .vlan = telling->vlan ? vlan_format(vlan, telling->vlan) : NULL,
	        .address = alert ? ipv4_format(address, alert->address) : NULL,
	        .mac = mac_text(mac, alert ? &alert->mac : NULL),
	        .other = mac_text(other, alert ? &alert->other : NULL),
	};

	if (agent->history && history_alert(agent->history, &recorded) < 0)
		log_error("out of memory: an alert is not recorded");
}

static void tell(struct agent *agent, const struct telling *telling)
{
	const char *segment = telling->segment, *interface = telling->interface;
	int64_t now = time(NULL);

	log_write(telling->level, "%s%s%s: %s%s%s", segment ? segment : "", segment ? ": " : "",
	          telling->kind, telling->words, interface ? ", on " : "",
	          interface ? interface : "");
	tell_watchers(agent, telling, now);
	tell_history(agent, telling, now);
}

/* --- what is held back ----------------------------------------------------------------------- */

/* Of some kinds many can come at once that say the same thing. */
static struct alertlimit_key key_of(const struct neighbour_alert *alert)
{
	struct alertlimit_key key = {alert->kind, alert->segment, alert->address, alert->mac};

	if (alert->kind == ALERT_MANY_ADDRESSES || alert->kind == ALERT_LEARN_LIMIT)
		key.address = 0;
	if (alert->kind == ALERT_LEARN_LIMIT)
		key.mac = (struct mac){0};
	return key;
}

static bool pass(struct alerts *alerts, const struct neighbour_alert *alert, uint64_t now_ms)
{
	const struct alertlimit_key key = key_of(alert);

	alerts->raised[alert->kind]++;
	if (alertlimit_pass(&alerts->limit, &key, now_ms))
		return true;
	alerts->held[alert->kind]++;
	alerts->held_last = now_ms;
	if (!alerts->held_since)
		alerts->held_since = now_ms;
	return false;
}

/* "900 new-station, 12 conflict". Returns how many that is; `trouble`: it is not only news. */
static uint64_t sum_up(struct alerts *alerts, char words[WORDS_MAX], bool *trouble)
{
	uint64_t all = 0;
	size_t used = 0;

	*words = '\0';
	for (unsigned kind = 0; kind < ALERT_KINDS; kind++) {
		uint64_t count = alerts->held[kind] - alerts->held_said[kind];

		alerts->held_said[kind] = alerts->held[kind];
		if (!count)
			continue;
		*trouble |= kind != ALERT_NEW_STATION;
		used += (size_t)snprintf(words + used, WORDS_MAX - used, "%s%llu %s",
		                         all ? ", " : "", (unsigned long long)count,
		                         alert_kind_name(kind));
		all += count;
	}
	return all;
}

static void say_held(struct agent *agent, uint64_t now_ms)
{
	struct alerts *alerts = &agent->alerts;
	char kinds[WORDS_MAX], words[WORDS_MAX + 80];
	bool trouble = false;
	uint64_t all = sum_up(alerts, kinds, &trouble);
	uint64_t seconds = (now_ms - alerts->held_since + 999) / 1000;
	const struct telling telling = {
	        .kind = "held-back",
	        .words = words,
	        .level = trouble ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG,
	};

	alerts->held_since = 0;
	snprintf(words, sizeof(words), "%llu more alert%s held back in %llu s: %s",
	         (unsigned long long)all, all == 1 ? " was" : "s were",
	         (unsigned long long)(seconds ? seconds : 1), kinds);
	tell(agent, &telling);
}

/* --- floods ---------------------------------------------------------------------------------- */

static void look_for_flood(struct agent *agent, uint64_t now_ms)
{
	uint64_t counters[COUNTERS], took = 0;
	struct flood_count now, told;
	char words[WORDS_MAX];
	struct telling telling = {
	        .kind = alert_kind_name(ALERT_FLOOD), .words = words, .level = LOG_LEVEL_WARNING};
	enum flood_news news;

	if (offload_counters(agent->offload, counters))
		return;
	now = (struct flood_count){counters[COUNTER_EVENTS_LIMITED], counters[COUNTER_EVENTS_LOST]};
	news = flood_look(&agent->alerts.flood, &now, now_ms, &told, &took);
	if (news == FLOOD_NOTHING)
		return;
	/* The counters are all ports' together. */
	if (agent->config.segments == 1)
		telling.segment = agent->config.segment[0].name;
	if (news == FLOOD_GOES_ON) {
		agent->alerts.raised[ALERT_FLOOD]++;
		snprintf(words, sizeof(words),
		         "%llu events were held back, %llu lost: not everything is heard",
		         (unsigned long long)told.limited, (unsigned long long)told.lost);
	} else {
		snprintf(words, sizeof(words),
		         "over after %llu s: %llu events were held back, "
		         "%llu lost",
		         (unsigned long long)took / 1000 + 1, (unsigned long long)told.limited,
		         (unsigned long long)told.lost);
		telling.level = LOG_LEVEL_INFO;
	}
	tell(agent, &telling);
}

/* --- the funnel ------------------------------------------------------------------------------ */

void alerts_raise(struct agent *agent, const struct neighbour_alert *alert)
{
	const struct config_segment *segment = &agent->config.segment[alert->segment];
	char words[WORDS_MAX];
	struct telling telling = {
	        .kind = alert_kind_name(alert->kind),
	        .segment = segment->name,
	        .alert = alert,
	        .interface = alert->interface,
	        .vlan = segment->vlan,
	        /* A new station is news, not trouble. */
	        .level = alert->kind == ALERT_NEW_STATION ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
	};

	if (!pass(&agent->alerts, alert, agent_clock().now_ms))
		return;
	telling.words = words_of(words, alert);
	tell(agent, &telling);
}

void alerts_beat(struct agent *agent)
{
	const struct alerts *alerts = &agent->alerts;
	uint64_t now_ms = agent_clock().now_ms;

	look_for_flood(agent, now_ms);
	if (alerts->held_since && (now_ms - alerts->held_since >= ALERTS_SUMMARY_MS ||
	                           now_ms - alerts->held_last >= ALERTS_QUIET_MS))
		say_held(agent, now_ms);
}

void alerts_end(struct agent *agent)
{
	if (agent->alerts.held_since)
		say_held(agent, agent_clock().now_ms);
}

json_t *alerts_json(const struct agent *agent)
{
	json_t *raised = json_object(), *held = json_object();

	for (unsigned kind = 0; kind < ALERT_KINDS; kind++) {
		const char *name = alert_kind_name(kind);

		json_object_set_new(raised, name,
		                    json_integer((json_int_t)agent->alerts.raised[kind]));
		json_object_set_new(held, name, json_integer((json_int_t)agent->alerts.held[kind]));
	}
	return json_pack("{s:o, s:o}", "raised", raised, "held_back", held);
}
