// SPDX-License-Identifier: MIT
/* What the page is told of the past: pages, bounds, and faults that name the parameter. */
#include "asking.h"

#include <errno.h>
#include <time.h>

#include "reader/reader.h"
#include "web/instant.h"

#define LINES 4096

struct lines {
	char *line[LINES];
	size_t count;
};

static void add_line(struct lines *lines, const char *commit, const char *address, const char *main)
{
	assert_true(lines->count < LINES);
	assert_true(asprintf(&lines->line[lines->count++], "%s %s %s", commit, address, main) > 0);
}

static void free_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->line[i]);
	lines->count = 0;
}

static int remember(void *context, const struct reader_event *event)
{
	char address[ADDRESS_TEXT];

	add_line(context, event->commit, address_format(address, event->address), event->main);
	return 0;
}

static void log_lines(struct lines *lines, const char *path, const struct reader_query *query)
{
	struct reader *reader;
	struct fault fault;

	assert_int_equal(reader_open(&reader, path, &fault), 0);
	assert_int_equal(reader_log(reader, query, remember, lines, &fault), 0);
	reader_close(reader);
}

/* Follows `next` to the end. */
static void page_lines(struct lines *lines, const char *path, const char *parameters,
                       unsigned limit)
{
	char asked[512];
	bool more = true;

	snprintf(asked, sizeof(asked), "limit=%u&%s", limit, parameters);
	for (unsigned pages = 0; more; pages++) {
		json_t *answer = ask(api_changes, path, "", asked), *change;
		const json_t *next = json_object_get(answer, "next");
		const char *before = text_of(next, "before_commit");
		size_t i;

		assert_true(pages < LINES);
		assert_true(length_of(answer, "changes") <= limit);
		json_array_foreach (json_object_get(answer, "changes"), i, change)
			add_line(lines, text_of(change, "commit"), text_of(change, "address"),
			         text_of(change, "main"));
		more = json_is_object(next);
		if (more)
			snprintf(asked, sizeof(asked), "limit=%u&%s&offset=%lld%s%s", limit,
			         parameters, number_of(next, "offset"),
			         before ? "&before_commit=" : "", before ? before : "");
		json_decref(answer);
	}
}

static void assert_pages(const char *path, const struct reader_query *query, const char *parameters)
{
	static const unsigned limits[] = {1, 2, 7, 1000};
	struct lines *all = calloc(1, sizeof(*all)), *paged = calloc(1, sizeof(*paged));

	assert_non_null(all);
	assert_non_null(paged);
	log_lines(all, path, query);
	assert_true(all->count > 0);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		page_lines(paged, path, parameters, limits[i]);
		assert_int_equal(paged->count, all->count);
		for (size_t j = 0; j < all->count; j++)
			assert_string_equal(paged->line[j], all->line[j]);
		free_lines(paged);
	}
	free_lines(all);
	free(all);
	free(paged);
}

static void pages_of_changes_are_the_log(void **state)
{
	const char *path = ((struct sandbox *)*state)->origin;
	const struct prefix prefix = {ADDRESS_V4(0x0a000310), 30};
	const struct mac mac = {{2, 0, 0, 0, 0, 3}};

	begin(*state, 81, 90);
	assert_pages(path, &(struct reader_query){.limit = 0}, "");
	assert_pages(path, &(struct reader_query){.prefix = &prefix}, "prefix=10.0.3.16/30");
	assert_pages(path, &(struct reader_query){.address = &(struct address)ADDRESS_V4(FIRST)},
	             "address=10.0.3.17&segment=lan");
	assert_pages(path, &(struct reader_query){.mac = &mac}, "mac=02:00:00:00:00:03");
	assert_pages(path, &(struct reader_query){.until = BEGIN + 150, .kind = READER_PUSH},
	             "until=1763800150&kind=push");
	assert_pages(path, &(struct reader_query){.since = BEGIN + 90, .by = "p"},
	             "since=2025-11-22T08:28:10Z&by=p");
}

/* One commit has more changes than a page. */
static void a_commit_is_paged_too(void **state)
{
	struct sandbox *sandbox = *state;

	for (int i = 0; i < 20; i++) {
		char path[64];

		snprintf(path, sizeof(path), "lan/10.0/10.0.3/10.0.3.%d", 17 + i);
		entry(sandbox, path, "02:00:00:00:00:01", "static");
	}
	shell_ok(sandbox, "git commit -qm many && git push -q origin main");
	assert_pages(sandbox->origin, &(struct reader_query){.limit = 0}, "");
	assert_pages(sandbox->origin, &(struct reader_query){.segment = "lan"}, "segment=lan");
}

/* --- one address ------------------------------------------------------------------------------ */

static void an_address_has_lives_and_texts_as_they_are(void **state)
{
	struct sandbox *sandbox = *state;
	json_t *answer, *lives, *after;

	commit_as_agent();
	entry(sandbox, "lan/10.0/10.0.3/10.0.3.17", "02:00:00:00:00:01", "dynamic");
	shell_ok(sandbox,
	         "GIT_COMMITTER_DATE='1763800000 +0000' git commit -qm 'learn: it\n\nTask: "
	         "learn/20251122-a-000001'");
	shell_ok(sandbox,
	         "cd lan/10.0/10.0.3 && printf 'mac 02:00:00:00:00:02\\nstate static\\nsince "
	         "2025-11-22T10:15:00Z\\nnote <script>alert(1)</script> \\303\\244\\n' "
	         ">10.0.3.17 && GIT_COMMITTER_DATE='1763800060 +0000' git commit -qam "
	         "'<b>moved</b> ?' && git reset -q --hard $(git cat-file commit HEAD | "
	         "LC_ALL=C sed 's/?/\\xff/' | git hash-object -t commit -w --stdin) && git "
	         "push -q origin main");
	answer = ask(api_address, sandbox->origin, "10.0.3.17", "");
	assert_string_equal(text_of(answer, "address"), "10.0.3.17");
	assert_string_equal(text_of(answer, "segment"), "lan");
	assert_true(json_is_false(json_object_get(answer, "more")));
	lives = json_object_get(answer, "lives");
	assert_int_equal(json_array_size(lives), 2);
	assert_string_equal(text_of(json_array_get(lives, 0), "mac"), "02:00:00:00:00:02");
	assert_string_equal(text_of(json_array_get(lives, 0), "state"), "static");
	assert_string_equal(text_of(json_array_get(lives, 0), "since"), "2025-11-22T08:27:40Z");
	assert_true(json_is_null(json_object_get(json_array_get(lives, 0), "until")));
	assert_string_equal(text_of(json_array_get(lives, 1), "since"), "2025-11-22T08:26:40Z");
	assert_string_equal(text_of(json_array_get(lives, 1), "until"), "2025-11-22T08:27:40Z");
	assert_string_equal(text_of(json_array_get(lives, 1), "task"), "learn/20251122-a-000001");
	assert_string_equal(text_of(json_array_get(lives, 1), "ended_by"), "Ann");
	assert_int_equal(length_of(answer, "changes"), 2);
	after = json_object_get(json_array_get(json_object_get(answer, "changes"), 0), "after");
	assert_string_equal(text_of(after, "note"), "<script>alert(1)</script> \xc3\xa4");
	assert_string_equal(
	        text_of(json_array_get(json_object_get(answer, "changes"), 0), "subject"),
	        "(not UTF-8)");
	json_decref(answer);
	answer = ask(api_address, sandbox->origin, "10.0.3.17", "limit=1");
	assert_int_equal(length_of(answer, "changes"), 1);
	assert_true(json_is_true(json_object_get(answer, "more")));
	/* Lives are listed beyond the changes. */
	lives = json_object_get(answer, "lives");
	assert_int_equal(json_array_size(lives), 2);
	assert_string_equal(text_of(json_array_get(lives, 1), "since"), "2025-11-22T08:26:40Z");
	assert_string_equal(text_of(json_array_get(lives, 1), "task"), "learn/20251122-a-000001");
	assert_true(json_is_false(json_object_get(json_array_get(lives, 1), "begins")));
	assert_true(json_is_false(json_object_get(answer, "more_lives")));
	json_decref(answer);
	answer = ask(api_address, sandbox->origin, "10.0.3.99", "");
	assert_int_equal(length_of(answer, "lives"), 0);
	assert_true(json_is_null(json_object_get(answer, "segment")));
	json_decref(answer);
}

/* --- two moments ------------------------------------------------------------------------------ */

static int count_difference(void *context, const char *segment, struct address address,
                            const struct entry *before, const struct entry *after)
{
	char text[ADDRESS_TEXT];

	assert_true(before || after);
	add_line(context, segment, address_format(text, address), after ? "after" : "gone");
	return 0;
}

static void a_difference_is_counted_and_paged(void **state)
{
	const char *path = ((struct sandbox *)*state)->origin;
	struct lines *all = calloc(1, sizeof(*all)), *paged = calloc(1, sizeof(*paged));
	struct reader_moment from, to;
	struct reader *reader;
	struct fault fault;

	begin(*state, 82, 150);
	assert_int_equal(reader_open(&reader, path, &fault), 0);
	assert_int_equal(reader_at(reader, &from, BEGIN + 120, &fault), 0);
	assert_int_equal(reader_at(reader, &to, BEGIN + 400, &fault), 0);
	assert_int_equal(reader_diff(reader, &from, &to, NULL, NULL, count_difference, all, &fault),
	                 0);
	reader_close(reader);
	assert_true(all->count > 3);
	for (size_t offset = 0; offset <= all->count; offset += 3) {
		char asked[128];
		json_t *answer, *change;
		size_t i;

		snprintf(asked, sizeof(asked), "from=%d&to=%d&limit=3&offset=%zu", BEGIN + 120,
		         BEGIN + 400, offset);
		answer = ask(api_diff, path, "", asked);
		assert_int_equal(number_of(answer, "total"), all->count);
		assert_true(json_is_true(json_object_get(answer, "complete")));
		assert_string_equal(text_of(json_object_get(answer, "from"), "commit"),
		                    from.commit);
		assert_string_equal(text_of(json_object_get(answer, "to"), "commit"), to.commit);
		json_array_foreach (json_object_get(answer, "changes"), i, change)
			add_line(paged, text_of(change, "segment"), text_of(change, "address"),
			         json_is_null(json_object_get(change, "after")) ? "gone" : "after");
		json_decref(answer);
	}
	assert_int_equal(paged->count, all->count);
	for (size_t i = 0; i < all->count; i++)
		assert_string_equal(paged->line[i], all->line[i]);
	free_lines(all);
	free_lines(paged);
	free(all);
	free(paged);
}

static void before_the_history_there_is_nothing(void **state)
{
	const char *path = ((struct sandbox *)*state)->origin;
	struct fault fault;
	json_t *answer;

	begin(*state, 83, 20);
	assert_int_equal(try_to_ask(&answer, api_diff, path, "", "from=1000000000", &fault),
	                 -ENODATA);
	assert_non_null(strstr(fault.text, "the history of"));
	answer = ask(api_changes, path, "", "until=1000000000");
	assert_int_equal(length_of(answer, "changes"), 0);
	json_decref(answer);
}

/* --- the timeline and the alerts -------------------------------------------------------------- */

static void a_timeline_leaves_out_empty_buckets(void **state)
{
	const char *path = ((struct sandbox *)*state)->origin;
	json_int_t counted = 0, number;
	struct lines *all = calloc(1, sizeof(*all));
	json_t *answer, *bucket, *value;
	const char *key;
	size_t i;

	begin(*state, 84, 60);
	log_lines(all, path, &(struct reader_query){.limit = 0});
	answer = ask(api_timeline, path, "", "since=1763799000&until=1763801000&buckets=2000");
	assert_int_equal(number_of(answer, "seconds"), 2);
	assert_true(length_of(answer, "buckets") > 1);
	json_array_foreach (json_object_get(answer, "buckets"), i, bucket) {
		number = 0;
		json_object_foreach (bucket, key, value)
			number += json_integer_value(value);
		assert_true(number > 0);
		counted += number;
	}
	/* The log also tells what had no effect. */
	assert_true(counted > 0 && counted <= (json_int_t)all->count);
	json_decref(answer);
	free_lines(all);
	free(all);
}

static void make_alert(const struct sandbox *sandbox, int time, const char *address,
                       const char *station)
{
	shell_ok(
	        sandbox,
	        "export GIT_COMMITTER_DATE='%d +0000'; tip=$(git -C ../r.git rev-parse -q --verify "
	        "alerts); git -C ../r.git update-ref refs/heads/alerts $(printf 'conflict: "
	        "it\\n\\nAlert: conflict\\nSegment: lan\\nAddress: %s\\nMAC: %s\\n' | git -C "
	        "../r.git "
	        "commit-tree ${tip:+-p $tip} main^{tree})",
	        time, address, station);
}

static void alerts_are_grouped(void **state)
{
	struct sandbox *sandbox = *state;
	json_t *answer, *group;

	for (int i = 0; i < 6; i++)
		make_alert(sandbox, BEGIN + i, i % 3 ? "10.0.3.17" : "10.0.3.18",
		           "02:00:00:00:00:01");
	answer = ask(api_alerts, sandbox->origin, "", "");
	assert_int_equal(number_of(answer, "total"), 2);
	assert_true(json_is_null(json_object_get(answer, "since")));
	group = json_array_get(json_object_get(answer, "groups"), 0);
	assert_string_equal(text_of(group, "address"), "10.0.3.17");
	assert_string_equal(text_of(group, "kind"), "conflict");
	assert_int_equal(number_of(group, "count"), 4);
	assert_string_equal(text_of(group, "first"), "2025-11-22T08:26:41Z");
	assert_string_equal(text_of(group, "last"), "2025-11-22T08:26:45Z");
	assert_string_equal(text_of(json_object_get(group, "latest"), "time"),
	                    "2025-11-22T08:26:45Z");
	json_decref(answer);
	answer = ask(api_alerts, sandbox->origin, "", "limit=1&until=1763800000");
	assert_int_equal(length_of(answer, "groups"), 1);
	assert_int_equal(number_of(answer, "total"), 1);
	json_decref(answer);
	answer = ask(api_address, sandbox->origin, "10.0.3.18", "");
	assert_int_equal(length_of(answer, "alerts"), 2);
	json_decref(answer);
}

/* --- the table of a moment -------------------------------------------------------------------- */

struct had {
	struct address address;
	struct mac mac;
	enum entry_state state;
};

struct table {
	struct had had[64];
	size_t count;
};

static int keep_entry(void *context, const char *segment, struct address address,
                      const struct entry *before, const struct entry *entry)
{
	struct table *table = context;

	assert_null(before);
	assert_string_equal(segment, "lan");
	assert_true(table->count < 64);
	table->had[table->count++] = (struct had){address, entry->mac, entry->state};
	return 0;
}

static int compare_addresses(const void *first, const void *second)
{
	const struct had *a = first, *b = second;

	return address_compare(a->address, b->address);
}

static int compare_macs(const void *first, const void *second)
{
	const struct had *a = first, *b = second;
	int order = mac_compare(a->mac, b->mac);

	return order ? order : compare_addresses(a, b);
}

/* Pages of three rows, one after the other, are the rows expected. */
static void assert_table(const char *path, int64_t time, const char *parameters,
                         const struct had *had, size_t count, size_t of)
{
	size_t seen = 0;

	for (size_t offset = 0; offset == 0 || offset < count; offset += 3) {
		char asked[256], address[ADDRESS_TEXT], mac[MAC_TEXT];
		json_t *answer, *row;
		size_t i;

		snprintf(asked, sizeof(asked), "at=%lld&limit=3&offset=%zu&%s", (long long)time,
		         offset, parameters);
		answer = ask(api_table_at, path, "", asked);
		assert_int_equal(number_of(answer, "total"), count);
		assert_int_equal(number_of(answer, "of"), of);
		assert_non_null(text_of(answer, "at"));
		json_array_foreach (json_object_get(answer, "entries"), i, row) {
			assert_true(seen < count);
			assert_string_equal(text_of(row, "address"),
			                    address_format(address, had[seen].address));
			assert_string_equal(text_of(row, "mac"), mac_format(mac, had[seen].mac));
			assert_string_equal(text_of(row, "state"),
			                    entry_state_name(had[seen].state));
			assert_string_equal(text_of(row, "since"), "2026-11-22T10:15:00Z");
			seen++;
		}
		json_decref(answer);
	}
	assert_int_equal(seen, count);
}

static void the_table_of_a_moment_is_that_of_the_commit(void **state)
{
	const char *path = ((struct sandbox *)*state)->origin;
	struct reader *reader;
	struct fault fault;
	static const char *const ranges[] = {"10.0.3.18-10.0.3.22", "2001:db8:0:7::/64",
	                                     "2001:db8:0:7::a00:313-2001:db8:0:7::a00:317",
	                                     "2001:db8:0:7:0:0:A00:316"};
	size_t largest = 0, of_v6 = 0;

	begin(*state, 85, 150);
	assert_int_equal(reader_open(&reader, path, &fault), 0);
	for (int64_t time = BEGIN + 10; time < BEGIN + 450; time += 60) {
		struct reader_moment moment;
		struct table table = {.count = 0}, some = {.count = 0};
		struct range range;

		assert_int_equal(reader_at(reader, &moment, time, &fault), 0);
		assert_int_equal(
		        reader_diff(reader, NULL, &moment, NULL, NULL, keep_entry, &table, &fault),
		        0);
		qsort(table.had, table.count, sizeof(*table.had), compare_addresses);
		assert_table(path, time, "segment=lan", table.had, table.count, table.count);
		assert_table(path, time, "segment=attic", NULL, 0, table.count);
		for (size_t r = 0; r < sizeof(ranges) / sizeof(*ranges); r++) {
			char asked[128];

			assert_int_equal(range_parse(&range, ranges[r], &fault), 0);
			some.count = 0;
			for (size_t i = 0; i < table.count; i++)
				if (range_contains(range, table.had[i].address))
					some.had[some.count++] = table.had[i];
			snprintf(asked, sizeof(asked), "prefix=%s", ranges[r]);
			assert_table(path, time, asked, some.had, some.count, table.count);
			of_v6 += r > 0 ? some.count : 0;
		}
		qsort(table.had, table.count, sizeof(*table.had), compare_macs);
		assert_table(path, time, "sort=mac", table.had, table.count, table.count);
		some.count = 0;
		for (size_t i = 0; i < table.count; i++)
			if (table.had[i].mac.octet[5] == 3)
				some.had[some.count++] = table.had[i];
		assert_table(path, time, "mac=02:00:00:00:00:03", some.had, some.count,
		             table.count);
		assert_table(path, time, "q=00:03", some.had, some.count, table.count);
		largest = table.count > largest ? table.count : largest;
	}
	assert_true(largest > 6 && of_v6 > 6);
	reader_close(reader);
}

/* The same question about an address of IPv6, in any spelling, and about its network. */
static void an_address_of_ipv6_is_looked_up_as_any(void **state)
{
	static const char *const same[] = {"2001:db8:0:7::a00:313", "2001:DB8:0:7:0:0:a00:0313"};
	const char *path = ((struct sandbox *)*state)->origin;
	const struct address address = {UINT64_C(0x20010db800000007), FIRST + 2};
	const struct prefix network = {{UINT64_C(0x20010db800000007), 0}, 64};
	struct lines *all = calloc(1, sizeof(*all));

	begin(*state, 87, 150);
	log_lines(all, path, &(struct reader_query){.address = &address});
	assert_true(all->count > 3);
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		json_t *answer = ask(api_address, path, same[i], "limit=1000");

		assert_string_equal(text_of(answer, "address"), same[0]);
		assert_int_equal(length_of(answer, "changes"), all->count);
		assert_true(length_of(answer, "lives") > 1);
		json_decref(answer);
	}
	assert_pages(path, &(struct reader_query){.address = &address},
	             "address=2001:DB8:0:7::a00:313");
	assert_pages(path, &(struct reader_query){.prefix = &network}, "prefix=2001:db8:0:7::/64");
	free_lines(all);
	free(all);
}

static void a_mac_has_what_it_held(void **state)
{
	const char *path = ((struct sandbox *)*state)->origin;
	const struct mac mac = {{2, 0, 0, 0, 0, 4}};
	struct lines *all = calloc(1, sizeof(*all));
	struct table table = {.count = 0};
	struct reader_moment now;
	struct reader *reader;
	struct fault fault;
	size_t lasting = 0, i;
	json_t *answer, *held;

	begin(*state, 86, 150);
	log_lines(all, path, &(struct reader_query){.mac = &mac});
	assert_int_equal(reader_open(&reader, path, &fault), 0);
	assert_int_equal(reader_at(reader, &now, BEGIN + 9999, &fault), 0);
	assert_int_equal(reader_diff(reader, NULL, &now, NULL, NULL, keep_entry, &table, &fault),
	                 0);
	reader_close(reader);
	answer = ask(api_mac, path, "0200.0000.0004", "limit=1000");
	assert_string_equal(text_of(answer, "mac"), "02:00:00:00:00:04");
	assert_true(json_is_null(json_object_get(answer, "vendor")));
	assert_int_equal(length_of(answer, "changes"), all->count);
	assert_true(length_of(answer, "held") > 3);
	json_array_foreach (json_object_get(answer, "held"), i, held) {
		bool has = false;

		if (text_of(held, "until"))
			continue;
		lasting++;
		for (size_t j = 0; j < table.count; j++) {
			char address[ADDRESS_TEXT];

			address_format(address, table.had[j].address);
			has |= mac_equal(table.had[j].mac, mac) &&
			       strcmp(address, text_of(held, "address")) == 0;
		}
		assert_true(has);
	}
	for (size_t j = 0; j < table.count; j++)
		lasting -= mac_equal(table.had[j].mac, mac);
	assert_int_equal(lasting, 0);
	json_decref(answer);
	free_lines(all);
	free(all);
}

/* --- faults ----------------------------------------------------------------------------------- */

static void a_bad_parameter_is_named_with_what_is_allowed(void **state)
{
	static const struct {
		api_handler *handler;
		const char *subject, *parameters, *fault;
	} bad[] = {
	        {api_changes, "", "limit=0", "limit: '0' is not a number from 1 to 1000"},
	        {api_changes, "", "limit=1001", "limit: '1001' is not a number from 1 to 1000"},
	        {api_changes, "", "limit=-1", "limit: '-1' is not"},
	        {api_changes, "", "limit=99999999999999999999999", "limit: '9999"},
	        {api_changes, "", "limit=1x", "limit: '1x' is not"},
	        {api_changes, "", "offset=100001", "offset: '100001' is not a number from 0 to"},
	        {api_changes, "", "address=10.0.3", "address: '10.0.3' is not an address like"},
	        {api_changes, "", "mac=02", "mac: '02' is not a MAC address like"},
	        {api_changes, "", "prefix=10.0.3.1/24", "prefix: '10.0.3.1/24' is not a prefix"},
	        {api_changes, "", "segment=../x", "segment: '../x' is not the name of a segment"},
	        {api_changes, "", "kind=steal", "kind: 'steal' is not one of learn, move, resolve"},
	        {api_changes, "", "since=tea time",
	         "since: 'tea time' is not a time: give one like"},
	        {api_changes, "", "until=2999-01-01T00:00:00Z", "it lies in the future"},
	        {api_changes, "", "since=now&until=yesterday", "since: it is later than until"},
	        {api_changes, "", "before_commit=abc",
	         "before_commit: 'abc' is not a commit: give"},
	        {api_timeline, "", "buckets=2001",
	         "buckets: '2001' is not a number from 1 to 2000"},
	        {api_timeline, "", "buckets=0", "buckets: '0' is not"},
	        {api_timeline, "", "since=\x1b[31m", "since: '?[31m' is not a time"},
	        {api_diff, "", "", "from: it is missing"},
	        {api_diff, "", "from=x", "from: 'x' is not a time"},
	        {api_diff, "", "from=now&to=x", "to: 'x' is not a time"},
	        {api_address, "10.0.3.999", "", "address: '10.0.3.999' is not an address"},
	        {api_address, "", "", "address: '' is not an address"},
	        {api_address, "10.0.3.17", "limit=1001", "limit: '1001' is not"},
	        {api_alerts, "", "limit=1001", "limit: '1001' is not"},
	        {api_mac, "02:77", "", "mac: '02:77' is not a MAC address like"},
	        {api_mac, "02:00:00:00:00:01", "limit=x", "limit: 'x' is not"},
	        {api_table_at, "", "at=tea", "at: 'tea' is not a time"},
	        {api_table_at, "", "at=now&sort=Mac", "sort: 'Mac' is not one of address, mac,"},
	        {api_table_at, "", "at=now&order=up", "order: 'up' is not one of asc, desc"},
	        {api_table_at, "", "at=now&limit=1001", "limit: '1001' is not a number from 0 to"},
	        {api_table_at, "", "at=now&mac=02", "mac: '02' is not a MAC address like"},
	        {api_table_at, "", "at=2999-01-01T00:00:00Z", "at: '2999-01-01T00:00:00Z' is not"},
	        {api_alerts, "", "since=now&until=yesterday", "since: it is later than until"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault fault;
		json_t *answer;
		int error = try_to_ask(&answer, bad[i].handler, ((struct sandbox *)*state)->origin,
		                       bad[i].subject, bad[i].parameters, &fault);

		if (error != -EINVAL || !strstr(fault.text, bad[i].fault))
			fail_msg("%s %s: %d %s", bad[i].subject, bad[i].parameters, error,
			         fault.text);
		assert_null(answer);
	}
}

static void a_repository_that_is_not_there_is_reported(void **state)
{
	static api_handler *const handlers[] = {api_changes, api_timeline, api_alerts};

	for (size_t i = 0; i < sizeof(handlers) / sizeof(*handlers); i++) {
		struct fault fault;
		json_t *answer;

		(void)state;
		assert_int_equal(
		        try_to_ask(&answer, handlers[i], "/nowhere/at/all", "", "", &fault),
		        -ENOENT);
		assert_string_equal(fault.text, "/nowhere/at/all is not a git repository");
	}
}

static void times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t time; /* 0: not one; 1: in the future */
	} times[] = {
	        {"now", 1763800000},
	        {"yesterday", 1763713600},
	        {"2025-11-22T08:26:40Z", 1763800000},
	        {"1763799999", 1763799999},
	        {"2 hours ago", 1763792800},
	        {"1.day.ago", 1763713600},
	        {"3 weeks ago", 1761985600},
	        {"0 seconds ago", 1763800000},
	        {"1763800060", 1763800060},
	        {"1763800061", 1},
	        {"2025-11-22", 0},
	        {"10.0.3.17", 0},
	        {"2 hours", 0},
	        {"hours ago", 0},
	        {"-2 hours ago", 0},
	        {"2 hours ago!", 0},
	        {"99999999999999999999 days ago", 0},
	        {"9999999999999 weeks ago", 0},
	        {"1234", 0},
	        {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		int64_t moment = 0;
		int error = instant_read(&moment, times[i].text, BEGIN);

		if (error != (times[i].time == 0   ? -EINVAL
		              : times[i].time == 1 ? -ERANGE
		                                   : 0) ||
		    (!error && moment != times[i].time))
			fail_msg("'%s': %d %lld", times[i].text, error, (long long)moment);
	}
}

#define IN_SANDBOX(test) cmocka_unit_test_setup_teardown(test, sandbox_open, sandbox_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        IN_SANDBOX(pages_of_changes_are_the_log),
	        IN_SANDBOX(a_commit_is_paged_too),
	        IN_SANDBOX(an_address_has_lives_and_texts_as_they_are),
	        IN_SANDBOX(a_difference_is_counted_and_paged),
	        IN_SANDBOX(before_the_history_there_is_nothing),
	        IN_SANDBOX(a_timeline_leaves_out_empty_buckets),
	        IN_SANDBOX(alerts_are_grouped),
	        IN_SANDBOX(the_table_of_a_moment_is_that_of_the_commit),
	        IN_SANDBOX(an_address_of_ipv6_is_looked_up_as_any),
	        IN_SANDBOX(a_mac_has_what_it_held),
	        IN_SANDBOX(a_bad_parameter_is_named_with_what_is_allowed),
	        IN_SANDBOX(a_repository_that_is_not_there_is_reported),
	        cmocka_unit_test(times_are_read),
	};

	return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
