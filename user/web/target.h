/* SPDX-License-Identifier: MIT */
/*
 * What a request asks for: the path and the parameters of its target, decoded and checked. Nothing
 * of it is ever a path of the file system, nor a command.
 */
#ifndef USER_WEB_TARGET_H
#define USER_WEB_TARGET_H

#include "base/base.h"

#define TARGET_MOST       4096 /* bytes of the target, as it was sent */
#define TARGET_PARAMETERS 24
#define TARGET_VALUE      512 /* bytes of a value, and of the path, decoded */
#define TARGET_NAME       24

struct target_parameter {
	const char *name, *value;
};

struct target {
	char *text; /* owned: path, names and values */
	const char *path;
	struct target_parameter parameter[TARGET_PARAMETERS];
	size_t count;
};

/* "/api/v1/table?prefix=10.0.0.0%2F24". 0; -EINVAL and a fault; -E2BIG: the target is too long;
 * -ENOMEM. target_clear() in any case. */
int target_parse(struct target *target, const char *line, struct fault *fault);
void target_clear(struct target *target);
/* The value, which may be ""; NULL: not given. */
const char *target_find(const struct target *target, const char *name);

#endif
