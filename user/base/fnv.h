/* SPDX-License-Identifier: MIT */
/*
 * FNV-1a, for tables that no enemy fills: bytes after bytes, from FNV_BEGIN on. Where one may
 * choose the keys, begin with a secret seed.
 */
#ifndef USER_BASE_FNV_H
#define USER_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FNV_BEGIN UINT32_C(2166136261)

static inline uint32_t fnv_add(uint32_t hash, const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ byte[i]) * UINT32_C(16777619);
	return hash;
}

static inline uint32_t fnv_text(const char *text)
{
	return fnv_add(FNV_BEGIN, text, strlen(text));
}

#endif
