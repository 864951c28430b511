// SPDX-License-Identifier: MIT
/* The recorder's end of the socket: a keeper that reads late, or has gone. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "recorder/link.h"

#define MESSAGES 20000 /* many times what a socket holds */

struct ends {
	uv_loop_t loop;
	uv_poll_t poll;
	struct link recorder;
	int keeper;
};

static int set_up(void **state)
{
	static struct ends ends;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(link_init(&ends.recorder, pair[0]), 0);
	ends.keeper = pair[1];
	/* As the recorder does; it makes the socket non-blocking. */
	assert_int_equal(uv_loop_init(&ends.loop), 0);
	assert_int_equal(uv_poll_init(&ends.loop, &ends.poll, pair[0]), 0);
	*state = &ends;
	return 0;
}

static int tear_down(void **state)
{
	struct ends *ends = *state;

	uv_close((uv_handle_t *)&ends->poll, NULL);
	uv_run(&ends->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&ends->loop), 0);
	link_clear(&ends->recorder);
	if (ends->keeper >= 0)
		close(ends->keeper);
	return 0;
}

/* On an error it ends the connection, so that the reader does not wait. */
static void send_many(void *argument)
{
	struct ends *ends = argument;
	struct packet packet = {.kind = PACKET_NOTICE};
	int error = 0;

	for (unsigned i = 0; i < MESSAGES && !error; i++) {
		snprintf(packet.notice, sizeof(packet.notice), "line %u %0900u", i, i);
		error = link_send(&ends->recorder, &packet);
	}
	if (error)
		shutdown(ends->recorder.socket, SHUT_RDWR);
}

/* Until the socket takes no more, or has ended. */
static void await_full(const struct ends *ends)
{
	struct pollfd room = {.fd = ends->recorder.socket, .events = POLLOUT};

	while (poll(&room, 1, 0) == 1 && room.revents == POLLOUT)
		uv_sleep(1);
}

static void a_keeper_that_reads_late_gets_every_message_in_order(void **state)
{
	struct ends *ends = *state;
	const struct packet_source source = {.recorder = true};
	struct inbox in;
	uv_thread_t sender;
	unsigned count = 0;

	assert_int_equal(inbox_init(&in), 0);
	assert_int_equal(uv_thread_create(&sender, send_many, ends), 0);
	await_full(ends);
	while (count < MESSAGES) {
		struct packet packet;
		char *frame, begin[32];
		size_t length;

		assert_int_equal(inbox_next(&in, &frame, &length), 0);
		if (!frame) {
			assert_int_equal(inbox_receive(&in, ends->keeper, SIZE_MAX, 0), 1);
			continue;
		}
		assert_int_equal(packet_decode(&packet, &source, frame, length), 0);
		assert_int_equal(packet.kind, PACKET_NOTICE);
		snprintf(begin, sizeof(begin), "line %u 0", count++);
		assert_memory_equal(packet.notice, begin, strlen(begin));
		packet_clear(&packet);
	}
	uv_thread_join(&sender);
	inbox_clear(&in);
}

static void a_message_that_cannot_be_sent_ends_the_connection(void **state)
{
	struct ends *ends = *state;
	/* No text is that long: it cannot be encoded. */
	static char text[65536];
	struct packet packet = {.kind = PACKET_MERGE, .merge = {.branch = text}};
	char byte;

	memset(text, 'x', sizeof(text) - 1);
	assert_true(link_send(&ends->recorder, &packet) < 0);
	assert_int_equal(recv(ends->keeper, &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(link_receive(&ends->recorder, false), -EPIPE);
}

static void a_keeper_that_has_gone_is_noticed(void **state)
{
	struct ends *ends = *state;
	const struct packet packet = {.kind = PACKET_READ};

	close(ends->keeper);
	ends->keeper = -1;
	assert_int_equal(link_send(&ends->recorder, &packet), -EPIPE);
	assert_int_equal(link_receive(&ends->recorder, false), -EPIPE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(a_keeper_that_reads_late_gets_every_message_in_order),
	        TEST(a_message_that_cannot_be_sent_ends_the_connection),
	        TEST(a_keeper_that_has_gone_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
