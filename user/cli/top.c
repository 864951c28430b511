/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper top`: the table, changes and counters on a terminal, until `q`. One loop waits for
 * keys, signals and the agent; none of them waits for another. When the agent ends, the last table
 * stays, and the loop looks for the next agent once a second.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/eventwords.h"
#include "cli/topcounts.h"
#include "cli/topkeys.h"
#include "cli/toplink.h"
#include "cli/topscreen.h"
#include "cli/toptable.h"
#include "cli/topterminal.h"
#include "cli/when.h"
#include "client/client.h"

#define BEAT_MS   1000 /* counters, ages, another look for an agent */
#define DRAW_MS   100  /* at most so often, whatever comes */
#define SILENT_MS 3000 /* an agent that does not answer for so long is said to be silent */
#define FRESH_MS  3000 /* so long a change is bold */
#define REFRESH_MS                                                                                 \
	5000      /* what `watch` does not say, such as when a host was seen, is read again        \
	           */
#define SHARE 100 /* but that takes at most 1 % of the time, and so does sorting */

static const char doc[] =
        "The table, the changes and alerts as they come, and the data path's counters a second, on "
        "a "
        "terminal; until q.\v"
        "Keys: s sorts by the next column, r reverses, / or a digit filters by what follows, "
        "arrows, "
        "PgUp, PgDn, Home and End scroll, e hides the changes, q quits. Rows that have just "
        "changed "
        "are bold.\n"
        "When the agent ends, top keeps what it had, and goes on with the next agent. Of a very "
        "large table it holds 100,000 rows: name a prefix. Needs a terminal: without one, the "
        "status "
        "is 2.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper top\n"
        "  arpkeeper top 10.0.3.0/24\n";

struct top {
	const struct settings *settings;
	struct range range; /* of addresses: what was asked for */
	struct toplink link;
	struct toptable table;    /* shown */
	struct toptable arriving; /* being read; changes go to both */
	bool reading;
	struct topscreen screen;
	struct topcounts counts;
	struct fault trouble; /* why there is no agent */
	bool stale;           /* the view must be made anew, */
	bool dirty;           /* the screen drawn */
	int64_t clock;        /* ms, which only go forward */
	int64_t beat, drawn, viewed, view_took, refreshed, refresh_took, asked, tried;
	int signals;
	int signal; /* that ended it; 0: none */
	bool quit;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- what comes from the agent -----------------------------------------------------------------
 */

static void add_event(struct top *top, const json_t *event)
{
	const char *time = json_text(event, "time"), *address = json_text(event, "address");
	struct topevent shown = {.alert = event_is(event, "alert")};
	char when[WHEN_TEXT];

	snprintf(shown.time, sizeof(shown.time), "%.39s", when_utc(when, time));
	snprintf(shown.address, sizeof(shown.address), "%.39s", address ? address : "");
	event_words(shown.words, event);
	topscreen_add(&top->screen, &shown);
}

/* Whether an event is of the part of the table that was asked for, or of none. */
static bool is_wanted(const struct top *top, const json_t *event)
{
	const char *text = json_text(event, "address");
	struct address address;

	return !text || address_parse(&address, text) < 0 || range_contains(top->range, address);
}

static int take_event(struct top *top, const json_t *event)
{
	int error = 0;

	if (!is_wanted(top, event))
		return 0;
	add_event(top, event);
	if (event_is(event, "change")) {
		error = toptable_change(&top->table, event, top->clock);
		if (!error && top->reading)
			error = toptable_change(&top->arriving, event, top->clock);
		top->stale = true;
	}
	return error;
}

static int take_entries(struct top *top, const json_t *entries)
{
	json_t *entry;
	size_t index;
	int error = 0;

	json_array_foreach ((json_t *)entries, index, entry) {
		error = toptable_put(&top->arriving, entry, 0);
		if (error)
			break;
	}
	return error;
}

/* Rows that have just changed stay bold in the new table. */
static void take_table(struct top *top)
{
	for (uint32_t i = 0; i < top->table.ids.count; i++) {
		const struct toprow *row = &top->table.row[i];
		uint32_t number;

		if (!row->changed || row->gone || top->clock - row->changed > FRESH_MS)
			continue;
		number = idmap_find(&top->arriving.ids, idmap_key(&top->table.ids, i));
		if (number != IDMAP_NONE)
			top->arriving.row[number].changed = row->changed;
	}
	toptable_clear(&top->table);
	top->table = top->arriving;
	toptable_begin(&top->arriving);
	top->reading = false;
	top->stale = true;
	top->refresh_took = top->clock - top->refreshed;
	top->refreshed = top->clock;
}

static int take(void *context, enum toplink_what what, const json_t *object)
{
	struct top *top = context;

	top->dirty = true;
	top->asked = top->clock;
	switch (what) {
	case TOPLINK_EVENT:
		return take_event(top, object);
	case TOPLINK_ENTRIES:
		return take_entries(top, json_object_get(object, "entries"));
	case TOPLINK_END:
		take_table(top);
		return 0;
	case TOPLINK_COUNTERS:
		topcounts_lines(&top->counts, object, top->clock, time(NULL), top->screen.head[0],
		                top->screen.head[1], sizeof(top->screen.head[0]));
		return 0;
	}
	return 0;
}

/* --- the agent comes and goes ------------------------------------------------------------------
 */

static void lose(struct top *top, const struct fault *fault)
{
	const struct topevent gone = {.words = "the agent has ended: waiting for the next one"};
	struct topevent event = gone;
	char when[WHEN_TEXT];

	toplink_close(&top->link);
	toptable_clear(&top->arriving);
	top->reading = false;
	top->counts.clock = 0;
	top->trouble = *fault;
	snprintf(event.time, sizeof(event.time), "%s", when_time(when, time(NULL)));
	topscreen_add(&top->screen, &event);
	top->dirty = true;
}

static void begin_table(struct top *top)
{
	toptable_clear(&top->arriving);
	top->reading = true;
	top->refreshed = top->asked = top->clock;
}

static int find_agent(struct top *top, struct fault *fault)
{
	int error;

	top->tried = top->clock;
	error = toplink_open(&top->link, top->settings->control, top->settings->argument[0], fault);
	if (error)
		return error;
	begin_table(top);
	top->trouble.text[0] = '\0';
	top->dirty = true;
	return 0;
}

static void read_side(struct top *top, enum toplink_which which)
{
	struct fault fault = {""};

	if (toplink_is_open(&top->link) && toplink_read(&top->link, which, take, top, &fault) < 0)
		lose(top, &fault);
}

static bool is_due(const struct top *top)
{
	int64_t pause = top->refresh_took * SHARE;

	return top->clock - top->refreshed >= (pause > REFRESH_MS ? pause : REFRESH_MS);
}

/* Once a second. */
static void beat(struct top *top)
{
	struct fault fault = {""};
	int error = 0;

	top->beat = top->clock;
	top->dirty = true;
	if (!toplink_is_open(&top->link)) {
		(void)find_agent(top, &fault);
		return;
	}
	if (!toplink_is_idle(&top->link))
		return;
	if (is_due(top)) {
		begin_table(top);
		error = toplink_ask(&top->link, TOPLINK_TABLE, &fault);
	} else {
		top->asked = top->clock;
		error = toplink_ask(&top->link, TOPLINK_STATS, &fault);
	}
	if (error)
		lose(top, &fault);
}

/* --- the screen --------------------------------------------------------------------------------
 */

static void write_state(struct top *top)
{
	struct topscreen *screen = &top->screen;
	char *line = screen->head[TOPSCREEN_HEAD - 1];
	int64_t silent = top->clock - top->asked;

	screen->alarmed = true;
	if (!toplink_is_open(&top->link))
		snprintf(line, TOPSCREEN_LINE, "no agent: waiting for one%s%.400s",
		         top->trouble.text[0] ? ": " : "", top->trouble.text);
	else if (!toplink_is_idle(&top->link) && silent > SILENT_MS)
		snprintf(line, TOPSCREEN_LINE, "the agent has not answered for %" PRId64 " s",
		         silent / 1000);
	else {
		screen->alarmed = top->table.left_out > 0;
		snprintf(line, TOPSCREEN_LINE, "%zu shown of %u%s", top->table.shown,
		         top->table.ids.count,
		         top->table.left_out ? ", and more that are not held: name a prefix" : "");
	}
}

static void draw(struct top *top)
{
	int64_t begun = clock_ms();

	if (top->stale && top->clock - top->viewed >= top->view_took * SHARE) {
		top->screen.choice.filter = top->screen.filter;
		if (toptable_view(&top->table, &top->screen.choice) < 0)
			top->quit = true;
		top->stale = false;
		top->viewed = top->clock;
		top->view_took = clock_ms() - begun;
	}
	write_state(top);
	top->screen.now = time(NULL);
	top->screen.clock = top->clock;
	topscreen_draw(&top->screen);
	top->dirty = top->stale;
	top->drawn = top->clock;
}

static void take_keys(struct top *top)
{
	enum topkeypress press;

	while ((press = topkeys_take(&top->screen)) != TOPPRESS_NOTHING) {
		top->quit |= press == TOPPRESS_QUIT;
		top->dirty = true;
		if (press == TOPPRESS_VIEW) {
			top->stale = true;
			top->view_took = 0; /* a person waits */
		}
	}
}

static void take_signals(struct top *top)
{
	struct signalfd_siginfo got;

	while (read(top->signals, &got, sizeof(got)) == sizeof(got)) {
		if (got.ssi_signo == SIGWINCH)
			topscreen_resize();
		else
			top->signal = (int)got.ssi_signo;
		top->dirty = true;
	}
}

/* Until the next beat, or until it may draw again. */
static int patience(const struct top *top)
{
	int64_t until = top->beat + BEAT_MS;

	if (top->dirty && top->drawn + DRAW_MS < until)
		until = top->drawn + DRAW_MS;
	return until > top->clock ? (int)(until - top->clock) : 0;
}

static void loop(struct top *top)
{
	while (!top->quit && !top->signal) {
		struct pollfd waits[] = {
		        {.fd = STDIN_FILENO, .events = POLLIN},
		        {.fd = top->signals, .events = POLLIN},
		        {.fd = toplink_descriptor(&top->link, TOPLINK_WATCH), .events = POLLIN},
		        {.fd = toplink_descriptor(&top->link, TOPLINK_ASK), .events = POLLIN}};

		(void)poll(waits, 4, patience(top));
		top->clock = clock_ms();
		if (waits[1].revents)
			take_signals(top);
		if (waits[0].revents & POLLIN)
			take_keys(top);
		else if (waits[0].revents)
			top->quit = true; /* the terminal is gone */
		if (waits[2].revents)
			read_side(top, TOPLINK_WATCH);
		if (waits[3].revents)
			read_side(top, TOPLINK_ASK);
		if (top->clock - top->beat >= BEAT_MS)
			beat(top);
		if (top->dirty && top->clock - top->drawn >= DRAW_MS)
			draw(top);
	}
}

static int open_signals(struct top *top, sigset_t *before, struct fault *fault)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, before);
	top->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return top->signals < 0
	               ? fault_set(fault, -errno, "cannot take signals: %s", strerror(errno))
	               : 0;
}

/* Ends by the signal, as a program does that does not know it: the terminal is as it was. */
static void end_by(int signal_number, const sigset_t *before)
{
	(void)signal(signal_number, SIG_DFL);
	(void)raise(signal_number);
	sigprocmask(SIG_SETMASK, before, NULL);
}

static int show(struct top *top, struct fault *fault)
{
	sigset_t before;
	int error = open_signals(top, &before, fault);

	if (!error)
		error = topscreen_open(&top->screen, fault);
	if (!error) {
		snprintf(top->screen.head[0], TOPSCREEN_LINE, "arpkeeper");
		top->stale = true;
		top->clock = top->beat = clock_ms();
		draw(top);
		loop(top);
	}
	topscreen_close(&top->screen);
	if (top->signals >= 0)
		close(top->signals);
	if (top->signal)
		end_by(top->signal, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct arguments {
	struct settings settings;
};

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const char *subject = arguments->settings.argument[0];
	struct top *top = calloc(1, sizeof(*top));
	int error = 0;

	if (!top)
		return fault_set(fault, -ENOMEM, "out of memory");
	top->settings = &arguments->settings;
	top->range = range_anywhere;
	top->signals = -1;
	top->clock = clock_ms();
	top->screen.table = &top->table;
	top->screen.fresh = FRESH_MS;
	toptable_begin(&top->table);
	toptable_begin(&top->arriving);
	if (subject && range_parse(&top->range, subject, fault) < 0)
		error = RUN_USAGE;
	/* Why there is no agent, or none for this user, is said before the screen is taken. */
	if (!error)
		error = topterminal_check(fault) < 0 ? RUN_USAGE : find_agent(top, fault);
	if (!error)
		error = show(top, fault);
	toplink_close(&top->link);
	toptable_clear(&top->arriving);
	toptable_clear(&top->table);
	free(top);
	return error;
}

const struct command_spec command_top = {
        .size = sizeof(struct arguments),
        .arguments = "[ADDRESS|PREFIX|RANGE]",
        .doc = doc,
        .run = run,
};
