// SPDX-License-Identifier: MIT
/*
 * Reads the recorded table, of ten entries or a million: it walks the trees of main and of what was
 * applied side by side, reads each blob once, and keeps only the current chunk. A chunk is one
 * allocation, with its entries and their texts. A few chunks at a time go from history's thread to
 * the owner. Of its results, only those that differ from main are kept: a million copies would take
 * most of the agent's memory.
 */
#include "history/loading.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/claimload.h"
#include "history/state.h"
#include "pack/pack.h"

#define OUTSIDE_SAID 8
#define CHUNK_ITEMS  8192 /* 2 MB with their texts; smaller ones do not read faster */
#define CHUNK_TEXT   (1 << 20)
/* Bytes of an entry in its directory, without its name: "100644 ", NUL, id. */
#define LISTED_SIZE (7 + 1 + GIT_OID_RAWSZ)

struct loading *loading_new(void)
{
	struct loading *loading = calloc(1, sizeof(*loading));

	if (!loading)
		return NULL;
	uv_mutex_init(&loading->lock);
	uv_cond_init(&loading->changed);
	return loading;
}

void loading_free(struct loading *loading)
{
	if (!loading)
		return;
	for (unsigned i = 0; i < loading->count; i++)
		proposal_free(loading->ready[i]);
	proposal_free(loading->out);
	transitions_clear(&loading->kept);
	addresses_clear(&loading->own);
	free(loading->start.branch);
	uv_cond_destroy(&loading->changed);
	uv_mutex_destroy(&loading->lock);
	free(loading);
}

/* Approximately so many items will come. */
static void begin(struct loading *loading, uint64_t about)
{
	uv_mutex_lock(&loading->lock);
	loading->begun = true;
	loading->about = about;
	uv_cond_broadcast(&loading->changed);
	uv_mutex_unlock(&loading->lock);
}

/* Takes over a chunk, and waits for room. -ECANCELED: the owner has given up. */
static int put(struct loading *loading, struct history_proposal *chunk)
{
	bool cancelled;

	uv_mutex_lock(&loading->lock);
	while (loading->count == CHUNKS_READY && !loading->cancelled)
		uv_cond_wait(&loading->changed, &loading->lock);
	cancelled = loading->cancelled;
	if (!cancelled)
		loading->ready[loading->count++] = chunk;
	uv_cond_broadcast(&loading->changed);
	uv_mutex_unlock(&loading->lock);
	if (cancelled)
		proposal_free(chunk);
	return cancelled ? -ECANCELED : 0;
}

void loading_end(struct loading *loading, int error, const struct fault *fault)
{
	uv_mutex_lock(&loading->lock);
	loading->begun = loading->ended = true;
	loading->error = error;
	if (error)
		loading->fault = *fault;
	uv_cond_broadcast(&loading->changed);
	uv_mutex_unlock(&loading->lock);
}

int loading_wait(struct loading *loading, uint64_t *about, struct fault *fault)
{
	int error;

	uv_mutex_lock(&loading->lock);
	while (!loading->begun)
		uv_cond_wait(&loading->changed, &loading->lock);
	*about = loading->about;
	error = loading->error;
	uv_mutex_unlock(&loading->lock);
	return error ? fault_set(fault, error, "%s", loading->fault.text) : 0;
}

int loading_keep(struct loading *loading, unsigned segment, struct address address,
                 struct entry *result)
{
	struct transition transition = {.segment = segment, .address = address, .after = result};

	if (transitions_reserve(&loading->kept, 1) < 0) {
		entry_free(result);
		return -ENOMEM;
	}
	transitions_add(&loading->kept, &transition);
	return 0;
}

int loading_own(struct loading *loading, unsigned segment, struct address address)
{
	return addresses_add(&loading->own, segment, address);
}

/* Keeps the last chunk's results that differ from main, and which addresses are the host's own. */
static int take_back(struct loading *loading)
{
	struct history_proposal *chunk = loading->out;
	int error = 0;

	for (size_t i = 0; chunk && i < chunk->items && !error; i++) {
		struct history_item *item = &chunk->item[i];
		struct entry *result = item->result;

		if (item->choice == MERGE_REFUSED)
			error = loading_own(loading, item->segment, item->address);
		if (error || result == item->theirs || entry_equal(result, item->theirs))
			continue;
		if (result && result == item->base)
			result = entry_copy(item->base);
		else
			item->result = NULL;
		error = item->result && !result
		                ? -ENOMEM
		                : loading_keep(loading, item->segment, item->address, result);
	}
	proposal_free(chunk);
	loading->out = NULL;
	return error;
}

int loading_next(struct loading *loading, struct history_proposal **chunk, struct fault *fault)
{
	int error = take_back(loading);

	*chunk = NULL;
	if (error)
		return fault_set(fault, error, "out of memory");
	uv_mutex_lock(&loading->lock);
	while (loading->count == 0 && !loading->ended)
		uv_cond_wait(&loading->changed, &loading->lock);
	error = loading->error;
	if (!error && loading->count > 0) {
		loading->out = loading->ready[0];
		for (unsigned i = 1; i < loading->count; i++)
			loading->ready[i - 1] = loading->ready[i];
		loading->count--;
	}
	uv_cond_broadcast(&loading->changed);
	uv_mutex_unlock(&loading->lock);
	if (error)
		return fault_set(fault, error, "%s", loading->fault.text);
	*chunk = loading->out;
	return *chunk ? 1 : 0;
}

void loading_cancel(struct loading *loading)
{
	uv_mutex_lock(&loading->lock);
	loading->cancelled = true;
	uv_cond_broadcast(&loading->changed);
	uv_mutex_unlock(&loading->lock);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct chunk {
	struct history_proposal proposal;
	struct history_item item[CHUNK_ITEMS];
	struct entry entry[CHUNK_ITEMS + 1];
	size_t entries, used;
	char *origin; /* of the previous entry: often this one's too */
	char text[CHUNK_TEXT];
};

struct survey {
	struct archive *archive;
	struct claims *claims; /* NULL: no fleet */
	struct loading *loading;
	git_odb *odb;
	struct blobs *blobs;
	struct chunk *chunk;
	struct fault *fault;
	size_t outside, problems, lost;
	char outside_path[OUTSIDE_SAID][PATH_TEXT];
	struct fault problem; /* the first */
	char lost_first[PATH_TEXT];
};

static int hand_over(struct survey *survey)
{
	struct chunk *chunk = survey->chunk;

	survey->chunk = NULL;
	if (!chunk || chunk->proposal.items == 0) {
		free(chunk);
		return 0;
	}
	return put(survey->loading, &chunk->proposal);
}

static struct chunk *chunk_new(void)
{
	struct chunk *chunk = malloc(sizeof(*chunk));

	if (!chunk)
		return NULL;
	chunk->proposal =
	        (struct history_proposal){.item = chunk->item, .source = "main", .arena = chunk};
	chunk->entries = chunk->used = 0;
	chunk->origin = NULL;
	return chunk;
}

static bool is_full(const struct chunk *chunk)
{
	return chunk->proposal.items == CHUNK_ITEMS || chunk->entries >= CHUNK_ITEMS ||
	       chunk->used + 2 * (ENTRY_TEXT_MAX + 1) > CHUNK_TEXT;
}

/* Makes sure that the current chunk has room for one more item. */
static int need_chunk(struct survey *survey)
{
	int error = survey->chunk && is_full(survey->chunk) ? hand_over(survey) : 0;

	if (!error && !survey->chunk) {
		survey->chunk = chunk_new();
		if (!survey->chunk)
			error = fault_set(survey->fault, -ENOMEM, "out of memory");
	}
	return error;
}

/* Reads an entry into the chunk. Its text stays only if the entry points to it. */
static int read_entry(struct survey *survey, struct chunk *chunk, struct entry **entry,
                      const git_oid *id, struct fault *why)
{
	struct entry *read = &chunk->entry[chunk->entries];
	char *text = chunk->text + chunk->used;
	bool points;
	size_t length;
	int error;

	if (blobs_read(survey->blobs, id, text, ENTRY_TEXT_MAX, &length) == 0)
		error = entry_parse_in_place(read, text, length, why);
	else
		error = validate_text(read, text, &length, survey->odb, id, why);
	if (error)
		return error;
	chunk->entries++;
	*entry = read;
	points = read->note || read->extra;
	if (read->origin && chunk->origin && !strcmp(read->origin, chunk->origin)) {
		read->origin = chunk->origin;
	} else if (read->origin) {
		chunk->origin = read->origin;
		points = true;
	}
	if (points)
		chunk->used += length + 1;
	return 0;
}

static void note_problem(struct survey *survey, const struct fault *why)
{
	if (survey->problems++ == 0)
		survey->problem = *why;
}

/* A folder or file that cannot be read. The first one is named. */
static void note_lost(struct survey *survey, const char *path, const char *why)
{
	if (survey->lost++ == 0)
		validate_path_text(survey->lost_first, *path ? path : "all of it");
	log_debug("%s cannot be read: %s", path, why);
}

static int lose_folder(void *context, const char *path, int error)
{
	const git_error *last = git_error_last();

	if (last && last->klass == GIT_ERROR_NOMEMORY && !trouble_is_lasting(-ENOMEM))
		return error;
	note_lost(context, path, last ? last->message : "no reason given");
	return 0;
}

static void say_lost(const struct survey *survey)
{
	struct loading *loading = survey->loading;

	if (survey->lost > 0)
		snprintf(loading->lost, sizeof(loading->lost),
		         "%zu file%s or folder%s of main, such as %s", survey->lost,
		         text_plural(survey->lost), text_plural(survey->lost), survey->lost_first);
}

static int look(void *context, const struct tree_difference *file)
{
	struct survey *survey = context;
	const struct archive *archive = survey->archive;
	struct validated validated;
	struct history_item item;
	struct fault why = {""};
	char path[PATH_TEXT];
	int error = validate_place(&validated, archive->segment, archive->segments, file, &why);

	if (error == -ERANGE) {
		if (survey->outside < OUTSIDE_SAID)
			validate_path_text(survey->outside_path[survey->outside], file->path);
		survey->outside++;
		return 0;
	}
	if (error == -EINVAL)
		note_problem(survey, &why);
	if (error || validated.what != VALIDATED_ENTRY)
		return error == -EINVAL ? 0 : error;
	error = need_chunk(survey);
	if (error)
		return error;
	item = (struct history_item){.segment = validated.segment, .address = validated.address};
	if (file->after)
		error = read_entry(survey, survey->chunk, &item.theirs, file->after, &why);
	if (error == -EINVAL) {
		struct fault named;

		fault_set(&named, error, "%s: %s", validate_path_text(path, file->path), why.text);
		note_problem(survey, &named);
		return 0;
	}
	if (error == -EIO && trouble_is_lasting(error)) {
		note_lost(survey, file->path, why.text);
		return 0;
	}
	/* An invalid file was not in the table before. */
	if (!error && file->before && file->after && git_oid_equal(file->before, file->after))
		item.base = item.theirs;
	else if (!error && file->before)
		error = read_entry(survey, survey->chunk, &item.base, file->before, &why);
	if (error == -EIO && trouble_is_lasting(error)) {
		note_lost(survey, file->path, why.text);
		error = 0;
	}
	if (error && error != -EINVAL)
		return fault_set(survey->fault, error, "%s: %s",
		                 validate_path_text(path, file->path), why.text);
	if (survey->claims && claims_found(survey->claims, item.segment, item.address, file->before,
	                                   file->after, &item.foreign) < 0)
		return fault_set(survey->fault, -ENOMEM, "out of memory");
	survey->chunk->item[survey->chunk->proposal.items++] = item;
	return 0;
}

/* Bytes of an entry in the directory lan/10.0/10.0.3 or lan/2001-db8-0-7/1f, in hundredths. A
 * number of 0 to 255 has 2.57 digits; of IPv6, most hosts made the last 64 bits of their MAC or at
 * random. */
static size_t listed_size(const char *upper, const char *lower)
{
	if (strchr(lower, '.'))
		return 100 * (LISTED_SIZE + strlen(lower) + strlen(".")) + 257;
	return 100 * (LISTED_SIZE + strlen(upper) + strlen("-216-3eff-fe00-1234"));
}

/* Approximately how many entries a segment has, from the sizes of its directories. */
static uint64_t count_segment(const struct survey *survey, const git_tree_entry *segment)
{
	git_repository *repository = survey->archive->repository;
	git_tree *upper = NULL, *lower = NULL;
	uint64_t count = 0;

	if (git_tree_lookup(&upper, repository, git_tree_entry_id(segment)) < 0)
		return 0;
	for (size_t i = 0; i < git_tree_entrycount(upper); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(upper, i);

		if (git_tree_lookup(&lower, repository, git_tree_entry_id(entry)) < 0)
			continue;
		for (size_t j = 0; j < git_tree_entrycount(lower); j++) {
			const git_tree_entry *last = git_tree_entry_byindex(lower, j);
			git_object_t type;
			size_t size;

			if (git_odb_read_header(&size, &type, survey->odb,
			                        git_tree_entry_id(last)) == 0)
				count += 100 * size /
				         listed_size(git_tree_entry_name(entry),
				                     git_tree_entry_name(last));
		}
		git_tree_free(lower);
	}
	git_tree_free(upper);
	return count;
}

static uint64_t count_entries(const struct survey *survey, const git_oid *main)
{
	const struct archive *archive = survey->archive;
	git_tree *tree = NULL;
	uint64_t count = 0;

	if (git_tree_lookup(&tree, archive->repository, main) < 0)
		return 0;
	for (size_t i = 0; i < archive->segments; i++) {
		const git_tree_entry *segment =
		        git_tree_entry_byname(tree, archive->segment[i].name);

		if (segment)
			count += count_segment(survey, segment);
	}
	git_tree_free(tree);
	return count;
}

static void warn(const struct survey *survey)
{
	const char *path = git_repository_path(survey->archive->repository);

	for (size_t i = 0; i < survey->outside && i < OUTSIDE_SAID; i++)
		log_warning("%s is outside the configured segments and prefixes: history keeps it, "
		            "and the table does not have it",
		            survey->outside_path[i]);
	if (survey->outside > OUTSIDE_SAID)
		log_warning("%zu more entries are outside: `arpkeeper show --all` lists them",
		            survey->outside - OUTSIDE_SAID);
	if (survey->problems > 0)
		log_warning("%s: %zu files of main are not valid entries, such as %s: they are not "
		            "in the table; correct or remove them",
		            path, survey->problems, survey->problem.text);
}

int loading_read(struct loading *loading, struct state *state, const git_oid *applied,
                 const git_oid *main, struct fault *fault)
{
	struct archive *archive = &state->archive;
	struct survey survey = {
	        .archive = archive, .claims = state->claims, .loading = loading, .fault = fault};
	char folder[PATH_MAX];
	int error = git_repository_odb(&survey.odb, archive->repository);

	fault->text[0] = '\0';
	if (error < 0)
		return trouble_set(fault, error, "its objects");
	snprintf(folder, sizeof(folder), "%sobjects/pack",
	         git_repository_path(archive->repository));
	survey.blobs = blobs_open(folder);
	if (!survey.blobs) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto out;
	}
	begin(loading, main ? count_entries(&survey, main) : 0);
	if (main)
		error = tree_walk(archive->repository, applied, main, look, lose_folder, &survey);
	if (error && !fault->text[0] && error != -ECANCELED)
		error = trouble_set(fault, error, "its entries");
	if (!error)
		error = hand_over(&survey);
	if (error == -ECANCELED && !fault->text[0])
		fault_set(fault, error, "the start was given up");
	if (!error) {
		loading->all_inside = main && survey.outside == 0 && survey.lost == 0;
		warn(&survey);
		say_lost(&survey);
	}
	free(survey.chunk);
out:
	blobs_close(survey.blobs);
	git_odb_free(survey.odb);
	return error;
}
