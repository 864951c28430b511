// SPDX-License-Identifier: MIT
/*
 * The index says which commits changed an address, and which of them are on main's line. Between a
 * commit of the line and the one before it, the index has all commits that the former brought. So
 * each change belongs to the next commit of the line.
 *
 * Where main was replaced by a branch that had merged it, the line has another course than the
 * rows. There, the commits themselves say which one of the line brought a change.
 */
#include "reader/life.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A commit of the line, newest first. */
struct point {
	git_oid id;
	uint32_t ordinal;
};

/* A commit that changed an address, and the commit of the line that brought it. */
struct change {
	uint32_t commit, point;
	struct address address;
	uint16_t segment;
	bool of_mac; /* from or to the query's MAC */
	bool wanted;
};

struct life {
	struct teller *teller;
	struct index *index;
	struct change *change; /* owned */
	size_t changes, room;
	struct point *point; /* owned; only those that brought a change, unless `whole` */
	size_t points, point_room;
	size_t passed; /* changes that are newer than the last point */
	bool turned;   /* the line has another course than the rows */
	bool whole;    /* all points are needed, for a search */
	uint32_t oldest;
	size_t most;         /* changes to find: the newest */
	bool more;           /* so many were found */
	uint32_t untold;     /* points with a later ordinal are told */
	struct idmap wanted; /* addresses of a MAC */
};

struct key {
	uint64_t low, high, segment; /* the first is well spread */
};

static struct key key_of(const struct index_change *change)
{
	return (struct key){change->address.low, change->address.high, change->segment};
}

/* --- what the index has ---------------------------------------------------------------------- */

static bool is_of_mac(const struct life *life, const struct index_change *change)
{
	const struct mac *mac = life->teller->query.mac;

	return !mac || mac_equal(change->before, *mac) || mac_equal(change->after, *mac) ||
	       (change->flags & INDEX_BEFORE_UNKNOWN);
}

static bool is_in_prefix(const struct life *life, const struct index_change *change)
{
	const struct prefix *prefix = life->teller->query.prefix;

	return !prefix || prefix_contains(*prefix, change->address);
}

static int add_change(void *context, const struct index_change *change)
{
	struct life *life = context;
	const char *name = index_segment_name(life->index, change->segment);
	const char *wanted = life->teller->query.segment;
	struct key key = key_of(change);

	if (!is_in_prefix(life, change))
		return 0;
	if (!name)
		return -EBADMSG;
	if ((wanted && strcmp(wanted, name) != 0) ||
	    (life->wanted.count > 0 && idmap_find(&life->wanted, &key) == IDMAP_NONE))
		return 0;
	if (array_reserve(&life->change, &life->room, life->changes + 1))
		return -ENOMEM;
	life->change[life->changes++] = (struct change){.commit = change->commit,
	                                                .address = change->address,
	                                                .segment = change->segment,
	                                                .of_mac = is_of_mac(life, change)};
	if (change->commit < life->oldest)
		life->oldest = change->commit;
	return life->changes == life->most;
}

static int want_address(void *context, const struct index_change *change)
{
	struct life *life = context;
	struct key key = key_of(change);

	return idmap_add(&life->wanted, NULL, &key) < 0 ? -ENOMEM : 0;
}

static int count_change(void *context, const struct index_change *change)
{
	struct life *life = context;

	life->changes += is_in_prefix(life, change);
	return life->changes > life->most;
}

/* Whether a prefix has a part in so few commits that it pays to read these alone: 1, 0, or an
 * error. Else the walk over all of them reports it as soon. */
static int is_narrow(struct life *life)
{
	const uint32_t share = index_commits(life->index) / 8, few = 4096;
	int more;

	life->most = share > few ? share : few;
	more = index_scan(life->index, NULL, NULL, count_change, life);
	life->changes = 0;
	return more < 0 ? more : !more;
}

static int find_changes(struct life *life)
{
	const struct reader_query *query = &life->teller->query;
	int error = 0;

	if (!query->address && !query->mac)
		return index_scan(life->index, NULL, NULL, add_change, life);
	if (query->address)
		return index_scan(life->index, query->address, NULL, add_change, life);
	error = index_scan(life->index, NULL, query->mac, want_address, life);
	if (!error && life->wanted.count > 0)
		error = index_scan(life->index, NULL, NULL, add_change, life);
	return error;
}

static int compare_ordinals(const void *first, const void *second)
{
	const struct change *a = first, *b = second;

	return (a->commit < b->commit) - (a->commit > b->commit);
}

/* The changes are sorted. A million points take more time than all else, so one that brought none
 * of these is overwritten by the next. */
static int add_point(void *context, uint32_t ordinal, const struct index_commit *commit)
{
	struct life *life = context;
	size_t passed = life->passed;

	life->turned |= (commit->flags & (INDEX_AGAIN | INDEX_DROP)) != 0;
	if (life->turned && !life->whole)
		return 1;
	while (life->passed < life->changes && life->change[life->passed].commit > ordinal)
		life->passed++;
	if (life->points > 0 && passed == life->passed && !life->whole)
		life->points--;
	if (array_reserve(&life->point, &life->point_room, life->points + 1))
		return -ENOMEM;
	life->point[life->points++] = (struct point){.id = commit->id, .ordinal = ordinal};
	/* Rows of a turned line are not in its order. */
	return ordinal <= life->oldest && !life->turned;
}

static int find_points(struct life *life)
{
	int error;

	qsort(life->change, life->changes, sizeof(*life->change), compare_ordinals);
	life->passed = 0;
	error = index_line(life->index, INT64_MAX, add_point, life);
	if (error < 0 || !life->turned || life->whole)
		return error;
	life->whole = true;
	life->points = 0;
	return find_points(life);
}

/* --- which commit of the line brought a change ------------------------------------------------ */

struct search {
	struct idmap met;
	git_oid *waiting; /* owned */
	size_t count, room;
};

static int add_waiting(struct search *search, const git_oid *id)
{
	int added = idmap_add(&search->met, NULL, id->id);

	if (added < 0 || array_reserve(&search->waiting, &search->room, search->count + 1))
		return -ENOMEM;
	if (added)
		search->waiting[search->count++] = *id;
	return 0;
}

/* Meets the parents of the next commit that waits, unless their rows are before `row`. */
static int step_down(const struct life *life, struct search *search, uint32_t row)
{
	const git_oid id = search->waiting[--search->count];
	uint32_t ordinal;
	git_commit *commit = NULL;
	int error = index_find(life->index, &id, &ordinal);

	if (error || ordinal < row)
		return error == -ENOENT ? -EBADMSG : error;
	error = git_commit_lookup(&commit, life->teller->reader->repository, &id);
	for (unsigned i = 0; !error && !shallow_has(&life->teller->reader->shallow, &id) &&
	                     i < git_commit_parentcount(commit);
	     i++)
		error = add_waiting(search, git_commit_parent_id(commit, i));
	git_commit_free(commit);
	return error;
}

/* Whether a point's commit has another one, which has this row, in its history: 1, 0, or an
 * error. */
static int reaches(const struct life *life, size_t point, const git_oid *commit, uint32_t row)
{
	struct search search = {.met = IDMAP(GIT_OID_RAWSZ)};
	int error = add_waiting(&search, &life->point[point].id);
	bool found = git_oid_equal(&life->point[point].id, commit);

	while (!error && !found && search.count > 0) {
		error = step_down(life, &search, row);
		found = idmap_find(&search.met, commit->id) != IDMAP_NONE;
	}
	idmap_clear(&search.met);
	free(search.waiting);
	return error ? error : found;
}

/* The oldest point whose commit has this one in its history. `guess` is mostly right. */
static int search_point(const struct life *life, uint32_t *point, size_t guess,
                        const git_oid *commit, uint32_t row)
{
	size_t newest = 0, oldest = life->points; /* the former reaches it, the latter does not */
	int found = reaches(life, guess, commit, row);

	if (found > 0)
		newest = guess;
	else
		oldest = guess;
	if (found > 0 && guess + 1 < life->points) {
		found = reaches(life, guess + 1, commit, row);
		if (found > 0)
			newest = guess + 1;
		else
			oldest = guess + 1;
	}
	while (found >= 0 && oldest > newest + 1) {
		size_t middle = newest + (oldest - newest) / 2;

		found = reaches(life, middle, commit, row);
		if (found > 0)
			newest = middle;
		else
			oldest = middle;
	}
	*point = (uint32_t)newest;
	return found < 0 ? found : 0;
}

static int place_changes(struct life *life)
{
	size_t point = 0;
	int error = 0;

	for (size_t i = 0; i < life->changes && !error; i++) {
		struct change *change = &life->change[i];
		struct index_commit row;

		while (point + 1 < life->points && life->point[point + 1].ordinal >= change->commit)
			point++;
		change->point = (uint32_t)point;
		if (!life->turned)
			continue;
		error = index_commit_at(life->index, change->commit, &row);
		if (!error)
			error = search_point(life, &change->point, point, &row.id, change->commit);
	}
	return error;
}

/* --- the report ------------------------------------------------------------------------------- */

static int compare_changes(const void *first, const void *second, void *context)
{
	const struct change *a = first, *b = second;
	char path_a[ENTRY_PATH_MAX], path_b[ENTRY_PATH_MAX];
	const struct life *life = context;

	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	if (a->segment == b->segment && address_equal(a->address, b->address))
		return (a->commit < b->commit) - (a->commit > b->commit);
	entry_path(path_a, index_segment_name(life->index, a->segment), a->address);
	entry_path(path_b, index_segment_name(life->index, b->segment), b->address);
	return strcmp(path_a, path_b);
}

static bool is_same_address(const struct change *a, const struct change *b)
{
	return a->segment == b->segment && address_equal(a->address, b->address);
}

/* The changes of an address that one commit of the line brought: how many of them follow. */
static size_t group_size(const struct life *life, size_t first)
{
	size_t next = first + 1;

	while (next < life->changes && life->change[next].point == life->change[first].point &&
	       is_same_address(&life->change[next], &life->change[first]))
		next++;
	return next - first;
}

static int compare_addresses(const void *first, const void *second, void *context)
{
	const struct change *a = first, *b = second;

	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	if (!address_equal(a->address, b->address))
		return address_compare(a->address, b->address);
	return compare_changes(a, b, context);
}

/* Of a MAC's addresses, only what the MAC had a part in, and what came next: a merge may find the
 * MAC at an address that its own commits do not know it at. */
static void choose(struct life *life)
{
	size_t kept = 0, count;

	qsort_r(life->change, life->changes, sizeof(*life->change), compare_addresses, life);
	for (size_t i = 0; i < life->changes; i += count) {
		bool wanted = false;
		size_t end;

		count = group_size(life, i);
		end = i + count;
		if (end < life->changes && is_same_address(&life->change[i], &life->change[end]))
			end += group_size(life, end);
		for (size_t j = i; j < end; j++)
			wanted |= life->change[j].of_mac;
		for (size_t j = i; j < i + count; j++)
			life->change[j].wanted = wanted;
	}
	for (size_t i = 0; i < life->changes; i++)
		if (life->change[i].wanted)
			life->change[kept++] = life->change[i];
	life->changes = kept;
}

/* The changes of one address that one commit of the line brought. */
static int report_group(struct life *life, const struct change *change, size_t count)
{
	const git_oid *line = &life->point[change->point].id;
	git_oid *side = calloc(count, sizeof(*side));
	struct landed landed = {.segment = index_segment_name(life->index, change->segment),
	                        .address = change->address,
	                        .side = side};
	struct landing landing = {.teller = NULL};
	int error = side ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && !error; i++) {
		struct index_commit row;

		error = index_commit_at(life->index, change[i].commit, &row);
		if (!error && !git_oid_equal(&row.id, line) &&
		    (i == 0 || change[i].commit != change[i - 1].commit))
			side[landed.sides++] = row.id;
	}
	if (!error)
		error = landing_open(&landing, life->teller, line);
	if (!error)
		error = landing_report(&landing, &landed);
	landing_close(&landing);
	free(side);
	return error;
}

static int report_all(struct life *life)
{
	size_t count;
	int error = 0;

	if (life->teller->query.mac)
		choose(life);
	qsort_r(life->change, life->changes, sizeof(*life->change), compare_changes, life);
	for (size_t i = 0; i < life->changes && !error; i += count) {
		count = group_size(life, i);
		if (life->point[life->change[i].point].ordinal <= life->untold)
			error = report_group(life, &life->change[i], count);
	}
	return error;
}

/* Leaves out the point of the oldest change, since older changes may belong to it. Returns it. */
static uint32_t leave_oldest_point(struct life *life)
{
	const uint32_t point = life->change[life->changes - 1].point;

	while (life->changes > 0 && life->change[life->changes - 1].point == point)
		life->changes--;
	return point;
}

/* Of as many changes as life->most says. */
static int tell(struct life *life)
{
	uint32_t untold = 0;
	int error = find_changes(life);

	life->more = error > 0;
	if (error < 0 || life->changes == 0)
		return error;
	error = find_points(life);
	if (error < 0)
		return error;
	if (life->points == 0)
		return -EBADMSG;
	if (life->more && life->turned)
		return 0; /* the line's order is not the changes' */
	error = place_changes(life);
	if (error)
		return error;
	if (life->more)
		untold = life->point[leave_oldest_point(life)].ordinal;
	error = report_all(life);
	life->untold = untold;
	return error;
}

/* The newest few of an address come without a wait for all of them: 32, or those asked for, of
 * which some may have had no effect. */
int life_tell(struct teller *teller)
{
	enum { NEWEST = 32 };
	const size_t few = teller->query.limit > NEWEST / 2 ? 2 * teller->query.limit : NEWEST;
	struct life life = {.teller = teller,
	                    .index = teller->reader->index,
	                    .turned = index_is_turned(teller->reader->index),
	                    .oldest = UINT32_MAX,
	                    .untold = UINT32_MAX,
	                    .wanted = IDMAP(sizeof(struct key))};
	int error = 0;

	if (!teller->query.address && !teller->query.mac) {
		error = is_narrow(&life);
		if (error <= 0)
			return error < 0 ? error : -EXDEV;
	}
	life.most = teller->query.mac ? SIZE_MAX : few;
	error = tell(&life);
	if (!error && life.more) {
		life.most = SIZE_MAX;
		life.changes = life.points = 0;
		error = tell(&life);
	}
	idmap_clear(&life.wanted);
	free(life.change);
	free(life.point);
	return error;
}
