/* SPDX-License-Identifier: MIT */
/*
 * Whose commits are the agent's: their committer is arpkeeper@<host>. Trailers such as Task are
 * believed of these alone. A cherry-pick copies the trailers, and has another committer.
 */
#ifndef USER_FORMAT_OWN_H
#define USER_FORMAT_OWN_H

#include <git2.h>
#include <stdbool.h>

#define OWN_NAME "arpkeeper"
#define OWN_MAIL "arpkeeper@" /* and the host's name */

/* Whether an agent made it, here or elsewhere. */
bool own_commit(const git_commit *commit);
/* Whether its committer would pass for an agent in any way: it must not be pushed. */
bool own_is_claimed(const git_commit *commit);
/* Who made a commit, as "Name <mail>" without what git could misread: its author, or, where that is
 * an agent, its committer (a cherry-pick keeps the author). NULL: that is an agent, too. malloc'ed.
 * 0 or -ENOMEM. */
int own_person(char **person, const git_commit *commit);

#endif
