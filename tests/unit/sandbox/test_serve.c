// SPDX-License-Identifier: MIT
/* What a server may do: read, accept, and connect to Unix sockets. */
#include "inside.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

static void attack(struct place *place)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = 9};
	char file[160];
	int unix_socket;

	/* What it is for. */
	expect(place->report.landlock > 0 && place->report.seccomp && !place->report.root);
	snprintf(file, sizeof(file), "%s/HEAD", place->repository);
	expect(open(file, O_RDONLY) >= 0);
	unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
	expect(unix_socket >= 0);
	snprintf(path.sun_path, sizeof(path.sun_path), "%s/none", place->outside);
	expect_errno(connect(unix_socket, (struct sockaddr *)&path, sizeof(path)), ENOENT);
	/* And nothing else: files that everybody may write by their modes. */
	expect_errno(open(file, O_WRONLY), EACCES);
	snprintf(file, sizeof(file), "%s/new", place->repository);
	expect_errno(open(file, O_WRONLY | O_CREAT, 0644), EACCES);
	snprintf(file, sizeof(file), "%s/file", place->outside);
	expect_errno(open(file, O_RDONLY), EACCES);
	expect_errno(open(file, O_WRONLY), EACCES);
	expect(truncate(file, 0) < 0);
	expect(unlink(file) < 0);
	expect(rename(file, "/tmp/renamed") < 0);
	expect_errno(mkdir("/tmp/arpkeeper-made", 0755), EACCES);
	expect(execl("/bin/true", "true", NULL) < 0);
	expect(kill(getppid(), 0) < 0);
	expect_errno(socket(AF_INET, SOCK_STREAM, 0), EPERM);
	expect_errno(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
	expect_errno(socket(AF_NETLINK, SOCK_RAW, 0), EPERM);
	expect(connect(3, (struct sockaddr *)&server, sizeof(server)) < 0);
	expect(setresuid(0, 0, 0) < 0);
}

static void prepare(struct place *place, const char *readable[2])
{
	char file[160];

	snprintf(file, sizeof(file), "%s/HEAD", place->repository);
	write_file(file, "ref: refs/heads/main\n");
	assert_int_equal(chmod(file, 0666), 0);
	assert_int_equal(chmod(place->repository, 0777), 0);
	snprintf(file, sizeof(file), "%s/file", place->outside);
	write_file(file, "secret\n");
	assert_int_equal(chmod(file, 0666), 0);
	readable[0] = place->repository;
	readable[1] = NULL;
	place->options = (struct sandbox_options){
	        .user = &place->user, .readable = readable, .serves = true};
}

static void a_server_reads_and_does_nothing_else(void **state)
{
	struct place *place = *state;
	const char *readable[2];

	prepare(place, readable);
	inside(place, attack);
}

static void attack_as_stranger(struct place *place)
{
	expect(getuid() == STRANGER && place->user.uid == 0);
	expect(!place->report.root);
}

/* Who is not root cannot become another, and need not. */
static void a_server_that_is_not_root_stays_who_it_is(void **state)
{
	struct place *place = *state;
	const char *readable[2];
	struct fault fault = {""};
	int status;
	pid_t child;

	prepare(place, readable);
	assert_int_equal(sandbox_find_user(&place->user, "0", &fault), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int error = setresgid(STRANGER, STRANGER, STRANGER) ||
		            setresuid(STRANGER, STRANGER, STRANGER);

		if (!error)
			error = sandbox_enter(&place->options, &place->report, &fault);
		if (error)
			fprintf(stderr, "sandbox_enter: %s (%d)\n", fault.text, error);
		else
			attack_as_stranger(place);
		_exit(error || child_faults ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_server_reads_and_does_nothing_else, place_make,
	                                        place_remove),
	        cmocka_unit_test_setup_teardown(a_server_that_is_not_root_stays_who_it_is,
	                                        place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
