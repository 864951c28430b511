/* SPDX-License-Identifier: MIT */
/*
 * The keys of the configuration as a table: what sets a key, where its value goes, and which
 * values it may have. A fault says what the value should have been.
 */
#include "config/keys.h"

#include <ctype.h>
#include <errno.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "arpkeeper/frame.h"
#include "arpkeeper/slot.h"
#include "config/remote.h"
#include "config/texts.h"
#include "config/values.h"
#include "config/words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECOND_MS       UINT64_C(1000)
#define DAY_MS          (86400 * SECOND_MS)
#define HOUR_MS         (3600 * SECOND_MS)
#define LONGEST_MS      (30 * DAY_MS)
#define KEEP_MAX_MS     (36500 * DAY_MS)
#define HOLD_MIN_MS     (3 * SECOND_MS) /* three requests, a second apart */
#define INTERVAL_MAX_MS (60 * SECOND_MS)
#define BACKLOG_MIN     1000
#define BACKLOG_MAX     10000000
#define POLL_MIN_MS     100
#define PATH_LENGTH_MAX 511
#define CONTROL_MAX     (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)
#define ACCOUNT_MAX     255 /* a directory service may have long names */
#define RATE_MAX        60000
#define LEARN_RATE_MAX  500 /* a second: the agent sends no more requests */
#define MOVES_MAX       255
#define NEIGHBOURS6_MIN 16
#define NEIGHBOURS6_MAX (1 << 22)
#define VLAN_MAX        4094 /* IEEE 802.1Q: 0 and 4095 are reserved */

struct key;
/* `place` is the key's member of the configuration or of the segment. `value` is never NULL, except
 * for a switch. */
typedef int setter(const struct key *key, void *place, const char *value, struct fault *fault);

struct key {
	const char *section, *name;
	setter *set;
	size_t offset;        /* of `place` in struct config or struct config_segment */
	uint64_t least, most; /* of a number; of a duration in milliseconds; of a path: length */
	uint64_t unit;        /* of a duration: milliseconds */
	const char *range;    /* of a duration, or which account: in words */
	const char *const *words;                                               /* of a choice */
	int (*check)(const char *name, const char *value, struct fault *fault); /* of a text */
	bool zero;  /* a duration may be 0 */
	bool fixed; /* an agent that runs cannot change it */
};

static int set_number(const struct key *key, void *place, const char *value, struct fault *fault)
{
	size_t digits = strspn(value, "0123456789");
	bool fine = digits && digits <= 8 && !value[digits];
	unsigned long number = fine ? strtoul(value, NULL, 10) : 0;

	if (!fine || number < key->least || number > key->most)
		return fault_set(fault, -EINVAL, "%s = '%.80s' is not a number from %u to %u",
		                 key->name, value, (unsigned)key->least, (unsigned)key->most);
	*(uint32_t *)place = (uint32_t)number;
	return 0;
}

static int set_duration(const struct key *key, void *place, const char *value, struct fault *fault)
{
	uint64_t ms;

	if (duration_parse_ms(&ms, value) < 0)
		return fault_set(fault, -EINVAL,
		                 "%s = '%.60s' is not a duration such as 90, 200ms, 5m or 2h",
		                 key->name, value);
	if ((ms < key->least && !(key->zero && !ms)) || ms > key->most || ms % key->unit)
		return fault_set(fault, -EINVAL, "%s = '%.60s' is not %s", key->name, value,
		                 key->range);
	*(uint32_t *)place = (uint32_t)(ms / key->unit);
	return 0;
}

static int set_keep(const struct key *key, void *place, const char *value, struct fault *fault)
{
	if (strcmp(value, "off") != 0)
		return set_duration(key, place, value, fault);
	*(uint32_t *)place = 0;
	return 0;
}

static int set_guard(const struct key *key, void *place, const char *value, struct fault *fault)
{
	return guard_parse(place, value) == 0
	               ? 0
	               : fault_set(fault, -EINVAL,
	                           "%s = '%.60s' is not auto, off, or a number of at most 8 digits",
	                           key->name, value);
}

static int set_text(void *place, const char *value, struct fault *fault)
{
	char **text = place, *copy = strdup(value);

	if (!copy)
		return fault_set(fault, -ENOMEM, "out of memory");
	free(*text);
	*text = copy;
	return 0;
}

static int set_path(const struct key *key, void *place, const char *value, struct fault *fault)
{
	/* The agent and the command line start in different directories. */
	if (value[0] != '/')
		return fault_set(fault, -EINVAL, "%s = '%.80s' is not an absolute path", key->name,
		                 value);
	if (strlen(value) > key->most)
		return fault_set(fault, -EINVAL, "%s = '%.80s...' is longer than %u bytes",
		                 key->name, value, (unsigned)key->most);
	return set_text(place, value, fault);
}

static int set_history_path(const struct key *key, void *place, const char *value,
                            struct fault *fault)
{
	return strcmp(value, CONFIG_MEMORY) == 0 ? set_text(place, value, fault)
	                                         : set_path(key, place, value, fault);
}

static int set_instance(const struct key *key, void *place, const char *value, struct fault *fault)
{
	int error = config_check_instance(value, fault);

	(void)key;
	return error ? error : set_text(place, value, fault);
}

/* A text that `check` takes. */
static int set_checked(const struct key *key, void *place, const char *value, struct fault *fault)
{
	int error = key->check(key->name, value, fault);

	return error ? error : set_text(place, value, fault);
}

static int set_url(const struct key *key, void *place, const char *value, struct fault *fault)
{
	int error = remoteurl_check(value, fault);

	if (!error && strlen(value) > key->most)
		return fault_set(fault, -EINVAL, "%s is longer than %u bytes", key->name,
		                 (unsigned)key->most);
	return error ? error : set_text(place, value, fault);
}

/* A user or a group. Whether the machine has it is known where the agent runs. */
static int set_account(const struct key *key, void *place, const char *value, struct fault *fault)
{
	size_t length = strlen(value);
	bool fine = length && length <= key->most && value[0] != '-';

	for (size_t i = 0; i < length; i++)
		fine = fine && (isalnum((unsigned char)value[i]) || strchr("._-$@+", value[i]));
	if (!fine)
		return fault_set(fault, -EINVAL, "%s = '%.80s' is not the name or number of %s",
		                 key->name, value, key->range);
	return set_text(place, value, fault);
}

static int set_interface(const struct key *key, void *place, const char *value, struct fault *fault)
{
	(void)key;
	return config_segment_add_interface(place, value, fault);
}

static int set_prefix(const struct key *key, void *place, const char *value, struct fault *fault)
{
	struct prefix prefix;
	int error = prefix_parse(&prefix, value, fault);

	(void)key;
	if (error)
		return error;
	if (config_segment_add_prefix(place, prefix) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	return 0;
}

/* Returns the rest of the text; NULL: not the number of a VLAN. */
static const char *parse_tag(uint32_t *tag, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	*tag = digits && digits <= 4 ? (uint32_t)strtoul(text, NULL, 10) : 0;
	return *tag && *tag <= VLAN_MAX ? text + digits : NULL;
}

static int set_vlan(const struct key *key, void *place, const char *value, struct fault *fault)
{
	uint32_t vlan = 0, tag;
	const char *rest = parse_tag(&tag, value);

	if (rest)
		vlan = vlan_key(0, (uint16_t)tag);
	if (rest && *rest == '.') {
		rest = parse_tag(&tag, rest + 1);
		vlan = vlan_key(vlan, (uint16_t)tag);
	}
	if (!rest || *rest)
		return fault_set(fault, -EINVAL,
		                 "%s = '%.60s' is not a number from 1 to %d, nor two of them as "
		                 "OUTER.INNER; leave it out for untagged frames",
		                 key->name, value, VLAN_MAX);
	*(uint32_t *)place = vlan;
	return 0;
}

/* The index of the word. */
static int choose(const struct key *key, const char *value, struct fault *fault)
{
	char list[CHOICES_TEXT];
	int index = choices_find(value, key->words, list);

	return index >= 0 ? index
	                  : fault_set(fault, -EINVAL, "%s = '%.60s' is not %s", key->name, value,
	                              list);
}

static int set_choice(const struct key *key, void *place, const char *value, struct fault *fault)
{
	int index = choose(key, value, fault);

	_Static_assert(sizeof(enum config_mode) == sizeof(index), "an enum is an int");
	if (index < 0)
		return index;
	memcpy(place, &index, sizeof(index));
	return 0;
}

/* Whether it is the second of two words. */
static int set_second(const struct key *key, void *place, const char *value, struct fault *fault)
{
	int index = choose(key, value, fault);

	if (index >= 0)
		*(bool *)place = index;
	return index < 0 ? index : 0;
}

static int set_vlan_protocol(const struct key *key, void *place, const char *value,
                             struct fault *fault)
{
	int index = choose(key, value, fault);

	if (index >= 0)
		*(uint16_t *)place = index ? ETH_P_8021AD : ETH_P_8021Q;
	return index < 0 ? index : 0;
}

static int set_switch(const struct key *key, void *place, const char *value, struct fault *fault)
{
	int on = 1;

	/* As in git, a key without a value is true. */
	if (value && (!*value || git_config_parse_bool(&on, value) < 0))
		return fault_set(fault, -EINVAL, "%s = '%.60s' is not on or off", key->name, value);
	*(bool *)place = on;
	return 0;
}

static int set_mac(const struct key *key, void *place, const char *value, struct fault *fault)
{
	struct mac mac;

	if (mac_read(&mac, value) < 0 || !mac_is_station(mac))
		return fault_set(
		        fault, -EINVAL,
		        "%s = '%.60s' is not a station's MAC such as 02:00:00:00:00:01: six "
		        "bytes, not zero, not a group's",
		        key->name, value);
	*(struct mac *)place = mac;
	return 0;
}

#define IN_CONFIG(member)  .offset = offsetof(struct config, member)
#define IN_SEGMENT(member) .offset = offsetof(struct config_segment, member)
#define IN_REMOTE(member)  .offset = offsetof(struct config_remote, member)
#define OR_NEVER           .zero = true, .range = "0 (never) or whole seconds from 1s to 30d"
#define SECONDS            .unit = SECOND_MS, .least = SECOND_MS, .most = LONGEST_MS

static const struct key keys[] = {
        {"history", "path", set_history_path, IN_CONFIG(history_path), .most = PATH_LENGTH_MAX,
         .fixed = true},
        {"history", "interval", set_duration, IN_CONFIG(interval_ms), 1, INTERVAL_MAX_MS, .unit = 1,
         .range = "from 1ms to 1m"},
        {"history", "backlog", set_number, IN_CONFIG(backlog), BACKLOG_MIN, BACKLOG_MAX},
        {"history", "guard", set_guard, IN_CONFIG(guard)},
        {"history", "keep", set_keep, IN_CONFIG(keep), HOUR_MS, KEEP_MAX_MS, .unit = SECOND_MS,
         .range = "off, or whole seconds from 1h to 36500d"},
        {"history", "archive", set_path, IN_CONFIG(archive), .most = PATH_LENGTH_MAX,
         .fixed = true},
        {"agent", "instance", set_instance, IN_CONFIG(instance), .fixed = true},
        {"agent", "node", set_checked, IN_CONFIG(node), .check = config_check_node, .fixed = true},
        {"agent", "control", set_path, IN_CONFIG(control), .most = CONTROL_MAX, .fixed = true},
        {"agent", "operators", set_account, IN_CONFIG(operators), .most = ACCOUNT_MAX,
         .range = "a group", .fixed = true},
        {"agent", "recorder-user", set_account, IN_CONFIG(recorder_user), .most = ACCOUNT_MAX,
         .range = "a user", .fixed = true},
        {"agent", "alert-command", set_path, IN_CONFIG(alert_command), .most = PATH_LENGTH_MAX,
         .fixed = true},
        {"agent", "silence", set_duration, IN_CONFIG(silence), SECONDS, OR_NEVER},
        {"agent", "mode", set_choice, IN_CONFIG(mode), .words = config_modes, .fixed = true},
        {"agent", "neighbours6", set_number, IN_CONFIG(neighbours6), NEIGHBOURS6_MIN,
         NEIGHBOURS6_MAX},
        {"web", "listen", set_checked, IN_CONFIG(web), .check = config_check_listen},
        {"fleet", "node", set_checked, IN_CONFIG(fleet), .check = config_check_ref_name,
         .fixed = true},
        {"remote", "url", set_url, IN_REMOTE(url), .most = PATH_LENGTH_MAX, .fixed = true},
        {"remote", "fetch", set_choice, IN_REMOTE(fetch), .words = config_fetches, .fixed = true},
        {"remote", "push", set_choice, IN_REMOTE(push), .words = config_pushes, .fixed = true},
        {"remote", "poll", set_duration, IN_REMOTE(poll_ms), POLL_MIN_MS, HOUR_MS, .unit = 1,
         .range = "from 100ms to 1h", .fixed = true},
        {"remote", "operators", set_switch, IN_REMOTE(operators), .fixed = true},
        {"segment", "share", set_choice, IN_SEGMENT(share), .words = config_shares, .fixed = true},
        {"segment", "interface", set_interface, .offset = 0},
        {"segment", "prefix", set_prefix, .offset = 0},
        {"segment", "nd", set_choice, IN_SEGMENT(nd), .words = config_nds},
        {"segment", "vlan", set_vlan, IN_SEGMENT(vlan)},
        {"segment", "vlan-protocol", set_vlan_protocol, IN_SEGMENT(vlan_protocol),
         .words = (const char *const[]){"802.1q", "802.1ad", NULL}},
        {"segment", "vlan-offload", set_second, IN_SEGMENT(vlan_offload_off),
         .words = (const char *const[]){"report", "off", NULL}},
        {"segment", "answer", set_choice, IN_SEGMENT(answer), .words = config_answers},
        {"segment", "learn", set_choice, IN_SEGMENT(learn), .words = config_learns},
        {"segment", "learn-limit", set_number, IN_SEGMENT(learn_limit), 0, SLOT_MAX},
        {"segment", "learn-rate", set_number, IN_SEGMENT(learn_rate), 0, LEARN_RATE_MAX},
        {"segment", "mac-limit", set_number, IN_SEGMENT(mac_limit), 0, SLOT_MAX},
        {"segment", "mac-limit-action", set_second, IN_SEGMENT(mac_limit_refuses),
         .words = (const char *const[]){"alert", "refuse", NULL}},
        {"segment", "timeout", set_duration, IN_SEGMENT(timeout), SECONDS,
         .range = "whole seconds from 1s to 30d"},
        {"segment", "hold", set_duration, IN_SEGMENT(hold), HOLD_MIN_MS, HOUR_MS, .unit = SECOND_MS,
         .range = "whole seconds from 3s to 1h"},
        {"segment", "reclaim", set_duration, IN_SEGMENT(reclaim), SECONDS, OR_NEVER},
        {"segment", "duplicate-moves", set_number, IN_SEGMENT(duplicate_moves), 0, MOVES_MAX},
        {"segment", "duplicate-time", set_duration, IN_SEGMENT(duplicate_time), SECONDS,
         .range = "whole seconds from 1s to 30d"},
        {"segment", "duplicate-hold", set_duration, IN_SEGMENT(duplicate_hold), SECONDS,
         .zero = true, .range = "0 (until it is set or unset) or whole seconds from 1s to 30d"},
        {"segment", "announce", set_choice, IN_SEGMENT(announce),
         .words = (const char *const[]){[ANNOUNCE_LOCAL] = "local",
                                        [ANNOUNCE_STATIC] = "static",
                                        [ANNOUNCE_OFF] = "off",
                                        NULL}},
        {"segment", "announce-every", set_duration, IN_SEGMENT(announce_every), SECONDS, OR_NEVER},
        {"segment", "local", set_second, IN_SEGMENT(local_offload),
         .words = (const char *const[]){"stack", "offload", NULL}},
        {"segment", "reply-source", set_second, IN_SEGMENT(reply_as_target),
         .words = (const char *const[]){"own", "target", NULL}},
        {"segment", "enforce", set_switch, IN_SEGMENT(enforce)},
        {"segment", "ra-guard", set_switch, IN_SEGMENT(ra_guard)},
        {"segment", "sponge", set_switch, IN_SEGMENT(sponge)},
        {"segment", "sponge-mac", set_mac, IN_SEGMENT(sponge_mac)},
        {"segment", "sponge-rate", set_number, IN_SEGMENT(sponge_rate), 1, RATE_MAX},
        {"segment", "kernel", set_choice, IN_SEGMENT(kernel),
         .words = (const char *const[]){[KERNEL_OFF] = "off",
                                        [KERNEL_IMPORT] = "import",
                                        [KERNEL_EXPORT] = "export",
                                        [KERNEL_BOTH] = "both",
                                        NULL}},
};

bool keys_has_section(const char *section)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (!strcmp(keys[i].section, section))
			return true;
	return false;
}

int keys_set(struct config *config, void *part, const char *section, const char *name,
             const char *value, struct fault *fault)
{
	char *target = part ? part : (char *)config;

	for (size_t i = 0; i < COUNT(keys); i++) {
		const struct key *key = &keys[i];

		if (strcmp(key->section, section) != 0 || strcmp(key->name, name) != 0)
			continue;
		if (!value && key->set != set_switch)
			return fault_set(fault, -EINVAL, "%s has no value", name);
		return key->set(key, target + key->offset, value, fault);
	}
	return fault_set(fault, -EINVAL, "unknown key '%.60s' in section '%s'", name, section);
}

static void put_duration(char *text, uint64_t ms)
{
	static const struct {
		uint64_t ms;
		const char *name;
	} unit[] = {{DAY_MS, "d"}, {HOUR_MS, "h"}, {60 * SECOND_MS, "m"}, {SECOND_MS, "s"}};
	const char *name = "ms";

	for (size_t i = 0; i < COUNT(unit) && ms; i++)
		if (ms % unit[i].ms == 0) {
			ms /= unit[i].ms;
			name = unit[i].name;
			break;
		}
	snprintf(text, KEY_TEXT, "%llu%s", (unsigned long long)ms, ms ? name : "");
}

static void put_tags(char *text, uint32_t vlan)
{
	if (vlan >> 16)
		snprintf(text, KEY_TEXT, "%u.%u", (unsigned)(vlan >> 16) & 0xfff,
		         (unsigned)vlan & 0xfff);
	else if (vlan)
		snprintf(text, KEY_TEXT, "%u", (unsigned)vlan & 0xfff);
}

static void put_protocol(char *text, uint16_t protocol)
{
	if (protocol)
		snprintf(text, KEY_TEXT, "%s", protocol == ETH_P_8021AD ? "802.1ad" : "802.1q");
}

static void put_text(char *text, const char *value)
{
	if (value)
		snprintf(text, KEY_TEXT, "%s", value);
}

static void put_mac(char *text, struct mac mac)
{
	char octets[MAC_TEXT];

	if (!mac_is_zero(mac))
		put_text(text, mac_format(octets, mac));
}

static void put_choice(char *text, const struct key *key, const void *place)
{
	int index;

	memcpy(&index, place, sizeof(index));
	put_text(text, key->words[index]);
}

static void put_value(char *text, const struct key *key, const void *place)
{
	if (key->set == set_number)
		snprintf(text, KEY_TEXT, "%u", (unsigned)*(const uint32_t *)place);
	else if (key->set == set_guard)
		guard_print(text, *(const uint32_t *)place);
	else if (key->set == set_keep && !*(const uint32_t *)place)
		put_text(text, "off");
	else if (key->set == set_duration || key->set == set_keep)
		put_duration(text, *(const uint32_t *)place * key->unit);
	else if (key->set == set_choice)
		put_choice(text, key, place);
	else if (key->set == set_second)
		put_text(text, key->words[*(const bool *)place]);
	else if (key->set == set_switch)
		put_text(text, *(const bool *)place ? "on" : "off");
	else if (key->set == set_mac)
		put_mac(text, *(const struct mac *)place);
	else if (key->set == set_vlan)
		put_tags(text, *(const uint32_t *)place);
	else if (key->set == set_vlan_protocol)
		put_protocol(text, *(const uint16_t *)place);
	else if (key->set != set_interface && key->set != set_prefix)
		put_text(text, *(char *const *)place);
}

bool keys_value(struct key_value *value, size_t i, const char *section, const void *part)
{
	const struct key *key = &keys[i];
	bool named;

	if (i >= COUNT(keys))
		return false;
	*value =
	        (struct key_value){.section = key->section, .name = key->name, .fixed = key->fixed};
	named = !strcmp(key->section, "segment") || !strcmp(key->section, "remote");
	if (section ? !strcmp(key->section, section) : !named)
		put_value(value->text, key, (const char *)part + key->offset);
	return true;
}
