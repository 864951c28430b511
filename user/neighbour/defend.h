/* SPDX-License-Identifier: MIT */
/* The action that defends declared and local bindings. */
#ifndef USER_NEIGHBOUR_DEFEND_H
#define USER_NEIGHBOUR_DEFEND_H

#include "neighbour/machine.h"

action defend_binding;

#endif
