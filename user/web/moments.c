// SPDX-License-Identifier: MIT
/*
 * Which addresses there were is read from the trees alone, in 0.4 s for a million. Of these, the
 * entries of the page are read. Only what looks into entries, a search or another order, has to
 * read all of them, and is refused where these are too many.
 */
#include "web/moments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"
#include "web/tablepage.h"

struct look {
	struct reader *reader;
	struct selection selection;
	struct mac mac;
	int64_t asked;
	struct reader_moment moment;
	struct rows rows;
	size_t of, inside; /* addresses: all, and those that the segment and the range have */
};

/* --- rows ------------------------------------------------------------------------------------- */

static int put(struct look *look, const char *segment, struct row *row)
{
	int number = rows_segment(&look->rows, segment);

	if (number < 0)
		return number;
	row->segment = (uint16_t)number;
	return rows_put(&look->rows, row);
}

static bool is_inside(const struct look *look, const char *segment, struct address address)
{
	const struct selection *selection = &look->selection;

	return range_contains(selection->range, address) &&
	       (!selection->segment || strcmp(selection->segment, segment) == 0);
}

static int put_name(void *context, const char *segment, struct address address)
{
	struct row row = {.address = address, .state = SLOT_DYNAMIC};
	struct look *look = context;

	look->of++;
	if (!is_inside(look, segment, address))
		return 0;
	look->inside++;
	return put(look, segment, &row);
}

static int put_entry(void *context, const char *segment, struct address address,
                     const struct entry *before, const struct entry *entry)
{
	struct look *look = context;
	struct row row = {.address = address};

	(void)before;
	if (!entry || !is_inside(look, segment, address))
		return 0;
	row.state = entry->state == ENTRY_STATIC ? SLOT_STATIC : SLOT_DYNAMIC;
	row.mac = entry->mac;
	row.since = entry->since;
	row.flags = entry->router ? ROW_ROUTER : 0;
	row.origin = rows_text(&look->rows, entry->origin);
	row.note = rows_text(&look->rows, entry->note);
	return put(look, segment, &row);
}

/* --- what is asked for ------------------------------------------------------------------------ */

/* The parameter that makes it necessary to look into every entry; NULL: none does. */
static const char *looks_inside(const struct selection *selection)
{
	if (selection->mac)
		return "mac";
	if (selection->states || selection->frozen)
		return "state";
	if (selection->text)
		return "q";
	return selection->sort == SORT_NATURAL || selection->sort == SORT_ADDRESS ||
	                       selection->sort == SORT_SEGMENT
	               ? NULL
	               : "sort";
}

static int read_all(struct look *look, const char *parameter, struct fault *fault)
{
	struct prefix prefix;
	const struct prefix *within = range_prefix(&prefix, look->selection.range) ? &prefix : NULL;
	int error;

	if (look->inside > MOMENTS_READ)
		return fault_set(fault, -EINVAL,
		                 "%s: %zu entries would be read for it, and at most %d are: give a "
		                 "segment or a smaller prefix, too",
		                 parameter, look->inside, MOMENTS_READ);
	rows_clear(&look->rows);
	error = reader_diff(look->reader, NULL, &look->moment, within, look->selection.segment,
	                    put_entry, look, fault);
	return error;
}

/* Of the rows of the page. */
static int read_page(struct look *look, struct selected *selected, struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < selected->count && !error; i++) {
		struct row *row = &selected->row[i];
		const struct prefix only =
		        prefix_around(row->address, (uint8_t)address_bits(row->address));

		error = reader_diff(look->reader, NULL, &look->moment, &only,
		                    look->rows.segment[row->segment], put_entry, look, fault);
		(void)rows_find(&look->rows, row->segment, row->address, row);
	}
	return error;
}

static json_t *page_json(const struct look *look, const struct selected *selected)
{
	json_t *entries = json_array();

	for (size_t i = 0; i < selected->count; i++)
		if (json_array_append_new(entries, table_row_json(&look->rows, &selected->row[i])) <
		    0) {
			json_decref(entries);
			return NULL;
		}
	return json_pack("{s:o, s:I, s:I, s:o}", "at", json_of_time(look->asked), "total",
	                 (json_int_t)selected->total, "of", (json_int_t)look->of, "entries",
	                 entries);
}

static int answer_page(struct look *look, json_t **answer, struct selected *selected,
                       struct fault *fault)
{
	const char *parameter = looks_inside(&look->selection);
	int error = reader_files(look->reader, &look->moment, put_name, look, fault);

	if (!error && parameter)
		error = read_all(look, parameter, fault);
	if (!error)
		error = select_rows(selected, &look->rows, &look->selection);
	if (!error && !parameter)
		error = read_page(look, selected, fault);
	if (!error) {
		*answer = page_json(look, selected);
		error = *answer ? 0 : -ENOMEM;
	}
	return error == -ENOMEM ? fault_set(fault, error, "out of memory") : error;
}

int api_table_at(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct selected *selected = malloc(sizeof(*selected));
	struct look look = {.reader = NULL};
	int error;

	*answer = NULL;
	if (!selected)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = table_read(&look.selection, &look.mac, request, fault);
	if (!error)
		error = parameter_time(&look.asked, request, "at", fault);
	if (!error && look.asked == 0)
		error = fault_set(fault, -EINVAL,
		                  "at: it is missing: give a time like 2026-11-22T10:15:00Z");
	if (!error)
		error = past_open(&look.reader, request, fault);
	if (!error)
		error = reader_at(look.reader, &look.moment, look.asked, fault);
	if (!error)
		error = answer_page(&look, answer, selected, fault);
	rows_clear(&look.rows);
	free(selected);
	return past_close(look.reader, error);
}
