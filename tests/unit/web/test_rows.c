// SPDX-License-Identifier: MIT
/* The copy of the table: rows in and out, and pages of them, in order and in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/copy.h"
#include "web/rowjson.h"
#include "web/select.h"
#include "web/vendor.h"

#define MILLION 1000000u
#define BASE    0x0a000000u /* 10.0.0.0 */

#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 10
#else
#define SLOWER 1
#endif

static struct rows rows;
static struct selected selected;

static int clear(void **state)
{
	(void)state;
	rows_clear(&rows);
	return 0;
}

/* A number that looks like chance, and is the same in each run. */
static uint32_t scatter(uint32_t i)
{
	i ^= i >> 16;
	i *= 0x7feb352dU;
	i ^= i >> 15;
	i *= 0x846ca68bU;
	return i ^ i >> 16;
}

static void add(const char *segment, uint32_t address, uint32_t seed)
{
	struct row row = {.address = address_v4(address),
	                  .segment = (uint16_t)rows_segment(&rows, segment),
	                  .state = (uint8_t)(SLOT_DYNAMIC + seed % 3),
	                  .since = 1700000000 + seed % 10000000,
	                  .origin = rows_text(&rows, seed % 2 ? "request lan0" : "reply lan0")};
	char note[32];

	for (int i = 0; i < 6; i++)
		row.mac.octet[i] = (uint8_t)(scatter(seed) >> i * 4);
	row.mac.octet[0] = 2;
	if (seed % 4 == 0) {
		snprintf(note, sizeof(note), "rack %u", seed % 1000);
		row.note = rows_text(&rows, note);
	}
	assert_int_equal(rows_put(&rows, &row), 0);
}

static void rows_are_found_replaced_and_removed_in_any_order(void **state)
{
	const uint32_t count = 5000;

	(void)state;
	for (uint32_t i = 0; i < count; i++)
		add(i % 3 ? "lan" : "dmz", BASE + scatter(i) % 20000, i);
	for (size_t i = 0; i < rows.blocks; i++)
		for (size_t j = 1; j < rows.block[i].count; j++)
			assert_true(rows.block[i].row[j - 1].low < rows.block[i].row[j].low);
	for (uint32_t i = 0; i < count; i++)
		assert_true(rows_find(&rows,
		                      (unsigned)rows_find_segment(&rows, i % 3 ? "lan" : "dmz"),
		                      address_v4(BASE + scatter(i) % 20000), NULL));
	assert_false(rows_find(&rows, 0, address_v4(BASE + 20000), NULL));
	for (uint32_t i = 0; i < count; i++) {
		rows_remove(&rows, 0, address_v4(BASE + scatter(i) % 20000));
		rows_remove(&rows, 1, address_v4(BASE + scatter(i) % 20000));
	}
	assert_int_equal(rows.count, 0);
	assert_int_equal(rows_find_segment(&rows, "none"), -1);
}

/* Addresses of IPv6 are far from one another, and come in any order. */
static void rows_of_both_families_are_found_and_in_order(void **state)
{
	const uint64_t networks[] = {UINT64_C(0x20010db800000007), UINT64_C(0xfe80) << 48};
	const uint32_t count = 20000;
	struct address last = {0};
	struct row row = {.segment = 0}, found;

	(void)state;
	row.segment = (uint16_t)rows_segment(&rows, "lan");
	for (uint32_t i = 0; i < count; i++) {
		row.address = i % 4 ? (struct address){networks[i % 2],
		                                       scatter(i) * UINT64_C(0x9e3779b97f4a7c15)}
		                    : address_v4(BASE + scatter(i) % 65536);
		row.since = i;
		assert_int_equal(rows_put(&rows, &row), 0);
		assert_true(rows_find(&rows, row.segment, row.address, &found));
		assert_int_equal(found.since, i);
	}
	for (size_t i = 0; i < rows.blocks; i++) {
		const struct rows_block *block = &rows.block[i];

		assert_true(block->count > 0 && block->count <= block->room);
		for (size_t j = 0; j < block->count; j++) {
			row = rows_row(block, j);
			assert_true(address_compare(last, row.address) < 0);
			last = row.address;
		}
	}
	/* Blocks are at least half full, but for those of the two ends. */
	assert_true(rows.blocks < rows.count / 100);
	while (rows.blocks > 0) {
		row = rows_row(&rows.block[rows.count % rows.blocks], 0);
		rows_remove(&rows, row.segment, row.address);
		assert_false(rows_find(&rows, row.segment, row.address, NULL));
	}
	assert_int_equal(rows.count, 0);
}

/* What a row takes is what it took when addresses had four bytes. */
static void a_row_takes_48_bytes(void **state)
{
	size_t room = 0;

	(void)state;
	assert_int_equal(sizeof(struct rows_kept), 48);
	for (uint32_t i = 0; i < 65536; i++)
		add("lan", BASE + i, 1);
	for (size_t i = 0; i < rows.blocks; i++)
		room += rows.block[i].room * sizeof(struct rows_kept) + sizeof(struct rows_block);
	assert_true(room < 65536 * 49);
}

static void texts_are_kept_once(void **state)
{
	char text[16];
	const char *first;

	(void)state;
	first = rows_text(&rows, "rack 3");
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "rack %d", i);
		assert_string_equal(rows_text(&rows, text), text);
	}
	assert_ptr_equal(rows_text(&rows, "rack 3"), first);
	assert_int_equal(rows.texts, 5000);
	assert_null(rows_text(&rows, NULL));
}

/* --- pages ------------------------------------------------------------------------------------ */

static void pick(struct selection selection)
{
	if (address_is_none(selection.range.last))
		selection.range = (struct range){{0, 0}, {UINT64_MAX, UINT64_MAX}};
	if (!selection.limit)
		selection.limit = 100;
	assert_int_equal(select_rows(&selected, &rows, &selection), 0);
}

/* Whether two rows come in this order, told without the code under test. */
static int compare(const struct row *a, const struct row *b, enum select_sort sort)
{
	const char *left = sort == SORT_NOTE ? a->note : a->origin;
	const char *right = sort == SORT_NOTE ? b->note : b->origin;

	switch (sort) {
	case SORT_MAC:
		return mac_compare(a->mac, b->mac);
	case SORT_SINCE:
		return (a->since > b->since) - (a->since < b->since);
	case SORT_STATE:
		return a->state - b->state;
	case SORT_ORIGIN:
	case SORT_NOTE:
		return strcmp(left ? left : "", right ? right : "");
	case SORT_SEGMENT:
		return strcmp(rows.segment[a->segment], rows.segment[b->segment]);
	default:
		return address_compare(a->address, b->address);
	}
}

static void pages_follow_one_another_in_order(void **state)
{
	const enum select_sort sorts[] = {SORT_ADDRESS, SORT_MAC,    SORT_STATE, SORT_SINCE,
	                                  SORT_SEGMENT, SORT_ORIGIN, SORT_NOTE};

	(void)state;
	for (uint32_t i = 0; i < 3000; i++)
		add(i % 2 ? "lan" : "dmz", BASE + i * 7, i);
	for (size_t s = 0; s < 2 * sizeof(sorts) / sizeof(*sorts); s++) {
		const bool descending = s % 2;
		struct row last = {.segment = 0};
		size_t seen = 0;

		for (size_t offset = 0; offset < 3100; offset += 170) {
			pick((struct selection){.sort = sorts[s / 2],
			                        .descending = descending,
			                        .offset = offset,
			                        .limit = 170});
			assert_int_equal(selected.total, 3000);
			for (size_t i = 0; i < selected.count; i++) {
				int order =
				        seen ? compare(&last, &selected.row[i], sorts[s / 2]) : 0;

				assert_true(descending ? order >= 0 : order <= 0);
				last = selected.row[i];
				seen++;
			}
		}
		assert_int_equal(seen, 3000);
	}
}

static size_t total(struct selection selection)
{
	pick(selection);
	return selected.total;
}

static struct range numbers(uint32_t first, uint32_t last)
{
	return (struct range){address_v4(first), address_v4(last)};
}

static void filters_take_what_they_name(void **state)
{
	struct row row;
	size_t frozen = 0;

	(void)state;
	for (uint32_t i = 0; i < 2560; i++)
		add(i < 1280 ? "lan" : "dmz", BASE + i, i);
	assert_true(rows_find(&rows, 0, address_v4(BASE + 5), &row));
	row.flags = ROW_FROZEN;
	assert_int_equal(rows_put(&rows, &row), 0);
	assert_true(rows_find(&rows, 0, address_v4(BASE + 77), &row));
	assert_int_equal(total((struct selection){.segment = "lan"}), 1280);
	assert_int_equal(total((struct selection){.segment = "none"}), 0);
	assert_int_equal(total((struct selection){.range = numbers(BASE + 256, BASE + 511)}), 256);
	assert_int_equal(total((struct selection){.range = numbers(BASE + 250, BASE + 260)}), 11);
	assert_int_equal(total((struct selection){.states = 1u << SLOT_DYNAMIC}), 854);
	assert_int_equal(total((struct selection){.states = 1u << SLOT_DEAD}), 0);
	assert_int_equal(total((struct selection){.mac = &row.mac}), 1);
	assert_int_equal(address_number(selected.row[0].address), BASE + 77);
	frozen = total((struct selection){.frozen = true});
	assert_int_equal(frozen, 1);
	assert_int_equal(total((struct selection){.text = "RACK 8"}), 62);
	assert_int_equal(total((struct selection){.text = "10.0.9."}), 256);
	assert_int_equal(total((struct selection){.text = "dmz"}), 1280);
	assert_int_equal(total((struct selection){.text = "reply"}), 1280);
	assert_int_equal(total((struct selection){.text = "nowhere"}), 0);
	row.segment = (uint16_t)rows_segment(&rows, "dmz");
	row.address = (struct address){UINT64_C(0x20010db800000007), 0x11f};
	assert_int_equal(rows_put(&rows, &row), 0);
	assert_int_equal(total((struct selection){.text = "2001:DB8:0:7::1"}), 1);
	assert_int_equal(total((struct selection){.text = "::11f"}), 1);
	assert_int_equal(total((struct selection){.range = {{row.address.high, 0}, row.address}}),
	                 1);
	assert_int_equal(total((struct selection){.range = {ADDRESS_V4(0), row.address}}), 2561);
	pick((struct selection){.sort = SORT_ADDRESS, .descending = true});
	assert_true(address_equal(selected.row[0].address, row.address));
	rows_remove(&rows, row.segment, row.address);
	pick((struct selection){.offset = 9999});
	assert_int_equal(selected.count, 0);
	assert_int_equal(selected.total, 2560);
}

static void vendors_are_known_and_found(void **state)
{
	char path[] = "/tmp/arpkeeper-oui.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct mac known = {{0x28, 0x6f, 0xb9, 1, 2, 3}}, own = {{0x2a, 0x6f, 0xb9, 1, 2, 3}};
	struct row row = {.address = ADDRESS_V4(BASE), .mac = known};

	(void)state;
	assert_non_null(file);
	fputs("OUI/MA-L\t\tOrganization\n\n28-6F-B9   (hex)\t\tNokia Shanghai Bell Co., Ltd.\r\n"
	      "286FB9     (base 16)\t\tNokia Shanghai Bell Co., Ltd.\r\n\t\tCN\r\n"
	      "001122     (base 16)\t\tCIMSYS Inc\r\nGGGGGG     (base 16)\t\tnot hex\r\n"
	      "08002B     (base 16)\t\t\xff\xfe\r\n",
	      file);
	fclose(file);
	assert_int_equal(vendor_load(path), 2);
	remove(path);
	assert_string_equal(vendor_of(known), "Nokia Shanghai Bell Co., Ltd.");
	assert_null(vendor_of(own)); /* made up by a host */
	row.segment = (uint16_t)rows_segment(&rows, "lan");
	assert_int_equal(rows_put(&rows, &row), 0);
	assert_int_equal(total((struct selection){.text = "nokia"}), 1);
	assert_int_equal(total((struct selection){.text = "cimsys"}), 0);
	vendor_clear();
	assert_int_equal(vendor_load("/nonexistent"), 0);
}

static double milliseconds(struct selection selection)
{
	struct timespec begun, ended;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
	pick(selection);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
	return (double)(ended.tv_sec - begun.tv_sec) * 1e3 +
	       (double)(ended.tv_nsec - begun.tv_nsec) / 1e6;
}

static void measure(uint32_t count, double most)
{
	static const struct {
		const char *name;
		struct selection selection;
	} asked[] = {
	        {"as it stands", {.limit = 100}},
	        {"by MAC, the middle", {.sort = SORT_MAC, .offset = 30000, .limit = 1000}},
	        {"by time, last first", {.sort = SORT_SINCE, .descending = true}},
	        {"by note", {.sort = SORT_NOTE, .offset = 30000, .limit = 1000}},
	        {"a text in MACs", {.text = "a7", .sort = SORT_ADDRESS}},
	        {"a text in notes", {.text = "rack 77", .sort = SORT_SINCE}},
	        {"a text of digits", {.text = "10.0.1", .sort = SORT_MAC}},
	};

	for (uint32_t i = 0; i < count; i++)
		add("lan", BASE + i, i);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		double took = milliseconds(asked[i].selection);

		print_message("%u rows, %s: %.1f ms of CPU\n", count, asked[i].name, took);
		assert_true(took < most * SLOWER);
	}
}

static void a_page_of_a_64k_table_takes_little_time(void **state)
{
	(void)state;
	measure(65536, 20);
}

static void a_page_of_a_million_rows_takes_little_time(void **state)
{
	(void)state;
	measure(MILLION, 150);
}

/* --- the live copy ---------------------------------------------------------------------------- */

static struct copy copy;

static int copy_set_up(void **state)
{
	(void)state;
	return copy_init(&copy);
}

static int copy_tear_down(void **state)
{
	(void)state;
	copy_clear(&copy);
	return 0;
}

static void load(const char *address, const char *state)
{
	json_t *entry = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "segment", "lan",
	                          "address", address, "mac", "02:00:00:00:00:11", "state", state,
	                          "since", "2026-11-22T10:15:00Z", "seen", "2026-11-22T10:16:00Z",
	                          "origin", "request lan0", "note", "a \"note\"", "frozen", 0);

	assert_int_equal(copy_load(&copy, entry), 0);
	json_decref(entry);
}

static void change(const char *address, const char *mac)
{
	json_t *event = json_pack(
	        "{s:s, s:s, s:s, s:s, s:o}", "type", "change", "time", "2026-11-22T10:17:00Z",
	        "segment", "lan", "address", address, "after",
	        mac ? json_pack("{s:s, s:s}", "mac", mac, "state", "static") : json_null());

	copy_change(&copy, event);
	json_decref(event);
}

static json_t *row_of(const char *address)
{
	struct fault fault = {""};
	const struct rows *now = copy_look(&copy, &fault);
	struct address number;
	struct row row;
	json_t *json;

	assert_non_null(now);
	assert_int_equal(address_parse(&number, address), 0);
	json = rows_find(now, 0, number, &row) ? row_json(&row, "lan") : NULL;
	copy_leave(&copy);
	return json;
}

static void expect_mac(const char *address, const char *mac)
{
	json_t *row = row_of(address);

	if (mac)
		assert_string_equal(json_string_value(json_object_get(row, "mac")), mac);
	else
		assert_null(row);
	json_decref(row);
}

static void what_changes_while_the_table_is_loaded_is_in_it(void **state)
{
	const struct fault why = {"gone"};
	struct fault fault = {""};

	(void)state;
	assert_null(copy_look(&copy, &fault));
	copy_begin(&copy);
	load("10.0.0.1", "dynamic");
	change("10.0.0.1", "02:00:00:00:00:22");
	load("10.0.0.2", "dynamic");
	change("10.0.0.2", NULL);
	change("10.0.0.3", "02:00:00:00:00:33");
	assert_true(copy_end(&copy, true));
	expect_mac("10.0.0.1", "02:00:00:00:00:22");
	expect_mac("10.0.0.2", NULL);
	expect_mac("10.0.0.3", "02:00:00:00:00:33");
	change("10.0.0.3", NULL);
	expect_mac("10.0.0.3", NULL);
	/* A load that is broken off leaves the table that is there. */
	copy_begin(&copy);
	assert_false(copy_end(&copy, false));
	expect_mac("10.0.0.1", "02:00:00:00:00:22");
	/* An agent that ends meanwhile: what was loaded is another one's. */
	copy_begin(&copy);
	copy_lose(&copy, &why);
	assert_false(copy_end(&copy, true));
	assert_null(copy_look(&copy, &fault));
	assert_string_equal(fault.text, "gone");
}

static void what_an_event_does_not_say_is_asked_for(void **state)
{
	struct copy_doubt doubt[COPY_DOUBTS + 1];
	json_t *entry;

	(void)state;
	copy_begin(&copy);
	assert_true(copy_end(&copy, true));
	for (int i = 0; i < 2 * COPY_DOUBTS; i++)
		change("10.0.0.9", "02:00:00:00:00:99");
	assert_int_equal(copy_doubts(&copy, doubt, COPY_DOUBTS + 1), COPY_DOUBTS);
	assert_int_equal(copy_doubts(&copy, doubt, COPY_DOUBTS + 1), 0);
	entry = json_pack("{s:s, s:s, s:n, s:s, s:n, s:n, s:n, s:n, s:b, s:b}", "segment", "lan",
	                  "address", "10.0.0.9", "mac", "state", "dead", "since", "seen", "origin",
	                  "note", "frozen", 0, "foreign", 1);
	copy_settle(&copy, &doubt[0], entry);
	json_decref(entry);
	entry = row_of("10.0.0.9");
	assert_string_equal(json_string_value(json_object_get(entry, "state")), "dead");
	assert_true(json_is_null(json_object_get(entry, "mac")));
	assert_true(json_is_true(json_object_get(entry, "foreign")));
	json_decref(entry);
	copy_settle(&copy, &doubt[0], NULL);
	expect_mac("10.0.0.9", NULL);
}

static void a_row_is_written_as_it_was_read(void **state)
{
	json_t *row;

	(void)state;
	copy_begin(&copy);
	load("10.0.0.1", "stale");
	assert_true(copy_end(&copy, true));
	row = row_of("10.0.0.1");
	assert_string_equal(json_string_value(json_object_get(row, "note")), "a \"note\"");
	assert_string_equal(json_string_value(json_object_get(row, "since")),
	                    "2026-11-22T10:15:00Z");
	assert_string_equal(json_string_value(json_object_get(row, "seen")),
	                    "2026-11-22T10:16:00Z");
	assert_string_equal(json_string_value(json_object_get(row, "state")), "stale");
	assert_true(json_is_false(json_object_get(row, "frozen")));
	json_decref(row);
}

#define COPY(name) cmocka_unit_test_setup_teardown(name, copy_set_up, copy_tear_down)
#define ROWS(name) cmocka_unit_test_teardown(name, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ROWS(rows_are_found_replaced_and_removed_in_any_order),
	        ROWS(rows_of_both_families_are_found_and_in_order),
	        ROWS(a_row_takes_48_bytes),
	        ROWS(texts_are_kept_once),
	        ROWS(pages_follow_one_another_in_order),
	        ROWS(filters_take_what_they_name),
	        ROWS(vendors_are_known_and_found),
	        ROWS(a_page_of_a_64k_table_takes_little_time),
	        ROWS(a_page_of_a_million_rows_takes_little_time),
	        COPY(what_changes_while_the_table_is_loaded_is_in_it),
	        COPY(what_an_event_does_not_say_is_asked_for),
	        COPY(a_row_is_written_as_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
