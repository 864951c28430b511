/* SPDX-License-Identifier: MIT */
/* Two ordered sets, walked side by side. They are small: insertion keeps the order. */
#include "ports/locals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static int compare(const struct local *a, const struct local *b)
{
	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	return (a->address > b->address) - (a->address < b->address);
}

int locals_add(struct locals *locals, unsigned segment, uint32_t address, struct mac mac)
{
	const struct local new = {segment, address, mac};
	size_t i = locals->count;

	while (i > 0 && compare(&locals->item[i - 1], &new) > 0)
		i--;
	if (i > 0 && compare(&locals->item[i - 1], &new) == 0)
		return 0;
	if (array_reserve(&locals->item, &locals->room, locals->count + 1))
		return -ENOMEM;
	memmove(&locals->item[i + 1], &locals->item[i],
	        (locals->count - i) * sizeof(locals->item[0]));
	locals->item[i] = new;
	locals->count++;
	return 0;
}

void locals_become(struct locals *told, struct locals *fresh,
                   void (*tell)(void *context, unsigned segment, uint32_t address,
                                const struct mac *mac),
                   void *context)
{
	struct locals old = *told;
	size_t o = 0, n = 0;

	*told = *fresh;
	*fresh = (struct locals){0};
	while (o < old.count || n < told->count) {
		int order = o == old.count     ? 1
		            : n == told->count ? -1
		                               : compare(&old.item[o], &told->item[n]);

		if (order < 0)
			tell(context, old.item[o].segment, old.item[o].address, NULL);
		else if (order > 0 || !mac_equal(old.item[o].mac, told->item[n].mac))
			tell(context, told->item[n].segment, told->item[n].address,
			     &told->item[n].mac);
		o += order <= 0;
		n += order >= 0;
	}
	free(old.item);
}

void locals_clear(struct locals *locals)
{
	free(locals->item);
	*locals = (struct locals){0};
}
