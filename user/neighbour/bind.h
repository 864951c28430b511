/* SPDX-License-Identifier: MIT */
/* Actions that change a durable binding. */
#ifndef USER_NEIGHBOUR_BIND_H
#define USER_NEIGHBOUR_BIND_H

#include "neighbour/machine.h"

action bind_learn, bind_move, bind_store, bind_drop, bind_expire, bind_evict, bind_own,
        bind_own_static, bind_own_again;

#endif
