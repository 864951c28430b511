// SPDX-License-Identifier: MIT
/* Taking over: what a new agent finds after an end, a kill, a change of layout, or a crash during
 * one. */
#include "lab.h"

#include <signal.h>
#include <sys/wait.h>

#include <bpf/bpf.h>

#include "offload/maps.h"

/* Runs `work` in a process, and kills it afterwards, or `after` microseconds later. */
static void in_a_killed_process(void (*work)(void), int after)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		work();
		if (!after)
			raise(SIGKILL);
		_exit(0);
	}
	if (after) {
		usleep((useconds_t)after);
		kill(child, SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(after || WIFSIGNALED(status));
}

static void agent_fill_and_attach(void)
{
	struct offload *offload = lab_open(&lab.layout);

	lab_fill(offload);
	(void)lab_attach(offload, OFFLOAD_GENERIC);
}

static void assert_full(struct offload *offload, uint32_t base)
{
	for (uint32_t i = 0; i < 256; i++) {
		assert_true(offload_slot_inherited(offload, base + i));
		assert_true(offload_slots(offload)[base + i].binding ==
		            lab_binding(lab_mac(i), SLOT_STATIC, SLOT_ANSWER));
	}
}

static void test_a_killed_agents_program_answers_and_is_taken_over(void **state)
{
	struct offload *offload;
	struct offload_port *port;

	(void)state;
	in_a_killed_process(agent_fill_and_attach, 0);
	assert_answers(11);
	offload = lab_open(&lab.layout);
	assert_true(offload_inherited(offload));
	assert_full(offload, 0);
	port = lab_attach(offload, OFFLOAD_AUTO);
	assert_answers(12);
	assert_ok(offload_port_detach(port, &lab.fault));
	assert_silent(12);
	offload_port_close(port);
	offload_close(offload);
}

static void test_writes_after_the_kill_are_there(void **state)
{
	union binding binding = {.word = lab_binding(lab_mac(99), SLOT_STATIC, SLOT_ANSWER)};
	struct neigh_slot slot = {.binding = binding.word};
	struct offload *offload;
	struct pins pins;
	uint32_t key = 13;
	int fd;

	(void)state;
	in_a_killed_process(agent_fill_and_attach, 0);
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	fd = pins_get(&pins, "neigh_slots");
	assert_int_equal(bpf_map_update_elem(fd, &key, &slot, BPF_ANY), 0);
	close(fd);
	offload = lab_open(&lab.layout);
	assert_true(offload_slots(offload)[13].binding == binding.word);
	offload_close(offload);
}

static void agent_fill(void)
{
	lab_fill(lab_open(&lab.layout));
}

static void test_a_table_that_was_never_attached_is_not_inherited(void **state)
{
	struct offload *offload;

	(void)state;
	in_a_killed_process(agent_fill, 0);
	assert_false(lab_pinned("neigh_slots"));
	offload = lab_open(&lab.layout);
	assert_false(offload_inherited(offload));
	assert_false(offload_slot_inherited(offload, 0));
	assert_true(offload_slots(offload)[7].binding == 0);
	offload_close(offload);
}

/* The /24 is now the second of two prefixes, in the segment that was first. */
static struct layout layout_reordered(void)
{
	struct layout layout = {0};

	lab_range(&layout, 0, 0xc0000200, 24);
	lab_range(&layout, 1, LAB_NETWORK, 24);
	return layout;
}

static struct port_config config_for(uint32_t base)
{
	struct port_config config = lab_config();

	config.prefix[0].base = base;
	return config;
}

static void test_another_layout_carries_over_by_address(void **state)
{
	struct layout layout = layout_reordered();
	struct port_config config = config_for(256);
	struct offload_port *port;
	struct offload *offload;

	(void)state;
	in_a_killed_process(agent_fill_and_attach, 0);
	offload = lab_open(&layout);
	assert_true(offload_inherited(offload));
	assert_false(offload_slot_inherited(offload, 0));
	assert_true(offload_slots(offload)[0].binding == 0);
	assert_full(offload, 256);
	/* The old program goes on with the old table until the new one is there. */
	assert_answers(14);
	assert_ok(offload_attach(&port, offload, LAB_NEAR, lab_index(), OFFLOAD_AUTO, &config,
	                         &lab.fault));
	assert_answers(14);
	offload_slots(offload)[256 + 14].binding = 0;
	assert_silent(14);
	offload_port_close(port);
	offload_close(offload);
	offload = lab_open(&layout);
	assert_true(offload_slot_inherited(offload, 0));
	assert_true(offload_slots(offload)[256 + 14].binding == 0);
	assert_true(offload_slots(offload)[256 + 15].binding != 0);
	offload_close(offload);
	layout_clear(&layout);
}

/* A change of layout, killed after `steps` of its pins: which layout counts then? */
static void killed_between_pins(int steps, bool new_counts)
{
	struct layout layout = layout_reordered();
	struct offload *offload;

	in_a_killed_process(agent_fill_and_attach, 0);
	offload = lab_open(&layout);
	if (steps > 0)
		assert_ok(
		        pins_put(&offload->pins, MAP_LAYOUT_NEXT, offload->layout_fd, &lab.fault));
	if (steps > 1)
		assert_ok(pins_put(&offload->pins, MAP_TABLE,
		                   bpf_map__fd(maps_find(offload, MAP_TABLE)), &lab.fault));
	offload_close(offload);
	assert_answers(15);
	offload = lab_open(new_counts ? &layout : &lab.layout);
	assert_true(offload->table_taken);
	assert_full(offload, new_counts ? 256 : 0);
	offload_port_close(lab_attach(offload, OFFLOAD_AUTO));
	offload_close(offload);
	/* In the other direction, too, the table is carried over and not lost. */
	offload = lab_open(new_counts ? &lab.layout : &layout);
	assert_false(offload->table_taken);
	assert_full(offload, new_counts ? 0 : 256);
	offload_close(offload);
	layout_clear(&layout);
}

static void test_killed_before_the_first_new_pin(void **state)
{
	(void)state;
	killed_between_pins(0, false);
}

static void test_killed_between_layout_and_table(void **state)
{
	(void)state;
	killed_between_pins(1, false);
}

static void test_killed_between_table_and_layout(void **state)
{
	(void)state;
	killed_between_pins(2, true);
}

static void agent_change_layouts(void)
{
	struct layout layouts[2] = {lab.layout, layout_reordered()};
	struct offload_port *port = NULL, *before;

	for (unsigned i = 0;; i++) {
		struct offload *offload = lab_open(&layouts[i % 2]);
		struct port_config config = config_for(i % 2 ? 256 : 0);

		before = port;
		assert_ok(offload_attach(&port, offload, LAB_NEAR, lab_index(), OFFLOAD_AUTO,
		                         &config, &lab.fault));
		offload_port_close(before);
		offload_close(offload);
	}
}

static void test_killed_anywhere_the_table_survives_and_answers(void **state)
{
	(void)state;
	in_a_killed_process(agent_fill_and_attach, 0);
	for (int round = 0; round < 40; round++) {
		struct offload *offload;

		in_a_killed_process(agent_change_layouts, 20000 + round * 1371);
		assert_answers((uint32_t)round);
		offload = lab_open(&lab.layout);
		assert_full(offload, 0);
		offload_port_close(lab_attach(offload, OFFLOAD_AUTO));
		offload_close(offload);
		assert_answers((uint32_t)round);
	}
}

static void test_a_table_without_record_is_replaced_not_trusted(void **state)
{
	struct offload *offload;
	struct pins pins;

	(void)state;
	in_a_killed_process(agent_fill_and_attach, 0);
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	assert_int_equal(pins_remove(&pins, MAP_LAYOUT), 0);
	offload = lab_open(&lab.layout);
	assert_false(offload_inherited(offload));
	offload_port_close(lab_attach(offload, OFFLOAD_AUTO));
	assert_silent(16);
	offload_close(offload);
}

static void test_counters_outlive_the_agent(void **state)
{
	uint64_t counters[COUNTERS];
	struct offload *offload;

	(void)state;
	in_a_killed_process(agent_fill_and_attach, 0);
	assert_answers(17);
	offload = lab_open(&lab.layout);
	assert_int_equal(offload_counters(offload, counters), 0);
	assert_true(counters[COUNTER_ANSWERED] >= 1);
	offload_close(offload);
}

#define lab_test(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        lab_test(test_a_killed_agents_program_answers_and_is_taken_over),
	        lab_test(test_writes_after_the_kill_are_there),
	        lab_test(test_a_table_that_was_never_attached_is_not_inherited),
	        lab_test(test_another_layout_carries_over_by_address),
	        lab_test(test_killed_before_the_first_new_pin),
	        lab_test(test_killed_between_layout_and_table),
	        lab_test(test_killed_between_table_and_layout),
	        lab_test(test_killed_anywhere_the_table_survives_and_answers),
	        lab_test(test_a_table_without_record_is_replaced_not_trusted),
	        lab_test(test_counters_outlive_the_agent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
