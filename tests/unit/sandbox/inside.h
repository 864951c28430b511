/* SPDX-License-Identifier: MIT */
/*
 * Runs a function in a child process that has entered the sandbox. What the function checks and
 * does not find is printed by the child, and fails the test.
 */
#ifndef TESTS_UNIT_SANDBOX_INSIDE_H
#define TESTS_UNIT_SANDBOX_INSIDE_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "sandbox/sandbox.h"

#define STRANGER 64123 /* a user ID that no one has */

/* Everything is in a folder of its own. `repository` is STRANGER's. */
struct place {
	char folder[64], repository[96], outside[96];
	struct sandbox_user user;
	const char *writable[2];
	struct sandbox_options options;
	struct sandbox_report report;
};

static int child_faults;

/* In the child: the test goes on, and fails at the end. */
#define expect(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: in the sandbox: not true: %s (%s)\n", __FILE__,    \
			        __LINE__, #condition, strerror(errno));                            \
			child_faults++;                                                            \
		}                                                                                  \
	} while (0)
#define expect_errno(call, expected)                                                               \
	do {                                                                                       \
		errno = 0;                                                                         \
		long result_ = (long)(call);                                                       \
		if (result_ >= 0 || errno != (expected)) {                                         \
			fprintf(stderr, "%s:%d: in the sandbox: %s gave %ld, %s, not %s\n",        \
			        __FILE__, __LINE__, #call, result_, strerror(errno),               \
			        strerrorname_np(expected));                                        \
			child_faults++;                                                            \
		}                                                                                  \
	} while (0)

static inline void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static inline int place_make(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct fault fault = {""};

	assert_non_null(place);
	strcpy(place->folder, "/tmp/arpkeeper-sandbox.XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	assert_int_equal(chmod(place->folder, 0755), 0);
	snprintf(place->repository, sizeof(place->repository), "%s/history.git", place->folder);
	snprintf(place->outside, sizeof(place->outside), "%s/outside", place->folder);
	assert_int_equal(mkdir(place->repository, 0755), 0);
	assert_int_equal(chown(place->repository, STRANGER, STRANGER), 0);
	/* Everybody may read and write here, by the files' modes. */
	assert_int_equal(mkdir(place->outside, 0777), 0);
	assert_int_equal(chmod(place->outside, 0777), 0);
	assert_int_equal(sandbox_find_user(&place->user, "64123", &fault), 0);
	place->writable[0] = place->repository;
	place->options =
	        (struct sandbox_options){.user = &place->user, .writable = place->writable};
	*state = place;
	return 0;
}

static inline int place_remove(void **state)
{
	struct place *place = *state;

	(void)folder_remove(place->folder);
	free(place);
	return 0;
}

/* Enters, runs `attack`, and ends: in a child. */
static inline void inside(struct place *place, void (*attack)(struct place *place))
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct fault fault = {""};
		int error = sandbox_enter(&place->options, &place->report, &fault);

		if (error)
			fprintf(stderr, "sandbox_enter: %s (%d)\n", fault.text, error);
		else
			attack(place);
		_exit(error || child_faults ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* `sh -c` of the text: the exit status. */
static inline int shell(const char *format, ...)
{
	char command[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	return system(command); /* NOLINT(cert-env33-c): a shell is what is tested */
}

#endif
