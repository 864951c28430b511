/* SPDX-License-Identifier: MIT */
/*
 * Remotes, as the configuration has them. It asks nothing of the network.
 */
#include "config/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_POLL_MS 10000

int config_find_remote(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->remotes; i++)
		if (!strcmp(config->remote[i].name, name))
			return (int)i;
	return -1;
}

/* What git accepts as the last part of a reference. */
static bool ends_a_reference(const char *name)
{
	static const char lock[] = ".lock";
	size_t length = strlen(name);

	if (!length || strstr(name, "..") || name[length - 1] == '.')
		return false;
	return length < sizeof(lock) - 1 || strcmp(name + length - (sizeof(lock) - 1), lock) != 0;
}

int config_check_ref_name(const char *what, const char *name, struct fault *fault)
{
	return node_name_is_valid(name) && ends_a_reference(name)
	               ? 0
	               : fault_set(fault, -EINVAL,
	                           "%s '%.80s': a name is letters, digits, '-', '_' and '.', at "
	                           "most %d, begins with a letter or digit, has no '..' and does "
	                           "not end in '.' or .lock",
	                           what, name, NODE_NAME_MAX);
}

struct config_remote *config_add_remote(struct config *config, const char *name,
                                        struct fault *fault)
{
	struct config_remote *remote;

	if (config_check_ref_name("remote", name, fault) < 0)
		return NULL;
	if (config->remotes == CONFIG_REMOTES_MAX) {
		fault_set(fault, -E2BIG, "remote '%s' is one too many: at most %d are possible",
		          name, CONFIG_REMOTES_MAX);
		return NULL;
	}
	if (array_reserve(&config->remote, &config->remote_room, config->remotes + 1)) {
		fault_set(fault, -ENOMEM, "remote '%s': out of memory", name);
		return NULL;
	}
	remote = &config->remote[config->remotes++];
	*remote = (struct config_remote){
	        .fetch = FETCH_SEGMENTS, .push = PUSH_OWN, .poll_ms = DEFAULT_POLL_MS};
	memcpy(remote->name, name, strlen(name) + 1); /* a valid name fits */
	return remote;
}

int config_copy_remotes(struct config *copy, const struct config *config)
{
	copy->remote = NULL;
	copy->remotes = copy->remote_room = 0;
	for (size_t i = 0; i < config->remotes; i++) {
		const struct config_remote *from = &config->remote[i];
		struct config_remote *remote = config_add_remote(copy, from->name, NULL);

		if (!remote)
			return -ENOMEM;
		*remote = *from;
		remote->url = from->url ? strdup(from->url) : NULL;
		if (from->url && !remote->url)
			return -ENOMEM;
	}
	return 0;
}

void config_clear_remotes(struct config *config)
{
	for (size_t i = 0; i < config->remotes; i++)
		free(config->remote[i].url);
	free(config->remote);
	config->remote = NULL;
	config->remotes = config->remote_room = 0;
}

/* Readers of the remote see all of main there, to base requests on. */
static int check_operators(const struct config *config, const struct config_remote *remote,
                           char section[CONFIG_SECTION], struct fault *fault)
{
	if (!remote->operators)
		return 0;
	snprintf(section, CONFIG_SECTION, "remote.%s", remote->name);
	if (remote->push == PUSH_OFF)
		return fault_set(fault, -EINVAL,
		                 "remote '%s': operators = on answers requests there, which "
		                 "push = off does not allow",
		                 remote->name);
	for (size_t i = 0; i < config->segments; i++)
		if (config->segment[i].share != CONFIG_SHARE_ALL)
			return fault_set(fault, -EINVAL,
			                 "remote '%s': operators = on publishes the whole table "
			                 "there, and segment '%s' does not share all of it: write "
			                 "share = all, or leave operators to another node",
			                 remote->name, config->segment[i].name);
	return 0;
}

int config_check_fleet(const struct config *config, char section[CONFIG_SECTION],
                       struct fault *fault)
{
	for (size_t i = 0; i < config->remotes; i++) {
		const struct config_remote *remote = &config->remote[i];

		snprintf(section, CONFIG_SECTION, "remote.%s", remote->name);
		if (!remote->url)
			return fault_set(fault, -EINVAL, "remote '%s' has no url", remote->name);
		if (!config->fleet)
			return fault_set(fault, -EINVAL,
			                 "remote '%s' is of no use without a name of this node: "
			                 "write node = NAME in [fleet]",
			                 remote->name);
	}
	for (size_t i = 0; i < config->remotes; i++) {
		int error = check_operators(config, &config->remote[i], section, fault);

		if (error)
			return error;
	}
	for (size_t i = 0; config->fleet && i < config->segments; i++) {
		const struct config_segment *segment = &config->segment[i];

		snprintf(section, CONFIG_SECTION, "segment.%s", segment->name);
		if (segment->share != CONFIG_SHARE_OFF && !ends_a_reference(segment->name))
			return fault_set(
			        fault, -EINVAL,
			        "segment '%s' cannot be shared, as git refuses its name in "
			        "a reference: write share = off, or name it without '..' and "
			        "without '.' at its end",
			        segment->name);
	}
	return 0;
}
