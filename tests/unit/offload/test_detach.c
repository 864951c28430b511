// SPDX-License-Identifier: MIT
/* Detaching: with and without an agent, without root's rights, and after the interface is gone. */
#include "lab.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static void test_an_interface_that_is_gone_detaches_cleanly(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);

	(void)state;
	lab_link_delete();
	assert_false(offload_port_is_attached(port));
	assert_ok(offload_port_detach(port, &lab.fault));
	assert_false(lab_pinned("prog_near0:7"));
	assert_false(lab_pinned("port_near0:7"));
	offload_port_close(port);
	assert_ok(offload_unpin(offload, &lab.fault));
	offload_close(offload);
}

static void test_an_interface_that_is_gone_leaves_no_pin_in_the_way(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);

	(void)state;
	lab_link_delete();
	offload_port_close(port);
	assert_ok(offload_unpin(offload, &lab.fault));
	assert_false(lab_pinned("prog_near0:7"));
	offload_close(offload);
}

static void test_an_interface_that_comes_back_is_attached_again(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);

	(void)state;
	lab_fill(offload);
	lab_link_delete();
	lab_link_add();
	assert_false(offload_port_is_attached(port));
	offload_port_close(port);
	port = lab_attach(offload, OFFLOAD_GENERIC);
	assert_answers(20);
	offload_port_close(port);
	offload_close(offload);
}

static void test_pins_stay_while_a_program_is_attached(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);

	(void)state;
	assert_int_equal(offload_unpin(offload, &lab.fault), -EBUSY);
	assert_non_null(strstr(lab.fault.text, LAB_NEAR));
	assert_true(lab_pinned("neigh_slots"));
	offload_port_close(port);
	offload_close(offload);
}

static void test_detach_without_an_agent(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	unsigned detached = 7;
	struct pins pins;
	struct stat status;

	(void)state;
	lab_fill(offload);
	offload_port_close(lab_attach(offload, OFFLOAD_GENERIC));
	offload_close(offload);
	assert_answers(21);
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	assert_int_equal(stat(pins.directory, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_ok(offload_detach_instance(lab.instance, &detached, &lab.fault));
	assert_int_equal(detached, 1);
	assert_silent(21);
	assert_int_equal(stat(pins.directory, &status), -1);
	/* Again: no program is there, and detach does not claim to have removed one. */
	assert_ok(offload_detach_instance(lab.instance, &detached, &lab.fault));
	assert_int_equal(detached, 0);
}

static void test_detach_finds_a_program_whose_pin_was_lost(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct pins pins;
	unsigned detached;

	(void)state;
	lab_fill(offload);
	offload_port_close(lab_attach(offload, OFFLOAD_GENERIC));
	offload_close(offload);
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	assert_int_equal(pins_remove(&pins, "prog_near0:7"), 0);
	/* A new agent recognises it by its maps, too. */
	offload = lab_open(&lab.layout);
	offload_port_close(lab_attach(offload, OFFLOAD_GENERIC));
	offload_close(offload);
	assert_answers(22);
	assert_int_equal(pins_remove(&pins, "prog_near0:7"), 0);
	assert_ok(offload_detach_instance(lab.instance, &detached, &lab.fault));
	assert_int_equal(detached, 1);
	assert_silent(22);
}

static void test_detach_finds_a_renamed_interface(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	unsigned detached;

	(void)state;
	offload_port_close(lab_attach(offload, OFFLOAD_GENERIC));
	assert_int_equal(offload_unpin(offload, &lab.fault), -EBUSY);
	lab_run("ip link set " LAB_NEAR " down && ip link set " LAB_NEAR " name other0");
	assert_int_equal(offload_unpin(offload, &lab.fault), -EBUSY);
	assert_non_null(strstr(lab.fault.text, "other0"));
	offload_close(offload);
	assert_ok(offload_detach_instance(lab.instance, &detached, &lab.fault));
	assert_int_equal(detached, 1);
}

static void test_detach_in_the_wrong_namespace_claims_nothing(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	unsigned detached;

	(void)state;
	lab_fill(offload);
	offload_port_close(lab_attach(offload, OFFLOAD_GENERIC));
	offload_close(offload);
	lab_enter(lab.far);
	assert_int_equal(offload_detach_instance(lab.instance, &detached, &lab.fault), -EBUSY);
	assert_non_null(strstr(lab.fault.text, LAB_NEAR));
	assert_int_equal(detached, 0);
	lab_enter(lab.near);
	assert_true(lab_pinned("prog_near0:7"));
	assert_true(lab_pinned("neigh_slots"));
	assert_answers(23);
}

static void capabilities_keep(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET, CAP_BPF,
	              CAP_NET_ADMIN, CAP_NET_RAW, CAP_PERFMON, -1);
	assert_int_equal(capng_apply(CAPNG_SELECT_BOTH), 0);
}

/* Runs `work` in a child, so that only the child gives up its rights. */
static void in_a_child(void (*work)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* An assertion in a child must end the child, not run the next test there. */
#define check(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			print_error("%d: %s: %s\n", __LINE__, #condition, lab.fault.text);         \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static void agent_without_root(void)
{
	struct port_config config = lab_config();
	struct offload_port *port, *again;
	struct offload *offload;
	struct mac mac;

	check(!offload_open(&offload, lab.instance, &lab.layout, &lab.fault));
	check(!offload_attach(&port, offload, LAB_NEAR, lab_index(), OFFLOAD_GENERIC, &config,
	                      &lab.fault));
	capabilities_keep();
	check(bpf_prog_get_fd_by_id(1) == -EPERM || errno == EPERM);
	lab_fill(offload);
	check(offload_port_is_attached(port));
	offload_port_configure(port, &config);
	check(lab_ask(LAB_NETWORK + 30, &mac, LAB_WAIT));
	if (!strcmp(offload_port_attachment(port), "dispatcher")) {
		/*
		 * Replacing a program there takes more rights, so the old one stays. Detaching does
		 * not.
		 */
		check(offload_attach(&again, offload, LAB_NEAR, lab_index(), OFFLOAD_GENERIC,
		                     &config, &lab.fault) == -EBUSY);
		check(offload_port_is_attached(port));
		check(!offload_port_detach(port, &lab.fault));
		offload_port_close(port);
		goto nothing_there;
	}
	/* Replaces the agent's own program, by the pin. */
	check(!offload_attach(&again, offload, LAB_NEAR, lab_index(), OFFLOAD_GENERIC, &config,
	                      &lab.fault));
	check(!offload_port_is_attached(port));
	offload_port_close(port);
	check(lab_ask(LAB_NETWORK + 31, &mac, LAB_WAIT));
	check(!offload_port_detach(again, &lab.fault));
	check(!offload_port_is_attached(again));
	offload_port_close(again);
nothing_there:
	/* As after an interface came back. */
	check(!offload_attach(&port, offload, LAB_NEAR, lab_index(), OFFLOAD_GENERIC, &config,
	                      &lab.fault));
	check(lab_ask(LAB_NETWORK + 32, &mac, LAB_WAIT));
	check(offload_port_is_attached(port));
	check(!offload_port_detach(port, &lab.fault));
	offload_port_close(port);
	check(!offload_unpin(offload, &lab.fault));
	offload_close(offload);
}

static void test_after_the_drop_of_rights_all_but_detach_instance_works(void **state)
{
	(void)state;
	in_a_child(agent_without_root);
	assert_false(lab_pinned("neigh_slots"));
}

static void agent_without_any_rights(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	check(!capng_apply(CAPNG_SELECT_CAPS));
	check(offload_prepare(&lab.fault) == -EPERM);
	check(strstr(lab.fault.text, "needs root"));
}

static void test_without_rights_the_fault_says_so(void **state)
{
	(void)state;
	in_a_child(agent_without_any_rights);
}

static void detach_without_root(void)
{
	unsigned detached;

	capabilities_keep();
	check(offload_detach_instance(lab.instance, &detached, &lab.fault) == -EPERM);
	check(strstr(lab.fault.text, "needs root"));
	check(!detached);
}

static void test_detach_instance_without_root_claims_nothing(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);

	(void)state;
	in_a_child(detach_without_root);
	assert_true(offload_port_is_attached(port));
	offload_port_close(port);
	offload_close(offload);
}

static void test_an_instance_that_cannot_be_a_directory_is_refused(void **state)
{
	static const char *const names[] = {"", "../x", "a.b", "a/b", "a b"};
	struct offload *offload;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(offload_open(&offload, names[i], &lab.layout, &lab.fault),
		                 -EINVAL);
}

#define lab_test(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        lab_test(test_an_interface_that_is_gone_detaches_cleanly),
	        lab_test(test_an_interface_that_is_gone_leaves_no_pin_in_the_way),
	        lab_test(test_an_interface_that_comes_back_is_attached_again),
	        lab_test(test_pins_stay_while_a_program_is_attached),
	        lab_test(test_detach_without_an_agent),
	        lab_test(test_detach_finds_a_program_whose_pin_was_lost),
	        lab_test(test_detach_finds_a_renamed_interface),
	        lab_test(test_detach_in_the_wrong_namespace_claims_nothing),
	        lab_test(test_after_the_drop_of_rights_all_but_detach_instance_works),
	        lab_test(test_without_rights_the_fault_says_so),
	        lab_test(test_detach_instance_without_root_claims_nothing),
	        lab_test(test_an_instance_that_cannot_be_a_directory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
