// SPDX-License-Identifier: MIT
/* Beside other programs in libxdp's dispatcher. Skipped on kernels that cannot do that. */
#include "lab.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <sys/wait.h>

#include <xdp/libxdp.h>

#include "offload/descriptors.h"

/* A program of libxdp's own that passes everything. */
static struct xdp_program *stranger_attach(enum xdp_attach_mode mode)
{
	DECLARE_LIBXDP_OPTS(xdp_program_opts, options, .find_filename = "xdp-dispatcher.o",
	                    .prog_name = "xdp_pass");
	struct xdp_program *stranger = xdp_program__create(&options);

	assert_int_equal(libxdp_get_error(stranger), 0);
	assert_int_equal(xdp_program__attach(stranger, (int)lab_index(), mode, 0), 0);
	return stranger;
}

static unsigned programs_attached(void)
{
	struct xdp_multiprog *dispatcher;
	struct descriptors before;
	int count;

	/* Otherwise libxdp keeps alive the programs that it has read. */
	descriptors_mark(&before);
	dispatcher = xdp_multiprog__get_from_ifindex((int)lab_index());
	count = libxdp_get_error(dispatcher) ? 0 : xdp_multiprog__program_count(dispatcher);
	xdp_multiprog__close(dispatcher);
	descriptors_sweep(&before, -1, -1);
	return (unsigned)count;
}

/* Attached alone. Skips the test where that makes no dispatcher. */
static struct offload_port *attach_or_skip(struct offload *offload)
{
	struct offload_port *port;

	lab_fill(offload);
	port = lab_attach(offload, OFFLOAD_GENERIC);
	if (!strcmp(offload_port_attachment(port), "dispatcher"))
		return port;
	offload_port_close(port);
	offload_close(offload);
	print_message("skipped: this kernel has no dispatchers\n");
	skip();
	return NULL;
}

static void stranger_detach(struct xdp_program *stranger)
{
	assert_int_equal(xdp_program__detach(stranger, (int)lab_index(), XDP_MODE_SKB, 0), 0);
	xdp_program__close(stranger);
}

static void test_other_programs_join_and_stay(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = attach_or_skip(offload), *next;
	struct xdp_program *stranger = stranger_attach(XDP_MODE_SKB);

	(void)state;
	assert_int_equal(programs_attached(), 2);
	assert_true(offload_port_is_attached(port));
	assert_answers(40);
	/* Replaced: never two programs of the agent. */
	next = lab_attach(offload, OFFLOAD_GENERIC);
	assert_int_equal(programs_attached(), 2);
	assert_false(offload_port_is_attached(port));
	assert_true(offload_port_is_attached(next));
	assert_answers(41);
	offload_port_close(port);
	assert_ok(offload_port_detach(next, &lab.fault));
	assert_int_equal(programs_attached(), 1);
	assert_silent(41);
	offload_port_close(next);
	assert_ok(offload_unpin(offload, &lab.fault));
	offload_close(offload);
	stranger_detach(stranger);
}

static void test_the_agent_joins_other_programs(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = attach_or_skip(offload);
	struct port_config config = lab_config();
	struct xdp_program *stranger;
	unsigned detached;

	(void)state;
	assert_ok(offload_port_detach(port, &lab.fault));
	offload_port_close(port);
	stranger = stranger_attach(XDP_MODE_SKB);
	assert_int_equal(offload_attach(&port, offload, LAB_NEAR, lab_index(), OFFLOAD_NATIVE,
	                                &config, &lab.fault),
	                 -EBUSY);
	assert_non_null(strstr(lab.fault.text, "other programs"));
	port = lab_attach(offload, OFFLOAD_AUTO);
	assert_int_equal(programs_attached(), 2);
	assert_answers(42);
	offload_port_close(port);
	offload_close(offload);
	assert_ok(offload_detach_instance(lab.instance, &detached, &lab.fault));
	assert_int_equal(detached, 1);
	assert_int_equal(programs_attached(), 1);
	assert_silent(42);
	stranger_detach(stranger);
}

static void test_without_rights_a_shared_dispatcher_is_not_called_detached(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = attach_or_skip(offload);
	struct xdp_program *stranger = stranger_attach(XDP_MODE_SKB);
	pid_t child = fork();
	int status;

	(void)state;
	if (!child) {
		capng_clear(CAPNG_SELECT_BOTH);
		capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_BPF, CAP_NET_ADMIN,
		              CAP_NET_RAW, CAP_PERFMON, -1);
		capng_apply(CAPNG_SELECT_CAPS);
		status = offload_port_detach(port, &lab.fault);
		print_message("%s\n", lab.fault.text);
		_exit(status == -EPERM && offload_port_is_attached(port) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(programs_attached(), 2);
	assert_true(lab_pinned("prog_near0:7"));
	assert_ok(offload_port_detach(port, &lab.fault));
	offload_port_close(port);
	offload_close(offload);
	stranger_detach(stranger);
}

#define lab_test(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        lab_test(test_other_programs_join_and_stay),
	        lab_test(test_the_agent_joins_other_programs),
	        lab_test(test_without_rights_a_shared_dispatcher_is_not_called_detached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
