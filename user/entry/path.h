/* SPDX-License-Identifier: MIT */
/* Where an entry lives: <segment>/<a.b>/<a.b.c>/<a.b.c.d>. */
#ifndef USER_ENTRY_PATH_H
#define USER_ENTRY_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

#define SEGMENT_NAME_MAX 63
#define ENTRY_PATH_MAX   (SEGMENT_NAME_MAX + sizeof("/255.255/255.255.255/255.255.255.255"))

/* Letters, digits, '-', '_', '.'; begins with a letter or digit; not ending in ".lock"; not
 * "README.md". */
bool segment_name_is_valid(const char *name);
char *entry_path(char path[ENTRY_PATH_MAX], const char *segment, uint32_t address);
/* -EINVAL and a reason when the path is not one of an entry. `segment` gets the first component. */
int entry_path_parse(char segment[SEGMENT_NAME_MAX + 1], uint32_t *address, const char *path,
                     struct fault *fault);

#endif
