/* SPDX-License-Identifier: MIT */
/* Transitions, the circumstances of a task, sets of addresses: copied, collected, freed. */
#include "protocol/transition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define KIND_MAX 31

bool task_kind_is_valid(const char *kind)
{
	size_t length = strspn(kind, "abcdefghijklmnopqrstuvwxyz-");

	return length > 0 && length <= KIND_MAX && !kind[length];
}

int context_copy(struct context *copy, const struct task_context *context)
{
	*copy = (struct context){0};
	if (!context)
		return 0;
	if (text_copy(&copy->interface, context->interface) ||
	    text_copy(&copy->trigger, context->trigger) ||
	    text_copy(&copy->author, context->author) ||
	    text_copy(&copy->message, context->message)) {
		context_clear(copy);
		return -ENOMEM;
	}
	return 0;
}

void context_clear(struct context *context)
{
	free(context->interface);
	free(context->trigger);
	free(context->author);
	free(context->message);
	*context = (struct context){0};
}

int transitions_reserve(struct transitions *transitions, size_t count)
{
	return array_reserve(&transitions->item, &transitions->room, transitions->count + count);
}

void transitions_add(struct transitions *transitions, struct transition *transition)
{
	transitions->item[transitions->count++] = *transition;
	transition->after = NULL;
}

void transitions_clear(struct transitions *transitions)
{
	for (size_t i = 0; i < transitions->count; i++)
		entry_free(transitions->item[i].after);
	free(transitions->item);
	*transitions = (struct transitions){0};
}

#define KEY_OF_V6 ((uint64_t)UINT32_MAX << 32) /* in place of a segment: the rest is a number */

struct v6_key {
	uint64_t hash; /* first: idmap.h */
	struct address address;
	uint64_t segment;
};

static uint64_t key_of(unsigned segment, struct address address)
{
	return (uint64_t)segment << 32 | address_number(address);
}

static struct v6_key v6_key_of(const struct addresses *set, unsigned segment,
                               struct address address)
{
	return (struct v6_key){address_hash(address, set->seed + segment), address, segment};
}

uint32_t addresses_number(const struct addresses *set, unsigned segment, struct address address)
{
	uint64_t key = key_of(segment, address);

	if (!set->keys.count)
		return IDMAP_NONE;
	if (!address_is_v4(address)) {
		const struct v6_key v6 = v6_key_of(set, segment, address);
		uint32_t number = set->v6.count > 0 ? idmap_find(&set->v6, &v6) : IDMAP_NONE;

		if (number == IDMAP_NONE)
			return IDMAP_NONE;
		key = KEY_OF_V6 | number;
	}
	return idmap_find(&set->keys, &key);
}

bool addresses_have(const struct addresses *set, unsigned segment, struct address address)
{
	return addresses_number(set, segment, address) != IDMAP_NONE;
}

/* The key of an IPv6 address. 0 or -ENOMEM. */
static int add_v6(struct addresses *set, uint64_t *key, unsigned segment, struct address address)
{
	struct v6_key v6;
	uint32_t number;

	set->v6.key_size = sizeof(v6);
	/* Without a seed its worst is slow. */
	if (!set->seed && getrandom(&set->seed, sizeof(set->seed), GRND_NONBLOCK) < 0)
		set->seed = 1;
	v6 = v6_key_of(set, segment, address);
	if (idmap_add(&set->v6, &number, &v6) < 0)
		return -ENOMEM;
	*key = KEY_OF_V6 | number;
	return 0;
}

int addresses_add(struct addresses *set, unsigned segment, struct address address)
{
	uint64_t key = key_of(segment, address);

	set->keys.key_size = sizeof(key);
	if (!address_is_v4(address) && add_v6(set, &key, segment, address) < 0)
		return -ENOMEM;
	return idmap_add(&set->keys, NULL, &key) < 0 ? -ENOMEM : 0;
}

bool addresses_next(const struct addresses *set, uint32_t *cursor, unsigned *segment,
                    struct address *address)
{
	struct v6_key v6;
	uint64_t key;

	if (*cursor == set->keys.count)
		return false;
	memcpy(&key, idmap_key(&set->keys, (*cursor)++), sizeof(key));
	if (key < KEY_OF_V6) {
		*segment = (unsigned)(key >> 32);
		*address = address_v4((uint32_t)key);
		return true;
	}
	memcpy(&v6, idmap_key(&set->v6, (uint32_t)key), sizeof(v6));
	*segment = (unsigned)v6.segment;
	*address = v6.address;
	return true;
}

void addresses_empty(struct addresses *set)
{
	idmap_empty(&set->keys);
	idmap_empty(&set->v6);
}

void addresses_clear(struct addresses *set)
{
	idmap_clear(&set->keys);
	idmap_clear(&set->v6);
}
