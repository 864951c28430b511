/* SPDX-License-Identifier: MIT */
/* An address that has an owner, and another claimant (learn = verified). */
#ifndef USER_NEIGHBOUR_CONTEST_H
#define USER_NEIGHBOUR_CONTEST_H

#include "neighbour/machine.h"

action contest_begin, contest_answer, contest_spoke, contest_silent, contest_over;

#endif
