/* SPDX-License-Identifier: MIT */
/* Offloads of tags, asked of the loopback, whose driver takes none off and cannot be told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "ports/tags.h"

static void the_offload_of_an_interface_is_read(void **state)
{
	bool veth = true;

	(void)state;
	assert_int_equal(tags_hidden("lo", &veth), 0);
	assert_false(veth);
}

static void an_interface_that_is_not_there_is_an_error(void **state)
{
	struct fault fault = {0};
	bool veth = false;

	(void)state;
	assert_int_equal(tags_hidden("nowhere0", &veth), -ENODEV);
	assert_int_equal(tags_hide("nowhere0", TAGS_8021Q, false, &fault), -ENODEV);
	assert_non_null(strstr(fault.text, "nowhere0"));
}

static void a_driver_that_refuses_is_named_with_the_feature(void **state)
{
	struct fault fault = {0};

	(void)state;
	assert_int_equal(tags_hide("lo", TAGS_8021Q, true, &fault), -EOPNOTSUPP);
	assert_non_null(strstr(fault.text, "lo: its driver does not let rxvlan be switched on"));
	assert_int_equal(tags_hide("lo", TAGS_8021AD, true, &fault), -EOPNOTSUPP);
	assert_non_null(strstr(fault.text, "rx-vlan-stag-hw-parse"));
	assert_int_equal(tags_hide("lo", TAGS_8021Q | TAGS_8021AD, false, &fault), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_offload_of_an_interface_is_read),
	        cmocka_unit_test(an_interface_that_is_not_there_is_an_error),
	        cmocka_unit_test(a_driver_that_refuses_is_named_with_the_feature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
