/* SPDX-License-Identifier: MIT */
/* Counts alerts, limits them, puts them into words. Other files decide what is an alert. */
#include "agent/alerts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/alertcommand.h"
#include "agent/clock.h"
#include "agent/publish.h"

#define SUMMARY_MS 60000 /* what is held back is summed up so often, */
#define QUIET_MS   5000  /* or when nothing was held back for so long */
#define WORDS_MAX  900

/* Before the other MAC (NULL: ", not "), and at the end. */
static const struct {
	const char *between, *end;
} phrase[ALERT_KINDS] = {
        [ALERT_MOVED] = {", before at ", NULL},
        [ALERT_FLIP_FLOP] = {", a moment ago at ", NULL},
        [ALERT_RECLAIMED] = {", back from ", NULL},
        [ALERT_DUPLICATE] = {", and at ", ": it moves too often, and is frozen"},
        [ALERT_SPOOF] = {NULL, ": dropped"},
        [ALERT_MISMATCH] = {", in a frame from ", NULL},
        [ALERT_BROADCAST_SOURCE] = {", in a frame from ", NULL},
        [ALERT_MANY_ADDRESSES] = {NULL, ", which has more addresses than it should"},
        [ALERT_LEARN_LIMIT] = {NULL, ", is not learned: the limit is reached"},
        [ALERT_EXTERNAL_INVALID] = {NULL, ", was written into the map, and is undone"},
        [ALERT_ROGUE_ROUTER] = {NULL, ", is not a declared router, and its message was dropped"},
};

/* --- telling --------------------------------------------------------------------------------- */

static void report(struct agent *agent, struct history_alert *alert, uint32_t vlan,
                   enum log_level level)
{
	const char *segment = alert->segment, *interface = alert->interface;

	alert->time = time(NULL);
	log_write(level, "%s%s%s: %s%s%s", segment ? segment : "", segment ? ": " : "", alert->kind,
	          alert->words, interface ? ", on " : "", interface ? interface : "");
	publish_alert(agent, alert, vlan);
	if (agent->ledger && ledger_alert(agent->ledger, alert) < 0)
		log_error("out of memory: an alert is not recorded");
}

static void tell(struct agent *agent, struct history_alert *alert, uint32_t vlan,
                 enum log_level level)
{
	report(agent, alert, vlan, level);
	alertcommand_pass(agent, alert, vlan, level == LOG_LEVEL_DEBUG);
}

/* --- what is held back ----------------------------------------------------------------------- */

/* Some kinds come in large numbers that say the same thing. */
static struct alertlimit_key key_of(const struct neighbour_alert *alert)
{
	struct alertlimit_key key = {alert->kind, alert->segment, alert->address, alert->mac};

	if (alert->kind == ALERT_MANY_ADDRESSES || alert->kind == ALERT_LEARN_LIMIT)
		key.address = (struct address){0};
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

/* "900 new-station, 12 conflict". Returns their number; `trouble`: they are not only news. */
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
	struct history_alert alert = {.kind = "held-back", .words = words};

	alerts->held_since = 0;
	snprintf(words, sizeof(words), "%llu more alert%s held back in %llu s: %s",
	         (unsigned long long)all, all == 1 ? " was" : "s were",
	         (unsigned long long)(seconds ? seconds : 1), kinds);
	tell(agent, &alert, 0, trouble ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG);
}

/* --- floods ---------------------------------------------------------------------------------- */

static void look_for_flood(struct agent *agent, uint64_t now_ms)
{
	uint64_t counters[COUNTERS], took = 0;
	struct flood_count now, told;
	char words[WORDS_MAX];
	struct history_alert alert = {.kind = alert_kind_name(ALERT_FLOOD), .words = words};
	enum flood_news news;

	if (offload_counters(agent->offload, counters))
		return;
	now = (struct flood_count){counters[COUNTER_EVENTS_LIMITED], counters[COUNTER_EVENTS_LOST]};
	news = flood_look(&agent->alerts.flood, &now, now_ms, &told, &took);
	if (news == FLOOD_NOTHING)
		return;
	/* The counters are sums over all ports. */
	if (agent->config.segments == 1)
		alert.segment = agent->config.segment[0].name;
	if (news == FLOOD_GOES_ON) {
		agent->alerts.raised[ALERT_FLOOD]++;
		snprintf(words, sizeof(words),
		         "%llu events were held back, %llu lost: the agent misses some frames",
		         (unsigned long long)told.limited, (unsigned long long)told.lost);
	} else {
		snprintf(words, sizeof(words),
		         "over after %llu s: %llu events were held back, "
		         "%llu lost",
		         (unsigned long long)took / 1000 + 1, (unsigned long long)told.limited,
		         (unsigned long long)told.lost);
	}
	tell(agent, &alert, 0, news == FLOOD_GOES_ON ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO);
}

/* --- the funnel ------------------------------------------------------------------------------ */

void alerts_raise(void *context, const struct neighbour_alert *alert)
{
	struct agent *agent = context;
	const struct config_segment *segment = &agent->config.segment[alert->segment];
	const char *between = phrase[alert->kind].between, *end = phrase[alert->kind].end;
	char words[WORDS_MAX], address[ADDRESS_TEXT], mac[MAC_TEXT], other[MAC_TEXT],
	        vlan[VLAN_TEXT];
	bool with_other = !mac_is_zero(alert->other);
	struct history_alert told;

	if (!pass(&agent->alerts, alert, clock_now().now_ms))
		return;
	told = (struct history_alert){
	        .kind = alert_kind_name(alert->kind),
	        .words = words,
	        .segment = segment->name,
	        .interface = alert->interface,
	        .vlan = segment->vlan ? vlan_format(vlan, segment->vlan) : NULL,
	        .address = address_format(address, alert->address),
	        .mac = mac_is_zero(alert->mac) ? NULL : mac,
	        .other = with_other ? mac_format(other, alert->other) : NULL,
	};
	if (!between)
		between = ", not ";
	snprintf(words, sizeof(words), "%s at %s%s%s%s", address, mac_format(mac, alert->mac),
	         with_other ? between : "", with_other ? other : "", end ? end : "");
	/* A new station is news, not trouble. */
	tell(agent, &told, segment->vlan,
	     alert->kind == ALERT_NEW_STATION ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING);
}

void alerts_recorder(struct agent *agent, const char *words)
{
	struct history_alert alert = {.kind = "recorder", .words = words};

	tell(agent, &alert, 0, LOG_LEVEL_WARNING);
}

/* The same words are the same alert. */
void alerts_found(void *context, const struct history_alert *found)
{
	struct neighbour_alert about = {.kind = ALERT_OVERRULED,
	                                .address.low = fnv_text(found->words)};
	struct history_alert alert = *found;
	struct agent *agent = context;

	while (about.kind < ALERT_KINDS && strcmp(alert_kind_name(about.kind), found->kind) != 0)
		about.kind++;
	if (about.kind == ALERT_KINDS)
		alerts_recorder(agent, found->words);
	else if (pass(&agent->alerts, &about, clock_now().now_ms))
		tell(agent, &alert, 0, LOG_LEVEL_WARNING);
}

static void look_at_command(struct agent *agent)
{
	char words[ALERTCOMMAND_WORDS];
	struct history_alert alert = {.kind = "alert-command", .words = words};

	if (alertcommand_fails(agent, words))
		report(agent, &alert, 0, LOG_LEVEL_WARNING);
}

void alerts_beat(struct agent *agent)
{
	const struct alerts *alerts = &agent->alerts;
	uint64_t now_ms = clock_now().now_ms;

	look_for_flood(agent, now_ms);
	look_at_command(agent);
	if (alerts->held_since &&
	    (now_ms - alerts->held_since >= SUMMARY_MS || now_ms - alerts->held_last >= QUIET_MS))
		say_held(agent, now_ms);
}

void alerts_end(struct agent *agent)
{
	if (agent->alerts.held_since)
		say_held(agent, clock_now().now_ms);
}

json_t *alerts_json(const struct agent *agent)
{
	json_t *alerts = json_array();

	for (unsigned kind = 0; kind < ALERT_KINDS; kind++)
		json_array_append_new(alerts,
		                      json_pack("{s:s, s:I, s:I}", "kind", alert_kind_name(kind),
		                                "raised", (json_int_t)agent->alerts.raised[kind],
		                                "held_back", (json_int_t)agent->alerts.held[kind]));
	return alerts;
}
