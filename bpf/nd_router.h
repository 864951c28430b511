/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Router advertisements and redirects, which hosts believe without asking (RFC 6104). The program
 * looks only at who sends them. So their validity does not matter: what is not valid is not
 * believed, and what looks invalid must not get around the guard.
 */
#ifndef BPF_ND_ROUTER_H
#define BPF_ND_ROUTER_H

#include "nd_notice.h"

static __always_inline _Bool nd_is_of_router(const struct nd_frame *frame)
{
	return frame->message->type == ND_ROUTER_ADVERTISEMENT ||
	       frame->message->type == ND_REDIRECT;
}

/* Whether the slot is a declared router's, and the MAC its own. */
static __always_inline _Bool binding_is_router(__u64 binding, __u64 mac)
{
	__u8 state = binding_state(binding);

	return (state == SLOT_STATIC || state == SLOT_LOCAL) &&
	       binding_flags(binding) & SLOT_ROUTER && (binding & MAC_MASK) == mac;
}

/* Returns the verdict. */
static __always_inline enum counter nd_router(const struct nd_frame *frame,
                                              struct nd_sender *sender)
{
	struct nd_known known;

	nd_sender_find(sender, &known, frame, option_word(OPTION_NONE));
	if (sender->segment != NO_SEGMENT && sender->config->flags & PORT_RA_GUARD &&
	    !binding_is_router(known.binding, sender->mac)) {
		nd_tell(frame, sender, EVENT_ROGUE_ROUTER, known.index, HOLD_NEWS);
		return COUNTER_ND_DROP_ROUTER;
	}
	if (nd_contradicts(known.binding, sender->mac)) {
		nd_tell(frame, sender, EVENT_SPOOF, known.index, HOLD_NEWS);
		return COUNTER_ND_DROP_PROTECTED;
	}
	return COUNTER_ND_PASS_NOT_SOLICITATION;
}

#endif
