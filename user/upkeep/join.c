// SPDX-License-Identifier: MIT
/*
 * Joins packs: opens them, writes the new pack aside (pack/joining.c), checks it, and moves it in.
 * The old ones are removed later (retired.h). It leaves packs with another program's .keep alone.
 * upkeep.h says why each step is as it is.
 */
#include "upkeep/join.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

#define FOLDER_MAX 2000
#define SAMPLES    64 /* objects of the new pack that are read and hashed */
#define TIERS      24 /* the last one also has all larger packs */

static unsigned tier_of(uint64_t size)
{
	unsigned tier = 0;

	for (uint64_t limit = TIER_FIRST; size >= limit && tier < TIERS - 1; limit *= TIER_FACTOR)
		tier++;
	return tier;
}

static bool is_ours(const char *folder, const char *name)
{
	return !packplace_has(folder, name, "keep") && !packplace_has(folder, name, "promisor") &&
	       !packplace_has(folder, name, "mtimes") && !packplace_has(folder, name, "bitmap");
}

/* The pack of an index file. False: not an index, or a pack to leave alone. */
static bool look(struct tier_pack *pack, const char *folder, const char *file)
{
	char path[PATH_MAX];
	struct stat status;

	if (!packplace_name(pack->name, file, "idx"))
		return false;
	packplace_path(path, folder, pack->name, "pack");
	if (stat(path, &status) < 0 || !is_ours(folder, pack->name))
		return false;
	pack->size = (uint64_t)status.st_size;
	pack->modified = status.st_mtim;
	return true;
}

int tiers_list(struct tier_pack **packs, size_t *count, const char *git_directory,
               struct fault *fault)
{
	struct tier_pack *list = NULL;
	size_t room = 0;
	char folder[FOLDER_MAX];
	struct dirent *file;
	DIR *directory;

	*count = 0;
	snprintf(folder, sizeof(folder), "%sobjects/pack", git_directory);
	directory = opendir(folder);
	if (!directory)
		return fault_set(fault, -errno, "%s: %s", folder, strerror(errno));
	while ((file = readdir(directory))) {
		if (array_reserve(&list, &room, *count + 1)) {
			free(list);
			closedir(directory);
			return fault_set(fault, -ENOMEM, "out of memory");
		}
		*count += look(&list[*count], folder, file->d_name);
	}
	closedir(directory);
	*packs = list;
	return 0;
}

static int compare_age(const void *a, const void *b)
{
	const struct timespec *x = &((const struct tier_pack *)a)->modified;
	const struct timespec *y = &((const struct tier_pack *)b)->modified;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

size_t tiers_choose(struct tier_pack *packs, size_t count, size_t most)
{
	size_t in_tier[TIERS] = {0}, chosen = 0;
	int full = -1;

	for (size_t i = 0; i < count; i++)
		in_tier[tier_of(packs[i].size)]++;
	for (int tier = 0; tier < TIERS; tier++)
		if (in_tier[tier] >= TIER_FACTOR)
			full = tier;
	if (full < 0)
		return 0;
	qsort(packs, count, sizeof(*packs), compare_age);
	/* Smaller packs are joined as well: that costs little, and fewer remain. */
	for (size_t i = 0; i < count && chosen < most; i++) {
		struct tier_pack pack = packs[i];

		if (tier_of(pack.size) > (unsigned)full)
			continue;
		packs[i] = packs[chosen];
		packs[chosen++] = pack;
	}
	return chosen;
}

size_t tiers_oldest(struct tier_pack *packs, size_t count, size_t most)
{
	qsort(packs, count, sizeof(*packs), compare_age);
	return count < 2 ? 0 : count < most ? count : most;
}

static int open_inputs(struct joining_input *input, struct join *join, const char *packs,
                       struct fault *fault)
{
	char bases[FOLDER_MAX];
	int error = 0;

	snprintf(bases, sizeof(bases), "%s" PACK_FOLDER, join->git_directory);
	for (size_t i = 0; i < join->names && !error; i++) {
		join->damaged = i;
		error = packfile_open(&input[i].file, packs, join->name[i], fault);
		if (!error)
			error = packbases_read(&input[i].bases, bases, join->name[i], fault);
		join->bytes_in += input[i].file.pack_size;
	}
	return error;
}

/* Reads the new pack as git will: it has every id, and sampled objects have the content that their
 * ids say. */
static int verify(const struct joining *joining, const char *aside, struct fault *fault)
{
	uint32_t stride = joining->objects / SAMPLES + 1;
	struct hash *hash = NULL;
	struct packfile file;
	int error = packfile_open(&file, aside, PACKOUT_NAME, fault);

	if (error)
		return error;
	error = file.objects == joining->objects ? packfile_link(&file, fault) : -EIO;
	for (size_t i = 0; i < joining->inputs && !error; i++) {
		const struct joining_input *input = &joining->input[i];

		for (uint32_t j = 0; j < input->file.objects && !error; j++)
			if (memcmp(packfile_id(&file, input->rank[j])->id,
			           packfile_id(&input->file, j)->id, GIT_OID_RAWSZ) != 0)
				error = -EIO;
	}
	if (!error)
		error = hash_new(&hash, fault);
	for (uint32_t i = stride / 2; i < file.objects && !error; i += stride) {
		enum packed_type type;
		uint8_t *content;
		size_t size;
		git_oid id;

		error = packfile_content(&content, &size, &type, &file, i, joining->decompressor,
		                         fault);
		if (error)
			break;
		error = hash_object(hash, &id, (git_object_t)type, content, size, fault);
		if (!error && memcmp(id.id, packfile_id(&file, file.object[i].position)->id,
		                     GIT_OID_RAWSZ) != 0)
			error = -EIO;
		free(content);
	}
	hash_free(hash);
	packfile_close(&file);
	return error == -EIO
	               ? fault_set(fault, -EILSEQ,
	                           "the joined pack failed verification; the originals are kept")
	               : error;
}

/* A git process may have removed the new pack as redundant: then the old ones are packs again. */
static int note_inputs(const struct joining *joining, const struct join *join, struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < joining->inputs && !error; i++) {
		const char *name = joining->input[i].file.name;

		/* It may be the new pack itself. */
		if (strcmp(name, join->made) != 0)
			error = retired_add(join->retired, name, join->made, time(NULL), fault);
	}
	return error;
}

static int make(struct joining *joining, struct join *join, const char *packs, struct fault *fault)
{
	/* One second newer than its newest input: see upkeep.h, multi-pack index. */
	struct timespec modified = joining->input[joining->inputs - 1].file.modified;
	char aside[FOLDER_MAX], bases[FOLDER_MAX];
	struct packout out;
	int error;

	modified.tv_sec++;
	snprintf(bases, sizeof(bases), "%s" PACK_FOLDER, join->git_directory);
	snprintf(aside, sizeof(aside), "%s" PACKOUT_FOLDER, join->git_directory);
	error = own_folder(bases);
	if (!error)
		error = own_folder(aside);
	if (error)
		return own_fault(fault, error, aside);
	error = packout_open(&out, aside, joining->objects, 2 * join->bytes_in, fault);
	if (error)
		return error;
	error = joining_write(joining, &out, fault);
	if (error == -EIO)
		join->damaged = joining->damaged;
	if (!error)
		error = packout_finish(&out, joining->to, fault);
	if (!error)
		error = verify(joining, aside, fault);
	if (!error)
		error = packbases_write(&joining->bases, bases, out.name, fault);
	if (!error)
		error = packout_install(&out, packs, &modified, fault);
	if (!error) {
		memcpy(join->made, out.name, sizeof(join->made));
		join->bytes_out = out.offset + GIT_OID_RAWSZ;
		join->objects = joining->objects;
	}
	packout_close(&out);
	return error;
}

int join_packs(struct join *join, struct fault *fault)
{
	struct joining joining = {.inputs = join->names};
	char packs[FOLDER_MAX];
	int error;

	joining.input = calloc(join->names, sizeof(*joining.input));
	if (!joining.input)
		return fault_set(fault, -ENOMEM, "out of memory");
	snprintf(packs, sizeof(packs), "%sobjects/pack", join->git_directory);
	error = open_inputs(joining.input, join, packs, fault);
	if (!error)
		error = joining_init(&joining, joining.input, join->names, fault);
	if (!error)
		error = make(&joining, join, packs, fault);
	if (!error)
		error = note_inputs(&joining, join, fault);
	joining_clear(&joining);
	return error;
}
