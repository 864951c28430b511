// SPDX-License-Identifier: MIT
/*
 * Searches the look-back index backwards, block by block. It skips blocks whose filter excludes
 * what is sought, and writes nothing.
 */
#include "lookback/index_search.h"

#include <errno.h>

#include "lookback/index_blocks.h"

uint32_t index_commits(const struct index *index)
{
	return index->commits;
}

const char *index_segment_name(const struct index *index, uint16_t number)
{
	return number < index->segments ? index->segment[number] : NULL;
}

/* The last block before `number` that has rows of a kind and may have the key (NULL: any). 1; 0: no
 * such block; -EBADMSG. */
static int find_before(struct index *index, size_t *number, enum index_kind kind,
                       const uint64_t *key, const void **rows)
{
	while ((*number)-- > 0) {
		int error;

		if (index->block[*number].header.kind != kind ||
		    (key && !index_may_have(index, *number, *key)))
			continue;
		error = index_rows(index, *number, rows);
		return error ? error : 1;
	}
	return 0;
}

int index_commit_at(struct index *index, uint32_t ordinal, struct index_commit *commit)
{
	for (size_t i = 0; i < index->blocks; i++) {
		const struct index_header *header = &index->block[i].header;
		const void *rows;
		int error;

		if (header->kind != INDEX_COMMITS || ordinal < header->first ||
		    ordinal - header->first >= header->count)
			continue;
		error = index_rows(index, i, &rows);
		if (!error)
			*commit = ((const struct index_commit *)rows)[ordinal - header->first];
		return error;
	}
	return -EBADMSG;
}

int index_find(struct index *index, const git_oid *id, uint32_t *ordinal)
{
	uint64_t key = index_key_id(id);
	size_t number = index->blocks;
	const void *rows;
	int found;

	while ((found = find_before(index, &number, INDEX_COMMITS, &key, &rows)) > 0) {
		const struct index_header *header = &index->block[number].header;
		const struct index_commit *row = rows;

		for (uint32_t i = header->count; i-- > 0;) {
			if (git_oid_equal(&row[i].id, id)) {
				*ordinal = (uint32_t)header->first + i;
				return 0;
			}
		}
	}
	return found ? found : -ENOENT;
}

/*
 * A row may take rows off the line: as many of those before it on the line as its `drop` says.
 * Read backwards, these are skipped; and rows that a skipped row took off are skipped as well.
 */
int index_line(struct index *index, int64_t time, index_line_fn *handle, void *context)
{
	uint64_t skip = 0;

	for (size_t i = index->blocks; i-- > 0;) {
		const struct index_header *header = &index->block[i].header;
		const struct index_commit *rows;
		const void *data;
		int error;

		if (header->kind != INDEX_COMMITS)
			continue;
		if (header->least > time && !(header->flags & INDEX_HAS_DROPS) && skip == 0)
			continue;
		error = index_rows(index, i, &data);
		if (error)
			return error;
		rows = data;
		for (uint32_t j = header->count; j-- > 0;) {
			bool off = skip > 0;

			if (!(rows[j].flags & INDEX_LINE))
				continue;
			skip += rows[j].flags & INDEX_DROP;
			skip -= off;
			if (off)
				continue;
			error = handle(context, (uint32_t)header->first + j, &rows[j]);
			if (error)
				return error;
		}
	}
	return 0;
}

static bool is_wanted(const struct index_change *change, const uint32_t *address,
                      const struct mac *mac)
{
	if (address && change->address != *address)
		return false;
	return !mac || mac_equal(change->after, *mac) || mac_equal(change->before, *mac) ||
	       (change->flags & INDEX_BEFORE_UNKNOWN);
}

int index_scan(struct index *index, const uint32_t *address, const struct mac *mac,
               index_change_fn *handle, void *context)
{
	uint64_t key = address ? index_key_address(*address) : mac ? index_key_mac(*mac) : 0;
	size_t number = index->blocks;
	const void *rows;
	int found;

	while ((found = find_before(index, &number, INDEX_CHANGES, address || mac ? &key : NULL,
	                            &rows)) > 0) {
		const struct index_change *row = rows;

		for (uint32_t i = index->block[number].header.count; i-- > 0;) {
			int result;

			if (row[i].commit >= index->commits || !is_wanted(&row[i], address, mac))
				continue;
			result = handle(context, &row[i]);
			if (result)
				return result;
		}
	}
	return found;
}
