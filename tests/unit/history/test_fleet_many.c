// SPDX-License-Identifier: MIT
/* A change of one branch of a thousand costs what changed: objects are counted, not seconds. */
#include "nodes.h"

#include <dlfcn.h>
#include <git2.h>

#define BRANCHES 1000
#define ENTRIES  100 /* of each */

static atomic_uint reads;

/* In place of libgit2's, which they call. */
int git_odb_read(git_odb_object **out, git_odb *db, const git_oid *id)
{
	int (*real)(git_odb_object **, git_odb *, const git_oid *) =
	        (__typeof__(real))dlsym(RTLD_NEXT, "git_odb_read");

	atomic_fetch_add(&reads, 1);
	return real(out, db, id);
}

int git_commit_lookup(git_commit **commit, git_repository *repository, const git_oid *id)
{
	int (*real)(git_commit **, git_repository *, const git_oid *) =
	        (__typeof__(real))dlsym(RTLD_NEXT, "git_commit_lookup");

	atomic_fetch_add(&reads, 1);
	return real(commit, repository, id);
}

/* Each node declares a hundred addresses, of a thousand; one more commit for the last node. */
static const char history[] =
        "awk -v branches=%u -v entries=%u 'BEGIN { for (b = 1; b <= branches; b++) {"
        " m = sprintf(\"claims\\n\\nNode: n%%d\\nCount: 1\\nBoot: %%032d\\n\", b, b);"
        " printf \"commit refs/fleet/from/hub/lan/n%%d\\nmark :%%d\\ncommitter a <a@b> 1790000000 "
        "+0000\\ndata %%d\\n%%s\\n\", b, b, length(m), m;"
        " for (e = 0; e < entries; e++) { h = (b * 7 + e) %% 1000 + 1;"
        "  t = sprintf(\"mac 02:00:00:00:%%02x:%%02x\\nstate static\\nsince "
        "2026-01-01T00:%%02d:%%02dZ\\n\","
        " b / 256, b %% 256, b / 60, b %% 60);"
        "  printf \"M 100644 inline lan/10.0/10.0.%%d/10.0.%%d.%%d\\ndata %%d\\n%%s\\n\","
        " h / 256, h / 256, h %% 256, length(t), t } } }' >stream && "
        "git -C \"$R\" -c fastimport.unpackLimit=1 fast-import --quiet --force <stream";

static void a_change_of_one_costs_what_changed(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0];
	struct history_status status;
	unsigned before;

	assert_int_equal(shell(a, history, BRANCHES, ENTRIES), 0);
	looks(a);
	history_status(a->history, &status);
	assert_int_equal(status.fleet.nodes, BRANCHES);
	assert_int_equal(
	        shell(a,
	              "export GIT_DIR=\"$R\" GIT_INDEX_FILE=$PWD/index f=10.0.0.1 && "
	              "r=refs/fleet/from/hub/lan/n1000 && git read-tree $r && "
	              "printf 'mac 02:00:00:00:ff:ff\\nstate static\\nsince "
	              "2026-02-01T00:00:00Z\\n' >file && git update-index --add "
	              "--cacheinfo 100644,$(git hash-object -w file),lan/10.0/10.0.0/$f && "
	              "c=$(printf 'claims\\n\\nNode: n1000\\nCount: 2\\nBoot: "
	              "%032d\\n' | git commit-tree -p $r $(git write-tree)) && "
	              "git update-ref $r $c",
	              1000),
	        0);
	before = atomic_load(&reads);
	looks(a);
	/* Two commits' trees, four deep each, a claim, and what main has there. */
	printf("%u objects were read\n", atomic_load(&reads) - before);
	assert_in_range(atomic_load(&reads) - before, 1, 40);
	assert_true(has(a, 1, 0xff));
	before = atomic_load(&reads);
	looks(a);
	assert_in_range(atomic_load(&reads) - before, 0, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        NODES_TEST(a_change_of_one_costs_what_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
