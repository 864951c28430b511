/* SPDX-License-Identifier: MIT */
/* The agent's own frames: each goes to every port of the segment whose link is up. */
#ifndef USER_PORTS_SEND_H
#define USER_PORTS_SEND_H

#include "ports/port.h"

/* The pace for frames of which there may be many: 500 a second. */
#define PORTS_PACE_MS     20
#define PORTS_PACE_FRAMES 10 /* every PORTS_PACE_MS */

/* Requests `target`. `to` NULL: broadcast. */
void ports_ask(struct ports *ports, unsigned segment, struct address target, const struct mac *to);
/* Announces that `address` is at `owner`. */
void ports_announce(struct ports *ports, unsigned segment, struct address address,
                    struct mac owner);
/* Sends `holder`, which is at `holder_mac`, an unsolicited reply: `address` is at `owner`. To the
 * broadcast MAC it is an announcement. */
void ports_reply(struct ports *ports, unsigned segment, struct address address, struct mac owner,
                 struct address holder, struct mac holder_mac);

#endif
