/* SPDX-License-Identifier: MIT */
/* MLD frames: IPv6 with a hop-by-hop router alert (RFC 2711), then ICMPv6. */
#include "wire/mld.h"

#include <arpa/inet.h>
#include <string.h>

#include "arpkeeper/frame.h"
#include "arpkeeper/nd.h"
#include "wire/ipv6.h"

#define MLD_QUERY   130
#define MLD1_REPORT 131
#define MLD1_DONE   132
#define MLD2_REPORT 143
#define HOP_BY_HOP  0
#define QUERY1_SIZE 24 /* exactly: version 1 */
#define QUERY2_SIZE 28 /* at least: version 2 */
#define ROBUSTNESS  2  /* RFC 3810 9.1, 9.2: what a query of version 1 does not say */
#define INTERVAL_S  125
#define FLOAT_CODE  0x8000 /* RFC 3810 5.1.3: from here on a mantissa and an exponent */

/* IPv6, and the router alert for MLD, padded. */
struct packet {
	struct ipv6_header ipv6;
	uint8_t next_header, length;
	uint8_t options[6];
} __attribute__((packed));

/* The alert for MLD, padded (RFC 2711, RFC 8200 4.2). */
static const uint8_t router_alert[6] = {5, 2, 0, 0, 1, 0};

#define ALERT_LENGTH 4
#define PAD_ONE      0

struct report2 {
	uint8_t type, code;
	uint16_t checksum, reserved, records;
} __attribute__((packed));

struct record2 {
	uint8_t type, auxiliary;
	uint16_t sources;
	uint8_t group[ADDRESS_OCTETS];
} __attribute__((packed));

/* Of version 1; and a query of version 2 begins so. */
struct message1 {
	uint8_t type, code;
	uint16_t checksum, delay, reserved;
	uint8_t group[ADDRESS_OCTETS];
} __attribute__((packed));

/* Where the ICMPv6 message begins. */
static size_t message_at(const struct mld_report *report)
{
	const uint32_t vlan = report->ethernet.vlan;

	return ETH_HLEN + (vlan ? sizeof(struct vlan_tag) : 0) +
	       (vlan >> 16 ? sizeof(struct vlan_tag) : 0) + sizeof(struct packet);
}

static size_t room(const struct mld_report *report)
{
	const size_t mtu = report->mtu < MLD_MTU_MAX ? report->mtu : MLD_MTU_MAX;
	const size_t used = sizeof(struct packet) + sizeof(struct report2);

	return mtu > used ? (mtu - used) / sizeof(struct record2) : 0;
}

bool mld_is_full(const struct mld_report *report)
{
	return report->records && report->records >= room(report);
}

void mld_add(struct mld_report *report, enum mld_record type, struct address group)
{
	struct record2 record = {.type = (uint8_t)type};

	address_store(record.group, group);
	memcpy(report->frame + message_at(report) + sizeof(struct report2) +
	               report->records * sizeof(record),
	       &record, sizeof(record));
	report->records++;
}

/* Writes what comes before the message of `size` bytes; returns the frame's length. */
static size_t wrap(struct mld_report *report, struct address to, size_t size)
{
	struct packet packet = {
	        .ipv6 = {.version_class_flow = htonl(6u << 28),
	                 .payload_length =
	                         htons((uint16_t)(size + sizeof(packet) - sizeof(packet.ipv6))),
	                 .next_header = HOP_BY_HOP,
	                 .hop_limit = 1},
	        .next_header = IPV6_NEXT_ICMPV6,
	};
	size_t at;

	memcpy(packet.options, router_alert, sizeof(packet.options));
	address_store(packet.ipv6.source, report->from);
	address_store(packet.ipv6.destination, to);
	report->ethernet.destination = ipv6_group_mac(to);
	at = ethernet_build(report->frame, &report->ethernet, ETH_P_IPV6);
	memcpy(report->frame + at, &packet, sizeof(packet));
	return at + sizeof(packet) + size;
}

size_t mld_finish(struct mld_report *report)
{
	struct report2 head = {.type = MLD2_REPORT, .records = htons(report->records)};
	const size_t size = sizeof(head) + report->records * sizeof(struct record2);
	uint8_t *message = report->frame + message_at(report);

	if (!report->records)
		return 0;
	memcpy(message, &head, sizeof(head));
	head.checksum = ipv6_checksum(report->from, ipv6_all_mld_routers, message, size);
	memcpy(message, &head, sizeof(head));
	report->records = 0;
	return wrap(report, ipv6_all_mld_routers, size);
}

size_t mld1_build(struct mld_report *report, bool joined, struct address group)
{
	const struct address to = joined ? group : ipv6_all_routers;
	struct message1 message = {.type = joined ? MLD1_REPORT : MLD1_DONE};

	address_store(message.group, group);
	message.checksum = ipv6_checksum(report->from, to, &message, sizeof(message));
	memcpy(report->frame + message_at(report), &message, sizeof(message));
	return wrap(report, to, sizeof(message));
}

/* RFC 3810 5.1.3: a large code has three bits of exponent, and a mantissa of twelve. */
static uint32_t delay_of(uint32_t code)
{
	return code < FLOAT_CODE ? code : (0x1000 | (code & 0xfff)) << ((code >> 12 & 7) + 3);
}

/* The VLAN's key with the tags that are in the frame; where they end. 0: the frame is too short. */
static size_t tags_parse(uint32_t *vlan, const uint8_t *frame, size_t length)
{
	size_t at = ETH_HLEN - sizeof(uint16_t);

	for (unsigned tags = 0; length >= at + sizeof(uint16_t); tags++) {
		const uint16_t ethertype = (uint16_t)(frame[at] << 8 | frame[at + 1]);

		at += sizeof(uint16_t);
		if (ethertype == ETH_P_IPV6)
			return at;
		if ((ethertype != ETH_P_8021Q && ethertype != ETH_P_8021AD) || tags == 2 ||
		    length < at + sizeof(uint16_t))
			return 0;
		*vlan = vlan_key(*vlan, (uint16_t)(frame[at] << 8 | frame[at + 1]));
		at += sizeof(uint16_t);
	}
	return 0;
}

/* Whether the alert is among the options; the others are padding, and may come first. */
static bool has_alert(const uint8_t options[sizeof(router_alert)])
{
	for (unsigned at = 0; at + ALERT_LENGTH <= sizeof(router_alert);
	     at += options[at] == PAD_ONE ? 1 : 2u + options[at + 1])
		if (!memcmp(options + at, router_alert, ALERT_LENGTH))
			return true;
	return false;
}

static bool packet_is_sound(const struct packet *packet, size_t length)
{
	const size_t before = sizeof(*packet) - sizeof(packet->ipv6);
	const size_t payload = ntohs(packet->ipv6.payload_length);

	return packet->ipv6.next_header == HOP_BY_HOP && packet->ipv6.hop_limit == 1 &&
	       packet->next_header == IPV6_NEXT_ICMPV6 && packet->length == 0 &&
	       has_alert(packet->options) && payload >= before && payload - before <= length;
}

bool mld_query_parse(struct mld_query *query, uint32_t vlan, const uint8_t *frame, size_t length)
{
	const size_t at = tags_parse(&vlan, frame, length);
	struct message1 message;
	struct packet packet;
	struct address to;
	size_t size;

	if (!at || length < at + sizeof(packet))
		return false;
	memcpy(&packet, frame + at, sizeof(packet));
	frame += at + sizeof(packet);
	length -= at + sizeof(packet);
	if (!packet_is_sound(&packet, length))
		return false;
	size = ntohs(packet.ipv6.payload_length) - (sizeof(packet) - sizeof(packet.ipv6));
	if (size != QUERY1_SIZE && size < QUERY2_SIZE)
		return false;
	memcpy(&message, frame, sizeof(message));
	to = address_load(packet.ipv6.destination);
	*query = (struct mld_query){
	        .vlan = vlan,
	        .from = address_load(packet.ipv6.source),
	        .group = address_load(message.group),
	        .delay_ms = ntohs(message.delay),
	};
	if (message.type != MLD_QUERY || !address_is_link_local(query->from) ||
	    (!address_is_none(query->group) && !ipv6_is_group(query->group)) ||
	    ipv6_checksum(query->from, to, frame, size))
		return false;
	if (size == QUERY1_SIZE)
		query->other_version_ms = ROBUSTNESS * INTERVAL_S * 1000 + query->delay_ms;
	else
		query->delay_ms = delay_of(query->delay_ms);
	return true;
}
