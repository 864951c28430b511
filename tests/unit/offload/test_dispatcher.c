// SPDX-License-Identifier: MIT
/* Beside other programs in libxdp's dispatcher. Skipped on kernels that cannot do that. */
#include "lab.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <sys/wait.h>

#include <bpf/bpf.h>
#include <xdp/libxdp.h>

#include "offload/descriptors.h"
#include "offload/dispatcher.h"

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

static bool drop_rights(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_BPF, CAP_NET_ADMIN,
	              CAP_NET_RAW, CAP_PERFMON, -1);
	return capng_apply(CAPNG_SELECT_CAPS) == 0;
}

/* Runs `part` in a child without the right to look programs up. */
static void without_rights(bool (*part)(struct offload *offload, struct offload_port *port),
                           struct offload *offload, struct offload_port *port)
{
	pid_t child = fork();
	int status;

	if (!child) {
		status = drop_rights() && part(offload, port) ? 0 : 1;
		print_message("%s\n", lab.fault.text);
		_exit(status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static bool answers(uint32_t host)
{
	struct mac mac;

	return lab_ask(LAB_NETWORK + host, &mac, LAB_WAIT);
}

static int asked[2]; /* a pair of sockets */

static int ask(void *context, unsigned ifindex)
{
	int answer;

	(void)context;
	if (write(asked[0], &ifindex, sizeof(ifindex)) != sizeof(ifindex) ||
	    read(asked[0], &answer, sizeof(answer)) != sizeof(answer))
		return -EIO;
	return answer;
}

static void test_a_process_with_the_right_takes_the_program_out_for_one_without(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port;
	struct xdp_program *stranger;
	int status, answer;
	unsigned ifindex;
	pid_t child;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, asked), 0);
	offload_ask_to_detach(offload, (struct detaching){ask, NULL});
	port = attach_or_skip(offload);
	stranger = stranger_attach(XDP_MODE_SKB);
	child = fork();
	if (!child) {
		drop_rights();
		status = offload_port_detach(port, &lab.fault);
		print_message("%s\n", lab.fault.text);
		_exit(status || offload_port_is_attached(port) || lab_pinned("prog_near0:7"));
	}
	assert_int_equal(read(asked[1], &ifindex, sizeof(ifindex)), sizeof(ifindex));
	assert_int_equal(ifindex, lab_index());
	answer = offload_detach_shared(lab.instance, ifindex);
	assert_int_equal(answer, 0);
	assert_int_equal(write(asked[1], &answer, sizeof(answer)), sizeof(answer));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(programs_attached(), 1);
	/* There is none of ours any more. */
	assert_int_equal(offload_detach_shared(lab.instance, ifindex), 0);
	assert_int_equal(programs_attached(), 1);
	close(asked[0]);
	close(asked[1]);
	offload_port_close(port);
	offload_close(offload);
	stranger_detach(stranger);
}

static bool returns(struct offload *offload, struct offload_port *port, bool same)
{
	struct port_config config = lab_config();
	struct offload_port *back = NULL;

	offload_port_abandon(port);
	if (answers(43))
		return false;
	return !offload_port_return(&back, port, offload, lab_index(), OFFLOAD_AUTO, &config,
	                            &lab.fault) &&
	       (back == port) == same && offload_port_is_attached(back) && answers(43);
}

static bool returns_to_others(struct offload *offload, struct offload_port *port)
{
	return returns(offload, port, true);
}

static bool returns_alone(struct offload *offload, struct offload_port *port)
{
	return returns(offload, port, false);
}

static void test_without_rights_the_program_is_taken_up_again_beside_others(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = attach_or_skip(offload);
	struct xdp_program *stranger = stranger_attach(XDP_MODE_SKB);

	(void)state;
	without_rights(returns_to_others, offload, port);
	assert_int_equal(programs_attached(), 2);
	/* Before libxdp opens it here, and leaves it open. */
	assert_ok(offload_port_detach(port, &lab.fault));
	offload_port_close(port);
	offload_close(offload);
	stranger_detach(stranger);
}

static void test_without_rights_a_dispatcher_of_its_own_is_recognised_and_replaced(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = attach_or_skip(offload);

	(void)state;
	without_rights(returns_alone, offload, port);
	assert_answers(44);
	offload_port_close(port);
	offload_close(offload);
}

static bool cannot_detach(struct offload *offload, struct offload_port *port)
{
	(void)offload;
	return offload_port_detach(port, &lab.fault) == -EPERM && offload_port_is_attached(port);
}

static void test_without_rights_a_shared_dispatcher_is_not_called_detached(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = attach_or_skip(offload);
	struct xdp_program *stranger = stranger_attach(XDP_MODE_SKB);

	(void)state;
	without_rights(cannot_detach, offload, port);
	assert_int_equal(programs_attached(), 2);
	assert_true(lab_pinned("prog_near0:7"));
	assert_ok(offload_port_detach(port, &lab.fault));
	offload_port_close(port);
	offload_close(offload);
	stranger_detach(stranger);
}

static void test_a_dispatcher_that_ip_link_took_off_is_cleared(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = attach_or_skip(offload);
	struct descriptors before;
	struct xdp_program *stranger;
	uint32_t theirs;
	unsigned detached;
	int fd;

	(void)state;
	/* Otherwise libxdp keeps ours open. */
	descriptors_mark(&before);
	stranger = stranger_attach(XDP_MODE_SKB);
	theirs = xdp_program__id(stranger);
	xdp_program__close(stranger);
	descriptors_sweep(&before, -1, -1);
	offload_port_close(port); /* as an agent that was killed */
	offload_close(offload);
	lab_run("ip link set " LAB_NEAR " xdpgeneric off");
	assert_ok(offload_detach_instance(lab.instance, &detached, &lab.fault));
	assert_int_equal(detached, 0);
	assert_false(lab_pinned("prog_near0:7"));
	/* The other program's pins are its own affair. */
	fd = bpf_prog_get_fd_by_id(theirs);
	assert_true(fd >= 0);
	close(fd);
	dispatcher_clean(lab_index());
}

#define lab_test(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        lab_test(test_other_programs_join_and_stay),
	        lab_test(test_the_agent_joins_other_programs),
	        lab_test(test_a_process_with_the_right_takes_the_program_out_for_one_without),
	        lab_test(test_without_rights_the_program_is_taken_up_again_beside_others),
	        lab_test(test_without_rights_a_dispatcher_of_its_own_is_recognised_and_replaced),
	        lab_test(test_without_rights_a_shared_dispatcher_is_not_called_detached),
	        lab_test(test_a_dispatcher_that_ip_link_took_off_is_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
