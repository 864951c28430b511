// SPDX-License-Identifier: MIT
/*
 * sudo names its caller in the environment, where anything may be left over. So the kernel must say
 * the same: a login's processes keep its user for good, also those of root. Without such a login,
 * as in a cron job, the change is root's.
 */
#include "cli/author.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOGIN_FILE "/proc/self/loginuid"

static const char *caller(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *user;
	unsigned login = 0;
	FILE *file;
	bool read;

	if (!name || getuid() != 0)
		return NULL;
	file = fopen(LOGIN_FILE, "re");
	if (!file)
		return NULL;
	read = fscanf(file, "%u", &login) == 1;
	fclose(file);
	user = read && (uid_t)login != (uid_t)-1 ? getpwnam(name) : NULL;
	return user && user->pw_uid == (uid_t)login ? name : NULL;
}

void author_give(json_t *request, const struct settings *settings)
{
	const char *name = settings->author ? settings->author : caller();

	if (request && name)
		json_object_set_new(request, "author", json_string(name));
}
