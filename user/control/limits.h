/* SPDX-License-Identifier: MIT */
/* What clients may use, and what they use now. */
#ifndef USER_CONTROL_LIMITS_H
#define USER_CONTROL_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/base.h"
#include "control/standing.h"

struct limits {
	/* Beyond these, a client is refused. */
	unsigned connections;      /* of all clients of a standing */
	unsigned user_connections; /* of one user */
	unsigned watchers, user_watchers;
	size_t line;         /* bytes of a request */
	size_t watch_unread; /* bytes of events that a watcher has not read */
	/* Beyond these, the next request waits. */
	unsigned unanswered;      /* requests of a connection */
	unsigned user_unanswered; /* requests of a user */
	size_t unread;            /* bytes of answers that a connection has not read */
	unsigned idle_s;          /* seconds until a connection without a request ends; 0: never */
};

const struct limits *limits_of(enum standing standing);

/* A user with connections. As an operator and without that group, it counts twice. */
struct user {
	struct user *next;
	uid_t uid;
	enum standing standing;
	unsigned connections, watchers, unanswered;
	bool held; /* a connection waits because `unanswered` is at its limit */
};

struct usage {
	struct user *user; /* owned: those with connections */
	unsigned connections[STANDINGS], watchers[STANDINGS];
};

/* Counts one more connection. -EUSERS, and a fault for the client: not possible now. -ENOMEM. */
int usage_connect(struct usage *usage, struct user **user, uid_t uid, enum standing standing,
                  struct fault *fault);
void usage_disconnect(struct usage *usage, struct user *user); /* may free the user */
/* The same for a connection that watches. */
int usage_watch(struct usage *usage, struct user *user, struct fault *fault);
void usage_unwatch(struct usage *usage, struct user *user);

#endif
