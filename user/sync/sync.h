/* SPDX-License-Identifier: MIT */
/*
 * Exchanges branches with another repository, by stock git on both sides. A branch has one writer
 * and only moves forwards. This room knows names and tips of branches, and nothing of what is in
 * them.
 *
 *     error = syncrequest_read(&request, text, fault);     what to exchange, as JSON
 *     error = sync_run(&report, &request, directory, fault);
 *     json = syncreport_json(&report);
 *     syncreport_clear(&report);
 *     syncrequest_clear(&request);
 *
 * What is fetched goes to refs/fleet/from/<remote>/, whatever it contains: who reads it, judges it.
 * Nothing else of the repository changes.
 */
#ifndef USER_SYNC_H
#define USER_SYNC_H

#include "sync/report.h"
#include "sync/request.h"
#include "sync/run.h"

#endif
