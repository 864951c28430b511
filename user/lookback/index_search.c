// SPDX-License-Identifier: MIT
/*
 * Searching the look-back index: backwards, block by block, passing over those that cannot have
 * what is sought. A block is checked against its sum whenever it is read. Never writes.
 */
#include <errno.h>
#include <libdeflate.h>
#include <string.h>
#include <unistd.h>

#include "lookback/index_blocks.h"

size_t index_row_size(enum index_kind kind)
{
	static const size_t size[INDEX_KINDS] = {
	        [INDEX_SEGMENTS] = sizeof(struct index_segment_row),
	        [INDEX_COMMITS] = sizeof(struct index_commit),
	        [INDEX_CHANGES] = sizeof(struct index_change),
	};

	return size[kind];
}

size_t index_block_rows(enum index_kind kind)
{
	return (INDEX_BLOCK - INDEX_ROWS_AT) / index_row_size(kind);
}

static bool read_at(const struct index *index, void *data, size_t size, size_t at)
{
	while (size > 0) {
		ssize_t length = pread(index->file, data, size, (off_t)at);

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return false;
		data = (char *)data + length;
		at += (size_t)length;
		size -= (size_t)length;
	}
	return true;
}

int index_rows(struct index *index, size_t number, const void **rows)
{
	const struct index_block *block = &index->block[number];
	size_t size = block->header.count * index_row_size(block->header.kind);

	*rows = block->data ? block->data + INDEX_ROWS_AT : index->scratch + INDEX_ROWS_AT;
	if (block->data || index->loaded == number)
		return 0;
	index->loaded = SIZE_MAX;
	if (!read_at(index, index->scratch + INDEX_ROWS_AT, size,
	             number * INDEX_BLOCK + INDEX_ROWS_AT) ||
	    libdeflate_crc32(0, *rows, size) != block->header.rows_sum)
		return -EBADMSG;
	index->loaded = number;
	return 0;
}

/* The finaliser of MurmurHash3: each bit of the key decides about each of the result. */
static uint64_t mix(uint64_t key)
{
	key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
	key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return key ^ key >> 33;
}

uint64_t index_key_address(uint32_t address)
{
	return mix((uint64_t)1 << 48 | address);
}

uint64_t index_key_mac(struct mac mac)
{
	uint64_t key = 2;

	for (unsigned i = 0; i < sizeof(mac.octet); i++)
		key = key << 8 | mac.octet[i];
	return mix(key);
}

uint64_t index_key_id(const git_oid *id)
{
	uint64_t key;

	memcpy(&key, id->id, sizeof(key));
	return mix(key);
}

static void filter_set(unsigned char *filter, uint64_t key)
{
	uint32_t first = key % INDEX_FILTER_BITS,
	         second = key / INDEX_FILTER_BITS % INDEX_FILTER_BITS;

	filter[first / 8] |= (unsigned char)(1U << first % 8);
	filter[second / 8] |= (unsigned char)(1U << second % 8);
}

static bool filter_has(const unsigned char *filter, uint64_t key)
{
	uint32_t first = key % INDEX_FILTER_BITS,
	         second = key / INDEX_FILTER_BITS % INDEX_FILTER_BITS;

	return filter[first / 8] >> first % 8 & filter[second / 8] >> second % 8 & 1;
}

void index_filter_make(unsigned char *filter, enum index_kind kind, const void *rows,
                       uint32_t count)
{
	const struct index_commit *commit = rows;
	const struct index_change *change = rows;

	memset(filter, 0, INDEX_FILTER);
	for (uint32_t i = 0; i < count; i++) {
		if (kind == INDEX_COMMITS) {
			filter_set(filter, index_key_id(&commit[i].id));
			continue;
		}
		filter_set(filter, index_key_address(change[i].address));
		/* Zero is nobody's: it only stands for "absent", and for "unknown". */
		filter_set(filter, index_key_mac(change[i].before));
		filter_set(filter, index_key_mac(change[i].after));
		if (change[i].flags & INDEX_BEFORE_UNKNOWN)
			memset(filter, 0xff, INDEX_FILTER);
	}
}

bool index_may_have(struct index *index, size_t number, uint64_t key)
{
	const struct index_block *block = &index->block[number];
	unsigned char filter[INDEX_FILTER];

	if (block->data || index->loaded == number || !(block->header.flags & INDEX_HAS_FILTER))
		return true;
	return !read_at(index, filter, sizeof(filter),
	                number * INDEX_BLOCK + sizeof(struct index_header)) ||
	       libdeflate_crc32(0, filter, sizeof(filter)) != block->header.filter_sum ||
	       filter_has(filter, key);
}

int index_commit_at(struct index *index, uint32_t ordinal, struct index_commit *commit)
{
	size_t low, high = index->blocks;
	const struct index_commit *rows;
	const void *data;
	int error;

	/* Blocks of one kind stand in order, but others between them. */
	for (low = 0; low < high; low++) {
		const struct index_header *header = &index->block[low].header;

		if (header->kind == INDEX_COMMITS && ordinal >= header->first &&
		    ordinal - header->first < header->count)
			break;
	}
	if (low == high)
		return -EBADMSG;
	error = index_rows(index, low, &data);
	if (error)
		return error;
	rows = data;
	*commit = rows[ordinal - index->block[low].header.first];
	return 0;
}

int index_find(struct index *index, const git_oid *id, uint32_t *ordinal)
{
	uint64_t key = index_key_id(id);

	for (size_t i = index->blocks; i-- > 0;) {
		const struct index_header *header = &index->block[i].header;
		const struct index_commit *rows;
		const void *data;
		int error;

		if (header->kind != INDEX_COMMITS || !index_may_have(index, i, key))
			continue;
		error = index_rows(index, i, &data);
		if (error)
			return error;
		rows = data;
		for (uint32_t j = header->count; j-- > 0;) {
			if (git_oid_equal(&rows[j].id, id)) {
				*ordinal = (uint32_t)header->first + j;
				return 0;
			}
		}
	}
	return -ENOENT;
}

/*
 * A row may take others off the line: the `drop` rows of the line before it. Read backwards, that
 * is a count of rows to pass over; and what one of these had taken off is off as well.
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

	for (size_t i = index->blocks; i-- > 0;) {
		const struct index_header *header = &index->block[i].header;
		const struct index_change *rows;
		const void *data;
		int error;

		if (header->kind != INDEX_CHANGES ||
		    ((address || mac) && !index_may_have(index, i, key)))
			continue;
		error = index_rows(index, i, &data);
		if (error)
			return error;
		rows = data;
		for (uint32_t j = header->count; j-- > 0;) {
			if (rows[j].commit >= index->commits || !is_wanted(&rows[j], address, mac))
				continue;
			error = handle(context, &rows[j]);
			if (error)
				return error;
		}
	}
	return 0;
}
