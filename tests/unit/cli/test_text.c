/* SPDX-License-Identifier: MIT */
/* What people read: columns, ages, words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/table.h"
#include "cli/topcounts.h"
#include "cli/when.h"
#include "cli/words.h"

static char *written;
static size_t length;
static FILE *output;

static int open_output(void **state)
{
	(void)state;
	output = open_memstream(&written, &length);
	return output ? 0 : -1;
}

static int close_output(void **state)
{
	(void)state;
	fclose(output);
	free(written);
	return 0;
}

static void assert_written(const char *expected)
{
	fflush(output);
	assert_string_equal(written, expected);
}

static void columns_are_aligned_and_the_last_is_not_padded(void **state)
{
	struct table *table = table_new("NAME|>N|NOTE");

	(void)state;
	table_row(table, "eth0", "1", "short");
	table_row(table, "wlan0.10", "1000", NULL);
	table_row(table, "zürich", "20", "ü");
	assert_int_equal(table_write(table, output), 0);
	assert_written("NAME         N  NOTE\n"
	               "eth0         1  short\n"
	               "wlan0.10  1000  -\n"
	               "zürich      20  ü\n");
	table_free(table);
}

static void a_table_can_be_written_as_it_grows(void **state)
{
	struct table *table = table_new("A   |B");

	(void)state;
	table_write(table, output);
	assert_written("A     B\n");
	table_row(table, "1", "x");
	table_write(table, output);
	table_row(table, "123456", "y");
	table_write(table, output);
	table_row(table, "2", "z");
	table_write(table, output);
	assert_written("A     B\n1     x\n123456  y\n2       z\n");
	table_free(table);
}

/* What a table looks like on a terminal with so many columns; 0: it does not say how many. */
static char *written_on_a_terminal(struct table *table, unsigned short columns)
{
	const struct winsize size = {.ws_row = 24, .ws_col = columns};
	static char text[512];
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	size_t shown = 0;
	ssize_t bytes;
	FILE *screen;

	assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
	screen = fopen(ptsname(terminal), "w");
	assert_non_null(screen);
	assert_int_equal(table_write(table, screen), 0);
	table_free(table);
	fclose(screen);
	/* It comes in parts, and then an error: nobody has the terminal open any more. */
	while ((bytes = read(terminal, text + shown, sizeof(text) - 1 - shown)) > 0)
		shown += (size_t)bytes;
	text[shown] = '\0';
	close(terminal);
	return text;
}

static char *on_a_terminal(void)
{
	struct table *table = table_new("A|*STATE");

	table_row(table, "dead", "dead");
	table_row(table, "2", "dynamic, frozen");
	table_row(table, "3", "new");
	return written_on_a_terminal(table, 0);
}

static struct table *hosts_with_notes(void)
{
	struct table *table = table_new("ADDRESS|*STATE|~ORIGIN|~NOTE");

	table_row(table, "10.0.0.5", "static", "leaf1.example.net", "the printer: zürich, 3rd");
	table_row(table, "10.0.0.6", "dead", "leaf1", NULL);
	return table;
}

static void what_may_be_cut_is_cut_to_fit_the_terminal(void **state)
{
	(void)state;
	setenv("NO_COLOR", "1", 1);
	/* 8 + 6 + 17 + 24, and the gaps. */
	assert_string_equal(written_on_a_terminal(hosts_with_notes(), 61),
	                    "ADDRESS   STATE   ORIGIN             NOTE\r\n"
	                    "10.0.0.5  static  leaf1.example.net  the printer: zürich, 3rd\r\n"
	                    "10.0.0.6  dead    leaf1              -\r\n");
	assert_string_equal(written_on_a_terminal(hosts_with_notes(), 56),
	                    "ADDRESS   STATE   ORIGIN             NOTE\r\n"
	                    "10.0.0.5  static  leaf1.example.net  the printer: züri..\r\n"
	                    "10.0.0.6  dead    leaf1              -\r\n");
	assert_string_equal(written_on_a_terminal(hosts_with_notes(), 40),
	                    "ADDRESS   STATE   ORIGIN      NOTE\r\n"
	                    "10.0.0.5  static  leaf1.ex..  the prin..\r\n"
	                    "10.0.0.6  dead    leaf1       -\r\n");
	/* An address is not cut, even if the row does not fit. */
	assert_string_equal(written_on_a_terminal(hosts_with_notes(), 20),
	                    "ADDRESS   STATE   ORIGIN  NOTE\r\n"
	                    "10.0.0.5  static  leaf..  the ..\r\n"
	                    "10.0.0.6  dead    leaf1   -\r\n");
	unsetenv("NO_COLOR");
}

static void what_is_no_terminal_gets_all_of_it(void **state)
{
	struct table *table = hosts_with_notes();

	(void)state;
	assert_int_equal(table_write(table, output), 0);
	assert_written("ADDRESS   STATE   ORIGIN             NOTE\n"
	               "10.0.0.5  static  leaf1.example.net  the printer: zürich, 3rd\n"
	               "10.0.0.6  dead    leaf1              -\n");
	table_free(table);
}

static void states_have_colours_on_a_terminal_unless_no_color_is_set(void **state)
{
	(void)state;
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	assert_string_equal(on_a_terminal(), "\033[1mA     STATE\033[0m\r\n"
	                                     "dead  \033[31mdead\033[0m\r\n"
	                                     "2     \033[1;31mdynamic, frozen\033[0m\r\n"
	                                     "3     new\r\n");
	setenv("NO_COLOR", "1", 1);
	assert_string_equal(on_a_terminal(), "A     STATE\r\n"
	                                     "dead  dead\r\n"
	                                     "2     dynamic, frozen\r\n"
	                                     "3     new\r\n");
	unsetenv("NO_COLOR");
}

static void a_table_without_titles_has_no_header(void **state)
{
	struct table *table = table_new("|");

	(void)state;
	table_row(table, "key", "value");
	table_write(table, output);
	assert_written("key  value\n");
	table_row(table, "never", "written"); /* and freed all the same */
	table_free(table);
}

static void control_characters_are_replaced(void **state)
{
	struct table *table = table_new("");

	(void)state;
	table_row(table, "a\033[2Jb\r\nc\x7f\xc2\x9b"
	                 "31m \xc3\xbc");
	table_write(table, output);
	table_free(table);
	line_write(output, "%s", "x\033]0;title\a");
	lines_write(output, "one\ntwo\033\n");
	lines_write(output, NULL);
	assert_written("a?[2Jb??c???31m \xc3\xbc\nx?]0;title?\none\ntwo?\n");
}

static void ages_have_two_units(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {{-5, "0s"},       {0, "0s"},         {59, "59s"},
	             {60, "1m00s"},    {192, "3m12s"},    {3599, "59m59s"},
	             {3600, "1h00m"},  {7500, "2h05m"},   {86399, "23h59m"},
	             {86400, "1d00h"}, {356400, "4d03h"}, {INT64_MAX, "106751991167300d15h"}};
	char text[WHEN_TEXT];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(when_age(text, cases[i].seconds), cases[i].text);
}

static void only_a_time_has_an_age(void **state)
{
	json_t *utc = json_string("2026-11-22T10:15:00Z"), *odd = json_string("soon");
	char text[WHEN_TEXT];

	(void)state;
	assert_string_equal(when_since(text, utc, 1795342500 + 192), "3m12s ago");
	assert_string_equal(when_since(text, odd, 0), "soon");
	assert_null(when_since(text, NULL, 0));
	json_decref(utc);
	json_decref(odd);
}

#define M "02:50:2a:16:6d:01"
#define N "02:50:2a:16:6d:02"

static void transitions_have_words(void **state)
{
	static const struct {
		struct words_transition transition;
		const char *text;
	} cases[] = {
	        {{"learn/20261122-000017", {0}, {M, "dynamic", false}, "eth0", "request"},
	         "learned at " M " (eth0, request)"},
	        {{"learn", {0}, {M, "dynamic", false}, "", "request"},
	         "learned at " M " (request)"},
	        {{"expire/1", {M, "dynamic", false}, {0}, NULL, NULL}, "expired, was at " M},
	        {{"move/1", {M, "dynamic", false}, {N, "dynamic", false}, "eth0", ""},
	         "moved from " M " to " N " (eth0)"},
	        {{"operator/1", {0}, {M, "static", false}, NULL, NULL}, "set to " M ", static"},
	        {{"operator/1", {M, "dynamic", false}, {M, "static", false}, NULL, NULL},
	         "now static, at " M},
	        {{"operator/1", {M, "static", false}, {0}, NULL, NULL}, "unset, was at " M},
	        {{"external/1", {M, "dynamic", false}, {0}, NULL, "bpf map"},
	         "erased from the map, was at " M " (bpf map)"},
	        {{"external/1", {M, "dynamic", false}, {0}, NULL, "own address"},
	         "removed, was at " M " (own address)"},
	        {{"", {M, "static", false}, {M, "static", false}, NULL, NULL},
	         "described anew, at " M ", static"},
	        {{NULL, {0}, {M, "static", false}, NULL, NULL}, "put at " M ", static"},
	        {{"", {M, "static", false}, {M, "static", true}, NULL, NULL},
	         "described anew, at " M ", static, router"},
	        {{"brewing/1", {M, "static", false}, {0}, NULL, NULL}, "removed, was at " M},
	};
	char text[WORDS_TEXT];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(words_of(text, &cases[i].transition), cases[i].text);
}

#define WRITTEN(test) cmocka_unit_test_setup_teardown(test, open_output, close_output)

static void expect_rates(struct topcounts *counts, const char *counters, int64_t clock,
                         const char *expected)
{
	char table[256], rates[256];
	json_t *stats = json_pack("{s:o}", "counters", json_loads(counters, 0, NULL));

	topcounts_lines(counts, stats, clock, 0, table, rates, sizeof(rates));
	if (!strstr(rates, expected))
		fail_msg("no '%s' in: %s", expected, rates);
	json_decref(stats);
}

static void rates_are_of_both_families(void **state)
{
	struct topcounts counts = {0};

	(void)state;
	expect_rates(&counts, "{\"arp_frames\": 10, \"answered\": 4, \"pass_miss\": 6}", 1000,
	             "ARP frames/s: -");
	expect_rates(&counts, "{\"arp_frames\": 30, \"answered\": 14, \"pass_miss\": 16}", 2000,
	             "ARP frames/s: 20, answered 10, passed 10, dropped 0,");
	expect_rates(&counts,
	             "{\"arp_frames\": 30, \"answered\": 14, \"pass_miss\": 16, \"nd_frames\": 9, "
	             "\"nd_answered\": 4, \"nd_pass_miss\": 3, \"nd_drop_router\": 2}",
	             3000, "ARP frames/s: 0, ND 9, answered 4, passed 3, dropped 2,");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        WRITTEN(columns_are_aligned_and_the_last_is_not_padded),
	        WRITTEN(a_table_can_be_written_as_it_grows),
	        cmocka_unit_test(states_have_colours_on_a_terminal_unless_no_color_is_set),
	        cmocka_unit_test(what_may_be_cut_is_cut_to_fit_the_terminal),
	        WRITTEN(what_is_no_terminal_gets_all_of_it),
	        WRITTEN(a_table_without_titles_has_no_header),
	        WRITTEN(control_characters_are_replaced),
	        cmocka_unit_test(ages_have_two_units),
	        cmocka_unit_test(only_a_time_has_an_age),
	        cmocka_unit_test(transitions_have_words),
	        cmocka_unit_test(rates_are_of_both_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
