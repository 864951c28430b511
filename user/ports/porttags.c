/* SPDX-License-Identifier: MIT */
/* The policy for offloads that hide tags; tags.c reads and switches them. */
#include "ports/porttags.h"

#include "arpkeeper/frame.h"
#include "base/base.h"
#include "ports/tags.h"
#include "wire/wire.h"

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
	const char *feature = tags_feature(kinds);

	if (veth)
		log_warning("%s: a veth: the tags that its peer's own kernel adds may be hidden "
		            "from XDP, and frames seem to be of another segment; 'ethtool -K PEER "
		            "txvlan off' there ends that",
		            port->name);
	else
		log_warning("%s: %s is on: it may hide tags from XDP, and frames seem to be of "
		            "another segment; 'ethtool -K %s %s off', or vlan-offload = off, ends "
		            "that",
		            port->name, feature, port->name, feature);
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
