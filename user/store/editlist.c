// SPDX-License-Identifier: MIT
/*
 * Lists are read side by side, because all are sorted by path: a merge costs as much as its sides
 * have edited, and as it has otherwise than they. Reads no repository.
 */
#include "store/editlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int editlist_add(struct editlist *list, const struct edited *file)
{
	struct edited copy = *file;

	if (array_reserve(&list->file, &list->room, list->count + 1))
		return -ENOMEM;
	copy.path = strdup(file->path);
	if (!copy.path)
		return -ENOMEM;
	list->file[list->count++] = copy;
	return 0;
}

int editlist_copy(struct editlist *list, const struct editlist *other)
{
	for (size_t i = 0; i < other->count; i++)
		if (editlist_add(list, &other->file[i]) < 0)
			return -ENOMEM;
	return 0;
}

void editlist_clear(struct editlist *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->file[i].path);
	free(list->file);
	*list = (struct editlist){0};
}

/* Nothing was edited in the end. */
static bool is_back(const struct edited *file)
{
	return file->before_mode == file->after_mode &&
	       (file->after_mode == 0 || git_oid_equal(&file->before, &file->after));
}

static void set_before(struct edited *file, const struct edited *other)
{
	file->before = other->before;
	file->before_mode = other->before_mode;
}

static void set_after(struct edited *file, const struct edited *other)
{
	file->after = other->after;
	file->after_mode = other->after_mode;
}

/* Moves the next file of a list to another. */
static int move_next(struct editlist *to, struct editlist *from, size_t *next)
{
	if (array_reserve(&to->file, &to->room, to->count + 1))
		return -ENOMEM;
	to->file[to->count++] = from->file[*next];
	from->file[(*next)++].path = NULL;
	return 0;
}

/* An edit of a file that has changed since. */
static int move_changed(struct editlist *edits, struct editlist *earlier, size_t *edit,
                        const struct edited *now)
{
	set_after(&earlier->file[*edit], now);
	if (!is_back(&earlier->file[*edit]))
		return move_next(edits, earlier, edit);
	(*edit)++;
	return 0;
}

int editlist_follow(struct editlist *edits, struct editlist *earlier, struct editlist *since)
{
	size_t e = 0, s = 0;
	int error = 0;

	while ((e < earlier->count || s < since->count) && !error) {
		int order = e == earlier->count ? 1
		            : s == since->count
		                    ? -1
		                    : strcmp(earlier->file[e].path, since->file[s].path);

		if (order < 0)
			error = move_next(edits, earlier, &e);
		else if (order > 0)
			error = move_next(edits, since, &s);
		else
			error = move_changed(edits, earlier, &e, &since->file[s++]);
	}
	editlist_clear(earlier);
	editlist_clear(since);
	return error;
}

/* --- merges ----------------------------------------------------------------------------------- */

static const char *next_of(const struct editlist *list, size_t next)
{
	return next < list->count ? list->file[next].path : NULL;
}

static const char *lower(const char *a, const char *b)
{
	return !a || (b && strcmp(b, a) < 0) ? b : a;
}

/* The first path that is next on any side; NULL: none is left. */
static const char *next_path(const struct editlist_side *side, unsigned sides)
{
	const char *first = NULL;

	for (unsigned i = 0; i < sides; i++) {
		first = lower(first, next_of(&side[i].edits, side[i].edit));
		first = lower(first, next_of(&side[i].differences, side[i].difference));
	}
	return first;
}

static const struct edited *take(const struct editlist *list, size_t *next, const char *path)
{
	const char *at = next_of(list, *next);

	return at && !strcmp(at, path) ? &list->file[(*next)++] : NULL;
}

struct merge {
	const struct editlist_side *side;
	unsigned sides;
	editlist_is_there_fn *is_there;
	void *context;
};

/* The base: of what the sides have seen there of known commits, what is still there. */
static int choose_base(struct edited *file, const struct merge *merge)
{
	int there = merge->is_there(merge->context, file);

	for (unsigned i = 0; i < merge->sides && there == 0; i++) {
		const struct editlist_side *side = &merge->side[i];
		struct edited other = *file;

		set_before(&other, side->edited ? side->edited : side->differs);
		there = merge->is_there(merge->context, &other);
		if (there > 0)
			set_before(file, &other);
	}
	return there < 0 ? there : 0;
}

/* The edit that the merge has at a path. 1: there is none. */
static int merge_path(struct edited *file, const struct merge *merge, const char *path)
{
	const struct edited *from = NULL;
	int error;

	*file = (struct edited){.path = (char *)path};
	for (unsigned i = 0; i < merge->sides; i++) {
		const struct editlist_side *side = &merge->side[i];

		/* The merge has it from here, and nobody edited it here. */
		if (!side->differs && !side->edited)
			return 1;
		set_after(file, side->differs ? side->differs : side->edited);
		if (!side->differs && !from)
			from = side->edited;
	}
	if (!from)
		from = merge->side[0].edited ? merge->side[0].edited : merge->side[0].differs;
	set_before(file, from);
	error = choose_base(file, merge);
	return error ? error : is_back(file);
}

int editlist_merge(struct editlist *edits, struct editlist_side *side, unsigned sides,
                   editlist_is_there_fn *is_there, void *context)
{
	const struct merge merge = {side, sides, is_there, context};
	const char *path;
	int error = 0;

	while (error >= 0 && (path = next_path(side, sides))) {
		struct edited file;

		for (unsigned i = 0; i < sides; i++) {
			side[i].edited = take(&side[i].edits, &side[i].edit, path);
			side[i].differs = take(&side[i].differences, &side[i].difference, path);
		}
		error = merge_path(&file, &merge, path);
		if (error == 0)
			error = editlist_add(edits, &file);
	}
	return error < 0 ? error : 0;
}
