/* SPDX-License-Identifier: MIT */
/*
 * A list on its way to the agent: piece by piece, several under way at a time, so that
 * neither side waits for the other, and no more than a few are ever in memory.
 */
#ifndef USER_CLI_TRANSFER_H
#define USER_CLI_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/places.h"
#include "lists/lists.h"

#define TRANSFER_REFUSALS 20 /* so many are kept, and all are counted */

struct transfer_refusal {
	size_t item;
	char why[128];
};

struct transfer {
	int socket;
	const char *name;    /* of the list */
	const char *message; /* NULL: none */
	const char *segment; /* that all are in; NULL: each address says */
	bool dry, force;
	/* What came of it. */
	size_t sent, changed, unchanged, kept, refused;
	struct transfer_refusal refusal[TRANSFER_REFUSALS];
	bool interrupted; /* SIGINT or SIGTERM: what was sent is all there is */
	char commit[41];  /* "": nothing changed */
};

int transfer_open(struct transfer *transfer, const char *control, struct fault *fault);
void transfer_close(struct transfer *transfer);
/* The prefixes of the agent's segments, or of the one named. */
int transfer_prefixes(const struct transfer *transfer, struct places *places, const char *segment,
                      struct fault *fault);
/* Sends the list, which is sorted, and returns when all of it is durable. Shows its progress. */
int transfer_run(struct transfer *transfer, const struct list *list, struct fault *fault);

#endif
