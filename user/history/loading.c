// SPDX-License-Identifier: MIT
/*
 * A few chunks at a time go from history's thread to the owner. Of its results, only those that
 * differ from main are kept: a million copies would take most of the agent's memory.
 */
#include "history/loading.h"

#include <errno.h>
#include <stdlib.h>

#include "history/proposal.h"

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
	uv_cond_destroy(&loading->changed);
	uv_mutex_destroy(&loading->lock);
	free(loading);
}

void loading_begin(struct loading *loading, uint64_t about)
{
	uv_mutex_lock(&loading->lock);
	loading->begun = true;
	loading->about = about;
	uv_cond_broadcast(&loading->changed);
	uv_mutex_unlock(&loading->lock);
}

int loading_put(struct loading *loading, struct history_proposal *chunk)
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

int loading_keep(struct loading *loading, unsigned segment, uint32_t address, struct entry *result)
{
	struct transition transition = {.segment = segment, .address = address, .after = result};

	if (transitions_reserve(&loading->kept, 1) < 0) {
		entry_free(result);
		return -ENOMEM;
	}
	transitions_add(&loading->kept, &transition);
	return 0;
}

/* Keeps the last chunk's results that differ from main. */
static int take_back(struct loading *loading)
{
	struct history_proposal *chunk = loading->out;
	int error = 0;

	for (size_t i = 0; chunk && i < chunk->items && !error; i++) {
		struct history_item *item = &chunk->item[i];
		struct entry *result = item->result;

		if (result == item->theirs || entry_equal(result, item->theirs))
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
