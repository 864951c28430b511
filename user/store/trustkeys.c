// SPDX-License-Identifier: MIT
/*
 * The list of keys. It is a list of what may be there: git grows keys that name programs, and the
 * repository of a table needs few. Reads the file, and follows no include.
 */
#include "store/trustkeys.h"

#include <errno.h>
#include <fnmatch.h>
#include <git2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/trouble.h"

#define FILE_MAX (1 << 20)

/* Patterns of fnmatch(), lower case as git lists keys; "*" also stands for dots. */
static const char *const allowed[] = {
        "core.repositoryformatversion",
        "core.bare",
        "core.filemode",
        "core.symlinks",
        "core.ignorecase",
        "core.precomposeunicode",
        "core.logallrefupdates",
        "core.sharedrepository",
        "core.multipackindex",
        "core.commitgraph",
        "core.compression",
        "core.loosecompression",
        "core.bigfilethreshold",
        "core.deltabasecachelimit",
        "core.packedgitlimit",
        "core.packedgitwindowsize",
        "core.fsync",
        "core.fsyncmethod",
        "core.fsyncobjectfiles",
        "core.abbrev",
        "core.quotepath",
        "advice.*",
        "blame.*",
        "branch.*.description",
        "branch.*.merge",
        "branch.*.rebase",
        "branch.*.remote",
        "color.*",
        "commit.gpgsign",
        "daemon.*",
        "diff.algorithm",
        "diff.renames",
        "fetch.fsckobjects",
        "fetch.prune",
        "fetch.unpacklimit",
        "gc.*",
        "gitweb.*",
        "gpg.format",
        "http.getanyfile",
        "http.receivepack",
        "http.uploadpack",
        "i18n.*",
        "init.defaultbranch",
        "log.*",
        "maintenance.*",
        "pack.*",
        "receive.advertiseatomic",
        "receive.advertisepushoptions",
        "receive.autogc",
        "receive.certnonceslop",
        "receive.denycurrentbranch",
        "receive.denydeletecurrent",
        "receive.denydeletes",
        "receive.denynonfastforwards",
        "receive.fsck.*",
        "receive.fsckobjects",
        "receive.hiderefs",
        "receive.keepalive",
        "receive.maxinputsize",
        "receive.shallowupdate",
        "receive.unpacklimit",
        "receive.updateserverinfo",
        "remote.*.fetch",
        "remote.*.mirror",
        "remote.*.prune",
        "remote.*.push",
        "remote.*.pushurl",
        "remote.*.tagopt",
        "remote.*.url",
        "repack.*",
        "transfer.advertisesid",
        "transfer.fsckobjects",
        "transfer.hiderefs",
        "transfer.unpacklimit",
        "uploadarchive.allowunreachable",
        "uploadpack.allowanysha1inwant",
        "uploadpack.allowfilter",
        "uploadpack.allowreachablesha1inwant",
        "uploadpack.allowrefinwant",
        "uploadpack.allowtipsha1inwant",
        "uploadpack.hiderefs",
        "uploadpack.keepalive",
        "user.email",
        "user.name",
        "user.signingkey",
};

static bool is_allowed(const char *key, const char *const *sections)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (fnmatch(allowed[i], key, 0) == 0)
			return true;
	for (; sections && *sections; sections++) {
		size_t length = strlen(*sections);

		if (!strncmp(key, *sections, length) && key[length] == '.')
			return true;
	}
	return false;
}

/* Whether the text, anywhere, begins a section that names another file. libgit2 would open that
 * file while it parses this one. */
static bool includes(const char *text)
{
	return strcasestr(text, "[include") != NULL;
}

static int read_text(char **text, const char *file, struct fault *fault)
{
	FILE *stream = fopen(file, "re");
	size_t length;
	int error = 0;

	*text = NULL;
	if (!stream)
		return fault_set(fault, -errno, "%s: %s", file, strerror(errno));
	*text = calloc(1, FILE_MAX + 2);
	length = *text ? fread(*text, 1, FILE_MAX + 1, stream) : 0;
	if (!*text)
		error = fault_set(fault, -ENOMEM, "out of memory");
	else if (ferror(stream) || length > FILE_MAX || strlen(*text) != length)
		error = fault_set(fault, -EIO,
		                  "%s cannot be read, is longer than %d bytes, or has a NUL in it: "
		                  "this is not a configuration of git",
		                  file, FILE_MAX);
	fclose(stream);
	if (error) {
		free(*text);
		*text = NULL;
	}
	return error;
}

static int judge_keys(git_config *config, const char *file, const char *const *sections,
                      struct fault *fault)
{
	git_config_iterator *iterator = NULL;
	git_config_entry *found;
	int error = git_config_iterator_new(&iterator, config), end = 0;

	if (error < 0)
		return trouble_set(fault, error, "%s", file);
	while (!error && (end = git_config_next(&found, iterator)) == 0)
		if (!is_allowed(found->name, sections))
			error = fault_set(fault, -EPERM,
			                  "%s holds the key %.100s, which is not on the list of "
			                  "keys that a table's repository may hold: git may run a "
			                  "program for it; run `git config -f %s --unset-all "
			                  "'%.100s'`",
			                  file, found->name, file, found->name);
	if (!error && end != GIT_ITEROVER)
		error = trouble_set(fault, end, "%s", file);
	git_config_iterator_free(iterator);
	return error;
}

int trustkeys_check(const char *file, const char *const *sections, struct fault *fault)
{
	git_config *config = NULL;
	char *text = NULL;
	int error = read_text(&text, file, fault), result;

	if (error || !text)
		return error;
	if (includes(text)) {
		error = fault_set(fault, -EPERM,
		                  "%s includes another file (include.path, includeIf): put what "
		                  "is needed into it, and remove the section",
		                  file);
		goto out;
	}
	result = git_config_open_ondisk(&config, file);
	error = result < 0 ? trouble_set(fault, result, "%s", file)
	                   : judge_keys(config, file, sections, fault);
out:
	git_config_free(config);
	free(text);
	return error;
}
