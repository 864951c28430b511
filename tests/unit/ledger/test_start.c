/* SPDX-License-Identifier: MIT */
/* A first recorder that ends before it has said anything: what the start then says of it. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ledger.h"

#define RECORDER 4711 /* a process's id; no process is needed */

struct owner {
	struct ledger *ledger;
};

/* A process that is killed at once: its owner hears of its start and of its end together. */
static int start_killed(void *context, int socket, pid_t *pid, struct fault *fault)
{
	struct owner *owner = context;

	(void)socket;
	(void)fault;
	*pid = RECORDER;
	assert_non_null(owner->ledger);
	ledger_ended(owner->ledger, RECORDER, SIGKILL);
	return 0;
}

static void end_by_force(void *context, pid_t pid)
{
	(void)context;
	assert_int_equal(pid, RECORDER);
}

static int start_refused(void *context, int socket, pid_t *pid, struct fault *fault)
{
	(void)context;
	(void)socket;
	(void)pid;
	return fault_set(fault, -EPERM, "no process may be started");
}

static void test_killed_at_once_is_named(void **state)
{
	uv_loop_t loop;
	struct owner owner = {NULL};
	const struct ledger_options options = {
	        .path = "history.git",
	        .loop = &loop,
	        .context = &owner,
	        .start = start_killed,
	        .kill = end_by_force,
	};
	struct fault fault = {""};
	uint64_t about;
	int error;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(ledger_start(&owner.ledger, &options, &fault), 0);
	while ((error = ledger_opened(owner.ledger, 100, &about, &fault)) == -EAGAIN)
		;
	assert_true(error < 0);
	assert_non_null(strstr(fault.text, "signal 9 (Killed)"));
	(void)ledger_close(owner.ledger, 0, false);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void test_refused_leaves_no_ledger(void **state)
{
	uv_loop_t loop;
	struct owner owner = {NULL};
	const struct ledger_options options = {
	        .path = "history.git", .loop = &loop, .context = &owner, .start = start_refused};
	struct fault fault = {""};

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(ledger_start(&owner.ledger, &options, &fault), -EPERM);
	assert_null(owner.ledger);
	assert_string_equal(fault.text, "no process may be started");
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_killed_at_once_is_named),
	        cmocka_unit_test(test_refused_leaves_no_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
