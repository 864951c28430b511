// SPDX-License-Identifier: MIT
/* A counting semaphore with a deadline by the monotonic clock. */
#include "web/gate.h"

#include <errno.h>
#include <time.h>

void gate_init(struct gate *gate, unsigned places)
{
	pthread_condattr_t attributes;

	gate->free = places;
	pthread_mutex_init(&gate->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&gate->opened, &attributes);
	pthread_condattr_destroy(&attributes);
}

void gate_clear(struct gate *gate)
{
	pthread_mutex_destroy(&gate->lock);
	pthread_cond_destroy(&gate->opened);
}

bool gate_enter(struct gate *gate, unsigned seconds)
{
	struct timespec until;
	bool entered;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&gate->lock);
	while (!gate->free &&
	       pthread_cond_timedwait(&gate->opened, &gate->lock, &until) != ETIMEDOUT)
		;
	entered = gate->free > 0;
	gate->free -= entered;
	pthread_mutex_unlock(&gate->lock);
	return entered;
}

void gate_leave(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->free++;
	pthread_cond_signal(&gate->opened);
	pthread_mutex_unlock(&gate->lock);
}
