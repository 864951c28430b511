// SPDX-License-Identifier: MIT
/* Attaching: the answers on the wire, which programs are replaced, and which stay. */
#include "lab.h"

#include <linux/if_link.h>
#include <pthread.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static uint32_t attached_id(uint32_t mode)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, options);

	assert_int_equal(bpf_xdp_query((int)lab_index(), 0, &options), 0);
	return mode == XDP_FLAGS_DRV_MODE ? options.drv_prog_id : options.skb_prog_id;
}

static void attached_answers(enum offload_mode mode, const char *name, uint32_t kernel_mode)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port;
	struct port_config config = lab_config();

	lab_fill(offload);
	port = lab_attach(offload, mode);
	assert_string_equal(offload_port_mode(port), name);
	assert_true(attached_id(kernel_mode));
	assert_true(offload_port_is_attached(port));
	assert_answers(7);
	/* Twice, so that both configurations are used. */
	config.prefix[0].network = LAB_NETWORK + 0x100;
	offload_port_configure(port, &config);
	assert_silent(7);
	config = lab_config();
	offload_port_configure(port, &config);
	assert_answers(8);
	assert_ok(offload_port_detach(port, &lab.fault));
	assert_false(offload_port_is_attached(port));
	assert_int_equal(attached_id(kernel_mode), 0);
	assert_silent(7);
	offload_port_close(port);
	assert_ok(offload_unpin(offload, &lab.fault));
	offload_close(offload);
	assert_false(lab_pinned("neigh_slots"));
}

static void test_generic_answers_on_the_wire(void **state)
{
	(void)state;
	attached_answers(OFFLOAD_GENERIC, "generic", XDP_FLAGS_SKB_MODE);
}

static void test_native_on_veth_answers_a_peer_with_gro(void **state)
{
	(void)state;
	lab_far_gro();
	attached_answers(OFFLOAD_NATIVE, "native", XDP_FLAGS_DRV_MODE);
}

static void test_auto_is_generic_on_veth(void **state)
{
	(void)state;
	attached_answers(OFFLOAD_AUTO, "generic", XDP_FLAGS_SKB_MODE);
}

static void test_auto_falls_back_with_the_reason(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct port_config config = lab_config();
	struct offload_port *port;

	(void)state;
	lab_run("ip link add br0 type bridge && ip link set br0 up");
	assert_ok(offload_attach(&port, offload, "br0", if_nametoindex("br0"), OFFLOAD_AUTO,
	                         &config, &lab.fault));
	assert_string_equal(offload_port_mode(port), "generic");
	assert_non_null(strstr(offload_port_reason(port), "native mode refused: "));
	assert_ok(offload_port_detach(port, &lab.fault));
	offload_port_close(port);
	offload_close(offload);
}

/* veth wants a queue to receive for each that its peer sends with. */
static void refusing_link(void)
{
	lab_link_delete();
	lab_link_add_with("numtxqueues 2");
}

static void long_frames(void)
{
	lab_enter(lab.far);
	lab_run("ip link set " LAB_FAR " mtu 9000");
	lab_enter(lab.near);
	lab_run("ip link set " LAB_NEAR " mtu 9000");
}

static void test_native_takes_long_frames_in_fragments(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port, *next;

	(void)state;
	lab_far_gro();
	long_frames();
	lab_fill(offload);
	port = lab_attach(offload, OFFLOAD_NATIVE);
	assert_string_equal(offload_port_mode(port), "native");
	assert_string_equal(offload_port_reason(port), "asked for; in fragments, for its MTU");
	assert_true(attached_id(XDP_FLAGS_DRV_MODE));
	assert_answers(11);
	next = lab_attach(offload, OFFLOAD_NATIVE);
	assert_false(offload_port_is_attached(port));
	assert_answers(12);
	offload_port_close(port);
	assert_ok(offload_port_detach(next, &lab.fault));
	offload_port_close(next);
	offload_close(offload);
}

static void test_a_reason_without_fragments_says_what_the_driver_wants(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct port_config config = lab_config();
	struct offload_port *port = NULL;

	(void)state;
	refusing_link();
	long_frames();
	assert_true(offload_attach(&port, offload, LAB_NEAR, lab_index(), OFFLOAD_NATIVE, &config,
	                           &lab.fault) < 0);
	print_message("%s\n", lab.fault.text);
	assert_non_null(strstr(lab.fault.text, LAB_NEAR ": native mode was refused (driver veth)"));
	assert_int_equal(attached_id(XDP_FLAGS_DRV_MODE), 0);
	offload_close(offload);
}

static void test_native_that_is_refused_attaches_nothing(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct port_config config = lab_config();
	struct offload_port *port = NULL;

	(void)state;
	refusing_link();
	assert_true(offload_attach(&port, offload, LAB_NEAR, lab_index(), OFFLOAD_NATIVE, &config,
	                           &lab.fault) < 0);
	print_message("%s\n", lab.fault.text);
	assert_non_null(strstr(lab.fault.text, LAB_NEAR ": native mode was refused (driver veth)"));
	assert_non_null(strstr(lab.fault.text, "queues"));
	assert_int_equal(attached_id(XDP_FLAGS_DRV_MODE), 0);
	assert_int_equal(attached_id(XDP_FLAGS_SKB_MODE), 0);
	assert_ok(offload_unpin(offload, &lab.fault));
	offload_close(offload);
}

static void test_a_refused_change_of_mode_leaves_the_old_program_answering(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct port_config config = lab_config();
	struct offload_port *port, *second = NULL;

	(void)state;
	lab_fill(offload);
	refusing_link();
	port = lab_attach(offload, OFFLOAD_GENERIC);
	assert_true(offload_attach(&second, offload, LAB_NEAR, lab_index(), OFFLOAD_NATIVE, &config,
	                           &lab.fault) < 0);
	assert_non_null(strstr(lab.fault.text, "queues"));
	assert_true(offload_port_is_attached(port));
	assert_answers(9);
	offload_port_close(port);
	offload_close(offload);
}

static void test_a_change_of_mode_replaces_the_program(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *generic, *native;

	(void)state;
	lab_far_gro();
	lab_fill(offload);
	generic = lab_attach(offload, OFFLOAD_GENERIC);
	native = lab_attach(offload, OFFLOAD_NATIVE);
	assert_false(offload_port_is_attached(generic));
	assert_true(offload_port_is_attached(native));
	assert_answers(10);
	/* The old handle has lost its program, and does not remove the other one. */
	assert_ok(offload_port_detach(generic, &lab.fault));
	assert_true(offload_port_is_attached(native));
	assert_true(lab_pinned("prog_near0:7"));
	offload_port_close(generic);
	offload_port_close(native);
	offload_close(offload);
}

static int foreign_program(void)
{
	const struct bpf_insn pass[] = {
	        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS},
	        {.code = BPF_JMP | BPF_EXIT}};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "stranger", "GPL", pass, 2, NULL);

	assert_true(fd >= 0);
	return fd;
}

static void test_another_program_is_never_replaced(void **state)
{
	static const enum offload_mode modes[] = {OFFLOAD_AUTO, OFFLOAD_GENERIC, OFFLOAD_NATIVE};
	struct offload *offload = lab_open(&lab.layout);
	struct port_config config = lab_config();
	struct offload_port *port = NULL;
	int stranger = foreign_program();
	unsigned detached;
	uint32_t id;

	(void)state;
	assert_int_equal(bpf_xdp_attach((int)lab_index(), stranger, XDP_FLAGS_SKB_MODE, NULL), 0);
	id = attached_id(XDP_FLAGS_SKB_MODE);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(offload_attach(&port, offload, LAB_NEAR, lab_index(), modes[i],
		                                &config, &lab.fault),
		                 -EBUSY);
		assert_non_null(strstr(lab.fault.text, "stranger"));
		assert_int_equal(attached_id(XDP_FLAGS_SKB_MODE), id);
	}
	assert_ok(offload_detach_instance(lab.instance, &detached, &lab.fault));
	assert_int_equal(detached, 0);
	assert_int_equal(attached_id(XDP_FLAGS_SKB_MODE), id);
	close(stranger);
	offload_close(offload);
}

static void test_a_port_with_another_program_is_noticed(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);
	int stranger = foreign_program();

	(void)state;
	assert_int_equal(bpf_xdp_attach((int)lab_index(), stranger, XDP_FLAGS_SKB_MODE, NULL), 0);
	assert_false(offload_port_is_attached(port));
	assert_ok(offload_port_detach(port, &lab.fault));
	assert_true(attached_id(XDP_FLAGS_SKB_MODE));
	close(stranger);
	offload_port_close(port);
	offload_close(offload);
}

#define REPLACEMENTS 10u

struct stream {
	int stop;
	unsigned asked, answered;
};

static void *stream_run(void *context)
{
	struct stream *stream = context;
	struct mac mac;

	while (!__atomic_load_n(&stream->stop, __ATOMIC_RELAXED)) {
		stream->asked++;
		stream->answered += lab_ask(LAB_NETWORK + stream->asked % 200, &mac, 200);
	}
	return NULL;
}

static void replaced_under_a_stream(enum offload_mode mode)
{
	struct offload *offload = lab_open(&lab.layout);
	struct stream stream = {0};
	struct offload_port *port;
	pthread_t thread;

	lab_fill(offload);
	port = lab_attach(offload, mode);
	assert_int_equal(pthread_create(&thread, NULL, stream_run, &stream), 0);
	for (int i = 0; i < (int)REPLACEMENTS; i++) {
		/* As a new agent does: closes everything, opens it, and attaches again. */
		offload_port_close(port);
		offload_close(offload);
		offload = lab_open(&lab.layout);
		assert_true(offload_inherited(offload));
		port = lab_attach(offload, mode);
		usleep(10000);
	}
	__atomic_store_n(&stream.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	print_message("%u requests during %u replacements, %u answered\n", stream.asked,
	              REPLACEMENTS, stream.answered);
	assert_true(stream.asked > 1000);
	assert_int_equal(stream.asked, stream.answered);
	offload_port_close(port);
	offload_close(offload);
}

static void test_replacing_under_a_stream_of_requests_loses_none_generic(void **state)
{
	(void)state;
	replaced_under_a_stream(OFFLOAD_GENERIC);
}

static void test_replacing_under_a_stream_of_requests_loses_none_native(void **state)
{
	(void)state;
	lab_far_gro();
	replaced_under_a_stream(OFFLOAD_NATIVE);
}

static void test_the_watchdog_is_off_until_the_first_heartbeat(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port;

	(void)state;
	offload_slots(offload)[5].binding = lab_binding(lab_mac(5), SLOT_DYNAMIC, SLOT_ANSWER);
	port = lab_attach(offload, OFFLOAD_GENERIC);
	assert_answers(5);
	offload_port_heartbeat(port, offload_now(), 3600);
	assert_answers(5);
	offload_port_heartbeat(port, offload_now() - 5, 1);
	assert_silent(5);
	offload_port_heartbeat(port, offload_now() - 5, 0);
	assert_answers(5);
	offload_port_close(port);
	offload_close(offload);
}

static struct event last;
static unsigned events;

static void event_seen(void *context, const struct event *event)
{
	assert_ptr_equal(context, &last);
	last = *event;
	events++;
}

static void test_a_miss_is_an_event_and_is_counted(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);
	struct pollfd readable = {.fd = offload_events_fd(offload), .events = POLLIN};
	uint64_t counters[COUNTERS];

	(void)state;
	offload_events_handler(offload, event_seen, &last);
	/* The asker is known, so that the program reports only the miss. */
	offload_slots(offload)[LAB_ASKER - LAB_NETWORK].binding =
	        lab_binding(lab_far_mac, SLOT_STATIC, 0);
	assert_silent(77);
	assert_int_equal(poll(&readable, 1, 1000), 1);
	assert_true(offload_events_consume(offload) >= 1);
	assert_true(events >= 1);
	assert_int_equal(last.kind, EVENT_MISS);
	assert_int_equal(address_number(address_load(last.address)), LAB_NETWORK + 77);
	assert_int_equal(last.slot, 77);
	assert_int_equal(last.ifindex, lab_index());
	assert_int_equal(offload_counters(offload, counters), 0);
	assert_true(counters[COUNTER_PASS_MISS] >= 1);
	assert_true(counters[COUNTER_ARP_FRAMES] >= counters[COUNTER_PASS_MISS]);
	assert_string_equal(counter_name(COUNTER_PASS_MISS), "pass_miss");
	offload_port_close(port);
	offload_close(offload);
}

#define lab_test(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        lab_test(test_generic_answers_on_the_wire),
	        lab_test(test_native_on_veth_answers_a_peer_with_gro),
	        lab_test(test_auto_is_generic_on_veth),
	        lab_test(test_auto_falls_back_with_the_reason),
	        lab_test(test_native_that_is_refused_attaches_nothing),
	        lab_test(test_native_takes_long_frames_in_fragments),
	        lab_test(test_a_reason_without_fragments_says_what_the_driver_wants),
	        lab_test(test_a_refused_change_of_mode_leaves_the_old_program_answering),
	        lab_test(test_a_change_of_mode_replaces_the_program),
	        lab_test(test_another_program_is_never_replaced),
	        lab_test(test_a_port_with_another_program_is_noticed),
	        lab_test(test_replacing_under_a_stream_of_requests_loses_none_generic),
	        lab_test(test_replacing_under_a_stream_of_requests_loses_none_native),
	        lab_test(test_the_watchdog_is_off_until_the_first_heartbeat),
	        lab_test(test_a_miss_is_an_event_and_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
