/* SPDX-License-Identifier: MIT */
/* The owner's start-up call: it waits until history's thread has answered. */
#ifndef USER_HISTORY_LOAD_H
#define USER_HISTORY_LOAD_H

#include <uv.h>

#include "history/history.h"

struct load_request {
	uv_sem_t answered;
	struct history_proposal *proposal;
	struct fault fault;
	int error;
};

#endif
