/* SPDX-License-Identifier: MIT */
/*
 * Reads and checks a repository without an agent: `log`, `at`, `diff`, `check`, `revert`,
 * `preview`, and what git's hooks judge on a push. Needs no root. Writes nothing but the look-back
 * index, and that only where the repository is the caller's own.
 *
 *     reader_open()
 *     reader_log()                       the life of addresses
 *     reader_page()                      the same, page by page
 *     lives_add()                        who held an address from when to when, made of that
 *     reader_strip()                     and of older changes, without reading them
 *     incidents_open(), incidents_next() the log of incidents
 *     reader_tasks(), reader_task()      what main's commits did, task by task
 *     reader_at(), then reader_diff()    the table of a moment, or between two of them
 *     reader_timeline()                  how much happened when
 *     reader_entries()                   every entry of main, however many
 *     reader_check()                     whether each of them is valid
 *     reader_outside()                   those that no configured prefix has
 *     reader_nodes(), reader_claims()    a fleet's nodes, and what they say of addresses
 *     reader_said()                      what they said, woven by time
 *     names_find(), reader_undo_left()   what a revert undoes, and what it left alone
 *     reader_preview(), preview_each()   what a merge would make of a branch now
 *     reader_reviews()                   the branches that wait to be looked at
 *     reader_close()
 *
 * prereceive_run() stands alone: git runs it in a process of its own.
 */
#ifndef USER_READER_H
#define USER_READER_H

#include "reader/at.h"
#include "reader/claims.h"
#include "reader/entries.h"
#include "reader/event.h"
#include "reader/incidents.h"
#include "reader/lives.h"
#include "reader/log.h"
#include "reader/names.h"
#include "reader/nodes.h"
#include "reader/open.h"
#include "reader/outside.h"
#include "reader/page.h"
#include "reader/prereceive.h"
#include "reader/preview.h"
#include "reader/reviews.h"
#include "reader/said.h"
#include "reader/strip.h"
#include "reader/tasks.h"
#include "reader/timeline.h"
#include "reader/undo.h"

#endif
