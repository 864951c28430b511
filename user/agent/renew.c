/* SPDX-License-Identifier: MIT */
#include "agent/renew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/build.h"
#include "agent/clock.h"
#include "agent/correct.h"
#include "agent/events.h"
#include "agent/kernel.h"
#include "agent/prefixes.h"
#include "agent/proposals.h"
#include "agent/recording.h"

#define STEP_WAIT_MS   2 /* for the recorder, in a turn of the loop */
#define FINISH_WAIT_MS 50

struct successor {
	struct config config;
	struct layout layout;
	struct ports *ports;
};

/* --- listening ---------------------------------------------------------------------------------
 */

static void on_events(uv_poll_t *poll, int status, int events)
{
	struct agent *agent = poll->data;

	(void)events;
	if (status || agent->stopping)
		return;
	if (offload_events_consume(agent->offload) > 0)
		clock_wake(agent);
}

static void on_links(uv_poll_t *poll, int status, int events)
{
	struct agent *agent = poll->data;
	struct fault fault = {0};

	(void)events;
	if (status || agent->stopping)
		return;
	if (ports_receive(agent->ports, &fault))
		log_error("%s", fault.text);
}

static int listen_to(uv_poll_t **poll, struct agent *agent, int descriptor, uv_poll_cb heard,
                     struct fault *fault)
{
	uv_poll_t *made = calloc(1, sizeof(*made));
	int error = made ? uv_poll_init(&agent->loop, made, descriptor) : -ENOMEM;

	if (error) {
		free(made);
		return fault_set(fault, error, "the event loop: %s", strerror(-error));
	}
	made->data = agent;
	*poll = made;
	return uv_poll_start(made, UV_READABLE, heard);
}

int renew_listen(struct agent *agent, struct fault *fault)
{
	int error = listen_to(&agent->links_poll, agent, ports_fd(agent->ports), on_links, fault);

	if (!error)
		error = listen_to(&agent->events_poll, agent, offload_events_fd(agent->offload),
		                  on_events, fault);
	if (!error)
		kernel_begin(agent->kernel);
	return error;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

void renew_deafen(struct agent *agent)
{
	uv_poll_t **const polls[] = {&agent->links_poll, &agent->events_poll};

	for (size_t i = 0; i < sizeof(polls) / sizeof(polls[0]); i++) {
		if (*polls[i])
			uv_close((uv_handle_t *)*polls[i], on_closed);
		*polls[i] = NULL;
	}
}

/* --- another configuration ---------------------------------------------------------------------
 */

void renew_drop(struct successor *next)
{
	if (!next)
		return;
	if (next->ports)
		ports_clear(next->ports);
	free(next->ports);
	layout_clear(&next->layout);
	config_clear(&next->config);
	free(next);
}

const struct config *renew_config(const struct successor *next)
{
	return &next->config;
}

/* An interface that is away at the moment does not take its prefix with it. */
static int keep_prefixes(struct config *config, const struct config *before)
{
	for (size_t s = 0; s < config->segments; s++) {
		struct config_segment *segment = &config->segment[s];
		int earlier = config_find_segment(before, segment->name);
		const struct config_segment *old = earlier >= 0 ? &before->segment[earlier] : NULL;

		if (segment->prefixes || !old || !old->own_prefixes)
			continue;
		for (size_t i = 0; i < old->prefixes; i++)
			if (config_segment_add_prefix(segment, old->prefix[i]))
				return -ENOMEM;
	}
	return 0;
}

/* Declared addresses lose no slot while the agent runs. */
static int check_room(const struct agent *agent, const struct layout *next, struct fault *fault)
{
	struct neighbour_totals totals;

	neighbour_totals(agent->neighbour, &totals);
	if (!next->sparse || next->sparse >= agent->layout.sparse ||
	    next->sparse >= totals.declared6)
		return 0;
	return fault_set(fault, -ENOSPC,
	                 "agent.neighbours6 = %u is too small: %u IPv6 addresses are declared, or "
	                 "the host's own. Give at least as many, or unset some",
	                 next->sparse, totals.declared6);
}

static int prepare(struct successor *next, const struct agent *agent, struct fault *fault)
{
	struct ports *ports = next->ports;
	bool same_table;
	int error = ports_init(ports, &next->config, &events_of_ports, (void *)agent, fault);

	if (error)
		return error;
	if (prefixes_fill(&next->config, ports) < 0 || keep_prefixes(&next->config, &agent->config))
		return fault_set(fault, -ENOMEM, "out of memory");
	if (agent->strict && ((error = ports_check_present(ports, fault)) ||
	                      (error = prefixes_check(&next->config, fault))))
		return error;
	if ((error = config_check(&next->config, fault)) ||
	    (error = prefixes_layout(&next->layout, &next->config, fault)) ||
	    (error = check_room(agent, &next->layout, fault)))
		return error;
	same_table = layout_equal(&next->layout, &agent->layout);
	return ports_check_successor(ports, agent->ports, same_table, fault);
}

int renew_prepare(struct successor **out, struct agent *agent, struct config *config,
                  struct fault *fault)
{
	struct successor *next = calloc(1, sizeof(*next));
	int error = -ENOMEM;

	if (next)
		next->ports = calloc(1, sizeof(*next->ports));
	if (!next || !next->ports) {
		free(next);
		config_clear(config);
		return fault_set(fault, error, "out of memory");
	}
	next->ports->socket = -1;
	next->config = *config;
	*config = (struct config){0};
	error = prepare(next, agent, fault);
	if (error) {
		renew_drop(next);
		return error;
	}
	*out = next;
	return 0;
}

/* What the agent is, and what it is to become, change places. */
static void exchange(struct agent *agent, struct successor *next)
{
	struct successor was = {agent->config, agent->layout, agent->ports};

	agent->config = next->config;
	agent->layout = next->layout;
	agent->ports = next->ports;
	*next = was;
	ports_set_config(agent->ports, &agent->config);
	ports_set_config(next->ports, &next->config);
}

/* Nothing looks at the table, or changes it. Clients wait, and so do events, in their buffer, which
 * has room for three seconds of as many as the program lets through. */
static void rest(struct agent *agent)
{
	control_hold(agent->control, true);
	clock_rest(agent);
	renew_deafen(agent);
	announce_clear(&agent->announcer);
	correct_forget(agent);
	kernel_close(agent->kernel);
	agent->kernel = NULL;
}

/* The table, and what was loaded for it. */
static void take_down(struct agent *agent)
{
	kernel_close(agent->kernel);
	agent->kernel = NULL;
	neighbour_free(agent->neighbour);
	agent->neighbour = NULL;
	free(agent->reloaded);
	agent->reloaded = NULL;
}

static int begin_building(struct agent *agent, enum renew_step step, struct fault *fault)
{
	int error;

	agent->renewing.step = step;
	build_begin(agent);
	error = announce_restart(&agent->announcer, agent->ports, fault);
	return error ? error : hearing_restart(&agent->hearing, agent->ports, fault);
}

/* The old table is recorded. */
static int step_closing(struct agent *agent, int wait_ms, struct fault *fault)
{
	int error = recording_close_step(agent, wait_ms);

	if (error == -EAGAIN)
		return error;
	if (error)
		log_error("%s: changes are unrecorded: the repository could not be written in "
		          "time",
		          agent->config.history_path);
	proposals_withdraw(agent);
	take_down(agent);
	exchange(agent, agent->renewing.next);
	agent->generation++;
	error = begin_building(agent, RENEW_BUILDING, fault);
	return error ? error : -EAGAIN;
}

static int step_building(struct agent *agent, struct ports *before, int wait_ms,
                         struct fault *fault)
{
	int error = build_step(agent, wait_ms, fault);

	if (error)
		return error;
	ports_continue(agent->ports, before, agent->offload, &agent->layout,
	               offload_table_taken(agent->offload));
	return renew_listen(agent, fault);
}

/* `fault` may be in agent->renewing. */
static void end(struct agent *agent, int error, const struct fault *fault)
{
	struct renewing *renewing = &agent->renewing;

	uv_idle_stop(&renewing->idle);
	renew_drop(renewing->next);
	renewing->next = NULL;
	if (!agent->failed)
		clock_resume(agent);
	control_hold(agent->control, false);
	renewing->done(agent, error, fault);
}

static void give_up(struct agent *agent, const struct fault *fault)
{
	log_error("the configuration before cannot be restored either: %s; the agent ends, and the "
	          "programs go on answering",
	          fault->text);
	agent->failed = agent->stopping = agent->keep = true;
	uv_stop(&agent->loop);
	end(agent, agent->renewing.error, &agent->renewing.fault);
}

/* The configuration before was possible a moment ago. */
static void go_back(struct agent *agent, int why, const struct fault *fault)
{
	struct renewing *renewing = &agent->renewing;
	struct fault again = {""};

	renewing->error = why;
	renewing->fault = *fault;
	renew_deafen(agent);
	(void)recording_close(agent, false);
	take_down(agent);
	exchange(agent, renewing->next);
	if (begin_building(agent, RENEW_GOING_BACK, &again))
		give_up(agent, &again);
}

static void take_step(struct agent *agent, int wait_ms)
{
	struct renewing *renewing = &agent->renewing;
	struct fault fault = {""};
	int error;

	switch (renewing->step) {
	case RENEW_CLOSING:
		error = step_closing(agent, wait_ms, &fault);
		if (error && error != -EAGAIN)
			go_back(agent, error, &fault);
		break;
	case RENEW_BUILDING:
		error = step_building(agent, renewing->next->ports, wait_ms, &fault);
		if (error && error != -EAGAIN)
			go_back(agent, error, &fault);
		else if (!error)
			end(agent, 0, &fault);
		break;
	case RENEW_GOING_BACK:
		error = step_building(agent, agent->ports, wait_ms, &fault);
		if (error && error != -EAGAIN)
			give_up(agent, &fault);
		else if (!error)
			end(agent, renewing->error, &renewing->fault);
		break;
	}
}

static void on_idle(uv_idle_t *idle)
{
	take_step(idle->data, STEP_WAIT_MS);
}

void renew_init(struct agent *agent)
{
	uv_idle_init(&agent->loop, &agent->renewing.idle);
	agent->renewing.idle.data = agent;
}

void renew_become(struct agent *agent, struct successor *next,
                  void (*done)(struct agent *agent, int error, const struct fault *fault))
{
	agent->renewing.next = next;
	agent->renewing.done = done;
	agent->renewing.step = RENEW_CLOSING;
	rest(agent);
	recording_close_begin(agent);
	uv_idle_start(&agent->renewing.idle, on_idle);
}

bool renew_beat(struct agent *agent)
{
	const struct renewing *renewing = &agent->renewing;

	if (!renewing->next)
		return false;
	ports_heartbeat(agent->ports);
	ports_heartbeat(renewing->next->ports);
	return true;
}

void renew_finish(struct agent *agent)
{
	while (agent->renewing.next)
		take_step(agent, FINISH_WAIT_MS);
}
