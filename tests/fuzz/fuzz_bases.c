// SPDX-License-Identifier: MIT
/*
 * A .bases file: whatever it has, it is read, and what is found is in it. Written again, it is read
 * as the same. One that ends in a hole of a terabyte counts as absent, and takes no memory.
 */
#include "fuzz.h"

#include "pack/pack.h"

#define NAME   "3333333333333333333333333333333333333333"
#define RECORD (sizeof(struct packbase))

#define HOLE       0xff /* as the first byte: a hole follows the input */
#define HOLE_BYTES ((off_t)1 << 40)

static char folder[256], path[400];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_folder(folder);
	snprintf(path, sizeof(path), "%s/pack-" NAME ".bases", folder);
	return 0;
}

/* Each record's id leads to the base of one of the records with that id. */
static void check(const struct packbases *bases, const uint8_t *data, size_t records)
{
	MUST(bases->count == records);
	for (size_t i = 1; i < bases->count; i++)
		MUST(git_oid_cmp(&bases->item[i - 1].id, &bases->item[i].id) <= 0);
	for (size_t i = 0; i < records; i++) {
		const struct packbase *record = (const struct packbase *)(data + i * RECORD);
		const git_oid *found = packbases_find(bases, &record->id);
		bool is_one = false;

		for (size_t j = 0; found && j < records; j++) {
			const struct packbase *other = (const struct packbase *)(data + j * RECORD);

			is_one |= git_oid_equal(&record->id, &other->id) &&
			          git_oid_equal(found, &other->base);
		}
		MUST(is_one);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packbases bases, again;
	size_t records = size / RECORD;
	struct fault fault = {""};

	write_file(path, data, size);
	if (size > 0 && data[0] == HOLE) {
		MUST(truncate(path, HOLE_BYTES) == 0);
		records = 0;
	}
	MUST(packbases_read(&bases, folder, NAME, &fault) == 0);
	check(&bases, data, records);
	if (records > 0) {
		MUST(packbases_write(&bases, folder, NAME, &fault) == 0);
		MUST(packbases_read(&again, folder, NAME, &fault) == 0);
		check(&again, data, records);
		packbases_clear(&again);
	}
	packbases_clear(&bases);
	return 0;
}
