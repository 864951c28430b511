/* SPDX-License-Identifier: MIT */
/*
 * The life of addresses. The index says which commits to read, and their trees say what they did: a
 * wrong index can waste time, but never gives a wrong answer. A question about all addresses needs
 * no index, and its answer begins at once; one about a prefix uses an index that is there.
 */
#include "reader/log.h"

#include <errno.h>

#include "reader/life.h"
#include "reader/lineage.h"

/* -EBADMSG: the index is of no use. */
static int tell_by_index(struct teller *teller, const git_commit *tip)
{
	const bool make = teller->query.address || teller->query.mac;
	int error = -EBADMSG;

	for (int i = 0; i < 2 && error == -EBADMSG && teller->reported == 0; i++) {
		if (i > 0)
			reader_index_drop(teller->reader);
		error = i > 0 && teller->reader->most ? reader_index_renew(teller->reader, tip)
		                                      : reader_index(teller->reader, tip, make);
		/* Without one, a process that answers others would read too much. */
		if (error == -E2BIG && make)
			return error;
		if (error)
			return -EBADMSG;
		error = life_tell(teller);
	}
	return error == -EXDEV ? -EBADMSG : error;
}

int reader_log(struct reader *reader, const struct reader_query *query,
               int (*handle)(void *context, const struct reader_event *event), void *context,
               struct fault *fault)
{
	struct teller teller = {
	        .reader = reader, .query = *query, .handle = handle, .context = context};
	git_commit *tip = NULL;
	int error = reader_tip(&tip, reader, fault);

	if (error == 0) {
		error = -EBADMSG;
		if (query->address || query->mac || query->prefix)
			error = tell_by_index(&teller, tip);
		if (error == -EBADMSG && teller.reported == 0)
			error = lineage_walk(&teller, tip);
		error = error == -E2BIG
		                ? reader_index_fault(fault, reader, error)
		                : reader_result(reader, error, teller.stop, &teller.reason, fault);
	}
	git_commit_free(tip);
	return error;
}
