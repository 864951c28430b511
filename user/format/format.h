/* SPDX-License-Identifier: MIT */
/*
 * docs/history-format.md as code: what a repository of arpkeeper's looks like to people and to git.
 *
 *     wording      what commits say: subject, list, trailers
 *     validate     what may enter the table from a repository: the one judge
 *     undo         what undoing some commits means for each address
 *     own          which commits are the agent's
 *     description  what others' lists of repositories say of it
 *     settings     the repository's configuration, and its segments
 *     known        how many addresses have an entry
 *     hooks        the scripts that git runs on a push
 */
#ifndef USER_FORMAT_H
#define USER_FORMAT_H

#include "format/description.h"
#include "format/hooks.h"
#include "format/known.h"
#include "format/own.h"
#include "format/settings.h"
#include "format/stored.h"
#include "format/undo.h"
#include "format/validate.h"
#include "format/wording.h"

#endif
