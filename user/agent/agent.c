/* SPDX-License-Identifier: MIT */
/*
 * The agent's life: a start in the one safe order (lock, interfaces, table, history, then the
 * program on the wire), a libuv loop, an orderly end.
 */
#include "agent/agent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/alertcommand.h"
#include "agent/alerts.h"
#include "agent/build.h"
#include "agent/clock.h"
#include "agent/commands.h"
#include "agent/correct.h"
#include "agent/events.h"
#include "agent/fleet.h"
#include "agent/importer.h"
#include "agent/kernel.h"
#include "agent/memory.h"
#include "agent/operators.h"
#include "agent/proposals.h"
#include "agent/publish.h"
#include "agent/reconciler.h"
#include "agent/recording.h"
#include "agent/reload.h"
#include "agent/renew.h"
#include "agent/service.h"
#include "agent/shared.h"
#include "agent/startup.h"
#include "sandbox/sandbox.h"

#define BEAT_MS 1000

static void on_beat(uv_timer_t *timer)
{
	struct agent *agent = timer->data;

	if (renew_beat(agent))
		return;
	ports_beat(agent->ports);
	events_beat(agent);
	commands_beat(agent);
	alerts_beat(agent);
	reload_follow(agent);
	announce_beat(&agent->announcer);
	hearing_beat(&agent->hearing);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct agent *agent = handle->data;
	struct fault fault = {0};

	if (number == SIGHUP) {
		reload_from_signal(agent);
		return;
	}
	log_info("%s: stopping", strsignal(number));
	if (commands_stop(agent, false, &fault))
		log_error("%s", fault.text);
}

/* With `history.path = :memory:`, puts the path of the repository in its place. */
static int place_in_memory(struct agent *agent, struct fault *fault)
{
	char *path;

	if (strcmp(agent->config.history_path, CONFIG_MEMORY) != 0)
		return 0;
	path = memory_path(agent->config.instance);
	if (!path)
		return fault_set(fault, -ENOMEM, "out of memory");
	free(agent->config.history_path);
	agent->config.history_path = path;
	agent->memory = true;
	agent->fresh = access(path, F_OK) != 0;
	return memory_prepare(path, fault);
}

static int open_control(struct agent *agent, struct fault *fault)
{
	int error = control_open(&agent->control, &agent->loop, agent->config.control,
	                         commands_handle, agent, fault);

	/* Giving a file to a group needs a capability that is dropped later. */
	if (!error)
		control_set_operators(agent->control, agent->operators);
	return error;
}

/* Before the network namespace is entered: recorders stay outside, where other nodes are reached,
 * and so does the alert command. */
static int prepare(struct agent *agent, struct fault *fault)
{
	int error;

	if ((error = sandbox_find_user(&agent->recorder_user, agent->config.recorder_user,
	                               fault)) ||
	    (error = operators_find(&agent->operators, agent->config.operators, fault)) ||
	    (error = instance_lock(agent->config.instance, &agent->lock, fault)) ||
	    (error = place_in_memory(agent, fault)) || (error = recording_prepare(agent, fault)))
		return error;
	error = alertcommand_prepare(agent, fault);
	return error ? error : fleet_prepare(agent, fault);
}

/* Interfaces first, so that a misspelt one costs nothing; the wire last, with the table filled. */
static int start(struct agent *agent, struct fault *fault)
{
	int error;

	if ((error = ports_init(agent->ports, &agent->config, &events_of_ports, agent, fault)) ||
	    (error = announce_init(&agent->announcer, &agent->loop, agent->ports, &events_announced,
	                           agent, fault)) ||
	    (error = hearing_init(&agent->hearing, &agent->loop, agent->ports, fault)) ||
	    (error = startup_layout(agent, fault)) || (error = offload_prepare(fault)))
		return error;
	shared_prepare(agent);
	if ((error = open_control(agent, fault)) || (error = build_all(agent, fault)))
		return error;
	error = ports_attach(agent->ports, agent->offload, &agent->layout, fault);
	if (!error) {
		ports_sweep(agent->ports);
		shared_settle(agent);
	} else if (!offload_inherited(agent->offload)) {
		(void)offload_unpin(agent->offload, NULL);
	}
	return error;
}

static void loop_init(struct agent *agent)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	clock_init(agent);
	uv_timer_init(&agent->loop, &agent->beat);
	agent->beat.data = agent;
	for (size_t i = 0; i < 3; i++) {
		uv_signal_init(&agent->loop, &agent->signal[i]);
		agent->signal[i].data = agent;
		uv_signal_start(&agent->signal[i], on_signal, signals[i]);
	}
	correct_init(agent);
	reload_init(agent);
	renew_init(agent);
	uv_idle_init(&agent->loop, &agent->importer.idle);
	uv_idle_init(&agent->loop, &agent->proposals.idle);
	agent->importer.idle.data = agent->proposals.idle.data = agent;
}

static int loop_begin(struct agent *agent, struct fault *fault)
{
	clock_begin(agent);
	uv_timer_start(&agent->beat, on_beat, BEAT_MS, BEAT_MS);
	control_on_gone(agent->control, importer_gone);
	recording_begin(agent);
	fleet_begin(agent);
	agent->ready = true;
	agent->pull = NULL; /* once */
	return renew_listen(agent, fault);
}

static void close_handle(uv_handle_t *handle, void *argument)
{
	(void)argument;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* In the reverse order of start(), which may have failed half-way. */
static int finish(struct agent *agent)
{
	/* A history in memory ends with the table; a start that failed keeps what it found there.
	 */
	bool remove = agent->memory && (agent->stopping ? !agent->keep : agent->fresh);
	int error = 0;

	fleet_end(agent);
	if (agent->ledger) {
		alerts_end(agent);
		error = recording_close(agent, remove);
		if (error == -ETIMEDOUT)
			log_error("%s: changes are unrecorded: the repository could not be "
			          "written in time",
			          agent->config.history_path);
	}
	if (agent->control)
		control_close(agent->control, NULL);
	kernel_close(agent->kernel);
	agent->kernel = NULL;
	renew_deafen(agent);
	/* Pending replies are written, then everything else is closed. */
	uv_walk(&agent->loop, close_handle, NULL);
	uv_run(&agent->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&agent->loop))
		log_debug("handles were left in the event loop");
	reconciler_clear(agent);
	announce_clear(&agent->announcer);
	hearing_clear(&agent->hearing);
	free(agent->corrector.item);
	neighbour_free(agent->neighbour);
	ports_clear(agent->ports);
	free(agent->ports);
	offload_close(agent->offload);
	reload_clear(agent);
	layout_clear(&agent->layout);
	recording_clear(agent);
	courier_close(agent->courier);
	fleet_clear(agent);
	detacher_close(agent->detacher);
	if (remove)
		memory_remove(agent->config.history_path);
	free(agent->history_segment);
	free(agent->share);
	free(agent->reloaded);
	instance_unlock(agent->config.instance, agent->lock);
	config_clear(&agent->config);
	return error;
}

int agent_run(struct agent_options *options, struct fault *fault)
{
	struct agent *agent = calloc(1, sizeof(*agent));
	int error;

	if (agent)
		agent->ports = calloc(1, sizeof(*agent->ports));
	if (!agent || !agent->ports) {
		free(agent);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	agent->config = options->config;
	options->config = (struct config){0};
	agent->program = options->program;
	agent->started = time(NULL);
	agent->pull = options->pull;
	agent->configure = options->configure;
	agent->configure_context = options->context;
	agent->config_path = options->config_path;
	agent->strict = options->strict;
	agent->lock = -1;
	agent->ports->socket = -1;
	if (gethostname(agent->hostname, sizeof(agent->hostname) - 1))
		snprintf(agent->hostname, sizeof(agent->hostname), "localhost");
	uv_loop_init(&agent->loop);
	error = prepare(agent, fault);
	loop_init(agent);
	if (!error && options->netns)
		error = netns_enter(options->netns, fault);
	if (!error)
		error = start(agent, fault);
	if (!error)
		error = sandbox_keeper(false, fault);
	if (!error)
		error = loop_begin(agent, fault);
	if (!error) {
		log_info("arpkeeper %s, instance %s: %zu port%s, room for %u IPv4 and %u IPv6 "
		         "addresses, history in %s",
		         ARPKEEPER_VERSION, agent->config.instance, agent->ports->count,
		         text_plural(agent->ports->count),
		         agent->layout.slots - agent->layout.sparse, agent->layout.sparse,
		         agent->config.history_path);
		service_notify("READY=1");
		uv_run(&agent->loop, UV_RUN_DEFAULT);
		service_notify("STOPPING=1");
	}
	if ((finish(agent) || agent->failed) && !error)
		error = fault_set(fault, -EIO, "the agent did not stop cleanly: see the log");
	free(agent);
	return error;
}
