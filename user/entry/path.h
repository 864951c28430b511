/* SPDX-License-Identifier: MIT */
/*
 * Where an entry lives: <segment>/<a.b>/<a.b.c>/<a.b.c.d>; with IPv6
 * <segment>/<network>/<two hex digits>/<address>, as lan/2001-db8-0-7/1f/2001-db8-0-7--11f. The
 * network is the first 64 bits, the two digits are the last byte. Texts are as RFC 5952 has them,
 * with dashes for colons, and the network without its last "::"; that of ::/64 is "0".
 */
#ifndef USER_ENTRY_PATH_H
#define USER_ENTRY_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "wire/wire.h"

#define SEGMENT_NAME_MAX 63
#define ENTRY_PATH_MAX   (SEGMENT_NAME_MAX + sizeof("/ffff-ffff-ffff-ffff/ff/") - 1 + ADDRESS_TEXT)

/* Letters, digits, '-', '_', '.'; begins with a letter or digit; not ending in ".lock"; not
 * "README.md". */
bool segment_name_is_valid(const char *name);
char *entry_path(char path[ENTRY_PATH_MAX], const char *segment, struct address address);
/* -EINVAL and a reason when the path is not one of an entry. `segment` gets the first component. */
int entry_path_parse(char segment[SEGMENT_NAME_MAX + 1], struct address *address, const char *path,
                     struct fault *fault);

#endif
