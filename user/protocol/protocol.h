/* SPDX-License-Identifier: MIT */
/*
 * What the table's owner and its history say to each other, as plain values: no git, no event loop.
 * And as bytes, between the processes that they are: docs/recorder-protocol.md.
 *
 *     types        proposals, outcomes, alerts, status
 *     proposal     what the owner makes of a proposal
 *     transition   a change of the table on its way to a commit; a set of addresses
 *     segment      a segment's name and prefixes
 *     packet       a message between the processes
 *     encode       a message to bytes
 *     decode       bytes to a message, with every bound checked
 *     inbox        frames from a socket
 */
#ifndef USER_PROTOCOL_H
#define USER_PROTOCOL_H

#include "protocol/buffer.h"
#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/inbox.h"
#include "protocol/packet.h"
#include "protocol/proposal.h"
#include "protocol/segment.h"
#include "protocol/transition.h"
#include "protocol/types.h"

#endif
