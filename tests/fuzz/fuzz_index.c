// SPDX-License-Identifier: MIT
/*
 * The file of the look-back index. The input is blocks: what stands in a header, and rows. The sums
 * are made right unless the input says otherwise, so that the rest is reached. What can be opened
 * is found as a plain walk along its rows finds it; what is added to it is there when it is opened
 * again.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>

#include "lookback/index_blocks.h"
#include "lookback/index_change.h"
#include "lookback/index_file.h"
#include "lookback/index_key.h"
#include "lookback/index_rows.h"

#define BLOCKS_MAX 4
#define BOUNDARY   7
#define AT_MOST    300 /* rows looked at of a kind, from the end */

enum spoil { SPOIL_NOTHING, SPOIL_ROWS, SPOIL_MAGIC, SPOIL_SUM, SPOIL_ALL, SPOILS = 16 };

static char directory[300], path[400];

struct block {
	struct index_header header;
	const uint8_t *rows; /* of the input */
	size_t length;       /* the rest is zeros */
	bool spoilt;         /* the sum of the rows is wrong */
};

struct model {
	struct block block[BLOCKS_MAX];
	size_t blocks, size;
	bool filters; /* which the input made */
	bool spoilt;  /* a header is damaged */
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char folder[256];

	(void)argc;
	(void)argv;
	fuzz_folder(folder);
	snprintf(directory, sizeof(directory), "%s/", folder);
	snprintf(path, sizeof(path), "%s" PACK_FOLDER, directory);
	MUST(mkdir(path, 0755) == 0);
	snprintf(path, sizeof(path), "%s" INDEX_FILE, directory);
	return 0;
}

/* --- the file -------------------------------------------------------------------------------- */

static const void *rows_of(const struct block *block, uint8_t *memory, size_t size)
{
	memset(memory, 0, size);
	memcpy(memory, block->rows, block->length < size ? block->length : size);
	return memory;
}

/* Sums up what the block has; `spoil` says what becomes wrong. */
static void sum(struct block *block, enum spoil spoil)
{
	static uint8_t memory[INDEX_BLOCK];
	struct index_header *header = &block->header;
	bool known = header->kind < INDEX_KINDS && header->count <= index_block_rows(header->kind);
	size_t size = known ? header->count * index_row_size(header->kind) : 0;

	header->rows_sum = libdeflate_crc32(0, rows_of(block, memory, size), size);
	memset(memory, 0, INDEX_FILTER);
	header->filter_sum = libdeflate_crc32(0, memory, INDEX_FILTER);
	block->spoilt = spoil == SPOIL_ROWS;
	header->rows_sum += spoil == SPOIL_ROWS;
	header->magic += spoil == SPOIL_MAGIC;
	if (spoil == SPOIL_ALL)
		header->magic = 0;
	header->header_sum = index_header_sum(header) + (spoil == SPOIL_SUM);
}

/* Counts are mostly small, or as large as can be. */
static uint32_t choose_count(struct input *input, uint32_t kind)
{
	uint32_t count = input_u16(input), full = kind < INDEX_KINDS ? index_block_rows(kind) : 0;

	if (count >= 0xff00)
		return full + (count & 3) - 2;
	return count >= 0xf000 ? input_u32(input) : count & 0x1f;
}

static void read_model(struct model *model, struct input *input)
{
	uint64_t rows[256] = {0};
	bool unwritten = false; /* from such a header on, nothing counts */

	*model = (struct model){.blocks = input_u8(input) % (BLOCKS_MAX + 1)};
	for (size_t i = 0; i < model->blocks; i++) {
		struct block *block = &model->block[i];
		uint8_t kind = input_u8(input), spoil = input_u8(input), flags = input_u8(input);
		size_t size;

		kind = kind < 0xf0 ? kind % INDEX_KINDS : kind;
		block->header = (struct index_header){.magic = INDEX_MAGIC,
		                                      .kind = kind,
		                                      .count = choose_count(input, kind),
		                                      .first = rows[kind] + spoil / 0xf0,
		                                      .word = input_u8(input),
		                                      .least = (int8_t)input_u8(input),
		                                      .flags = flags & 3};
		rows[kind] += block->header.count;
		size = kind < INDEX_KINDS ? block->header.count * index_row_size(kind) : 64;
		/* Of a full block, the first rows; the rest is zeros. */
		block->rows = input_bytes(input, size > 2048 ? 256 : size, &block->length);
		model->filters |= flags & INDEX_HAS_FILTER;
		sum(block, spoil % SPOILS);
		unwritten |= block->header.magic == 0;
		model->spoilt |= !unwritten &&
		                 (spoil % SPOILS == SPOIL_MAGIC || spoil % SPOILS == SPOIL_SUM);
	}
	/* Where the last block ends: with its rows, or in the middle of something. */
	model->size = model->blocks * INDEX_BLOCK;
	if (model->blocks > 0 && input_u8(input) & 1)
		model->size -= input_u16(input) * (size_t)4;
}

static void write_model(const struct model *model)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	MUST(file >= 0);
	for (size_t i = 0; i < model->blocks; i++) {
		const struct block *block = &model->block[i];
		size_t room = INDEX_BLOCK - INDEX_ROWS_AT;
		size_t length = block->length < room ? block->length : room;
		off_t at = (off_t)(i * INDEX_BLOCK);

		MUST(pwrite(file, &block->header, sizeof(block->header), at) ==
		     sizeof(block->header));
		if (length > 0)
			MUST(pwrite(file, block->rows, length, at + (off_t)INDEX_ROWS_AT) ==
			     (ssize_t)length);
	}
	MUST(ftruncate(file, (off_t)model->size) == 0);
	close(file);
}

/* --- a plain walk ---------------------------------------------------------------------------- */

/* The block that has the row with this number, of those of a kind; NULL: none. */
static const struct block *block_of(const struct model *model, enum index_kind kind,
                                    uint64_t number)
{
	for (size_t i = 0; i < model->blocks && model->block[i].header.magic; i++) {
		const struct index_header *header = &model->block[i].header;

		if (header->kind == kind && number >= header->first &&
		    number - header->first < header->count)
			return &model->block[i];
	}
	return NULL;
}

/* The row. */
static bool row_at(void *row, const struct model *model, enum index_kind kind, uint64_t number)
{
	const struct block *block = block_of(model, kind, number);
	size_t size = index_row_size(kind), at;

	if (!block)
		return false;
	at = (size_t)(number - block->header.first) * size;
	memset(row, 0, size);
	if (at < block->length)
		memcpy(row, block->rows + at,
		       block->length - at < size ? block->length - at : size);
	return true;
}

/* The change that begins at the row with this number. False: none does. A row that says to be the
 * first of two counts only with the second, in the same block. */
static bool change_at(struct index_change *change, const struct model *model, uint64_t number)
{
	uint8_t octet[ADDRESS_OCTETS];
	struct index_row row, rest;

	if (!row_at(&row, model, INDEX_CHANGES, number) || row.flags & (INDEX_REST | INDEX_VOID))
		return false;
	*change = (struct index_change){address_v4(row.word), row.commit, row.segment, row.flags,
	                                row.before,           row.after};
	if (!(row.flags & INDEX_WIDE))
		return true;
	if (block_of(model, INDEX_CHANGES, number) != block_of(model, INDEX_CHANGES, number + 1) ||
	    !row_at(&rest, model, INDEX_CHANGES, number + 1) || !(rest.flags & INDEX_REST) ||
	    rest.commit != row.commit || rest.segment != row.segment)
		return false;
	memcpy(octet, &rest.word, 4);
	memcpy(octet + 4, &rest.before, 6);
	memcpy(octet + 10, &rest.after, 6);
	change->address = address_load(octet);
	change->flags &= (uint16_t)~INDEX_WIDE;
	/* With another hash than the address has, it is never found by it. */
	return index_word(change->address) == row.word;
}

struct walk {
	const struct model *model;
	uint64_t last, skip, changes;
	struct address address;
	unsigned seen;
};

/* The next row of the line, from the newest on; what a row takes off is not among them. False:
 * there is none. */
static bool next_on_line(struct index_commit *row, struct walk *walk)
{
	while (walk->last > 0) {
		bool off = walk->skip > 0;

		MUST(row_at(row, walk->model, INDEX_COMMITS, --walk->last));
		if (!(row->flags & INDEX_LINE))
			continue;
		walk->skip += row->flags & INDEX_DROP;
		walk->skip -= off;
		if (!off)
			return true;
	}
	return false;
}

static int on_line(void *context, uint32_t ordinal, const struct index_commit *commit)
{
	struct walk *walk = context;
	struct index_commit row;

	MUST(next_on_line(&row, walk) && walk->last == ordinal);
	MUST(!memcmp(&row, commit, sizeof(row)));
	return walk->seen++ >= AT_MOST;
}

static int on_change(void *context, const struct index_change *change)
{
	struct walk *walk = context;

	MUST(address_equal(change->address, walk->address));
	walk->seen++;
	return 0;
}

static int on_mac(void *context, const struct index_change *change)
{
	const struct mac *mac = context;

	MUST(mac_equal(change->before, *mac) || mac_equal(change->after, *mac) ||
	     change->flags & INDEX_BEFORE_UNKNOWN);
	return 0;
}

static unsigned count_changes(const struct index *index, const struct model *model,
                              struct address address)
{
	struct index_change change;
	unsigned count = 0;

	for (uint64_t i = 0; i < index->changes; i++)
		count += change_at(&change, model, i) && address_equal(change.address, address) &&
		         change.commit < index->commits;
	return count;
}

/* Whether a block of these, which counts, has a wrong sum. */
static bool are_spoilt(const struct model *model, enum index_kind kind)
{
	bool spoilt = false;

	for (size_t i = 0; i < model->blocks && model->block[i].header.magic; i++)
		spoilt |= model->block[i].header.kind == kind && model->block[i].spoilt;
	return spoilt;
}

static void check_rows(struct index *index, const struct model *model)
{
	uint32_t commits = index_commits(index), ordinal;
	struct walk walk = {.model = model, .last = commits};
	struct index_commit commit, expected;
	struct index_change change;
	int error;

	for (uint32_t i = commits > AT_MOST ? commits - AT_MOST : 0; i < commits; i++) {
		error = index_commit_at(index, i, &commit);
		MUST(error == (block_of(model, INDEX_COMMITS, i)->spoilt ? -EBADMSG : 0));
		if (error)
			break;
		MUST(row_at(&expected, model, INDEX_COMMITS, i));
		MUST(!memcmp(&commit, &expected, sizeof(commit)));
		error = index_find(index, &commit.id, &ordinal);
		MUST(model->filters || error == -EBADMSG || (commit.flags & INDEX_AGAIN) ||
		     (error == 0 && ordinal >= i));
	}
	MUST(index_commit_at(index, commits, &commit) == -EBADMSG);
	error = index_line(index, INT64_MAX, on_line, &walk);
	MUST(error == 1 || error == -EBADMSG || (error == 0 && !next_on_line(&commit, &walk)));
	if (index->changes == 0 || !change_at(&change, model, index->changes / 2))
		return;
	walk = (struct walk){.model = model, .address = change.address};
	error = index_scan(index, &walk.address, NULL, on_change, &walk);
	MUST(model->filters || error == (are_spoilt(model, INDEX_CHANGES) ? -EBADMSG : 0));
	MUST(model->filters || error || walk.seen == count_changes(index, model, walk.address));
	error = index_scan(index, NULL, &change.after, on_mac, &change.after);
	MUST(error == 0 || error == -EBADMSG);
}

/* --- more rows ------------------------------------------------------------------------------- */

static const struct address added[] = {
        ADDRESS_V4(0x0a000001),
        {UINT64_C(0x20010db800000007), 0x11f},
};
#define ADDED 2

struct found {
	uint32_t commit;
	unsigned seen;
};

static int on_added(void *context, const struct index_change *change)
{
	struct found *found = context;

	found->seen += change->commit == found->commit;
	return 0;
}

/* Whether all rows of changes can be read. */
static bool is_whole(const struct model *model)
{
	return !model->filters && !are_spoilt(model, INDEX_CHANGES);
}

static void check_added(struct index *again, const struct model *model, uint32_t commit)
{
	for (unsigned i = 0; i < ADDED && is_whole(model); i++) {
		struct found found = {.commit = commit};

		MUST(index_scan(again, &added[i], NULL, on_added, &found) == 0 && found.seen >= 1);
	}
}

/* A change of each family: the rows of one of them may not fit into the block. */
static void add_rows(struct index *index, const struct model *model)
{
	const struct index_commit commit = {
	        .id = {"0123456789abcdefghi"}, .flags = INDEX_LINE | INDEX_TIP, .time = 1700000000};
	struct index_change change = {.commit = index_commits(index)};
	uint32_t commits = index_commits(index), ordinal;
	uint64_t changes = index->changes;
	struct fault fault = {""};
	struct index *again;
	int error = index_segment(index, &change.segment, "a new one");

	MUST(error == 0 || error == -ENOSPC || error == -ENOMEM);
	/* -ENOMEM: the block that they would be added to is damaged. */
	for (unsigned i = 0; i < ADDED && !error; i++) {
		change.address = added[i];
		error = index_add_change(index, &change);
	}
	if (error || index_add_commit(index, &commit))
		return;
	MUST(index_flush(index, &fault) == 0);
	MUST(index_open(&again, directory, BOUNDARY, false, &fault) == 0);
	MUST(index_commits(again) == commits + 1);
	MUST(again->changes - changes == 3 || again->changes - changes == 4);
	MUST(index_find(again, &commit.id, &ordinal) == 0 && ordinal == commits);
	MUST(!strcmp(index_segment_name(again, change.segment), "a new one"));
	check_added(again, model, commits);
	index_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	struct fault fault = {""};
	struct model model;
	struct index *index;
	int error;

	read_model(&model, &input);
	write_model(&model);
	error = index_open(&index, directory, BOUNDARY, false, &fault);
	MUST(model.spoilt ? error == -EBADMSG : error == 0 || error == -EBADMSG);
	MUST(!error || fault.text[0]);
	if (error)
		return 0;
	check_rows(index, &model);
	index_free(index);
	MUST(index_open(&index, directory, BOUNDARY, true, &fault) == 0);
	add_rows(index, &model);
	index_free(index);
	return 0;
}
