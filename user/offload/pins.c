// SPDX-License-Identifier: MIT
/*
 * The pins of an instance. It knows names and directories, not what is pinned there.
 */
#include "offload/pins.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/base.h"

/* A pin on its way to its name. After a crash it may be left, and is ignored. */
#define PIN_NEXT "next_"

static void path_of(char path[PATH_MAX], const struct pins *pins, const char *prefix,
                    const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s%s", pins->directory, prefix, name);
}

int pins_of(struct pins *pins, const char *instance, struct fault *fault)
{
	size_t length = strlen(instance);

	for (size_t i = 0; i < length; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
		            instance[i]))
			length = 0;
	if (!length || length >= PINS_NAME)
		return fault_set(fault, -EINVAL,
		                 "instance '%s' cannot be the name of a directory in bpffs: use "
		                 "letters, digits, '-' and '_', at most %d",
		                 instance, PINS_NAME - 1);
	snprintf(pins->directory, sizeof(pins->directory), PINS_ROOT "/%s", instance);
	return 0;
}

/* bpffs is often writable for all, so an existing directory may be another user's. */
static int directory_make(const char *path, struct fault *fault)
{
	struct stat status;

	if (mkdir(path, 0700) && errno != EEXIST)
		return fault_set(fault, -errno, "%s: cannot make the directory for the pins: %s%s",
		                 path, strerror(errno),
		                 errno == EACCES || errno == EPERM ? " (this needs root)" : "");
	if (lstat(path, &status))
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || status.st_mode & 0022)
		return fault_set(fault, -EPERM,
		                 "%s belongs to another user, or others can write to it, and could "
		                 "change the table; remove it",
		                 path);
	return 0;
}

int pins_make(const struct pins *pins, struct fault *fault)
{
	int error = directory_make(PINS_ROOT, fault);

	return error ? error : directory_make(pins->directory, fault);
}

int pins_get(const struct pins *pins, const char *name)
{
	char path[PATH_MAX];
	int fd;

	path_of(path, pins, "", name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int pins_put(const struct pins *pins, const char *name, int fd, struct fault *fault)
{
	char path[PATH_MAX], next[PATH_MAX];

	path_of(path, pins, "", name);
	path_of(next, pins, PIN_NEXT, name);
	if ((unlink(next) && errno != ENOENT) || bpf_obj_pin(fd, next) || rename(next, path))
		return fault_set(fault, -errno, "%s: cannot pin: %s", path, strerror(errno));
	return 0;
}

int pins_rename(const struct pins *pins, const char *from, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];

	path_of(old, pins, "", from);
	path_of(new, pins, "", to);
	return rename(old, new) ? -errno : 0;
}

int pins_remove(const struct pins *pins, const char *name)
{
	char path[PATH_MAX];

	path_of(path, pins, "", name);
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

int pins_remove_directory(const struct pins *pins)
{
	if (rmdir(pins->directory) && errno != ENOENT)
		return -errno;
	(void)rmdir(PINS_ROOT); /* other instances may live there */
	return 0;
}

int pins_list(const struct pins *pins, char ***names, size_t *count)
{
	DIR *directory = opendir(pins->directory);
	struct dirent *entry;
	char **list = NULL;
	size_t length = 0, room = 0;
	int error = 0;

	*names = NULL;
	*count = 0;
	if (!directory)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		error = array_reserve(&list, &room, length + 1);
		if (!error && !(list[length] = strdup(entry->d_name)))
			error = -ENOMEM;
		if (error)
			goto out;
		length++;
	}
	*names = list;
	*count = length;
	list = NULL;
	length = 0;
out:
	pins_list_free(list, length);
	closedir(directory);
	return error;
}

void pins_list_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static void replace(char *text, char from, char to)
{
	for (; *text; text++)
		if (*text == from)
			*text = to;
}

char *pins_interface(char name[PINS_NAME], const char *kind, const char *interface)
{
	snprintf(name, PINS_NAME, "%s%s", kind, interface);
	replace(name, '.', ':');
	return name;
}

char *pins_interface_of(char interface[IFNAMSIZ], const char *kind, const char *name)
{
	size_t length = strlen(kind);

	if (strncmp(name, kind, length) != 0 || strlen(name) - length >= IFNAMSIZ)
		return NULL;
	snprintf(interface, IFNAMSIZ, "%s", name + length);
	replace(interface, ':', '.');
	return interface;
}
