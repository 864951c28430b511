/* SPDX-License-Identifier: MIT */
/*
 * An entry: what history keeps for one address (docs/history-format.md), as a value and as text.
 * The agent, the hooks, `check` and the tests all use this one codec.
 *
 *     entry_parse() or entry_parse_in_place()    text to value; a fault names the line
 *     entry_print()                              value to text, byte for byte what parsing accepts
 *     entry_merge()                              three versions in, one out
 *     entry_path(), entry_path_parse()           where the entry of an address lives
 *     guard_exceeded()                           how many may change at once
 */
#ifndef USER_ENTRY_H
#define USER_ENTRY_H

#include "entry/guard.h"
#include "entry/merge.h"
#include "entry/parse.h"
#include "entry/path.h"
#include "entry/time.h"
#include "entry/value.h"

#endif
