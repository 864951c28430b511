/* SPDX-License-Identifier: MIT */
/*
 * A store: a map from paths to bytes in a bare git repository that any git can read. Each version
 * of the map is a commit. It survives a kill and a power cut at any moment, and any git beside it.
 *
 *     repository_open(&repository, &options, fault);        opens or makes it, and takes its lock
 *     repository_ready(&repository, options.path, fault);   a new one is durable now
 *     writer_new(&writer, repository.git, "us <us@host>", fault);
 *
 *     writer_blob(writer, &id, text, length, fault);        edits: paths, and what becomes of them
 *     edits_add(&edits, "path/of/a/file", &id, GIT_FILEMODE_BLOB);
 *     writer_commit(writer, &version, &spec, fault);        a version, of an older one and edits
 *     writer_flush(writer, fault);                          durable, all that was made so far
 *     refs_move(repository.git, MAIN_REF, &old, &version.commit, fault);
 *     writer_settle(writer);                                published: from here on, others see it
 *
 *     writer_find(writer, &id, NULL, &version.tree, "path/of/a/file", fault);
 *     ancestry_base(&base, repository.git, &version.commit, &other.commit, fault);
 *     treemerge(&edits, repository.git, &base_tree, &version.tree, &other.tree, rule, context,
 * fault); tree_diff(repository.git, &old_tree, &version.tree, handle, context);
 *
 *     writer_free(writer);
 *     git_repository_free(repository.git);
 *     repository_release(repository.lock);
 *
 * A version is acknowledged when refs_move() has returned 0, and not before. One thread at a time
 * uses a writer. Everything that can fail for a reason that an operator must know returns a
 * negative errno and leaves a sentence in `fault`.
 */
#ifndef USER_STORE_H
#define USER_STORE_H

#include "store/ancestry.h"
#include "store/anchors.h"
#include "store/authored.h"
#include "store/branches.h"
#include "store/commits.h"
#include "store/connected.h"
#include "store/editlist.h"
#include "store/edits.h"
#include "store/gitchild.h"
#include "store/gitclean.h"
#include "store/gitlock.h"
#include "store/heldlock.h"
#include "store/leftover.h"
#include "store/mend.h"
#include "store/multiindex.h"
#include "store/quarantine.h"
#include "store/readers.h"
#include "store/refs.h"
#include "store/repository.h"
#include "store/taskid.h"
#include "store/tree.h"
#include "store/treemerge.h"
#include "store/trouble.h"
#include "store/trust.h"
#include "store/watch.h"
#include "store/writer.h"

#endif
