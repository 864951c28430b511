// SPDX-License-Identifier: MIT
/*
 * Detaching, and removing pins. A pin goes only when its program is known to be detached, so that
 * what is still attached can still be found.
 */
#include "offload/detach.h"

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "offload/attachment.h"
#include "offload/dispatcher.h"
#include "offload/instance.h"
#include "offload/kernel.h"
#include "offload/port.h"
#include "offload/port_state.h"
#include "offload/where.h"

/* The kernel frees a program some time after its last user is gone. */
#define FREE_TRIES       100
#define FREE_INTERVAL_NS 10000000

#define LEAVE_TRIES 8

/* A dispatcher with other programs, or one that was made again when they joined or left. */
static int leave_dispatcher(const struct offload_port *port)
{
	struct identity identity = {.program_fd = -1, .program_id = port->program_id};
	int error;

	if (port->detaching.ask && !kernel_has_admin())
		return port->detaching.ask(port->detaching.context, port->ifindex);
	error = dispatcher_remove(&identity, port->ifindex, 0);
	return error > 0 ? 0 : error;
}

static int port_take_off(struct offload_port *port, struct fault *fault)
{
	uint32_t id;
	int error = attachment_id(port->ifindex, &id, NULL);

	if (error == -ENODEV || (!error && !id))
		return 0;
	if (!error && id == port->program_id)
		error = attachment_remove(port->ifindex, port->mode, port->program_fd);
	else if (!error && port->dispatcher_fd >= 0 && id == port->attached_id &&
	         port->dispatcher_ours)
		error = attachment_remove(port->ifindex, port->mode, port->dispatcher_fd);
	/* libxdp finds no programs in a dispatcher that another process replaces meanwhile. */
	else if (!error && port->dispatcher_fd >= 0)
		for (int try = 0; try < LEAVE_TRIES && !error; try++) {
			error = leave_dispatcher(port);
			if (!offload_port_is_attached(port))
				break;
		}
	if (!error && !offload_port_is_attached(port))
		return 0;
	return fault_set(fault, error ? error : -EBUSY,
	                 "interface %s: the program may still be attached: %s%s", port->interface,
	                 error ? strerror(-error) : "the kernel says so",
	                 error == -EPERM ? "; its dispatcher is or was shared with other programs, "
	                                   "and leaving it takes CAP_SYS_ADMIN"
	                                 : "");
}

int offload_detach_shared(const char *instance, unsigned ifindex)
{
	struct identity identity;
	struct fault fault;
	struct pins pins;
	int error = pins_of(&pins, instance, &fault);

	if (error)
		return error;
	kernel_messages_route();
	identity_of(&identity, &pins, NULL);
	error = dispatcher_remove(&identity, ifindex, 0);
	identity_clear(&identity);
	if (error > 0)
		dispatcher_clean(ifindex);
	return error > 0 ? 0 : error;
}

/* Unless a later program of this instance has the name. */
static int port_unpin(const struct offload_port *port)
{
	char name[PINS_NAME];
	int fd = pins_get(&port->pins, pins_interface(name, PIN_PROGRAM, port->interface));
	uint32_t pinned = kernel_object_id(fd);
	int error;

	if (fd >= 0)
		close(fd);
	if (pinned && pinned != port->program_id)
		return 0;
	error = pins_remove(&port->pins, name);
	return error ? error
	             : pins_remove(&port->pins, pins_interface(name, PIN_PORT, port->interface));
}

void offload_port_abandon(struct offload_port *port)
{
	const struct port_config nothing = {0};

	offload_port_configure(port, &nothing);
}

int offload_port_detach(struct offload_port *port, struct fault *fault)
{
	int error = port_take_off(port, fault);

	if (error)
		return error;
	if (port->dispatcher_fd >= 0)
		dispatcher_clean(port->ifindex);
	error = port_unpin(port);
	if (error)
		return fault_set(fault, error,
		                 "interface %s: the program is off, but its pins in %s cannot be "
		                 "removed: %s",
		                 port->interface, port->pins.directory, strerror(-error));
	return 0;
}

static int pins_remove_all(const struct pins *pins, struct fault *fault)
{
	size_t count;
	char **names;
	int error = pins_list(pins, &names, &count);

	for (size_t i = 0; i < count && !error; i++)
		error = pins_remove(pins, names[i]);
	pins_list_free(names, count);
	error = error ? error : pins_remove_directory(pins);
	return error ? fault_set(fault, error, "%s: cannot remove the pins: %s", pins->directory,
	                         strerror(-error))
	             : 0;
}

int offload_unpin(struct offload *offload, struct fault *fault)
{
	size_t count;
	char **names;
	int error = pins_list(&offload->pins, &names, &count);

	if (error)
		return fault_set(fault, error, "%s: cannot list the pins: %s",
		                 offload->pins.directory, strerror(-error));
	for (size_t i = 0; i < count && !error; i++) {
		char interface[IFNAMSIZ], attached[IFNAMSIZ];
		int fd;

		if (!pins_interface_of(interface, PIN_PROGRAM, names[i]))
			continue;
		fd = pins_get(&offload->pins, names[i]);
		if (fd < 0)
			continue;
		(void)where_is(attached, kernel_object_id(fd), NULL);
		close(fd);
		if (attached[0])
			error = fault_set(fault, -EBUSY,
			                  "the pins in %s are kept: interface %s still has the "
			                  "program; 'arpkeeper detach' removes it",
			                  offload->pins.directory, attached);
	}
	pins_list_free(names, count);
	if (error)
		return error;
	offload->pinned = false;
	return pins_remove_all(&offload->pins, fault);
}

/* Detaches every program of the instance from one interface. 1 if there was one, 0 if not. */
static int interface_clear(const struct pins *pins, const char *name, unsigned ifindex,
                           struct fault *fault)
{
	struct attachment there;
	struct identity identity;
	uint32_t id = 0;
	int error, removed = 0;

	identity_of(&identity, pins, name);
	error = attachment_query(&there, &identity, ifindex);
	if (!error && there.occupant == OCCUPANT_OURS) {
		error = attachment_remove(ifindex, there.mode, there.fd);
		if (!error && !attachment_id(ifindex, &id, NULL) && id == there.id)
			error = -EBUSY;
		removed = !error;
	} else if (!error && there.occupant == OCCUPANT_DISPATCHER) {
		error = dispatcher_remove(&identity, ifindex, 0);
		removed = error > 0;
		error = error < 0 ? error : 0;
		if (removed)
			dispatcher_clean(ifindex);
	}
	attachment_clear(&there);
	identity_clear(&identity);
	if (error && error != -ENODEV)
		return fault_set(fault, error,
		                 "interface %s: the program may still be attached: %s", name,
		                 strerror(-error));
	return removed;
}

/* `ip link set ... xdp off` takes a dispatcher off. libxdp's pins stay, and hold its programs. */
static void dispatcher_off_forget(const char *pin, uint32_t program)
{
	char interface[IFNAMSIZ];
	unsigned ifindex;
	uint32_t there;

	if (!pins_interface_of(interface, PIN_PROGRAM, pin))
		return;
	ifindex = if_nametoindex(interface);
	if (ifindex && !attachment_id(ifindex, &there, NULL) && !dispatcher_holds(there, program))
		dispatcher_forget_off(ifindex, program);
}

/* Removes a program's pin if nothing else holds the program. If something does, the program is
 * attached in another network namespace, and stays pinned. */
static int program_release(const struct pins *pins, const char *name, struct fault *fault)
{
	const struct timespec interval = {.tv_nsec = FREE_INTERVAL_NS};
	char interface[IFNAMSIZ];
	int fd = pins_get(pins, name), error;
	uint32_t id = kernel_object_id(fd);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	close(fd);
	dispatcher_off_forget(name, id);
	error = pins_remove(pins, name);
	for (int try = 0; try < FREE_TRIES && !error; try++) {
		fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0)
			return 0;
		if (try < FREE_TRIES - 1)
			close(fd);
		nanosleep(&interval, NULL);
	}
	if (error)
		return fault_set(fault, error, "%s/%s: cannot remove the pin: %s", pins->directory,
		                 name, strerror(-error));
	error = pins_put(pins, name, fd, fault);
	close(fd);
	return error ? error
	             : fault_set(fault, -EBUSY,
	                         "program %u of interface %s is still in use, but no interface of "
	                         "this network namespace has it: stop the agent, or detach in the "
	                         "namespace where the interface is (arpkeeper detach --netns)",
	                         id, pins_interface_of(interface, PIN_PROGRAM, name));
}

/* Of a program whose interface is not kept. 1 if it was attached, 0 if not. */
static int sweep_one(const struct pins *pins, const char *pin, const char *interface,
                     struct fault *fault)
{
	char attached[IFNAMSIZ], name[PINS_NAME];
	int fd = pins_get(pins, pin), error, removed = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	(void)where_is(attached, kernel_object_id(fd), NULL);
	close(fd);
	if (attached[0])
		removed = interface_clear(pins, attached, if_nametoindex(attached), fault);
	if (removed < 0)
		return removed;
	error = program_release(pins, pin, fault);
	error = error ? error : pins_remove(pins, pins_interface(name, PIN_PORT, interface));
	return error ? error : removed;
}

void offload_sweep(struct offload *offload, bool (*keeps)(void *context, const char *interface),
                   void *context)
{
	char **names = NULL;
	size_t count = 0;

	if (pins_list(&offload->pins, &names, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		struct fault fault = {"its pin cannot be opened"};
		char interface[IFNAMSIZ];
		int result;

		if (!pins_interface_of(interface, PIN_PROGRAM, names[i]) ||
		    keeps(context, interface))
			continue;
		result = sweep_one(&offload->pins, names[i], interface, &fault);
		if (result < 0)
			log_warning("%s: not configured any more, but not cleared: %s", interface,
			            fault.text);
		else if (result > 0)
			log_info("%s: detached: it is not configured any more", interface);
	}
	pins_list_free(names, count);
}

int offload_detach_instance(const char *instance, unsigned *detached, struct fault *fault)
{
	struct if_nameindex *all = NULL;
	char **names = NULL;
	struct fault later;
	struct pins pins;
	size_t count = 0;
	int error;

	*detached = 0;
	kernel_messages_route();
	error = pins_of(&pins, instance, fault);
	error = error ? error : pins_list(&pins, &names, &count);
	if (error)
		return fault_set(fault, error, "instance '%s': cannot list its pins in %s: %s",
		                 instance, PINS_ROOT, strerror(-error));
	if (!count)
		return 0;
	if (!kernel_has_admin()) {
		error = fault_set(fault, -EPERM,
		                  "instance '%s': detaching without the agent needs root",
		                  instance);
		goto out;
	}
	all = if_nameindex();
	if (!all)
		error = fault_set(fault, -errno, "cannot list the interfaces: %s", strerror(errno));
	/* A failure must not keep other interfaces' programs attached: the first fault is reported.
	 */
	for (struct if_nameindex *one = all; one && one->if_index; one++) {
		int result =
		        interface_clear(&pins, one->if_name, one->if_index, error ? &later : fault);

		if (result > 0)
			(*detached)++;
		else if (result < 0 && !error)
			error = result;
	}
	for (size_t i = 0; i < count; i++) {
		char interface[IFNAMSIZ];
		int result;

		if (!pins_interface_of(interface, PIN_PROGRAM, names[i]))
			continue;
		result = program_release(&pins, names[i], error ? &later : fault);
		error = error ? error : result;
	}
	error = error ? error : pins_remove_all(&pins, fault);
out:
	if (all)
		if_freenameindex(all);
	pins_list_free(names, count);
	return error;
}
