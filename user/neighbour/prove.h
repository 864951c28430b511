/* SPDX-License-Identifier: MIT */
/* Free addresses: who has one must prove it (learn = verified). */
#ifndef USER_NEIGHBOUR_PROVE_H
#define USER_NEIGHBOUR_PROVE_H

#include "neighbour/machine.h"

action prove_claim, prove_hint, prove_reply, prove_end;

#endif
