/* SPDX-License-Identifier: MIT */
/* A segment as one broadcast domain over all of its ports. */
#ifndef USER_PORTS_DOMAINS_H
#define USER_PORTS_DOMAINS_H

#include <stdbool.h>

#include "wire/wire.h"

struct ports;

struct domain {
	bool up; /* a port that is attached has a link */
	struct mac
	        mac; /* of the first port that is attached, as it was last told; zero: none yet */
};

/* One for each segment, up and without a MAC. */
int domains_init(struct ports *ports);
/* Tells through struct ports_ops what is otherwise now. Call when a port or its link changed. */
void domains_tell(struct ports *ports);

#endif
