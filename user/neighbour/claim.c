/* SPDX-License-Identifier: MIT */
/* A sender's claim, kept until it is decided. Decides nothing. */
#include "neighbour/claim.h"

#include <stdio.h>

void claim_place(struct claim *claim, const struct cause *cause)
{
	snprintf(claim->interface, sizeof(claim->interface), "%s",
	         cause->interface ? cause->interface : "");
	claim->router = cause->router;
}

struct claim claim_of(const struct cause *cause)
{
	struct claim claim = {
	        .mac = cause->mac, .heard = cause->clock->now, .trigger = cause->trigger};

	claim_place(&claim, cause);
	return claim;
}

struct cause claim_cause(const struct cause *cause, const struct claim *claim)
{
	struct cause by = *cause;

	by.mac = claim->mac;
	by.router = claim->router;
	by.trigger = claim->trigger;
	by.interface = claim->interface[0] ? claim->interface : NULL;
	return by;
}
