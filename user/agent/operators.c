/* SPDX-License-Identifier: MIT */
/* Finds the number of the operators' group. It reads no list of members. */
#include "agent/operators.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel reports this number for each group that a user namespace does not know. */
#define OVERFLOW_FILE    "/proc/sys/kernel/overflowgid"
#define OVERFLOW_DEFAULT 65534

static gid_t overflow_group(void)
{
	FILE *file = fopen(OVERFLOW_FILE, "re");
	unsigned group = OVERFLOW_DEFAULT;

	if (file && fscanf(file, "%u", &group) != 1)
		group = OVERFLOW_DEFAULT;
	if (file)
		fclose(file);
	return group;
}

int operators_find(gid_t *group, const char *name, struct fault *fault)
{
	const struct group *found;
	unsigned long number;
	char *end;
	int error;

	*group = (gid_t)-1;
	if (!name)
		return 0;
	errno = 0;
	found = getgrnam(name);
	error = errno;
	number = strtoul(name, &end, 10);
	if (found)
		*group = found->gr_gid;
	else if (error && error != ENOENT && error != ESRCH && error != EBADF && error != EPERM)
		return fault_set(fault, -error, "agent.operators = %s: cannot read the groups: %s",
		                 name, strerror(error));
	else if (*end == '\0' && number < (gid_t)-1)
		*group = (gid_t)number;
	else
		return fault_set(fault, -ENOENT,
		                 "agent.operators = %s: this machine has no such group: make it "
		                 "with 'groupadd --system %s', or remove the key",
		                 name, name);
	if (*group != overflow_group())
		return 0;
	*group = (gid_t)-1;
	return fault_set(fault, -EINVAL,
	                 "agent.operators = %s: the kernel counts every unknown group as this one: "
	                 "choose another",
	                 name);
}
