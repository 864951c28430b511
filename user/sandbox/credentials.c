// SPDX-License-Identifier: MIT
/* Becomes another user, and gives capabilities up. It never adds one. */
#include "sandbox/credentials.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CAPABILITIES 64 /* as many as a set has bits */

static bool is_kept(uint64_t kept, unsigned capability)
{
	return kept >> capability & 1;
}

static int drop_bounds(uint64_t kept, struct fault *fault)
{
	for (unsigned i = 0; i < CAPABILITIES && prctl(PR_CAPBSET_READ, i) >= 0; i++)
		if (!is_kept(kept, i) && prctl(PR_CAPBSET_READ, i) == 1 &&
		    prctl(PR_CAPBSET_DROP, i) < 0)
			return fault_set(fault, -errno,
			                 "capabilities: the bounding set cannot be reduced: %s",
			                 strerror(errno));
	return 0;
}

static int lock_securebits(bool inherit, struct fault *fault)
{
	unsigned long bits = SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
	                     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	/* A program that root runs then has no more rights than another user's. */
	if (!inherit)
		bits |= SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
		        SECBIT_NO_SETUID_FIXUP_LOCKED;
	if (prctl(PR_SET_SECUREBITS, bits) < 0)
		return fault_set(fault, -errno, "capabilities: securebits cannot be locked: %s",
		                 strerror(errno));
	return 0;
}

static int become(const struct sandbox_user *user, struct fault *fault)
{
	if (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return fault_set(fault, -errno, "cannot become user %s: %s%s", user->name,
		                 strerror(errno),
		                 errno == EPERM ? " (this needs CAP_SETUID and CAP_SETGID)" : "");
	return 0;
}

static int drop_sets(uint64_t kept, struct fault *fault)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned i = 0; i < CAPABILITIES; i++)
		if (is_kept(kept, i))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, i);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return fault_set(fault, -EPERM, "capabilities: they cannot be dropped: %s",
		                 strerror(errno));
	/* Kernels before 4.3 have no ambient set. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return fault_set(fault, -errno, "capabilities: the ambient set stays: %s",
		                 strerror(errno));
	return 0;
}

int credentials_reduce(const struct sandbox_user *user, uint64_t kept, bool inherit,
                       struct fault *fault)
{
	int error = 0;

	if (capng_get_caps_process())
		return fault_set(fault, -EPERM, "capabilities: they cannot be read: %s",
		                 strerror(errno));
	/* In a container without CAP_SETPCAP, no_new_privs alone keeps programs from having more.
	 */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP)) {
		error = drop_bounds(kept, fault);
		if (!error)
			error = lock_securebits(inherit, fault);
	}
	if (!error && user)
		error = become(user, fault);
	if (!error)
		error = drop_sets(kept, fault);
	if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		error = fault_set(fault, -errno, "no_new_privs cannot be set: %s", strerror(errno));
	return error;
}
