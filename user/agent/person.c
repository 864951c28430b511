// SPDX-License-Identifier: MIT
/*
 * The kernel says which user a client is. Root's commands name the person who called sudo, which
 * they check by their own login (cli/author.c): the agent could not, because its /proc hides the
 * processes of those with more capabilities.
 */
#include "agent/person.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

bool person_of(char name[PERSON_TEXT], struct agent *agent, const struct control_request *request)
{
	const char *author = control_text(request, "author");
	const struct passwd *user;
	struct fault fault = {""};

	if (author && request->uid != 0)
		fault_set(&fault, -EPERM, "only root may name another author");
	else if (author && strlen(author) >= PERSON_TEXT)
		fault_set(&fault, -EINVAL, "the author's name has at most %d bytes",
		          PERSON_TEXT - 1);
	else if (author)
		(void)entry_check_text("author", author, &fault);
	if (fault.text[0]) {
		control_fail(agent->control, request->client, "%s", fault.text);
		return false;
	}
	user = author ? NULL : getpwuid(request->uid);
	if (author || user)
		snprintf(name, PERSON_TEXT, "%s", author ? author : user->pw_name);
	else
		snprintf(name, PERSON_TEXT, "uid-%u", (unsigned)request->uid);
	return true;
}
