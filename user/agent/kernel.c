/* SPDX-License-Identifier: MIT */
/*
 * Rounds, changes and what the kernel tells.
 *
 * A round lists the host's table and puts right what is not as it should be; then it adds what is
 * missing. One at the start, one when interfaces or addresses have changed or something was missed,
 * and with export one every ROUND_MS: that is how an entry stays REACHABLE. To wait until the
 * kernel tells that one is not any more would be too late: of an entry in use, REACHABLE becomes
 * DELAY without a word, and DELAY becomes PROBE with a request (neigh_timer_handler()).
 *
 * Each turn of the loop gets a millisecond of it.
 */
#include "agent/kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>

#include "agent/internal.h"
#include "agent/kernel_place.h"
#include "agent/kernel_policy.h"
#include "agent/kernel_socket.h"
#include "log/log.h"

/* Less than the kernel's REACHABLE takes at least: half of base_reachable_time, 30 s by default. */
#define ROUND_MS    10000
#define SOON_MS     100 /* until a round that something gave rise to: more of it may follow */
#define TURN_NS     1000000
#define CHANGED_MAX 4096 /* bindings that changed; beyond, a round finds them */
#define REACT_MAX   500  /* a second: entries that we put right when the kernel tells of them */
#define ASKED_MAX   1000 /* a second: askers */

enum phase { RESTING, LISTING, FILLING };

/* So many a second. */
struct allowance {
	uint64_t second;
	unsigned used;
};

struct kernel {
	struct agent *agent;
	struct kernel_socket requests;
	struct mnl_socket *monitor, *dump; /* NULL: closed */
	uv_poll_t poll;
	uv_timer_t timer;
	uv_idle_t idle;
	bool begun, ended, exports, imports;

	enum phase phase;
	bool first;      /* of all rounds: orphans are looked for */
	bool hear;       /* this round's list is news, too */
	bool hear_again; /* the next one's */
	bool refused;    /* something was, in this round */
	uint64_t *
	        found; /* a bit for each slot whose entry the list had; NULL: nothing is exported */
	uint32_t cursor; /* of FILLING */

	uint32_t changed[CHANGED_MAX]; /* slots */
	unsigned changes;
	struct kernel_neighbour contested[KERNEL_BATCH]; /* that we would create, and are there */
	unsigned contests;
	struct allowance reactions, askers;
	int said; /* the last error that was told */
};

static void on_idle(uv_idle_t *idle);
static void on_timer(uv_timer_t *timer);

static bool segment_exports(const struct kernel *kernel, unsigned segment)
{
	enum config_kernel mode = kernel->agent->config.segment[segment].kernel;

	return mode == KERNEL_EXPORT || mode == KERNEL_BOTH;
}

static bool segment_imports(const struct kernel *kernel, unsigned segment)
{
	enum config_kernel mode = kernel->agent->config.segment[segment].kernel;

	return mode == KERNEL_IMPORT || mode == KERNEL_BOTH;
}

static bool allowed(struct allowance *allowance, unsigned most)
{
	uint64_t second = uv_hrtime() / 1000000000;

	if (allowance->second != second)
		*allowance = (struct allowance){.second = second};
	return allowance->used++ < most;
}

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

static struct kernel_wish wish_of(const struct neighbour_view *view)
{
	bool alive = view->state == SLOT_DYNAMIC || view->state == SLOT_STATIC;

	return (struct kernel_wish){
	        .wanted = alive || view->state == SLOT_STALE,
	        .alive = alive,
	        .mac = view->mac,
	};
}

/* What we would have of an address on that interface. False: it is down, and nothing is to be done.
 */
static bool wish_on(const struct kernel *kernel, struct kernel_wish *wish, unsigned segment,
                    unsigned ifindex, uint32_t address)
{
	struct agent *agent = kernel->agent;
	struct kernel_place place;
	struct neighbour_view view;

	*wish = (struct kernel_wish){0};
	if (!segment_exports(kernel, segment) ||
	    !kernel_place(&place, &agent->ports, NULL, segment, address) ||
	    place.ifindex != ifindex || !neighbour_view(agent->neighbour, segment, address, &view))
		return true;
	*wish = wish_of(&view);
	return place.up;
}

static void on_refused(void *context, int error, const struct kernel_neighbour *request)
{
	struct kernel *kernel = context;
	char address[IPV4_TEXT];

	if (error == -EEXIST && kernel->contests < KERNEL_BATCH) {
		kernel->contested[kernel->contests++] = *request;
		return;
	}
	/* It went meanwhile, or its interface did: then we are told, and deal with that. */
	if (error == -ENOENT || error == -ENODEV || error == -ENETDOWN || error == -EEXIST)
		return;
	kernel->refused = true;
	if (kernel->said == error)
		return;
	kernel->said = error;
	log_warning("the host's neighbour table: an entry for %s cannot be written: %s; trying "
	            "again",
	            ipv4_format(address, request->address), strerror(-error));
}

/* An entry was there already: whose it is decides. The batch has room for all of these. */
static void contest(struct kernel *kernel, const struct kernel_neighbour *request)
{
	struct agent *agent = kernel->agent;
	const struct agent_port *port;
	struct kernel_neighbour running, entry;
	struct kernel_wish wish;
	enum kernel_write write;
	unsigned segment;
	uint32_t slot;

	if (kernel_socket_get(&kernel->requests, &running, request->ifindex, request->address))
		return;
	if (!request->ext_learned) {
		if (kernel_introduce(request->mac, &running))
			kernel_socket_put(&kernel->requests, KERNEL_REPLACE, request);
		return;
	}
	if (!kernel_place_of(&agent->ports, request->ifindex, request->address, &segment, &slot,
	                     &port) ||
	    !wish_on(kernel, &wish, segment, request->ifindex, request->address))
		return;
	entry = kernel_entry(&wish, request->ifindex, request->address);
	if (kernel_reconcile(&write, &wish, &running))
		kernel_socket_put(&kernel->requests, write, &entry);
}

static void flush(struct kernel *kernel)
{
	struct kernel_neighbour contested[KERNEL_BATCH];
	unsigned contests;

	kernel_socket_flush(&kernel->requests, on_refused, kernel);
	contests = kernel->contests;
	memcpy(contested, kernel->contested, contests * sizeof(contested[0]));
	kernel->contests = 0;
	/* What comes of these creates nothing, so there is nothing to contest in it. */
	for (unsigned i = 0; i < contests; i++)
		contest(kernel, &contested[i]);
	kernel_socket_flush(&kernel->requests, on_refused, kernel);
	kernel->contests = 0;
}

static void put(struct kernel *kernel, enum kernel_write write,
                const struct kernel_neighbour *neighbour)
{
	kernel_socket_put(&kernel->requests, write, neighbour);
	if (kernel->requests.count == KERNEL_BATCH)
		flush(kernel);
}

static void hear(struct kernel *kernel, const struct kernel_neighbour *running, unsigned segment,
                 uint32_t slot, const struct agent_port *port)
{
	struct agent *agent = kernel->agent;
	const struct layout_range *range = layout_range_of(&agent->layout, slot);
	struct neighbour_clock clock = agent_clock();
	const struct neighbour_heard heard = {
	        .slot = slot,
	        .mac = running->mac,
	        .reply = true,
	        .answer = true,
	        .interface = port->name,
	        .trigger = "kernel",
	};

	if (!segment_imports(kernel, segment) || !kernel_is_news(running) ||
	    !prefix_is_host(range->prefix, running->address))
		return;
	neighbour_heard(agent->neighbour, &heard, &clock);
	agent_wake(agent);
}

/* An entry of the list. */
static void on_listed(void *context, const struct kernel_neighbour *running)
{
	struct kernel *kernel = context;
	struct agent *agent = kernel->agent;
	const struct agent_port *port;
	struct kernel_neighbour entry;
	struct kernel_wish wish = {0};
	enum kernel_write write;
	unsigned segment;
	uint32_t slot;

	if (!kernel_place_of(&agent->ports, running->ifindex, running->address, &segment, &slot,
	                     &port)) {
		/* Left by an agent that had other prefixes. Only at first: should two
		 * agents share an interface, they would not undo each other's for ever. */
		if (!kernel->first || !kernel_place_is_ours(&agent->ports, running->ifindex))
			return;
	} else {
		if (kernel->hear)
			hear(kernel, running, segment, slot, port);
		if (!wish_on(kernel, &wish, segment, running->ifindex, running->address))
			return;
		if (wish.wanted && kernel->found)
			kernel->found[slot / 64] |= UINT64_C(1) << slot % 64;
	}
	entry = kernel_entry(&wish, running->ifindex, running->address);
	if (kernel_reconcile(&write, &wish, running))
		put(kernel, write, &entry);
}

/* An entry has changed. What is not ours and should not be there is left to the rounds: whoever
 * puts it there may do so again. */
static void on_told(void *context, const struct kernel_neighbour *running)
{
	struct kernel *kernel = context;
	const struct agent_port *port;
	struct kernel_neighbour entry;
	struct kernel_wish wish;
	enum kernel_write write;
	unsigned segment;
	uint32_t slot;

	if (!kernel_place_of(&kernel->agent->ports, running->ifindex, running->address, &segment,
	                     &slot, &port))
		return;
	hear(kernel, running, segment, slot, port);
	if (!wish_on(kernel, &wish, segment, running->ifindex, running->address) || !wish.wanted ||
	    !kernel_reconcile(&write, &wish, running->gone ? NULL : running) ||
	    (write == KERNEL_REFRESH && running->state & NUD_REACHABLE))
		return;
	if (!allowed(&kernel->reactions, REACT_MAX)) {
		round_within(kernel, SOON_MS);
		return;
	}
	entry = kernel_entry(&wish, running->ifindex, running->address);
	put(kernel, write, &entry);
}

/* A binding that changed: most often there is no entry yet, or it is ours. */
static void catch_up(struct kernel *kernel, uint32_t slot)
{
	struct agent *agent = kernel->agent;
	const struct layout_range *range = layout_range_of(&agent->layout, slot);
	uint32_t address = range->prefix.network + (slot - range->base);
	struct kernel_neighbour running, entry;
	struct kernel_place place;
	struct kernel_wish wish;
	enum kernel_write write;

	if (!kernel_place(&place, &agent->ports, NULL, range->segment, address) ||
	    !wish_on(kernel, &wish, range->segment, place.ifindex, address))
		return;
	entry = kernel_entry(&wish, place.ifindex, address);
	if (wish.wanted)
		put(kernel, KERNEL_CREATE, &entry);
	else if (!kernel_socket_get(&kernel->requests, &running, place.ifindex, address) &&
	         kernel_reconcile(&write, &wish, &running))
		put(kernel, write, &entry);
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

	flush(kernel);
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

/* What the list did not have, a batch of it. */
static void fill(struct kernel *kernel)
{
	struct agent *agent = kernel->agent;
	unsigned put_now = 0;
	struct neighbour_view view;

	while (kernel->exports && put_now < KERNEL_BATCH &&
	       neighbour_next(agent->neighbour, &kernel->cursor, &view)) {
		struct kernel_wish wish = wish_of(&view);
		struct kernel_neighbour entry;
		struct kernel_place place;

		/* As many looked at as fit a turn, even if all were found. */
		put_now++;
		if (!wish.wanted || !segment_exports(kernel, view.segment) ||
		    kernel->found[view.slot / 64] >> view.slot % 64 & 1 ||
		    !kernel_place(&place, &agent->ports, NULL, view.segment, view.address) ||
		    !place.up)
			continue;
		entry = kernel_entry(&wish, place.ifindex, view.address);
		put(kernel, KERNEL_CREATE, &entry);
	}
	flush(kernel);
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
				catch_up(kernel, kernel->changed[--kernel->changes]);
			flush(kernel);
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

	/* One that is under way goes to its end, then there is another. */
	if (kernel->phase != RESTING)
		round_within(kernel, SOON_MS);
	else
		round_begin(kernel);
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
	flush(kernel);
	if (result < 0) {
		if (result != -ENOBUFS)
			log_debug("the host's neighbour table: %s", strerror(-result));
		kernel->hear_again = true;
		round_within(kernel, SOON_MS);
	}
}

void kernel_changed(struct kernel *kernel, unsigned segment, uint32_t address)
{
	int64_t slot;

	if (!kernel || kernel->ended || !segment_exports(kernel, segment))
		return;
	slot = layout_slot(&kernel->agent->layout, segment, address);
	if (slot < 0)
		return;
	if (kernel->changes == CHANGED_MAX) {
		round_within(kernel, SOON_MS);
		return;
	}
	kernel->changed[kernel->changes++] = (uint32_t)slot;
	work(kernel);
}

void kernel_moved(struct kernel *kernel)
{
	if (!kernel || (!kernel->exports && !kernel->imports))
		return;
	kernel->hear_again = true;
	round_within(kernel, SOON_MS);
}

void kernel_asked(struct kernel *kernel, unsigned segment, const struct event *event)
{
	struct agent *agent = kernel->agent;
	uint32_t address = ntohl(event->peer);
	const struct layout_range *range = layout_find(&agent->layout, segment, address);
	struct kernel_neighbour entry;
	struct kernel_place place;
	struct mac mac;

	memcpy(mac.octet, event->mac, sizeof(mac.octet));
	if (kernel->ended || !agent->config.segment[segment].local_offload || !range ||
	    !prefix_is_host(range->prefix, address) || !mac_is_station(mac) ||
	    !kernel_place(&place, &agent->ports, ports_find(&agent->ports, event->ifindex), segment,
	                  address) ||
	    !place.up || !allowed(&kernel->askers, ASKED_MAX))
		return;
	entry = kernel_asker(mac, place.ifindex, address);
	put(kernel, KERNEL_CREATE, &entry);
	flush(kernel);
}

int kernel_open(struct kernel **out, struct agent *agent, struct fault *fault)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int error;

	if (!kernel)
		return fault_set(fault, -ENOMEM, "out of memory");
	kernel->agent = agent;
	for (unsigned s = 0; s < agent->config.segments; s++) {
		kernel->exports = kernel->exports || segment_exports(kernel, s);
		kernel->imports = kernel->imports || segment_imports(kernel, s);
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
	uv_loop_t *loop = &kernel->agent->loop;

	uv_timer_init(loop, &kernel->timer);
	uv_idle_init(loop, &kernel->idle);
	kernel->timer.data = kernel->idle.data = kernel->poll.data = kernel;
	if (kernel->monitor) {
		uv_poll_init(loop, &kernel->poll, mnl_socket_get_fd(kernel->monitor));
		uv_poll_start(&kernel->poll, UV_READABLE, on_readable);
	}
	kernel->begun = kernel->first = kernel->hear_again = true;
	/* Without import and export this is the only one: an earlier agent may have exported. */
	round_begin(kernel);
}

static void on_last(void *context, const struct kernel_neighbour *running)
{
	struct kernel *kernel = context;

	if (kernel_is_ours(running) &&
	    kernel_place_is_ours(&kernel->agent->ports, running->ifindex))
		put(kernel, KERNEL_REMOVE, running);
}

void kernel_withdraw(struct kernel *kernel)
{
	struct fault fault = {0};
	int result = 0;

	if (!kernel || !kernel->begun || kernel->ended)
		return;
	round_end(kernel);
	kernel->ended = true;
	if (!kernel->exports)
		return;
	if (!kernel_dump_open(&kernel->dump, &fault)) {
		do
			result = kernel_dump_next(kernel->dump, on_last, kernel);
		while (result > 0);
		flush(kernel);
		if (result < 0)
			fault_set(&fault, result, "the host's neighbour table: cannot list it: %s",
			          strerror(-result));
	}
	if (fault.text[0])
		log_warning("%s; entries of ours stay, and age", fault.text);
	round_end(kernel);
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	round_end(kernel);
	kernel_socket_close(&kernel->requests);
	if (kernel->monitor)
		mnl_socket_close(kernel->monitor);
	free(kernel);
}
