/* SPDX-License-Identifier: MIT */
/* A node's repository ($R), a hub beside it (hub.git), both made by stock git, and an exchange. */
#ifndef TESTS_UNIT_SYNC_HUB_H
#define TESTS_UNIT_SYNC_HUB_H

#include "../gitshell.h"

#include <errno.h>
#include <git2.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "store/store.h"
#include "sync/sync.h"

struct hub {
	char folder[64], path[128];
	struct sync_report report;
	struct fault fault;
	sync_ask_fn *ask; /* NULL: there is no agent */
	void *ask_context;
};

/* Shell functions. grow REPOSITORY BRANCH TEXT: a commit more; its id is printed. */
#define TOOLS                                                                                      \
	"grow() {\n"                                                                               \
	"  blob=$(echo \"$3\" | git -C \"$1\" hash-object -w --stdin) &&\n"                        \
	"  tree=$(printf '100644 blob %%s\\tf\\n' $blob | git -C \"$1\" mktree) &&\n"              \
	"  parent=$(git -C \"$1\" rev-parse -q --verify refs/heads/node/$2 || true) &&\n"          \
	"  new=$(git -C \"$1\" commit-tree -m \"$3\" ${parent:+-p $parent} $tree) &&\n"            \
	"  git -C \"$1\" update-ref refs/heads/node/$2 $new && test -n $new\n"                     \
	"}\n"                                                                                      \
	"tip() { git -C \"$1\" rev-parse -q --verify refs/$2; }\n"

#define does(hub, ...) assert_int_equal(shell(hub, TOOLS __VA_ARGS__), 0)

/* The tip that was fetched is the hub's. */
#define assert_fetched(hub, branch)                                                                \
	does(hub, "test \"$(tip \"$R\" fleet/from/hub/%s)\" = \"$(tip hub.git heads/node/%s)\"",   \
	     branch, branch)

GITSHELL int hub_begin(void **state)
{
	struct hub *hub = calloc(1, sizeof(*hub));

	strcpy(hub->folder, "/tmp/arpkeeper-sync-XXXXXX");
	assert_non_null(mkdtemp(hub->folder));
	snprintf(hub->path, sizeof(hub->path), "%s/r.git", hub->folder);
	assert_int_equal(setenv("HOME", hub->folder, 1), 0);
	*state = hub;
	assert_int_equal(
	        shell(hub,
	              "git init -q --bare -b main r.git && git init -q --bare -b main hub.git"),
	        0);
	gitclean_libgit2();
	return 0;
}

GITSHELL int hub_end(void **state)
{
	struct hub *hub = *state;

	git_libgit2_shutdown();
	gitshell_remove(hub->folder);
	free(hub);
	return 0;
}

/* With members of a request, each with a comma before it. */
GITSHELL int exchange_url(struct hub *hub, const char *url, const char *more)
{
	struct sync_request request;
	char text[4096], directory[sizeof(hub->path) + 1];
	int error;

	snprintf(text, sizeof(text), "{\"remote\":\"hub\",\"url\":\"%s\"%s}", url, more);
	snprintf(directory, sizeof(directory), "%s/", hub->path);
	hub->fault.text[0] = '\0';
	error = syncrequest_read(&request, text, &hub->fault);
	request.ask = hub->ask;
	request.ask_context = hub->ask_context;
	if (!error)
		error = sync_run(&hub->report, &request, directory, &hub->fault);
	syncrequest_clear(&request);
	return error;
}

GITSHELL int exchange(struct hub *hub, const char *more)
{
	char url[128];

	snprintf(url, sizeof(url), "%s/hub.git", hub->folder);
	return exchange_url(hub, url, more);
}

GITSHELL void exchange_well(struct hub *hub, const char *more)
{
	int error = exchange(hub, more);

	if (error)
		print_error("%s\n", hub->fault.text);
	assert_int_equal(error, 0);
	assert_whole(hub);
	/* Nothing is left beside the repository. */
	assert_int_equal(shell(hub,
	                       "! ls -d r.git.* 2>/dev/null && ! ls \"$R\"/objects/pack/*.keep "
	                       "2>/dev/null"),
	                 0);
}

#define FETCH_ALL ",\"fetch\":[\"refs/heads/node/*/*\"]"
#define OWN       ",\"own\":[\"refs/heads/node/lan/own\"]"
#define RELAY     ",\"push\":[\"refs/heads/node/*/*\"]"

#endif
