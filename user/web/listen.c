// SPDX-License-Identifier: MIT
/* Parses the address, binds, and judges Host headers. Accepts no connection. */
#include "web/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX      "unix:"
#define BACKLOG   128
#define MODE      0660
#define SEND_ROOM 131072

static int refuse(struct fault *fault, const char *text)
{
	return fault_set(
	        fault, -EINVAL,
	        "listen = '%.80s' is not a loopback address with a port, such as " LISTEN_DEFAULT
	        " or [::1]:9075, nor unix:/path: others reach the page "
	        "through a proxy that asks who they are (arpkeeper(8))",
	        text);
}

static int parse_unix(struct listen *door, const char *path, struct fault *fault)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&door->address.storage;

	if (path[0] != '/' || strlen(path) >= sizeof(address->sun_path))
		return fault_set(fault, -EINVAL,
		                 "listen = 'unix:%.120s' is not an absolute path of at most %zu "
		                 "bytes",
		                 path, sizeof(address->sun_path) - 1);
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	door->length = sizeof(*address);
	door->local = true;
	snprintf(door->text, sizeof(door->text), UNIX "%s", path);
	return 0;
}

/* False: not a port. */
static bool parse_port(in_port_t *port, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long number = digits && digits <= 5 && !text[digits] ? strtoul(text, NULL, 10) : 0;

	*port = htons((in_port_t)number);
	return number > 0 && number <= UINT16_MAX;
}

static bool parse_four(struct listen *door, const char *host, in_port_t port)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&door->address.storage;

	if (inet_pton(AF_INET, host, &address->sin_addr) != 1 ||
	    ntohl(address->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return false;
	address->sin_family = AF_INET;
	address->sin_port = port;
	door->length = sizeof(*address);
	return true;
}

static bool parse_six(struct listen *door, const char *host, in_port_t port)
{
	struct sockaddr_in6 *address = (struct sockaddr_in6 *)&door->address.storage;

	if (strcmp(host, "[::1]") != 0)
		return false;
	address->sin6_family = AF_INET6;
	address->sin6_addr = in6addr_loopback;
	address->sin6_port = port;
	door->length = sizeof(*address);
	return true;
}

int listen_parse(struct listen *door, const char *text, struct fault *fault)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	in_port_t port;

	*door = (struct listen){.local = false};
	if (strncmp(text, UNIX, strlen(UNIX)) == 0)
		return parse_unix(door, text + strlen(UNIX), fault);
	if (!colon || (size_t)(colon - text) >= sizeof(host) || !parse_port(&port, colon + 1))
		return refuse(fault, text);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	if (strcmp(host, "localhost") == 0)
		strcpy(host, "127.0.0.1");
	if (!parse_four(door, host, port) && !parse_six(door, host, port))
		return refuse(fault, text);
	snprintf(door->text, sizeof(door->text), "http://%s:%u/", host, ntohs(port));
	return 0;
}

/* What a web process that was killed has left. */
static int clear_path(const struct listen *door, struct fault *fault)
{
	const char *path = ((const struct sockaddr_un *)&door->address.storage)->sun_path;
	struct stat status;
	int probe, error;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0
		                       : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return fault_set(fault, -EEXIST,
		                 "%s: another file is there: remove it, or listen elsewhere", path);
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return fault_set(fault, -errno, "socket: %s", strerror(errno));
	error = connect(probe, &door->address.any, door->length) < 0 ? errno : 0;
	close(probe);
	if (error != ECONNREFUSED)
		return fault_set(fault, -EADDRINUSE,
		                 "%s: another process listens there: stop it, or listen elsewhere",
		                 path);
	return unlink(path) < 0 && errno != ENOENT
	               ? fault_set(fault, -errno, "%s: the stale socket cannot be removed: %s",
	                           path, strerror(errno))
	               : 0;
}

static int open_door(const struct listen *door, int descriptor, gid_t group)
{
	const char *path = ((const struct sockaddr_un *)&door->address.storage)->sun_path;
	const int on = 1, most = SEND_ROOM;

	/* Accepted connections inherit it: a client that does not read holds so much. */
	(void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &most, sizeof(most));

	if (!door->local)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(descriptor, &door->address.any, door->length) < 0)
		return -errno;
	/* Before it listens, no client can connect. */
	if (door->local &&
	    ((group != (gid_t)-1 && lchown(path, (uid_t)-1, group) < 0) || chmod(path, MODE) < 0))
		return -errno;
	return listen(descriptor, BACKLOG) < 0 ? -errno : 0;
}

int listen_open(struct listen *door, gid_t group, struct fault *fault)
{
	int error = door->local ? clear_path(door, fault) : 0, descriptor;

	if (error)
		return error;
	descriptor =
	        socket(door->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	error = descriptor < 0 ? -errno : open_door(door, descriptor, group);
	if (!error)
		return descriptor;
	if (descriptor >= 0)
		close(descriptor);
	return fault_set(fault, error, "cannot listen on %s: %s%s", door->text, strerror(-error),
	                 error == -EADDRINUSE ? ": give another with --listen" : "");
}

bool listen_is_host(const struct listen *door, const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	char own[LISTEN_TEXT];

	if (door->local)
		return true;
	if (!host)
		return false;
	/* The one that it listens on, such as 127.0.0.2. */
	snprintf(own, sizeof(own), "%s", door->text + strlen("http://"));
	*strrchr(own, ':') = '\0';
	for (size_t i = 0; i <= sizeof(names) / sizeof(*names); i++) {
		const char *name = i < sizeof(names) / sizeof(*names) ? names[i] : own;
		size_t length = strlen(name);
		in_port_t port;

		if (strncasecmp(host, name, length) == 0 &&
		    (!host[length] ||
		     (host[length] == ':' && parse_port(&port, host + length + 1))))
			return true;
	}
	return false;
}
