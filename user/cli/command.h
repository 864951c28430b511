/* SPDX-License-Identifier: MIT */
/* What a command is, as data. */
#ifndef USER_CLI_COMMAND_H
#define USER_CLI_COMMAND_H

#include <argp.h>

#include "cli/settings.h"

#define EXIT_OK     0
#define EXIT_FAILED 1
#define EXIT_USAGE  2

/* What run() returns, with a fault, when an argument is not valid: EXIT_USAGE. No errno. */
#define RUN_USAGE (-10000)

/* The values of an option that may be repeated. */
struct texts {
	const char **text;
	size_t count, room;
};

/* An option, and where its value goes: a bool for a flag, struct texts if it may be repeated, else
 * a const char *. */
struct command_option {
	const char *name;  /* "segment": --segment */
	const char *value; /* "NAME", as --help shows it; NULL: a flag */
	const char *help;
	size_t offset;              /* of the value in the command's struct */
	const char *const *choices; /* the values allowed, up to a NULL; NULL: any */
	int (*check)(const char *text, struct fault *fault); /* a fault is a usage error; or NULL */
	int letter;                                          /* 's': also -s; 0: none */
	bool repeats;
	bool paragraphs; /* given again, it adds a paragraph; only the first one is checked */
};

/* In a list of options: the value goes to this member of the command's struct arguments. */
#define STORE(member) .offset = offsetof(struct arguments, member)

/* What is particular to a command: its file defines it. */
struct command_spec {
	size_t size;                    /* of its struct, which begins with a struct settings */
	const char *arguments;          /* "TIME [ADDRESS]", as --help shows them; NULL: none */
	const char *too_few, *too_many; /* the usage error; `too_many` NULL: a general one */
	const char *doc;                /* the text of --help, as argp takes it */
	const struct command_option *options; /* up to an empty one; NULL: none */
	/* Options that do not go together: calls argp_error(). May be NULL. */
	void (*check)(const void *arguments, const struct argp_state *state);
	bool loads; /* it loads its settings itself, or needs none */
	/* `arguments`: the command's struct. Returns the exit status, or a negative errno or
	 * RUN_USAGE: then the fault is printed. */
	int (*run)(void *arguments, struct fault *fault);
};

/* Options that several commands share. */
enum {
	TAKES_CONFIG = 1,
	TAKES_CONTROL = 2,
	TAKES_REPOSITORY = 4,
	TAKES_JSON = 8,
	TAKES_MESSAGE = 16,
	TAKES_ALWAYS = 32, /* of an option that each command takes */
	TAKES_CONFIRM = 64,
	TAKES_AGENT = TAKES_CONFIG | TAKES_CONTROL | TAKES_JSON,
	TAKES_HISTORY = TAKES_AGENT | TAKES_REPOSITORY,
};

struct command {
	const char *name;
	const char *usage; /* in the list of commands; NULL: not listed, not for people */
	const char *summary;
	unsigned takes; /* which shared options */
	const struct command_spec *spec;
};

/* Each is defined in the file of its name; `unset` in set.c, `diff` in at.c, `detach` in stop.c.
 * Only the list in cli.c uses them, so they have no headers of their own. */
extern const struct command_spec command_run, command_status, command_show, command_set,
        command_unset, command_merge, command_revert, command_log, command_at, command_diff,
        command_watch, command_stats, command_import, command_export, command_check, command_repair,
        command_reload, command_stop, command_detach, command_hook, command_recorder,
        command_complete, command_sync, command_fleet, command_web, command_top, command_preview;

#endif
