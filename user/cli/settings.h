/* SPDX-License-Identifier: MIT */
/* What the shared options say, and what follows: the configuration, the control socket, the
 * repository. */
#ifndef USER_CLI_SETTINGS_H
#define USER_CLI_SETTINGS_H

#include "config/config.h"

#define ARGUMENTS_MAX   4
#define SETTINGS_CONFIG "/etc/arpkeeper.conf" /* read if it is there, and -c names no other */

struct settings {
	/* From the command line; NULL: not given. */
	const char *argument[ARGUMENTS_MAX];
	const char *config_path; /* -c; or what settings_find_config() found */
	const char *control;     /* --control; never NULL after settings_load() */
	const char *repository;  /* --repo; likewise */
	const char *message;     /* -m */
	const char *author;      /* --author */
	const char *confirmed;   /* --confirm: digits; NULL: not given */
	const char *log_level;   /* --log-level; NULL: not given */
	bool json, quiet;
	bool config_found; /* the configuration's path is not from the command line */
	/* After settings_load(). */
	bool repository_given; /* by -c or --repo; else it is the default */
	bool control_given;    /* by --control */
	char *memory;          /* owned: the repository's path if it is kept in memory; else NULL */
	struct config config;
};

/* Without -c: takes the configuration that the environment's ARPKEEPER_CONFIG names (none, if that
 * is empty), or else SETTINGS_CONFIG, if this user can read it. */
void settings_find_config(struct settings *settings);
/* Reads the configuration, and fills in what was not given. settings_clear() in any case. */
int settings_load(struct settings *settings, struct fault *fault);
void settings_clear(struct settings *settings);

#endif
