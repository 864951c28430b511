/* SPDX-License-Identifier: MIT */
/* The control socket over a real socket: framing, answers, watchers, and where it listens. */
#include <errno.h>
#include <sys/stat.h>

#include "server.h"

static void requests_are_answered_in_order(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path);
	json_t *response;

	peer_send(peer,
	          "{\"command\":\"echo\",\"n\":1}\n{\"command\":\"echo\",\"n\":2}\n\n{\"comm");
	usleep(10000);
	peer_send(peer, "and\":\"echo\",\"n\":3}\n");
	for (int i = 1; i <= 3; i++) {
		response = peer_next(peer);
		assert_int_equal(json_integer_value(json_object_get(response, "n")), i);
		assert_true(is_ok(response));
	}
	assert_int_equal(server->uid, geteuid());
	assert_true(server->may_change);
	close(peer);
}

static void every_user_may_connect_to_the_socket(void **state)
{
	struct server *server = *state;
	struct stat status;
	char directory[256];

	assert_int_equal(stat(server->path, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 07777, 0666);
	snprintf(directory, sizeof(directory), "%s/run", server->directory);
	assert_int_equal(stat(directory, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0755);
}

static void an_invalid_request_is_refused_and_the_connection_lives(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path);
	json_t *response;

	peer_send(peer, "hello\n[1]\n{\"command\":7}\n{\"command\":\"dance\"}\n"
	                "{\"command\":\"echo\",\"command\":\"echo\"}\n"
	                "{\"command\":\"echo\\u0000\"}\n");
	for (int i = 0; i < 6; i++) {
		response = peer_next(peer);
		assert_true(json_is_string(json_object_get(response, "error")));
		assert_int_equal(json_integer_value(json_object_get(response, "status")), 1);
		assert_false(is_ok(response));
	}
	peer_send(peer, "{\"command\":\"echo\"}\n");
	assert_true(is_ok(peer_next(peer)));
	close(peer);
}

/* The error quotes the request, and is cut to fit: not within a character, which JSON cannot hold.
 */
static void an_error_that_quotes_a_long_request_is_sent(void **state)
{
	struct server *server = *state;
	int descriptor = peer_connect(server->path);
	char request[4096] = "{\"command\":\"";

	for (unsigned shift = 0; shift < 3; shift++) {
		size_t length = strlen("{\"command\":\"");
		json_t *answer;

		memset(request + length, 'x', shift);
		length += shift;
		for (unsigned i = 0; i < 3000; i++)
			request[length++] = "\xe2\x82\xac"[i % 3];
		snprintf(request + length, sizeof(request) - length, "\"}\n");
		peer_send(descriptor, request);
		answer = peer_next(descriptor);
		assert_non_null(answer);
		assert_non_null(strstr(json_string_value(json_object_get(answer, "error")),
		                       "\xe2\x82\xac\xe2\x82\xac"));
		assert_false(is_ok(answer));
	}
	close(descriptor);
}

static void a_request_that_is_nested_too_deep_is_refused_and_the_connection_lives(void **state)
{
	enum { DEPTH = 500000 };
	struct server *server = *state;
	int peer = peer_connect(server->path);
	char *text = malloc(DEPTH + 1);

	memset(text, '[', DEPTH);
	text[DEPTH] = '\0';
	peer_send(peer, "{\"command\":");
	peer_send(peer, text);
	peer_send(peer, "\n{\"command\":\"echo\"}\n");
	assert_false(is_ok(peer_next(peer)));
	assert_true(is_ok(peer_next(peer)));
	free(text);
	close(peer);
}

static void a_request_without_an_end_is_refused(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path);
	char *text = malloc((1 << 20) + 2);

	memset(text, 'z', (1 << 20) + 1);
	text[(1 << 20) + 1] = '\0';
	peer_offer(peer, text);
	assert_false(is_ok(peer_next(peer)));
	assert_null(peer_next(peer));
	free(text);
	close(peer);
}

static void an_answer_larger_than_the_queue_arrives(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path);

	peer_send(peer, "{\"command\":\"large\"}\n");
	assert_true(is_ok(peer_next(peer)));
	peer_send(peer, "{\"command\":\"echo\"}\n");
	assert_true(is_ok(peer_next(peer)));
	close(peer);
}

static void a_client_that_closed_its_half_gets_its_answer(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path);

	peer_send(peer, "{\"command\":\"large\"}\n");
	shutdown(peer, SHUT_WR);
	assert_true(is_ok(peer_next(peer)));
	assert_null(peer_next(peer));
	close(peer);
}

static void wait_until(atomic_uint *count, unsigned wanted)
{
	for (int i = 0; i < 10000 && *count < wanted; i++)
		usleep(1000);
	assert_int_equal(*count, wanted);
}

static void an_answer_in_pieces_waits_for_its_reader(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path), other = peer_connect(server->path);
	json_t *response;

	/* Requests that come meanwhile are answered after it. */
	peer_send(peer, "{\"command\":\"pieces\"}\n{\"command\":\"echo\",\"n\":1}\n{\"comm");
	peer_send(other, "{\"command\":\"echo\"}\n");
	assert_true(is_ok(peer_next(other)));
	assert_true(server->pieces < 50);
	assert_true(is_ok(peer_next(peer)));
	assert_int_equal(server->pieces, 100);
	assert_int_equal(json_integer_value(json_object_get(response = peer_next(peer), "n")), 1);
	assert_true(is_ok(response));
	assert_int_equal(server->ended, 1);
	peer_send(peer, "and\":\"echo\",\"n\":2}\n");
	assert_int_equal(json_integer_value(json_object_get(response = peer_next(peer), "n")), 2);
	assert_true(is_ok(response));
	close(peer);
	close(other);
}

static void a_client_that_closed_its_half_gets_an_answer_in_pieces(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path);

	peer_send(peer, "{\"command\":\"pieces\"}\n{\"command\":\"echo\"}\n");
	shutdown(peer, SHUT_WR);
	assert_true(is_ok(peer_next(peer)));
	assert_true(is_ok(peer_next(peer)));
	assert_null(peer_next(peer));
	close(peer);
	wait_until(&server->ended, 1);
}

static void a_client_that_leaves_ends_its_answer(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path);

	control_on_gone(server->control, gone);
	peer_send(peer, "{\"command\":\"pieces\"}\n");
	for (int i = 0; i < 10000 && server->pieces == 0; i++)
		usleep(1000);
	close(peer);
	wait_until(&server->ended, 1);
	wait_until(&server->gone, 1);
	assert_true(server->pieces < 100);
}

static void a_watcher_gets_no_answer_in_pieces(void **state)
{
	struct server *server = *state;
	int peer = peer_connect(server->path);

	peer_send(peer, "{\"command\":\"watch\"}\n{\"command\":\"pieces\"}\n");
	assert_true(is_ok(peer_next(peer)));
	assert_false(is_ok(peer_next(peer)));
	assert_int_equal(server->ended, 1);
	close(peer);
}

static void a_watcher_gets_the_stream(void **state)
{
	struct server *server = *state;
	int watcher = peer_connect(server->path), other = peer_connect(server->path);
	json_t *event;

	peer_send(watcher, "{\"command\":\"watch\"}\n");
	assert_true(is_ok(peer_next(watcher)));
	peer_send(other, "{\"command\":\"publish\"}\n{\"command\":\"publish\"}\n");
	for (int i = 0; i < 2; i++) {
		assert_true(is_ok(peer_next(other)));
		event = peer_next(watcher);
		assert_string_equal(json_string_value(json_object_get(event, "type")), "notice");
		json_decref(event);
	}
	close(watcher);
	close(other);
}

static void a_watcher_that_does_not_read_is_dropped(void **state)
{
	struct server *server = *state;
	int watcher = peer_connect(server->path), other = peer_connect(server->path);
	unsigned received = 0;
	json_t *event, *response;

	peer_send(watcher, "{\"command\":\"watch\"}\n");
	assert_true(is_ok(peer_next(watcher)));
	peer_send(other, "{\"command\":\"flood\"}\n");
	response = peer_next(other);
	assert_true(json_is_false(json_object_get(response, "subscribers")));
	json_decref(response);
	while ((event = peer_next(watcher))) {
		json_decref(event);
		received++;
	}
	assert_in_range(received, 0, 20);
	close(watcher);
	close(other);
}

static void too_many_connections_are_turned_away(void **state)
{
	enum { MANY = 128 };
	struct server *server = *state;
	int peer[MANY + 1];

	for (int i = 0; i <= MANY; i++)
		peer[i] = peer_connect(server->path);
	assert_false(is_ok(peer_next(peer[MANY])));
	assert_null(peer_next(peer[MANY]));
	peer_send(peer[0], "{\"command\":\"echo\"}\n");
	assert_true(is_ok(peer_next(peer[0])));
	for (int i = 0; i <= MANY; i++)
		close(peer[i]);
}

static void a_live_socket_is_not_taken_over(void **state)
{
	struct server *server = *state;
	struct control *second = NULL;
	struct fault fault = {""};
	uv_loop_t loop;

	uv_loop_init(&loop);
	assert_int_equal(control_open(&second, &loop, server->path, serve, server, &fault),
	                 -EADDRINUSE);
	assert_non_null(strstr(fault.text, server->path));
	assert_null(second);
	assert_int_equal(uv_loop_close(&loop), 0);
	close(peer_connect(server->path));
}

static void a_late_answer_to_a_client_that_left_is_ignored(void **state)
{
	struct server *server = *state;

	/* Not the id of any client: ignored, and the body is freed (the leak checker sees). */
	control_reply(server->control, 1u << 30, json_object());
	control_fail(server->control, 1u << 30, "this is ignored");
}

/* Without the fixture: what stands in the way of a new socket. */

static int open_and_close(const char *path, struct fault *fault)
{
	struct control *control;
	uv_loop_t loop;
	int error;

	uv_loop_init(&loop);
	error = control_open(&control, &loop, path, serve, NULL, fault);
	if (error == 0)
		control_close(control, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return error;
}

static void a_stale_socket_is_replaced_and_a_file_is_not(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char directory[] = "/tmp/arpkeeper-control-XXXXXX";
	struct fault fault = {""};
	int descriptor;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/stale", directory);
	descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
	close(descriptor);
	assert_int_equal(open_and_close(address.sun_path, &fault), 0);
	assert_int_equal(access(address.sun_path, F_OK), -1);

	fclose(fopen(address.sun_path, "w"));
	assert_int_equal(open_and_close(address.sun_path, &fault), -EEXIST);
	assert_non_null(strstr(fault.text, address.sun_path));
	assert_int_equal(unlink(address.sun_path), 0);
	assert_int_equal(rmdir(directory), 0);
}

static void a_path_too_long_is_named(void **state)
{
	char path[200];
	struct fault fault = {""};

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(open_and_close(path, &fault), -ENAMETOOLONG);
	assert_non_null(strstr(fault.text, "at most 107"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SERVED(requests_are_answered_in_order),
	        SERVED(every_user_may_connect_to_the_socket),
	        SERVED(an_invalid_request_is_refused_and_the_connection_lives),
	        SERVED(an_error_that_quotes_a_long_request_is_sent),
	        SERVED(a_request_that_is_nested_too_deep_is_refused_and_the_connection_lives),
	        SERVED(a_request_without_an_end_is_refused),
	        SERVED(an_answer_larger_than_the_queue_arrives),
	        SERVED(a_client_that_closed_its_half_gets_its_answer),
	        SERVED(an_answer_in_pieces_waits_for_its_reader),
	        SERVED(a_client_that_closed_its_half_gets_an_answer_in_pieces),
	        SERVED(a_client_that_leaves_ends_its_answer),
	        SERVED(a_watcher_gets_no_answer_in_pieces),
	        SERVED(a_watcher_gets_the_stream),
	        SERVED(a_watcher_that_does_not_read_is_dropped),
	        SERVED(too_many_connections_are_turned_away),
	        SERVED(a_live_socket_is_not_taken_over),
	        SERVED(a_late_answer_to_a_client_that_left_is_ignored),
	        cmocka_unit_test(a_stale_socket_is_replaced_and_a_file_is_not),
	        cmocka_unit_test(a_path_too_long_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
