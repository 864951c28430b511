// SPDX-License-Identifier: MIT
/* Where the page's server listens, and which names it answers to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "web/listen.h"

static struct listen door;
static struct fault fault;

static void loopback_and_sockets_are_taken(void **state)
{
	(void)state;
	assert_int_equal(listen_parse(&door, LISTEN_DEFAULT, &fault), 0);
	assert_string_equal(door.text, "http://127.0.0.1:9075/");
	assert_int_equal(listen_parse(&door, "localhost:80", &fault), 0);
	assert_string_equal(door.text, "http://127.0.0.1:80/");
	assert_int_equal(listen_parse(&door, "127.0.0.9:65535", &fault), 0);
	assert_int_equal(listen_parse(&door, "[::1]:8080", &fault), 0);
	assert_string_equal(door.text, "http://[::1]:8080/");
	assert_int_equal(door.address.any.sa_family, AF_INET6);
	assert_int_equal(listen_parse(&door, "unix:/run/arpkeeper-web/http.sock", &fault), 0);
	assert_true(door.local);
}

static void addresses_that_are_not_loopback_are_refused(void **state)
{
	static const char *const texts[] = {
	        "0.0.0.0:9075", "192.0.2.1:80", "[::]:80",       "[fe80::1]:80", "example.net:80",
	        "9075",         ":9075",        "127.0.0.1",     "127.0.0.1:0",  "127.0.0.1:65536",
	        "127.0.0.1:-1", "127.1:80",     "127.0.0.1:80x", "::1:80",       "",
	        "unix:",        "unix:here",    "tcp:127.0.0.1", "128.0.0.1:80", "[::1]"};
	char path[200] = "unix:/";

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		fault.text[0] = '\0';
		assert_int_equal(listen_parse(&door, texts[i], &fault), -EINVAL);
		assert_non_null(strstr(fault.text, "listen = '"));
	}
	memset(path + strlen(path), 'a', 150);
	assert_int_equal(listen_parse(&door, path, &fault), -EINVAL);
}

static void only_names_of_loopback_are_hosts(void **state)
{
	static const char *const own[] = {"localhost",      "LOCALHOST:9075", "127.0.0.1",
	                                  "127.0.0.1:9075", "127.0.0.1:1",    "[::1]",
	                                  "[::1]:9075"};
	static const char *const foreign[] = {"",
	                                      "evil.example",
	                                      "127.0.0.1.evil.example",
	                                      "localhost.",
	                                      "localhost:",
	                                      "localhost:x",
	                                      "localhost:80:80",
	                                      "localhostevil",
	                                      "127.0.0.2",
	                                      "user@localhost",
	                                      "[::1]x",
	                                      "::1"};

	(void)state;
	assert_int_equal(listen_parse(&door, LISTEN_DEFAULT, &fault), 0);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		assert_true(listen_is_host(&door, own[i]));
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		assert_false(listen_is_host(&door, foreign[i]));
	assert_false(listen_is_host(&door, NULL));
	assert_int_equal(listen_parse(&door, "127.0.0.2:80", &fault), 0);
	assert_true(listen_is_host(&door, "127.0.0.2:80"));
	/* A proxy in front of a socket sends the name that it was asked for. */
	assert_int_equal(listen_parse(&door, "unix:/run/http.sock", &fault), 0);
	assert_true(listen_is_host(&door, "arp.example.net"));
	assert_true(listen_is_host(&door, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(loopback_and_sockets_are_taken),
	        cmocka_unit_test(addresses_that_are_not_loopback_are_refused),
	        cmocka_unit_test(only_names_of_loopback_are_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
