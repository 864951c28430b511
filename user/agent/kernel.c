/* SPDX-License-Identifier: MIT */
/* The rounds; and what the kernel, the agent's table and the XDP program report. */
#include "agent/kernel.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kernel_exchange.h"
#include "agent/kernel_place.h"

#define REACT_MAX 500  /* a second: entries put right when the kernel reports them */
#define ASKED_MAX 1000 /* a second: askers */
/* REACHABLE lasts at least half of base_reachable_time, which is 30 s by default: less than that.
 */
#define ROUND_MS 10000

static bool allowed(struct allowance *allowance, unsigned most)
{
	uint64_t second = uv_hrtime() / 1000000000;

	if (allowance->second != second)
		*allowance = (struct allowance){.second = second};
	return allowance->used++ < most;
}

static void on_idle(uv_idle_t *idle);
static void on_timer(uv_timer_t *timer);

static void work(struct kernel *kernel)
{
	if (kernel->begun && !kernel->ended && !uv_is_active((uv_handle_t *)&kernel->idle))
		uv_idle_start(&kernel->idle, on_idle);
}

static void round_within(struct kernel *kernel, uint64_t milliseconds)
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
	int64_t slot;

	if (!kernel_place_of(agent->ports, running->ifindex, running->address, &segment, &port)) {
		/* Left by an agent with other prefixes. Only in the first round: two agents on one
		 * interface do not undo each other's entries for ever. */
		if (!kernel->first || !kernel_place_is_ours(agent->ports, running->ifindex))
			return;
	} else {
		if (kernel->hear)
			kernel_hear(kernel, running, segment, port);
		if (!kernel_wish_on(kernel, &wish, segment, running->ifindex, running->address))
			return;
		slot = neighbour_slot(agent->neighbour, segment, running->address);
		if (wish.wanted && kernel->found && slot >= 0)
			kernel->found[slot / 64] |= UINT64_C(1) << slot % 64;
	}
	kernel_put_right(kernel, &wish, running);
}

static void round_end(struct kernel *kernel)
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

/*
 * A round lists the host's table, puts right what is wrong, and adds what is missing. There is one
 * at the start, and one when interfaces or addresses changed or messages were lost. With export
 * there is one every ROUND_MS, which keeps an entry REACHABLE. To wait for a message would be too
 * late: of an entry in use, REACHABLE becomes DELAY without one, and DELAY becomes PROBE with a
 * request (neigh_timer_handler()).
 *
 * Each turn of the loop spends a millisecond on it.
 */
static void round_begin(struct kernel *kernel)
{
	struct fault fault = {0};
	int error;

	round_end(kernel);
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
		round_within(kernel, ROUND_MS);
		return;
	}
	kernel->phase = LISTING;
	work(kernel);
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
		round_end(kernel);
		round_within(kernel, ROUND_MS);
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
	       neighbour_next(agent->neighbour, &kernel->cursor, UINT32_MAX, &view)) {
		struct kernel_wish wish = kernel_wish_of(&view);
		struct kernel_neighbour entry;
		struct kernel_place place;

		/* Bounds the bindings looked at, too: all may be in the list. */
		put_now++;
		if (!wish.wanted || !kernel_exports(kernel, view.segment) ||
		    kernel->found[view.slot / 64] >> view.slot % 64 & 1 ||
		    !kernel_place(&place, agent->ports, NULL, view.segment, view.address) ||
		    !place.up)
			continue;
		entry = kernel_entry(&wish, place.ifindex, view.address);
		kernel_put(kernel, KERNEL_CREATE, &entry);
	}
	kernel_flush(kernel);
	if (put_now == KERNEL_BATCH)
		return;
	round_end(kernel);
	if (kernel->exports)
		round_within(kernel, ROUND_MS);
}

static void on_idle(uv_idle_t *idle)
{
	struct kernel *kernel = idle->data;
	uint64_t until = uv_hrtime() + TURN_NS;

	do {
		if (kernel->changes) {
			for (unsigned i = 0; i < KERNEL_BATCH && kernel->changes; i++)
				kernel_catch_up(kernel, &kernel->changed[--kernel->changes]);
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
		round_within(kernel, SOON_MS);
	else
		round_begin(kernel);
}

/*
 * An entry has changed. Entries to remove, and those that are gone, are left to the rounds: another
 * process may add them again, and `ip neigh flush` goes on until nothing is left.
 */
static void on_told(void *context, const struct kernel_neighbour *running)
{
	struct kernel *kernel = context;
	const struct agent_port *port;
	struct kernel_neighbour entry;
	struct kernel_wish wish;
	enum kernel_write write;
	unsigned segment;

	if (!kernel_place_of(kernel->agent->ports, running->ifindex, running->address, &segment,
	                     &port))
		return;
	kernel_hear(kernel, running, segment, port);
	if (running->gone ||
	    !kernel_wish_on(kernel, &wish, segment, running->ifindex, running->address) ||
	    !wish.wanted || !kernel_reconcile(&write, &wish, running) ||
	    (write == KERNEL_REFRESH && running->state & NUD_REACHABLE))
		return;
	if (!allowed(&kernel->reactions, REACT_MAX)) {
		round_within(kernel, SOON_MS);
		return;
	}
	entry = kernel_entry_for(&wish, running);
	kernel_put(kernel, write, &entry);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct kernel *kernel = poll->data;
	uint64_t until = uv_hrtime() + TURN_NS;
	int result;

	(void)events;
	if (status || kernel->ended)
		return;
	do
		result = kernel_monitor_next(kernel->monitor, on_told, kernel);
	while (result > 0 && uv_hrtime() < until);
	kernel_flush(kernel);
	if (result < 0) {
		if (result != -ENOBUFS)
			log_debug("the host's neighbour table: %s", strerror(-result));
		kernel->hear_again = true;
		round_within(kernel, SOON_MS);
	}
}

void kernel_changed(struct kernel *kernel, unsigned segment, struct address address)
{
	if (!kernel || kernel->ended || !kernel_exports(kernel, segment) ||
	    !layout_find(&kernel->agent->layout, segment, address))
		return;
	if (kernel->changes == CHANGED_MAX) {
		round_within(kernel, SOON_MS);
		return;
	}
	kernel->changed[kernel->changes++] = (struct kernel_change){segment, address};
	work(kernel);
}

void kernel_moved(struct kernel *kernel)
{
	if (!kernel || (!kernel->exports && !kernel->imports))
		return;
	kernel->hear_again = true;
	round_within(kernel, SOON_MS);
}

void kernel_asked(struct kernel *kernel, unsigned segment, unsigned ifindex, struct address address,
                  struct mac mac)
{
	struct agent *agent = kernel->agent;
	const struct layout_range *range = layout_find(&agent->layout, segment, address);
	struct kernel_neighbour entry;
	struct kernel_place place;

	if (kernel->ended || !agent->config.segment[segment].local_offload || !range ||
	    !prefix_is_host(range->prefix, address) || !mac_is_station(mac) ||
	    !kernel_place(&place, agent->ports, ports_find(agent->ports, ifindex), segment,
	                  address) ||
	    !place.up || !allowed(&kernel->askers, ASKED_MAX))
		return;
	entry = kernel_asker(mac, place.ifindex, address);
	kernel_put(kernel, KERNEL_CREATE, &entry);
	kernel_flush(kernel);
}

int kernel_open(struct kernel **out, struct agent *agent, struct fault *fault)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int error;

	if (!kernel)
		return fault_set(fault, -ENOMEM, "out of memory");
	kernel->agent = agent;
	for (unsigned s = 0; s < agent->config.segments; s++) {
		kernel->exports = kernel->exports || kernel_exports(kernel, s);
		kernel->imports = kernel->imports || kernel_imports(kernel, s);
	}
	error = kernel_socket_open(&kernel->requests, fault);
	if (!error && (kernel->exports || kernel->imports))
		error = kernel_monitor_open(&kernel->monitor, fault);
	if (error) {
		kernel_close(kernel);
		return error;
	}
	*out = kernel;
	return 0;
}

void kernel_begin(struct kernel *kernel)
{
	uv_timer_init(&kernel->agent->loop, &kernel->timer);
	uv_idle_init(&kernel->agent->loop, &kernel->idle);
	kernel->timer.data = kernel->idle.data = kernel;
	kernel->poll.data = kernel;
	if (kernel->monitor) {
		uv_poll_init(&kernel->agent->loop, &kernel->poll,
		             mnl_socket_get_fd(kernel->monitor));
		uv_poll_start(&kernel->poll, UV_READABLE, on_readable);
	}
	kernel->handles = kernel->monitor ? 3 : 2;
	kernel->begun = kernel->first = kernel->hear_again = true;
	/* Without import and export this is the only round: an earlier agent may have exported. */
	round_begin(kernel);
}

struct forgetting {
	struct kernel_socket *socket;
	const struct ports *only;
};

static void on_not_removed(void *context, int error, const struct kernel_neighbour *request)
{
	char address[ADDRESS_TEXT];

	(void)context; /* most likely it is gone already */
	log_debug("the host's neighbour table: %s is not removed: %s",
	          address_format(address, request->address), strerror(-error));
}

static void on_leftover(void *context, const struct kernel_neighbour *running)
{
	const struct forgetting *forgetting = context;

	if (!kernel_is_ours(running) ||
	    (forgetting->only && !kernel_place_is_ours(forgetting->only, running->ifindex)))
		return;
	kernel_socket_put(forgetting->socket, KERNEL_REMOVE, running);
	if (forgetting->socket->count == KERNEL_BATCH)
		kernel_socket_flush(forgetting->socket, on_not_removed, NULL);
}

/* Removes the entries on the ports `only`, and on interfaces above them; NULL: on all. The batch
 * must be empty. Returns when all are gone. */
static int forget(struct kernel_socket *socket, const struct ports *only, struct fault *fault)
{
	struct forgetting forgetting = {socket, only};
	struct mnl_socket *dump;
	int result = kernel_dump_open(&dump, fault);

	if (result)
		return result;
	do
		result = kernel_dump_next(dump, on_leftover, &forgetting);
	while (result > 0);
	kernel_socket_flush(socket, on_not_removed, NULL);
	mnl_socket_close(dump);
	return result ? fault_set(fault, result, "the host's neighbour table: cannot list it: %s",
	                          strerror(-result))
	              : 0;
}

int kernel_forget_all(struct fault *fault)
{
	struct kernel_socket socket = {0};
	int error = kernel_socket_open(&socket, fault);

	if (!error)
		error = forget(&socket, NULL, fault);
	kernel_socket_close(&socket);
	return error;
}

void kernel_withdraw(struct kernel *kernel)
{
	struct fault fault = {0};

	if (!kernel || !kernel->begun || kernel->ended)
		return;
	kernel_flush(kernel);
	round_end(kernel);
	kernel->ended = true;
	if (kernel->exports && forget(&kernel->requests, kernel->agent->ports, &fault))
		log_warning("%s; entries of ours stay, and age", fault.text);
}

static void on_closed(uv_handle_t *handle)
{
	struct kernel *kernel = handle->data;

	if (--kernel->handles > 0)
		return;
	if (kernel->monitor)
		mnl_socket_close(kernel->monitor);
	free(kernel);
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	round_end(kernel);
	kernel_socket_close(&kernel->requests);
	if (kernel->begun) {
		if (kernel->monitor)
			uv_close((uv_handle_t *)&kernel->poll, on_closed);
		uv_close((uv_handle_t *)&kernel->timer, on_closed);
		uv_close((uv_handle_t *)&kernel->idle, on_closed);
		return;
	}
	if (kernel->monitor)
		mnl_socket_close(kernel->monitor);
	free(kernel);
}
