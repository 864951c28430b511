// SPDX-License-Identifier: MIT
/* Names come from those who push, and commands are copied into shells: each word is quoted. */
#include "reader/named.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

#define NAME_SAID 80

/* Names that a reference can have. So `:/TEXT` and the like, which search all of the history, are
 * none. */
static int read_branch(struct named *named, git_repository *repository, const char *name,
                       struct fault *fault)
{
	bool whole = strncmp(name, "refs/", strlen("refs/")) == 0;

	if (asprintf(&named->reference, "%s%s", whole ? "" : BRANCH_REFS, name) < 0) {
		named->reference = NULL;
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	if (!git_reference_is_valid_name(named->reference))
		return fault_set(fault, -EINVAL, "'%.*s' is not the name of a branch or commit",
		                 NAME_SAID, name);
	if (!strcmp(named->reference, ALERTS_REF))
		return fault_set(fault, -EINVAL,
		                 "the branch alerts is the agent's log of incidents: it holds no "
		                 "table, and is not merged");
	return refs_read(&named->commit, repository, named->reference, fault);
}

/* An id, or another name that git knows. */
static int read_commit(struct named *named, git_repository *repository, const char *name,
                       struct fault *fault)
{
	git_object *object = NULL, *commit = NULL;
	char hex[13];
	int error = git_revparse_single(&object, repository, name);

	if (!error)
		error = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
	git_object_free(object);
	if (error)
		return fault_set(fault, -ENOENT,
		                 "no branch or commit is called %.*s: push one, or see `git branch "
		                 "--list`",
		                 NAME_SAID, name);
	named->commit = *git_object_id(commit);
	git_object_free(commit);
	git_oid_tostr(hex, sizeof(hex), &named->commit);
	free(named->reference);
	if (asprintf(&named->reference, REVIEW_REFS "%s", hex) < 0) {
		named->reference = NULL;
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	return 0;
}

int named_find(struct named *named, git_repository *repository, const char *name,
               struct fault *fault)
{
	const char *known = name;
	int error;

	*named = (struct named){0};
	error = read_branch(named, repository, name, fault);
	named->is_branch = !error;
	if (error == -ENOENT)
		error = read_commit(named, repository, name, fault);
	if (error)
		return error;
	if (named->is_branch && !strncmp(known, BRANCH_REFS, strlen(BRANCH_REFS)))
		known += strlen(BRANCH_REFS);
	named->name = strdup(known);
	return named->name ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

void named_clear(struct named *named)
{
	free(named->name);
	free(named->reference);
	*named = (struct named){0};
}

/* A word for a shell, in quotes if it needs them. */
static void quote(FILE *stream, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                            "/._-+:@%,";

	if (*word && strspn(word, plain) == strlen(word)) {
		fputs(word, stream);
		return;
	}
	fputc('\'', stream);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, stream);
	fputc('\'', stream);
}

char *named_command(const struct named *named, const char *path, size_t confirm)
{
	const char *branch = named->reference + strlen(BRANCH_REFS);
	char *text = NULL, hex[GIT_OID_HEXSZ + 1];
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	/* Others are not below refs/heads/; and what begins with '-' would be an option. */
	if (strncmp(named->reference, BRANCH_REFS, strlen(BRANCH_REFS)) != 0 || *branch == '-')
		branch = named->reference;
	if (!named->is_branch) {
		fputs("git -C ", stream);
		quote(stream, path);
		fprintf(stream, " branch %s %s && ", branch,
		        git_oid_tostr(hex, sizeof(hex), &named->commit));
	}
	fputs("arpkeeper merge ", stream);
	quote(stream, branch);
	if (confirm)
		fprintf(stream, " --confirm %zu", confirm);
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
