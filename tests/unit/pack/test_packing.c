// SPDX-License-Identifier: MIT
/* Packs made in memory and written: stock git reads them, and so does each reader of the room. */
#include "packer.h"

#define VERSIONS 40
#define NAMES    60

struct made {
	struct hash *hash;
	struct packing packing;
	struct pack_keep keep;
	char directory[200], folder[200]; /* the git directory, and that of its packs */
};

static void made_init(struct made *made, struct packer *packer)
{
	*made = (struct made){0};
	snprintf(made->directory, sizeof(made->directory), "%s/", packer->path);
	snprintf(made->folder, sizeof(made->folder), "%s/objects/pack", packer->path);
	assert_int_equal(hash_new(&made->hash, &packer->fault), 0);
	assert_int_equal(packing_init(&made->packing, &packer->fault), 0);
	pack_prepare(made->directory);
}

static void made_clear(struct made *made)
{
	pack_settle(&made->keep);
	packing_clear(&made->packing);
	hash_free(made->hash);
}

static git_oid add(struct made *made, struct packer *packer, git_object_t type, const void *data,
                   size_t size)
{
	git_oid id;

	assert_int_equal(hash_object(made->hash, &id, type, data, size, &packer->fault), 0);
	if (packing_find(&made->packing, &id) < 0)
		assert_int_equal(packing_add(&made->packing, &id, type, data, size, &packer->fault),
		                 0);
	return id;
}

/* Versions of a folder with one file changed each time, as deltas upon each other, and a commit. */
static git_oid add_versions(struct made *made, struct packer *packer)
{
	static uint8_t tree[2][8192], delta[8192];
	char text[4096], commit[256];
	size_t size[2] = {0}, delta_size;
	ssize_t base = -1;
	git_oid id;

	for (unsigned version = 0; version < VERSIONS; version++) {
		uint8_t *now = tree[version % 2], *before = tree[(version + 1) % 2];
		size_t *now_size = &size[version % 2], before_size = size[(version + 1) % 2];

		*now_size = 0;
		for (unsigned i = 0; i < NAMES; i++) {
			/* Some are large enough to be deflated. */
			int length = snprintf(text, sizeof(text), "%0*u\n", i % 7 ? 20 : 3000,
			                      i == version ? 1000 + i : i);

			id = add(made, packer, GIT_OBJECT_BLOB, text, (size_t)length);
			*now_size +=
			        (size_t)sprintf((char *)now + *now_size, "100644 f%03u", i) + 1;
			memcpy(now + *now_size, id.id, GIT_OID_RAWSZ);
			*now_size += GIT_OID_RAWSZ;
		}
		assert_int_equal(hash_object(made->hash, &id, GIT_OBJECT_TREE, now, *now_size,
		                             &packer->fault),
		                 0);
		if (base < 0) {
			assert_int_equal(packing_add(&made->packing, &id, GIT_OBJECT_TREE, now,
			                             *now_size, &packer->fault),
			                 0);
		} else {
			delta_size = packdelta_tree(delta, sizeof(delta), before, before_size, now,
			                            *now_size);
			assert_true(delta_size > 0);
			assert_int_equal(packing_add_delta(&made->packing, &id, *now_size,
			                                   (size_t)base, delta, delta_size,
			                                   &packer->fault),
			                 0);
		}
		base = packing_find(&made->packing, &id);
		assert_int_equal(base, made->packing.objects - 1);
	}
	snprintf(commit, sizeof(commit),
	         "tree %s\nauthor p <p@x> 1763800000 +0000\ncommitter p <p@x> 1763800000 "
	         "+0000\n\nx\n",
	         git_oid_tostr_s(&id));
	return add(made, packer, GIT_OBJECT_COMMIT, commit, strlen(commit));
}

static void a_written_pack_reads_back_everywhere(void **state)
{
	struct packer *packer = *state;
	struct made made;
	git_repository *repository;
	struct blobs *blobs;
	struct bulk *bulk;
	char name[PACK_NAME];
	git_oid commit;
	unsigned small = 0;

	made_init(&made, packer);
	commit = add_versions(&made, packer);
	assert_int_equal(pack_write(name, &made.keep, made.directory, &made.packing, made.hash,
	                            &packer->fault),
	                 0);
	assert_int_equal(shell(packer,
	                       "git -C \"$R\" verify-pack \"$R\"/objects/pack/*.idx && git -C "
	                       "\"$R\" update-ref refs/heads/main %s",
	                       git_oid_tostr_s(&commit)),
	                 0);
	assert_whole(packer);
	assert_int_equal(git_repository_open(&repository, packer->path), 0);
	blobs = blobs_open(made.folder);
	bulk = bulk_new(repository, true);
	assert_true(blobs && bulk);
	for (size_t i = 0; i < made.packing.objects; i++) {
		const git_oid *id = idmap_key(&made.packing.ids, (uint32_t)i);
		const struct packed *object = &made.packing.object[i];
		struct content *content;
		char *data, text[256];
		size_t length;

		assert_int_equal(packing_read(&made.packing, i, &data, &packer->fault), 0);
		assert_int_equal(bulk_read(&content, bulk, id), 0);
		assert_int_equal(content->type, object->type);
		assert_int_equal(content->size, object->size);
		assert_memory_equal(content->data, data, object->size);
		if (blobs_read(blobs, id, text, sizeof(text), &length) == 0) {
			assert_int_equal(length, object->size);
			assert_memory_equal(text, data, length);
			small++;
		}
		content_release(content);
		free(data);
	}
	assert_true(small >= NAMES - NAMES / 7 - 1);
	bulk_free(bulk);
	blobs_close(blobs);
	git_repository_free(repository);
	made_clear(&made);
}

static void a_pack_is_kept_until_references_name_it(void **state)
{
	struct packer *packer = *state;
	char name[PACK_NAME];
	struct made made;

	made_init(&made, packer);
	for (unsigned i = 0; i < 3; i++) {
		add(&made, packer, GIT_OBJECT_BLOB, &i, sizeof(i));
		assert_int_equal(pack_write(name, &made.keep, made.directory, &made.packing,
		                            made.hash, &packer->fault),
		                 0);
		packing_restart(&made.packing);
	}
	assert_int_equal(shell(packer, "set -- \"$R\"/objects/pack/*.keep && [ $# = 3 ] && git -C "
	                               "\"$R\" gc -q --prune=now && set -- "
	                               "\"$R\"/objects/pack/*.pack && [ $# = 3 ]"),
	                 0);
	pack_settle(&made.keep);
	assert_int_equal(shell(packer, "! ls \"$R\"/objects/pack/*.keep 2>/dev/null"), 0);
	made_clear(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_written_pack_reads_back_everywhere),
	        TEST(a_pack_is_kept_until_references_name_it),
	};

	return cmocka_run_group_tests_name("packing", tests, NULL, NULL);
}
