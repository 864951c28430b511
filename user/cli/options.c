/* SPDX-License-Identifier: MIT */
/*
 * Hands a command's options and the shared ones to argp, and stores their values. It knows how an
 * option is given, and never what it means.
 */
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/protocol.h"

#define OPTIONS_MAX 24     /* of one command, the shared ones among them */
#define FIRST_KEY   0x1000 /* of options without a letter */

/* The first line, in characters of UTF-8. */
static int check_subject(const char *text, struct fault *fault)
{
	int characters = 0;

	text += strspn(text, " \t\n");
	for (; *text && *text != '\n'; text++)
		characters += (*text & 0xc0) != 0x80;
	return characters > SUBJECT_MAX
	               ? fault_set(
	                         fault, -EINVAL,
	                         "the message's subject, its first line, has %d characters, and at "
	                         "most %d are allowed: give the rest with a second -m",
	                         characters, SUBJECT_MAX)
	               : 0;
}

static int check_confirmed(const char *text, struct fault *fault)
{
	uint32_t number;

	return guard_parse_confirmed(&number, text) == 0
	               ? 0
	               : fault_set(fault, -EINVAL,
	                           "--confirm '%.40s' is not a number: give the one that the "
	                           "refusal named",
	                           text);
}

static int check_author(const char *text, struct fault *fault)
{
	return entry_check_text("author", text, fault);
}

static const struct {
	unsigned takes;
	struct command_option option;
} shared[] = {
        {TAKES_CONFIG,
         {"config", "FILE", "Read the configuration FILE",
          .offset = offsetof(struct settings, config_path), .letter = 'c'}},
        {TAKES_CONTROL,
         {"control", "PATH", "Reach the agent at the control socket PATH",
          .offset = offsetof(struct settings, control)}},
        {TAKES_REPOSITORY,
         {"repo", "DIR", "Use the history repository DIR",
          .offset = offsetof(struct settings, repository)}},
        {TAKES_JSON, {"json", NULL, "Print JSON", .offset = offsetof(struct settings, json)}},
        {TAKES_MESSAGE,
         {"message", "MESSAGE", "The commit's subject; given again, a paragraph of its body",
          .offset = offsetof(struct settings, message), .letter = 'm', .check = check_subject,
          .paragraphs = true}},
        {TAKES_MESSAGE,
         {"author", "NAME", "The login name of whose change it is (for root)",
          .offset = offsetof(struct settings, author), .check = check_author}},
        {TAKES_CONFIRM,
         {"confirm", "NUMBER", "Change or remove so many known addresses, beyond history.guard",
          .offset = offsetof(struct settings, confirmed), .check = check_confirmed}},
        {TAKES_ALWAYS,
         {"log-level", "LEVEL", "Log error, warning, info (default) or debug, and what is graver",
          .offset = offsetof(struct settings, log_level), .choices = log_levels}},
        {TAKES_ALWAYS,
         {"quiet", NULL, "Log errors only, and show no progress",
          .offset = offsetof(struct settings, quiet), .letter = 'q'}},
};

struct parsing {
	const struct command_spec *spec;
	unsigned takes;
	struct settings *settings;
	const struct command_option *option[OPTIONS_MAX];
	struct argp_option argp[OPTIONS_MAX + 1];
	size_t options;
};

static void add(struct parsing *parsing, const struct command_option *option, int group)
{
	parsing->argp[parsing->options] = (struct argp_option){
	        .name = option->name,
	        .key = option->letter ? option->letter : FIRST_KEY + (int)parsing->options,
	        .arg = option->value,
	        .doc = option->help,
	        .group = group,
	};
	parsing->option[parsing->options++] = option;
}

static void check(const struct command_option *option, const char *text, struct argp_state *state)
{
	struct fault fault = {""};
	char list[CHOICES_TEXT];

	if (option->choices && choices_find(text, option->choices, list) < 0)
		argp_error(state, "'%s' is not a %s: give %s", text, option->name, list);
	if (option->check && option->check(text, &fault) < 0)
		argp_error(state, "%s", fault.text);
}

/* What is made here stays until the command has ended, which is all that follows. */
static error_t add_paragraph(const char **place, const char *text)
{
	static char *made;
	char *longer;

	if (asprintf(&longer, "%s\n\n%s", *place, text) < 0)
		return ENOMEM;
	free(made);
	*place = made = longer;
	return 0;
}

static error_t take(const struct command_option *option, char *text, struct argp_state *state)
{
	const struct parsing *parsing = state->input;
	void *place = (char *)parsing->settings + option->offset;
	struct texts *texts = place;

	if (text && option->paragraphs && *(const char **)place)
		return add_paragraph(place, text);
	if (text)
		check(option, text, state);
	if (!text) {
		*(bool *)place = true;
	} else if (!option->repeats) {
		*(const char **)place = text;
	} else {
		if (array_reserve(&texts->text, &texts->room, texts->count + 1))
			return ENOMEM;
		texts->text[texts->count++] = text;
	}
	return 0;
}

/* How many of the arguments in "TIME [ADDRESS|PREFIX]": those that must be there, or all. */
static unsigned count(const char *arguments, bool all)
{
	unsigned count = 0;

	for (const char *word = arguments; word; word = strchr(word, ' ')) {
		word += *word == ' ';
		count += all || *word != '[';
	}
	return count;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	const struct parsing *parsing = state->input;
	const struct command_spec *spec = parsing->spec;

	switch (key) {
	case ARGP_KEY_ARG:
		if (state->arg_num < ARGUMENTS_MAX && state->arg_num < count(spec->arguments, true))
			parsing->settings->argument[state->arg_num] = text;
		else if (spec->too_many)
			argp_error(state, "%s", spec->too_many);
		else
			argp_error(state, "too many arguments: '%s'", text);
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < count(spec->arguments, false))
			argp_error(state, "%s", spec->too_few);
		if (parsing->takes & TAKES_CONFIG)
			settings_find_config(parsing->settings);
		if (spec->check)
			spec->check(parsing->settings, state);
		return 0;
	default:
		for (size_t i = 0; i < parsing->options; i++)
			if (parsing->argp[i].key == key)
				return take(parsing->option[i], text, state);
		return ARGP_ERR_UNKNOWN;
	}
}

static void match(const struct command_option *option, const char *text, bool *value, bool *flag)
{
	bool same = text[1] == '-' ? strcmp(text + 2, option->name) == 0
	                           : option->letter && text[1] == option->letter && !text[2];

	if (same)
		*(option->value ? value : flag) = true;
}

void options_find(const struct command *command, const char *option, bool *value, bool *flag)
{
	const struct command_option *own = command->spec->options;

	for (; own && own->name; own++)
		match(own, option, value, flag);
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if ((command->takes | TAKES_ALWAYS) & shared[i].takes)
			match(&shared[i].option, option, value, flag);
}

void options_parse(const struct command *command, struct settings *settings, int argc, char **argv)
{
	struct parsing parsing = {
	        .spec = command->spec, .takes = command->takes, .settings = settings};
	const struct argp argp = {.options = parsing.argp,
	                          .parser = parse,
	                          .args_doc = command->spec->arguments,
	                          .doc = command->spec->doc};
	const struct command_option *option = command->spec->options;

	for (; option && option->name; option++)
		add(&parsing, option, 0);
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if ((command->takes | TAKES_ALWAYS) & shared[i].takes)
			add(&parsing, &shared[i].option, 1);
	if (argp_parse(&argp, argc, argv, 0, NULL, &parsing) == 0)
		return;
	log_error("out of memory");
	exit(EXIT_FAILED);
}

void options_clear(const struct command *command, struct settings *settings)
{
	const struct command_option *option = command->spec->options;

	for (; option && option->name; option++)
		if (option->repeats)
			free(((struct texts *)((char *)settings + option->offset))->text);
}
