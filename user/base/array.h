/* SPDX-License-Identifier: MIT */
/* Arrays that grow: the one place where their room is doubled. */
#ifndef USER_BASE_ARRAY_H
#define USER_BASE_ARRAY_H

#include <stddef.h>

/*
 * Makes room for `count` items in an array of malloc()'s, or in NULL with room 0:
 *
 *     struct edit *edit; size_t count, room;
 *
 *     if (array_reserve(&edits->edit, &edits->room, edits->count + 1))
 *             return -ENOMEM;
 *     edits->edit[edits->count++] = new;
 *
 * The room at least doubles, so that adding an item costs the same however many there are. 0, or
 * -ENOMEM, also where the size in bytes would overflow. Then array and room are as before.
 */
#define array_reserve(array, room, count)                                                          \
	array_reserve_items((void **)(array), (room), (count), sizeof(**(array)))

int array_reserve_items(void **array, size_t *room, size_t count, size_t item_size);

#endif
