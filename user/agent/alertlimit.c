/* SPDX-License-Identifier: MIT */
/* A ring of what was reported lately, found by hash, and leaky buckets. */
#include "agent/alertlimit.h"

#include "base/base.h"

static bool same(const struct alertlimit_key *a, const struct alertlimit_key *b)
{
	return a->kind == b->kind && a->segment == b->segment &&
	       address_equal(a->address, b->address) && mac_equal(a->mac, b->mac);
}

static uint16_t *bucket_of(struct alertlimit *limit, const struct alertlimit_key *key)
{
	uint32_t hash = fnv_add(FNV_BEGIN, &key->kind, sizeof(key->kind));

	hash = fnv_add(hash, &key->segment, sizeof(key->segment));
	hash = fnv_add(hash, &key->address, sizeof(key->address));
	hash = fnv_add(hash, key->mac.octet, sizeof(key->mac.octet));
	return &limit->bucket[(hash ^ hash >> 16) % ALERTLIMIT_KNOWN];
}

/* The newest is found first. */
static bool is_repeated(struct alertlimit *limit, const struct alertlimit_key *key, uint64_t now_ms)
{
	for (uint16_t at = *bucket_of(limit, key); at; at = limit->told[at - 1].next)
		if (same(&limit->told[at - 1].key, key))
			return now_ms - limit->told[at - 1].at < ALERTLIMIT_REPEAT_MS;
	return false;
}

static void forget(struct alertlimit *limit, uint32_t index)
{
	uint16_t *link = bucket_of(limit, &limit->told[index].key);

	while (*link && *link != index + 1)
		link = &limit->told[*link - 1].next;
	if (*link)
		*link = limit->told[index].next;
}

static void remember(struct alertlimit *limit, const struct alertlimit_key *key, uint64_t now_ms)
{
	uint32_t index = limit->next;
	uint16_t *bucket;

	if (limit->known == ALERTLIMIT_KNOWN)
		forget(limit, index);
	else
		limit->known++;
	bucket = bucket_of(limit, key);
	limit->told[index] = (struct alertlimit_told){*key, now_ms, *bucket};
	*bucket = (uint16_t)(index + 1);
	limit->next = (index + 1) % ALERTLIMIT_KNOWN;
}

/* Whether a bucket of `burst`, which is whole at `whole` and regains one each `every_ms`, has one
 * left.
 */
static bool has_one(uint64_t whole, uint64_t now_ms, uint64_t burst, uint64_t every_ms)
{
	return whole <= now_ms || whole - now_ms + every_ms <= burst * every_ms;
}

static void take_one(uint64_t *whole, uint64_t now_ms, uint64_t every_ms)
{
	*whole = (*whole > now_ms ? *whole : now_ms) + every_ms;
}

static bool is_affordable(struct alertlimit *limit, enum alert_kind kind, uint64_t now_ms)
{
	uint64_t *own = &limit->own_whole[kind];

	if (!has_one(limit->whole, now_ms, ALERTLIMIT_BURST - ALERTLIMIT_RESERVE,
	             ALERTLIMIT_EVERY_MS)) {
		if (!has_one(limit->whole, now_ms, ALERTLIMIT_BURST, ALERTLIMIT_EVERY_MS) ||
		    !has_one(*own, now_ms, ALERTLIMIT_OWN_BURST, ALERTLIMIT_OWN_MS))
			return false;
		take_one(own, now_ms, ALERTLIMIT_OWN_MS);
	}
	take_one(&limit->whole, now_ms, ALERTLIMIT_EVERY_MS);
	return true;
}

bool alertlimit_pass(struct alertlimit *limit, const struct alertlimit_key *key, uint64_t now_ms)
{
	if (is_repeated(limit, key, now_ms) || !is_affordable(limit, key->kind, now_ms))
		return false;
	remember(limit, key, now_ms);
	return true;
}
