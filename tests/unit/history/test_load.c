// SPDX-License-Identifier: MIT
/* Start-up with more entries than a chunk holds: each comes once, with what was applied before. */
#include "owner.h"

#define ENTRIES 20000u /* of 10.0.0.0/17; a chunk holds 8192 */
#define CHANGED 100u   /* of them, each so many-th one since it was applied, and again removed */

static struct prefix large_prefix = {ADDRESS_V4(FIRST), 17};
static const struct segment large_segment = {"lan", &large_prefix, 1};

/* main is a commit ahead of what was applied: every CHANGED-th changed, the one behind it removed,
 * and one file is not an entry. */
static void make_large(struct owner *owner)
{
	assert_int_equal(
	        shell(owner,
	              "git init -q --bare \"$R\" && git -C \"$R\" symbolic-ref HEAD "
	              "refs/heads/main && git -C \"$R\" config arpkeeper.format 1 && awk 'function "
	              "file(i, round,  c, d, t) { c = int(i / 256); d = i %% 256; t = "
	              "sprintf(\"mac "
	              "02:00:00:%%02x:%%02x:%%02x\\nstate static\\nsince "
	              "2026-01-02T03:04:05Z\\n%%s\", round, c, d, i %% 3 ? \"origin h\" i %% 5 "
	              "\"\\n\" : \"\"); printf(\"M 100644 inline "
	              "lan/10.0/10.0.%%d/10.0.%%d.%%d\\ndata %%d\\n%%s\", c, c, d, length(t), t) } "
	              "BEGIN { print \"commit refs/heads/main\\ncommitter p <p@x> 1763800000 "
	              "+0000\\ndata 1\\nx\"; for (i = 1; i <= %u; i++) file(i, 0); print \"commit "
	              "refs/heads/main\\ncommitter p <p@x> 1763800001 +0000\\ndata 1\\ny\"; for (i "
	              "= "
	              "%u; i <= %u; i += %u) { file(i, 1); c = int((i + 1) / 256); printf(\"D "
	              "lan/10.0/10.0.%%d/10.0.%%d.%%d\\n\", c, c, (i + 1) %% 256) }; print \"M "
	              "100644 inline lan/10.0/10.0.0/10.0.0.5\\ndata 4\\nnone\" }' | git -C \"$R\" "
	              "fast-import --quiet && git -C \"$R\" update-ref refs/arpkeeper/applied "
	              "main~1",
	              ENTRIES, CHANGED, ENTRIES - 1, CHANGED),
	        0);
}

static void refuse_to_merge(void *context, struct history_proposal *proposal)
{
	(void)context;
	(void)proposal;
	fail();
}

static void open_large(struct owner *owner)
{
	struct history_options options = {.path = owner->path,
	                                  .instance = "default",
	                                  .control = "/run/arpkeeper/control.sock",
	                                  .program = owner->program,
	                                  .segment = &large_segment,
	                                  .segments = 1,
	                                  .interval_ms = owner->interval_ms,
	                                  .loop = &owner->loop,
	                                  .propose = refuse_to_merge,
	                                  .notice = on_notice,
	                                  .context = owner};

	if (history_open(&owner->history, &options, &owner->fault))
		fail_msg("%s", owner->fault.text);
}

static void assert_item(const struct history_item *item, unsigned *changed, unsigned *removed)
{
	unsigned host = host_at(item->address);

	if (host % CHANGED == 0 && host < ENTRIES) {
		assert_int_equal(item->base->mac.octet[3], 0);
		assert_int_equal(item->theirs->mac.octet[3], 1);
		++*changed;
	} else if (host % CHANGED == 1 && host > 1) {
		assert_non_null(item->base);
		assert_null(item->theirs);
		++*removed;
	} else {
		assert_ptr_equal(item->base, item->theirs);
		assert_int_equal(item->theirs->mac.octet[4], host / 256);
		assert_int_equal(item->theirs->mac.octet[5], host % 256);
		assert_true(!item->theirs->origin == (host % 3 == 0));
		if (item->theirs->origin)
			assert_int_equal(item->theirs->origin[1], '0' + (int)(host % 5));
	}
}

static void every_entry_comes_once_in_chunks(void **state)
{
	struct owner *owner = *state;
	static bool seen[ENTRIES + 1];
	struct history_proposal *chunk;
	unsigned chunks = 0, items = 0, changed = 0, removed = 0;
	struct entry *found = make_entry(1, ENTRY_STATIC, SINCE);
	uint64_t about;
	char text[64];
	int more;

	make_large(owner);
	open_large(owner);
	assert_int_equal(history_load(owner->history, &about, &owner->fault), 0);
	assert_true(about > ENTRIES * 9 / 10 && about < ENTRIES * 11 / 10);
	while ((more = history_load_next(owner->history, &chunk, &owner->fault)) > 0) {
		assert_true(chunk->items <= 8192);
		chunks++;
		for (size_t i = 0; i < chunk->items; i++) {
			struct history_item *item = &chunk->item[i];

			assert_false(seen[host_at(item->address)]);
			seen[host_at(item->address)] = true;
			assert_item(item, &changed, &removed);
			/* The table still holds every other one of those removed. */
			item->result = !item->theirs && removed % 2 ? item->base : item->theirs;
			items++;
		}
	}
	assert_int_equal(more, 0);
	assert_true(chunks >= 3);
	assert_int_equal(items, ENTRIES);
	assert_int_equal(changed, (ENTRIES - 1) / CHANGED);
	assert_int_equal(removed, changed);
	assert_int_equal(history_load_found(owner->history, 0, place(ENTRIES + 7), found, false),
	                 0);
	assert_int_equal(history_loaded(owner->history, &owner->fault), 0);
	assert_true(settle(owner));
	/* One task has everything in which the table differs. */
	output(owner, text, sizeof(text), "git -C \"$R\" log --format=%%s main | grep -c recover");
	assert_string_equal(text, "1");
	output(owner, text, sizeof(text), "git -C \"$R\" diff --name-only main~1 main | wc -l");
	assert_int_equal(strtoul(text, NULL, 10), (removed + 1) / 2 + 1);
	assert_whole(owner);
}

static void a_cancelled_start_ends_at_once(void **state)
{
	struct owner *owner = *state;
	struct history_proposal *chunk;
	uint64_t about;

	make_large(owner);
	for (unsigned chunks = 0; chunks < 3; chunks++) {
		open_large(owner);
		assert_int_equal(history_load(owner->history, &about, &owner->fault), 0);
		for (unsigned i = 0; i < chunks; i++)
			assert_int_equal(history_load_next(owner->history, &chunk, &owner->fault),
			                 1);
		assert_int_equal(owner_close(owner, 10000), 0);
	}
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(every_entry_comes_once_in_chunks),
	        TEST(a_cancelled_start_ends_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
