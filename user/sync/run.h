/* SPDX-License-Identifier: MIT */
#ifndef USER_SYNC_RUN_H
#define USER_SYNC_RUN_H

#include "sync/report.h"
#include "sync/request.h"

/*
 * Lists the remote's branches; fetches those that are new, by name, sixteen at a time; pushes those
 * that it lacks, others' first. A branch that is left out is in the report, and stops no other.
 *
 * `directory`: a bare repository, ending in '/'. 0, or a negative errno and a fault: the remote was
 * not reached, or this machine failed; the report says how far it came. -EBUSY: another process
 * exchanges with that remote. -ETIMEDOUT. All processes that it started have ended then.
 */
int sync_run(struct sync_report *report, const struct sync_request *request, const char *directory,
             struct fault *fault);

#endif
