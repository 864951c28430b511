/* SPDX-License-Identifier: MIT */
/* `arpkeeper show --claims`: what each node says of an address. */
#ifndef USER_CLI_CLAIMS_H
#define USER_CLI_CLAIMS_H

#include "cli/settings.h"

/* Prints what each node says of the addresses in `range` (or with `mac`, where a node has it; NULL:
 * any), in `segment` (NULL: in all). The exit status, or a negative errno and a fault. */
int claims_show(const struct settings *settings, const struct range *range, const struct mac *mac,
                const char *segment, struct fault *fault);

#endif
