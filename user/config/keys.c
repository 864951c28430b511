/* SPDX-License-Identifier: MIT */
/*
 * The keys of the configuration as a table: section, name, setter. A setter takes a value
 * that is a string, never NULL but for switches, and says what the value should have been.
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

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECOND_MS       UINT64_C(1000)
#define DAY_MS          (86400 * SECOND_MS)
#define HOUR_MS         (3600 * SECOND_MS)
#define LONGEST_MS      (30 * DAY_MS)
#define KEEP_MAX_MS     (36500 * DAY_MS)
#define INTERVAL_MAX_MS (60 * SECOND_MS)
#define BACKLOG_MIN     1000
#define BACKLOG_MAX     10000000
#define INSTANCE_MAX    63
#define PATH_LENGTH_MAX 511
#define CONTROL_MAX     (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)
#define RATE_MAX        60000
#define VLAN_MAX        4094 /* IEEE 802.1Q: 0 and 4095 are reserved */

struct target {
	struct config *config;
	struct config_segment *segment;
	const char *key;
};

typedef int setter(const struct target *target, const char *value, struct fault *fault);

/* The index of `value` among `names`; else -EINVAL, and a fault that lists them. */
static int choose(const struct target *target, const char *value, const char *const *names,
                  size_t count, struct fault *fault)
{
	char list[128] = "";
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(value, names[i]))
			return (int)i;
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
		                           !i              ? ""
		                           : i + 1 < count ? ", "
		                                           : " or ",
		                           names[i]);
	}
	return fault_set(fault, -EINVAL, "%s = '%.60s' is not %s", target->key, value, list);
}

static int parse_switch(bool *on, const struct target *target, const char *value,
                        struct fault *fault)
{
	int parsed = 1;

	/* As in git: a key that stands alone is true. */
	if (value && (!*value || git_config_parse_bool(&parsed, value) < 0))
		return fault_set(fault, -EINVAL, "%s = '%.60s' is not on or off", target->key,
		                 value);
	*on = parsed;
	return 0;
}

static int parse_duration(uint32_t *result, const struct target *target, const char *value,
                          uint64_t unit_ms, uint64_t least_ms, uint64_t most_ms, bool zero,
                          const char *range, struct fault *fault)
{
	uint64_t ms;

	if (duration_parse_ms(&ms, value) < 0)
		return fault_set(fault, -EINVAL,
		                 "%s = '%.60s' is not a duration such as 90, 200ms, 5m or 2h",
		                 target->key, value);
	if ((ms < least_ms && !(zero && !ms)) || ms > most_ms || ms % unit_ms)
		return fault_set(fault, -EINVAL, "%s = '%.60s' is not %s", target->key, value,
		                 range);
	*result = (uint32_t)(ms / unit_ms);
	return 0;
}

static int parse_count(uint32_t *count, const struct target *target, const char *value,
                       uint32_t least, uint32_t most, struct fault *fault)
{
	size_t digits = strspn(value, "0123456789");
	bool fine = digits && digits <= 8 && !value[digits];
	unsigned long number = fine ? strtoul(value, NULL, 10) : 0;

	if (!fine || number < least || number > most)
		return fault_set(fault, -EINVAL, "%s = '%.80s' is not a number from %u to %u",
		                 target->key, value, least, most);
	*count = (uint32_t)number;
	return 0;
}

static int replace_text(char **text, const char *value, struct fault *fault)
{
	char *copy = strdup(value);

	if (!copy)
		return fault_set(fault, -ENOMEM, "out of memory");
	free(*text);
	*text = copy;
	return 0;
}

static int set_path(char **text, const struct target *target, const char *value, size_t longest,
                    struct fault *fault)
{
	/* The agent and the command line start in different directories. */
	if (value[0] != '/')
		return fault_set(fault, -EINVAL, "%s = '%.80s' is not an absolute path",
		                 target->key, value);
	if (strlen(value) > longest)
		return fault_set(fault, -EINVAL, "%s = '%.80s...' is longer than %zu octets",
		                 target->key, value, longest);
	return replace_text(text, value, fault);
}

static int set_history_path(const struct target *target, const char *value, struct fault *fault)
{
	if (!strcmp(value, CONFIG_MEMORY))
		return replace_text(&target->config->history_path, value, fault);
	return set_path(&target->config->history_path, target, value, PATH_LENGTH_MAX, fault);
}

static int set_interval(const struct target *target, const char *value, struct fault *fault)
{
	return parse_duration(&target->config->interval_ms, target, value, 1, 1, INTERVAL_MAX_MS,
	                      false, "from 1ms to 1m", fault);
}

static int set_keep(const struct target *target, const char *value, struct fault *fault)
{
	if (!strcmp(value, "off")) {
		target->config->keep = 0;
		return 0;
	}
	return parse_duration(&target->config->keep, target, value, SECOND_MS, HOUR_MS, KEEP_MAX_MS,
	                      false, "off, or whole seconds from 1h to 36500d", fault);
}

static int set_backlog(const struct target *target, const char *value, struct fault *fault)
{
	return parse_count(&target->config->backlog, target, value, BACKLOG_MIN, BACKLOG_MAX,
	                   fault);
}

static int set_control(const struct target *target, const char *value, struct fault *fault)
{
	return set_path(&target->config->control, target, value, CONTROL_MAX, fault);
}

static int set_instance(const struct target *target, const char *value, struct fault *fault)
{
	size_t length = strlen(value);
	bool fine = length && length <= INSTANCE_MAX;

	for (size_t i = 0; i < length; i++)
		fine = fine && (isalnum((unsigned char)value[i]) || strchr("-_", value[i]));
	if (!fine)
		return fault_set(fault, -EINVAL,
		                 "instance = '%.80s' is not a name of letters, digits, '-' and "
		                 "'_', at most %d",
		                 value, INSTANCE_MAX);
	return replace_text(&target->config->instance, value, fault);
}

static int set_silence(const struct target *target, const char *value, struct fault *fault)
{
	return parse_duration(&target->config->silence, target, value, SECOND_MS, SECOND_MS,
	                      LONGEST_MS, true, "0 (never) or whole seconds from 1s to 30d", fault);
}

static int set_mode(const struct target *target, const char *value, struct fault *fault)
{
	static const char *const names[] = {
	        [MODE_AUTO] = "auto", [MODE_NATIVE] = "native", [MODE_GENERIC] = "generic"};
	int mode = choose(target, value, names, COUNT(names), fault);

	if (mode < 0)
		return mode;
	target->config->mode = (enum config_mode)mode;
	return 0;
}

static int set_interface(const struct target *target, const char *value, struct fault *fault)
{
	return config_segment_add_interface(target->segment, value, fault);
}

static int set_prefix(const struct target *target, const char *value, struct fault *fault)
{
	struct prefix prefix;
	int error = prefix_parse(&prefix, value, fault);

	if (error)
		return error;
	if (config_segment_add_prefix(target->segment, prefix) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	return 0;
}

/* The rest of the text; NULL: no tag's number. */
static const char *parse_tag(uint32_t *tag, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	*tag = digits && digits <= 4 ? (uint32_t)strtoul(text, NULL, 10) : 0;
	return *tag && *tag <= VLAN_MAX ? text + digits : NULL;
}

static int set_vlan(const struct target *target, const char *value, struct fault *fault)
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
		                 "vlan = '%.60s' is not a number from 1 to %d, nor two of them as "
		                 "OUTER.INNER; leave it out for untagged frames",
		                 value, VLAN_MAX);
	target->segment->vlan = vlan;
	return 0;
}

static int set_vlan_protocol(const struct target *target, const char *value, struct fault *fault)
{
	static const char *const names[] = {"802.1q", "802.1ad"};
	int protocol = choose(target, value, names, COUNT(names), fault);

	if (protocol < 0)
		return protocol;
	target->segment->vlan_protocol = protocol ? ETH_P_8021AD : ETH_P_8021Q;
	return 0;
}

static int set_vlan_offload(const struct target *target, const char *value, struct fault *fault)
{
	static const char *const names[] = {"report", "off"};
	int offload = choose(target, value, names, COUNT(names), fault);

	if (offload < 0)
		return offload;
	target->segment->vlan_offload_off = offload == 1;
	return 0;
}

static const char *const answer_names[] = {
        [ANSWER_KNOWN] = "known", [ANSWER_STATIC] = "static", [ANSWER_OFF] = "off"};
static const char *const learn_names[] = {
        [LEARN_VERIFIED] = "verified", [LEARN_PASSIVE] = "passive", [LEARN_OFF] = "off"};

const char *config_answer_name(enum config_answer answer)
{
	return answer_names[answer];
}

const char *config_learn_name(enum config_learn learn)
{
	return learn_names[learn];
}

static int set_answer(const struct target *target, const char *value, struct fault *fault)
{
	int answer = choose(target, value, answer_names, COUNT(answer_names), fault);

	if (answer < 0)
		return answer;
	target->segment->answer = (enum config_answer)answer;
	return 0;
}

static int set_learn(const struct target *target, const char *value, struct fault *fault)
{
	int learn = choose(target, value, learn_names, COUNT(learn_names), fault);

	if (learn < 0)
		return learn;
	target->segment->learn = (enum config_learn)learn;
	return 0;
}

static int set_learn_limit(const struct target *target, const char *value, struct fault *fault)
{
	return parse_count(&target->segment->learn_limit, target, value, 0, SLOT_MAX, fault);
}

static int set_mac_limit(const struct target *target, const char *value, struct fault *fault)
{
	return parse_count(&target->segment->mac_limit, target, value, 0, SLOT_MAX, fault);
}

static int set_timeout(const struct target *target, const char *value, struct fault *fault)
{
	return parse_duration(&target->segment->timeout, target, value, SECOND_MS, SECOND_MS,
	                      LONGEST_MS, false, "whole seconds from 1s to 30d", fault);
}

static int set_announce(const struct target *target, const char *value, struct fault *fault)
{
	static const char *const names[] = {
	        [ANNOUNCE_LOCAL] = "local", [ANNOUNCE_STATIC] = "static", [ANNOUNCE_OFF] = "off"};
	int announce = choose(target, value, names, COUNT(names), fault);

	if (announce < 0)
		return announce;
	target->segment->announce = (enum config_announce)announce;
	return 0;
}

static int set_announce_every(const struct target *target, const char *value, struct fault *fault)
{
	return parse_duration(&target->segment->announce_every, target, value, SECOND_MS, SECOND_MS,
	                      LONGEST_MS, true, "0 (never) or whole seconds from 1s to 30d", fault);
}

static int set_local(const struct target *target, const char *value, struct fault *fault)
{
	static const char *const names[] = {"stack", "offload"};
	int local = choose(target, value, names, COUNT(names), fault);

	if (local < 0)
		return local;
	target->segment->local_offload = local == 1;
	return 0;
}

static int set_reply_source(const struct target *target, const char *value, struct fault *fault)
{
	static const char *const names[] = {"own", "target"};
	int source = choose(target, value, names, COUNT(names), fault);

	if (source < 0)
		return source;
	target->segment->reply_as_target = source == 1;
	return 0;
}

static int set_enforce(const struct target *target, const char *value, struct fault *fault)
{
	return parse_switch(&target->segment->enforce, target, value, fault);
}

static int set_sponge(const struct target *target, const char *value, struct fault *fault)
{
	return parse_switch(&target->segment->sponge, target, value, fault);
}

static int set_sponge_mac(const struct target *target, const char *value, struct fault *fault)
{
	struct mac mac;

	if (mac_parse(&mac, value) < 0 || !mac_is_station(mac))
		return fault_set(fault, -EINVAL,
		                 "sponge-mac = '%.60s' is not a station's MAC such as "
		                 "02:00:00:00:00:01: six octets, not zero, not a group's",
		                 value);
	target->segment->sponge_mac = mac;
	return 0;
}

static int set_sponge_rate(const struct target *target, const char *value, struct fault *fault)
{
	return parse_count(&target->segment->sponge_rate, target, value, 1, RATE_MAX, fault);
}

static int set_kernel(const struct target *target, const char *value, struct fault *fault)
{
	static const char *const names[] = {[KERNEL_OFF] = "off",
	                                    [KERNEL_IMPORT] = "import",
	                                    [KERNEL_EXPORT] = "export",
	                                    [KERNEL_BOTH] = "both"};
	int kernel = choose(target, value, names, COUNT(names), fault);

	if (kernel < 0)
		return kernel;
	target->segment->kernel = (enum config_kernel)kernel;
	return 0;
}

static const struct {
	const char *section, *name;
	setter *set;
	bool may_stand_alone; /* a switch: without a value it is on */
} keys[] = {
        {"history", "path", set_history_path, false},
        {"history", "interval", set_interval, false},
        {"history", "backlog", set_backlog, false},
        {"history", "keep", set_keep, false},
        {"agent", "instance", set_instance, false},
        {"agent", "control", set_control, false},
        {"agent", "silence", set_silence, false},
        {"agent", "mode", set_mode, false},
        {"segment", "interface", set_interface, false},
        {"segment", "prefix", set_prefix, false},
        {"segment", "vlan", set_vlan, false},
        {"segment", "vlan-protocol", set_vlan_protocol, false},
        {"segment", "vlan-offload", set_vlan_offload, false},
        {"segment", "answer", set_answer, false},
        {"segment", "learn", set_learn, false},
        {"segment", "learn-limit", set_learn_limit, false},
        {"segment", "mac-limit", set_mac_limit, false},
        {"segment", "timeout", set_timeout, false},
        {"segment", "announce", set_announce, false},
        {"segment", "announce-every", set_announce_every, false},
        {"segment", "local", set_local, false},
        {"segment", "reply-source", set_reply_source, false},
        {"segment", "enforce", set_enforce, true},
        {"segment", "sponge", set_sponge, true},
        {"segment", "sponge-mac", set_sponge_mac, false},
        {"segment", "sponge-rate", set_sponge_rate, false},
        {"segment", "kernel", set_kernel, false},
};

bool keys_has_section(const char *section)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (!strcmp(keys[i].section, section))
			return true;
	return false;
}

int keys_set(struct config *config, struct config_segment *segment, const char *section,
             const char *key, const char *value, struct fault *fault)
{
	struct target target = {.config = config, .segment = segment, .key = key};

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strcmp(keys[i].section, section) != 0 || strcmp(keys[i].name, key) != 0)
			continue;
		if (!value && !keys[i].may_stand_alone)
			return fault_set(fault, -EINVAL, "%s has no value", key);
		return keys[i].set(&target, value, fault);
	}
	return fault_set(fault, -EINVAL, "unknown key '%.60s' in section '%s'", key, section);
}
