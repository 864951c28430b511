// SPDX-License-Identifier: MIT
/*
 * A question about all addresses goes along main's line, from the page's commit or the query's time
 * on. One about a prefix or a segment asks the index first which commits of the line to look at.
 * The life of an address or a MAC is told whole, without what came after the page's commit.
 */
#include "reader/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/at.h"
#include "reader/lineage.h"
#include "reader/log.h"
#include "reader/points.h"

struct pager {
	struct teller teller;
	struct reader_page *page;
	git_oid before; /* zero: none */
};

/* --- an address or a MAC ---------------------------------------------------------------------- */

/* Leaves out what came up to the page's commit. */
struct rest {
	const char *before;
	bool met, passed;
	int (*handle)(void *context, const struct reader_event *event);
	void *context;
};

static int pass(void *context, const struct reader_event *event)
{
	struct rest *rest = context;
	bool same = strcmp(event->main, rest->before) == 0;

	rest->met |= same;
	rest->passed |= rest->met && !same;
	return rest->passed ? rest->handle(rest->context, event) : 0;
}

static int tell_rest(struct reader *reader, const struct reader_query *query,
                     const struct reader_page *page,
                     int (*handle)(void *context, const struct reader_event *event), void *context,
                     struct fault *fault)
{
	struct rest rest = {.before = page->before, .handle = handle, .context = context};

	return page->before ? reader_log(reader, query, pass, &rest, fault)
	                    : reader_log(reader, query, handle, context, fault);
}

/* --- a prefix or a segment -------------------------------------------------------------------- */

struct choice {
	const struct reader_query *query;
	struct index *index;
	const struct line_points *points;
	size_t first; /* the points before this one are not wanted */
	size_t most, count;
	bool *chosen; /* owned; by the number of a point */
};

static int choose(void *context, const struct index_change *change)
{
	struct choice *choice = context;
	const struct reader_query *query = choice->query;
	const char *segment = index_segment_name(choice->index, change->segment);
	const struct line_point *point;
	size_t number;

	if (change->commit < choice->points->oldest ||
	    (choice->count > choice->most && !choice->points->turned))
		return 1;
	point = points_of(choice->points, change->commit);
	if (!point || !segment || (query->segment && strcmp(query->segment, segment) != 0) ||
	    (query->prefix && !prefix_contains(*query->prefix, change->address)))
		return 0;
	number = (size_t)(point - choice->points->point);
	if (number >= choice->first && !choice->chosen[number]) {
		choice->chosen[number] = true;
		choice->count++;
	}
	return 0;
}

static int tell_chosen(struct pager *pager, const struct choice *choice)
{
	size_t told = 0;
	int error = 0;

	for (size_t i = choice->first; i < choice->points->count && !error; i++) {
		struct index_commit row;
		git_oid parent;

		if (!choice->chosen[i])
			continue;
		if (told++ == choice->most)
			return 0; /* and the next page begins behind the last one */
		error = index_commit_at(choice->index, choice->points->point[i].ordinal, &row);
		if (!error)
			error = lineage_tell(&pager->teller, &row.id, &parent);
		git_oid_tostr(pager->page->next, sizeof(pager->page->next), &row.id);
	}
	pager->page->next[0] = '\0';
	return error;
}

/* The point from which on the page is: the one after that of its commit. */
static int find_first(size_t *first, const struct line_points *points, struct index *index,
                      const git_oid *before)
{
	const struct line_point *point;
	uint32_t row;
	int error;

	*first = 0;
	if (git_oid_is_zero(before))
		return 0;
	error = index_find(index, before, &row);
	point = error ? NULL : points_of(points, row);
	*first = point ? (size_t)(point - points->point) + 1 : points->count;
	return error == -ENOENT ? 0 : error;
}

static int tell_by_index(struct pager *pager)
{
	const struct reader_query *query = &pager->teller.query;
	struct reader *reader = pager->teller.reader;
	int64_t until = query->until && !pager->page->before ? query->until : INT64_MAX;
	struct line_points points;
	struct choice choice = {.query = query,
	                        .index = reader->index,
	                        .points = &points,
	                        .most = pager->page->commits};
	int error = points_read(&points, reader, query->since ? query->since : INT64_MIN, until);

	if (!error)
		error = find_first(&choice.first, &points, reader->index, &pager->before);
	if (!error) {
		choice.chosen = calloc(points.count + 1, sizeof(*choice.chosen));
		error = choice.chosen ? index_scan(reader->index, NULL, NULL, choose, &choice)
		                      : -ENOMEM;
	}
	if (error >= 0 && choice.chosen)
		error = tell_chosen(pager, &choice);
	free(choice.chosen);
	points_clear(&points);
	return error;
}

/* --- everything ------------------------------------------------------------------------------- */

/* The first commit to look at; zero: there is none. */
static int find_start(struct pager *pager, git_oid *start, const git_commit *tip,
                      struct fault *fault)
{
	struct reader *reader = pager->teller.reader;
	struct reader_moment moment;
	git_commit *commit = NULL;
	int error;

	*start = (git_oid){{0}};
	if (pager->page->before) {
		error = reader_commit(&commit, reader, pager->page->before, fault);
		if (!error && git_commit_parentcount(commit) > 0 &&
		    !shallow_has(&reader->shallow, &pager->before))
			*start = *git_commit_parent_id(commit, 0);
		git_commit_free(commit);
		return error;
	}
	*start = *git_commit_id(tip);
	if (pager->teller.query.until == 0)
		return 0;
	error = reader_at(reader, &moment, pager->teller.query.until, fault);
	if (error == -ENODATA) {
		*start = (git_oid){{0}};
		return 0;
	}
	return error ? error : git_oid_fromstr(start, moment.commit);
}

static int tell_line(struct pager *pager, git_oid at)
{
	git_oid parent;
	int error = 0;

	for (size_t i = 0; i < pager->page->commits && !error && !git_oid_is_zero(&at); i++) {
		error = lineage_tell(&pager->teller, &at, &parent);
		git_oid_tostr(pager->page->next, sizeof(pager->page->next), &at);
		at = parent;
	}
	if (error || git_oid_is_zero(&at))
		pager->page->next[0] = '\0';
	return error;
}

/* --- the page --------------------------------------------------------------------------------- */

/* Whether main has the page's commit. */
static int check_before(struct pager *pager, struct fault *fault)
{
	uint32_t row;

	if (!pager->page->before)
		return 0;
	if (git_oid_fromstr(&pager->before, pager->page->before) == 0 &&
	    index_find(pager->teller.reader->index, &pager->before, &row) == 0)
		return 0;
	return fault_set(fault, -ENOENT, "main of %s has no commit %s", pager->teller.reader->path,
	                 pager->page->before);
}

static int tell(struct pager *pager, const git_commit *tip, struct fault *fault)
{
	const struct reader_query *query = &pager->teller.query;
	struct reader *reader = pager->teller.reader;
	bool partly = query->prefix || query->segment;
	git_oid start;
	int error = 0;

	if (partly || pager->page->before)
		error = reader_index(reader, tip, true);
	if (error)
		return reader_index_fault(fault, reader, error);
	error = check_before(pager, fault);
	if (error)
		return error;
	if (partly) {
		error = tell_by_index(pager);
		if (error == -EBADMSG && pager->teller.reported == 0 &&
		    reader_index_renew(reader, tip) == 0)
			error = tell_by_index(pager);
		if (error == -EBADMSG || error == -ENOMEM)
			return reader_index_fault(fault, reader, error);
	} else {
		error = find_start(pager, &start, tip, fault);
		if (error)
			return error;
		error = tell_line(pager, start);
	}
	return reader_result(reader, error, pager->teller.stop, &pager->teller.reason, fault);
}

int reader_page(struct reader *reader, const struct reader_query *query, struct reader_page *page,
                int (*handle)(void *context, const struct reader_event *event), void *context,
                struct fault *fault)
{
	struct pager pager = {
	        .teller = {.reader = reader, .query = *query, .handle = handle, .context = context},
	        .page = page};
	git_commit *tip = NULL;
	int error;

	page->next[0] = '\0';
	if (query->address || query->mac)
		return tell_rest(reader, query, page, handle, context, fault);
	error = reader_tip(&tip, reader, fault);
	if (!error)
		error = tell(&pager, tip, fault);
	git_commit_free(tip);
	return error;
}
