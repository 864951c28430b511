/* SPDX-License-Identifier: MIT */
/*
 * The options that commands share, as argp children, and what comes of them: where the control
 * socket and the repository are, and what to print.
 */
#ifndef USER_CLI_SETTINGS_H
#define USER_CLI_SETTINGS_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>

#include "config/config.h"

struct settings {
	const char *config_path; /* -c; NULL: defaults */
	const char *control;     /* --control; after settings_load() never NULL */
	const char *repository;  /* --repo; likewise */
	bool repository_given;   /* by -c or --repo, and not the default */
	bool control_given;      /* by --control */
	bool json;
	char *memory;         /* owned: the repository's path if it is in memory; else NULL */
	struct config config; /* after settings_load() */
};

/* Argp children; each of them takes a struct settings as input. */
extern const struct argp settings_config_argp;     /* -c FILE */
extern const struct argp settings_control_argp;    /* --control PATH */
extern const struct argp settings_repository_argp; /* --repo DIR */
extern const struct argp settings_json_argp;       /* --json */

/* What most commands have: those that ask the agent, and those that read a repository. */
extern const struct argp_child settings_agent_children[];   /* -c, --control, --json */
extern const struct argp_child settings_history_children[]; /* the same, and --repo */

/* In a command's parser, on ARGP_KEY_INIT: hands `settings` to each of its children. */
void settings_init(struct argp_state *state, const struct argp_child *children,
                   struct settings *settings);
/* For a command that has -c, --control and --json, and no more. Exits on bad usage. */
void settings_parse(struct settings *settings, int argc, char **argv, const char *doc);

/* A usage error unless `name` may be an instance's: as agent.instance in a configuration. */
void settings_check_instance(const struct argp_state *state, const char *name);

/* Reads the configuration, and fills in what was not given. On error prints it, and returns the
 * exit status; else 0. settings_clear() in any case. */
int settings_load(struct settings *settings);
void settings_clear(struct settings *settings);

/* Asks the agent one thing; `request` is taken over. 0 and the response, which the caller owns;
 * else the exit status, when the error has been printed. */
int settings_ask(json_t **response, const struct settings *settings, json_t *request);

/* Prints a response as a JSON text, without its "ok". */
void settings_print(json_t *response);

#endif
