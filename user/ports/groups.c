/* SPDX-License-Identifier: MIT */
/* A hash table with linear probing over an array without gaps. It sends nothing. */
#include "ports/groups.h"

#include <errno.h>
#include <stdlib.h>

#include "base/base.h"

#define SLOTS_MIN 64

uint32_t group_suffix(struct address address)
{
	return (uint32_t)address.low & 0xffffff;
}

struct address group_address(uint32_t suffix)
{
	return ipv6_solicited_node((struct address){0, suffix});
}

static size_t home(const struct groups *groups, uint32_t suffix)
{
	return (suffix * UINT32_C(0x9e3779b1) >> 8) & (groups->slots - 1);
}

/* The slot of the suffix, or the free one where it would go. */
static size_t find(const struct groups *groups, uint32_t suffix)
{
	size_t at = home(groups, suffix);

	while (groups->slot[at] && groups->item[groups->slot[at] - 1].suffix != suffix)
		at = (at + 1) & (groups->slots - 1);
	return at;
}

static int grow(struct groups *groups)
{
	const size_t slots = groups->slots ? 2 * groups->slots : SLOTS_MIN;
	uint32_t *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	free(groups->slot);
	groups->slot = slot;
	groups->slots = slots;
	for (size_t i = 0; i < groups->count; i++)
		slot[find(groups, groups->item[i].suffix)] = (uint32_t)i + 1;
	return 0;
}

int groups_add(struct groups *groups, uint32_t suffix)
{
	size_t at;

	if (2 * (groups->count + 1) > groups->slots && grow(groups))
		return -ENOMEM;
	at = find(groups, suffix);
	if (groups->slot[at]) {
		groups->item[groups->slot[at] - 1].addresses++;
		return 0;
	}
	if (array_reserve(&groups->item, &groups->room, groups->count + 1))
		return -ENOMEM;
	groups->item[groups->count++] = (struct group){suffix, 1};
	groups->slot[at] = (uint32_t)groups->count;
	return 1;
}

/* Fills the gap with a later one of the same run, which is nearer to its home there. */
static void unlink_slot(struct groups *groups, size_t gap)
{
	const size_t mask = groups->slots - 1;

	for (size_t at = (gap + 1) & mask; groups->slot[at]; at = (at + 1) & mask) {
		size_t from = home(groups, groups->item[groups->slot[at] - 1].suffix);

		if (((at - from) & mask) < ((at - gap) & mask))
			continue;
		groups->slot[gap] = groups->slot[at];
		gap = at;
	}
	groups->slot[gap] = 0;
}

int groups_remove(struct groups *groups, uint32_t suffix)
{
	const size_t at = groups->slots ? find(groups, suffix) : 0;
	size_t number, last;

	if (!groups->slots || !groups->slot[at])
		return 0;
	number = groups->slot[at] - 1;
	if (--groups->item[number].addresses)
		return 0;
	last = groups->count - 1;
	groups->slot[find(groups, groups->item[last].suffix)] = (uint32_t)number + 1;
	groups->item[number] = groups->item[last];
	unlink_slot(groups, at);
	groups->count--;
	return 1;
}

bool groups_has(const struct groups *groups, uint32_t suffix)
{
	return groups->slots && groups->slot[find(groups, suffix)];
}

void groups_clear(struct groups *groups)
{
	free(groups->item);
	free(groups->slot);
	*groups = (struct groups){0};
}
