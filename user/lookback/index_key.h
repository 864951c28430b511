/* SPDX-License-Identifier: MIT */
/*
 * Keys by which a block's filter knows rows. They are part of the file's format. Private to
 * index_*.c.
 */
#ifndef USER_LOOKBACK_INDEX_KEY_H
#define USER_LOOKBACK_INDEX_KEY_H

#include <git2.h>
#include <stdint.h>

#include "wire/wire.h"

/* An address as a row has it: IPv4's number, or a hash of an IPv6 address. */
uint32_t index_word(struct address address);

uint64_t index_key_word(uint32_t word, bool wide); /* wide: of an IPv6 address */
uint64_t index_key_address(struct address address);
uint64_t index_key_mac(struct mac mac);
uint64_t index_key_id(const git_oid *id);

#endif
