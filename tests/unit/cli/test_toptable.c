/* SPDX-License-Identifier: MIT */
/* The copy of the table that `top` shows: against a model, and its bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/toptable.h"

#define HOSTS 40

static json_t *entry_of(unsigned host, unsigned mac, const char *note)
{
	char address[32], text[32];

	snprintf(address, sizeof(address), "10.0.%u.%u", host >> 8, host & 255);
	snprintf(text, sizeof(text), "02:00:00:00:00:%02x", mac);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:n, s:n, s:s?}", "segment", "lan", "address",
	                 address, "mac", text, "state", mac % 2 ? "static" : "dynamic", "since",
	                 "2026-11-22T10:15:00Z", "seen", "origin", "note", note);
}

static json_t *change_of(unsigned host, unsigned mac)
{
	json_t *event = entry_of(host, mac, NULL), *after = json_null();

	if (mac)
		after = json_pack("{s:O, s:O}", "mac", json_object_get(event, "mac"), "state",
		                  json_object_get(event, "state"));
	json_object_set_new(event, "after", after);
	json_object_set_new(event, "time", json_string("2026-11-22T10:20:00Z"));
	return event;
}

static void put(struct toptable *table, unsigned host, unsigned mac, const char *note)
{
	json_t *entry = entry_of(host, mac, note);

	assert_int_equal(toptable_put(table, entry, 0), 0);
	json_decref(entry);
}

static void change(struct toptable *table, unsigned host, unsigned mac)
{
	json_t *event = change_of(host, mac);

	assert_int_equal(toptable_change(table, event, 1000), 0);
	json_decref(event);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *text_of(const struct toprow *row)
{
	static char text[ADDRESS_TEXT];

	return toprow_text(text, row, TOPKEY_ADDRESS);
}

/* What the view has must be what the model has, whose rows are MACs by host; 0: none. */
static void assert_same(struct toptable *table, const unsigned model[HOSTS])
{
	char *expected[HOSTS], *found[HOSTS];
	const struct topchoice all = {.filter = ""};
	size_t count = 0;

	assert_int_equal(toptable_view(table, &all), 0);
	for (unsigned host = 0; host < HOSTS; host++)
		if (model[host])
			assert_true(asprintf(&expected[count++], "10.0.0.%u 02:00:00:00:00:%02x %s",
			                     host, model[host],
			                     model[host] % 2 ? "static" : "dynamic") > 0);
	assert_int_equal(table->shown, count);
	for (size_t i = 0; i < count; i++) {
		const struct toprow *row = toptable_at(table, i);

		/* By address as a number: 10.0.0.9 is before 10.0.0.10. */
		assert_true(i == 0 ||
		            address_compare(toptable_at(table, i - 1)->address, row->address) < 0);
		assert_true(asprintf(&found[i], "%s %s %s", text_of(row), row->mac, row->state) >
		            0);
	}
	qsort(expected, count, sizeof(*expected), compare_texts);
	qsort(found, count, sizeof(*found), compare_texts);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(found[i], expected[i]);
		free(found[i]);
		free(expected[i]);
	}
}

static void random_changes_give_what_a_model_has(void **state)
{
	unsigned model[HOSTS] = {0};
	struct toptable table;

	(void)state;
	srand(1);
	toptable_begin(&table);
	for (int i = 0; i < 3000; i++) {
		unsigned host = (unsigned)rand() % HOSTS, mac = (unsigned)rand() % 20;

		if (rand() % 3 || !mac)
			change(&table, host, mac);
		else
			put(&table, host, mac, "a note");
		model[host] = mac;
		if (i % 50 == 0)
			assert_same(&table, model);
	}
	assert_same(&table, model);
	toptable_clear(&table);
}

static void every_key_sorts_and_every_text_filters(void **state)
{
	struct topchoice choice = {.key = TOPKEY_MAC, .filter = ""};
	struct toptable table;

	(void)state;
	toptable_begin(&table);
	put(&table, 9, 3, "zebra");
	put(&table, 10, 2, NULL);
	put(&table, 11, 1, "gnu");
	assert_int_equal(toptable_view(&table, &choice), 0);
	assert_string_equal(text_of(toptable_at(&table, 0)), "10.0.0.11");
	choice.backwards = true;
	assert_int_equal(toptable_view(&table, &choice), 0);
	assert_string_equal(text_of(toptable_at(&table, 0)), "10.0.0.9");
	choice = (struct topchoice){.key = TOPKEY_NOTE, .filter = ""};
	assert_int_equal(toptable_view(&table, &choice), 0);
	assert_string_equal(text_of(toptable_at(&table, 0)), "10.0.0.10");
	assert_string_equal(text_of(toptable_at(&table, 2)), "10.0.0.9");
	choice = (struct topchoice){.filter = "GNU"};
	assert_int_equal(toptable_view(&table, &choice), 0);
	assert_int_equal(table.shown, 1);
	choice.filter = "dynamic";
	assert_int_equal(toptable_view(&table, &choice), 0);
	assert_string_equal(text_of(toptable_at(&table, 0)), "10.0.0.10");
	choice.filter = "2026";
	assert_int_equal(toptable_view(&table, &choice), 0);
	assert_int_equal(table.shown, 0);
	toptable_clear(&table);
}

static void another_mac_has_neither_note_nor_origin_of_the_one_before(void **state)
{
	const struct topchoice all = {.filter = ""};
	struct toptable table;

	(void)state;
	toptable_begin(&table);
	put(&table, 9, 2, "of the one before");
	change(&table, 9, 4);
	assert_int_equal(toptable_view(&table, &all), 0);
	assert_string_equal(toprow_text(NULL, toptable_at(&table, 0), TOPKEY_NOTE), "");
	assert_string_equal(toprow_text(NULL, toptable_at(&table, 0), TOPKEY_SINCE),
	                    "2026-11-22T10:20:00Z");
	assert_int_equal(toptable_at(&table, 0)->changed, 1000);
	toptable_clear(&table);
}

static void put_address(struct toptable *table, const char *address)
{
	json_t *entry = json_pack("{s:s, s:s, s:s}", "segment", "lan", "address", address, "mac",
	                          "02:00:00:00:00:01");

	assert_int_equal(toptable_put(table, entry, 0), 0);
	json_decref(entry);
}

static void both_families_are_sorted_by_number_and_filtered_by_text(void **state)
{
	static const char *const sorted[] = {"10.0.0.9",        "10.0.0.10",
	                                     "2001:db8::9",     "2001:db8::10",
	                                     "2001:db8:0:1::1", "fe80::211:22ff:fe33:4455"};
	const size_t count = sizeof(sorted) / sizeof(*sorted);
	struct topchoice choice = {.filter = ""};
	struct toptable table;

	(void)state;
	toptable_begin(&table);
	put_address(&table, sorted[0]);
	assert_int_equal(table.widest, strlen(sorted[0]));
	for (size_t i = count; i > 0; i--)
		put_address(&table, sorted[i - 1]);
	put_address(&table, "2001:DB8:0:0:0:0:0:9"); /* one address, however it is spelled */
	assert_int_equal(table.ids.count, count);
	assert_int_equal(table.widest, strlen(sorted[count - 1]));
	assert_int_equal(toptable_view(&table, &choice), 0);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(text_of(toptable_at(&table, i)), sorted[i]);
	choice.filter = "2001:db8::";
	assert_int_equal(toptable_view(&table, &choice), 0);
	assert_int_equal(table.shown, 2);
	toptable_clear(&table);
}

static void what_is_beyond_the_bound_is_counted(void **state)
{
	const struct topchoice all = {.filter = ""};
	struct toptable table;

	(void)state;
	toptable_begin(&table);
	for (unsigned i = 0; i < TOPTABLE_MAX + 7; i++) {
		char address[32];
		json_t *entry;

		snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		entry = json_pack("{s:s, s:s, s:s}", "segment", "lan", "address", address, "mac",
		                  "02:00:00:00:00:01");
		assert_int_equal(toptable_put(&table, entry, 0), 0);
		json_decref(entry);
	}
	assert_int_equal(toptable_view(&table, &all), 0);
	assert_int_equal(table.shown, TOPTABLE_MAX);
	assert_int_equal(table.left_out, 7);
	toptable_clear(&table);
}

static void what_is_no_row_is_left_alone(void **state)
{
	static const char *const texts[] = {
	        "{}", "{\"segment\": \"lan\"}", "{\"segment\": \"lan\", \"address\": \"x\"}",
	        "{\"segment\": 3, \"address\": 4, \"after\": 5}",
	        "{\"segment\": \"lan\", \"address\": \"10.0.0.1\", \"mac\": 7, \"note\": []}"};
	struct toptable table;

	(void)state;
	toptable_begin(&table);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *object = json_loads(texts[i], 0, NULL);

		assert_non_null(object);
		assert_int_equal(toptable_put(&table, object, 0), 0);
		assert_int_equal(toptable_change(&table, object, 1), 0);
		json_decref(object);
	}
	assert_int_equal(table.ids.count, 1);
	assert_true(table.row[0].gone);
	toptable_clear(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(random_changes_give_what_a_model_has),
	        cmocka_unit_test(every_key_sorts_and_every_text_filters),
	        cmocka_unit_test(another_mac_has_neither_note_nor_origin_of_the_one_before),
	        cmocka_unit_test(both_families_are_sorted_by_number_and_filtered_by_text),
	        cmocka_unit_test(what_is_beyond_the_bound_is_counted),
	        cmocka_unit_test(what_is_no_row_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
