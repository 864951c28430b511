// SPDX-License-Identifier: MIT
/* What the operator's command has: the text, and what a program needs. */
#include "sandbox/carried.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "sandbox/landlock.h"

#define ENVIRONMENT 5
#define ARGUMENTS   16

void carried_run(const struct courier_options *options, int input, int output)
{
	static const int defaults[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", locale[] = "LC_ALL=C";
	char home[SANDBOX_HOME + 8], user[SANDBOX_NAME + 8];
	char *environment[ENVIRONMENT] = {path, locale, home, user};
	char *arguments[ARGUMENTS] = {(char *)options->command};
	struct fault fault = {""};
	sigset_t none;
	int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; options->arguments && options->arguments[i] && i < ARGUMENTS - 2; i++)
		arguments[i + 1] = (char *)options->arguments[i];
	snprintf(home, sizeof(home), "HOME=%s", options->user->home);
	snprintf(user, sizeof(user), "USER=%s", options->user->name);
	/* What it leaves behind is in its group. */
	(void)setsid();
	if (nothing < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0U, 0) < 0 ||
	    chdir("/") < 0)
		_exit(126);
	/* The recorder has the same user. */
	if (landlock_end_signals(&fault)) {
		dprintf(STDERR_FILENO, "%s\n", fault.text);
		_exit(126);
	}
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		signal(defaults[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(options->command, arguments, environment);
	dprintf(STDERR_FILENO, "%s: %s\n", options->command, strerror(errno));
	_exit(127);
}
