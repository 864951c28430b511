/* SPDX-License-Identifier: MIT */
/* Transitions, the circumstances of a task, sets of addresses: copied, collected, freed. */
#include "protocol/transition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static uint64_t key_of(unsigned segment, uint32_t address)
{
	return (uint64_t)segment << 32 | address;
}

bool addresses_have(const struct addresses *set, unsigned segment, uint32_t address)
{
	uint64_t key = key_of(segment, address);

	return set->keys.count > 0 && idmap_find(&set->keys, &key) != IDMAP_NONE;
}

int addresses_add(struct addresses *set, unsigned segment, uint32_t address)
{
	uint64_t key = key_of(segment, address);

	set->keys.key_size = sizeof(key);
	return idmap_add(&set->keys, NULL, &key) < 0 ? -ENOMEM : 0;
}

bool addresses_next(const struct addresses *set, uint32_t *cursor, unsigned *segment,
                    uint32_t *address)
{
	uint64_t key;

	if (*cursor == set->keys.count)
		return false;
	memcpy(&key, idmap_key(&set->keys, (*cursor)++), sizeof(key));
	*segment = (unsigned)(key >> 32);
	*address = (uint32_t)key;
	return true;
}

void addresses_empty(struct addresses *set)
{
	idmap_empty(&set->keys);
}

void addresses_clear(struct addresses *set)
{
	idmap_clear(&set->keys);
}
