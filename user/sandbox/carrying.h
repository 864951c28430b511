/* SPDX-License-Identifier: MIT */
/* What the courier's process does, and the messages that it gets from the keeper. */
#ifndef USER_SANDBOX_CARRYING_H
#define USER_SANDBOX_CARRYING_H

#include <stdint.h>

#include "base/base.h"
#include "sandbox/types.h"

#define CARRYING_SOCKET 3

/* The first packet, from the courier: how its start went. */
struct carrying_hello {
	int32_t error;
	struct fault fault;
};

/* The others from the courier: what it has done, when that has changed. */
struct carrying_report {
	struct courier_counts counts;
};

/* Each packet from the keeper: this, and the text without its end. */
struct carrying_head {
	uint32_t news;
	uint32_t lost; /* texts that found no room since the last packet */
};

/* Until the keeper closes CARRYING_SOCKET, and five seconds more if something is left to do. */
_Noreturn void carrying_serve(const struct courier_options *options);

#endif
