/* SPDX-License-Identifier: MIT */
/* Declared bindings and the host's own are defended. */
#ifndef USER_NEIGHBOUR_DEFEND_H
#define USER_NEIGHBOUR_DEFEND_H

#include "neighbour/machine.h"

action defend_binding;

#endif
