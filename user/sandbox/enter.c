// SPDX-License-Identifier: MIT
/* The order of the steps: what needs a right comes before the step that gives the right up. */
#include "sandbox/enter.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/credentials.h"
#include "sandbox/landlock.h"
#include "sandbox/syscalls.h"

#define PATH          "/usr/local/bin:/usr/bin:/bin"
#define KEPT          4 /* descriptors: standard input, output, error, and the socket */
#define UMASK         022
#define FOLDER_MODE   0750
#define CAPABILITY(n) (UINT64_C(1) << (n))

static int check_threads(struct fault *fault)
{
	FILE *file = fopen("/proc/self/stat", "re");
	int threads = 1;

	/* The name, which ends the second field, may contain anything but is at most 15 long. */
	if (file) {
		char text[1024];
		size_t length = fread(text, 1, sizeof(text) - 1, file);
		const char *at;

		text[length] = '\0';
		at = strrchr(text, ')');
		for (int field = 2; at && field < 20; field++)
			at = strchr(at + 1, ' ');
		threads = at ? atoi(at) : 1;
		fclose(file);
	}
	return threads <= 1 ? 0
	                    : fault_set(fault, -EBUSY,
	                                "the sandbox must be entered before there are threads: "
	                                "there are %d",
	                                threads);
}

static int set_environment(const struct sandbox_user *user, struct fault *fault)
{
	/* Under systemd: whether log lines go to the journal. */
	char *journal = getenv("JOURNAL_STREAM");
#if defined(__SANITIZE_ADDRESS__)
	/* They say where a sanitizer's report goes. */
	char *address = getenv("ASAN_OPTIONS"), *undefined = getenv("UBSAN_OPTIONS");
#endif
	if (clearenv() || setenv("PATH", PATH, 1) || setenv("LC_ALL", "C", 1) ||
	    setenv("HOME", user->home, 1) || setenv("USER", user->name, 1) ||
	    (journal && setenv("JOURNAL_STREAM", journal, 1)))
		return fault_set(fault, -ENOMEM, "the environment cannot be set");
#if defined(__SANITIZE_ADDRESS__)
	if (address)
		setenv("ASAN_OPTIONS", address, 1);
	if (undefined)
		setenv("UBSAN_OPTIONS", undefined, 1);
#endif
	return 0;
}

static int set_limits(struct fault *fault)
{
	const struct rlimit none = {0, 0};

	umask(UMASK);
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return fault_set(fault, -errno, "core dumps cannot be switched off: %s",
		                 strerror(errno));
	if (close_range(KEPT, ~0U, 0) < 0)
		return fault_set(fault, -errno, "descriptors cannot be closed: %s",
		                 strerror(errno));
	/* The process leaves the operator's terminal, if it has one. It may lead a session already.
	 */
	(void)setsid();
	return 0;
}

/* As the user itself: what it may not make or write is not given to it. */
static int check_folder(const char *path, const char *user, struct fault *fault)
{
	if (mkdir(path, FOLDER_MODE) == 0)
		return 0;
	if (errno != EEXIST)
		return fault_set(
		        fault, -errno,
		        "%s: user %s cannot make it: %s; make it, and give it to that user", path,
		        user, strerror(errno));
	if (access(path, R_OK | W_OK | X_OK) < 0)
		return fault_set(fault, -errno,
		                 "%.200s: user %s may not write there: %s; run `chown -R %s "
		                 "%.200s`, after a look at what is in it",
		                 path, user, strerror(errno), user, path);
	return 0;
}

/* What is written of the repository: the keeper cannot see whether it is there. If it is not,
 * making it tells whether that is allowed. */
static int choose_folder(char folder[PATH_MAX], const struct sandbox_options *options,
                         struct fault *fault)
{
	const char *path = options->repository;
	bool exists = access(path, F_OK) == 0;
	char *slash;

	if (snprintf(folder, PATH_MAX, "%s", path) >= PATH_MAX)
		return fault_set(fault, -ENAMETOOLONG, "%.400s: the path is too long", path);
	if (!exists || options->fetches) {
		slash = strrchr(folder, '/');
		slash[slash == folder] = '\0';
	}
	return exists ? check_folder(path, options->user->name, fault) : 0;
}

static int check_folders(const struct sandbox_options *options, struct fault *fault)
{
	int error = 0;

	for (const char *const *path = options->writable; path && *path && !error; path++)
		error = check_folder(*path, options->user->name, fault);
	return error;
}

static void describe(struct sandbox_report *report, const struct sandbox_user *user, bool stays,
                     bool others_files, int landlock, bool seccomp)
{
	char files[48] = "no Landlock in this kernel";

	*report = (struct sandbox_report){
	        .root = geteuid() == 0, .landlock = landlock, .seccomp = seccomp};
	if (landlock)
		snprintf(files, sizeof(files), "Landlock (version %d)", landlock);
	snprintf(report->text, sizeof(report->text), "%s%s%s; %s; %s; %s",
	         stays       ? "not root"
	         : user->uid ? "user "
	                     : "root",
	         !stays && user->uid ? user->name : "",
	         user->missing && !stays ? ", because there is no user " SANDBOX_USER : "",
	         others_files ? "the right over other users' files" : "no capabilities", files,
	         seccomp ? "seccomp" : "no seccomp in this kernel");
}

/* Other processes of the same user cannot look into this one. A program that it runs is open again.
 */
static int close_to_debuggers(struct fault *fault)
{
	return prctl(PR_SET_DUMPABLE, 0) < 0
	               ? fault_set(fault, -errno, "the process stays open to debuggers: %s",
	                           strerror(errno))
	               : 0;
}

/* `user`: its environment; `stays`: without becoming that user. */
static int become(const struct sandbox_user *user, bool stays, uint64_t kept, bool inherit,
                  struct fault *fault)
{
	int error;

	if ((error = check_threads(fault)) || (error = set_environment(user, fault)) ||
	    (error = set_limits(fault)))
		return error;
	return credentials_reduce(stays ? NULL : user, kept, inherit, fault);
}

int sandbox_become(const struct sandbox_user *user, struct fault *fault)
{
	int error = become(user, false, 0, false, fault);

	return error ? error : close_to_debuggers(fault);
}

int sandbox_enter(const struct sandbox_options *options, struct sandbox_report *report,
                  struct fault *fault)
{
	const struct sandbox_user *user = options->user;
	const bool stays = options->serves && geteuid() != 0;
	const bool others_files = options->others_files && user->uid == 0;
	const uint64_t kept =
	        others_files ? CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER) : 0;
	struct sandbox_options chosen = *options;
	char folder[PATH_MAX];
	int error, landlock, seccomp;

	if ((error = become(user, stays, kept, others_files, fault)) ||
	    (error = check_folders(options, fault)) ||
	    (error = options->repository ? choose_folder(folder, options, fault) : 0))
		return error;
	chosen.repository = options->repository ? folder : NULL;
	landlock = landlock_enter(&chosen, fault);
	if (landlock < 0)
		return landlock;
	seccomp = syscalls_restrict(options->fetches, options->serves, fault);
	if (seccomp < 0)
		return seccomp;
	error = close_to_debuggers(fault);
	if (error)
		return error;
	if (report)
		describe(report, user, stays, others_files, landlock, seccomp > 0);
	return 0;
}

int sandbox_end_fetching(struct fault *fault)
{
	int error = landlock_end_tcp(fault);

	if (!error)
		error = syscalls_end_sockets(fault);
	return error ? error : close_to_debuggers(fault);
}
