/* SPDX-License-Identifier: MIT */
/*
 * Sends a list to the agent piece by piece, and knows which of its addresses the agent has a place
 * for. Several pieces are sent before the first is answered, so that neither side waits for the
 * other, and only a few are in memory.
 */
#ifndef USER_CLI_TRANSFER_H
#define USER_CLI_TRANSFER_H

#include <jansson.h>
#include <stdio.h>

#include "cli/settings.h"
#include "lists/lists.h"

#define TRANSFER_REFUSALS 20 /* kept; all are counted */

struct transfer_refusal {
	size_t item;
	char why[128];
};

struct transfer {
	FILE *agent;
	const char *name;                /* of the list */
	const char *message;             /* NULL: none */
	const struct settings *settings; /* whose change it is */
	const char *segment;             /* of all addresses; NULL: found by address */
	bool dry, force;
	struct prefix *prefix; /* owned: which addresses the agent has a place for */
	size_t prefixes, room;
	/* The result. */
	size_t sent, changed, unchanged, kept, refused;
	size_t ipv6; /* of the list, skipped: no prefix is of IPv6 */
	struct transfer_refusal refusal[TRANSFER_REFUSALS];
	bool compared;    /* a dry run has the result, even if the agent would refuse the whole */
	bool interrupted; /* by SIGINT or SIGTERM: the rest was not sent */
	char commit[41];  /* "": nothing changed */
};

/* Connects, and reads the prefixes of `segment`, or of all segments. transfer_close() in any case.
 */
int transfer_open(struct transfer *transfer, const char *control, struct fault *fault);
/* Drops the items without a place, and adds a problem for each. Without a prefix of IPv6, addresses
 * of IPv6 are counted only: lists have those of the whole host. */
void transfer_check(struct transfer *transfer, struct list *list);
/* Sends the sorted list, and returns when all of it is durable. Shows its progress. */
int transfer_run(struct transfer *transfer, const struct list *list, struct fault *fault);
void transfer_close(struct transfer *transfer);

#endif
