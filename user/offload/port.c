// SPDX-License-Identifier: MIT
/*
 * The port: the map through which the agent tells a program about its interface, and the
 * handle's questions. It attaches and detaches nothing.
 */
#include "offload/port.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "offload/attachment.h"
#include "offload/dispatcher.h"

/* No program runs for longer than this. */
#define FRAME_SECONDS 2

/* Made before the program is loaded, so that its first frame finds it filled. */
static int port_map_create(const struct offload *offload)
{
	struct bpf_map *map = maps_find(offload, MAP_PORT);
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = bpf_map__map_flags(map));

	if (bpf_object__btf_fd(offload->object) >= 0) {
		options.btf_fd = (uint32_t)bpf_object__btf_fd(offload->object);
		options.btf_key_type_id = bpf_map__btf_key_type_id(map);
		options.btf_value_type_id = bpf_map__btf_value_type_id(map);
	}
	return bpf_map_create(bpf_map__type(map), MAP_PORT, bpf_map__key_size(map),
	                      bpf_map__value_size(map), 1, &options);
}

int port_new(struct offload_port **out, const struct offload *offload, const char *interface,
             unsigned ifindex, struct fault *fault)
{
	struct offload_port *port = calloc(1, sizeof(*port));
	void *memory;
	int error;

	if (!port)
		return fault_set(fault, -ENOMEM, "interface %s: out of memory", interface);
	port->pins = offload->pins;
	snprintf(port->interface, sizeof(port->interface), "%s", interface);
	port->ifindex = ifindex;
	port->program_fd = port->dispatcher_fd = -1;
	port->map_fd = port_map_create(offload);
	if (port->map_fd < 0)
		goto failed;
	memory =
	        mmap(NULL, sizeof(*port->map), PROT_READ | PROT_WRITE, MAP_SHARED, port->map_fd, 0);
	if (memory == MAP_FAILED)
		goto failed;
	port->map = memory;
	port->map->ifindex = ifindex;
	*out = port;
	return 0;
failed:
	error = -errno;
	offload_port_close(port);
	return fault_set(fault, error, "interface %s: cannot create its port map: %s", interface,
	                 strerror(-error));
}

const char *offload_port_mode(const struct offload_port *port)
{
	return mode_name(port->mode);
}

const char *offload_port_reason(const struct offload_port *port)
{
	return port->reason;
}

const char *offload_port_attachment(const struct offload_port *port)
{
	return port->dispatcher_fd >= 0 ? "dispatcher" : "single program";
}

void offload_port_configure(struct offload_port *port, const struct port_config *config)
{
	uint32_t next = !(__atomic_load_n(&port->map->active, __ATOMIC_RELAXED) & 1);
	uint32_t now = offload_now();

	/* A frame that came in before the last change may still be looking at what we are about
	 * to overwrite. The barrier waits for it: it is the kernel's synchronize_rcu(). */
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
	uint32_t id;

	if (attachment_id(port->ifindex, &id, NULL) || !id)
		return false;
	/* Whoever adds or removes a program of his own changes the dispatcher, not ours in it. */
	return id == port->attached_id ||
	       (port->dispatcher_fd >= 0 && dispatcher_holds(port->ifindex, id, port->program_id));
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
