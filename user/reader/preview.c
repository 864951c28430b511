// SPDX-License-Identifier: MIT
/*
 * Takes the steps of a merge up to the point where history would write (history/propose.c and
 * history/mergecommit.c), each by the function that the merge calls. The agent's table is at rest
 * what main says, so main stands in for it; the host's own addresses only the agent knows.
 */
#include "reader/preview.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "merge/merge.h"
#include "reader/named.h"
#include "reader/state.h"

/* An item that changes main, or that main's wins. */
struct row {
	const struct history_item *item;
	struct entry *now; /* the item's base, or owned */
	struct decided decided;
};

struct preview_state {
	struct preview seen; /* the first: what callers have */
	struct named named;
	struct merge_scope scope;
	struct segment *segment; /* owned */
	struct changes changes;
	struct history_proposal *proposal;
	struct writer *writer;
	struct judge judge;
	struct since since;
	git_oid tree; /* main's */
	struct row *row;
	size_t rows, rows_room;
	struct fault refused; /* why nothing of it can be merged; "": it can */
	char *command;
	const struct preview_request *request;
};

void preview_free(struct preview *preview)
{
	struct preview_state *state = preview ? preview->_ : NULL;

	if (!state)
		return;
	for (size_t i = 0; i < state->rows; i++)
		if (state->row[i].now != state->row[i].item->base)
			entry_free(state->row[i].now);
	free(state->row);
	proposal_free(state->proposal);
	changes_clear(&state->changes);
	judge_clear(&state->judge);
	since_clear(&state->since);
	writer_free(state->writer);
	segments_free(state->segment, state->scope.segments);
	named_clear(&state->named);
	free(state->command);
	free(state);
}

static bool is_own(void *context, const struct history_item *item)
{
	const struct preview_state *state = context;
	const struct preview_request *request = state->request;

	return request->is_own &&
	       request->is_own(request->context, state->segment[item->segment].name, item->address);
}

static int note_row(void *context, const struct history_item *item, const struct entry *ours,
                    struct fault *fault)
{
	struct preview_state *state = context;
	struct preview *seen = &state->seen;
	const struct decided decided = decide_item(item, ours);
	struct entry *now = item->base;

	if (!decided.changed && !decided.why)
		return 0;
	seen->changed += decided.changed;
	if (decided.why && decided.took_ours)
		seen->kept++;
	else if (decided.why && decided.changed)
		seen->overwritten++;
	if (ours != item->base)
		now = entry_copy(ours);
	if ((ours && !now) || array_reserve(&state->row, &state->rows_room, state->rows + 1)) {
		if (now != item->base)
			entry_free(now);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	state->row[state->rows++] = (struct row){item, now, decided};
	return 0;
}

static int decide_files(struct preview_state *state, const struct merge_ours *ours,
                        struct fault *fault)
{
	const struct changes *changes = &state->changes;
	enum decide_file what;
	int error = 0;

	for (size_t i = 0; i < changes->others.count && !error; i++) {
		error = decide_file(&what, &state->scope, ours, &changes->others.edit[i],
		                    &changes->others_before.edit[i], fault);
		if (error)
			break;
		state->seen.files += what == DECIDE_FILE_TAKEN;
		state->seen.files_kept += what == DECIDE_FILE_KEPT;
	}
	return error;
}

/* What history.guard says. */
static int judge_mass(struct preview_state *state, const struct merge_ours *ours,
                      struct fault *fault)
{
	const struct toomany_request request = {.reference = state->named.reference,
	                                        .doing = "",
	                                        .guard = settings_guard(state->scope.repository)};
	struct toomany mass;
	struct fault ignored;
	int error = toomany_begin(&mass, &state->scope, ours);

	guard_print(state->seen.guard, request.guard);
	if (error)
		return fault_set(fault, error, "out of memory");
	error = toomany_decide_merge(&mass, &request, &state->changes, &ignored);
	if (error == -EPERM) {
		state->seen.guarded = true;
		state->seen.confirm = toomany_total(&mass);
		error = 0;
	} else if (error) {
		*fault = ignored;
	}
	toomany_clear(&mass);
	return error;
}

/* Whether the agent is in a fleet; without it, whether it ever was. */
static bool in_fleet(const struct preview_state *state)
{
	git_config *config = NULL;
	git_buf boot = GIT_BUF_INIT;
	bool is;

	if (state->request->fleet_known)
		return state->request->in_fleet;
	is = segments_config(&config, state->scope.repository) == 0 &&
	     git_config_get_string_buf(&boot, config, SETTINGS_BOOT_KEY) == 0;
	git_buf_dispose(&boot);
	git_config_free(config);
	return is;
}

static int decide(struct preview_state *state, const struct theirs *theirs, struct fault *fault)
{
	const struct merge_ours ours = {.writer = state->writer,
	                                .tree = &state->tree,
	                                .judge = &state->judge,
	                                .since = &state->since};
	const struct decide_request request = {.scope = &state->scope,
	                                       .ours = &ours,
	                                       .is_own = is_own,
	                                       .decided = note_row,
	                                       .context = state};
	int error = since_find(&state->since, &state->scope, theirs, &state->changes, &state->tree,
	                       fault);

	if (!error)
		error = judge_mass(state, &ours, fault);
	if (!error)
		error = changes_propose(&state->proposal, &state->changes, state->seen.branch,
		                        fault);
	if (error)
		return error;
	state->proposal->retimed = in_fleet(state);
	error = decide_items(state->proposal, &request, fault);
	return error ? error : decide_files(state, &ours, fault);
}

/* Reads what the branch has, and decides it. */
static int look(struct preview_state *state, const git_oid *main, struct fault *fault)
{
	struct theirs theirs = {.head = *main, .seen = state->named.commit};
	struct preview *seen = &state->seen;
	int error = theirs_read(&theirs, &state->changes, &state->scope, fault);

	if (error && trouble_is_lasting(error)) {
		state->refused = *fault;
		seen->invalid = 1;
		return 0;
	}
	if (error)
		return error;
	seen->known = theirs_are_known(&theirs);
	seen->invalid = state->changes.problems;
	guard_print(seen->guard, settings_guard(state->scope.repository));
	return seen->known || seen->invalid > 0 ? 0 : decide(state, &theirs, fault);
}

static int make_command(struct preview_state *state, const struct reader *reader,
                        struct fault *fault)
{
	struct preview *seen = &state->seen;

	if (seen->known || seen->invalid > 0)
		return 0;
	state->command =
	        named_command(&state->named, reader->path, seen->guarded ? seen->confirm : 0);
	seen->command = state->command;
	return state->command ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

int reader_preview(struct preview **preview, struct reader *reader,
                   const struct preview_request *request, struct fault *fault)
{
	struct preview_state *state = calloc(1, sizeof(*state));
	git_commit *main = NULL;
	git_tree *root = NULL;
	int error;

	*preview = NULL;
	if (!state)
		return fault_set(fault, -ENOMEM, "out of memory");
	state->seen._ = state;
	state->request = request;
	state->scope.repository = state->judge.repository = reader->repository;
	*preview = &state->seen;
	error = reader_tip(&main, reader, fault);
	if (!error)
		error = reader_root(&root, &state->segment, &state->scope.segments, reader, fault);
	git_tree_free(root);
	state->scope.segment = state->segment;
	if (!error)
		error = named_find(&state->named, reader->repository, request->name, fault);
	if (!error)
		error = writer_new_reading(&state->writer, reader->repository, fault);
	if (error)
		goto out;
	state->tree = *git_commit_tree_id(main);
	state->seen.branch = state->named.name;
	git_oid_tostr(state->seen.commit, sizeof(state->seen.commit), &state->named.commit);
	git_oid_tostr(state->seen.main, sizeof(state->seen.main), git_commit_id(main));
	error = look(state, git_commit_id(main), fault);
	if (!error)
		error = make_command(state, reader, fault);
out:
	git_commit_free(main);
	state->request = NULL;
	return error;
}

int preview_each(const struct preview *preview,
                 int (*handle)(void *context, const struct preview_row *row), void *context)
{
	const struct preview_state *state = preview->_;
	int stop = 0;

	for (size_t i = 0; i < state->rows && !stop; i++) {
		const struct row *row = &state->row[i];
		const struct decided *decided = &row->decided;
		const struct preview_row given = {
		        .segment = state->segment[row->item->segment].name,
		        .address = row->item->address,
		        .now = row->now,
		        .theirs = row->item->theirs,
		        .then = decided->changed ? row->item->result : row->now,
		        .why = decided->why,
		        .changed = decided->changed,
		        .kept = decided->why && decided->took_ours};

		stop = handle(context, &given);
	}
	return stop;
}

bool preview_invalid(const struct preview *preview, size_t number, char *path, const char **reason)
{
	const struct preview_state *state = preview->_;
	const struct changes *changes = &state->changes;
	const char *text, *colon;

	path[0] = '\0';
	if (state->refused.text[0]) {
		*reason = state->refused.text;
		return number == 0;
	}
	if (number >= changes->problems || number >= PROBLEMS_KEPT)
		return false;
	/* "path: reason"; a path has no space in it. */
	text = changes->problem[number].text;
	colon = strstr(text, ": ");
	*reason = colon ? colon + 2 : text;
	if (colon && (size_t)(colon - text) < PREVIEW_PATH) {
		memcpy(path, text, (size_t)(colon - text));
		path[colon - text] = '\0';
	}
	return true;
}
