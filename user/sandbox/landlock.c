// SPDX-License-Identifier: MIT
/*
 * Landlock, by system calls of our own: Debian 12 has neither a library for it nor the newer
 * constants. What the running kernel does not know is left out, as its documentation advises.
 */
#include "sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Named here, since headers differ: Linux 5.19, 6.2, 6.7, 6.10, 6.12. */
enum { WITH_REFER = 2, WITH_TRUNCATE, WITH_TCP, WITH_IOCTL, WITH_SCOPES };

#define FS_REFER               (UINT64_C(1) << 13)
#define FS_TRUNCATE            (UINT64_C(1) << 14)
#define FS_IOCTL               (UINT64_C(1) << 15)
#define TCP_BIND               (UINT64_C(1) << 0)
#define TCP_CONNECT            (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_SOCKETS (UINT64_C(1) << 0)
#define SCOPE_SIGNALS          (UINT64_C(1) << 1)

/* The kernel's struct landlock_ruleset_attr since 6.12; older kernels take the beginning. */
struct ruleset {
	uint64_t files, tcp, scopes;
};

#define ON_FILES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define TO_READ  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define TO_RUN   (TO_READ | LANDLOCK_ACCESS_FS_EXECUTE)
/* Neither programs, devices, sockets nor symbolic links: a repository needs none. */
#define TO_WRITE                                                                                   \
	(TO_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                 \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                            \
	 LANDLOCK_ACCESS_FS_MAKE_REG | FS_REFER | FS_TRUNCATE)
#define ALL_OF_FIRST ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

/* Git, its helpers, ssh, a shell, and their libraries. */
static const char *const programs[] = {"/usr",   "/bin",    "/sbin",          "/lib", "/lib32",
                                       "/lib64", "/libx32", "/proc/self/exe", NULL};
/* /proc: whether the holder of a lock lives, and what sanitizers ask. Not /etc as a whole: root
 * without capabilities still owns /etc/shadow. */
static const char *const texts[] = {"/proc",
                                    "/sys/devices/system/cpu",
                                    "/dev/random",
                                    "/dev/urandom",
                                    "/dev/zero",
                                    "/etc/alternatives",
                                    "/etc/ca-certificates",
                                    "/etc/gai.conf",
                                    "/etc/gitconfig",
                                    "/etc/group",
                                    "/etc/host.conf",
                                    "/etc/hosts",
                                    "/etc/ld.so.cache",
                                    "/etc/ld.so.conf",
                                    "/etc/ld.so.conf.d",
                                    "/etc/ld.so.preload",
                                    "/etc/locale.alias",
                                    "/etc/localtime",
                                    "/etc/nsswitch.conf",
                                    "/etc/passwd",
                                    "/etc/pki",
                                    "/etc/protocols",
                                    "/etc/resolv.conf",
                                    "/etc/services",
                                    "/etc/ssh/ssh_config",
                                    "/etc/ssh/ssh_config.d",
                                    "/etc/ssh/ssh_known_hosts",
                                    "/etc/ssl/certs",
                                    "/etc/ssl/openssl.cnf",
                                    "/etc/gnutls",
                                    NULL};
static const char *const sinks[] = {"/dev/null", NULL};

static int version(void)
{
	long answer =
	        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return answer > 0 ? (int)answer : 0;
}

/* Only bits that the kernel knows may be handled; and only handled ones granted. */
static uint64_t known_files(int has)
{
	return ALL_OF_FIRST | (has >= WITH_REFER ? FS_REFER : 0) |
	       (has >= WITH_TRUNCATE ? FS_TRUNCATE : 0) | (has >= WITH_IOCTL ? FS_IOCTL : 0);
}

static int create(const struct ruleset *ruleset, int has, struct fault *fault)
{
	size_t size = has >= WITH_SCOPES ? sizeof(*ruleset)
	              : has >= WITH_TCP  ? offsetof(struct ruleset, scopes)
	                                 : offsetof(struct ruleset, tcp);
	int rules = (int)syscall(SYS_landlock_create_ruleset, ruleset, size, 0);

	return rules >= 0 ? rules
	                  : fault_set(fault, -errno, "Landlock: no rules can be made: %s",
	                              strerror(errno));
}

/* 1: added; 0: the user does not reach the path. */
static int allow(int rules, const char *path, uint64_t access, struct fault *fault)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access};
	struct stat status;
	int added;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return 0;
	if (fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
		rule.allowed_access &= ON_FILES | LANDLOCK_ACCESS_FS_EXECUTE;
	added = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	if (added < 0)
		added = fault_set(fault, -errno, "Landlock: no rule for %s: %s", path,
		                  strerror(errno));
	close(rule.parent_fd);
	return added < 0 ? added : 1;
}

static int allow_all(int rules, const char *const *paths, uint64_t access, struct fault *fault)
{
	int error = 0;

	while (paths && *paths && error >= 0)
		error = allow(rules, *paths++, access, fault);
	return error < 0 ? error : 0;
}

static int allow_writing(int rules, const char *const *paths, uint64_t access, struct fault *fault)
{
	while (paths && *paths) {
		int added = allow(rules, *paths, access, fault);

		if (!added)
			return fault_set(fault, -errno, "%s: %s", *paths, strerror(errno));
		if (added < 0)
			return added;
		paths++;
	}
	return 0;
}

/* ssh looks for its user's keys where /etc/passwd says. */
static int allow_keys(int rules, const struct sandbox_options *options, struct fault *fault)
{
	char path[SANDBOX_HOME + 8];

	if (!options->fetches)
		return 0;
	snprintf(path, sizeof(path), "%s/.ssh", options->user->home);
	return allow_all(rules, (const char *const[]){path, NULL}, TO_READ, fault);
}

/* The folder of a sanitizer's reports, as ASAN_OPTIONS names it. Other builds have none. */
static int allow_reports(int rules, uint64_t access, struct fault *fault)
{
	int error = 0;
#if defined(__SANITIZE_ADDRESS__)
	const char *options = getenv("ASAN_OPTIONS");
	const char *path = options ? strstr(options, "log_path=/") : NULL;
	char folder[PATH_MAX];

	if (path) {
		path += strlen("log_path=");
		snprintf(folder, sizeof(folder), "%.*s", (int)strcspn(path, ":"), path);
		*strrchr(folder, '/') = '\0';
		error = allow(rules, folder, access, fault);
	}
#else
	(void)rules;
	(void)access;
	(void)fault;
#endif
	return error < 0 ? error : 0;
}

static int restrict_self(int rules, struct fault *fault)
{
	return syscall(SYS_landlock_restrict_self, rules, 0) < 0
	               ? fault_set(fault, -errno, "Landlock: the rules are refused: %s",
	                           strerror(errno))
	               : 0;
}

int landlock_enter(const struct sandbox_options *options, struct fault *fault)
{
	const int has = version();
	const uint64_t known = known_files(has);
	struct ruleset ruleset = {.files = known,
	                          .tcp = TCP_BIND | (options->fetches ? 0 : TCP_CONNECT),
	                          .scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS};
	int rules, error;

	/* The first version refuses every rename from one folder to another. */
	if (has < WITH_REFER)
		return 0;
	rules = create(&ruleset, has, fault);
	if (rules < 0)
		return rules;
	if ((error = allow_all(rules, programs, (options->serves ? TO_READ : TO_RUN) & known,
	                       fault)) ||
	    (error = allow_all(rules, texts, TO_READ & known, fault)) ||
	    (error = allow_all(rules, sinks, ON_FILES & known, fault)) ||
	    (error = allow_all(rules, options->readable, TO_READ & known, fault)) ||
	    (error = allow_all(rules, options->runnable, TO_RUN & known, fault)) ||
	    (error = allow_writing(rules, (const char *const[]){options->repository, NULL},
	                           TO_WRITE & known, fault)) ||
	    (error = allow_writing(rules, options->writable, TO_WRITE & known, fault)) ||
	    (error = allow_keys(rules, options, fault)) ||
	    (error = allow_reports(rules, TO_WRITE & known, fault)))
		goto out;
	error = restrict_self(rules, fault);
out:
	close(rules);
	return error ? error : has;
}

int landlock_limit(const char *const *readable, const char *const *writable, struct fault *fault)
{
	const int has = version();
	const uint64_t known = known_files(has);
	const struct ruleset ruleset = {.files = known,
	                                .tcp = TCP_BIND | TCP_CONNECT,
	                                .scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS};
	int rules, error;

	if (has < 1)
		return 0;
	rules = create(&ruleset, has, fault);
	if (rules < 0)
		return rules;
	if (!(error = allow_all(rules, readable, TO_READ & known, fault)) &&
	    !(error = allow_all(rules, writable, TO_WRITE & known, fault)) &&
	    !(error = allow_reports(rules, TO_WRITE & known, fault)))
		error = restrict_self(rules, fault);
	close(rules);
	return error;
}

/* One more layer, which grants nothing of what it handles. But each layer refuses every rename from
 * one folder to another that it does not grant. */
static int add_layer(struct ruleset ruleset, int needed, struct fault *fault)
{
	const int has = version();
	int rules, error;

	if (has < needed)
		return 0;
	ruleset.files = FS_REFER;
	rules = create(&ruleset, has, fault);
	if (rules < 0)
		return rules;
	error = allow(rules, "/", FS_REFER, fault);
	if (error >= 0)
		error = restrict_self(rules, fault);
	close(rules);
	return error;
}

int landlock_end_signals(struct fault *fault)
{
	return add_layer((struct ruleset){.scopes = SCOPE_SIGNALS}, WITH_SCOPES, fault);
}

int landlock_end_tcp(struct fault *fault)
{
	return add_layer((struct ruleset){.tcp = TCP_BIND | TCP_CONNECT}, WITH_TCP, fault);
}
