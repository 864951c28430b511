/* SPDX-License-Identifier: MIT */
/*
 * The base: what each room needs, and what knows nothing of any room.
 *
 *     fault     one sentence that says why a function failed; the caller shows it
 *     log       lines on standard error, by level
 *     progress  a bar on the terminal for long work; log lines and the bar do not mix
 *     array     arrays that grow
 *     idmap     numbers for keys, such as object ids
 *     durable   files that are whole after a power cut
 *     ownfile   files that no other user can have put in the way
 *     nodename  the name of a machine that runs an agent
 *     histogram how often something took how long
 *     remoteurl the URL of another repository
 *     fnv       a number for a key, for hash tables
 *     folder    folders that go with everything in them
 *     text      what may be printed to a terminal
 *     libgit2   started without what only its HTTPS needs
 *
 * Each part stands alone and needs no set-up. Only log and progress have state of their own: they
 * share standard error.
 */
#ifndef USER_BASE_BASE_H
#define USER_BASE_BASE_H

#include "base/array.h"
#include "base/durable.h"
#include "base/fault.h"
#include "base/fnv.h"
#include "base/folder.h"
#include "base/histogram.h"
#include "base/idmap.h"
#include "base/libgit2.h"
#include "base/log.h"
#include "base/nodename.h"
#include "base/ownfile.h"
#include "base/progress.h"
#include "base/remoteurl.h"
#include "base/text.h"

#endif
