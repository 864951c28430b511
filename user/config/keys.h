/* SPDX-License-Identifier: MIT */
/* Sets the keys of the configuration by name. */
#ifndef USER_CONFIG_KEYS_H
#define USER_CONFIG_KEYS_H

#include "config/types.h"

/* Whether it is "history", "agent" or "segment". */
bool keys_has_section(const char *section);

/* Sets `name` (lower case) of `section`. `segment` is NULL unless the section is "segment". `value`
 * is NULL for a key without one. The fault says neither file nor line. */
int keys_set(struct config *config, struct config_segment *segment, const char *section,
             const char *name, const char *value, struct fault *fault);

#define KEY_TEXT 512

/* A key with its value, as a configuration would have it. */
struct key_value {
	const char *section, *name;
	bool fixed;          /* an agent that runs cannot change it */
	char text[KEY_TEXT]; /* "": none */
};

/* The i-th key of `config`, or of `segment` if it is not NULL: of the others, and of those that
 * have several values, the text is empty. False: there is no such key. */
bool keys_value(struct key_value *value, size_t i, const struct config *config,
                const struct config_segment *segment);

#endif
