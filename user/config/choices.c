/* SPDX-License-Identifier: MIT */
/* Finds a word in a list of them. */
#include "config/choices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/types.h"

const char *const config_modes[] = {
        [MODE_AUTO] = "auto", [MODE_NATIVE] = "native", [MODE_GENERIC] = "generic", NULL};
const char *const config_answers[] = {
        [ANSWER_KNOWN] = "known", [ANSWER_STATIC] = "static", [ANSWER_OFF] = "off", NULL};
const char *const config_learns[] = {
        [LEARN_VERIFIED] = "verified", [LEARN_PASSIVE] = "passive", [LEARN_OFF] = "off", NULL};

int choices_find(const char *text, const char *const *words, char list[CHOICES_TEXT])
{
	size_t length = 0;

	for (int i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	for (size_t i = 0; words[i] && length < CHOICES_TEXT; i++)
		length += (size_t)snprintf(list + length, CHOICES_TEXT - length, "%s%s",
		                           !i             ? ""
		                           : words[i + 1] ? ", "
		                                          : " or ",
		                           words[i]);
	return -EINVAL;
}
