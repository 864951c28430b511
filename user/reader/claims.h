/* SPDX-License-Identifier: MIT */
/* What each node of a fleet says of an address, which of it counts, and by which rule. */
#ifndef USER_READER_CLAIMS_H
#define USER_READER_CLAIMS_H

#include "fleet/fleet.h"

struct reader;

struct reader_claim {
	const char *segment, *node;
	struct address address;
	struct claim claim;
	bool wins;     /* the greatest of its address: a mark that wins shows nothing */
	unsigned rule; /* by which the winner beats it, or the winner the next one (order.h); 0: it
	                  is the only one */
};

/* NULL: does not matter. */
struct reader_claims_query {
	const struct range *range;
	const struct mac *mac;
	const char *segment;
};

/* Calls `handle` for each claim of each address in the branches that are held, by segment, address
 * and rank, until it returns non-zero; that is returned. With a MAC: for all claims of each address
 * where one has it. `bad` hears of files that are not claims, and are passed over. 0, or a negative
 * errno and a fault. */
int reader_claims(struct reader *reader, const struct reader_claims_query *query,
                  int (*handle)(void *context, const struct reader_claim *claim),
                  void (*bad)(const char *node, const char *path, const char *why), void *context,
                  struct fault *fault);

#endif
