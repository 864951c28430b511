/* SPDX-License-Identifier: MIT */
/* Sets the keys of the configuration by name. */
#ifndef USER_CONFIG_KEYS_H
#define USER_CONFIG_KEYS_H

#include "config/types.h"

/* Whether it is "history", "agent", "web", "fleet", "remote" or "segment". */
bool keys_has_section(const char *section);

/* Sets `name` (lower case) of `section`. `part`: the segment or remote, if it is of one; else NULL.
 * `value` is NULL for a key without one. The fault says neither file nor line. */
int keys_set(struct config *config, void *part, const char *section, const char *name,
             const char *value, struct fault *fault);

#define KEY_TEXT 512

/* A key with its value, as a configuration would have it. */
struct key_value {
	const char *section, *name;
	bool fixed;          /* an agent that runs cannot change it */
	char text[KEY_TEXT]; /* "": none */
};

/* The i-th key, with its value in `part`: a segment, a remote, as `section` says, or (NULL) a
 * configuration. Of other keys, and of those that have several values, the text is empty. False:
 * there is no such key. */
bool keys_value(struct key_value *value, size_t i, const char *section, const void *part);

#endif
