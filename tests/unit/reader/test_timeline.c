// SPDX-License-Identifier: MIT
/*
 * The timeline and the lives, by the index, are what the log of everything says, which is read
 * without it. Histories are random, their clocks go back now and then, and main is replaced.
 */
#include "maker.h"

#include <errno.h>

#include "reader/reader.h"
#include "reader/state.h"

#define CHANGES_MOST 8192

/* What main took of one address with one of its commits: from what was before to what came out. */
struct net {
	char main[41];
	char segment[64];
	struct address address;
	int64_t time;
	struct mac before, after; /* zero: absent */
	bool begins;
};

struct nets {
	struct net net[CHANGES_MOST];
	size_t count;
};

static struct mac mac_of(const struct entry *entry)
{
	return entry ? entry->mac : (struct mac){{0}};
}

/* Events of one commit of main and one address come one after the other, newest first. */
static int collect(void *context, const struct reader_event *event)
{
	struct nets *nets = context;
	struct net *last = nets->count > 0 ? &nets->net[nets->count - 1] : NULL;

	if (event->fate != READER_TOOK)
		return 0;
	if (last && !strcmp(last->main, event->main) &&
	    address_equal(last->address, event->address) &&
	    !strcmp(last->segment, event->segment)) {
		last->before = mac_of(event->before);
		return 0;
	}
	assert_true(nets->count < CHANGES_MOST);
	last = &nets->net[nets->count++];
	*last = (struct net){.address = event->address,
	                     .time = event->time,
	                     .before = mac_of(event->before),
	                     .after = mac_of(event->after),
	                     .begins = event->begins};
	strcpy(last->main, event->main);
	strcpy(last->segment, event->segment);
	return 0;
}

static struct reader *open_reader(const char *path)
{
	struct reader *reader;
	struct fault fault = {""};

	if (reader_open(&reader, path, &fault) < 0)
		fail_msg("%s", fault.text);
	return reader;
}

static void count_net(struct timeline_bucket *bucket, const struct net *net)
{
	if (mac_is_zero(net->before))
		bucket->appeared++;
	else if (mac_is_zero(net->after))
		bucket->gone++;
	else if (mac_equal(net->before, net->after))
		bucket->changed++;
	else
		bucket->moved++;
}

/* As the timeline should be: by counting. */
static void assert_timeline(struct reader *reader, const struct nets *nets,
                            const struct timeline_query *query)
{
	struct timeline timeline;
	struct fault fault = {""};
	size_t counted = 0;

	if (reader_timeline(reader, &timeline, query, &fault) < 0)
		fail_msg("%s", fault.text);
	assert_true(timeline.buckets >= 1 && timeline.buckets <= query->buckets);
	assert_true(timeline.since + (int64_t)timeline.buckets * timeline.seconds > timeline.until);
	for (size_t i = 0; i < timeline.buckets; i++) {
		int64_t from = timeline.since + (int64_t)i * timeline.seconds;
		struct timeline_bucket wanted = {.alerts = 0};

		for (size_t j = 0; j < nets->count; j++) {
			const struct net *net = &nets->net[j];

			if (net->time < from || net->time >= from + timeline.seconds ||
			    net->time > timeline.until || net->begins ||
			    (query->prefix && !prefix_contains(*query->prefix, net->address)) ||
			    (query->segment && strcmp(query->segment, net->segment) != 0))
				continue;
			count_net(&wanted, net);
			counted++;
		}
		assert_int_equal(timeline.bucket[i].appeared, wanted.appeared);
		assert_int_equal(timeline.bucket[i].moved, wanted.moved);
		assert_int_equal(timeline.bucket[i].gone, wanted.gone);
		assert_int_equal(timeline.bucket[i].changed, wanted.changed);
	}
	if (query->since == 0 && !query->segment && !query->prefix && nets->count > 0)
		assert_true(counted > 0);
	timeline_clear(&timeline);
}

/* Whole, parts of it, a prefix, a segment that is there, and one that is not. */
static void assert_timelines(const char *path, int64_t end)
{
	static const unsigned buckets[] = {1, 7, 300, TIMELINE_BUCKETS};
	const struct reader_query everything = {.limit = 0};
	const struct prefix prefix = {ADDRESS_V4(0x0a000310), 29};
	struct nets *nets = calloc(1, sizeof(*nets));
	struct reader *reader = open_reader(path);
	struct fault fault = {""};

	assert_non_null(nets);
	assert_int_equal(reader_log(reader, &everything, collect, nets, &fault), 0);
	assert_true(nets->count > 0);
	for (size_t i = 0; i < sizeof(buckets) / sizeof(*buckets); i++) {
		struct timeline_query query = {.until = end, .buckets = buckets[i]};

		assert_timeline(reader, nets, &query);
		query.prefix = &prefix;
		assert_timeline(reader, nets, &query);
		query.prefix = NULL;
		query.segment = "lan";
		query.since = BEGIN + (end - BEGIN) / 3;
		query.until = BEGIN + (end - BEGIN) / 2;
		assert_timeline(reader, nets, &query);
		query.segment = "attic";
		assert_timeline(reader, nets, &query);
	}
	reader_close(reader);
	free(nets);
}

static void it_counts_what_the_log_tells(void **state)
{
	struct sandbox *sandbox = *state;

	for (unsigned seed = 21; seed <= 26; seed++) {
		begin(sandbox, seed, 250);
		assert_timelines(sandbox->origin, BEGIN + 250 * 3 + 9);
		shell_ok(sandbox, "rm ../r.git/arpkeeper/index");
	}
}

static void it_grows_with_the_history(void **state)
{
	struct sandbox *sandbox = *state;
	struct maker maker = begin(sandbox, 31, 100);

	for (int i = 0; i < 4; i++) {
		assert_timelines(sandbox->origin, BEGIN + (int64_t)maker.commits * 3 + 9);
		make(&maker, 40);
	}
	shell_ok(sandbox, "git -C ../r.git update-ref refs/heads/main main~20");
	assert_timelines(sandbox->origin, BEGIN + (int64_t)maker.commits * 3 + 9);
}

static void a_thinned_history_begins_with_no_changes(void **state)
{
	struct sandbox *sandbox = *state;
	char path[128];

	begin(sandbox, 41, 200);
	snprintf(path, sizeof(path), "%s/s.git", sandbox->directory);
	shell_ok(sandbox, "git clone -q --bare --depth 30 -b main file://'%s' ../s.git",
	         sandbox->origin);
	assert_timelines(path, BEGIN + 200 * 3 + 9);
}

static void a_damaged_index_is_made_anew_in_memory(void **state)
{
	struct sandbox *sandbox = *state;

	begin(sandbox, 42, 200);
	assert_timelines(sandbox->origin, BEGIN + 200 * 3 + 9);
	shell_ok(sandbox,
	         "printf x | dd of=../r.git/arpkeeper/index bs=1 seek=280000 conv=notrunc");
	assert_timelines(sandbox->origin, BEGIN + 200 * 3 + 9);
}

static void alerts_are_counted(void **state)
{
	const struct timeline_query query = {
	        .since = BEGIN, .until = BEGIN + 99, .buckets = 10, .segment = "lan"};
	struct sandbox *sandbox = *state;
	struct timeline timeline;
	struct fault fault = {""};
	struct reader *reader;

	for (int i = 0; i < 30; i++)
		shell_ok(sandbox,
		         "export GIT_COMMITTER_DATE='%d +0000'; tip=$(git -C ../r.git rev-parse -q "
		         "--verify alerts); git -C ../r.git update-ref refs/heads/alerts $(printf "
		         "'conflict: it\\n\\nAlert: conflict\\nSegment: %s\\nAddress: "
		         "10.0.3.17\\n' | "
		         "git -C ../r.git commit-tree ${tip:+-p $tip} main^{tree})",
		         BEGIN + 5 * i, i % 2 ? "lan" : "attic");
	reader = open_reader(sandbox->origin);
	assert_int_equal(reader_timeline(reader, &timeline, &query, &fault), 0);
	assert_int_equal(timeline.buckets, 10);
	assert_int_equal(timeline.alerts_since, BEGIN);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(timeline.bucket[i].alerts, 1);
	timeline_clear(&timeline);
	reader_close(reader);
}

static void a_span_that_ends_before_it_begins_is_refused(void **state)
{
	const struct timeline_query query = {.since = BEGIN + 1, .until = BEGIN, .buckets = 10};
	struct sandbox *sandbox = *state;
	struct reader *reader = open_reader(sandbox->origin);
	struct timeline timeline;
	struct fault fault = {""};

	assert_int_equal(reader_timeline(reader, &timeline, &query, &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "since: 2025-11-22T08:26:41Z is later than until"));
	timeline_clear(&timeline);
	reader_close(reader);
}

/* --- lives ------------------------------------------------------------------------------------ */

static int add_life(void *context, const struct reader_event *event)
{
	return lives_add(context, event);
}

/* Who holds the address after each commit of main's line, oldest first, as git shows it. */
static void assert_lives(const struct sandbox *sandbox, struct reader *reader,
                         struct address address)
{
	const struct reader_query query = {.address = &address};
	struct lives lives = {.mac = NULL};
	struct fault fault = {""};
	char path[ENTRY_PATH_MAX], expected[16384] = "", found[16384] = "";
	size_t used = 0;

	shell_ok(sandbox,
	         "cd ../r.git && git log --first-parent --reverse --format='%%H %%ct' main | while "
	         "read -r commit time; do echo \"$time $(git cat-file -p "
	         "$commit:%s 2>/dev/null | sed -n 's/^mac //p')\"; done | awk '"
	         "$2 != held { if (held && begun != $1) printf \"%%s %%s %%s;\", held, begun, $1; "
	         "held = $2; begun = $1 } END { if (held) printf \"%%s %%s -;\", held, begun }'",
	         entry_path(path, "lan", address));
	snprintf(expected, sizeof(expected), "%s", output_of(sandbox));
	assert_int_equal(reader_log(reader, &query, add_life, &lives, &fault), 0);
	for (size_t i = lives.count; i-- > 0;) {
		const struct life_span *span = &lives.span[i];
		char mac[MAC_TEXT], until[24] = "-";

		assert_true(span->begun && span->commit[0] && span->author[0]);
		if (!span->lasts)
			snprintf(until, sizeof(until), "%lld", (long long)span->until);
		assert_true(span->lasts || span->ended_by[0]);
		/* Of what one merge brought, each step is told. */
		if (!span->lasts && span->since == span->until)
			continue;
		used += (size_t)snprintf(found + used, sizeof(found) - used, "%s %lld %s;",
		                         mac_format(mac, span->mac), (long long)span->since, until);
	}
	assert_string_equal(found, expected);
	lives_clear(&lives);
}

static void lives_are_those_of_a_replay(void **state)
{
	struct sandbox *sandbox = *state;

	for (unsigned seed = 51; seed <= 53; seed++) {
		struct reader *reader;

		begin(sandbox, seed, 120);
		reader = open_reader(sandbox->origin);
		for (uint32_t number = FIRST; number < FIRST + 4; number++)
			assert_lives(sandbox, reader, made_address(number));
		reader_close(reader);
	}
}

static void assert_held(struct reader *reader, const struct nets *nets, struct mac mac)
{
	const struct reader_query query = {.mac = &mac};
	struct lives lives = {.mac = &mac};
	struct fault fault = {""};
	size_t begun = 0, lasting = 0, expected = 0;

	assert_int_equal(reader_log(reader, &query, add_life, &lives, &fault), 0);
	for (size_t i = 0; i < nets->count; i++)
		expected +=
		        mac_equal(nets->net[i].after, mac) && !mac_equal(nets->net[i].before, mac);
	for (size_t i = 0; i < lives.count; i++) {
		const struct life_span *span = &lives.span[i];

		assert_true(mac_equal(span->mac, mac));
		begun += span->begun;
		lasting += span->lasts;
	}
	assert_int_equal(begun, expected);
	/* What lasts is what the newest change of its address left. */
	for (uint32_t number = FIRST; number < FIRST + ADDRESSES; number++) {
		for (size_t i = 0; i < nets->count; i++) {
			if (!address_equal(nets->net[i].address, made_address(number)))
				continue;
			lasting -= mac_equal(nets->net[i].after, mac);
			break;
		}
	}
	assert_int_equal(lasting, 0);
	lives_clear(&lives);
}

static void what_a_mac_held_is_what_the_log_tells(void **state)
{
	const struct reader_query everything = {.limit = 0};
	struct nets *nets = calloc(1, sizeof(*nets));
	struct sandbox *sandbox = *state;
	struct fault fault = {""};
	struct reader *reader;

	assert_non_null(nets);
	begin(sandbox, 61, 250);
	reader = open_reader(sandbox->origin);
	assert_int_equal(reader_log(reader, &everything, collect, nets, &fault), 0);
	for (uint8_t octet = 1; octet <= 7; octet++)
		assert_held(reader, nets, (struct mac){{2, 0, 0, 0, 0, octet}});
	reader_close(reader);
	free(nets);
}

/* --- pages ------------------------------------------------------------------------------------ */

struct lines {
	char text[CHANGES_MOST][128];
	size_t count;
};

static int remember(void *context, const struct reader_event *event)
{
	struct lines *lines = context;

	assert_true(lines->count < CHANGES_MOST);
	snprintf(lines->text[lines->count++], sizeof(*lines->text), "%.40s %08x %d %.40s",
	         event->commit, address_number(event->address), event->fate, event->main);
	return 0;
}

/* The strip by the index alone has the same spans as the log, where only the MAC counts. */
static void assert_strip(struct reader *reader, struct address address, size_t listed)
{
	struct reader_query query = {.address = &address, .limit = listed};
	struct lives whole = {.stateless = true}, strip = {.mac = NULL};
	struct lines *lines = calloc(1, sizeof(*lines));
	struct fault fault = {""};
	const char *before = NULL;
	size_t of_strip = 0;
	bool more = true;

	assert_non_null(lines);
	if (listed > 0) {
		assert_int_equal(reader_log(reader, &query, add_life, &strip, &fault), 0);
		assert_int_equal(reader_log(reader, &query, remember, lines, &fault), 0);
		if (lines->count > 0)
			before = strrchr(lines->text[lines->count - 1], ' ') + 1;
	}
	query.limit = 0;
	assert_int_equal(reader_log(reader, &query, add_life, &whole, &fault), 0);
	if (reader_strip(reader, &strip, address, NULL, before, SIZE_MAX, &more, &fault) < 0)
		fail_msg("%s", fault.text);
	assert_false(more);
	for (size_t i = 0; i < whole.count; i++) {
		const struct life_span *a = &whole.span[i], *b = &strip.span[of_strip++];

		assert_true(of_strip <= strip.count);
		assert_true(mac_equal(a->mac, b->mac) && a->since == b->since &&
		            a->lasts == b->lasts);
		assert_true(a->lasts || a->until == b->until);
		assert_int_equal(a->begun, b->begun);
		assert_string_equal(a->segment, b->segment);
		assert_string_equal(a->task, b->task);
	}
	assert_int_equal(of_strip, strip.count);
	lives_clear(&whole);
	lives_clear(&strip);
	free(lines);
}

static void a_strip_has_the_lives_of_the_log(void **state)
{
	struct sandbox *sandbox = *state;

	for (unsigned seed = 91; seed <= 94; seed++) {
		struct reader *reader;

		begin(sandbox, seed, 250);
		reader = open_reader(sandbox->origin);
		for (uint32_t number = FIRST; number < FIRST + ADDRESSES; number++)
			for (size_t listed = 0; listed < 4; listed++)
				assert_strip(reader, made_address(number), listed);
		reader_close(reader);
	}
}

/* Page after page is the whole. */
static void assert_pages(struct reader *reader, const struct reader_query *query, size_t commits)
{
	struct lines *whole = calloc(1, sizeof(*whole)), *paged = calloc(1, sizeof(*paged));
	struct reader_page page = {.commits = commits};
	char before[41];
	struct fault fault = {""};
	size_t pages = 0;

	assert_non_null(whole);
	assert_non_null(paged);
	assert_int_equal(reader_log(reader, query, remember, whole, &fault), 0);
	do {
		if (reader_page(reader, query, &page, remember, paged, &fault) < 0)
			fail_msg("%s", fault.text);
		memcpy(before, page.next, sizeof(before));
		page.before = before;
		assert_true(++pages < 2000);
	} while (*page.next);
	assert_int_equal(paged->count, whole->count);
	for (size_t i = 0; i < whole->count; i++)
		assert_string_equal(paged->text[i], whole->text[i]);
	free(paged);
	free(whole);
}

static void pages_are_the_log(void **state)
{
	static const size_t sizes[] = {1, 10, 10000};
	const struct prefix prefix = {ADDRESS_V4(0x0a000310), 30};
	struct sandbox *sandbox = *state;

	for (unsigned seed = 71; seed <= 73; seed++) {
		struct reader *reader;

		begin(sandbox, seed, 200);
		reader = open_reader(sandbox->origin);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct reader_query query = {.limit = 0};

			assert_pages(reader, &query, sizes[i]);
			query.until = BEGIN + 300;
			assert_pages(reader, &query, sizes[i]);
			query = (struct reader_query){.prefix = &prefix};
			assert_pages(reader, &query, sizes[i]);
			query.until = BEGIN + 400;
			query.since = BEGIN + 100;
			assert_pages(reader, &query, sizes[i]);
			query = (struct reader_query){.segment = "lan", .kind = READER_PUSH};
			assert_pages(reader, &query, sizes[i]);
		}
		reader_close(reader);
	}
}

static void a_page_begins_behind_a_commit_of_main(void **state)
{
	const struct reader_query query = {.limit = 0};
	struct reader_page page = {.before = "0123456789012345678901234567890123456789",
	                           .commits = 10};
	struct lines *lines = calloc(1, sizeof(*lines));
	struct sandbox *sandbox = *state;
	struct fault fault = {""};
	struct reader *reader;

	begin(sandbox, 74, 50);
	reader = open_reader(sandbox->origin);
	assert_int_equal(reader_page(reader, &query, &page, remember, lines, &fault), -ENOENT);
	assert_non_null(strstr(fault.text, "has no commit 0123456789"));
	reader_close(reader);
	free(lines);
}

static void a_bounded_reader_makes_no_long_index(void **state)
{
	const struct timeline_query query = {.until = BEGIN + 9999, .buckets = 10};
	struct sandbox *sandbox = *state;
	struct timeline timeline;
	struct fault fault = {""};
	struct reader *reader;

	begin(sandbox, 75, 120);
	reader = open_reader(sandbox->origin);
	reader_bound(reader);
	reader->most = 20;
	assert_int_equal(reader_timeline(reader, &timeline, &query, &fault), -E2BIG);
	assert_non_null(strstr(fault.text, "its agent makes it in the background"));
	timeline_clear(&timeline);
	reader->most = 1000;
	assert_int_equal(reader_timeline(reader, &timeline, &query, &fault), 0);
	timeline_clear(&timeline);
	reader_close(reader);
}

#define IN_SANDBOX(test) cmocka_unit_test_setup_teardown(test, sandbox_open, sandbox_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        IN_SANDBOX(it_counts_what_the_log_tells),
	        IN_SANDBOX(it_grows_with_the_history),
	        IN_SANDBOX(a_thinned_history_begins_with_no_changes),
	        IN_SANDBOX(a_damaged_index_is_made_anew_in_memory),
	        IN_SANDBOX(alerts_are_counted),
	        IN_SANDBOX(a_span_that_ends_before_it_begins_is_refused),
	        IN_SANDBOX(lives_are_those_of_a_replay),
	        IN_SANDBOX(what_a_mac_held_is_what_the_log_tells),
	        IN_SANDBOX(a_strip_has_the_lives_of_the_log),
	        IN_SANDBOX(pages_are_the_log),
	        IN_SANDBOX(a_page_begins_behind_a_commit_of_main),
	        IN_SANDBOX(a_bounded_reader_makes_no_long_index),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
