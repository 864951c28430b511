/* SPDX-License-Identifier: MIT */
/*
 * Parses times in words. It asks git's own parser through `git config --type=expiry-date`, which
 * refuses nonsense. (`git log --since` takes nonsense for "now".)
 */
#include "cli/moment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "entry/entry.h"

#define FUTURE_SECONDS 60 /* by which clocks may differ */
#define KEY            "arpkeeper.time"
#define EXAMPLES                                                                                   \
	"give one like 2026-11-22T10:15:00Z, \"2026-11-22 14:05\", \"last tuesday 14:05\", "       \
	"\"2 hours ago\" or yesterday"

/* Starts git -c arpkeeper.time=TEXT config --get --type=expiry-date arpkeeper.time. Returns the
 * pipe with its output, or a negative errno. */
static int start_git(pid_t *pid, const char *text)
{
	char *setting = NULL;
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	if (asprintf(&setting, KEY "=%s", text) < 0)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		free(setting);
		return -errno;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = -posix_spawnp(pid, "git", &actions, NULL,
	                      (char *const[]){"git", "-c", setting, "config", "--get",
	                                      "--type=expiry-date", KEY, NULL},
	                      environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	free(setting);
	if (error == 0)
		return ends[0];
	close(ends[0]);
	return error;
}

static int ask_git(int64_t *time, const char *text, struct fault *fault)
{
	char answer[32] = "";
	size_t used = 0;
	ssize_t length;
	pid_t pid = 0;
	int status = 0, output = start_git(&pid, text);

	if (output < 0)
		return fault_set(fault, output,
		                 "cannot ask git what time '%s' is: %s; install git, or give "
		                 "a time like 2026-11-22T10:15:00Z",
		                 text, strerror(-output));
	while (used + 1 < sizeof(answer) &&
	       (length = read(output, answer + used, sizeof(answer) - 1 - used)) != 0) {
		if (length < 0 && errno != EINTR)
			break;
		used += length > 0 ? (size_t)length : 0;
	}
	answer[used] = '\0';
	close(output);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0 || sscanf(answer, "%" SCNd64, time) != 1)
		return fault_set(fault, -EINVAL, "'%s' is not a time: " EXAMPLES, text);
	return 0;
}

/* What git accepts but is not meant as a time: the address that should follow it, and words of
 * git's own configuration. */
static bool is_other(const char *text)
{
	static const char *const words[] = {"never", "false", "all", ""};
	struct mac mac;
	uint32_t address;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return ipv4_parse(&address, text) == 0 || mac_parse(&mac, text) == 0;
}

int moment_parse(int64_t *moment, const char *text, struct fault *fault)
{
	char utc[TIME_TEXT];
	int64_t now = time(NULL);
	int error = 0;

	if (strcmp(text, "now") == 0)
		*moment = now;
	else if (is_other(text) || strpbrk(text, "\n\r"))
		error = fault_set(fault, -EINVAL, "'%s' is not a time: " EXAMPLES, text);
	else if (time_parse(moment, text, strlen(text)) < 0)
		error = ask_git(moment, text, fault);
	if (error == 0 && *moment > now + FUTURE_SECONDS)
		error = fault_set(fault, -EINVAL, "'%s' is %s, which lies in the future", text,
		                  time_format(utc, *moment));
	return error;
}
