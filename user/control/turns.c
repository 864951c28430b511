/* SPDX-License-Identifier: MIT */
/* Shares the loop's time among clients. It does not know what they do with it. */
#include "control/turns.h"

#define US UINT64_C(1000) /* nanoseconds */

/* Of a queue and of a client in it, in one turn of the loop. A command takes some 20 µs, a piece of
 * a long answer 400 µs. */
static const uint64_t queue_ns[STANDINGS] = {
        [STANDING_USER] = 500 * US, [STANDING_OPERATOR] = 2000 * US, [STANDING_ROOT] = 4000 * US};
static const uint64_t client_ns[STANDINGS] = {
        [STANDING_USER] = 100 * US, [STANDING_OPERATOR] = 500 * US, [STANDING_ROOT] = 1000 * US};

static struct turn *take(struct turns *turns, enum standing standing)
{
	struct turn *turn = turns->first[standing];

	turns->first[standing] = turn->next;
	if (!turn->next)
		turns->last[standing] = &turns->first[standing];
	turn->queued = false;
	return turn;
}

static void serve_queue(struct turns *turns, enum standing standing)
{
	uint64_t now = uv_hrtime(), end = now + queue_ns[standing];
	struct turn **round_end = turns->last[standing]; /* none is served twice */
	bool last = !turns->first[standing];

	while (!last && turns->first[standing] && now < end) {
		struct turn *turn = turns->first[standing];
		uint64_t until = now + client_ns[standing];

		last = &turn->next == round_end;
		take(turns, standing);
		if (turns->serve(turn, until < end ? until : end))
			turns_queue(turns, turn);
		now = uv_hrtime();
	}
}

static void on_idle(uv_idle_t *idle)
{
	struct turns *turns = (struct turns *)idle;
	bool left = false;

	for (int standing = STANDINGS - 1; standing >= 0; standing--)
		serve_queue(turns, (enum standing)standing);
	for (int standing = 0; standing < STANDINGS; standing++)
		left = left || turns->first[standing];
	if (!left)
		uv_idle_stop(idle);
}

void turns_init(struct turns *turns, uv_loop_t *loop, turns_serve *serve)
{
	turns->serve = serve;
	turns->held = false;
	for (int standing = 0; standing < STANDINGS; standing++) {
		turns->first[standing] = NULL;
		turns->last[standing] = &turns->first[standing];
	}
	uv_idle_init(loop, &turns->idle);
}

void turns_queue(struct turns *turns, struct turn *turn)
{
	if (turn->queued)
		return;
	turn->queued = true;
	turn->next = NULL;
	*turns->last[turn->standing] = turn;
	turns->last[turn->standing] = &turn->next;
	if (!turns->held)
		uv_idle_start(&turns->idle, on_idle);
}

void turns_hold(struct turns *turns, bool hold)
{
	turns->held = hold;
	if (hold)
		uv_idle_stop(&turns->idle);
	else
		uv_idle_start(&turns->idle, on_idle);
}

void turns_leave(struct turns *turns, struct turn *turn)
{
	struct turn **link = &turns->first[turn->standing];

	if (!turn->queued)
		return;
	while (*link != turn)
		link = &(*link)->next;
	*link = turn->next;
	if (!*link)
		turns->last[turn->standing] = link;
	turn->queued = false;
}
