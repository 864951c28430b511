// SPDX-License-Identifier: MIT
/* The port's handle: its configuration, heartbeat and state. It attaches and detaches nothing. */
#include "offload/port.h"

#include <linux/membarrier.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "offload/attachment.h"
#include "offload/dispatcher.h"
#include "offload/port_state.h"
#include "offload/prepare.h"

/* A program runs for less time than this. */
#define FRAME_SECONDS 2

const char *offload_port_mode(const struct offload_port *port)
{
	return mode_name(port->mode);
}

const char *offload_port_reason(const struct offload_port *port)
{
	return port->reason;
}

bool offload_port_in_dispatcher(const struct offload_port *port)
{
	return port->dispatcher_fd >= 0;
}

const char *offload_port_attachment(const struct offload_port *port)
{
	return offload_port_in_dispatcher(port) ? "dispatcher" : "single program";
}

void offload_port_configure(struct offload_port *port, const struct port_config *config)
{
	uint32_t next = !(__atomic_load_n(&port->map->active, __ATOMIC_RELAXED) & 1);
	uint32_t now = offload_now();

	/* The program may still read, for an older frame, the configuration that is overwritten
	 * here. The barrier waits for it: it is the kernel's synchronize_rcu(). */
	if (now - port->configured < FRAME_SECONDS)
		(void)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	port->map->config[next] = *config;
	if (port->redirect)
		port->map->config[next].flags |= PORT_REDIRECT;
	else
		port->map->config[next].flags &= (__u16)~PORT_REDIRECT;
	__atomic_store_n(&port->map->active, next, __ATOMIC_RELEASE);
	port->configured = now;
}

void offload_port_heartbeat(struct offload_port *port, uint32_t now, uint32_t silence)
{
	/* In this order: a new silence must not be measured against an old heartbeat. */
	__atomic_store_n(&port->map->heartbeat, now, __ATOMIC_RELEASE);
	__atomic_store_n(&port->map->silence, silence, __ATOMIC_RELEASE);
}

bool offload_port_is_attached(const struct offload_port *port)
{
	uint32_t id, looked_at = 0;

	for (;;) {
		if (attachment_id(port->ifindex, &id, NULL) || !id)
			return false;
		if (id == port->attached_id)
			return true;
		/* When other programs join or leave, the dispatcher changes; this program in it
		 * stays. It may change between the two looks, and then has no pins any more. */
		if (port->dispatcher_fd < 0 || id == looked_at)
			return false;
		if (dispatcher_holds(id, port->program_id))
			return true;
		looked_at = id;
	}
}

void offload_port_forget(struct offload_port *port)
{
	if (port && port->dispatcher_fd >= 0)
		dispatcher_forget(port->attached_id, port->program_id);
	offload_port_close(port);
}

void offload_port_close(struct offload_port *port)
{
	if (!port)
		return;
	if (port->map)
		munmap(port->map, sizeof(*port->map));
	if (port->map_fd >= 0)
		close(port->map_fd);
	if (port->program_fd >= 0)
		close(port->program_fd);
	if (port->dispatcher_fd >= 0)
		close(port->dispatcher_fd);
	free(port);
}
