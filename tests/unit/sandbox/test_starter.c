// SPDX-License-Identifier: MIT
/*
 * The starter, asked by a keeper that has dropped its capabilities. The recorder is this program
 * itself, run anew with the argument `recorder`: it does what it is told on descriptor 3.
 */
#include "inside.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#define SOCKET 3

/* What the recorder answers. */
struct answer {
	uint32_t uid;
	int32_t result, error;
};

static int be_recorder(void)
{
	char order;

	while (read(SOCKET, &order, 1) == 1) {
		struct answer answer = {.uid = getuid()};

		switch (order) {
		case 'k':
			answer.result = kill(getppid(), SIGKILL);
			answer.error = errno;
			break;
		case 'd': /* descriptors above the socket */
			for (int i = SOCKET + 1; i < 64; i++)
				answer.result += fcntl(i, F_GETFD) >= 0;
			break;
		case 'x':
			return 7;
		case 'h':
			/* Like one that hangs, it hears nothing but SIGKILL. */
			signal(SIGTERM, SIG_IGN);
			while (true)
				pause();
		default:
			break;
		}
		if (write(SOCKET, &answer, sizeof(answer)) < 0)
			break;
	}
	return 0;
}

static struct answer order(int socket, char what)
{
	struct answer answer = {.uid = UINT32_MAX};

	expect(write(socket, &what, 1) == 1);
	expect(read(socket, &answer, sizeof(answer)) == sizeof(answer));
	return answer;
}

static int start(struct starter *starter, pid_t *pid)
{
	struct fault fault = {""};
	int ends[2];

	expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	if (starter_start(starter, ends[1], pid, &fault)) {
		fprintf(stderr, "%s\n", fault.text);
		child_faults++;
	}
	close(ends[1]);
	return ends[0];
}

/* Awaits the next end: -EPIPE if the starter itself ended. */
static int next_end(struct starter *starter, pid_t *pid, int *status)
{
	struct pollfd ready = {.fd = starter_fd(starter), .events = POLLIN};
	int error;

	while ((error = starter_next(starter, pid, status)) == -EAGAIN)
		if (poll(&ready, 1, 20000) <= 0)
			return -ETIMEDOUT;
	return error;
}

/* The keeper, as the agent: opens, drops, and from then on only asks. */
static void keep(struct place *place, void (*test)(struct place *, struct starter *))
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct starter *starter = NULL;
		struct fault fault = {""};

		if (starter_open(&starter, &place->options, "recorder", &place->report, &fault) ||
		    sandbox_keeper(false, &fault)) {
			fprintf(stderr, "%s\n", fault.text);
			_exit(1);
		}
		test(place, starter);
		starter_close(starter);
		_exit(child_faults ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void start_and_end(struct place *place, struct starter *starter)
{
	pid_t pid = 0, ended = 0;
	int socket = start(starter, &pid), status = 0;
	char what = 'x';

	expect(strstr(place->report.text, "user 64123; no capabilities"));
	expect(order(socket, 'u').uid == STRANGER);
	expect(order(socket, 'd').result == 0);
	expect(starter_next(starter, &ended, &status) == -EAGAIN);
	expect(write(socket, &what, 1) == 1);
	expect(next_end(starter, &ended, &status) == 0);
	expect(ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
	close(socket);
	/* The next one ends because its socket does. */
	socket = start(starter, &pid);
	expect(order(socket, 'u').uid == STRANGER);
	close(socket);
	expect(next_end(starter, &ended, &status) == 0);
	expect(ended == pid && status == 0);
}

static void recorder_is_started_and_its_end_reported(void **state)
{
	keep(*state, start_and_end);
}

static void kill_hanging(struct place *place, struct starter *starter)
{
	pid_t pid = 0, ended = 0;
	int socket = start(starter, &pid), status = 0;
	char what = 'h';

	(void)place;
	expect(order(socket, 'u').uid == STRANGER);
	expect(write(socket, &what, 1) == 1);
	/* The keeper itself may not. */
	expect_errno(kill(pid, SIGKILL), EPERM);
	expect(starter_kill(starter, getpid()) == 0);
	expect(starter_kill(starter, pid) == 0);
	expect(next_end(starter, &ended, &status) == 0);
	expect(ended == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(socket);
}

static void hanging_recorder_is_killed(void **state)
{
	keep(*state, kill_hanging);
}

static void attack_starter(struct place *place, struct starter *starter)
{
	pid_t pid = 0, second = 0;
	int socket = start(starter, &pid), other;
	struct answer answer;

	if (place->report.landlock < 6)
		return;
	answer = order(socket, 'k');
	expect(answer.result < 0 && answer.error == EPERM);
	other = start(starter, &second);
	expect(second > 0 && second != pid);
	expect(order(other, 'u').uid == STRANGER);
	close(socket);
	close(other);
}

static void recorder_cannot_end_its_starter(void **state)
{
	keep(*state, attack_starter);
}

static void start_many(struct place *place, struct starter *starter)
{
	pid_t pid[5], ended;
	int socket[5], status, ends[2];
	struct fault fault = {""};

	(void)place;
	for (int i = 0; i < 4; i++)
		socket[i] = start(starter, &pid[i]);
	expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	expect(starter_start(starter, ends[1], &pid[4], &fault) == -EAGAIN);
	expect(strstr(fault.text, "the recorder cannot be started"));
	close(socket[0]);
	expect(next_end(starter, &ended, &status) == 0 && ended == pid[0]);
	expect(starter_start(starter, ends[1], &pid[4], &fault) == 0);
	close(ends[0]);
	close(ends[1]);
	for (int i = 1; i < 4; i++)
		close(socket[i]);
	for (int i = 1; i < 5; i++)
		expect(next_end(starter, &ended, &status) == 0);
}

static void recorders_are_few(void **state)
{
	keep(*state, start_many);
}

static void start_a_hundred(struct place *place, struct starter *starter)
{
	(void)place;
	for (int i = 0; i < 100 && !child_faults; i++) {
		pid_t pid = 0, ended = 0;
		int socket = start(starter, &pid), status = 0;

		/* Some before they run, some while they do. */
		if (i % 2)
			expect(order(socket, 'u').uid == STRANGER);
		expect(starter_kill(starter, pid) == 0);
		expect(next_end(starter, &ended, &status) == 0 && ended == pid);
		close(socket);
	}
}

static void recorder_is_started_a_hundred_times(void **state)
{
	keep(*state, start_a_hundred);
}

static void sandbox_that_cannot_be_entered_is_a_fault(void **state)
{
	struct place *place = *state;
	struct starter *starter = NULL;
	struct fault fault = {""};

	assert_int_equal(rmdir(place->repository), 0);
	assert_int_equal(
	        starter_open(&starter, &place->options, "recorder", &place->report, &fault),
	        -EACCES);
	assert_non_null(strstr(fault.text, "user 64123 cannot make it"));
	assert_null(starter);
}

static void end_starter(struct place *place, struct starter *starter)
{
	pid_t pid = 0, ended = 0;
	int socket = start(starter, &pid), status = 0, ends[2];
	struct fault fault = {""};

	(void)place;
	expect(order(socket, 'u').uid == STRANGER);
	close(socket);
	expect(next_end(starter, &ended, &status) == 0);
	/* This keeper has its capabilities still. */
	expect(shell("kill -9 $(pgrep -P %d -x arpkeeper-start)", (int)getpid()) == 0);
	expect(next_end(starter, &ended, &status) == -EPIPE);
	expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	expect(starter_start(starter, ends[1], &pid, &fault) == -EPIPE);
	expect(strstr(fault.text, "restart the agent"));
	close(ends[0]);
	close(ends[1]);
}

static void end_of_the_starter_is_noticed(void **state)
{
	struct place *place = *state;
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		struct starter *starter = NULL;
		struct fault fault = {""};

		expect(starter_open(&starter, &place->options, "recorder", NULL, &fault) == 0);
		if (starter)
			end_starter(place, starter);
		starter_close(starter);
		_exit(child_faults ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)
	const struct CMUnitTest tests[] = {
	        IN_PLACE(recorder_is_started_and_its_end_reported),
	        IN_PLACE(hanging_recorder_is_killed),
	        IN_PLACE(recorder_cannot_end_its_starter),
	        IN_PLACE(recorders_are_few),
	        IN_PLACE(recorder_is_started_a_hundred_times),
	        IN_PLACE(sandbox_that_cannot_be_entered_is_a_fault),
	        IN_PLACE(end_of_the_starter_is_noticed),
	};

	if (argc > 1 && !strcmp(argv[1], "recorder"))
		return be_recorder();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
