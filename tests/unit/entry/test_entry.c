/* SPDX-License-Identifier: MIT */
/* The codec of entries: what is taken, what is refused and why, and that nothing is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry/entry.h"

#define STATIC "mac 02:50:2a:16:6d:01\nstate static\nsince 2026-11-22T10:15:00Z\n"
#define HEAD   "mac 02:50:2a:16:6d:01\nstate dynamic\nsince 2026-11-22T10:15:00Z\n"

static void a_whole_entry_is_parsed_field_by_field(void **state)
{
	static const char text[] = HEAD "after 2026-11-21T10:15:00Z\norigin host1/eth0\n"
	                                "note rack 3, uplink\n"
	                                "x-ticket 17\nx-b-2 \xc3\xa4  two spaces\n";
	struct entry entry;
	char mac[MAC_TEXT];

	(void)state;
	assert_int_equal(entry_parse(&entry, text, sizeof(text) - 1, NULL), 0);
	assert_string_equal(mac_format(mac, entry.mac), "02:50:2a:16:6d:01");
	assert_int_equal(entry.state, ENTRY_DYNAMIC);
	assert_int_equal(entry.since, 1795342500);
	assert_int_equal(entry.after, 1795342500 - 86400);
	assert_string_equal(entry.origin, "host1/eth0");
	assert_string_equal(entry.note, "rack 3, uplink");
	assert_string_equal(entry.extra, "x-ticket 17\nx-b-2 \xc3\xa4  two spaces\n");
	entry_clear(&entry);
	assert_null(entry.note);
}

static void a_valid_entry_is_printed_as_it_was_parsed(void **state)
{
	static const char *const good[] = {
	        HEAD,
	        "mac fe:ff:ff:ff:ff:ff\nstate static\nsince 1970-01-01T00:00:00Z\n",
	        HEAD "after 2026-11-22T10:15:00Z\n",
	        HEAD "after 1970-01-01T00:00:01Z\nnote b\nx-a 1\n",
	        HEAD "origin a\n",
	        HEAD "note \xe2\x82\xac and \xf0\x9f\x90\xa7\n",
	        HEAD "origin a\nnote b\n",
	        HEAD "x-a 1\n",
	        HEAD "note b\nx-z 1\nx-a 2\nx-aa 3\n",
	        STATIC "role router\n",
	        STATIC "origin a\nnote b\nrole router\nx-a 1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct fault fault;
		struct entry entry;
		char *text;

		if (entry_parse(&entry, good[i], strlen(good[i]), &fault) < 0)
			fail_msg("%s: %s", good[i], fault.text);
		text = entry_print(&entry);
		assert_string_equal(text, good[i]);
		free(text);
		entry_clear(&entry);
	}
}

#define MAC   "mac 02:50:2a:16:6d:01\n"
#define STATE "state dynamic\n"
#define SINCE "since 2026-11-22T10:15:00Z\n"

static const struct {
	const char *text, *reason;
} rejects[] = {
        {"", "line 1: 'mac' is missing"},
        {MAC, "line 2: 'state' is missing"},
        {MAC STATE, "line 3: 'since' is missing"},
        {"\n", "line 1: is empty"},
        {"mac", "line 1: does not end with a line feed"},
        {"mac\n", "line 1: 'mac' has no value"},
        {"mac \n", "line 1: ends with a space"},
        {"mac  02:50:2a:16:6d:01\n", "line 1: more than one space between key and value"},
        {"mac\t02:50:2a:16:6d:01\n", "line 1: contains a control character"},
        {" mac 02:50:2a:16:6d:01\n", "line 1: unknown key ''"},
        {"mac 02:50:2A:16:6d:01\n", "line 1: mac '02:50:2A:16:6d:01' must be in lower case: "
                                    "02:50:2a:16:6d:01"},
        {"mac 02:50:2a:16:6d\n", "line 1: mac '02:50:2a:16:6d' is not six two-digit hex"},
        {"mac 02:50:2a:16:6d:0x\n", "line 1: mac '02:50:2a:16:6d:0x' is not six two-digit hex"},
        {"mac 02-50-2a-16-6d-01\n", "line 1: mac '02-50-2a-16-6d-01' is not six"},
        {"mac 00:00:00:00:00:00\n", "line 1: mac '00:00:00:00:00:00' is zero"},
        {"mac ff:ff:ff:ff:ff:ff\n", "is a multicast or broadcast address"},
        {"mac 01:00:5e:00:00:01\n", "is a multicast or broadcast address"},
        {MAC "state foo\n", "line 2: state 'foo' is not 'static' or 'dynamic'"},
        {MAC "state Static\n", "line 2: state 'Static' is not"},
        {MAC "state statics\n", "line 2: state 'statics' is not"},
        {MAC STATE "since yesterday\n", "line 3: since 'yesterday' is not a UTC time like"},
        {MAC STATE "since 2026-02-29T10:15:00Z\n", "line 3: since '2026-02-29T10:15:00Z'"},
        {MAC STATE "since 2026-11-22T10:15:00+01:00\n", "line 3: since"},
        {STATE MAC SINCE, "line 1: 'mac' must come here, not 'state'"},
        {MAC SINCE, "line 2: 'state' must come here, not 'since'"},
        {MAC STATE "note x\n", "line 3: 'since' must come here, not 'note'"},
        {MAC MAC, "line 2: key 'mac' is given twice"},
        {HEAD "state dynamic\n", "line 4: key 'state' is given twice"},
        {HEAD "note a\nnote b\n", "line 5: key 'note' is given twice"},
        {HEAD "note a\norigin b\n", "line 5: key 'origin' comes too late; the order is"},
        {HEAD "x-a 1\nnote b\n", "line 5: key 'note' comes too late; the order is"},
        {MAC STATE "after 2026-11-22T10:15:00Z\n", "line 3: 'since' must come here, not 'after'"},
        {HEAD "note a\nafter 2026-11-22T10:15:00Z\n", "line 5: key 'after' comes too late;"},
        {HEAD "after 2026-11-22T10:15:00\n", "line 4: after '2026-11-22T10:15:00' is not a UTC"},
        {HEAD "after 2026-11-22T10:15:01Z\n",
         "line 4: after '2026-11-22T10:15:01Z' is later than since"},
        {HEAD "after 1970-01-01T00:00:00Z\n",
         "line 4: after '1970-01-01T00:00:00Z' means none: leave the line out"},
        {HEAD "x-a 1\nx-ab 2\nx-a 3\n", "line 6: key 'x-a' is given twice"},
        {HEAD "X-a 1\n", "line 4: unknown key 'X-a'"},
        {HEAD "x- 1\n", "line 4: unknown key 'x-'"},
        {HEAD "x-A 1\n", "line 4: unknown key 'x-A'"},
        {HEAD "vendor foo\n", "line 4: unknown key 'vendor'"},
        {STATIC "role host\n", "line 4: role 'host' is not 'router', the only role"},
        {STATIC "role routers\n", "line 4: role 'routers' is not 'router'"},
        {STATIC "role router\nrole router\n", "line 5: key 'role' is given twice"},
        {STATIC "role router\nnote a\n", "line 5: key 'note' comes too late; the order is mac,"},
        {STATIC "x-a 1\nrole router\n", "line 5: key 'role' comes too late"},
        {HEAD "role router\n", "line 4: a role is for static entries: remove it, or declare"},
        {HEAD "note \n", "line 4: ends with a space"},
        {HEAD "note a \n", "line 4: ends with a space"},
        {HEAD "note\n", "line 4: 'note' has no value"},
        {HEAD "note a", "line 4: does not end with a line feed"},
        {HEAD "note a\n\n", "line 5: is empty"},
        {HEAD "note a\r\n", "line 4: contains a carriage return"},
        {HEAD "note a\x1b[2J\n", "line 4: contains a control character"},
        {HEAD "note a\x7f\n", "line 4: contains a control character"},
        {HEAD "note \xc2\x9b\n", "line 4: contains a control character"},
        {HEAD "note \xe2\x80\xa8\n", "line 4: contains a control character"},
        {HEAD "note \xff\n", "line 4: is not valid UTF-8"},
        {HEAD "note \xc3\n", "line 4: is not valid UTF-8"},
        {HEAD "note \xc0\xaf\n", "line 4: is not valid UTF-8"},
        {HEAD "note \xed\xa0\x80\n", "line 4: is not valid UTF-8"},
        {HEAD "note \xf4\x90\x80\x80\n", "line 4: is not valid UTF-8"},
};

static void an_invalid_entry_is_refused_with_line_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rejects) / sizeof(rejects[0]); i++) {
		struct entry entry = {.since = 17};
		struct fault fault = {""};

		if (entry_parse(&entry, rejects[i].text, strlen(rejects[i].text), &fault) !=
		    -EINVAL)
			fail_msg("taken: %s", rejects[i].text);
		if (!strstr(fault.text, rejects[i].reason))
			fail_msg("'%s' is not in '%s'", rejects[i].reason, fault.text);
		assert_int_equal(entry.since, 17); /* untouched */
	}
}

static void a_nul_byte_is_refused(void **state)
{
	static const char text[] = HEAD "note a\0b\n";
	struct fault fault;
	struct entry entry;

	(void)state;
	assert_int_equal(entry_parse(&entry, text, sizeof(text) - 1, &fault), -EINVAL);
	assert_string_equal(fault.text, "line 4: contains a control character");
}

static int parse_note_of(const char *key, size_t length, struct fault *fault)
{
	struct entry entry;
	char *text = NULL, *value = malloc(length + 1);
	int error;

	assert_non_null(value);
	memset(value, 'n', length);
	value[length] = '\0';
	assert_true(asprintf(&text, HEAD "%s %s\n", key, value) > 0);
	error = entry_parse(&entry, text, strlen(text), fault);
	if (!error)
		entry_clear(&entry);
	free(value);
	free(text);
	return error;
}

static void values_and_files_have_a_longest_length(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(parse_note_of("note", ENTRY_NOTE_MAX, &fault), 0);
	assert_int_equal(parse_note_of("note", ENTRY_NOTE_MAX + 1, &fault), -EINVAL);
	assert_string_equal(fault.text, "line 4: 'note' is longer than 512 bytes");
	assert_int_equal(parse_note_of("x-a", 2000, &fault), 0);
	assert_int_equal(parse_note_of("x-a", 2100, &fault), -EINVAL);
	assert_string_equal(fault.text, "line 4: the x- lines are longer than 2048 bytes in all");
	assert_int_equal(parse_note_of("x-a", ENTRY_TEXT_MAX, &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "more than 4096"));
}

static void the_longest_entry_can_be_parsed_again(void **state)
{
	char note[ENTRY_NOTE_MAX + 1], extra[2049];
	struct entry entry = {.mac = {{2}}, .origin = note, .note = note, .extra = extra};
	struct entry again;
	char *text;

	(void)state;
	memset(note, 'n', sizeof(note) - 1);
	note[sizeof(note) - 1] = '\0';
	memset(extra, 'x', sizeof(extra) - 1);
	extra[1] = '-';
	extra[3] = ' ';
	extra[sizeof(extra) - 2] = '\n';
	extra[sizeof(extra) - 1] = '\0';
	text = entry_print(&entry);
	assert_int_equal(entry_parse(&again, text, strlen(text), NULL), 0);
	assert_true(entry_equal(&entry, &again));
	entry_clear(&again);
	free(text);
}

static char *random_text(size_t longest)
{
	static const char *const pieces[] = {"a",
	                                     "Z",
	                                     "0",
	                                     " ",
	                                     "/",
	                                     "\xc3\xa9",
	                                     "\xe2\x82\xac",
	                                     "#",
	                                     "'",
	                                     "-",
	                                     "x-",
	                                     "\xf0\x9f\x90\xa7"};
	char *text = calloc(1, longest + 8);
	size_t length = 1;

	assert_non_null(text);
	strcpy(text, "t");
	while (length < longest && random() % 24) {
		const char *piece = pieces[(size_t)random() % (sizeof(pieces) / sizeof(pieces[0]))];

		strcpy(text + length, piece);
		length += strlen(piece);
	}
	if (text[length - 1] == ' ')
		text[length - 1] = '.';
	return text;
}

static struct entry *random_entry(void)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	assert_non_null(entry);
	for (size_t i = 0; i < sizeof(entry->mac.octet); i++)
		entry->mac.octet[i] = (uint8_t)random();
	entry->mac.octet[0] = (uint8_t)((entry->mac.octet[0] | 2) & ~1);
	entry->state = random() % 2 ? ENTRY_STATIC : ENTRY_DYNAMIC;
	entry->since = ((int64_t)random() << 10 ^ random()) % INT64_C(253402300800);
	if (random() % 2)
		entry->origin = random_text(40);
	if (random() % 2)
		entry->note = random_text(200);
	if (random() % 3 == 0) {
		char *first = random_text(60), *second = random_text(60);

		assert_true(asprintf(&entry->extra, "x-one %s\nx-2 %s\n", first, second) > 0);
		free(first);
		free(second);
	}
	return entry;
}

static void any_entry_survives_text_and_back(void **state)
{
	const unsigned seed = 20261122;

	(void)state;
	srandom(seed);
	for (int i = 0; i < 20000; i++) {
		struct entry *entry = random_entry(), *copy = entry_copy(entry);
		char *text = entry_print(entry), *again;
		struct entry parsed;
		struct fault fault;

		assert_non_null(text);
		if (entry_parse(&parsed, text, strlen(text), &fault) < 0)
			fail_msg("seed %u, round %d: %s: %s", seed, i, fault.text, text);
		again = entry_print(&parsed);
		if (!entry_equal(entry, &parsed) || !entry_equal(copy, &parsed) ||
		    strcmp(text, again) != 0)
			fail_msg("seed %u, round %d: %s", seed, i, text);
		free(text);
		free(again);
		entry_clear(&parsed);
		entry_free(entry);
		entry_free(copy);
	}
}

static void garbage_is_refused_or_canonical_and_never_crashes(void **state)
{
	static const char good[] = HEAD "origin host1/eth0\nnote rack 3\nx-ticket 17\n";
	const unsigned seed = 8261;
	int taken = 0;

	(void)state;
	srandom(seed);
	for (int i = 0; i < 100000; i++) {
		size_t length = i % 2 ? (size_t)random() % 128 : sizeof(good) - 1;
		/* Exactly as long as it is: ASan finds one byte read too far. */
		char *text = malloc(length + !length);
		struct entry entry;
		struct fault fault;

		assert_non_null(text);
		if (i % 2)
			for (size_t j = 0; j < length; j++)
				text[j] = (char)random();
		else
			memcpy(text, good, length);
		for (long flips = random() % 4; flips > 0 && length; flips--)
			text[(size_t)random() % length] = (char)random();
		if (entry_parse(&entry, text, length, &fault) == 0) {
			char *again = entry_print(&entry);

			if (strlen(again) != length || memcmp(again, text, length) != 0)
				fail_msg("seed %u, round %d: taken, but printed as %s", seed, i,
				         again);
			free(again);
			entry_clear(&entry);
			taken++;
		}
		free(text);
	}
	assert_true(taken > 1000); /* the test does reach the far end of the parser */
}

static void entries_are_equal_when_every_field_is(void **state)
{
	struct entry a = {.mac = {{2, 0, 0, 0, 0, 1}}, .since = 5}, b = a;
	char note[] = "n", same[] = "n";

	(void)state;
	assert_true(entry_equal(&a, &b));
	assert_true(entry_equal(NULL, NULL));
	assert_false(entry_equal(&a, NULL));
	assert_false(entry_equal(NULL, &a));
	b.since = 6;
	assert_false(entry_equal(&a, &b));
	b = a;
	b.state = ENTRY_STATIC;
	assert_false(entry_equal(&a, &b));
	b = a;
	b.mac.octet[5] = 2;
	assert_false(entry_equal(&a, &b));
	b = a;
	b.note = note;
	assert_false(entry_equal(&a, &b));
	a.note = same;
	assert_true(entry_equal(&a, &b));
	b.extra = note;
	assert_false(entry_equal(&a, &b));
	assert_null(entry_copy(NULL));
	entry_free(NULL);
}

static void a_note_is_one_line_of_clean_text(void **state)
{
	static const struct {
		const char *text, *reason;
	} bad[] = {
	        {"", "note is empty"},
	        {"two\nlines", "note contains a control character"},
	        {"tab\t", "note contains a control character"},
	        {"\xff", "note is not valid UTF-8"},
	        {" x", "note begins or ends with a space"},
	        {"x ", "note begins or ends with a space"},
	};
	char longest[ENTRY_NOTE_MAX + 2];
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(entry_check_text("note", bad[i].text, &fault), -EINVAL);
		assert_non_null(strstr(fault.text, bad[i].reason));
	}
	memset(longest, 'n', sizeof(longest));
	longest[ENTRY_NOTE_MAX + 1] = '\0';
	assert_int_equal(entry_check_text("note", longest, &fault), -EINVAL);
	longest[ENTRY_NOTE_MAX] = '\0';
	assert_int_equal(entry_check_text("note", longest, &fault), 0);
	assert_int_equal(entry_check_text("origin", "host1/eth0 \xc3\xa4", &fault), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_whole_entry_is_parsed_field_by_field),
	        cmocka_unit_test(a_valid_entry_is_printed_as_it_was_parsed),
	        cmocka_unit_test(an_invalid_entry_is_refused_with_line_and_reason),
	        cmocka_unit_test(a_nul_byte_is_refused),
	        cmocka_unit_test(values_and_files_have_a_longest_length),
	        cmocka_unit_test(the_longest_entry_can_be_parsed_again),
	        cmocka_unit_test(any_entry_survives_text_and_back),
	        cmocka_unit_test(garbage_is_refused_or_canonical_and_never_crashes),
	        cmocka_unit_test(entries_are_equal_when_every_field_is),
	        cmocka_unit_test(a_note_is_one_line_of_clean_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
