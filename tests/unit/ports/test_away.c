// SPDX-License-Identifier: MIT
/* A port whose interface goes to another network namespace, and returns. */
#include "../offload/lab.h"

#include "ports/ports.h"

static char *interfaces[] = {LAB_NEAR};
static struct prefix prefixes[] = {{.network = ADDRESS_V4(LAB_NETWORK), .length = 24}};

static void on_local(void *context, unsigned segment, struct address address, const struct mac *mac)
{
	(void)context;
	(void)segment;
	(void)address;
	(void)mac;
}

static void on_ready(void *context, struct agent_port *port)
{
	(void)context;
	(void)port;
}

static void on_link(void *context, unsigned segment, bool up)
{
	(void)context;
	(void)segment;
	(void)up;
}

static void on_mac(void *context, unsigned segment, struct mac mac)
{
	(void)context;
	(void)segment;
	(void)mac;
}

static void on_notice(void *context, const char *line)
{
	(void)context;
	print_message("%s\n", line);
}

/* Until frames pass: the kernel notices a second later, at most, that the other end is up. */
static void await_carrier(void)
{
	const char command[] = "timeout 20 sh -c 'until ip link show " LAB_FAR
	                       " | grep -q LOWER_UP.*state.UP; do sleep 0.05; done'";

	lab_enter(lab.far);
	lab_run(command);
	lab_enter(lab.near);
}

/* Moves the interface from one namespace to another, where it is up. */
static void move(int from, int to)
{
	char command[128];

	lab_enter(from);
	snprintf(command, sizeof(command), "ip link set " LAB_NEAR " netns /proc/%d/fd/%d",
	         (int)getpid(), to);
	lab_run(command);
	lab_enter(to);
	lab_run("ip link set " LAB_NEAR " up");
	await_carrier();
}

static void receive_until(struct ports *ports, enum port_state state)
{
	struct pollfd readable = {.fd = ports_fd(ports), .events = POLLIN};

	while (ports->port[0].state != state) {
		assert_int_equal(poll(&readable, 1, 20000), 1);
		assert_ok(ports_receive(ports, &lab.fault));
	}
}

static void test_it_is_silent_there_also_if_the_beat_sees_it_go_before_netlink_says_so(void **state)
{
	struct config_segment segment = {
	        .interface = interfaces, .interfaces = 1, .prefix = prefixes, .prefixes = 1};
	struct config config = {
	        .segment = &segment, .segments = 1, .mode = MODE_GENERIC, .silence = 60};
	const struct ports_ops ops = {.local = on_local,
	                              .ready = on_ready,
	                              .link = on_link,
	                              .mac = on_mac,
	                              .notice = on_notice};
	struct offload *offload = lab_open(&lab.layout);
	struct ports ports;
	int away;

	(void)state;
	lab_fill(offload);
	assert_ok(ports_init(&ports, &config, &ops, NULL, &lab.fault));
	assert_ok(ports_attach(&ports, offload, &lab.layout, &lab.fault));
	assert_answers(9);
	away = lab_namespace();
	lab_enter(lab.near);
	move(lab.near, away);
	ports_beat(&ports);
	receive_until(&ports, PORT_GONE);
	assert_silent(9);
	move(away, lab.near);
	receive_until(&ports, PORT_ATTACHED);
	assert_answers(9);
	close(away);
	assert_ok(ports_detach(&ports, &lab.fault));
	ports_clear(&ports);
	assert_ok(offload_unpin(offload, &lab.fault));
	offload_close(offload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                test_it_is_silent_there_also_if_the_beat_sees_it_go_before_netlink_says_so,
	                lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests_name("an interface that is away", tests, NULL, NULL);
}
