/* SPDX-License-Identifier: MIT */
/*
 * The pins of an instance: names in /sys/fs/bpf/arpkeeper/<instance>/ that keep maps and
 * programs alive when no process does.
 */
#ifndef USER_OFFLOAD_PINS_H
#define USER_OFFLOAD_PINS_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define PINS_BPFFS "/sys/fs/bpf"
#define PINS_ROOT  PINS_BPFFS "/arpkeeper"
#define PINS_NAME  64

#define PIN_PROGRAM "prog_"
#define PIN_PORT    "port_"

struct pins {
	char directory[sizeof(PINS_ROOT) + PINS_NAME];
};

/* Names the directory of `instance`, which must be letters, digits, '-' and '_'. */
int pins_of(struct pins *pins, const char *instance, struct fault *fault);
/* Makes the directory, for root alone; refuses one that another user could write to. */
int pins_make(const struct pins *pins, struct fault *fault);
/* A new descriptor of what is pinned as `name`; -ENOENT if nothing is. */
int pins_get(const struct pins *pins, const char *name);
/* Pins `fd` as `name`, in place of an earlier pin of that name, atomically. */
int pins_put(const struct pins *pins, const char *name, int fd, struct fault *fault);
/* Renames a pin, atomically. 0 or -errno. */
int pins_rename(const struct pins *pins, const char *from, const char *to);
/* 0 also if there is no such pin. */
int pins_remove(const struct pins *pins, const char *name);
/* Removes the directory, and the one above it when no other instance is left. */
int pins_remove_directory(const struct pins *pins);
/* The names of all pins: *names is a list of *count strings, freed with pins_list_free(). No
 * directory: none. */
int pins_list(const struct pins *pins, char ***names, size_t *count);
void pins_list_free(char **names, size_t count);

/* The name of an interface's pin: `kind` and the interface. bpffs takes no dots, and no
 * interface has a colon, so one stands for the other. */
char *pins_interface(char name[PINS_NAME], const char *kind, const char *interface);
/* The interface of such a name; NULL when it is not of this kind. */
char *pins_interface_of(char interface[IFNAMSIZ], const char *kind, const char *name);

#endif
