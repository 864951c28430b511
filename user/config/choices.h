/* SPDX-License-Identifier: MIT */
/* Values that are one word of several, as the configuration and the command line write them. */
#ifndef USER_CONFIG_CHOICES_H
#define USER_CONFIG_CHOICES_H

/* The words of agent.mode by enum config_mode, and of answer and learn. Each list ends in NULL. */
extern const char *const config_modes[], *const config_answers[], *const config_learns[];

#define CHOICES_TEXT 128

/* The index of `text` in `words`. Without a match -EINVAL, and `list` gets "auto, native or
 * generic". */
int choices_find(const char *text, const char *const *words, char list[CHOICES_TEXT]);

#endif
