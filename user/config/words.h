/* SPDX-License-Identifier: MIT */
/* Values as the configuration and the command line write them: one word of several, durations. */
#ifndef USER_CONFIG_WORDS_H
#define USER_CONFIG_WORDS_H

#include <stdint.h>

/* The words of agent.mode by enum config_mode, and of others likewise. Each list ends in NULL. */
extern const char *const config_modes[];
extern const char *const config_answers[];
extern const char *const config_nds[];
extern const char *const config_learns[];
extern const char *const config_shares[];
extern const char *const config_fetches[];
extern const char *const config_pushes[];

#define CHOICES_TEXT 128

/* The index of `text` in `words`. Without a match -EINVAL, and `list` gets "auto, native or
 * generic". */
int choices_find(const char *text, const char *const *words, char list[CHOICES_TEXT]);

/* Parses "90", "90s", "200ms", "5m", "2h" or "1d" to milliseconds. 0 or -EINVAL. */
int duration_parse_ms(uint64_t *milliseconds, const char *text);

#endif
