/* SPDX-License-Identifier: MIT */
/* Parses the fields that most formats of lists have. */
#ifndef USER_LISTS_FIELDS_H
#define USER_LISTS_FIELDS_H

#include "lists/list.h"

/* Six bytes of one or two hex digits, between colons or hyphens. */
bool field_is_mac(const char *text, struct mac *mac);
bool field_is_ipv6(const char *text);
/* The MAC address of a station. LIST_BINDING or LIST_BAD. */
enum list_verdict field_mac(struct mac *mac, const char *text, struct fault *fault);
/* LIST_BINDING, LIST_IPV6 or LIST_BAD. */
enum list_verdict field_address(uint32_t *address, const char *text, struct fault *fault);
/* A neighbour's state, in the words of `ip neigh` or of `show`, upper or lower case. LIST_BINDING,
 * LIST_UNBOUND, or LIST_BAD without a fault: unknown word. */
enum list_verdict field_state(uint8_t *state, const char *word);

#endif
