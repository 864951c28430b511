/* SPDX-License-Identifier: MIT */
/* What the keeper says, on its way to history. */
#ifndef USER_RECORDER_TAKE_H
#define USER_RECORDER_TAKE_H

#include "recorder/state.h"

/* Does what a message asks for. 0; -EPROTO: it has no place here; or another error. After an error
 * the recorder must end. */
int take_packet(struct recorder *recorder, const struct packet *packet);
/* After some messages: asks history to say when it has taken them. */
void take_mark(struct recorder *recorder);

#endif
