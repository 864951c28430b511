/* SPDX-License-Identifier: MIT */
/* What other users may do on the control socket, and how much of it. */
#include <grp.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "server.h"

struct act {
	const char *name;
	void (*perform)(int peer);
};

/*
 * Performs an act with a connection of another user, in the group and the supplementary ones.
 * By a program of its own: the server's thread may hold a lock of the allocator when a process is
 * forked, and a sanitizer's is never released in the child.
 */
static void as_user(struct server *server, gid_t group, const gid_t *groups, size_t count,
                    const char *act)
{
	char number[16], *list;
	int status;
	pid_t child;

	if (geteuid() != 0)
		skip(); /* only root can become another user */
	list = calloc(count + 1, 16);
	assert_int_equal(chmod(server->directory, 0755), 0);
	snprintf(number, sizeof(number), "%u", group);
	for (size_t i = 0, length = 0; i < count; i++)
		length += (size_t)sprintf(list + length, "%u ", groups[i]);
	assert_int_equal(
	        posix_spawn(&child, "/proc/self/exe", NULL, NULL,
	                    (char *[]){"test_users", (char *)act, server->path, number, list, NULL},
	                    environ),
	        0);
	free(list);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* The other side of as_user(). Returns the process's status. */
static int be_user(const struct act *acts, char **argv)
{
	gid_t groups[1000];
	size_t count = 0;

	for (char *next = strtok(argv[4], " "); next; next = strtok(NULL, " "))
		groups[count++] = (gid_t)strtoul(next, NULL, 10);
	if (setgroups(count, groups) < 0 || setgid((gid_t)strtoul(argv[3], NULL, 10)) < 0 ||
	    setuid(65534) < 0)
		return 1;
	for (; acts->name; acts++) {
		if (strcmp(acts->name, argv[1]) == 0) {
			acts->perform(peer_connect(argv[2]));
			return 0;
		}
	}
	return 2;
}

/* Assertions belong to tests, and no test runs in the other user's process. */
#define need(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			_exit(__LINE__ % 250 + 1);                                                 \
	} while (0)

static void echo(int peer)
{
	peer_send(peer, "{\"command\":\"echo\"}\n");
	need(is_ok(peer_next(peer)));
}

static void another_user_may_ask_but_not_change(void **state)
{
	struct server *server = *state;

	as_user(server, 65534, NULL, 0, "echo");
	assert_int_equal(server->uid, 65534);
	assert_false(server->may_change);
}

static void members_of_the_operators_group_may_change(void **state)
{
	enum { OPERATORS = 4711, MANY = 1000 };
	struct server *server = *state;
	gid_t group[MANY];

	for (unsigned i = 0; i < MANY; i++)
		group[i] = 10000 + i;
	group[MANY - 1] = OPERATORS;
	as_user(server, 65534, group, MANY, "echo");
	assert_false(server->may_change); /* no group is configured */
	control_set_operators(server->control, OPERATORS);
	as_user(server, 65534, group, MANY, "echo");
	assert_true(server->may_change);
	as_user(server, OPERATORS, NULL, 0, "echo");
	assert_true(server->may_change);
	as_user(server, 65534, group, MANY - 1, "echo");
	assert_false(server->may_change);
	control_set_operators(server->control, 1);
	as_user(server, 65534, group, MANY, "echo");
	assert_false(server->may_change);
}

static void operators_and_root_have_a_socket_of_their_own(void **state)
{
	enum { OPERATORS = 4711 };
	struct server *server = *state;
	struct stat status;
	char path[256];

	snprintf(path, sizeof(path), "%s%s", server->path, CONTROL_OPERATORS);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	control_set_operators(server->control, OPERATORS);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0660);
	assert_int_equal(status.st_gid, OPERATORS);
	strcat(server->path, CONTROL_OPERATORS);
	as_user(server, OPERATORS, NULL, 0, "echo");
	assert_true(server->may_change);
	*strrchr(server->path, '.') = '\0'; /* as it was, for the end */
}

/* Asks until the server has that many requests unanswered, and looks once more. */
static void hold_many(int peer)
{
	for (int i = 0; i < 100; i++)
		peer_send(peer, "{\"command\":\"hold\"}\n");
	for (int i = 0; i < 100; i++)
		need(is_ok(peer_next(peer)));
}

static void *release(void *argument)
{
	struct server *server = argument;
	unsigned *most = calloc(1, sizeof(*most)), released = 0;
	int peer = peer_connect(server->path);

	while (released < 100) {
		unsigned before;

		for (int i = 0; i < 10000 && server->holds < 8 && released + server->holds < 100;
		     i++)
			usleep(1000);
		/* What a further turn of the loop would have taken. */
		peer_send(peer, "{\"command\":\"echo\"}\n");
		need(is_ok(peer_next(peer)));
		before = server->holds;
		*most = before > *most ? before : *most;
		released += before;
		peer_send(peer, "{\"command\":\"release\"}\n");
		need(is_ok(peer_next(peer)));
	}
	close(peer);
	return most;
}

static void a_user_with_eight_unanswered_requests_is_not_read(void **state)
{
	struct server *server = *state;
	pthread_t thread;
	void *most;

	if (geteuid() != 0)
		skip();
	pthread_create(&thread, NULL, release, server);
	as_user(server, 65534, NULL, 0, "hold_many");
	pthread_join(thread, &most);
	assert_int_equal(*(unsigned *)most, 8);
	free(most);
}

static void send_long(int peer)
{
	char text[8193];
	json_t *answer;

	memset(text, ' ', sizeof(text));
	text[8192] = '\0';
	memcpy(text, "{\"command\":\"echo\"}", strlen("{\"command\":\"echo\"}"));
	peer_send(peer, text);
	peer_send(peer, "\n");
	need(is_ok(peer_next(peer)));
	peer_send(peer, text);
	peer_send(peer, " \n");
	answer = peer_next(peer);
	need(answer &&
	     strstr(json_string_value(json_object_get(answer, "error")), "at most 8192 bytes"));
	json_decref(answer);
	need(!peer_next(peer));
}

static void a_users_request_has_at_most_8192_bytes(void **state)
{
	as_user(*state, 65534, NULL, 0, "send_long");
}

static void watch_often(int peer)
{
	for (int i = 0; i < 4; i++) {
		peer_send(peer, "{\"command\":\"watch\"}\n");
		need(is_ok(peer_next(peer)));
	}
	peer_send(peer, "{\"command\":\"echo\"}\n");
	need(is_ok(peer_next(peer)));
}

/* On one connection it counts once. */
static void a_connection_may_watch_again_and_ask(void **state)
{
	as_user(*state, 65534, NULL, 0, "watch_often");
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {{"echo", echo},
	                                  {"hold_many", hold_many},
	                                  {"send_long", send_long},
	                                  {"watch_often", watch_often},
	                                  {NULL, NULL}};
	const struct CMUnitTest tests[] = {
	        SERVED(another_user_may_ask_but_not_change),
	        SERVED(members_of_the_operators_group_may_change),
	        SERVED(operators_and_root_have_a_socket_of_their_own),
	        SERVED(a_user_with_eight_unanswered_requests_is_not_read),
	        SERVED(a_users_request_has_at_most_8192_bytes),
	        SERVED(a_connection_may_watch_again_and_ask),
	};

	if (argc > 1)
		return be_user(acts, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
