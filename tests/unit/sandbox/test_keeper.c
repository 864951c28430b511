// SPDX-License-Identifier: MIT
/* What the keeper has left. */
#include "inside.h"

#include <cap-ng.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* CAP_NET_ADMIN, CAP_NET_RAW, CAP_PERFMON and CAP_BPF: bits 12, 13, 38, 39. */
#define FOUR "000000c000003000"
/* And CAP_DAC_OVERRIDE, CAP_FOWNER: bits 1, 3. */
#define SIX "000000c00000300a"

static int in_child(void (*test)(const char *), const char *argument)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		test(argument);
		_exit(child_faults ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static bool status_has(const char *name, const char *value)
{
	char line[256], wanted[256];
	FILE *file = fopen("/proc/self/status", "re");
	bool found = false;

	snprintf(wanted, sizeof(wanted), "%s:\t%s\n", name, value);
	while (file && fgets(line, sizeof(line), file))
		found = found || !strcmp(line, wanted);
	if (file)
		fclose(file);
	return found;
}

static void look(const char *set)
{
	struct fault fault = {""};

	expect(sandbox_keeper(!strcmp(set, SIX), &fault) == 0);
	expect(status_has("CapPrm", set));
	expect(status_has("CapEff", set));
	expect(status_has("CapBnd", set));
	expect(status_has("CapInh", "0000000000000000"));
	expect(status_has("CapAmb", "0000000000000000"));
	expect(status_has("NoNewPrivs", "1"));
}

static void keeper_has_four_capabilities(void **state)
{
	(void)state;
	assert_int_equal(in_child(look, FOUR), 0);
}

static void keeper_may_keep_others_files(void **state)
{
	(void)state;
	assert_int_equal(in_child(look, SIX), 0);
}

static void look_without_setpcap(const char *set)
{
	struct fault fault = {""};

	expect(capng_get_caps_process() == 0);
	capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SETPCAP);
	expect(capng_apply(CAPNG_SELECT_CAPS) == 0);
	expect(sandbox_keeper(false, &fault) == 0);
	expect(status_has("CapPrm", set));
	expect(status_has("CapEff", set));
	expect(status_has("NoNewPrivs", "1"));
	/* The bounding set could not be reduced, and does not help. */
	expect(shell("grep -q '^CapEff:.%s' /proc/self/status", set) == 0);
}

static void keeper_drops_in_a_container_without_setpcap(void **state)
{
	(void)state;
	assert_int_equal(in_child(look_without_setpcap, FOUR), 0);
}

static void try_as_keeper(const char *folder)
{
	struct fault fault = {""};
	char path[96];

	snprintf(path, sizeof(path), "%s/secret", folder);
	expect(sandbox_keeper(false, &fault) == 0);
	expect_errno(open(path, O_RDONLY | O_CLOEXEC), EACCES);
	expect_errno(chown(path, 0, 0), EPERM);
	expect_errno(chmod(path, 0666), EPERM);
	expect_errno(setuid(STRANGER), EPERM);
	expect_errno(mount("none", "/mnt", "tmpfs", 0, NULL), EPERM);
	expect_errno(chroot("/"), EPERM);
	expect_errno(sethostname("x", 1), EPERM);
	/* What it is there for. */
	expect(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0);
	/* A program that it runs has nothing. */
	expect(shell("grep -q '^CapEff:.0000000000000000' /proc/self/status") == 0);
	expect(shell("grep -q '^CapPrm:.0000000000000000' /proc/self/status") == 0);
}

static void keeper_has_no_right_over_files_and_users(void **state)
{
	char folder[] = "/tmp/arpkeeper-keeper.XXXXXX", path[96];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/secret", folder);
	write_file(path, "a secret\n");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chown(path, STRANGER, STRANGER), 0);
	assert_int_equal(in_child(try_as_keeper, folder), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(keeper_has_four_capabilities),
	        cmocka_unit_test(keeper_may_keep_others_files),
	        cmocka_unit_test(keeper_drops_in_a_container_without_setpcap),
	        cmocka_unit_test(keeper_has_no_right_over_files_and_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
