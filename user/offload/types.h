/* SPDX-License-Identifier: MIT */
/* What the parts of the public face have in common. */
#ifndef USER_OFFLOAD_TYPES_H
#define USER_OFFLOAD_TYPES_H

#include "base/base.h"
#include "wire/wire.h"

struct offload;      /* the maps of one instance */
struct offload_port; /* the program on one interface */

/* What a process without CAP_SYS_ADMIN asks to take this instance's programs out of the dispatcher
 * on an interface: offload_detach_shared(), in a process that has it. 0 or a negative errno. */
struct detaching {
	int (*ask)(void *context, unsigned ifindex); /* NULL: there is nobody to ask */
	void *context;
};

/* A place of an IPv6 address (places.h). Not 0: stop, with this result. */
typedef int place_visit(void *context, unsigned segment, struct address address, uint32_t slot);

enum offload_mode { OFFLOAD_AUTO, OFFLOAD_NATIVE, OFFLOAD_GENERIC };

#endif
