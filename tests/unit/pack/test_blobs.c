// SPDX-License-Identifier: MIT
/* Blobs read from packs that stock git made, and from packs that were damaged since. */
#include "packer.h"

#define FILES 600

struct found {
	git_repository *repository;
	struct blobs *blobs;
	git_odb *odb;
	unsigned read, left; /* to libgit2 */
};

/* Six versions of many files that are alike, as deltas upon deltas; a large one; a loose one. */
static void make_packs(struct packer *packer)
{
	assert_int_equal(
	        shell(packer,
	              "{ for v in 1 2 3 4 5 6; do "
	              "printf 'commit refs/heads/main\\ncommitter p <p@x> 17638000%%02d "
	              "+0000\\ndata 1\\nx\\n' $v; for i in $(seq %d); do "
	              "t=$(printf 'mac 02:00:00:00:%%02x:%%02x\\nstate dynamic\\nsince "
	              "2026-01-02T03:04:05Z\\norigin host1/eth0\\nnote version %%s, number %%s of "
	              "those that are much alike' $((i / 256)) $((i %% 256)) $v $i); "
	              "printf 'M 100644 inline f%%s\\ndata %%s\\n%%s\\n' $i ${#t} \"$t\"; done; "
	              "done; } | git -C \"$R\" -c fastimport.unpackLimit=0 fast-import --quiet && "
	              "git -C \"$R\" repack -adfq --depth=50 --window=20 && "
	              "seq 100000 | git -C \"$R\" hash-object -w --stdin >large && "
	              "git -C \"$R\" update-ref refs/heads/l $(git -C \"$R\" commit-tree -m x "
	              "$(printf '100644 blob %%s\\tl\\n' $(cat large) | git -C \"$R\" mktree)) && "
	              "git -C \"$R\" repack -q && echo loose | git -C \"$R\" hash-object -w "
	              "--stdin "
	              ">loose",
	              FILES),
	        0);
}

static void found_open(struct found *found, const struct packer *packer)
{
	char folder[256];

	*found = (struct found){0};
	assert_int_equal(git_repository_open(&found->repository, packer->path), 0);
	assert_int_equal(git_repository_odb(&found->odb, found->repository), 0);
	snprintf(folder, sizeof(folder), "%s/objects/pack", packer->path);
	found->blobs = blobs_open(folder);
	assert_non_null(found->blobs);
}

static void found_close(struct found *found)
{
	blobs_close(found->blobs);
	git_odb_free(found->odb);
	git_repository_free(found->repository);
}

static int compare_one(const git_oid *id, void *context)
{
	struct found *found = context;
	git_odb_object *object;
	char text[4096];
	size_t length;

	if (blobs_read(found->blobs, id, text, sizeof(text), &length)) {
		found->left++;
		return 0;
	}
	found->read++;
	assert_int_equal(git_odb_read(&object, found->odb, id), 0);
	assert_int_equal(git_odb_object_type(object), GIT_OBJECT_BLOB);
	assert_int_equal(git_odb_object_size(object), length);
	assert_memory_equal(git_odb_object_data(object), text, length);
	git_odb_object_free(object);
	return 0;
}

static void what_is_in_packs_reads_as_libgit2_reads_it(void **state)
{
	struct packer *packer = *state;
	struct found found;

	make_packs(packer);
	found_open(&found, packer);
	assert_int_equal(git_odb_foreach(found.odb, compare_one, &found), 0);
	assert_int_equal(found.read, 6 * FILES);
	/* Commits and trees, the large one, the loose one; some of them twice. */
	assert_true(found.left >= 2 && found.left <= 20);
	found_close(&found);
}

static void read_one(const git_oid *id, struct found *found)
{
	char text[4096];
	size_t length = 0;

	if (blobs_read(found->blobs, id, text, sizeof(text), &length))
		return;
	assert_true(length <= sizeof(text));
	found->read++;
}

/* Whatever the files hold, reading stays within them: the sanitizers watch. */
static void damaged_packs_are_read_without_harm(void **state)
{
	struct packer *packer = *state;
	git_oid some[FILES];
	unsigned seed = 1;
	char list[32 * 1024], path[512];

	make_packs(packer);
	output(packer, list, sizeof(list), "git -C \"$R\" ls-tree -r main | cut -c13-52 | head -%d",
	       FILES);
	assert_int_equal(shell(packer, "cp -r \"$R\"/objects/pack whole && chmod u+w whole/*"), 0);
	for (unsigned i = 0; i < FILES; i++)
		assert_int_equal(git_oid_fromstrn(&some[i], list + i * 41, 40), 0);
	for (unsigned round = 0; round < 40; round++) {
		struct found found = {0};

		assert_int_equal(shell(packer, "rm -rf broken && cp -r whole broken"), 0);
		for (unsigned file = 0; file < 2; file++) {
			FILE *stream;
			long size;

			output(packer, path, sizeof(path), "ls -S %s/broken/*.%s | head -1",
			       packer->folder, file ? "idx" : "pack");
			stream = fopen(path, "r+");
			assert_non_null(stream);
			fseek(stream, 0, SEEK_END);
			size = ftell(stream);
			for (unsigned i = 0; i < 1 + round * 10; i++) {
				fseek(stream, (long)rand_r(&seed) % size, SEEK_SET);
				fputc(rand_r(&seed) & 255, stream);
			}
			fclose(stream);
			if (round % 7 == 6)
				assert_int_equal(truncate(path, (long)rand_r(&seed) % size), 0);
		}
		snprintf(path, sizeof(path), "%s/broken", packer->folder);
		found.blobs = blobs_open(path);
		assert_non_null(found.blobs);
		for (unsigned i = 0; i < FILES; i++)
			read_one(&some[i], &found);
		blobs_close(found.blobs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_is_in_packs_reads_as_libgit2_reads_it),
	        TEST(damaged_packs_are_read_without_harm),
	};

	return cmocka_run_group_tests_name("blobs", tests, NULL, NULL);
}
