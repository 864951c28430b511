/* SPDX-License-Identifier: MIT */
/* Lists the whole table, and removes the entries with the agent's protocol number. */
#include "agent/kernel_forget.h"

#include <libmnl/libmnl.h>
#include <string.h>

#include "agent/kernel_place.h"
#include "agent/kernel_policy.h"
#include "agent/kernel_socket.h"
#include "base/base.h"

struct forgetting {
	struct kernel_socket *socket;
	const struct ports *only;
};

static void on_refused(void *context, int error, const struct kernel_neighbour *request)
{
	char address[IPV4_TEXT];

	(void)context; /* most likely it is gone already */
	log_debug("the host's neighbour table: %s is not removed: %s",
	          ipv4_format(address, request->address), strerror(-error));
}

static void on_listed(void *context, const struct kernel_neighbour *running)
{
	const struct forgetting *forgetting = context;

	if (!kernel_is_ours(running) ||
	    (forgetting->only && !kernel_place_is_ours(forgetting->only, running->ifindex)))
		return;
	kernel_socket_put(forgetting->socket, KERNEL_REMOVE, running);
	if (forgetting->socket->count == KERNEL_BATCH)
		kernel_socket_flush(forgetting->socket, on_refused, NULL);
}

int kernel_forget(struct kernel_socket *socket, const struct ports *only, struct fault *fault)
{
	struct forgetting forgetting = {socket, only};
	struct mnl_socket *dump;
	int result = kernel_dump_open(&dump, fault);

	if (result)
		return result;
	do
		result = kernel_dump_next(dump, on_listed, &forgetting);
	while (result > 0);
	kernel_socket_flush(socket, on_refused, NULL);
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
		error = kernel_forget(&socket, NULL, fault);
	kernel_socket_close(&socket);
	return error;
}
