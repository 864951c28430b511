/* SPDX-License-Identifier: MIT */
/* The names of tasks and alerts, as branches, JSON and people know them. */
#ifndef USER_NEIGHBOUR_NAMES_H
#define USER_NEIGHBOUR_NAMES_H

#include "neighbour/types.h"

const char *task_kind_name(enum task_kind kind);
const char *alert_kind_name(enum alert_kind kind);

#endif
