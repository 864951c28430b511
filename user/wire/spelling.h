/* SPDX-License-Identifier: MIT */
/* Reads an address that a person wrote. */
#ifndef USER_WIRE_SPELLING_H
#define USER_WIRE_SPELLING_H

#include "base/base.h"
#include "wire/address.h"

/* What to write instead if a text means an address in a spelling that is not ours: fe80::1%eth0,
 * [2001:db8::17], ::ffff:10.0.3.17. Then -EINVAL and the fault; else 0. */
int address_explain(const char *text, struct fault *fault);
/* As address_parse(), with a fault. */
int address_read(struct address *address, const char *text, struct fault *fault);

#endif
