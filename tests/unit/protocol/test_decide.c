// SPDX-License-Identifier: MIT
/* How an item of a proposal is decided where times alone differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/protocol.h"

static struct entry entry(int64_t since, uint8_t last)
{
	return (struct entry){
	        .mac = {{2, 0, 0, 0, 0, last}}, .state = ENTRY_STATIC, .since = since};
}

static void in_a_fleet_times_alone_do_not_make_another_entry(void **state)
{
	struct entry base = entry(200, 1), ours = entry(100, 1), theirs = entry(150, 2);
	struct history_item item = {.base = &base, .theirs = NULL};
	struct history_proposal proposal = {.item = &item, .items = 1, .source = "merge/x"};

	(void)state;
	/* Elsewhere the change outlives the removal. */
	assert_ptr_equal(proposal_decide(&proposal, &item, &ours), &ours);
	assert_int_equal(item.choice, MERGE_TOOK_OURS);
	proposal.retimed = true;
	assert_null(proposal_decide(&proposal, &item, &ours));
	assert_int_equal(item.choice, MERGE_TRIVIAL);
	item.theirs = &theirs;
	assert_ptr_equal(proposal_decide(&proposal, &item, &ours), &theirs);
	proposal.undo = true;
	assert_ptr_equal(proposal_decide(&proposal, &item, &ours), &theirs);
	assert_int_equal(item.choice, MERGE_TRIVIAL);
}

static void another_note_or_mac_is_a_change(void **state)
{
	struct entry base = entry(200, 1), ours = entry(100, 1);
	struct history_item item = {.base = &base, .theirs = NULL};
	struct history_proposal proposal = {
	        .item = &item, .items = 1, .source = "merge/x", .retimed = true};
	char note[] = "rack 3";

	(void)state;
	ours.note = note;
	assert_ptr_equal(proposal_decide(&proposal, &item, &ours), &ours);
	ours = entry(100, 2);
	assert_ptr_equal(proposal_decide(&proposal, &item, &ours), &ours);
	/* What is not there, or was not, has no times. */
	assert_null(proposal_decide(&proposal, &item, NULL));
	item.base = NULL;
	assert_ptr_equal(proposal_decide(&proposal, &item, &ours), &ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(in_a_fleet_times_alone_do_not_make_another_entry),
	        cmocka_unit_test(another_note_or_mac_is_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
