// SPDX-License-Identifier: MIT
/* Looks the recorder's user up. Changes nothing. */
#include "sandbox/user.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_HOME  "/nonexistent"
#define UID_MOST 4294967293 /* -1 means "do not change", and -2 was nobody's */

static int fill(struct sandbox_user *user, const struct passwd *found)
{
	const char *home = found->pw_dir && found->pw_dir[0] == '/' ? found->pw_dir : NO_HOME;

	if (strlen(found->pw_name) >= sizeof(user->name) || strlen(home) >= sizeof(user->home))
		return -ENAMETOOLONG;
	*user = (struct sandbox_user){.uid = found->pw_uid, .gid = found->pw_gid};
	snprintf(user->name, sizeof(user->name), "%s", found->pw_name);
	/* Root's home has settings of a person, which are not the recorder's. */
	snprintf(user->home, sizeof(user->home), "%s", found->pw_uid ? home : NO_HOME);
	return 0;
}

static int fill_number(struct sandbox_user *user, const char *text, struct fault *fault)
{
	unsigned long long number = strlen(text) <= 10 ? strtoull(text, NULL, 10) : UID_MOST + 1;
	const struct passwd *found;

	if (number > UID_MOST)
		return fault_set(fault, -EINVAL, "the recorder's user: %.20s is not a user ID",
		                 text);
	found = getpwuid((uid_t)number);
	if (found)
		return fill(user, found);
	*user = (struct sandbox_user){.uid = (uid_t)number, .gid = (gid_t)number, .home = NO_HOME};
	snprintf(user->name, sizeof(user->name), "%llu", number);
	return 0;
}

int sandbox_find_user(struct sandbox_user *user, const char *name, struct fault *fault)
{
	const char *wanted = name ? name : SANDBOX_USER;
	const struct passwd *found;
	int error;

	if (*wanted && strspn(wanted, "0123456789") == strlen(wanted))
		return fill_number(user, wanted, fault);
	errno = 0;
	found = getpwnam(wanted);
	if (!found && !name) {
		error = fill_number(user, "0", fault);
		user->missing = true;
		return error;
	}
	if (!found)
		return fault_set(fault, -ENOENT,
		                 "the recorder's user: there is no user '%.60s': make it "
		                 "(systemd-sysusers makes " SANDBOX_USER
		                 "), or give another name or a user ID",
		                 wanted);
	error = fill(user, found);
	return error ? fault_set(fault, error,
	                         "the recorder's user: the name or home of '%.60s' is too long",
	                         wanted)
	             : 0;
}
