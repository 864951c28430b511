// SPDX-License-Identifier: MIT
/* The rules of neighbour discovery, in order, each with its sentence in docs/nd.md. */
#include "judgement.h"

#include <assert.h>
#include <stddef.h>

#define IPV6_HEADER   40
#define NEXT_ICMPV6   58
#define REPLY         32  /* bytes of an advertisement with its option */
#define LONGEST       512 /* bytes of a message that is judged */
#define OPTIONS       8   /* of a message, that are walked */
#define NO_SEGMENT    0xffffffff
#define ROUTER_ASKS   133
#define ROUTER_SAYS   134
#define HOST_ASKS     135
#define HOST_SAYS     136
#define REDIRECTS     137
#define SOURCE_OPTION 1
#define TARGET_OPTION 2

static const uint8_t none[16];
static const uint8_t unknown_mac[ETH_ALEN];

/* What judge_discovery() found in the frame. */
struct message {
	const uint8_t *ip, *icmp;
	const uint8_t *source, *destination, *target; /* IPv6 addresses */
	const uint8_t *speaker;                       /* of whom the message speaks */
	unsigned at, room, length; /* room: bytes of the frame; length: what IPv6 says */
	uint32_t segment;
	uint8_t type;
};

enum option { FOUND, MISSING, HIDDEN, REFUSED };

static bool same(const uint8_t *a, const uint8_t *b)
{
	return !memcmp(a, b, 16);
}

static bool is_mapped(const uint8_t *address)
{
	return !memcmp(address, none, 10) && address[10] == 0xff && address[11] == 0xff;
}

/* Whether a host can have the address. */
static bool is_a_hosts(const uint8_t *address)
{
	return !same(address, none) && address[0] != 0xff && !is_mapped(address);
}

/* Whether `group` is the solicited-node group of the address; NULL: of any. */
static bool is_group_of(const uint8_t *group, const uint8_t *address)
{
	static const uint8_t begin[13] = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};

	return !memcmp(group, begin, 13) && (!address || !memcmp(group + 13, address + 13, 3));
}

/* RFC 1071, byte by byte. */
static uint16_t sum(const uint8_t *ip, const uint8_t *icmp, unsigned length)
{
	uint32_t total = NEXT_ICMPV6 + length;

	for (unsigned i = 8; i < IPV6_HEADER; i += 2)
		total += get16(ip + i);
	for (unsigned i = 0; i < length; i += 2)
		total += get16(icmp + i);
	while (total > 0xffff)
		total = (total >> 16) + (total & 0xffff);
	return (uint16_t)total;
}

/* What RFC 4861 6.1.1, 7.1.1 and 7.1.2 want, but for sum and options. */
static bool is_well_formed(const struct message *message)
{
	bool has_source = !same(message->source, none);

	if (message->ip[0] >> 4 != 6 || message->ip[7] != 255 || message->icmp[1] != 0)
		return false;
	if (message->length % 8 || message->length < (message->target ? 24 : 8))
		return false;
	if (has_source && !is_a_hosts(message->source))
		return false;
	switch (message->type) {
	case HOST_ASKS:
		return message->target && is_a_hosts(message->target) &&
		       (has_source || is_group_of(message->destination, NULL));
	case HOST_SAYS:
		return message->target && is_a_hosts(message->target) && has_source &&
		       !(message->icmp[4] & 0x40 && message->destination[0] == 0xff);
	default:
		return true;
	}
}

static enum option walk(const struct message *message, uint8_t type, const uint8_t **mac)
{
	unsigned at = message->type == ROUTER_ASKS ? 8 : 24;

	*mac = NULL;
	for (unsigned i = 0; i < OPTIONS && at < message->length; i++) {
		const uint8_t *option = message->icmp + at;

		if (!option[1] || at + 8 * option[1] > message->length)
			return REFUSED;
		at += 8 * option[1];
		if (option[0] != type)
			continue;
		if (option[1] != 1)
			return REFUSED;
		if (*mac && !mac_equal(*mac, option + 2))
			return HIDDEN;
		*mac = option + 2;
	}
	if (at < message->length)
		return HIDDEN;
	return *mac ? FOUND : MISSING;
}

/* Whether the message is valid. If so, it->sha is the MAC of who speaks. */
static enum option judge(struct judgement *it, const struct message *message)
{
	enum option option;
	const uint8_t *mac;

	it->sha = unknown_mac;
	if (!is_well_formed(message))
		return REFUSED;
	if (message->length > LONGEST)
		return HIDDEN;
	if (message->length > message->room ||
	    sum(message->ip, message->icmp, message->length) != 0xffff)
		return REFUSED;
	option = walk(message, message->type == HOST_SAYS ? TARGET_OPTION : SOURCE_OPTION, &mac);
	if (option == FOUND && same(message->source, none))
		return REFUSED;
	if (option == FOUND)
		it->sha = mac;
	if (option == MISSING)
		it->sha = it->source;
	return option;
}

static uint32_t segment_of(const struct judgement *it)
{
	for (unsigned i = 0; i < it->config->domains && i < PORT_PREFIXES_MAX; i++)
		if (it->config->domain[i].vlan == it->vlan)
			return it->config->domain[i].segment;
	return NO_SEGMENT;
}

static uint32_t slot_of(const struct judgement *it, uint32_t segment, const uint8_t *address)
{
	if (segment == NO_SEGMENT || same(address, none))
		return NOT_ON_LINK;
	for (unsigned i = 0; i < it->world->place_count; i++) {
		const struct reference_place *place = &it->world->places[i];

		if (place->key.segment == segment && same(place->key.address, address))
			return place->slot < REFERENCE_SLOTS ? place->slot : NOT_ON_LINK;
	}
	return NOT_ON_LINK;
}

static bool is_on_link(const struct judgement *it, const uint8_t *address)
{
	for (unsigned i = 0; i < it->config->prefixes6 && i < PORT_PREFIXES_MAX; i++) {
		const struct port_prefix6 *prefix = &it->config->prefix6[i];
		bool holds = prefix->vlan == it->vlan;

		for (unsigned byte = 0; byte < 16; byte++)
			if ((address[byte] & prefix->mask[byte]) != prefix->network[byte])
				holds = false;
		if (holds)
			return true;
	}
	return false;
}

/* An event, once in `seconds` for the same sender and address, or each time for 0. A miss is of
 * all senders; a bogon is of all addresses. */
static void report(struct judgement *it, const struct message *message, uint32_t seconds,
                   enum event_kind kind, uint32_t slot)
{
	bool is_dad = message->type == HOST_ASKS && same(message->source, none);
	bool of_target = kind == EVENT_MISS || kind == EVENT_SPONGED || kind == EVENT_LOCAL ||
	                 (kind == EVENT_HEARD && is_dad);
	const uint8_t *address = of_target ? message->target : message->speaker;
	const uint8_t *peer = of_target                    ? message->speaker
	                      : message->type == HOST_ASKS ? message->target
	                                                   : message->destination;
	struct reference_report6 now = {.segment = message->segment,
	                                .kind = kind,
	                                .second = it->second},
	                         *earlier = NULL;
	struct reference *world = it->world;

	if (kind != EVENT_MISS)
		memcpy(now.mac, it->sha, ETH_ALEN);
	if (kind != EVENT_BOGON)
		memcpy(now.address, address, 16);
	for (unsigned i = 0; i < world->report6_count && !earlier; i++)
		if (!memcmp(&world->reports6[i], &now, offsetof(struct reference_report6, second)))
			earlier = &world->reports6[i];
	if (seconds && earlier && it->second - earlier->second < seconds) {
		count(it, COUNTER_EVENTS_THROTTLED);
		return;
	}
	it->flags = is_dad ? EVENT_DAD : 0;
	if (message->type == HOST_SAYS)
		it->flags = (uint16_t)((message->icmp[4] & 0x40 ? EVENT_SOLICITED : 0) |
		                       (message->icmp[4] & 0x20 ? EVENT_OVERRIDE : 0) |
		                       (message->icmp[4] & 0x80 ? EVENT_ROUTER : 0));
	if (!judge_report(it, kind, slot, address, peer))
		return;
	if (!earlier) {
		assert(world->report6_count < REFERENCE_MEMORY);
		earlier = &world->reports6[world->report6_count++];
	}
	*earlier = now;
}

static bool contradicts(const struct judgement *it, union binding binding)
{
	return is_bound(binding) && !mac_equal(binding.mac, it->sha) &&
	       binding.flags & SLOT_PROTECT;
}

/* Router advertisements and redirects: only who sends them counts. */
static enum counter router(struct judgement *it, const struct message *message)
{
	uint32_t slot = slot_of(it, message->segment, message->source);
	union binding binding = binding_of(it, slot);
	bool is_router = (binding.state == SLOT_STATIC || binding.state == SLOT_LOCAL) &&
	                 binding.flags & SLOT_ROUTER && mac_equal(binding.mac, it->source);

	it->sha = it->source;
	if (it->config->flags & PORT_RA_GUARD && message->segment != NO_SEGMENT && !is_router) {
		it->outcome->action = XDP_DROP;
		report(it, message, 1, EVENT_ROGUE_ROUTER, slot);
		return COUNTER_ND_DROP_ROUTER;
	}
	if (contradicts(it, binding)) {
		it->outcome->action = XDP_DROP;
		report(it, message, 1, EVENT_SPOOF, slot);
		return COUNTER_ND_DROP_PROTECTED;
	}
	return COUNTER_ND_PASS_NOT_SOLICITATION;
}

/* Whether the frame goes on, or its verdict. */
static bool sender(struct judgement *it, const struct message *message, enum option option,
                   enum counter *verdict)
{
	uint32_t slot = slot_of(it, message->segment, message->speaker);
	union binding binding = binding_of(it, slot);
	bool awaited = message->type == HOST_SAYS && message->icmp[4] & 0x40 &&
	               mac_equal(it->destination, it->config->mac);
	bool is_learned = (binding.state == SLOT_DYNAMIC || binding.state == SLOT_STALE) &&
	                  !(binding.flags & SLOT_FROZEN);

	if (contradicts(it, binding)) {
		it->outcome->action = XDP_DROP;
		*verdict = COUNTER_ND_DROP_PROTECTED;
		report(it, message, 1, EVENT_SPOOF, slot);
		return false;
	}
	if (option == HIDDEN) {
		*verdict = COUNTER_ND_PASS_MALFORMED;
		return false;
	}
	if (!mac_is_a_stations(it->sha) || !mac_is_a_stations(it->source)) {
		*verdict = COUNTER_ND_PASS_BAD_SENDER;
		report(it, message, 1, EVENT_BAD_SENDER, slot);
		return false;
	}
	if (same(message->speaker, none))
		return true;
	if (!mac_equal(it->sha, it->source)) {
		count(it, COUNTER_SENDER_MISMATCH);
		report(it, message, 1, EVENT_MISMATCH, slot);
	} else if (is_bound(binding) && mac_equal(binding.mac, it->sha)) {
		count(it, COUNTER_HEARD_SAME);
		it->world->slots[slot].seen = it->second;
		if (message->type == HOST_SAYS && is_learned &&
		    !(binding.flags & SLOT_ROUTER) != !(message->icmp[4] & 0x80))
			report(it, message, 1, EVENT_HEARD, slot);
	} else if (message->segment == NO_SEGMENT) {
		count(it, COUNTER_HEARD_FOREIGN);
	} else if (slot == NOT_ON_LINK && !is_on_link(it, message->speaker)) {
		count(it, COUNTER_HEARD_FOREIGN);
		report(it, message, 1, EVENT_BOGON, NOT_ON_LINK);
	} else {
		count(it, COUNTER_HEARD_OTHER);
		awaited = binding.state == SLOT_PENDING || (binding.state == SLOT_STALE && awaited);
		report(it, message, awaited ? 0 : 1, EVENT_HEARD, slot);
	}
	return true;
}

static enum counter request(struct judgement *it, const struct message *message, uint32_t slot)
{
	union binding binding = binding_of(it, slot);
	bool sponged = binding.state == SLOT_DEAD && binding.flags & SLOT_SPONGE &&
	               binding.flags & SLOT_ANSWER;
	bool is_declared = binding.state == SLOT_STATIC || binding.state == SLOT_LOCAL;
	bool is_dad = same(message->source, none);
	bool is_owner = mac_equal(binding.mac, it->sha);
	bool can = binding.flags & SLOT_ANSWER && mac_is_a_stations(binding.mac);

	if (!is_bound(binding) && !sponged) {
		if (!is_dad && binding.state == SLOT_EMPTY)
			report(it, message, 1, EVENT_MISS, slot);
		if (!is_dad && binding.state == SLOT_DEAD)
			it->world->slots[slot].seen++;
		return COUNTER_ND_PASS_MISS;
	}
	if (is_dad && is_declared && !(can && is_owner))
		report(it, message, 1, EVENT_HEARD, slot);
	if (!can)
		return COUNTER_ND_PASS_UNANSWERED;
	if (is_owner)
		return COUNTER_ND_PASS_OWNER;
	if (is_dad && !is_declared)
		return COUNTER_ND_PASS_PROBE;
	if (!is_declared && agent_is_silent(it))
		return COUNTER_ND_PASS_WATCHDOG;
	it->world->slots[slot].used = it->second;
	if (sponged) {
		count(it, COUNTER_SPONGED);
		report(it, message, 30, EVENT_SPONGED, slot);
	}
	if (binding.state == SLOT_LOCAL && !is_dad && mac_equal(it->sha, it->source) &&
	    slot_of(it, message->segment, message->source) != NOT_ON_LINK)
		report(it, message, 1, EVENT_LOCAL, slot);
	return COUNTER_ND_ANSWERED;
}

static void reply(struct judgement *it, const struct message *message, union binding binding)
{
	static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
	static const uint8_t all_nodes_mac[ETH_ALEN] = {0x33, 0x33, 0, 0, 0, 1};
	uint8_t *frame = it->outcome->frame, *ip = frame + message->at, *icmp = ip + IPV6_HEADER;
	bool is_dad = same(message->source, none);
	uint16_t check;

	if (it->outcome->length < message->at + IPV6_HEADER + REPLY)
		it->outcome->length = message->at + IPV6_HEADER + REPLY;
	memcpy(frame, is_dad ? all_nodes_mac : it->source, ETH_ALEN);
	memcpy(frame + 6, it->config->flags & PORT_REPLY_AS_TARGET ? binding.mac : it->config->mac,
	       ETH_ALEN);
	memset(ip, 0, 8);
	ip[0] = 0x60;
	ip[5] = REPLY;
	ip[6] = NEXT_ICMPV6;
	ip[7] = 255;
	memcpy(ip + 8, message->target, 16);
	memcpy(ip + 24, is_dad ? all_nodes : message->source, 16);
	memset(icmp, 0, 8);
	icmp[0] = HOST_SAYS;
	icmp[4] = (uint8_t)((binding.flags & SLOT_ROUTER ? 0x80 : 0) | (is_dad ? 0 : 0x40) |
	                    (binding.flags & SLOT_OVERRIDE ? 0x20 : 0));
	icmp[24] = TARGET_OPTION;
	icmp[25] = 1;
	memcpy(icmp + 26, binding.mac, ETH_ALEN);
	check = (uint16_t)~sum(ip, icmp, REPLY);
	icmp[2] = (uint8_t)(check >> 8);
	icmp[3] = (uint8_t)check;
	it->outcome->action = it->config->flags & PORT_REDIRECT ? XDP_REDIRECT : XDP_TX;
}

static enum counter target(struct judgement *it, const struct message *message)
{
	enum counter verdict;
	uint32_t slot;

	if (message->type != HOST_ASKS)
		return COUNTER_ND_PASS_NOT_SOLICITATION;
	if (same(message->source, message->target))
		return COUNTER_ND_PASS_OWNER;
	if (it->destination[0] % 2 == 0 && !mac_equal(it->destination, it->config->mac))
		return COUNTER_ND_PASS_ELSEWHERE;
	if (!is_group_of(message->destination, message->target) &&
	    !same(message->destination, message->target))
		return COUNTER_ND_PASS_ELSEWHERE;
	if (message->segment == NO_SEGMENT)
		return COUNTER_ND_PASS_OFF_LINK;
	slot = slot_of(it, message->segment, message->target);
	if (slot == NOT_ON_LINK && !is_on_link(it, message->target))
		return COUNTER_ND_PASS_OFF_LINK;
	verdict = request(it, message, slot);
	if (verdict == COUNTER_ND_ANSWERED)
		reply(it, message, binding_of(it, slot));
	return verdict;
}

void judge_discovery(struct judgement *it, unsigned at, unsigned length)
{
	const uint8_t *ip = it->frame + at, *icmp = ip + IPV6_HEADER;
	struct message message = {.ip = ip, .icmp = icmp, .at = at};
	enum counter verdict = COUNTER_ND_PASS_MALFORMED;
	enum option option;

	/* Headers between IPv6 and ICMPv6 pass, and so fragments. */
	if (length < at + IPV6_HEADER + 1 || ip[6] != NEXT_ICMPV6 || icmp[0] < ROUTER_ASKS ||
	    icmp[0] > REDIRECTS)
		return;
	count(it, COUNTER_ND_FRAMES);
	message.type = icmp[0];
	message.room = length - at - IPV6_HEADER;
	message.length = get16(ip + 4);
	message.source = ip + 8;
	message.destination = ip + 24;
	message.speaker = message.source;
	message.segment = segment_of(it);
	it->opcode = message.type;
	if (message.room < 8) {
		count(it, verdict);
		return;
	}
	if (message.type == ROUTER_SAYS || message.type == REDIRECTS) {
		count(it, router(it, &message));
		return;
	}
	if (message.type != ROUTER_ASKS && message.room >= 24)
		message.target = icmp + 8;
	if (message.type == HOST_SAYS && message.target)
		message.speaker = message.target;
	option = judge(it, &message);
	if (option != REFUSED && sender(it, &message, option, &verdict))
		verdict = target(it, &message);
	count(it, verdict);
}
