/* SPDX-License-Identifier: MIT */
/* What fetching and pushing share while an exchange runs. */
#ifndef USER_SYNC_EXCHANGE_H
#define USER_SYNC_EXCHANGE_H

#include "sync/report.h"
#include "sync/tips.h"

/* Of people's requests: those that were decided, and where the answers go. */
struct operators {
	bool held;           /* this node has the lease, */
	uint64_t begun_ms;   /* since then */
	size_t handed;       /* the first of the requests in `tips` */
	unsigned failed;     /* fetches in a row */
	char notes[SYNC_ID]; /* the remote's tip of the notes; "": none */
};

struct exchange {
	const struct sync_request *request;
	struct sync_report *report;
	const char *directory;              /* the agent's repository; ends in '/' */
	struct quarantine aside;            /* where git fetches to and pushes from */
	char aside_directory[PATH_MAX + 1]; /* the same, ending in '/' */
	struct remotegit git;
	struct tips tips;
	struct operators operators;
	unsigned failed; /* fetches in a row of which nothing came, for no reason of theirs */
};

/* Sets references below SYNC_FROM, durably: each branch's to `id`, and its `held`. */
int exchange_hold(struct exchange *exchange, struct sync_branch *const *branch,
                  const char (*id)[SYNC_ID], size_t count, struct fault *fault);
/* A reference of the repository aside. */
struct exchange_tip {
	char name[REF_NAME_MAX], id[SYNC_ID];
};

/* Formats the name as printf does. */
void exchange_tip_set(struct exchange_tip *tip, const char *id, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* The repository aside has these references and no others: the tips that git tells the other side
 * of, and by which it checks that what comes is whole. */
int exchange_set_tips(const struct exchange *exchange, const struct exchange_tip *tip, size_t count,
                      struct fault *fault);
/* Sets a reference of the agent's repository, durably; it waits for the recorder's lock. */
int exchange_set(const struct exchange *exchange, const char *name, const char *id,
                 struct fault *fault);
/* Bytes of the packs aside; `remove`: they go. */
uint64_t exchange_weigh_packs(const struct exchange *exchange, bool remove);
/* Whether the commit `old` is an ancestor of `new`, as git in the scratch repository says. false
 * also if one of them is missing. */
bool exchange_follows(const struct exchange *exchange, const char *new, const char *old);

#endif
