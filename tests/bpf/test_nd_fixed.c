// SPDX-License-Identifier: MIT
/* The program for dispatchers that allow no change of a frame's length: nothing else differs. */
#include <stddef.h>

#include "arpkeeper_fixed.skel.h"

/* The rig takes this one. */
#define __ARPKEEPER_BPF_SKEL_H__
#define arpkeeper_bpf          arpkeeper_fixed_bpf
#define arpkeeper_bpf__open    arpkeeper_fixed_bpf__open
#define arpkeeper_bpf__load    arpkeeper_fixed_bpf__load
#define arpkeeper_bpf__destroy arpkeeper_fixed_bpf__destroy

#include "nd_rig.h"

static void bind_both(struct rig *rig)
{
	nd_bind(rig, ASKS, SLOT_DYNAMIC, 0, ASKER);
	nd_bind(rig, ASKED, SLOT_STATIC, SLOT_ANSWER, TARGET);
}

static void a_solicitation_without_room_passes_and_is_reported(void **state)
{
	struct rig *rig = *state;

	bind_both(rig);
	nd_passes(rig, detect(ASKER, ASKED), PASS_NO_ROOM, EVENT_HEARD);
	assert_int_equal(rig->events[0].flags, EVENT_DAD);
}

static void one_with_room_is_answered(void **state)
{
	struct rig *rig = *state;
	struct nd nd = detect(ASKER, ASKED);

	bind_both(rig);
	nd_answers(rig, solicit(ASKER, ASKS, ASKED), NO_EVENT);
	nd.padding = 7;
	nd_passes(rig, nd, PASS_NO_ROOM, EVENT_HEARD);
	rig_reset_throttle(rig);
	nd.padding = 8;
	nd_answers(rig, nd, EVENT_HEARD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ND_TEST(a_solicitation_without_room_passes_and_is_reported),
	        ND_TEST(one_with_room_is_answered),
	};

	return cmocka_run_group_tests_name("bpf: neighbour discovery: fixed", tests, NULL, NULL);
}
