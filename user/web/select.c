// SPDX-License-Identifier: MIT
/*
 * One pass that keeps what matches. Only the page is sorted: what comes before and after it is
 * parted from it, in time that grows with the rows and not with their logarithm. A page of a
 * million rows takes 20 to 100 ms (tests/unit/web/test_rows.c).
 */
#include "web/select.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "web/vendor.h"

#define HEX_DIGITS "0123456789abcdefABCDEF"

const char *const select_sorts[SELECT_SORTS + 1] = {
        [SORT_NATURAL] = "",        [SORT_ADDRESS] = "address", [SORT_MAC] = "mac",
        [SORT_STATE] = "state",     [SORT_SINCE] = "since",     [SORT_SEEN] = "seen",
        [SORT_SEGMENT] = "segment", [SORT_ORIGIN] = "origin",   [SORT_NOTE] = "note",
};

/* What a text is searched in. */
struct search {
	const char *text;            /* NULL: no search */
	char lower[SELECT_TEXT + 1]; /* the text in lower case, as addresses are */
	bool in_address, in_mac;
	struct vendor_match *vendor; /* owned */
	/* The last texts that were looked at: neighbours often share them. */
	const char *last[2];
	bool found[2];
};

struct item {
	uint64_t key;
	uint32_t block;
	uint16_t place; /* in the block */
};

struct chosen {
	const struct rows *rows;
	const struct selection *selection;
	struct search search;
	bool *segment;     /* owned: for each, whether the text is in its name */
	unsigned *rank;    /* owned: of each segment's name among them */
	struct item *item; /* owned */
	size_t count, room;
};

/* --- what matches ----------------------------------------------------------------------------- */

static bool is_in(struct search *search, int which, const char *text)
{
	if (!text)
		return false;
	if (text != search->last[which]) {
		search->last[which] = text;
		search->found[which] = strcasestr(text, search->text) != NULL;
	}
	return search->found[which];
}

static bool has_text(struct chosen *chosen, const struct row *row)
{
	struct search *search = &chosen->search;
	char address[ADDRESS_TEXT], mac[MAC_TEXT];

	if (search->in_address) {
		address_format(address, row->address);
		if (strstr(address, search->lower))
			return true;
	}
	if (search->in_mac && !mac_is_zero(row->mac)) {
		mac_format(mac, row->mac);
		if (strstr(mac, search->lower))
			return true;
	}
	return chosen->segment[row->segment] || is_in(search, 0, row->origin) ||
	       is_in(search, 1, row->note) || vendor_matches(search->vendor, row->mac);
}

/* But for its address. */
static bool matches(struct chosen *chosen, const struct row *row)
{
	const struct selection *selection = chosen->selection;

	return (!selection->states || selection->states >> row->state & 1) &&
	       (!selection->frozen || row->flags & ROW_FROZEN) &&
	       (!selection->mac || mac_equal(*selection->mac, row->mac)) &&
	       (!chosen->search.text || has_text(chosen, row));
}

static int prepare_search(struct chosen *chosen)
{
	const struct rows *rows = chosen->rows;
	const char *text = chosen->selection->text;

	if (!text || !*text)
		return 0;
	chosen->segment = calloc(rows->segments + 1, sizeof(*chosen->segment));
	if (!chosen->segment)
		return -ENOMEM;
	for (size_t i = 0; i < rows->segments; i++)
		chosen->segment[i] = strcasestr(rows->segment[i], text) != NULL;
	chosen->search =
	        (struct search){.text = text,
	                        .in_address = strspn(text, HEX_DIGITS ".:") == strlen(text),
	                        .in_mac = strspn(text, HEX_DIGITS ":") == strlen(text),
	                        .vendor = vendor_match(text)};
	for (size_t i = 0; i < SELECT_TEXT && text[i]; i++)
		chosen->search.lower[i] = (char)tolower((unsigned char)text[i]);
	return 0;
}

/* --- order ------------------------------------------------------------------------------------ */

static int compare_names(const void *left, const void *right, void *names)
{
	char *const *name = names;

	return strcmp(name[*(const unsigned *)left], name[*(const unsigned *)right]);
}

/* Segments by name. */
static int prepare_ranks(struct chosen *chosen)
{
	const struct rows *rows = chosen->rows;
	unsigned *order = malloc((rows->segments + 1) * sizeof(*order));

	chosen->rank = malloc((rows->segments + 1) * sizeof(*chosen->rank));
	if (!order || !chosen->rank) {
		free(order);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < rows->segments; i++)
		order[i] = i;
	qsort_r(order, rows->segments, sizeof(*order), compare_names, rows->segment);
	for (unsigned i = 0; i < rows->segments; i++)
		chosen->rank[order[i]] = i;
	free(order);
	return 0;
}

static uint64_t key_of_mac(struct mac mac)
{
	uint64_t key = 0;

	for (int i = 0; i < 6; i++)
		key = key << 8 | mac.octet[i];
	return key;
}

/* The beginning of a text: keys that are the same are compared as texts. */
static uint64_t key_of_text(const char *text)
{
	uint64_t key = 0;

	for (int i = 0; i < 8; i++) {
		key = key << 8 | (text ? (unsigned char)*text : 0);
		text = text && *text ? text + 1 : NULL;
	}
	return key;
}

/* As addresses are ordered, as far as it goes: keys that are the same are compared as addresses. */
static uint64_t key_of_address(struct address address)
{
	return address.high ? address.high >> 1 | UINT64_C(1) << 63 : address.low;
}

static uint64_t key_of(const struct chosen *chosen, const struct row *row, uint32_t block)
{
	switch (chosen->selection->sort) {
	case SORT_ADDRESS:
		return key_of_address(row->address);
	case SORT_MAC:
		return key_of_mac(row->mac);
	case SORT_STATE:
		return row->state;
	case SORT_SINCE:
		return (uint64_t)row->since;
	case SORT_SEEN:
		return (uint64_t)row->seen;
	case SORT_ORIGIN:
		return key_of_text(row->origin);
	case SORT_NOTE:
		return key_of_text(row->note);
	default:
		return (uint64_t)chosen->rank[row->segment] << 32 | block;
	}
}

static int compare_texts(const char *a, const char *b)
{
	if (a == b)
		return 0;
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_order(const struct chosen *chosen, const struct row *a, const struct row *b)
{
	const unsigned *rank = chosen->rank;
	const int order = address_compare(a->address, b->address);

	if (rank[a->segment] == rank[b->segment] ||
	    (order && chosen->selection->sort == SORT_ADDRESS))
		return order;
	return rank[a->segment] < rank[b->segment] ? -1 : 1;
}

static const struct rows_kept *kept_of(const struct chosen *chosen, const struct item *item)
{
	return &chosen->rows->block[item->block].row[item->place];
}

static struct row row_of(const struct chosen *chosen, const struct item *item)
{
	return rows_row(&chosen->rows->block[item->block], item->place);
}

static int compare_rows(const struct chosen *chosen, const struct item *a, const struct item *b)
{
	struct row left, right;
	int order = 0;

	if (chosen->selection->sort == SORT_ORIGIN)
		order = compare_texts(kept_of(chosen, a)->origin, kept_of(chosen, b)->origin);
	if (chosen->selection->sort == SORT_NOTE)
		order = compare_texts(kept_of(chosen, a)->note, kept_of(chosen, b)->note);
	if (order)
		return order;
	left = row_of(chosen, a);
	right = row_of(chosen, b);
	return compare_order(chosen, &left, &right);
}

/* Never 0 of two different rows. */
static bool is_before(const struct chosen *chosen, const struct item *a, const struct item *b)
{
	int order = a->key == b->key ? compare_rows(chosen, a, b) : a->key < b->key ? -1 : 1;

	return chosen->selection->descending ? order > 0 : order < 0;
}

static int compare_items(const void *left, const void *right, void *chosen)
{
	if (is_before(chosen, left, right))
		return -1;
	return is_before(chosen, right, left) ? 1 : 0;
}

static void swap(struct item *a, struct item *b)
{
	const struct item kept = *a;

	*a = *b;
	*b = kept;
}

/* Hosts choose what is sorted: so the pivots are not where they could foresee them. */
static size_t choose_pivot(size_t low, size_t high)
{
	return low + (size_t)random() % (high - low);
}

/* Puts the first `place` items in front of the others, in no order. */
static void part(struct chosen *chosen, size_t low, size_t high, size_t place)
{
	struct item *item = chosen->item;

	while (high - low > 1 && place > low && place < high) {
		size_t wall = low;

		swap(&item[choose_pivot(low, high)], &item[high - 1]);
		for (size_t i = low; i < high - 1; i++)
			if (is_before(chosen, &item[i], &item[high - 1]))
				swap(&item[i], &item[wall++]);
		swap(&item[wall], &item[high - 1]);
		if (place <= wall)
			high = wall;
		else
			low = wall + 1;
	}
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool is_inside(struct range outer, struct range inner)
{
	return address_compare(outer.first, inner.first) <= 0 &&
	       address_compare(inner.last, outer.last) <= 0;
}

static int collect(struct chosen *chosen)
{
	const struct rows *rows = chosen->rows;
	const struct selection *selection = chosen->selection;
	const int segment = selection->segment ? rows_find_segment(rows, selection->segment) : -1;

	if (selection->segment && segment < 0)
		return 0;
	for (uint32_t i = 0; i < rows->blocks; i++) {
		const struct rows_block *block = &rows->block[i];
		bool whole;

		if ((segment >= 0 && block->segment != segment) ||
		    !rows_reach(block, selection->range))
			continue;
		whole = is_inside(selection->range, rows_span(block));
		if (array_reserve(&chosen->item, &chosen->room, chosen->count + block->count))
			return -ENOMEM;
		for (uint16_t j = 0; j < block->count; j++) {
			const struct row row = rows_row(block, j);

			if ((whole || range_contains(selection->range, row.address)) &&
			    matches(chosen, &row))
				chosen->item[chosen->count++] =
				        (struct item){key_of(chosen, &row, i), i, j};
		}
	}
	return 0;
}

static void take_page(struct selected *selected, struct chosen *chosen)
{
	const struct selection *selection = chosen->selection;
	size_t first = selection->offset < chosen->count ? selection->offset : chosen->count;
	size_t left = chosen->count - first;
	size_t count = selection->limit < left ? selection->limit : left;

	selected->total = chosen->count;
	selected->count = count;
	if (!count)
		return;
	part(chosen, 0, chosen->count, first);
	part(chosen, first, chosen->count, first + count);
	qsort_r(&chosen->item[first], count, sizeof(*chosen->item), compare_items, chosen);
	for (size_t i = 0; i < count; i++)
		selected->row[i] = row_of(chosen, &chosen->item[first + i]);
}

int select_rows(struct selected *selected, const struct rows *rows,
                const struct selection *selection)
{
	struct chosen chosen = {.rows = rows, .selection = selection};
	int error = prepare_search(&chosen);

	selected->count = selected->total = 0;
	if (!error)
		error = prepare_ranks(&chosen);
	if (!error)
		error = collect(&chosen);
	if (!error)
		take_page(selected, &chosen);
	vendor_match_free(chosen.search.vendor);
	free(chosen.segment);
	free(chosen.rank);
	free(chosen.item);
	return error;
}
