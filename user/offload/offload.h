/* SPDX-License-Identifier: MIT */
/*
 * The offload: the maps of an instance, pinned under /sys/fs/bpf/arpkeeper/<instance>/, and the
 * program on each interface. It knows slots and frames, and no policy.
 *
 *     neigh_slots            the table (shared by all interfaces)
 *     neigh_index6           which of its slots each IPv6 address has
 *     events, counters       likewise
 *     layout                 the prefixes that the table was laid out for
 *     port_<interface>       struct port, one for each interface
 *     prog_<interface>       the program attached there
 *
 * Maps and programs outlive the agent: nothing here detaches unless asked to.
 *
 *     offload_prepare()
 *     offload_open()                  taken over, or new; the caller fills the slots
 *     offload_ask_to_detach()         if this process gives up CAP_SYS_ADMIN
 *     offload_attach()                for each interface; from here on frames are answered
 *     offload_port_heartbeat(), offload_events_consume(), ...
 *     offload_port_abandon(), offload_port_return()     an interface that is away for a while
 *     offload_port_detach(), offload_unpin()     or neither: the program goes on answering
 *     offload_port_close(), offload_close()
 *
 *     survey_take()                   without an agent: what is pinned and attached
 */
#ifndef USER_OFFLOAD_H
#define USER_OFFLOAD_H

#include "offload/attach.h"
#include "offload/counters.h"
#include "offload/detach.h"
#include "offload/open.h"
#include "offload/places.h"
#include "offload/port.h"
#include "offload/prepare.h"
#include "offload/survey.h"
#include "offload/types.h"

#endif
