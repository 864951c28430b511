/* SPDX-License-Identifier: MIT */
/* What the detacher's process does. */
#ifndef USER_SANDBOX_DETACHING_H
#define USER_SANDBOX_DETACHING_H

#include <stdint.h>

#include "base/base.h"
#include "sandbox/types.h"

/* The first message; after it, an interface's number for each request, and an error for each
 * answer. */
struct detaching_hello {
	int32_t error;
	struct fault fault;
};

/* In the child: gives up what it does not need, and serves until the keeper closes the socket. */
_Noreturn void detaching_begin(const struct detacher_options *options, int socket);

#endif
