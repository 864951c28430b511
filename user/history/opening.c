// SPDX-License-Identifier: MIT
/*
 * What a repository must hold to be a table's: its configuration, a first commit, the hooks. The
 * store decides whether it may be touched at all.
 */
#include "history/opening.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "history/claims.h"
#include "history/seed.h"

static const char readme[] = SEED_README
        "\n"
        "This repository is written by arpkeeper. Its branch `main` is the address table of each\n"
        "segment. It has a file for each address:\n"
        "\n"
        "- IPv4: `<segment>/<a.b>/<a.b.c>/<a.b.c.d>`, for example\n"
        "  `lan/10.0/10.0.3/10.0.3.17`\n"
        "- IPv6, with dashes for colons: `<segment>/<network>/<last byte>/<address>`, for example\n"
        "  `lan/2001-db8-0-7/1f/2001-db8-0-7--11f`\n"
        "\n"
        "A file says:\n"
        "\n"
        "    mac 02:50:2a:16:6d:01\n"
        "    state dynamic\n"
        "    since 2026-11-22T10:15:00Z\n"
        "    origin host1/eth0\n"
        "    note rack 3, uplink\n"
        "\n"
        "`mac`, `state` (`static` or `dynamic`) and `since` (UTC) are required, in this order;\n"
        "`origin`, `note` and `role router` may follow, and lines whose key begins with `x-`.\n"
        "\n"
        "- The life of an address: `git log -p -- lan/10.0/10.0.3/10.0.3.17`\n"
        "- The table as it was:\n"
        "  `git ls-tree -r $(git rev-list -1 --first-parent --before='2026-11-22 14:05' main)`\n"
        "- Each change belongs to a task: see the trailers of a commit, and the branches "
        "`task/*`.\n"
        "\n"
        "To change the table, commit and `git push origin HEAD:merge/<anything>`: it is checked,\n"
        "merged into `main` even while `main` moves, applied to the running table, and the\n"
        "branch is removed. What is invalid is refused, with path, line and reason.\n"
        "\n"
        "Task branches come and go, the newest 64 stay. `git config fetch.prune true` lets them "
        "go\n"
        "from a clone, too. Only the table and the incidents (branch `alerts`) come with\n"
        "\n"
        "    git config remote.origin.fetch '+refs/heads/main:refs/remotes/origin/main'\n"
        "    git config --add remote.origin.fetch '+refs/heads/alert*:refs/remotes/origin/alert*'\n"
        "\n"
        "Work in a clone, not in a work tree of this repository (`git worktree add`): its files\n"
        "would stay behind when `main` moves on.\n"
        "\n"
        "Files outside the segments' folders are yours: they are left alone.\n";

/* The first commit: something to branch from, and to read. */
static int begin_main(git_repository *repository, const char *host, struct fault *fault)
{
	struct edit edit = {
	        .path = (char *)"README.md", .present = true, .mode = GIT_FILEMODE_BLOB};
	struct commit_spec spec = {.edit = &edit, .edits = 1, .message = SEED_FIRST};
	struct writer *writer = NULL;
	struct version made;
	char committer[300];
	git_oid id;
	int error = refs_read(&id, repository, MAIN_REF, fault);

	/* Deleted while no agent ran: start-up restores it (load.c). */
	if (error == -ENOENT && refs_read(&id, repository, APPLIED_REF, NULL) == 0)
		return 0;
	if (error != -ENOENT)
		return error;
	snprintf(committer, sizeof(committer), OWN_NAME " <" OWN_MAIL "%s>", host);
	error = writer_new(&writer, repository, committer, fault);
	if (!error)
		error = writer_blob(writer, &edit.id, readme, sizeof(readme) - 1, fault);
	if (!error)
		error = writer_commit(writer, &made, &spec, fault);
	if (!error)
		error = writer_flush(writer, fault);
	if (!error)
		error = refs_move(repository, MAIN_REF, NULL, &made.commit, fault);
	if (!error)
		error = refs_set(repository, APPLIED_REF, &made.commit, fault);
	if (!error) {
		int result = git_repository_set_head(repository, MAIN_REF);

		if (result < 0)
			error = trouble_set(fault, result, "HEAD");
	}
	writer_free(writer);
	return error;
}

static void set_host(char host[HOST_TEXT])
{
	if (gethostname(host, HOST_TEXT) < 0)
		host[0] = '\0';
	host[HOST_TEXT - 1] = '\0';
	if (!host[0])
		snprintf(host, HOST_TEXT, "localhost");
}

/* An id that no other repository has. */
static int make_boot(char boot[BOOT_TEXT], struct fault *fault)
{
	uint8_t random[(BOOT_TEXT - 1) / 2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return fault_set(fault, -EIO, "no random numbers: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(boot + 2 * i, 3, "%02x", random[i]);
	return 0;
}

int opening_open(git_repository **repository, int *lock, const struct history_options *options,
                 struct archive *archive, struct fault *fault)
{
	char boot[BOOT_TEXT];
	const struct repository_settings settings = {.instance = options->instance,
	                                             .control = options->control,
	                                             .boot = options->fleet ? boot : NULL,
	                                             .guard = options->guard,
	                                             .segment = options->segment,
	                                             .segments = options->segments};
	const struct repository_options which = {.path = options->path,
	                                         .key = SETTINGS_FORMAT_KEY,
	                                         .format = SETTINGS_FORMAT,
	                                         .reference = APPLIED_REF,
	                                         .setting = "history.path",
	                                         .sections = settings_sections};
	struct repository opened;
	char *host = archive->host;
	char mail[300];
	int error = make_boot(boot, fault);

	*lock = -1;
	if (!error)
		error = repository_open(&opened, &which, fault);
	if (error)
		return error;
	set_host(host);
	if (options->node)
		snprintf(archive->node, sizeof(archive->node), "%s", options->node);
	else
		node_name_of_host(archive->node, host);
	snprintf(mail, sizeof(mail), OWN_MAIL "%s", host);
	git_repository_set_ident(opened.git, OWN_NAME, mail);
	error = settings_write(opened.git, &settings, fault);
	if (!error && options->seed)
		error = seed_adopt(options->seed, opened.git, fault);
	if (!error)
		error = begin_main(opened.git, host, fault);
	if (!error)
		error = hooks_install(opened.git, options->program, fault);
	if (!error)
		error = description_write(opened.git, &settings, host, fault);
	if (!error)
		error = repository_ready(&opened, options->path, fault);
	if (error) {
		repository_abandon(&opened);
		return error;
	}
	*repository = opened.git;
	*lock = opened.lock;
	return 0;
}
