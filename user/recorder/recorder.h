/* SPDX-License-Identifier: MIT */
/*
 * The recorder: the process that has the repository, and nothing else. It lets history do what the
 * keeper asks for in messages (docs/recorder-protocol.md), and tells it what became of that. It has
 * no table: what it knows of one came through its socket.
 *
 *     status = recorder_run(socket);      until the keeper closes it; the exit status
 */
#ifndef USER_RECORDER_H
#define USER_RECORDER_H

#include "recorder/run.h"

#endif
