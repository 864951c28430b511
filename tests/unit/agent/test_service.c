// SPDX-License-Identifier: MIT
/* What the service manager hears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first. */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/service.h"

/* A manager's socket; '@' begins a name in the abstract namespace. */
static int listen_on(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(descriptor >= 0 && strlen(name) < sizeof(address.sun_path));
	memcpy(address.sun_path, name, strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(descriptor, (struct sockaddr *)&address,
	                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
	                 0);
	return descriptor;
}

static void hears(const char *name)
{
	int descriptor = listen_on(name);
	char text[64] = "";

	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	service_notify("READY=1");
	assert_int_equal(recv(descriptor, text, sizeof(text), 0), strlen("READY=1"));
	assert_string_equal(text, "READY=1");
	close(descriptor);
}

static void the_manager_hears_by_a_path_and_by_an_abstract_name(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "/tmp/akservice-%d", (int)getpid());
	hears(name);
	unlink(name);
	snprintf(name, sizeof(name), "@akservice-%d", (int)getpid());
	hears(name);
}

static void without_a_manager_nothing_happens(void **state)
{
	char longer[512];

	(void)state;
	memset(longer, '/', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	service_notify("READY=1"); /* whoever listened is gone */
	setenv("NOTIFY_SOCKET", longer, 1);
	service_notify("READY=1");
	setenv("NOTIFY_SOCKET", "", 1);
	service_notify("READY=1");
	unsetenv("NOTIFY_SOCKET");
	service_notify("READY=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_manager_hears_by_a_path_and_by_an_abstract_name),
	        cmocka_unit_test(without_a_manager_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
