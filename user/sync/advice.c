// SPDX-License-Identifier: MIT
/* git and libcurl say what is wrong, but not where a node's own settings are: one table adds that.
 */
#include "sync/advice.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *words, *advice;
} table[] = {
        {"terminal prompts disabled",
         ": it asks for credentials: name a credential helper in ~/.gitconfig"},
        {"Authentication failed",
         ": look at what the credential helper in ~/.gitconfig has for it"},
        {"certificate verification failed",
         ": if its authority is your own, name that as http.sslCAInfo in ~/.gitconfig"},
        {"Problem with the SSL CA cert",
         ": http.sslCAInfo in ~/.gitconfig names a file that cannot be read"},
        {"Host key verification failed",
         ": check the host's key, and add it to ~/.ssh/known_hosts"},
};

const char *advice_for(const char *words)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strstr(words, table[i].words))
			return table[i].advice;
	return "";
}
