/* SPDX-License-Identifier: MIT */
#include "agent/renew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/correct.h"
#include "agent/events.h"
#include "agent/kernel.h"
#include "agent/prefixes.h"
#include "agent/proposals.h"
#include "agent/recording.h"
#include "agent/shared.h"
#include "agent/startup.h"

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

/* --- building ----------------------------------------------------------------------------------
 */

static int name_segments(struct agent *agent, struct fault *fault)
{
	size_t segments = agent->config.segments;

	free(agent->history_segment);
	agent->history_segment = calloc(segments, sizeof(*agent->history_segment));
	if (!agent->history_segment)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t s = 0; s < segments; s++) {
		const struct config_segment *segment = &agent->config.segment[s];

		agent->history_segment[s] =
		        (struct segment){segment->name, segment->prefix, segment->prefixes};
	}
	return 0;
}

/* The pinned maps, or new ones. What was open is closed only then: it may be all there is. */
static int open_maps(struct agent *agent, struct fault *fault)
{
	struct offload *offload;
	int error = offload_open(&offload, agent->config.instance, &agent->layout, fault);

	if (error)
		return error;
	offload_close(agent->offload);
	agent->offload = offload;
	offload_events_handler(offload, events_handle, agent);
	offload_ask_to_detach(offload, shared_detaching(agent));
	return 0;
}

int renew_build(struct agent *agent, struct fault *fault)
{
	int error;

	if ((error = name_segments(agent, fault)) ||
	    (error = recording_open(agent, &agent->about, fault)) ||
	    (error = open_maps(agent, fault)) || (error = startup_table(agent, fault)))
		return error;
	return kernel_open(&agent->kernel, agent, fault);
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
	    (error = prefixes_layout(&next->layout, &next->config, fault)))
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

static void take_down(struct agent *agent)
{
	if (recording_close(agent, false) == -ETIMEDOUT)
		log_error("%s: changes are unrecorded: the repository could not be written in "
		          "time",
		          agent->config.history_path);
	proposals_withdraw(agent);
	kernel_close(agent->kernel);
	agent->kernel = NULL;
	renew_deafen(agent);
	correct_forget(agent);
	neighbour_free(agent->neighbour);
	agent->neighbour = NULL;
	free(agent->reloaded);
	agent->reloaded = NULL;
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

static int build_again(struct agent *agent, struct ports *before, struct fault *fault)
{
	int error = announce_restart(&agent->announcer, agent->ports, fault);

	if (!error)
		error = renew_build(agent, fault);
	if (error)
		return error;
	ports_continue(agent->ports, before, agent->offload, &agent->layout,
	               offload_table_taken(agent->offload));
	clock_wake(agent);
	return renew_listen(agent, fault);
}

/* The configuration before has been possible a moment ago. */
static void go_back(struct agent *agent)
{
	struct fault fault = {""};

	if (build_again(agent, agent->ports, &fault) == 0)
		return;
	log_error("the configuration before cannot be restored either: %s; the agent ends, and the "
	          "programs go on answering",
	          fault.text);
	agent->failed = agent->stopping = agent->keep = true;
	uv_stop(&agent->loop);
}

int renew_become(struct agent *agent, struct successor *next, struct fault *fault)
{
	int error;

	take_down(agent);
	exchange(agent, next);
	agent->generation++;
	error = build_again(agent, next->ports, fault);
	if (error) {
		take_down(agent);
		exchange(agent, next);
		go_back(agent);
	}
	renew_drop(next);
	return error;
}
