// SPDX-License-Identifier: MIT
/* Puts command lines together. Starts nothing by itself. */
#include "sync/gitwords.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/store.h"

#define WORDS     24
#define REFERENCE 200

/* Adds up to the NULL. */
static size_t add(const char **word, size_t words, const char *const *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		word[words++] = from[i];
	return words;
}

int gitwords_fetch(struct remotegit *git, const char *const *spec, size_t specs,
                   gitchild_line_fn *complaint, void *context, struct fault *fault)
{
	static const char *const more[] = {"--upload-pack=git-upload-pack", "--", "\x01"};
	const char *word[FETCH_WORDS + WORDS + GITWORDS_SPECS + 1];
	size_t words = 0;

	/* Each line names both references in full. */
	word[words++] = "-c";
	word[words++] = "fetch.output=full";
	words += fetch_words(word + words);
	words = add(word, words, more, sizeof(more) / sizeof(more[0]));
	words = add(word, words, spec, specs);
	word[words] = NULL;
	return remotegit_run(git, word, NULL, complaint, context, fault);
}

int gitwords_push(struct remotegit *git, const char *const *option, size_t options,
                  const char *const *spec, size_t specs, gitchild_line_fn *line,
                  gitchild_line_fn *complaint, void *context, struct fault *fault)
{
	static const char *const begin[] = {"-c",
	                                    "push.gpgSign=false",
	                                    "push",
	                                    "--porcelain",
	                                    "--progress",
	                                    "--no-verify",
	                                    "--no-follow-tags",
	                                    "--no-recurse-submodules",
	                                    "--receive-pack=git-receive-pack"};
	static const char *const end[] = {"--", "\x01"};
	const char *word[WORDS + 2 * GITWORDS_SPECS + 1];
	size_t words = add(word, 0, begin, sizeof(begin) / sizeof(begin[0]));

	words = add(word, words, option, options);
	words = add(word, words, end, sizeof(end) / sizeof(end[0]));
	words = add(word, words, spec, specs);
	word[words] = NULL;
	return remotegit_run(git, word, line, complaint, context, fault);
}

struct changes {
	struct gitwords_change *change;
	size_t count;
};

/* "*	<id>:<reference>	[new branch]", of a removed one without <id>. */
static int on_changed(void *context, char *line)
{
	struct changes *changes = context;
	char *reference = strchr(line, ':'), *summary;

	if (!reference || line[1] != '\t' || !(summary = strchr(reference, '\t')))
		return 0;
	*summary++ = '\0';
	for (size_t i = 0; i < changes->count; i++) {
		struct gitwords_change *change = &changes->change[i];

		if (strcmp(change->reference, reference + 1) != 0)
			continue;
		change->verdict = *line;
		snprintf(change->summary, sizeof(change->summary), "%s", summary);
	}
	return 0;
}

int gitwords_change(struct remotegit *git, struct gitwords_change *change, size_t count,
                    struct fault *fault)
{
	struct changes changes = {change, count};
	char lease[GITWORDS_CHANGES][REFERENCE + 80], spec[GITWORDS_CHANGES][REFERENCE + 50];
	const char *option[GITWORDS_CHANGES] = {NULL}, *specs[GITWORDS_CHANGES] = {NULL};
	size_t options = 0;
	bool judged = true;
	int error;

	for (size_t i = 0; i < count; i++) {
		struct gitwords_change *one = &change[i];

		snprintf(spec[i], sizeof(spec[i]), "%s%s:%.200s", one->expected ? "" : "+", one->id,
		         one->reference);
		specs[i] = spec[i];
		one->verdict = '\0';
		one->summary[0] = '\0';
		if (!one->expected)
			continue;
		snprintf(lease[options], sizeof(lease[options]), "--force-with-lease=%.200s:%s",
		         one->reference, one->expected);
		option[options] = lease[options];
		options++;
	}
	error = gitwords_push(git, option, options, specs, count, on_changed, NULL, &changes,
	                      fault);
	for (size_t i = 0; i < count; i++)
		judged &= change[i].verdict != '\0';
	return error == -EREMOTEIO && judged ? 0 : error;
}
