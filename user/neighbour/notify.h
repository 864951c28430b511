/* SPDX-License-Identifier: MIT */
/* What happened to an address, passed to the owner's operations. */
#ifndef USER_NEIGHBOUR_NOTIFY_H
#define USER_NEIGHBOUR_NOTIFY_H

#include "neighbour/machine.h"

void notify_change(struct neighbour *neighbour, const struct cause *cause, enum task_kind kind,
                   uint64_t task, const struct entry *before, const struct entry *after);
void notify_alert(struct neighbour *neighbour, const struct cause *cause, enum alert_kind kind,
                  struct mac other);
/* 0: there is no task. */
void notify_end(struct neighbour *neighbour, uint64_t task);

#endif
