/* SPDX-License-Identifier: MIT */
#include "agent/kernel_round.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kernel_export.h"
#include "agent/kernel_import.h"
#include "agent/kernel_place.h"
#include "base/base.h"

/* REACHABLE lasts at least half of base_reachable_time, which is 30 s by default: less than that.
 */
#define ROUND_MS 10000

static void on_idle(uv_idle_t *idle);
static void on_timer(uv_timer_t *timer);

void kernel_work(struct kernel *kernel)
{
	if (kernel->begun && !kernel->ended && !uv_is_active((uv_handle_t *)&kernel->idle))
		uv_idle_start(&kernel->idle, on_idle);
}

void kernel_round_within(struct kernel *kernel, uint64_t milliseconds)
{
	if (!kernel->begun || kernel->ended ||
	    (uv_is_active((uv_handle_t *)&kernel->timer) &&
	     uv_timer_get_due_in(&kernel->timer) <= milliseconds))
		return;
	uv_timer_start(&kernel->timer, on_timer, milliseconds, 0);
}

/* An entry of the list. */
static void on_listed(void *context, const struct kernel_neighbour *running)
{
	struct kernel *kernel = context;
	struct agent *agent = kernel->agent;
	const struct agent_port *port;
	struct kernel_wish wish = {0};
	unsigned segment;
	uint32_t slot;

	if (!kernel_place_of(&agent->ports, running->ifindex, running->address, &segment, &slot,
	                     &port)) {
		/* Left by an agent with other prefixes. Only in the first round: two agents on one
		 * interface do not undo each other's entries for ever. */
		if (!kernel->first || !kernel_place_is_ours(&agent->ports, running->ifindex))
			return;
	} else {
		if (kernel->hear)
			kernel_hear(kernel, running, segment, slot, port);
		if (!kernel_wish_on(kernel, &wish, segment, running->ifindex, running->address))
			return;
		if (wish.wanted && kernel->found)
			kernel->found[slot / 64] |= UINT64_C(1) << slot % 64;
	}
	kernel_put_right(kernel, &wish, running);
}

void kernel_round_end(struct kernel *kernel)
{
	if (kernel->dump)
		mnl_socket_close(kernel->dump);
	kernel->dump = NULL;
	free(kernel->found);
	kernel->found = NULL;
	kernel->phase = RESTING;
	if (!kernel->refused)
		kernel->said = 0;
}

void kernel_round_begin(struct kernel *kernel)
{
	struct fault fault = {0};
	int error;

	kernel_round_end(kernel);
	kernel->refused = false;
	kernel->hear = kernel->hear_again;
	kernel->hear_again = false;
	if (kernel->exports)
		kernel->found = calloc(kernel->agent->layout.slots / 64 + 1, sizeof(uint64_t));
	error = kernel->exports && !kernel->found ? fault_set(&fault, -ENOMEM, "out of memory")
	                                          : kernel_dump_open(&kernel->dump, &fault);
	if (error) {
		log_warning("%s; trying again", fault.text);
		kernel->hear_again = kernel->hear;
		kernel_round_within(kernel, ROUND_MS);
		return;
	}
	kernel->phase = LISTING;
	kernel_work(kernel);
}

static void list(struct kernel *kernel)
{
	int result = kernel_dump_next(kernel->dump, on_listed, kernel);

	kernel_flush(kernel);
	if (result > 0)
		return;
	if (result < 0) {
		log_warning("the host's neighbour table: cannot list it: %s; trying again",
		            strerror(-result));
		kernel->hear_again = kernel->hear_again || kernel->hear;
		kernel_round_end(kernel);
		kernel_round_within(kernel, ROUND_MS);
		return;
	}
	kernel->first = false;
	kernel->cursor = 0;
	kernel->phase = FILLING;
}

/* Adds a batch of what the list did not have. */
static void fill(struct kernel *kernel)
{
	struct agent *agent = kernel->agent;
	unsigned put_now = 0;
	struct neighbour_view view;

	while (kernel->exports && put_now < KERNEL_BATCH &&
	       neighbour_next(agent->neighbour, &kernel->cursor, &view)) {
		struct kernel_wish wish = kernel_wish_of(&view);
		struct kernel_neighbour entry;
		struct kernel_place place;

		/* Bounds the bindings looked at, too: all may be in the list. */
		put_now++;
		if (!wish.wanted || !kernel_exports(kernel, view.segment) ||
		    kernel->found[view.slot / 64] >> view.slot % 64 & 1 ||
		    !kernel_place(&place, &agent->ports, NULL, view.segment, view.address) ||
		    !place.up)
			continue;
		entry = kernel_entry(&wish, place.ifindex, view.address);
		kernel_put(kernel, KERNEL_CREATE, &entry);
	}
	kernel_flush(kernel);
	if (put_now == KERNEL_BATCH)
		return;
	kernel_round_end(kernel);
	if (kernel->exports)
		kernel_round_within(kernel, ROUND_MS);
}

static void on_idle(uv_idle_t *idle)
{
	struct kernel *kernel = idle->data;
	uint64_t until = uv_hrtime() + TURN_NS;

	do {
		if (kernel->changes) {
			for (unsigned i = 0; i < KERNEL_BATCH && kernel->changes; i++)
				kernel_catch_up(kernel, kernel->changed[--kernel->changes]);
			kernel_flush(kernel);
		} else if (kernel->phase == LISTING) {
			list(kernel);
		} else if (kernel->phase == FILLING) {
			fill(kernel);
		} else {
			uv_idle_stop(idle);
			return;
		}
	} while (uv_hrtime() < until);
}

static void on_timer(uv_timer_t *timer)
{
	struct kernel *kernel = timer->data;

	/* A round under way ends first. */
	if (kernel->phase != RESTING)
		kernel_round_within(kernel, SOON_MS);
	else
		kernel_round_begin(kernel);
}

void kernel_round_init(struct kernel *kernel)
{
	uv_timer_init(&kernel->agent->loop, &kernel->timer);
	uv_idle_init(&kernel->agent->loop, &kernel->idle);
	kernel->timer.data = kernel->idle.data = kernel;
}
