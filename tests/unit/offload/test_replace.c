// SPDX-License-Identifier: MIT
/* Another program in place of one whose handle is there; what is left without an agent. */
#include "lab.h"

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "offload/port_state.h"

static uint32_t attached_id(void)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, options);

	assert_int_equal(bpf_xdp_query((int)lab_index(), 0, &options), 0);
	return options.skb_prog_id;
}

static int attach_stranger(void)
{
	const struct bpf_insn pass[] = {
	        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS},
	        {.code = BPF_JMP | BPF_EXIT}};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "stranger", "GPL", pass, 2, NULL);

	assert_true(fd >= 0);
	assert_int_equal(bpf_xdp_attach((int)lab_index(), fd, XDP_FLAGS_SKB_MODE, NULL), 0);
	return fd;
}

static void a_program_is_replaced_by_one_on_another_table(void **state)
{
	struct offload *offload = lab_open(&lab.layout), *larger;
	struct offload_port *port;
	struct port_config config = lab_config();
	struct layout grown = {0};
	uint32_t before;

	(void)state;
	lab_fill(offload);
	port = lab_attach(offload, OFFLOAD_GENERIC);
	before = attached_id();
	/* The first prefix has another place there. */
	lab_range(&grown, 0, LAB_NETWORK + 0x100, 24);
	lab_range(&grown, 0, LAB_NETWORK, 24);
	larger = lab_open(&grown);
	assert_false(offload_table_taken(larger));
	assert_ok(offload_port_check_replaceable(port, &lab.fault));
	config.prefix[0].base = 256;
	assert_ok(offload_reattach(&port, larger, OFFLOAD_GENERIC, &config, &lab.fault));
	assert_true(attached_id() != before);
	assert_true(offload_port_is_attached(port));
	offload_close(offload);
	assert_answers(9);
	offload_slots(larger)[256 + 9].binding = 0;
	assert_silent(9);
	offload_port_close(port);
	offload_close(larger);
	larger = lab_open(&grown);
	assert_true(offload_table_taken(larger));
	offload_close(larger);
	layout_clear(&grown);
}

/* `own`: no other programs are in it. This kernel has no dispatchers; a stranger stands for one,
 * which the agent may not look into. */
static struct offload_port *behind_a_dispatcher(struct offload *offload, bool own)
{
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);

	assert_int_equal(bpf_xdp_attach((int)lab_index(), -1, XDP_FLAGS_SKB_MODE, NULL), 0);
	port->dispatcher_fd = attach_stranger();
	port->attached_id = attached_id();
	port->dispatcher_ours = own;
	return port;
}

static void a_dispatcher_of_ones_own_is_replaced(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct port_config config = lab_config();
	struct offload_port *port;
	uint32_t before;

	(void)state;
	lab_fill(offload);
	port = behind_a_dispatcher(offload, true);
	before = attached_id();
	assert_silent(9);
	assert_ok(offload_port_check_replaceable(port, &lab.fault));
	assert_ok(offload_reattach(&port, offload, OFFLOAD_GENERIC, &config, &lab.fault));
	assert_true(attached_id() != before);
	assert_string_equal(offload_port_attachment(port), "single program");
	assert_answers(9);
	assert_ok(offload_port_detach(port, &lab.fault));
	offload_port_close(port);
	offload_close(offload);
}

static void a_dispatcher_that_others_share_stays(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct port_config config = lab_config();
	struct offload_port *port = behind_a_dispatcher(offload, false), *same = port;
	uint32_t before = attached_id();

	(void)state;
	assert_int_equal(offload_port_check_replaceable(port, &lab.fault), -EBUSY);
	assert_non_null(strstr(lab.fault.text, "CAP_SYS_ADMIN"));
	assert_int_equal(offload_reattach(&port, offload, OFFLOAD_GENERIC, &config, &lab.fault),
	                 -EBUSY);
	assert_ptr_equal(port, same);
	assert_int_equal(attached_id(), before);
	/* One that another program joined since is not its own any more. */
	port->dispatcher_ours = true;
	close(attach_stranger());
	assert_int_equal(offload_port_check_replaceable(port, &lab.fault), -EBUSY);
	assert_int_equal(bpf_xdp_attach((int)lab_index(), -1, XDP_FLAGS_SKB_MODE, NULL), 0);
	offload_port_close(port);
	offload_close(offload);
}

static void an_interface_is_free_or_not(void **state)
{
	int stranger;

	(void)state;
	assert_ok(offload_check_free(LAB_NEAR, lab_index(), &lab.fault));
	stranger = attach_stranger();
	assert_int_equal(offload_check_free(LAB_NEAR, lab_index(), &lab.fault), -EBUSY);
	assert_non_null(strstr(lab.fault.text, LAB_NEAR));
	close(stranger);
}

static bool keeps(void *context, const char *interface)
{
	return context && !strcmp(context, interface);
}

static void what_is_not_kept_is_taken_off(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port = lab_attach(offload, OFFLOAD_GENERIC);

	(void)state;
	offload_port_close(port); /* as an agent that was killed */
	offload_sweep(offload, keeps, LAB_NEAR);
	assert_true(attached_id());
	offload_sweep(offload, keeps, NULL);
	assert_int_equal(attached_id(), 0);
	assert_false(lab_pinned("prog_" LAB_NEAR));
	assert_false(lab_pinned("port_" LAB_NEAR));
	assert_true(lab_pinned("neigh_slots"));
	offload_close(offload);
}

static void a_survey_finds_what_goes_on_without_an_agent(void **state)
{
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port;
	struct survey survey;

	(void)state;
	assert_int_equal(survey_take(&survey, lab.instance, &lab.fault), -ENOENT);
	survey_clear(&survey);
	lab_fill(offload);
	offload_slots(offload)[7].binding = lab_binding(lab_mac(7), SLOT_DYNAMIC, SLOT_FROZEN);
	port = lab_attach(offload, OFFLOAD_GENERIC);
	offload_port_heartbeat(port, offload_now() - 40, 60);
	offload_port_close(port);
	offload_close(offload);
	assert_answers(9);
	assert_ok(survey_take(&survey, lab.instance, &lab.fault));
	assert_int_equal(survey.slots, 256);
	assert_int_equal(survey.state[SLOT_STATIC], 255);
	assert_int_equal(survey.state[SLOT_DYNAMIC], 1);
	assert_int_equal(survey.answered, 255);
	assert_int_equal(survey.frozen, 1);
	assert_int_equal(survey.ports, 1);
	assert_string_equal(survey.port[0].interface, LAB_NEAR);
	assert_true(survey.port[0].attached);
	assert_string_equal(survey.port[0].mode, "generic");
	assert_in_range(survey.port[0].silent, 40, 45);
	assert_int_equal(survey.port[0].silence, 60);
	assert_true(survey.counted && survey.counters[COUNTER_ANSWERED] >= 1);
	survey_clear(&survey);
	/* In another network namespace the interface is not seen. */
	lab_enter(lab.far);
	assert_ok(survey_take(&survey, lab.instance, &lab.fault));
	assert_int_equal(survey.ports, 1);
	assert_false(survey.port[0].attached);
	survey_clear(&survey);
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        IN_LAB(a_program_is_replaced_by_one_on_another_table),
	        IN_LAB(a_dispatcher_of_ones_own_is_replaced),
	        IN_LAB(a_dispatcher_that_others_share_stays),
	        IN_LAB(an_interface_is_free_or_not),
	        IN_LAB(what_is_not_kept_is_taken_off),
	        IN_LAB(a_survey_finds_what_goes_on_without_an_agent),
	};

	return cmocka_run_group_tests_name("replacing programs", tests, NULL, NULL);
}
