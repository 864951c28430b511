/* SPDX-License-Identifier: MIT */
/* What the tests of packs share: a folder of their own, and a repository that stock git made. */
#ifndef TESTS_UNIT_PACK_PACKER_H
#define TESTS_UNIT_PACK_PACKER_H

#include "../gitshell.h"
#include "pack/pack.h"

struct packer {
	char folder[64]; /* of the test */
	char path[128];  /* of the repository */
	struct fault fault;
};

GITSHELL int packer_set_up(void **state)
{
	struct packer *packer = calloc(1, sizeof(*packer));

	assert_non_null(packer);
	strcpy(packer->folder, "/tmp/akpack-XXXXXX");
	assert_non_null(mkdtemp(packer->folder));
	snprintf(packer->path, sizeof(packer->path), "%s/test.git", packer->folder);
	assert_int_equal(shell(packer, "git init -q --bare \"$R\""), 0);
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	*state = packer;
	return 0;
}

GITSHELL int packer_tear_down(void **state)
{
	struct packer *packer = *state;

	git_libgit2_shutdown();
	gitshell_remove(packer->folder);
	free(packer);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, packer_set_up, packer_tear_down)

#endif
