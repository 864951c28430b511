/* SPDX-License-Identifier: MIT */
/* What the starter's process does, and the messages that it exchanges with the keeper. */
#ifndef USER_SANDBOX_STARTING_H
#define USER_SANDBOX_STARTING_H

#include <stdint.h>

#include "base/base.h"
#include "sandbox/types.h"

#define STARTING_SOCKET 3

/* Both sides are one binary, and each message is one packet. The first says how the start went. */
struct starting_hello {
	int32_t error;
	struct sandbox_report report;
	struct fault fault;
};

enum starting_kind { STARTING_START = 1, STARTING_KILL, STARTING_STARTED, STARTING_ENDED };

struct starting_request {
	int32_t kind; /* START, with a descriptor; or KILL */
	int32_t pid;
};

struct starting_report {
	int32_t kind; /* STARTED: pid, or 0 and a negative errno; or ENDED */
	int32_t pid;
	int32_t status;
};

/* Until the keeper closes STARTING_SOCKET. Recorders that have not ended 30 seconds later are
 * killed. */
_Noreturn void starting_serve(const char *command);

#endif
