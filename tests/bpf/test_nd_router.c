// SPDX-License-Identifier: MIT
/* Router advertisements and redirects: who may send them (RFC 6104, ra-guard). */
#include "nd_rig.h"

#define ROUTER "fe80::1"

static struct nd router_message(uint8_t type, struct mac source, const char *from)
{
	struct nd nd = message(type, source, from, in6("ff02::1"));

	nd.options[nd.option_count++] = (struct option){1, 1, source};
	return nd;
}

static void guard(struct rig *rig)
{
	rig->port->config[0].flags = PORT_RA_GUARD;
}

static const uint8_t types[] = {134, 137};

static void without_the_guard_they_pass(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; i < sizeof(types); i++) {
		nd_passes(rig, router_message(types[i], OTHER, ROUTER), PASS_NOT_SOLICITATION,
		          NO_EVENT);
		/* But not those that contradict. */
		nd_slots = 0;
		nd_bind(rig, "fe80::2", SLOT_STATIC, SLOT_PROTECT, TARGET);
		rig_reset_throttle(rig);
		nd_drops(rig, router_message(types[i], OTHER, "fe80::2"), DROP_PROTECTED,
		         EVENT_SPOOF);
	}
}

static void a_declared_router_passes(void **state)
{
	struct rig *rig = *state;

	guard(rig);
	for (unsigned i = 0; i < sizeof(types); i++) {
		nd_slots = 0;
		nd_bind(rig, ROUTER, SLOT_STATIC, SLOT_ROUTER | SLOT_PROTECT, TARGET);
		nd_passes(rig, router_message(types[i], TARGET, ROUTER), PASS_NOT_SOLICITATION,
		          NO_EVENT);
		rig_bind(rig, 0, SLOT_LOCAL, SLOT_ROUTER, TARGET);
		nd_passes(rig, router_message(types[i], TARGET, ROUTER), PASS_NOT_SOLICITATION,
		          NO_EVENT);
	}
}

static void others_are_dropped_and_reported(void **state)
{
	static const struct {
		const char *from;
		enum slot_state state;
		uint8_t flags;
		bool owner;
	} others[] = {
	        {ROUTER, SLOT_STATIC, 0, true},            /* no router */
	        {ROUTER, SLOT_DYNAMIC, SLOT_ROUTER, true}, /* not declared */
	        {ROUTER, SLOT_STALE, SLOT_ROUTER, true},   /* likewise */
	        {ROUTER, SLOT_DEAD, SLOT_ROUTER, true},    /* likewise */
	        {ROUTER, SLOT_STATIC, SLOT_ROUTER, false}, /* another MAC */
	        {ROUTER, SLOT_STATIC, SLOT_ROUTER | SLOT_PROTECT, false},
	        {"fe80::9", SLOT_STATIC, SLOT_ROUTER, true}, /* another address */
	        {"::", SLOT_STATIC, SLOT_ROUTER, true},
	};
	struct rig *rig = *state;

	guard(rig);
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++)
		for (unsigned j = 0; j < sizeof(types); j++) {
			nd_slots = 0;
			nd_bind(rig, ROUTER, others[i].state, others[i].flags, TARGET);
			rig_reset_throttle(rig);
			nd_drops(rig,
			         router_message(types[j], others[i].owner ? TARGET : OTHER,
			                        others[i].from),
			         DROP_ROUTER, EVENT_ROGUE_ROUTER);
		}
}

static void the_event_names_the_sender(void **state)
{
	struct rig *rig = *state;

	guard(rig);
	nd_drops(rig, router_message(134, OTHER, "fe80::bad"), DROP_ROUTER, EVENT_ROGUE_ROUTER);
	nd_event_is(rig,
	            (struct event){.kind = EVENT_ROGUE_ROUTER,
	                           .slot = EVENT_NO_SLOT,
	                           .mac = {0x02, 0, 0x5e, 0x10, 0x20, 0x0c},
	                           .source = {0x02, 0, 0x5e, 0x10, 0x20, 0x0c},
	                           .opcode = 134},
	            "fe80::bad", "ff02::1");
	/* Once a second. */
	rig_settle();
	rig_reset_throttle(rig);
	nd_drops(rig, router_message(134, OTHER, "fe80::bad"), DROP_ROUTER, EVENT_ROGUE_ROUTER);
	nd_drops(rig, router_message(134, OTHER, "fe80::bad"), DROP_ROUTER, NO_EVENT);
}

/* A message that the program takes for invalid could be valid to some host. */
static void the_guard_does_not_ask_whether_it_is_valid(void **state)
{
	struct rig *rig = *state;
	struct nd nd = router_message(134, OTHER, ROUTER);

	guard(rig);
	nd.sum_off = 1;
	nd.hop_limit = 64;
	nd_drops(rig, nd, DROP_ROUTER, EVENT_ROGUE_ROUTER);
	for (int i = 0; i < 12; i++)
		nd.options[i] = (struct option){3, 1, OTHER};
	nd.option_count = 12;
	nd_drops(rig, nd, DROP_ROUTER, NO_EVENT);
}

static void where_neighbour_discovery_is_off_they_pass(void **state)
{
	struct rig *rig = *state;
	struct nd nd = router_message(134, OTHER, ROUTER);

	guard(rig);
	nd.tags[nd.tag_count++] = (struct tag){0x8100, 8};
	nd_passes(rig, nd, PASS_NOT_SOLICITATION, NO_EVENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ND_TEST(without_the_guard_they_pass),
	        ND_TEST(a_declared_router_passes),
	        ND_TEST(others_are_dropped_and_reported),
	        ND_TEST(the_event_names_the_sender),
	        ND_TEST(the_guard_does_not_ask_whether_it_is_valid),
	        ND_TEST(where_neighbour_discovery_is_off_they_pass),
	};

	return cmocka_run_group_tests_name("bpf: neighbour discovery: routers", tests, NULL, NULL);
}
