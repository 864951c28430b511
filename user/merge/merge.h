/* SPDX-License-Identifier: MIT */
/*
 * What a merge of people's commits does to the table, decided once: history/ then makes it, and
 * reader/ says it beforehand. Makes no commit, moves no reference, and writes nothing.
 *
 *     theirs_read()        the edits that main lacks, and which of them are invalid
 *     toomany_decide()     whether history.guard lets so many change at once
 *     changes_propose()    the edits as a proposal
 *     decide_items()       the rule, for each address that the table's owner has not merged
 *     decide_item()        what of it changes main, and why the rule chose
 *     decide_file()        the same for a file that is not in the table
 */
#ifndef USER_MERGE_H
#define USER_MERGE_H

#include "merge/changes.h"
#include "merge/decide.h"
#include "merge/ours.h"
#include "merge/scope.h"
#include "merge/since.h"
#include "merge/stamp.h"
#include "merge/theirs.h"
#include "merge/toomany.h"

#endif
