// SPDX-License-Identifier: MIT
/*
 * A clock that is 400 days ahead, and that the kernel calls synchronised: for every program that is
 * started where /etc/ld.so.preload names this library. Time since the machine's start goes as
 * before.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

#define AHEAD_S (400 * 86400)

int clock_gettime(clockid_t clock, struct timespec *time)
{
	static int (*real)(clockid_t, struct timespec *);
	int error;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	error = real(clock, time);
	if (!error && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		time->tv_sec += AHEAD_S;
	return error;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec time;
	int error = clock_gettime(CLOCK_REALTIME, &time);

	(void)zone;
	if (!error)
		*now = (struct timeval){time.tv_sec, time.tv_nsec / 1000};
	return error;
}

time_t time(time_t *seconds)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	if (seconds)
		*seconds = now.tv_sec;
	return now.tv_sec;
}

int clock_adjtime(clockid_t clock, struct timex *query)
{
	(void)clock;
	(void)query;
	return TIME_OK;
}
