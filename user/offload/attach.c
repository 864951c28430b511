// SPDX-License-Identifier: MIT
/*
 * Attaching: each interface gets a program of its own, on the maps of the instance and the map of
 * the port. What is attached there decides how:
 *
 *     nothing          through libxdp, which makes a dispatcher if the kernel can do that
 *     our own, alone   replaced between two frames; in another mode, which the kernel does not
 *                      allow beside the first, detached and attached again at once
 *     a dispatcher     the new program joins, then older ones of this instance leave
 *     anything else    left alone: -EBUSY
 */
#include "offload/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "offload/attachment.h"
#include "offload/detach.h"
#include "offload/dispatcher.h"
#include "offload/kernel.h"
#include "offload/maps.h"
#include "offload/mode.h"
#include "offload/port.h"
#include "offload/port_state.h"

/* Everything that one call of offload_attach() decides with. */
struct attempt {
	struct offload *offload;
	struct offload_port *port;
	struct identity identity;
	struct attachment there;
	struct mode_choice choice;
};

/* Made before the program is loaded: its first frame finds the map filled. */
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

static int port_new(struct offload_port **out, const struct offload *offload, const char *interface,
                    unsigned ifindex, struct fault *fault)
{
	struct offload_port *port = calloc(1, sizeof(*port));
	void *memory;
	int error;

	if (!port)
		return fault_set(fault, -ENOMEM, "interface %s: out of memory", interface);
	port->pins = offload->pins;
	port->detaching = offload->detaching;
	port->table_id = kernel_object_id(bpf_map__fd(maps_find(offload, MAP_TABLE)));
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

static struct bpf_object *program_open(const struct attempt *attempt, bool fixed)
{
	struct bpf_object *object = object_open(fixed);
	struct bpf_map *map;
	int error;

	if (!object)
		return NULL;
	bpf_object__for_each_map (map, object) {
		int fd = attempt->port->map_fd;

		if (bpf_map__is_internal(map))
			continue;
		if (maps_is_shared(map))
			fd = bpf_map__fd(maps_find(attempt->offload, bpf_map__name(map)));
		error = bpf_map__reuse_fd(map, fd);
		if (error) {
			bpf_object__close(object);
			errno = -error;
			return NULL;
		}
	}
	return object;
}

static int program_load(struct offload_port *port, struct bpf_object *object)
{
	int error = bpf_object__load(object);

	if (error)
		return error;
	port->program_fd = fcntl(bpf_program__fd(object_program(object)), F_DUPFD_CLOEXEC, 0);
	return port->program_fd < 0 ? -errno : 0;
}

static int place_fresh(struct offload_port *port, struct bpf_object *object)
{
	int error;

	/* Without the right to look programs up, libxdp fails where the kernel has dispatchers. */
	if (kernel_has_admin())
		return dispatcher_add(object, port->ifindex, port->mode, &port->program_fd);
	error = program_load(port, object);
	return error ? error : attachment_add(port->ifindex, port->mode, port->program_fd);
}

/* Other programs in the dispatcher cannot be moved to another mode. */
static bool mode_may_change(const struct attempt *attempt)
{
	return attempt->there.occupant == OCCUPANT_OURS ||
	       dispatcher_is_ours(&attempt->identity, attempt->port->ifindex);
}

static int place_in_other_mode(struct attempt *attempt, struct bpf_object *object)
{
	struct offload_port *port = attempt->port;
	const struct attachment *there = &attempt->there;
	char reason[128];
	int error;

	if (!mode_may_change(attempt)) {
		kernel_reason_set("a dispatcher with other programs is there in the other mode");
		return -EBUSY;
	}
	log_info("interface %s: %s mode instead of %s; the kernel allows only one at a time, so a "
	         "few frames pass unanswered",
	         port->interface, mode_name(port->mode), mode_name(there->mode));
	error = attachment_remove(port->ifindex, there->mode, there->fd);
	if (error)
		return error;
	error = place_fresh(port, object);
	if (!error) {
		if (there->occupant == OCCUPANT_DISPATCHER)
			dispatcher_clean(port->ifindex);
		return 0;
	}
	/* The fault reports this refusal, not what follows. */
	snprintf(reason, sizeof(reason), "%s", kernel_reason());
	if (attachment_add(port->ifindex, there->mode, there->fd))
		log_error("interface %s: the earlier program cannot be attached again; nothing "
		          "answers there now",
		          port->interface);
	kernel_reason_set(reason);
	return error;
}

static int place_over_own(struct attempt *attempt, struct bpf_object *object)
{
	struct offload_port *port = attempt->port;
	int error = program_load(port, object);

	return error ? error
	             : attachment_replace(port->ifindex, port->mode, attempt->there.fd,
	                                  port->program_fd);
}

static int place_in_dispatcher(struct attempt *attempt, struct bpf_object *object)
{
	struct offload_port *port = attempt->port;
	int error = dispatcher_add(object, port->ifindex, port->mode, &port->program_fd);

	if (error)
		return error;
	error = dispatcher_remove(&attempt->identity, port->ifindex,
	                          kernel_object_id(port->program_fd));
	if (error < 0)
		log_warning("interface %s: an earlier program of this instance stays in the "
		            "dispatcher: %s; 'arpkeeper detach' removes both",
		            port->interface, strerror(-error));
	return 0;
}

static int place_object(struct attempt *attempt, struct bpf_object *object)
{
	if (attempt->there.occupant == OCCUPANT_NONE)
		return place_fresh(attempt->port, object);
	if (attempt->there.mode != attempt->port->mode)
		return place_in_other_mode(attempt, object);
	if (attempt->there.occupant == OCCUPANT_OURS)
		return place_over_own(attempt, object);
	return place_in_dispatcher(attempt, object);
}

static int place_program(struct attempt *attempt, struct mode_try try, bool fixed)
{
	struct offload_port *port = attempt->port;
	struct bpf_object *object = program_open(attempt, fixed);
	int error;

	if (!object)
		return -errno;
	if (try.fragments)
		bpf_program__set_flags(object_program(object), BPF_F_XDP_HAS_FRAGS);
	error = place_object(attempt, object);
	bpf_object__close(object);
	if (error && port->program_fd >= 0) {
		close(port->program_fd);
		port->program_fd = -1;
	}
	return error;
}

static int place(struct attempt *attempt, struct mode_try try, const struct port_config *config)
{
	struct offload_port *port = attempt->port;
	int error;

	port->mode = try.mode;
	port->redirect = attempt->choice.veth && try.mode == XDP_FLAGS_DRV_MODE;
	offload_port_configure(port, config);
	error = place_program(attempt, try, false);
	/* What a dispatcher says to a program that makes a frame longer, if it may not hold one. */
	if (error == -EINVAL && kernel_has_admin()) {
		if (place_program(attempt, try, true))
			return error;
		log_info("interface %s: libxdp's dispatcher takes no program that makes frames "
		         "longer (libxdp 1.5.5 does): duplicate address detection of IPv6 is not "
		         "answered in the driver",
		         port->interface);
		error = 0;
	}
	return error;
}

static int refused(const struct attempt *attempt, enum offload_mode mode, int error,
                   struct fault *fault)
{
	const char *reason = kernel_reason();
	const char *interface = attempt->port->interface;

	if (error == -ENODEV)
		return fault_set(fault, error, "interface %s is gone", interface);
	if (error == -EEXIST)
		return fault_set(fault, -EBUSY,
		                 "interface %s: another XDP program was attached just now; see "
		                 "'ip link show %s'",
		                 interface, interface);
	return fault_set(
	        fault, error, "interface %s: %s mode was refused (driver %s): %s%s%s%s; %s",
	        interface, mode_name(attempt->port->mode),
	        attempt->choice.driver[0] ? attempt->choice.driver : "unknown", strerror(-error),
	        reason[0] ? " (" : "", reason, reason[0] ? ")" : "",
	        mode == OFFLOAD_NATIVE ? "mode auto or generic may do"
	                               : "see its MTU and offloads, and the log at debug level");
}

static void reason_give(struct offload_port *port, const struct mode_choice *choice, unsigned try,
                        int refusal, const char *refused)
{
	if (!try)
		snprintf(port->reason, sizeof(port->reason), "%s", choice->reason);
	else if (choice->try[try].fragments)
		snprintf(port->reason, sizeof(port->reason), "%.120s; in fragments, for its MTU",
		         choice->reason);
	else
		snprintf(port->reason, sizeof(port->reason), "native mode refused: %s%s%s",
		         strerror(-refusal), refused[0] ? ", " : "", refused);
}

/* Tries the modes in order. A refusal with fragments is not reported: the one without them says
 * what the interface would need. */
static int place_somehow(struct attempt *attempt, enum offload_mode mode,
                         const struct port_config *config, struct fault *fault)
{
	const struct mode_choice *choice = &attempt->choice;
	char refused_for[128] = "";
	int error = 0, refusal = 0;

	for (unsigned i = 0; i < choice->count; i++) {
		reason_give(attempt->port, choice, i, refusal, refused_for);
		error = place(attempt, choice->try[i], config);
		if (!error || error == -ENODEV || error == -EEXIST)
			break;
		if (choice->try[i].fragments) {
			error = refusal;
			kernel_reason_set(refused_for);
		}
		refusal = error;
		snprintf(refused_for, sizeof(refused_for), "%s", kernel_reason());
	}
	return error ? refused(attempt, mode, error, fault) : 0;
}

/* Keeps what detaching needs, also when this process may not look programs up any more. */
static int remember(struct attempt *attempt, struct fault *fault)
{
	struct offload_port *port = attempt->port;
	char name[PINS_NAME];
	int error;

	port->program_id = kernel_object_id(port->program_fd);
	error = attachment_id(port->ifindex, &port->attached_id, NULL);
	if (error)
		return fault_set(fault, error, "interface %s: cannot see what is attached: %s",
		                 port->interface, strerror(-error));
	if (port->attached_id != port->program_id) {
		port->dispatcher_fd = bpf_prog_get_fd_by_id(port->attached_id);
		if (port->dispatcher_fd < 0)
			return fault_set(fault, -errno,
			                 "interface %s: cannot open the dispatcher: %s",
			                 port->interface, strerror(errno));
		port->dispatcher_ours = dispatcher_is_ours(&attempt->identity, port->ifindex);
	}
	error = pins_put(&port->pins, pins_interface(name, PIN_PROGRAM, port->interface),
	                 port->program_fd, fault);
	return error ? error
	             : pins_put(&port->pins, pins_interface(name, PIN_PORT, port->interface),
	                        port->map_fd, fault);
}

static int is_other(const struct attachment *there, const char *interface, struct fault *fault)
{
	return fault_set(fault, -EBUSY,
	                 "interface %s has another XDP program: %s, number %u in "
	                 "%s mode; it is left alone. Detach it (ip link set %s xdp%s off), "
	                 "or attach it through libxdp, so that both can run",
	                 interface, there->name[0] ? there->name : "name unknown", there->id,
	                 mode_name(there->mode), interface,
	                 there->mode == XDP_FLAGS_DRV_MODE ? "drv" : "generic");
}

/* A dispatcher that holds nothing but this program. Only the handle knows it, once the process may
 * not look programs up. */
static bool is_sole(const struct offload_port *port, uint32_t attached)
{
	return port->dispatcher_fd >= 0 && port->dispatcher_ours && port->attached_id == attached;
}

static void recognise(struct attachment *there, const struct offload_port *before)
{
	if (!before || there->occupant != OCCUPANT_OTHER || !is_sole(before, there->id))
		return;
	if (there->fd < 0)
		there->fd = fcntl(before->dispatcher_fd, F_DUPFD_CLOEXEC, 0);
	if (there->fd >= 0)
		there->occupant = OCCUPANT_OURS;
}

int offload_check_free(const char *interface, unsigned ifindex, struct fault *fault)
{
	struct attachment there = {.occupant = OCCUPANT_OTHER};
	int error = attachment_id(ifindex, &there.id, &there.mode);

	if (error || !there.id)
		return 0; /* one that has gone meanwhile is waited for */
	return is_other(&there, interface, fault);
}

int offload_port_check_replaceable(const struct offload_port *port, struct fault *fault)
{
	uint32_t attached = 0;

	if (attachment_id(port->ifindex, &attached, NULL) || port->dispatcher_fd < 0 ||
	    is_sole(port, attached))
		return 0;
	return fault_set(
	        fault, -EBUSY,
	        "interface %s: its dispatcher is or was shared with other programs, and to "
	        "replace one in it the agent lacks CAP_SYS_ADMIN, which it gave up",
	        port->interface);
}

/* `before`: the handle of the program to replace, if there is one. */
static int attach(struct offload_port **out, const struct offload_port *before,
                  struct offload *offload, const char *interface, unsigned ifindex,
                  enum offload_mode mode, const struct port_config *config, struct fault *fault)
{
	struct attempt attempt = {
	        .offload = offload, .identity = {.program_fd = -1}, .there = {.fd = -1}};
	struct attachment *there = &attempt.there;
	int error;

	kernel_messages_route();
	/* Pinned first: a program is recognised by its maps, whatever happens next. */
	error = maps_pin(offload, fault);
	if (error)
		return error;
	error = port_new(&attempt.port, offload, interface, ifindex, fault);
	if (error)
		return error;
	identity_of(&attempt.identity, &offload->pins, interface);
	error = attachment_query(there, &attempt.identity, ifindex);
	if (error) {
		fault_set(fault, error, "interface %s: %s", interface,
		          error == -ENODEV ? "does not exist" : strerror(-error));
		goto out;
	}
	recognise(there, before);
	if (there->occupant == OCCUPANT_OTHER) {
		error = is_other(there, interface, fault);
		goto out;
	}
	mode_choose(&attempt.choice, interface, mode,
	            there->occupant == OCCUPANT_NONE ? 0 : there->mode);
	error = place_somehow(&attempt, mode, config, fault);
	if (error)
		goto out;
	error = remember(&attempt, fault);
	if (error)
		(void)offload_port_detach(attempt.port, NULL);
out:
	attachment_clear(there);
	identity_clear(&attempt.identity);
	if (error) {
		offload_port_close(attempt.port);
		return error;
	}
	*out = attempt.port;
	return 0;
}

int offload_attach(struct offload_port **port, struct offload *offload, const char *interface,
                   unsigned ifindex, enum offload_mode mode, const struct port_config *config,
                   struct fault *fault)
{
	return attach(port, NULL, offload, interface, ifindex, mode, config, fault);
}

/* The program is where it was, in a dispatcher with others: it only has to answer again. */
static bool resume(struct offload_port *port, const struct offload *offload, unsigned ifindex,
                   const struct port_config *config)
{
	if (port->table_id != kernel_object_id(bpf_map__fd(maps_find(offload, MAP_TABLE))))
		return false;
	port->ifindex = ifindex;
	if (!offload_port_is_attached(port))
		return false;
	port->map->ifindex = ifindex;
	offload_port_configure(port, config);
	return true;
}

int offload_port_return(struct offload_port **port, struct offload_port *before,
                        struct offload *offload, unsigned ifindex, enum offload_mode mode,
                        const struct port_config *config, struct fault *fault)
{
	unsigned was = before->ifindex;
	uint32_t id = 0;
	int error;

	if (!attachment_id(ifindex, &id, NULL) && id && id != before->program_id &&
	    !is_sole(before, id) && resume(before, offload, ifindex, config)) {
		*port = before;
		return 0;
	}
	before->ifindex = was;
	error = attach(port, before, offload, before->interface, ifindex, mode, config, fault);
	if (error)
		return error;
	offload_port_forget(before);
	return 0;
}

int offload_reattach(struct offload_port **port, struct offload *offload, enum offload_mode mode,
                     const struct port_config *config, struct fault *fault)
{
	struct offload_port *before = *port;
	int error = attach(port, before, offload, before->interface, before->ifindex, mode, config,
	                   fault);

	if (error)
		return error;
	if (before->dispatcher_fd >= 0)
		dispatcher_clean(before->ifindex);
	offload_port_close(before);
	return 0;
}
