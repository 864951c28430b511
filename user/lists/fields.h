/* SPDX-License-Identifier: MIT */
/* Parses the fields that most formats have. */
#ifndef USER_LISTS_FIELDS_H
#define USER_LISTS_FIELDS_H

#include "lists/list.h"

/* In any common spelling. */
bool field_is_mac(const char *text, struct mac *mac);
/* Of either family; a zone behind it (fe80::1%eth0) is left out. */
bool field_is_address(const char *text, struct address *address);
/* The MAC address of a client, by its DUID (RFC 8415 11.2, 11.4) between colons. False: it has
 * none.
 */
bool field_duid_mac(const char *text, struct mac *mac);
/* The MAC address of a station. LIST_BINDING or LIST_BAD. */
enum list_verdict field_mac(struct mac *mac, const char *text, struct fault *fault);
/* LIST_BINDING or LIST_BAD. */
enum list_verdict field_address(struct address *address, const char *text, struct fault *fault);
/* The address of a host: it is written, or the hosts file has it by its name. LIST_BINDING or
 * LIST_BAD. */
enum list_verdict field_host(struct address *address, const char *text,
                             const struct list_options *options, struct fault *fault);
/* A neighbour's state, in the words of `ip neigh` or of `show`, upper or lower case. LIST_BINDING,
 * LIST_UNBOUND, or LIST_BAD without a fault: unknown word. */
enum list_verdict field_state(uint8_t *state, const char *word);
/* Whether it says that the binding is a router's. Other programs have other roles. NULL: no. */
bool field_is_router(const char *text);
/* NULL: no time is given, and nothing is set. LIST_BINDING or LIST_BAD. */
enum list_verdict field_since(int64_t *since, const char *text, struct fault *fault);

#endif
