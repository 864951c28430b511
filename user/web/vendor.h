/* SPDX-License-Identifier: MIT */
/*
 * Who made a network card: the list of the IEEE, if Debian's package ieee-data is installed.
 *
 *     vendor_load(VENDOR_FILE);      once, before there are threads; the list is never changed
 *     vendor_of(mac)
 */
#ifndef USER_WEB_VENDOR_H
#define USER_WEB_VENDOR_H

#include "wire/wire.h"

#define VENDOR_FILE "/usr/share/ieee-data/oui.txt"

/* How many vendors' prefixes are known; 0 also where there is no such file. */
size_t vendor_load(const char *path);
void vendor_clear(void);
/* NULL: not known, as of an address that a host made up. */
const char *vendor_of(struct mac mac);
/* Whether the vendor's name has the text, in any case of letters: of each prefix once, for many
 * rows. NULL: out of memory, or no vendor has it. vendor_match_free(); NULL is fine. */
struct vendor_match;
struct vendor_match *vendor_match(const char *text);
bool vendor_matches(const struct vendor_match *match, struct mac mac);
void vendor_match_free(struct vendor_match *match);

#endif
