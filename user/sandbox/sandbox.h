/* SPDX-License-Identifier: MIT */
/*
 * The sandbox: how a process gives up what it does not need. Everything here is for good.
 *
 *     sandbox_find_user(&user, name, &fault);      while /etc/passwd can still be read
 *
 *     sandbox_enter(&options, &report, &fault);    the recorder: its user, no capabilities, an
 *                                                  environment of its own, Landlock, seccomp
 *     sandbox_end_fetching(&fault);                from here on, no sockets
 *
 *     sandbox_keeper(false, &fault);               the keeper: four capabilities, nothing else
 *
 * The last three belong to a thread. Call them before a process starts its second one, or, the
 * keeper's, in each. A keeper with four capabilities can neither start nor end a process of another
 * user: the starter (starter.h) is a process that has entered the sandbox, and does it when asked.
 * The courier (courier.h) is another: it runs the operator's command for each alert. The detacher
 * (detacher.h) takes programs out of a shared dispatcher, which needs CAP_SYS_ADMIN.
 *
 * What the kernel does not have is left out and reported. What it has and refuses is a fault.
 */
#ifndef USER_SANDBOX_H
#define USER_SANDBOX_H

#include "sandbox/command.h"
#include "sandbox/courier.h"
#include "sandbox/detacher.h"
#include "sandbox/enter.h"
#include "sandbox/keeper.h"
#include "sandbox/starter.h"
#include "sandbox/types.h"
#include "sandbox/user.h"

#endif
