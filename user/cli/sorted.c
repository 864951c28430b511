// SPDX-License-Identifier: MIT
/* Sorts rows of JSON. Of equal ones the first that came stays the first. */
#include "cli/sorted.h"
#include "client/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/wire.h"

int sorted_add(struct sorted *sorted, json_t *row, struct fault *fault)
{
	if (sorted->rows == SORTED_MAX)
		return fault_set(fault, -E2BIG,
		                 "more than %d entries are not sorted: ask for a prefix, a segment "
		                 "or a state",
		                 SORTED_MAX);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): its items are pointers */
	if (array_reserve(&sorted->row, &sorted->room, sorted->rows + 1))
		return -ENOMEM;
	sorted->row[sorted->rows++] = json_incref(row);
	return 0;
}

static int compare(const char *a, const char *b)
{
	struct address left, right;

	if (!a || !b)
		return (a == NULL) - (b == NULL);
	if (address_parse(&left, a) == 0 && address_parse(&right, b) == 0)
		return address_compare(left, right);
	return strcmp(a, b);
}

/* Two sorted halves into one. */
static void merge(const struct sorted *sorted, json_t **to, size_t first, size_t half, size_t end)
{
	size_t left = first, right = half;

	for (size_t at = first; at < end; at++) {
		bool takes_left =
		        right == end ||
		        (left < half && compare(json_text(sorted->row[left], sorted->key),
		                                json_text(sorted->row[right], sorted->key)) <= 0);

		to[at] = sorted->row[takes_left ? left++ : right++];
	}
}

void sorted_sort(struct sorted *sorted)
{
	size_t rows = sorted->rows;
	json_t **other = calloc(rows + 1, sizeof(json_t *)), **swap;

	/* Without memory they stay as they came. */
	for (size_t width = 1; other && width < rows; width *= 2) {
		for (size_t first = 0; first < rows; first += 2 * width) {
			size_t half = first + width < rows ? first + width : rows;
			size_t end = first + 2 * width < rows ? first + 2 * width : rows;

			merge(sorted, other, first, half, end);
		}
		swap = sorted->row;
		sorted->row = other;
		other = swap;
		sorted->room = rows + 1;
	}
	free(other);
}

void sorted_clear(struct sorted *sorted)
{
	for (size_t i = 0; i < sorted->rows; i++)
		json_decref(sorted->row[i]);
	free(sorted->row);
	*sorted = (struct sorted){0};
}
