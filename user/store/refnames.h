/* SPDX-License-Identifier: MIT */
/* Names of references. */
#ifndef USER_STORE_REFNAMES_H
#define USER_STORE_REFNAMES_H

#define MAIN_REF    "refs/heads/main"
#define APPLIED_REF "refs/arpkeeper/applied"
#define ALERTS_REF  "refs/heads/alerts"
#define TASK_REFS   "refs/heads/task/"
#define MERGE_REFS  "refs/heads/merge/"
#define REVIEW_REFS "refs/heads/review/" /* to be looked at, and not merged */
#define BRANCH_REFS "refs/heads/"
/* What nodes of a fleet say (docs/history-format.md): */
#define NODE_REFS    "refs/heads/node/"    /* and <name>/<name>: what main has */
#define FROM_REFS    "refs/fleet/from/"    /* and <remote>/<name>/<name>: what was fetched */
#define RETIRED_REFS "refs/fleet/retired/" /* and <name>/<name>: the tip that is over */

#endif
