// SPDX-License-Identifier: MIT
/* Tells the agent's commits from others by their committer. */
#include "format/own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"

#define WHO_MAX 128 /* bytes of a name, or a mail address, that are kept */

bool own_commit(const git_commit *commit)
{
	const git_signature *committer = git_commit_committer(commit);

	return !strncmp(committer->email, OWN_MAIL, strlen(OWN_MAIL));
}

static bool is_agent(const git_signature *who)
{
	return !strncasecmp(who->email, OWN_MAIL, strlen(OWN_MAIL)) ||
	       !strcasecmp(who->name, OWN_NAME);
}

bool own_is_claimed(const git_commit *commit)
{
	return is_agent(git_commit_committer(commit));
}

static void clean(char text[WHO_MAX], const char *from)
{
	size_t length = 0;

	for (; *from && length + 1 < WHO_MAX; from++)
		if ((unsigned char)*from >= ' ' && *from != 0x7f && *from != '<' && *from != '>')
			text[length++] = *from;
	text[length] = '\0';
	text_mend(text);
}

int own_person(char **person, const git_commit *commit)
{
	const git_signature *who = git_commit_author(commit);
	char name[WHO_MAX], mail[WHO_MAX];

	*person = NULL;
	if (is_agent(who))
		who = git_commit_committer(commit);
	if (is_agent(who))
		return 0;
	clean(name, who->name);
	clean(mail, who->email);
	/* git wants a name. */
	if (!name[0])
		memcpy(name, mail[0] ? mail : "operator",
		       mail[0] ? sizeof(mail) : sizeof("operator"));
	return asprintf(person, "%s <%s>", name, mail) < 0 ? -ENOMEM : 0;
}
