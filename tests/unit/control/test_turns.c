/* SPDX-License-Identifier: MIT */
/* Clients with more work than a turn of the loop has time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "control/turns.h"

#define MANY 100

struct client {
	struct turn turn;
	unsigned served;
	unsigned left; /* pieces of work, each of WORK_NS */
};

#define WORK_NS UINT64_C(50000)

static unsigned order[4 * MANY]; /* standings in the order of their turns */
static unsigned turns_taken;

static bool serve(struct turn *turn, uint64_t until)
{
	struct client *client = (struct client *)turn;
	uint64_t now = uv_hrtime();

	client->served++;
	if (turns_taken < sizeof(order) / sizeof(order[0]))
		order[turns_taken++] = turn->standing;
	do {
		uint64_t end = now + WORK_NS;

		client->left--;
		while ((now = uv_hrtime()) < end)
			;
	} while (client->left > 0 && now < until);
	return client->left > 0;
}

static void set_up(struct turns *turns, uv_loop_t *loop)
{
	turns_taken = 0;
	uv_loop_init(loop);
	turns_init(turns, loop, serve);
}

static void tear_down(struct turns *turns, uv_loop_t *loop)
{
	uv_close((uv_handle_t *)&turns->idle, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(loop), 0);
}

static void every_client_has_its_turn_before_one_has_two(void **state)
{
	struct client client[MANY] = {0};
	struct turns turns;
	uv_loop_t loop;

	(void)state;
	set_up(&turns, &loop);
	for (unsigned i = 0; i < MANY; i++) {
		client[i].left = 1000000;
		turns_queue(&turns, &client[i].turn);
		turns_queue(&turns, &client[i].turn); /* counts once */
	}
	for (unsigned turn = 0; turn < 50; turn++) {
		unsigned least = UINT32_MAX, most = 0;

		uv_run(&loop, UV_RUN_NOWAIT);
		for (unsigned i = 0; i < MANY; i++) {
			least = client[i].served < least ? client[i].served : least;
			most = client[i].served > most ? client[i].served : most;
		}
		assert_true(most - least <= 1);
	}
	for (unsigned i = 0; i < MANY; i++) {
		assert_true(client[i].served > 0);
		turns_leave(&turns, &client[i].turn);
	}
	tear_down(&turns, &loop);
}

static void a_turn_of_the_loop_is_short_whatever_the_number_of_clients(void **state)
{
	struct client client[MANY] = {0};
	uint64_t shortest = UINT64_MAX;
	struct turns turns;
	uv_loop_t loop;

	(void)state;
	set_up(&turns, &loop);
	for (unsigned i = 0; i < MANY; i++) {
		client[i].left = 1000000;
		turns_queue(&turns, &client[i].turn);
	}
	/* The shortest: another process may take the CPU. Without a bound, 100 clients take 10 ms.
	 */
	for (unsigned turn = 0; turn < 50; turn++) {
		uint64_t began = uv_hrtime(), took;

		uv_run(&loop, UV_RUN_NOWAIT);
		took = uv_hrtime() - began;
		shortest = took < shortest ? took : shortest;
	}
	assert_true(shortest < 2000000);
	for (unsigned i = 0; i < MANY; i++)
		turns_leave(&turns, &client[i].turn);
	tear_down(&turns, &loop);
}

static void root_is_first_and_is_served_in_each_turn_of_the_loop(void **state)
{
	struct client client[MANY] = {0}, root = {.turn.standing = STANDING_ROOT};
	struct turns turns;
	uv_loop_t loop;

	(void)state;
	set_up(&turns, &loop);
	for (unsigned i = 0; i < MANY; i++) {
		client[i].left = 1000000;
		turns_queue(&turns, &client[i].turn);
	}
	for (unsigned turn = 1; turn <= 10; turn++) {
		root.left = 1;
		turns_taken = 0;
		turns_queue(&turns, &root.turn);
		uv_run(&loop, UV_RUN_NOWAIT);
		assert_int_equal(root.served, turn);
		assert_int_equal(order[0], STANDING_ROOT);
	}
	for (unsigned i = 0; i < MANY; i++)
		turns_leave(&turns, &client[i].turn);
	tear_down(&turns, &loop);
}

static void the_loop_rests_when_no_client_has_work(void **state)
{
	struct client client = {.left = 3}, gone = {.left = 1};
	struct turns turns;
	uv_loop_t loop;

	(void)state;
	set_up(&turns, &loop);
	turns_queue(&turns, &client.turn);
	turns_queue(&turns, &gone.turn);
	turns_leave(&turns, &gone.turn);
	turns_leave(&turns, &gone.turn);
	for (unsigned turn = 0; turn < 10 && client.left > 0; turn++)
		uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(client.left, 0);
	assert_int_equal(gone.served, 0);
	assert_false(uv_is_active((uv_handle_t *)&turns.idle));
	tear_down(&turns, &loop);
}

static void while_they_are_held_clients_wait_and_lose_no_turn(void **state)
{
	struct client before = {.left = 1}, during = {.left = 1};
	struct turns turns;
	uv_loop_t loop;

	(void)state;
	set_up(&turns, &loop);
	turns_queue(&turns, &before.turn);
	turns_hold(&turns, true);
	turns_queue(&turns, &during.turn);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(before.served + during.served, 0);
	assert_false(uv_is_active((uv_handle_t *)&turns.idle));
	turns_hold(&turns, false);
	for (unsigned turn = 0; turn < 10; turn++)
		uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(before.served, 1);
	assert_int_equal(during.served, 1);
	assert_false(uv_is_active((uv_handle_t *)&turns.idle));
	tear_down(&turns, &loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_client_has_its_turn_before_one_has_two),
	        cmocka_unit_test(a_turn_of_the_loop_is_short_whatever_the_number_of_clients),
	        cmocka_unit_test(root_is_first_and_is_served_in_each_turn_of_the_loop),
	        cmocka_unit_test(the_loop_rests_when_no_client_has_work),
	        cmocka_unit_test(while_they_are_held_clients_wait_and_lose_no_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
