/* SPDX-License-Identifier: MIT */
/*
 * Limits for each standing, so that ordinary users can use up neither memory, nor descriptors, nor
 * the places of operators and root. Counts, and touches no socket.
 */
#include "control/limits.h"

#include <errno.h>
#include <stdlib.h>

#define KB       (1u << 10)
#define MB       (1u << 20)
#define NO_LIMIT (~0u)

/*
 * An ordinary user's connection holds at most 200 kB, a watcher's 2.2 MB: all of them together some
 * 75 MB. A watcher that reads may still have a turn's changes unread, and 10,000 a second come as
 * 500 kB. 64 connections of one user: many pushes at once come from one account.
 */
static const struct limits limits[STANDINGS] = {
        [STANDING_USER] = {.connections = 192,
                           .user_connections = 64,
                           .watchers = 16,
                           .user_watchers = 4,
                           .line = 8 * KB,
                           .watch_unread = MB,
                           .unanswered = 8,
                           .user_unanswered = 64,
                           .unread = 64 * KB,
                           .idle_s = 60},
        /* An import sends lines of half a megabyte. */
        [STANDING_OPERATOR] = {.connections = 64,
                               .user_connections = 32,
                               .watchers = 16,
                               .user_watchers = 8,
                               .line = MB,
                               .watch_unread = 2 * MB,
                               .unanswered = 64,
                               .user_unanswered = 256,
                               .unread = MB,
                               .idle_s = 600},
        [STANDING_ROOT] = {.connections = 128,
                           .user_connections = 128,
                           .watchers = 64,
                           .user_watchers = 64,
                           .line = MB,
                           .watch_unread = 8 * MB,
                           .unanswered = 1024,
                           .user_unanswered = NO_LIMIT,
                           .unread = 8 * MB,
                           .idle_s = 0},
};

static const char *const plural[STANDINGS] = {
        [STANDING_USER] = "users who may only read",
        [STANDING_OPERATOR] = "operators",
        [STANDING_ROOT] = "root and the agent's own user",
};

const struct limits *limits_of(enum standing standing)
{
	return &limits[standing];
}

/* `what`: "connections" or "watchers". */
static int check(const char *what, uid_t uid, enum standing standing, unsigned of_user,
                 unsigned user_limit, unsigned of_all, unsigned limit, struct fault *fault)
{
	if (of_user >= user_limit)
		return fault_set(fault, -EUSERS,
		                 "user %u has %u %s, the limit for a user: close one first",
		                 (unsigned)uid, of_user, what);
	if (of_all >= limit)
		return fault_set(fault, -EUSERS,
		                 "%s have %u %s, the limit for all of them: try again later",
		                 plural[standing], of_all, what);
	return 0;
}

int usage_connect(struct usage *usage, struct user **out, uid_t uid, enum standing standing,
                  struct fault *fault)
{
	struct user *user = usage->user;
	int error;

	while (user && (user->uid != uid || user->standing != standing))
		user = user->next;
	error = check("connections", uid, standing, user ? user->connections : 0,
	              limits[standing].user_connections, usage->connections[standing],
	              limits[standing].connections, fault);
	if (error)
		return error;
	if (!user) {
		user = calloc(1, sizeof(*user));
		if (!user)
			return fault_set(fault, -ENOMEM, "out of memory");
		*user = (struct user){.next = usage->user, .uid = uid, .standing = standing};
		usage->user = user;
	}
	user->connections++;
	usage->connections[standing]++;
	*out = user;
	return 0;
}

void usage_disconnect(struct usage *usage, struct user *user)
{
	struct user **link = &usage->user;

	usage->connections[user->standing]--;
	if (--user->connections > 0)
		return;
	while (*link != user)
		link = &(*link)->next;
	*link = user->next;
	free(user);
}

int usage_watch(struct usage *usage, struct user *user, struct fault *fault)
{
	const struct limits *own = &limits[user->standing];
	int error = check("watchers", user->uid, user->standing, user->watchers, own->user_watchers,
	                  usage->watchers[user->standing], own->watchers, fault);

	if (error)
		return error;
	user->watchers++;
	usage->watchers[user->standing]++;
	return 0;
}

void usage_unwatch(struct usage *usage, struct user *user)
{
	user->watchers--;
	usage->watchers[user->standing]--;
}
