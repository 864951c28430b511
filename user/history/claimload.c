// SPDX-License-Identifier: MIT
/* Reads the branches of all nodes, and finds where main differs from what they say. */
#include "history/claimload.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/gather.h"
#include "history/state.h"
#include "history/tasklog.h"

struct reading {
	struct state *state;
	struct claimfile file;
	unsigned segment;
	struct ref_change *loose; /* owned */
	size_t count, room;
	struct fault *fault;
};

static int no_memory(struct fault *fault)
{
	return fault_set(fault, -ENOMEM, "out of memory");
}

static int read_boot(struct claims *claims, git_repository *repository, struct fault *fault)
{
	git_buf value = GIT_BUF_INIT;
	git_config *config = NULL;
	int error = segments_config(&config, repository);

	if (!error)
		error = git_config_get_string_buf(&value, config, SETTINGS_BOOT_KEY);
	if (!error)
		snprintf(claims->boot, sizeof(claims->boot), "%s", value.ptr);
	git_buf_dispose(&value);
	git_config_free(config);
	return error < 0 ? trouble_set(fault, error, SETTINGS_BOOT_KEY) : 0;
}

/* --- branches --------------------------------------------------------------------------------- */

static int put_all(const struct reading *reading, unsigned node,
                   const struct claimfile_changes *changes)
{
	struct claims *claims = reading->state->claims;

	for (size_t i = 0; i < changes->count; i++) {
		const struct claimfile_change *change = &changes->item[i];

		if (fleet_put(claims->fleet, node, reading->segment, change->address,
		              &change->claim) < 0 ||
		    doubts_add(&claims->held, reading->segment, change->address, 0) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int keep_own(struct reading *reading, const git_oid *tip, const struct claimcommit *commit)
{
	struct claims *claims = reading->state->claims;
	struct own_branch *own = &claims->own[reading->segment];

	own->tip = (struct version){.commit = *tip, .tree = commit->tree};
	own->begun = true;
	own->count = commit->count;
	if (commit->time > claims->now)
		claims->now = commit->time;
	if (strcmp(commit->boot, claims->boot) != 0 && !claims->duplicate) {
		claims->duplicate = true;
		claims_raise(claims, "duplicate-node",
		             reading->state->archive.segment[reading->segment].name, NULL,
		             "the branch of node %s is of another repository: nothing is published "
		             "(fleet.boot in the configuration must be its Boot, %s)",
		             claims->node, commit->boot);
	}
	return 0;
}

static int keep_other(struct reading *reading, unsigned node, const git_oid *tip,
                      const struct claimcommit *commit)
{
	struct node_branch *branch = claims_branch(reading->state->claims, reading->segment, node);

	if (!branch)
		return -ENOMEM;
	branch->known = true;
	branch->tip = *tip;
	branch->tree = commit->tree;
	branch->count = commit->count;
	return 0;
}

/* One that cannot be read is left out. If it is this node's own, nothing is published. */
static int lose(struct reading *reading, const char *name, const char *why)
{
	struct claims *claims = reading->state->claims;
	const char *segment = reading->state->archive.segment[reading->segment].name;

	claims->duplicate |= strcmp(name, claims->node) == 0;
	claims_raise(claims, "branch-invalid", segment, NULL,
	             "node %s's branch in %s cannot be read, and is left out: %s", name, segment,
	             why);
	return 0;
}

static int read_branch(struct reading *reading, const char *name, const git_oid *tip)
{
	struct state *state = reading->state;
	struct claimfile_changes changes = {0};
	struct claimcommit commit;
	struct fault why = {""};
	unsigned node;
	int error = fleet_node(state->claims->fleet, name, &node);

	if (error)
		return no_memory(reading->fault);
	error = claimcommit_read(&commit, state->archive.repository, tip, name, &why);
	if (!error)
		error = claimfile_diff(&reading->file, &changes,
		                       &state->archive.segment[reading->segment], NULL,
		                       &commit.tree, &why);
	if (error && error != -ENOMEM && trouble_is_lasting(error)) {
		free(changes.item);
		return lose(reading, name, why.text);
	}
	if (!error)
		error = put_all(reading, node, &changes);
	if (!error)
		error = node == FLEET_OWN ? keep_own(reading, tip, &commit)
		                          : keep_other(reading, node, tip, &commit);
	free(changes.item);
	return error ? fault_set(reading->fault, error, "%s",
	                         why.text[0] ? why.text : "out of memory")
	             : 0;
}

/* A file would be read in place of what is written to packed-refs, after a kill between the two. */
static int note_loose(struct reading *reading, const char *ref, const git_oid *tip)
{
	char path[PATH_MAX];
	struct ref_change *change;

	snprintf(path, sizeof(path), "%s%s",
	         git_repository_path(reading->state->archive.repository), ref);
	if (access(path, F_OK) < 0)
		return 0;
	if (array_reserve(&reading->loose, &reading->room, reading->count + 1))
		return no_memory(reading->fault);
	change = &reading->loose[reading->count++];
	*change = (struct ref_change){.present = true, .id = *tip};
	snprintf(change->name, sizeof(change->name), "%s", ref);
	return 0;
}

static int look(void *context, const char *ref, const git_oid *tip)
{
	struct reading *reading = context;
	const char *name = strrchr(ref, '/') + 1;
	const char *segment = reading->state->archive.segment[reading->segment].name;
	size_t length = strlen(NODE_REFS) + strlen(segment) + 1;
	int error;

	/* Deeper ones are nobody's. */
	if (name != ref + length || !node_name_is_valid(name))
		return 0;
	error = note_loose(reading, ref, tip);
	return error ? error : read_branch(reading, name, tip);
}

/* "<time> <path>"; a line that is not counts for nothing. */
static int read_floor(const struct reading *reading, const char *line, size_t length)
{
	const struct archive *archive = &reading->state->archive;
	char path[ENTRY_PATH_MAX], name[SEGMENT_NAME_MAX + 1], *space;
	long long time = strtoll(line, &space, 10);
	struct address address;
	int error = 0;

	length -= (size_t)(space - line) < length ? (size_t)(space - line) : length;
	if (space == line || length < 2 || *space != ' ' || length > sizeof(path))
		return 0;
	memcpy(path, space + 1, length - 1);
	path[length - 1] = '\0';
	if (entry_path_parse(name, &address, path, NULL) < 0)
		return 0;
	for (unsigned i = 0; i < archive->segments && !error; i++)
		if (!strcmp(archive->segment[i].name, name))
			error = fleet_raise(reading->state->claims->fleet, i, address, time);
	return error == -ENOMEM ? error : 0;
}

static int read_floors(struct reading *reading)
{
	const struct archive *archive = &reading->state->archive;
	struct claims *claims = reading->state->claims;
	git_blob *blob = NULL;
	git_oid id;
	int error = refs_read(&id, archive->repository, FLOORS_REF, reading->fault);

	if (error)
		return error == -ENOENT ? 0 : error;
	claims->has_floors = true;
	if (git_blob_lookup(&blob, archive->repository, &id) < 0)
		return 0; /* operators' words are by the clock then */
	for (const char *at = git_blob_rawcontent(blob); *at && !error;) {
		size_t length = strcspn(at, "\n");

		error = read_floor(reading, at, length);
		at += length + (at[length] == '\n');
	}
	git_blob_free(blob);
	return error ? no_memory(reading->fault) : 0;
}

int claims_read(struct state *state, struct fault *fault)
{
	git_repository *repository = state->archive.repository;
	struct reading reading = {.state = state, .fault = fault};
	struct claims *claims = state->claims;
	char folder[REF_NAME_MAX];
	struct fault ignored;
	int error;

	if (!claims)
		return 0;
	claims_tick(claims);
	error = read_boot(claims, repository, fault);
	if (!error)
		error = claimfile_open(&reading.file, repository, fault);
	for (unsigned i = 0; i < state->archive.segments && !error; i++) {
		if (!claims_share(claims, i))
			continue;
		reading.segment = i;
		snprintf(folder, sizeof(folder), NODE_REFS "%s/", state->archive.segment[i].name);
		error = refs_each(repository, folder, look, &reading, fault);
	}
	claims_tick(claims);
	if (!error)
		error = read_floors(&reading);
	if (!error && reading.count > 0)
		(void)packedrefs_change(git_repository_path(repository), reading.loose,
		                        reading.count, &ignored);
	claimfile_close(&reading.file);
	free(reading.loose);
	return error;
}

/* --- main ------------------------------------------------------------------------------------- */

int claims_found(struct claims *claims, unsigned segment, struct address address,
                 const git_oid *before, const git_oid *after, bool *foreign)
{
	struct claim winner;
	unsigned node;
	bool want;
	int error = 0;

	*foreign = false;
	if (!claims_share(claims, segment))
		return 0;
	want = claims_want(claims, segment, address, &winner, &node);
	*foreign = want && after && node != FLEET_OWN;
	if (addresses_have(&claims->held.set, segment, address))
		error = doubts_add(&claims->held, segment, address, 1);
	if (!error && after && !want)
		error = addresses_add(&claims->unclaimed, segment, address);
	else if (!error && want &&
	         (!after || memcmp(winner.text, after->id, sizeof(after->id)) != 0))
		error = doubts_add(&claims->doubts, segment, address, node);
	if (!error && claims->compares &&
	    (before && after ? !git_oid_equal(before, after) : before != after))
		error = addresses_add(&claims->edited, segment, address);
	return error;
}

/* Where a branch is gone since the last start, such as that of a retired node, its claims need no
 * mark any more. */
static int tidy_marks(struct state *state, struct fault *fault)
{
	const struct claims *claims = state->claims;
	struct address address;
	uint32_t cursor = 0;
	unsigned segment;
	struct claim own;
	int error = 0;

	while (!error && addresses_next(&claims->held.set, &cursor, &segment, &address))
		if (fleet_own(claims->fleet, segment, address, &own) && own.state == CLAIM_GONE)
			error = claims_tidy(state, segment, address, false, fault);
	return error;
}

/* What others say, and main has not got at all. */
static int find_missing(struct claims *claims)
{
	struct address address;
	uint32_t cursor = 0;
	unsigned segment, node;
	struct claim winner;

	while (addresses_next(&claims->held.set, &cursor, &segment, &address))
		if (claims->held.by[cursor - 1] == 0 &&
		    claims_want(claims, segment, address, &winner, &node) &&
		    doubts_add(&claims->doubts, segment, address, node) < 0)
			return -ENOMEM;
	doubts_clear(&claims->held);
	return 0;
}

/* Says what main has there. If it has other times then, so has `again`. */
static int say_main(struct state *state, struct transitions *again, const char *kind,
                    unsigned segment, struct address address, struct fault *fault)
{
	struct transition one = {.segment = segment, .address = address};
	struct entry *ours = NULL;
	struct word word;
	int error =
	        archive_entry(&state->archive, &ours, &state->head.tree, segment, address, fault);

	if (!error && ours && !(one.after = entry_copy(ours)))
		error = no_memory(fault);
	/* Of what people did, only a static entry and a removal are words of operators. */
	if (ours && ours->state == ENTRY_DYNAMIC)
		kind = "learn";
	if (!error)
		error = claims_word(state, &word, kind, &one, fault);
	if (!error) {
		word.due = 0;
		claims_say(state, &word);
	}
	if (!error && one.after && !entry_equal(one.after, ours)) {
		if (transitions_reserve(again, 1) < 0) {
			error = no_memory(fault);
		} else {
			transitions_add(again, &one);
			one.after = NULL;
		}
	}
	entry_free(one.after);
	entry_free(ours);
	return error;
}

static int say_set(struct state *state, struct transitions *again, struct addresses *set,
                   const char *kind, const struct addresses *except, struct fault *fault)
{
	struct address address;
	uint32_t cursor = 0;
	unsigned segment;
	int error = 0;

	while (!error && addresses_next(set, &cursor, &segment, &address))
		if (!addresses_have(except, segment, address))
			error = say_main(state, again, kind, segment, address, fault);
	if (!error)
		addresses_clear(set);
	return error;
}

static int say_kept(struct state *state, struct transitions *kept, struct fault *fault)
{
	struct word word;
	int error = 0;

	for (size_t i = 0; i < kept->count && !error; i++) {
		error = claims_word(state, &word, "recover", &kept->item[i], fault);
		word.due = 0;
		if (!error)
			claims_say(state, &word);
	}
	return error;
}

/* Of these nothing is said now. */
static int find_later(struct addresses *later, const struct transitions *kept,
                      const struct addresses *own)
{
	struct address address;
	uint32_t cursor = 0;
	unsigned segment;

	for (size_t i = 0; i < kept->count; i++)
		if (addresses_add(later, kept->item[i].segment, kept->item[i].address) < 0)
			return -ENOMEM;
	while (addresses_next(own, &cursor, &segment, &address))
		if (addresses_add(later, segment, address) < 0)
			return -ENOMEM;
	return 0;
}

int claims_begin(struct state *state, struct transitions *kept, const struct addresses *own,
                 struct fault *fault)
{
	struct context context = {.trigger = (char *)"start"};
	struct claims *claims = state->claims;
	struct transitions again = {0};
	struct addresses later = {0};
	int error;

	if (!claims)
		return 0;
	claims->starts = true;
	error = gather_look(state, fault);
	if (!error)
		error = tidy_marks(state, fault);
	if (!error && find_later(&later, kept, own) < 0)
		error = no_memory(fault);
	if (!error && find_missing(claims) < 0)
		error = no_memory(fault);
	if (!error)
		error = say_set(state, &again, &claims->edited, "operator", &later, fault);
	if (!error)
		error = say_set(state, &again, &claims->unclaimed, "recover", &later, fault);
	if (!error && again.count > 0)
		error = tasklog_record(state, "sync", &context, &again, fault);
	if (error == -EALREADY)
		error = 0;
	if (!error)
		error = say_kept(state, kept, fault);
	claims->starts = false;
	transitions_clear(&again);
	addresses_clear(&later);
	return error;
}
