// SPDX-License-Identifier: MIT
/*
 * Joins the objects of packs. Most are copied as they are, with the deltas among them, and once if
 * several packs have them; the distance from a delta to its base is written anew. A folder that a
 * pack holds whole becomes a delta against an earlier version: its writer could not refer to the
 * pack before, or the chain of deltas was as long as it may be.
 * It does not search. `git repack` tries each object against a window of others, which costs more
 * than making them did.
 *
 * The CRC-32 of each copied object is compared with the index, so that damage does not spread.
 */
#include "pack/joining.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pack/packcodec.h"

#define DEPTH_MAX     50 /* git's own default */
#define DEFLATE_LEVEL 6  /* a joined pack stays for long */
#define DEFLATE_FROM  192

static int no_memory(struct fault *fault)
{
	return fault_set(fault, -ENOMEM, "out of memory");
}

/* --- ranks: all ids in one order ------------------------------------------------------------- */

struct cursor {
	uint32_t position;
	uint64_t key; /* the first bytes of the id: nearly always enough to compare */
};

static void set_key(struct cursor *cursor, const struct packfile *file)
{
	cursor->key = 0;
	if (cursor->position < file->objects)
		for (unsigned i = 0; i < 8; i++)
			cursor->key = cursor->key << 8 | packfile_id(file, cursor->position)->id[i];
}

static bool is_less(const struct joining *joining, const struct cursor *cursor, size_t a, size_t b)
{
	if (cursor[a].key != cursor[b].key)
		return cursor[a].key < cursor[b].key;
	return memcmp(packfile_id(&joining->input[a].file, cursor[a].position)->id,
	              packfile_id(&joining->input[b].file, cursor[b].position)->id,
	              GIT_OID_RAWSZ) < 0;
}

/* The input with the least id; joining->inputs: all are at their end. */
static size_t least(const struct joining *joining, const struct cursor *cursor)
{
	size_t found = joining->inputs;

	for (size_t i = 0; i < joining->inputs; i++)
		if (cursor[i].position < joining->input[i].file.objects &&
		    (found == joining->inputs || is_less(joining, cursor, i, found)))
			found = i;
	return found;
}

static int rank_objects(struct joining *joining, struct fault *fault)
{
	struct cursor *cursor = calloc(joining->inputs, sizeof(*cursor));
	size_t at;

	if (!cursor)
		return no_memory(fault);
	for (size_t i = 0; i < joining->inputs; i++)
		set_key(&cursor[i], &joining->input[i].file);
	while ((at = least(joining, cursor)) < joining->inputs) {
		const git_oid *id = packfile_id(&joining->input[at].file, cursor[at].position);
		uint64_t key = cursor[at].key;

		for (size_t i = at; i < joining->inputs; i++) {
			struct joining_input *input = &joining->input[i];

			if (cursor[i].key != key || cursor[i].position == input->file.objects ||
			    memcmp(packfile_id(&input->file, cursor[i].position)->id, id->id,
			           GIT_OID_RAWSZ) != 0)
				continue;
			input->rank[cursor[i].position++] = joining->objects;
			set_key(&cursor[i], &input->file);
		}
		joining->objects++;
	}
	free(cursor);
	return 0;
}

/* --- set-up ---------------------------------------------------------------------------------- */

int joining_init(struct joining *joining, struct joining_input *input, size_t inputs,
                 struct fault *fault)
{
	int error = 0;

	*joining = (struct joining){.input = input, .inputs = inputs};
	for (size_t i = 0; i < inputs && !error; i++) {
		struct packfile *file = &input[i].file;

		joining->damaged = i;
		error = packfile_link(file, fault);
		if (error)
			break;
		input[i].rank = calloc((size_t)file->objects + 1, sizeof(*input[i].rank));
		if (!input[i].rank)
			error = no_memory(fault);
	}
	if (!error)
		error = rank_objects(joining, fault);
	if (error)
		return error;
	joining->to = calloc((size_t)joining->objects + 1, sizeof(*joining->to));
	joining->joined = calloc((size_t)joining->objects + 1, sizeof(*joining->joined));
	joining->compressor = libdeflate_alloc_compressor(DEFLATE_LEVEL);
	joining->decompressor = libdeflate_alloc_decompressor();
	if (!joining->to || !joining->joined || !joining->compressor || !joining->decompressor)
		return no_memory(fault);
	return 0;
}

void joining_clear(struct joining *joining)
{
	for (size_t i = 0; i < joining->inputs; i++) {
		packfile_close(&joining->input[i].file);
		packbases_clear(&joining->input[i].bases);
		free(joining->input[i].rank);
	}
	free(joining->input);
	free(joining->to);
	free(joining->joined);
	packbases_clear(&joining->bases);
	libdeflate_free_compressor(joining->compressor);
	libdeflate_free_decompressor(joining->decompressor);
	*joining = (struct joining){0};
}

/* --- writing one object ---------------------------------------------------------------------- */

/* An object about to be written: its bytes behind the head. */
struct piece {
	uint32_t rank, base; /* base: of a delta; else NO_RANK */
	const void *body;
	size_t body_size;
	unsigned depth;
};

static int write_piece(struct joining *joining, struct packout *out, const struct piece *piece,
                       const uint8_t *head, size_t head_size, struct fault *fault)
{
	uint32_t crc = libdeflate_crc32(0, head, head_size);
	int error;

	joining->to[piece->rank] = out->offset;
	joining->joined[piece->rank] = (struct joined){
	        .base = piece->base,
	        .size = (uint16_t)(piece->body_size < UINT16_MAX ? piece->body_size : UINT16_MAX),
	        .depth = (uint8_t)(piece->depth < UINT8_MAX ? piece->depth : UINT8_MAX)};
	packindex_set_crc(&out->index, piece->rank,
	                  libdeflate_crc32(crc, piece->body, piece->body_size));
	error = packout_write(out, head, head_size, fault);
	return error ? error : packout_write(out, piece->body, piece->body_size, fault);
}

/* Deflates the piece's new body, malloc'ed. 1; or 0: it would have `most` bytes or more. */
static int deflate(struct joining *joining, struct piece *piece, void **body, const void *bytes,
                   size_t size, size_t most, struct fault *fault)
{
	size_t bound = libdeflate_zlib_compress_bound(joining->compressor, size), used;

	*body = malloc(bound);
	if (!*body)
		return no_memory(fault);
	used = libdeflate_zlib_compress(joining->compressor, bytes, size, *body, bound);
	if (used == 0 || used >= most)
		return 0;
	piece->body = *body;
	piece->body_size = used;
	return 1;
}

/* A delta against an object that is in the output already. */
static int write_delta(struct joining *joining, struct packout *out, struct piece *piece,
                       uint64_t size, uint32_t base, struct fault *fault)
{
	uint8_t head[PACKHEAD_MAX];
	size_t length = packhead_put(head, PACKED_OFS_DELTA, size);

	length += packhead_put_distance(head + length, out->offset - joining->to[base]);
	piece->base = base;
	piece->depth = joining->joined[base].depth + 1u;
	return write_piece(joining, out, piece, head, length, fault);
}

/* --- folders --------------------------------------------------------------------------------- */

struct place {
	const struct joining_input *input;
	uint32_t position;
};

/* The previous version is most likely in the pack before. */
static bool find_place(struct place *place, const struct joining *joining, size_t before,
                       const git_oid *id)
{
	for (size_t i = 0; i < joining->inputs; i++) {
		size_t at = (before + joining->inputs - i) % joining->inputs;

		place->input = &joining->input[at];
		if (packindex_find(&place->position, &place->input->file.index, id) == 0)
			return true;
	}
	return false;
}

/*
 * Chooses the base of a folder: its previous version; or one before that, where the chain of the
 * previous version is as long as it may be. An earlier base leaves more room for the chain, but
 * more names have changed since. The cheapest for each version to come is chosen. NO_RANK: none.
 */
static uint32_t choose_base(const struct joining *joining, uint32_t previous)
{
	uint32_t best = NO_RANK;
	uint64_t cost = joining->joined[previous].size, best_cost = 0;
	unsigned best_room = 0;

	if (joining->joined[previous].depth < DEPTH_MAX)
		return previous;
	for (uint32_t rank = previous; rank != NO_RANK; rank = joining->joined[rank].base) {
		unsigned depth = joining->joined[rank].depth;

		if (depth < DEPTH_MAX &&
		    (best == NO_RANK || cost * best_room < best_cost * (DEPTH_MAX - depth))) {
			best = rank;
			best_cost = cost;
			best_room = DEPTH_MAX - depth;
		}
		cost += joining->joined[rank].size;
	}
	return best;
}

/* Writes the folder as a delta against an earlier version. 1: written; 0: it is better left whole.
 */
static int write_as_delta(struct joining *joining, struct packout *out, struct piece *piece,
                          const struct packfile *file, uint32_t object, const struct place *earlier,
                          struct fault *fault)
{
	const struct packfile *base_file = &earlier->input->file;
	uint8_t *content = NULL, *base = NULL, *delta = NULL, *again = NULL;
	void *body = NULL;
	size_t size, base_size, delta_size, again_size;
	enum packed_type type, base_type = PACKED_BLOB;
	int error = packfile_content(&content, &size, &type, file, object, joining->decompressor,
	                             fault);

	if (!error)
		error = packfile_content(&base, &base_size, &base_type, base_file,
		                         packfile_object(base_file, earlier->position),
		                         joining->decompressor, fault);
	if (error || type != PACKED_TREE || base_type != PACKED_TREE || size < DEFLATE_FROM / 4)
		goto out;
	/* A larger delta saves no more than deflating the folder does. */
	delta = malloc(size / 2);
	if (!delta) {
		error = no_memory(fault);
		goto out;
	}
	delta_size = packdelta_tree(delta, size / 2, base, base_size, content, size);
	/* Before the original goes, it is worth knowing that the delta gives it back. */
	if (delta_size == 0 ||
	    packdelta_apply_new(&again, &again_size, base, base_size, delta, delta_size) < 0 ||
	    again_size != size || memcmp(again, content, size) != 0)
		goto out;
	error = deflate(joining, piece, &body, delta, delta_size, SIZE_MAX, fault);
	if (error <= 0)
		goto out;
	error = write_delta(joining, out, piece, delta_size,
	                    earlier->input->rank[earlier->position], fault);
	if (!error)
		error = 1;
out:
	free(body);
	free(content);
	free(base);
	free(delta);
	free(again);
	return error;
}

/* Writes an object whole, if it deflates to less than `most` bytes. 1: written. */
static int write_whole(struct joining *joining, struct packout *out, struct piece *piece,
                       const struct packfile *file, uint32_t object, size_t most,
                       struct fault *fault)
{
	uint8_t *content, head[PACKHEAD_MAX];
	enum packed_type type;
	void *body = NULL;
	size_t size;
	int done, error = packfile_content(&content, &size, &type, file, object,
	                                   joining->decompressor, fault);

	if (error)
		return error;
	done = deflate(joining, piece, &body, content, size, most, fault);
	if (done > 0)
		error = write_piece(joining, out, piece, head, packhead_put(head, type, size),
		                    fault);
	free(content);
	free(body);
	return error ? error : done;
}

/* Writes a folder as a delta against its previous version, or one before that. 1: written; 0: it is
 * better left whole, or no such version is in the output yet. */
static int write_upon(struct joining *joining, struct packout *out, struct piece *piece,
                      size_t from, uint32_t object, uint32_t previous, struct fault *fault)
{
	uint32_t base = joining->to[previous] > 0 ? choose_base(joining, previous) : NO_RANK;
	struct place place;

	if (base == NO_RANK || !find_place(&place, joining, from, packindex_id(&out->index, base)))
		return 0;
	return write_as_delta(joining, out, piece, &joining->input[from].file, object, &place,
	                      fault);
}

/* An object that is whole. 1: it was written in another form; 0: it is to be copied. */
static int improve(struct joining *joining, struct packout *out, struct piece *piece,
                   const struct packhead *head, size_t from, uint32_t object, struct fault *fault)
{
	const struct joining_input *input = &joining->input[from];
	const git_oid *id = packfile_id(&input->file, input->file.object[object].position);
	const git_oid *previous =
	        head->type == PACKED_TREE ? packbases_find(&input->bases, id) : NULL;
	struct place place;
	int done = 0;

	if (previous && !find_place(&place, joining, from, previous))
		return packbases_add(&joining->bases, id, previous) < 0 ? no_memory(fault) : 0;
	if (previous)
		done = write_upon(joining, out, piece, from, object,
		                  place.input->rank[place.position], fault);
	if (done == 0 && piece->body_size > head->size && head->size >= DEFLATE_FROM)
		done = write_whole(joining, out, piece, &input->file, object, piece->body_size,
		                   fault);
	return done;
}

/* A delta whose base is in the output. It keeps the base; where the chain would be too long, it
 * gets an earlier base, so that the chain goes on from there. */
static int write_on(struct joining *joining, struct packout *out, struct piece *piece,
                    const struct packhead *head, size_t from, uint32_t object, uint32_t base,
                    struct fault *fault)
{
	int done = 0;

	if (joining->joined[base].depth >= DEPTH_MAX) {
		done = write_upon(joining, out, piece, from, object, base, fault);
		if (done == 0)
			done = write_whole(joining, out, piece, &joining->input[from].file, object,
			                   SIZE_MAX, fault);
	}
	if (done == 0)
		return write_delta(joining, out, piece, head->size, base, fault);
	return done < 0 ? done : 0;
}

/* --- all of them ----------------------------------------------------------------------------- */

static int write_object(struct joining *joining, struct packout *out, size_t from, uint32_t object,
                        struct fault *fault)
{
	const struct joining_input *input = &joining->input[from];
	const struct packfile *file = &input->file;
	uint32_t position = file->object[object].position, base = file->object[object].base;
	struct piece piece = {.rank = input->rank[position], .base = NO_RANK};
	struct packhead head;
	uint32_t base_rank;
	size_t length;
	const uint8_t *bytes = packfile_bytes(&length, file, object);
	int error;

	if (joining->to[piece.rank] > 0)
		return 0;
	if (libdeflate_crc32(0, bytes, length) != packindex_crc(&file->index, position))
		return packfile_damaged(file, object, fault);
	error = packfile_head(&head, file, object, fault);
	if (error)
		return error;
	piece.body = bytes + head.length;
	piece.body_size = length - head.length;
	if (base == NO_BASE) {
		error = improve(joining, out, &piece, &head, from, object, fault);
		if (error)
			return error < 0 ? error : 0;
	} else {
		base_rank = input->rank[file->object[base].position];
		if (joining->to[base_rank] > 0)
			return write_on(joining, out, &piece, &head, from, object, base_rank,
			                fault);
		/* The base is named by id, and comes later. How deep it is will be known too late.
		 */
		piece.depth = DEPTH_MAX;
	}
	return write_piece(joining, out, &piece, bytes, head.length, fault);
}

int joining_write(struct joining *joining, struct packout *out, struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < joining->inputs && !error; i++) {
		const struct joining_input *input = &joining->input[i];

		joining->damaged = i;
		for (uint32_t j = 0; j < input->file.objects; j++)
			packindex_set_id(&out->index, input->rank[j], packfile_id(&input->file, j));
		for (uint32_t j = 0; j < input->file.objects && !error; j++)
			error = write_object(joining, out, i, j, fault);
	}
	return error;
}
