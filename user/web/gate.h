/* SPDX-License-Identifier: MIT */
/* How many requests are worked on at once: the others wait, and not for ever. */
#ifndef USER_WEB_GATE_H
#define USER_WEB_GATE_H

#include <pthread.h>
#include <stdbool.h>

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	unsigned free;
};

void gate_init(struct gate *gate, unsigned places);
void gate_clear(struct gate *gate);
/* False: no place became free in so many seconds. Else gate_leave(). */
bool gate_enter(struct gate *gate, unsigned seconds);
void gate_leave(struct gate *gate);

#endif
