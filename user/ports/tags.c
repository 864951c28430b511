/* SPDX-License-Identifier: MIT */
/* ethtool's features by name, since their numbers differ from kernel to kernel; and the policy. */
#include "ports/tags.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arpkeeper/frame.h"

#define FEATURES_MAX 256 /* the kernel has some 60 */
#define BLOCKS       (FEATURES_MAX / 32)

static const struct {
	unsigned kind;
	const char *name;  /* the kernel's, net/ethtool/common.c: netdev_features_strings */
	const char *shown; /* ethtool's */
} feature[] = {
        {TAGS_8021Q, "rx-vlan-hw-parse", "rxvlan"},
        {TAGS_8021AD, "rx-vlan-stag-hw-parse", "rx-vlan-stag-hw-parse"},
};
#define KINDS (sizeof(feature) / sizeof(feature[0]))

struct names {
	struct ethtool_gstrings head;
	char name[FEATURES_MAX][ETH_GSTRING_LEN];
};

/* An interface, and where the features are in the kernel's list; -1: it does not have one. */
struct question {
	const char *interface;
	int socket;
	uint32_t blocks;
	int index[KINDS];
};

static int ask(const struct question *question, void *command)
{
	struct ifreq request = {.ifr_data = command};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", question->interface);
	return ioctl(question->socket, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

static int count_features(const struct question *question, uint32_t *count)
{
	struct {
		struct ethtool_sset_info head;
		uint32_t count;
	} info = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	int error = ask(question, &info);

	if (error)
		return error;
	if (!info.head.sset_mask || !info.count || info.count > FEATURES_MAX)
		return -EOPNOTSUPP;
	*count = info.count;
	return 0;
}

static int find_features(struct question *question)
{
	struct names *names;
	uint32_t count;
	int error = count_features(question, &count);

	if (error)
		return error;
	names = calloc(1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	names->head = (struct ethtool_gstrings){
	        .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = count};
	error = ask(question, names);
	question->blocks = (count + 31) / 32;
	for (unsigned k = 0; k < KINDS; k++) {
		question->index[k] = -1;
		for (uint32_t i = 0; !error && i < count; i++)
			if (!strncmp(names->name[i], feature[k].name, ETH_GSTRING_LEN))
				question->index[k] = (int)i;
	}
	free(names);
	return error;
}

static int question_open(struct question *question, const char *interface)
{
	int error;

	*question = (struct question){.interface = interface};
	question->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (question->socket < 0)
		return -errno;
	error = find_features(question);
	if (error)
		close(question->socket);
	return error;
}

static int active(const struct question *question)
{
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block block[BLOCKS];
	} got = {.head = {.cmd = ETHTOOL_GFEATURES, .size = question->blocks}};
	int kinds = 0, error = ask(question, &got);

	for (unsigned k = 0; !error && k < KINDS; k++) {
		int at = question->index[k];

		if (at >= 0 && got.block[at / 32].active & UINT32_C(1) << at % 32)
			kinds |= (int)feature[k].kind;
	}
	return error ? error : kinds;
}

static bool is_veth(const struct question *question)
{
	struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};

	return !ask(question, &driver) && !strncmp(driver.driver, "veth", sizeof(driver.driver));
}

int tags_hidden(const char *interface, bool *veth)
{
	struct question question;
	int result = question_open(&question, interface);

	if (result)
		return result;
	result = active(&question);
	*veth = is_veth(&question);
	close(question.socket);
	return result;
}

int tags_hide(const char *interface, unsigned kinds, bool hide, struct fault *fault)
{
	struct {
		struct ethtool_sfeatures head;
		struct ethtool_set_features_block block[BLOCKS];
	} set = {.head = {.cmd = ETHTOOL_SFEATURES}};
	struct question question;
	int now, result = question_open(&question, interface);

	if (result)
		return fault_set(fault, result, "%s: cannot read its offloads: %s", interface,
		                 strerror(-result));
	set.head.size = question.blocks;
	for (unsigned k = 0; k < KINDS; k++) {
		int at = question.index[k];

		if (at < 0 || !(kinds & feature[k].kind))
			continue;
		set.block[at / 32].valid |= UINT32_C(1) << at % 32;
		if (hide)
			set.block[at / 32].requested |= UINT32_C(1) << at % 32;
	}
	result = ask(&question, &set);
	now = active(&question);
	close(question.socket);
	if (result < 0)
		return fault_set(fault, result, "%s: %s cannot be switched %s: %s", interface,
		                 tags_feature(kinds), hide ? "on" : "off", strerror(-result));
	/* The kernel reports no error for a fixed feature, and leaves it as it is. */
	if (now < 0 || ((unsigned)now & kinds) != (hide ? kinds : 0))
		return fault_set(fault, -EOPNOTSUPP,
		                 "%s: its driver does not let %s be switched %s", interface,
		                 tags_feature(now < 0 || hide ? kinds : (unsigned)now & kinds),
		                 hide ? "on" : "off");
	return 0;
}

const char *tags_feature(unsigned kind)
{
	for (unsigned k = 0; k < KINDS; k++)
		if (kind & feature[k].kind)
			return feature[k].shown;
	return "";
}

static unsigned kind_of(const struct config_segment *segment)
{
	if (!segment->vlan)
		return 0;
	return vlan_protocol(segment->vlan, segment->vlan_protocol) == ETH_P_8021AD ? TAGS_8021AD
	                                                                            : TAGS_8021Q;
}

/* The kinds of tags of the port's segments. `to_switch`: only those with vlan-offload = off. */
static unsigned kinds_of(const struct agent_port *port, bool to_switch)
{
	unsigned kinds = 0;

	for (size_t s = 0; s < port->segments; s++) {
		const struct config_segment *segment =
		        &port->ports->config->segment[port->segment[s].segment];

		if (!to_switch || segment->vlan_offload_off)
			kinds |= kind_of(segment);
	}
	return kinds;
}

static void warn(const struct agent_port *port, unsigned kinds, bool veth)
{
	const char *name = tags_feature(kinds);

	if (veth)
		log_warning("%s: a veth: the tags that its peer's own kernel adds may be hidden "
		            "from XDP, and frames seem to be of another segment; 'ethtool -K PEER "
		            "txvlan off' there ends that",
		            port->name);
	else
		log_warning("%s: %s is on: it may hide tags from XDP, and frames seem to be of "
		            "another segment; 'ethtool -K %s %s off', or vlan-offload = off, ends "
		            "that",
		            port->name, name, port->name, name);
}

static void switch_off(struct agent_port *port, unsigned kind)
{
	struct fault fault = {0};

	if (tags_hide(port->name, kind, false, &fault)) {
		log_warning("%s; tags may be hidden from XDP, and frames seem to be of another "
		            "segment",
		            fault.text);
		return;
	}
	port->tags.switched |= kind;
	port->tags.hidden &= ~(int)kind;
	port_notice(port, "%s: %s switched off, so that tags are seen", port->name,
	            tags_feature(kind));
}

static unsigned hidden_here(const struct agent_port *port)
{
	return port->tags.hidden > 0 ? (unsigned)port->tags.hidden & port->tags.needed : 0;
}

void port_tags_attach(struct agent_port *port)
{
	static const unsigned kinds[] = {TAGS_8021Q, TAGS_8021AD};
	unsigned to_switch = kinds_of(port, true);
	bool veth = false;

	port->tags.needed = kinds_of(port, false);
	if (!port->tags.needed)
		return;
	port->tags.hidden = tags_hidden(port->name, &veth);
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (hidden_here(port) & to_switch & kinds[i])
			switch_off(port, kinds[i]);
	if (hidden_here(port) & ~to_switch)
		warn(port, hidden_here(port) & ~to_switch, veth);
}

void port_tags_follow(struct agent_port *port)
{
	unsigned before = hidden_here(port), news;
	bool veth = false;

	if (!port->offload || !port->tags.needed)
		return;
	port->tags.hidden = tags_hidden(port->name, &veth);
	news = hidden_here(port) & ~before;
	/* An operator switched it on: it is not switched off again, nor restored later. */
	port->tags.switched &= ~news;
	if (news)
		warn(port, news, veth);
}

void port_tags_detach(struct agent_port *port)
{
	struct fault fault = {0};

	if (!port->tags.switched)
		return;
	if (tags_hide(port->name, port->tags.switched, true, &fault))
		log_warning("%s: an offload of tags that was switched off stays off: %s",
		            port->name, fault.text);
	port->tags.switched = 0;
}

const char *port_tags_state(const struct agent_port *port)
{
	if (!kinds_of(port, false))
		return NULL;
	if (!port->tags.needed || port->tags.hidden < 0)
		return "unknown";
	return hidden_here(port) ? "on" : "off";
}
