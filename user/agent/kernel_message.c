/* SPDX-License-Identifier: MIT */
/* The codec, on libmnl. */
#include "agent/kernel_message.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

bool kernel_message_parse(struct kernel_neighbour *neighbour, const struct nlmsghdr *header)
{
	const struct ndmsg *message = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute;
	bool found = false;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message) ||
	    message->ndm_family != AF_INET || !message->ndm_ifindex ||
	    message->ndm_flags & NTF_PROXY) /* proxies are a table of their own */
		return false;
	*neighbour = (struct kernel_neighbour){
	        .ifindex = (unsigned)message->ndm_ifindex,
	        .state = message->ndm_state,
	        .ext_learned = message->ndm_flags & NTF_EXT_LEARNED,
	        .gone = header->nlmsg_type == RTM_DELNEIGH,
	};
	mnl_attr_for_each(attribute, header, sizeof(*message))
	{
		uint16_t length = mnl_attr_get_payload_len(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case NDA_DST:
			if (length == sizeof(uint32_t)) {
				neighbour->address = ntohl(mnl_attr_get_u32(attribute));
				found = true;
			}
			break;
		case NDA_LLADDR:
			if (length == sizeof(neighbour->mac.octet))
				memcpy(neighbour->mac.octet, mnl_attr_get_payload(attribute),
				       length);
			break;
		case NDA_PROTOCOL:
			if (length == sizeof(uint8_t))
				neighbour->protocol = mnl_attr_get_u8(attribute);
			break;
		case NDA_FLAGS_EXT:
			if (length == sizeof(uint32_t))
				neighbour->managed = mnl_attr_get_u32(attribute) & NTF_EXT_MANAGED;
			break;
		default:
			break;
		}
	}
	return found;
}

static struct ndmsg *begin(void *buffer, struct nlmsghdr **header, uint16_t type, uint16_t flags,
                           uint32_t sequence)
{
	struct ndmsg *message;

	*header = mnl_nlmsg_put_header(buffer);
	(*header)->nlmsg_type = type;
	(*header)->nlmsg_flags = NLM_F_REQUEST | flags;
	(*header)->nlmsg_seq = sequence;
	message = mnl_nlmsg_put_extra_header(*header, sizeof(*message));
	message->ndm_family = AF_INET;
	return message;
}

size_t kernel_message_write(void *buffer, enum kernel_write write,
                            const struct kernel_neighbour *neighbour, uint32_t sequence)
{
	static const uint16_t flags[] = {
	        [KERNEL_CREATE] = NLM_F_CREATE | NLM_F_EXCL,
	        /* Not NLM_F_CREATE: an entry that went away meanwhile stays away. */
	        [KERNEL_REPLACE] = NLM_F_REPLACE,
	        /* neigh_add() leaves another MAC alone without NLM_F_REPLACE. */
	        [KERNEL_REFRESH] = 0,
	        [KERNEL_REMOVE] = 0,
	};
	struct nlmsghdr *header;
	struct ndmsg *message =
	        begin(buffer, &header, write == KERNEL_REMOVE ? RTM_DELNEIGH : RTM_NEWNEIGH,
	              flags[write], sequence);

	message->ndm_ifindex = (int)neighbour->ifindex;
	message->ndm_state = neighbour->state;
	message->ndm_flags = neighbour->ext_learned ? NTF_EXT_LEARNED : 0;
	mnl_attr_put_u32(header, NDA_DST, htonl(neighbour->address));
	if (write != KERNEL_REMOVE)
		mnl_attr_put(header, NDA_LLADDR, sizeof(neighbour->mac.octet),
		             neighbour->mac.octet);
	if (neighbour->protocol)
		mnl_attr_put_u8(header, NDA_PROTOCOL, neighbour->protocol);
	return header->nlmsg_len;
}

size_t kernel_message_get(void *buffer, unsigned ifindex, uint32_t address, uint32_t sequence)
{
	struct nlmsghdr *header;
	struct ndmsg *message = begin(buffer, &header, RTM_GETNEIGH, 0, sequence);

	message->ndm_ifindex = (int)ifindex;
	mnl_attr_put_u32(header, NDA_DST, htonl(address));
	return header->nlmsg_len;
}

size_t kernel_message_dump(void *buffer, uint32_t sequence)
{
	struct nlmsghdr *header;

	begin(buffer, &header, RTM_GETNEIGH, NLM_F_DUMP, sequence);
	return header->nlmsg_len;
}
