// SPDX-License-Identifier: MIT
/*
 * Packs, their indexes, and deltas. The input describes objects, of which a pack and an index are
 * made, and then bytes to be written over both. Without those, each object is read as a plain
 * application of its deltas gives it, or refused. With them, reading stays within the files, and
 * the two readers never contradict each other.
 */
#include "fuzz.h"

#include <errno.h>
#include <libdeflate.h>

#include "pack/pack.h"
#include "pack/packindex.h"

#define NAME        "4444444444444444444444444444444444444444"
#define OBJECTS_MAX 12
#define BYTES_MAX   65536
#define BLOB_MAX    100 /* so that some do not fit */

struct object {
	enum packed_type type;
	unsigned base; /* of a delta: an object's number */
	uint64_t size; /* as its head says; mostly that of the payload */
	const uint8_t *payload;
	size_t length;
	git_oid id;
	uint64_t offset;
};

struct world {
	struct object object[OBJECTS_MAX];
	unsigned objects;
	bool patched; /* bytes were written over */
	uint8_t pack[BYTES_MAX], index[BYTES_MAX];
	size_t pack_size, index_size;
};

/* What an object is, by the plain rule. */
struct plain {
	uint8_t *bytes;
	size_t size;
	enum packed_type type;
};

static char folder[256], pack_path[400], index_path[400];
static struct libdeflate_compressor *compressor;
static struct libdeflate_decompressor *decompressor;
static struct hash *hash;
static struct world world;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_folder(folder);
	snprintf(pack_path, sizeof(pack_path), "%s/pack-" NAME ".pack", folder);
	snprintf(index_path, sizeof(index_path), "%s/pack-" NAME ".idx", folder);
	compressor = libdeflate_alloc_compressor(1);
	decompressor = libdeflate_alloc_decompressor();
	MUST(compressor && decompressor && hash_new(&hash, NULL) == 0);
	return 0;
}

/* --- the files ------------------------------------------------------------------------------- */

static void choose_objects(struct input *input)
{
	static const enum packed_type types[] = {PACKED_BLOB, PACKED_OFS_DELTA, PACKED_REF_DELTA,
	                                         PACKED_TREE, PACKED_COMMIT,    PACKED_TAG};

	world.objects = input_u8(input) % (OBJECTS_MAX + 1);
	for (unsigned i = 0; i < world.objects; i++) {
		struct object *object = &world.object[i];
		uint8_t type = input_u8(input);

		*object = (struct object){.type = types[type % 6],
		                          .base = input_u8(input) % OBJECTS_MAX};
		object->payload = input_bytes(input, input_u8(input), &object->length);
		object->size = type & 0x80 ? input_u32(input) : object->length;
		memset(object->id.id, (int)(i * 37 + 11), GIT_OID_RAWSZ);
		object->id.id[1] = (unsigned char)i;
	}
}

static void append(const void *bytes, size_t size)
{
	MUST(world.pack_size + size <= sizeof(world.pack));
	memcpy(world.pack + world.pack_size, bytes, size);
	world.pack_size += size;
}

static void make_object(struct object *object)
{
	uint8_t bytes[PACKHEAD_MAX + 512];
	size_t length;

	object->offset = world.pack_size;
	append(bytes, packhead_put(bytes, object->type, object->size));
	if (object->type == PACKED_OFS_DELTA) {
		/* An offset only leads back. The first object has nothing before it. */
		uint64_t base = object->base < (unsigned)(object - world.object)
		                        ? world.object[object->base].offset
		                        : 0;

		append(bytes, packhead_put_distance(bytes, object->offset - base));
	} else if (object->type == PACKED_REF_DELTA) {
		append(&world.object[object->base].id, GIT_OID_RAWSZ);
	}
	length = libdeflate_zlib_compress(compressor, object->payload, object->length, bytes,
	                                  sizeof(bytes));
	MUST(length > 0);
	append(bytes, length);
}

static int compare_ids(const void *a, const void *b)
{
	return git_oid_cmp(&(*(struct object *const *)a)->id, &(*(struct object *const *)b)->id);
}

static void make_index(const git_oid *pack_sum)
{
	const struct object *sorted[OBJECTS_MAX];
	uint64_t offset[OBJECTS_MAX];
	struct packindex index;

	for (unsigned i = 0; i < world.objects; i++)
		sorted[i] = &world.object[i];
	/* Pointers are sorted. NOLINTNEXTLINE(bugprone-sizeof-expression) */
	qsort(sorted, world.objects, sizeof(*sorted), compare_ids);
	packindex_begin(&index, world.index, world.objects);
	for (unsigned i = 0; i < world.objects; i++) {
		packindex_set_id(&index, i, &sorted[i]->id);
		packindex_set_crc(&index, i, 0);
		offset[i] = sorted[i]->offset;
	}
	MUST(packindex_end(&index, offset, pack_sum, hash, NULL) == 0);
	world.index_size = index.size;
}

static void sum_up(uint8_t *bytes, size_t size)
{
	git_oid sum;

	if (size < GIT_OID_RAWSZ)
		return;
	MUST(hash_bytes(hash, &sum, bytes, size - GIT_OID_RAWSZ, NULL) == 0);
	memcpy(bytes + size - GIT_OID_RAWSZ, sum.id, GIT_OID_RAWSZ);
}

/* Writes over single bytes of the index, and of the pack behind its end; cuts the ends off. */
static void patch(struct input *input)
{
	uint8_t how = input_u8(input);

	while (input_left(input) >= 3) {
		size_t at = input_u16(input);
		uint8_t value = input_u8(input);

		world.patched = true;
		if (at < world.index_size)
			world.index[at] = value;
		else if (at - world.index_size < world.pack_size)
			world.pack[at - world.index_size] = value;
		else if (at & 1)
			world.pack_size -= world.pack_size < value ? world.pack_size : value;
		else
			world.index_size -= world.index_size < value ? world.index_size : value;
	}
	/* With a right sum, damage is looked for elsewhere. */
	if (!(how & 1))
		sum_up(world.index, world.index_size);
}

static void make_world(struct input *input)
{
	git_oid sum;

	world.patched = false;
	choose_objects(input);
	packhead_put_pack(world.pack, world.objects);
	world.pack_size = PACK_HEADER;
	for (unsigned i = 0; i < world.objects; i++) {
		world.object[i].offset = 0;
		make_object(&world.object[i]);
	}
	append(&sum, sizeof(sum));
	sum_up(world.pack, world.pack_size);
	memcpy(&sum, world.pack + world.pack_size - sizeof(sum), sizeof(sum));
	make_index(&sum);
	patch(input);
	write_file(pack_path, world.pack, world.pack_size);
	write_file(index_path, world.index, world.index_size);
}

/* --- the plain rule -------------------------------------------------------------------------- */

static bool plain_size(size_t *size, struct input *delta)
{
	unsigned shift = 0;
	uint8_t byte;

	*size = 0;
	do {
		if (input_left(delta) == 0 || shift > 56)
			return false;
		byte = input_u8(delta);
		*size |= (size_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return true;
}

static bool plain_copy(struct plain *to, size_t expected, const struct plain *base, uint8_t code,
                       struct input *delta)
{
	size_t offset = 0, size = 0;

	for (unsigned i = 0; i < 7; i++) {
		if (!(code >> i & 1))
			continue;
		if (input_left(delta) == 0)
			return false;
		*(i < 4 ? &offset : &size) |= (size_t)input_u8(delta) << 8 * (i < 4 ? i : i - 4);
	}
	size = size ? size : 0x10000;
	if (offset + size > base->size || to->size + size > expected)
		return false;
	memcpy(to->bytes + to->size, base->bytes + offset, size);
	to->size += size;
	return true;
}

static bool plain_apply(struct plain *to, const struct plain *base, const struct object *object)
{
	struct input delta = {object->payload, object->payload + object->length};
	size_t from, expected, have;

	if (!plain_size(&from, &delta) || !plain_size(&expected, &delta) || from != base->size ||
	    expected > (size_t)1 << 24)
		return false;
	*to = (struct plain){.bytes = malloc(expected + 1), .type = base->type};
	MUST(to->bytes);
	while (input_left(&delta) > 0) {
		uint8_t code = input_u8(&delta);
		const uint8_t *bytes;

		if (code & 0x80) {
			if (!plain_copy(to, expected, base, code, &delta))
				goto bad;
			continue;
		}
		bytes = input_bytes(&delta, code, &have);
		if (code == 0 || have != code || to->size + code > expected)
			goto bad;
		memcpy(to->bytes + to->size, bytes, code);
		to->size += code;
	}
	if (to->size == expected)
		return true;
bad:
	free(to->bytes);
	return false;
}

/* The content, malloc'ed; false: it has none. */
static bool plain(struct plain *content, unsigned number, unsigned depth)
{
	const struct object *object = &world.object[number];
	struct plain base;
	bool found;

	if (number >= world.objects || depth > world.objects || object->size != object->length)
		return false;
	if (object->type != PACKED_OFS_DELTA && object->type != PACKED_REF_DELTA) {
		*content = (struct plain){malloc(object->length + 1), object->length, object->type};
		MUST(content->bytes);
		memcpy(content->bytes, object->payload, object->length);
		return true;
	}
	if (object->type == PACKED_OFS_DELTA && object->base >= number)
		return false;
	if (!plain(&base, object->base, depth + 1))
		return false;
	found = plain_apply(content, &base, object);
	free(base.bytes);
	return found;
}

/* Whether the base of every delta is in the pack. */
static bool is_linked(void)
{
	for (unsigned i = 0; i < world.objects; i++)
		if ((world.object[i].type == PACKED_OFS_DELTA && world.object[i].base >= i) ||
		    (world.object[i].type == PACKED_REF_DELTA &&
		     world.object[i].base >= world.objects))
			return false;
	return true;
}

/* --- reading --------------------------------------------------------------------------------- */

static void check_content(const struct packfile *file, uint32_t number, struct blobs *blobs)
{
	const git_oid *id = packfile_id(file, file->object[number].position);
	struct plain read, expected;
	struct fault fault = {""};
	char blob[BLOB_MAX];
	size_t length;
	int error = packfile_content(&read.bytes, &read.size, &read.type, file, number,
	                             decompressor, &fault);

	MUST(error == 0 || (error == -EIO && fault.text[0]));
	if (!world.patched) {
		bool is_there = plain(&expected, number, 0);

		MUST(is_there == !error);
		if (is_there) {
			MUST(read.type == expected.type && read.size == expected.size);
			MUST(!memcmp(read.bytes, expected.bytes, read.size));
			free(expected.bytes);
		}
	}
	/* Of an id that is there twice, either may be found. */
	if (blobs_read(blobs, id, blob, sizeof(blob), &length) == 0 && !error && !world.patched)
		MUST(read.type == PACKED_BLOB && read.size == length &&
		     !memcmp(read.bytes, blob, length));
	else if (!error && !world.patched && read.type == PACKED_BLOB && read.size <= BLOB_MAX)
		MUST(world.object[number].type != PACKED_BLOB);
	if (!error)
		free(read.bytes);
}

static void read_pack(void)
{
	struct blobs *blobs = blobs_open(folder);
	struct fault fault = {""};
	struct packfile file;
	int error = packfile_open(&file, folder, NAME, &fault);

	MUST(blobs);
	MUST(world.patched ? error == 0 || (error == -EIO && fault.text[0]) : error == 0);
	if (error) {
		char blob[BLOB_MAX];
		size_t length;

		for (unsigned i = 0; i < world.objects; i++)
			(void)blobs_read(blobs, &world.object[i].id, blob, sizeof(blob), &length);
		blobs_close(blobs);
		return;
	}
	error = packfile_link(&file, &fault);
	MUST(error == 0 || (error == -EIO && fault.text[0]));
	MUST(world.patched || !error == is_linked());
	for (uint32_t i = 0; i < file.objects && !error; i++)
		check_content(&file, i, blobs);
	packfile_close(&file);
	blobs_close(blobs);
}

/* --- what is written is read ------------------------------------------------------------------ */

static void check_head(struct input input)
{
	uint8_t bytes[PACKHEAD_MAX];
	uint64_t size = input_u32(&input) | (uint64_t)(input_u32(&input) & 0xffffff) << 32;
	uint64_t distance = 1 + (input_u32(&input) | (uint64_t)input_u8(&input) << 32);
	size_t length = packhead_put(bytes, PACKED_OFS_DELTA, size);
	struct packhead head;

	length += packhead_put_distance(bytes + length, distance);
	MUST(length <= sizeof(bytes) && packhead_get(&head, bytes, length) == 0);
	MUST(head.type == PACKED_OFS_DELTA && head.size == size && head.distance == distance);
	MUST(head.length == length && packhead_get(&head, bytes, length - 1) < 0);
}

/* A delta between any two texts, trees or not. */
static void check_delta(struct input input)
{
	size_t base_size, size, delta_size, made_size;
	const uint8_t *base = input_bytes(&input, input_u8(&input), &base_size);
	const uint8_t *target = input_bytes(&input, BYTES_MAX, &size);
	size_t room = 2 * size + 64;
	uint8_t *delta = malloc(room), *made;

	MUST(delta);
	delta_size = packdelta_tree(delta, room, base, base_size, target, size);
	MUST(delta_size > 0);
	MUST(packdelta_apply_new(&made, &made_size, base, base_size, delta, delta_size) == 0);
	MUST(made_size == size && !memcmp(made, target, size));
	free(made);
	free(delta);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};

	check_head(input);
	check_delta(input);
	make_world(&input);
	read_pack();
	return 0;
}
