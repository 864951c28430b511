/* SPDX-License-Identifier: MIT */
/* What the server's handler gets, and gives. */
#ifndef USER_CONTROL_TYPES_H
#define USER_CONTROL_TYPES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Beside its path, the server listens at this one, for root and operators only: connections of
 * other users cannot fill its queue. Clients that may connect there do. */
#define CONTROL_OPERATORS ".operators"

struct control_request {
	uint64_t client; /* the connection, by number: it may be gone when the answer is ready */
	json_t *body;    /* an object with a string "command"; borrowed */
	uid_t uid;
	bool may_change; /* root, the user that the server runs as, or an operator */
};

typedef void control_handler(void *context, const struct control_request *request);

/* An answer that is made while the client reads it: whatever its size, it neither fills memory nor
 * holds up the loop. The last piece must end a line. */
struct control_source {
	/* The next piece, malloc'ed, and its length; NULL: the end, or out of memory. There is
	 * always a first one. */
	char *(*next)(void *context, size_t *length);
	void (*done)(void *context); /* called once, also if the client leaves */
	void *context;
};

#endif
