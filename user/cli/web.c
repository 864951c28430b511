// SPDX-License-Identifier: MIT
/* `arpkeeper web`: the page's server, until it is interrupted. */
#include "web/web.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/nodes.h"
#include "cli/source.h"

static const char doc[] =
        "Serve the page that shows the table, its past and its incidents; it changes nothing. As "
        "root, it becomes a user without rights, who reads the history by its group. It starts "
        "also without an agent, and follows the one that comes.\v"
        "The page has no login: it listens on a loopback address or on a Unix socket. A proxy in "
        "front of it asks who others are (arpkeeper(8)).\n"
        "\n"
        "Examples:\n"
        "  arpkeeper web\n"
        "  arpkeeper web -c /etc/arpkeeper.conf --listen '[::1]:8080'\n"
        "  arpkeeper web --listen unix:/run/arpkeeper-web/http.sock\n";

struct arguments {
	struct settings settings;
	const char *listen;
};

static int check_listen(const char *text, struct fault *fault)
{
	struct listen listen;

	return listen_parse(&listen, text, fault);
}

static const struct command_option options[] = {
        {"listen", "ADDRESS",
         "Listen on this loopback address and port, or on unix:/path (default: " LISTEN_DEFAULT ")",
         STORE(listen), .check = check_listen},
        {0},
};

static void complete(json_t *stats, const char *repository)
{
	struct reader *reader = NULL;
	struct fault fault = {""};

	if (json_is_object(json_object_get(stats, "fleet")))
		(void)reader_open(&reader, repository, &fault);
	nodes_set(stats, reader, &fault);
	reader_close(reader);
}

/* Nobody, with the group of the recorder: which reads the history, and cannot write it. */
static int find_user(struct sandbox_user *user, const struct settings *settings,
                     struct fault *fault)
{
	struct sandbox_user recorder;
	int error = sandbox_find_user(&recorder, settings->config.recorder_user, fault);

	if (!error)
		error = sandbox_find_user(user, "nobody", fault);
	if (!error && recorder.gid != 0)
		user->gid = recorder.gid;
	return error;
}

/* Another directory is the current one once the process has given up its rights. */
static char *absolute(const char *path, struct fault *fault)
{
	char *made = path[0] == '/' ? strdup(path) : NULL;
	char *folder = made ? NULL : getcwd(NULL, 0);

	if (!made && folder && asprintf(&made, "%s/%s", folder, path) < 0)
		made = NULL;
	if (!made)
		fault_set(fault, -errno, "%s: cannot find the current directory: %s", path,
		          strerror(errno));
	free(folder);
	return made;
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct settings *settings = &arguments->settings;
	const char *listen = arguments->listen ? arguments->listen : settings->config.web;
	struct sandbox_user user;
	char *found = source_path(settings);
	char *repository = absolute(found ? found : settings->repository, fault);
	char *control = absolute(settings->control, fault);
	struct web_options web = {.listen = listen ? listen : LISTEN_DEFAULT,
	                          .control = control,
	                          .repository = repository,
	                          .user = &user,
	                          .complete = complete};
	int error = repository && control ? find_user(&user, settings, fault) : -EIO;

	if (!error) {
		log_set_style(log_service_style());
		error = web_run(&web, fault);
	}
	free(found);
	free(repository);
	free(control);
	return error == -EINVAL ? RUN_USAGE : error;
}

const struct command_spec command_web = {
        .size = sizeof(struct arguments),
        .doc = doc,
        .options = options,
        .run = run,
};
