// SPDX-License-Identifier: MIT
/* The sandbox from inside: a recorder that was taken over tries what it likes. */
#include "inside.h"

#include <grp.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static bool has_line(const char *text)
{
	char line[256];
	bool found = false;
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = found || !strcmp(line, text);
	}
	if (file)
		fclose(file);
	return found;
}

static void look_at_self(struct place *place)
{
	static const char *const lines[] = {
	        "Uid:\t64123\t64123\t64123\t64123",
	        "Gid:\t64123\t64123\t64123\t64123",
	        "Groups:\t ",
	        "CapInh:\t0000000000000000",
	        "CapPrm:\t0000000000000000",
	        "CapEff:\t0000000000000000",
	        "CapBnd:\t0000000000000000",
	        "CapAmb:\t0000000000000000",
	        "NoNewPrivs:\t1",
	        "Umask:\t0022",
	};
	struct rlimit core;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!has_line(lines[i])) {
			fprintf(stderr, "/proc/self/status has no line '%s'\n", lines[i]);
			child_faults++;
		}
	expect(!place->report.seccomp || has_line("Seccomp:\t2"));
	expect(!place->report.root);
	expect(strstr(place->report.text, "user 64123; no capabilities"));
	expect(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
	expect(prctl(PR_GET_DUMPABLE) == 0);
	expect(prctl(PR_GET_SECUREBITS) == 0xef);
}

static void nothing_is_left(void **state)
{
	inside(*state, look_at_self);
}

static bool variable_is(const char *name, const char *value)
{
	const char *set = getenv(name);

	return set && !strcmp(set, value);
}

static void look_at_environment(struct place *place)
{
	size_t count = 0;

	(void)place;
	for (char **variable = environ; *variable; variable++, count++)
		expect(strncmp(*variable, "GIT_", 4) != 0 && strncmp(*variable, "LD_", 3) != 0);
#if !defined(__SANITIZE_ADDRESS__)
	expect(count == 5);
#endif
	expect(variable_is("PATH", "/usr/local/bin:/usr/bin:/bin"));
	expect(variable_is("HOME", "/nonexistent"));
	expect(variable_is("LC_ALL", "C"));
	expect(variable_is("JOURNAL_STREAM", "8:1"));
	for (int descriptor = 4; descriptor < 64; descriptor++)
		expect_errno(fcntl(descriptor, F_GETFD), EBADF);
}

static void environment_and_descriptors_are_gone(void **state)
{
	int open_file = dup2(STDERR_FILENO, 42);

	setenv("GIT_DIR", "/tmp", 1);
	setenv("JOURNAL_STREAM", "8:1", 1);
	setenv("LD_PRELOAD_OF_SOMEONE", "x", 1);
	inside(*state, look_at_environment);
	unsetenv("GIT_DIR");
	unsetenv("LD_PRELOAD_OF_SOMEONE");
	close(open_file);
}

/* Each by its number, as a recorder that runs foreign code would. */
static void try_calls(struct place *place)
{
	static const struct {
		const char *name;
		long number, argument[4];
		int expected;
	} calls[] = {
		{"mount", SYS_mount, {0}, EPERM},
		{"umount2", SYS_umount2, {0}, EPERM},
		{"pivot_root", SYS_pivot_root, {0}, EPERM},
		{"chroot", SYS_chroot, {(long)"/"}, EPERM},
		{"bpf", SYS_bpf, {0}, EPERM},
		{"perf_event_open", SYS_perf_event_open, {0}, EPERM},
		{"keyctl", SYS_keyctl, {0}, EPERM},
		{"add_key", SYS_add_key, {0}, EPERM},
		{"unshare", SYS_unshare, {CLONE_NEWUSER}, EPERM},
		{"setns", SYS_setns, {0, CLONE_NEWNET}, EPERM},
		{"clone of a user namespace", SYS_clone, {CLONE_NEWUSER | SIGCHLD}, EPERM},
		{"clone3", SYS_clone3, {0}, ENOSYS},
		{"io_uring_setup", SYS_io_uring_setup, {1}, EPERM},
		{"userfaultfd", SYS_userfaultfd, {0}, EPERM},
		{"init_module", SYS_init_module, {0}, EPERM},
		{"finit_module", SYS_finit_module, {0}, EPERM},
		{"delete_module", SYS_delete_module, {(long)"x"}, EPERM},
		{"kexec_load", SYS_kexec_load, {0}, EPERM},
		{"reboot", SYS_reboot, {0}, EPERM},
		{"swapon", SYS_swapon, {(long)"/"}, EPERM},
		{"sethostname", SYS_sethostname, {(long)"x", 1}, EPERM},
		{"settimeofday", SYS_settimeofday, {0}, EPERM},
		{"setuid", SYS_setuid, {0}, EPERM},
		{"setgid", SYS_setgid, {0}, EPERM},
		{"setresuid", SYS_setresuid, {0, 0, 0}, EPERM},
		{"setgroups", SYS_setgroups, {0}, EPERM},
		{"capset", SYS_capset, {0}, EPERM},
		{"personality", SYS_personality, {0}, EPERM},
		{"mknodat", SYS_mknodat, {AT_FDCWD, (long)"x", S_IFCHR | 0600, 1}, EPERM},
		{"open_by_handle_at", SYS_open_by_handle_at, {0}, EPERM},
		{"fanotify_init", SYS_fanotify_init, {0}, EPERM},
		{"pidfd_getfd", SYS_pidfd_getfd, {0}, EPERM},
		{"process_vm_writev", SYS_process_vm_writev, {0}, EPERM},
		{"execveat", SYS_execveat, {0}, EPERM},
		{"listen", SYS_listen, {3, 1}, EPERM},
		{"a call from the future", 590, {0}, ENOSYS},
#if !defined(__SANITIZE_ADDRESS__)
		{"ptrace", SYS_ptrace, {PTRACE_ATTACH, 1}, EPERM},
		{"process_vm_readv", SYS_process_vm_readv, {0}, EPERM},
#endif
	};

	if (!place->report.seccomp)
		return;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const long *argument = calls[i].argument;
		long result;

		errno = 0;
		result = syscall(calls[i].number, argument[0], argument[1], argument[2],
		                 argument[3]);
		if (result >= 0 || errno != calls[i].expected) {
			fprintf(stderr, "%s: gave %ld, %s\n", calls[i].name, result,
			        strerror(errno));
			child_faults++;
		}
	}
}

static void dangerous_calls_are_refused(void **state)
{
	inside(*state, try_calls);
}

static void dangerous_calls_are_refused_to_root(void **state)
{
	struct place *place = *state;
	struct fault fault;

	assert_int_equal(sandbox_find_user(&place->user, "0", &fault), 0);
	assert_int_equal(chown(place->repository, 0, 0), 0);
	inside(place, try_calls);
}

static void try_setuid_files(struct place *place)
{
	char path[160];
	int file;

	snprintf(path, sizeof(path), "%s/program", place->repository);
	file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
	expect(file >= 0);
	expect_errno(fchmod(file, 04755), EPERM);
	expect_errno(chmod(path, 04755), EPERM);
	expect_errno(fchmodat(AT_FDCWD, path, 06755, 0), EPERM);
	expect(chmod(path, 02755) == 0); /* folders of a shared repository have it */
	close(file);
	snprintf(path, sizeof(path), "%s/other", place->repository);
	expect_errno(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 04755), EPERM);
	/* Without O_CREAT the mode is not used. */
	expect(open(place->repository, O_RDONLY | O_CLOEXEC, 04755) >= 0);
}

static void no_setuid_file_can_be_made(void **state)
{
	inside(*state, try_setuid_files);
}

static void try_files(struct place *place)
{
	char path[200], link_path[200];

	if (!place->report.landlock)
		return;
	expect_errno(open("/etc/shadow", O_RDONLY | O_CLOEXEC), EACCES);
	expect_errno(open("/root", O_RDONLY | O_CLOEXEC), EACCES);
	expect_errno(open("/proc/1/mem", O_RDONLY | O_CLOEXEC), EACCES);
	expect_errno(open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC), EACCES);
	/* By its mode, this one may be read and written by everybody. */
	snprintf(path, sizeof(path), "%s/secret", place->outside);
	expect_errno(open(path, O_RDONLY | O_CLOEXEC), EACCES);
	expect_errno(open(path, O_WRONLY | O_CLOEXEC), EACCES);
	expect_errno(truncate(path, 0), EACCES);
	expect_errno(unlink(path), EACCES);
	snprintf(link_path, sizeof(link_path), "%s/stolen", place->repository);
	expect(link(path, link_path) < 0);
	expect(rename(path, link_path) < 0);
	snprintf(path, sizeof(path), "%s/new", place->outside);
	expect_errno(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644), EACCES);
	expect_errno(mkdir(path, 0755), EACCES);
	/* The repository can be written, but has no devices, sockets and links. */
	snprintf(path, sizeof(path), "%s/new", place->repository);
	expect(mkdir(path, 0755) == 0);
	expect(symlink("/etc/shadow", link_path) < 0);
}

static void follow_link(struct place *place)
{
	char path[200];

	if (!place->report.landlock)
		return;
	snprintf(path, sizeof(path), "%s/link", place->repository);
	expect_errno(open(path, O_RDONLY | O_CLOEXEC), EACCES);
	expect_errno(open(path, O_WRONLY | O_CLOEXEC), EACCES);
	snprintf(path, sizeof(path), "%s/folder/secret", place->repository);
	expect_errno(open(path, O_RDONLY | O_CLOEXEC), EACCES);
}

static void plant(const struct place *place)
{
	char secret[200], path[200];

	snprintf(secret, sizeof(secret), "%s/secret", place->outside);
	write_file(secret, "a secret\n");
	assert_int_equal(chmod(secret, 0666), 0);
	snprintf(path, sizeof(path), "%s/link", place->repository);
	assert_int_equal(symlink(secret, path), 0);
	snprintf(path, sizeof(path), "%s/folder", place->repository);
	assert_int_equal(symlink(place->outside, path), 0);
}

static void other_files_are_out_of_reach(void **state)
{
	plant(*state);
	inside(*state, try_files);
}

static void other_files_are_out_of_reach_of_root(void **state)
{
	struct place *place = *state;
	struct fault fault;

	plant(place);
	assert_int_equal(sandbox_find_user(&place->user, "root", &fault), 0);
	assert_int_equal(chown(place->repository, 0, 0), 0);
	inside(place, try_files);
}

static void links_in_the_repository_lead_nowhere(void **state)
{
	plant(*state);
	inside(*state, follow_link);
}

static void look_at_root(struct place *place)
{
	expect(place->report.root);
	expect(has_line("CapEff:\t0000000000000000"));
	expect(has_line("CapBnd:\t0000000000000000"));
	expect(!strncmp(place->report.text, "root, because there is no user arpkeeper; ", 42));
	expect(shell("grep -q '^CapEff:.0000000000000000' /proc/self/status") == 0);
	if (place->report.landlock >= 6)
		expect_errno(kill(getppid(), 0), EPERM);
}

static void root_without_the_user_is_reported(void **state)
{
	struct place *place = *state;
	struct fault fault;

	assert_int_equal(sandbox_find_user(&place->user, "root", &fault), 0);
	place->user.missing = true;
	assert_int_equal(chown(place->repository, 0, 0), 0);
	inside(place, look_at_root);
}

static void look_at_others_files(struct place *place)
{
	(void)place;
	expect(has_line("CapEff:\t000000000000000a"));
	expect(has_line("CapBnd:\t000000000000000a"));
	/* git gets the same. */
	expect(shell("grep -q '^CapEff:.000000000000000a' /proc/self/status") == 0);
}

static void root_may_keep_others_files(void **state)
{
	struct place *place = *state;
	struct fault fault;

	assert_int_equal(sandbox_find_user(&place->user, "root", &fault), 0);
	place->options.others_files = true;
	inside(place, look_at_others_files);
	/* Another user has no such right to keep. */
	assert_int_equal(sandbox_find_user(&place->user, "64123", &fault), 0);
	inside(place, look_at_self);
}

static void run_setuid(struct place *place)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/id", place->outside);
	expect(shell("test \"$(%s -u)\" = 64123", path) == 0);
	expect(shell("test \"$(%s -g)\" = 64123", path) == 0);
	/* What the repository has is data. */
	if (place->report.landlock)
		expect(shell("cp %s %s/id && chmod 755 %s/id && ! %s/id 2>/dev/null", path,
		             place->repository, place->repository, place->repository) == 0);
}

static void setuid_programs_have_no_effect(void **state)
{
	struct place *place = *state;
	const char *const runnable[] = {place->outside, NULL};

	assert_int_equal(
	        shell("cp /usr/bin/id %s/id && chmod 6755 %s/id", place->outside, place->outside),
	        0);
	place->options.runnable = runnable;
	inside(place, run_setuid);
}

static int tcp_listener(struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET,
	                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(listener, (struct sockaddr *)address, size), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)address, &size), 0);
	return listener;
}

static struct sockaddr_in listening;
static struct sockaddr_un abstract = {.sun_family = AF_UNIX};

static void try_sockets(struct place *place)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
	int pair[2];

	if (!place->report.seccomp)
		return;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		expect_errno(socket(families[i], SOCK_STREAM, 0), EPERM);
		expect_errno(socket(families[i], SOCK_DGRAM, 0), EPERM);
		expect_errno(socket(families[i], SOCK_RAW, 0), EPERM);
	}
	expect(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
}

static void there_are_no_sockets(void **state)
{
	inside(*state, try_sockets);
}

static void try_fetching(struct place *place)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	struct fault fault = {""};
	int first = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), second, local;

	expect(first >= 0);
	expect(connect(first, (struct sockaddr *)&listening, sizeof(listening)) == 0);
	expect_errno(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
	expect_errno(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM);
	second = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	expect(second >= 0 && local >= 0);
	if (place->report.landlock >= 4) {
		any.sin_port = htons(4711);
		expect_errno(bind(second, (struct sockaddr *)&any, sizeof(any)), EACCES);
	}
	if (place->report.landlock >= 6)
		expect_errno(connect(local, (const struct sockaddr *)&abstract, sizeof(abstract)),
		             EPERM);
	expect(sandbox_end_fetching(&fault) == 0);
	expect(connect(second, (struct sockaddr *)&listening, sizeof(listening)) < 0);
	expect_errno(socket(AF_INET, SOCK_STREAM, 0), EPERM);
	expect_errno(socket(AF_UNIX, SOCK_STREAM, 0), EPERM);
}

static void fetching_connects_until_it_ends(void **state)
{
	int listener = tcp_listener(&listening);
	int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct place *place = *state;

	snprintf(abstract.sun_path + 1, sizeof(abstract.sun_path) - 1, "arpkeeper-test-%d",
	         (int)getpid());
	assert_int_equal(bind(local, (const struct sockaddr *)&abstract, sizeof(abstract)), 0);
	assert_int_equal(listen(local, 1), 0);
	place->options.fetches = true;
	inside(place, try_fetching);
	close(listener);
	close(local);
}

static void try_terminal(struct place *place)
{
	struct winsize size;

	if (!place->report.seccomp)
		return;
	expect_errno(ioctl(0, TIOCSTI, "x"), EPERM);
	expect(ioctl(0, TIOCGWINSZ, &size) == 0 || errno == ENOTTY);
}

static void nothing_is_typed_on_the_terminal(void **state)
{
	inside(*state, try_terminal);
}

/* What the recorder and people do in a repository. The hooks are a shell's. */
static void use_git(struct place *place)
{
	static const char *const script =
	        "set -e; exec 2>&1; cd %s; export GIT_CONFIG_NOSYSTEM=1 "
	        "GIT_CONFIG_GLOBAL=/dev/null;"
	        "export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A "
	        "GIT_COMMITTER_EMAIL=a@b;"
	        "git init -q --bare .;"
	        "for i in 1 2 3 4 5; do"
	        "  blob=$(echo $i | git hash-object -w --stdin);"
	        "  tree=$(printf '100644 blob %%s\\tfile\\n' $blob | git mktree);"
	        "  tip=$(git commit-tree -m $i ${tip:+-p $tip} $tree);"
	        "  git update-ref refs/heads/main $tip;"
	        "done;"
	        "git -c core.hooksPath=%s/hooks fetch -q -- %s/other main:other;"
	        "test \"$(cat hook-ran)\" = prepared;"
	        "test \"$(git rev-list --count main)\" = 5;"
	        "test \"$(git rev-list --count other)\" = 1;"
	        "git repack -q -a -d; git gc -q --prune=now; git pack-refs --all;"
	        "git fsck --strict; cp -a objects copied;"
	        "git clone -q --bare . copy.git; git -C copy.git fsck --strict;"
	        "git log -p main >log; git bundle create -q all.bundle --all; git cat-file -p main "
	        "| "
	        "grep -q tree";

	expect(shell(script, place->repository, place->outside, place->outside) == 0);
}

static void git_works(void **state)
{
	struct place *place = *state;
	char hooks[160], other[160];
	const char *const runnable[] = {hooks, NULL}, *const readable[] = {other, NULL};

	snprintf(hooks, sizeof(hooks), "%s/hooks", place->outside);
	snprintf(other, sizeof(other), "%s/other", place->outside);
	assert_int_equal(
	        shell("set -e; mkdir %s; printf '#!/bin/sh\\n[ $1 != prepared ] || "
	              "echo $1 >%s/hook-ran\\n' >%s/reference-transaction; chmod 755 %s/*;"
	              "git init -q -b main %s; cd %s; git -c user.name=A -c user.email=a@b "
	              "commit -q --allow-empty -m first; chown -R %u .",
	              hooks, place->repository, hooks, hooks, other, other, place->user.uid),
	        0);
	place->options.runnable = runnable;
	place->options.readable = readable;
	inside(place, use_git);
}

static void git_works_for_root(void **state)
{
	struct place *place = *state;
	struct fault fault;

	assert_int_equal(sandbox_find_user(&place->user, "root", &fault), 0);
	assert_int_equal(chown(place->repository, 0, 0), 0);
	git_works(state);
}

static void *do_nothing(void *argument)
{
	sigset_t none;

	sigemptyset(&none);
	while (true)
		sigsuspend(&none);
	return argument;
}

static void threads_are_refused(void **state)
{
	struct place *place = *state;
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct fault fault = {""};
		pthread_t thread;

		pthread_create(&thread, NULL, do_nothing, NULL);
		_exit(sandbox_enter(&place->options, NULL, &fault) == -EBUSY ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void folder_that_the_user_cannot_make_is_a_fault(void **state)
{
	struct place *place = *state;
	pid_t child;
	int status;

	assert_int_equal(rmdir(place->repository), 0);
	child = fork();
	if (child == 0) {
		struct fault fault = {""};
		int error = sandbox_enter(&place->options, NULL, &fault);

		_exit(error == -EACCES && strstr(fault.text, "user 64123 cannot make it") ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	/* One that it can make is made. */
	assert_int_equal(chown(place->folder, STRANGER, STRANGER), 0);
	inside(place, look_at_self);
	assert_int_equal(access(place->repository, F_OK), 0);
}

static void write_beside(struct place *place)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/inside", place->repository);
	expect(mkdir(path, 0755) == 0);
	snprintf(path, sizeof(path), "%s/beside", place->folder);
	if (place->report.landlock)
		expect_errno(mkdir(path, 0755), EACCES);
}

static void make_beside(struct place *place)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/beside", place->folder);
	expect(mkdir(path, 0755) == 0);
	expect(rmdir(path) == 0);
}

static void repository_that_exists_is_all_that_is_written(void **state)
{
	struct place *place = *state;
	char path[120];

	assert_int_equal(chown(place->folder, STRANGER, STRANGER), 0);
	place->options.writable = NULL;
	place->options.repository = place->repository;
	inside(place, write_beside);
	/* What is fetched is kept beside it. */
	place->options.fetches = true;
	inside(place, make_beside);
	/* One that is missing is made there. */
	place->options.fetches = false;
	snprintf(path, sizeof(path), "%s/other.git", place->folder);
	place->options.repository = path;
	inside(place, make_beside);
}

static void repository_of_another_user_is_a_fault(void **state)
{
	struct place *place = *state;
	int status;
	pid_t child;

	assert_int_equal(chown(place->repository, 0, 0), 0);
	place->options.writable = NULL;
	place->options.repository = place->repository;
	child = fork();
	if (child == 0) {
		struct fault fault = {""};
		int error = sandbox_enter(&place->options, NULL, &fault);

		_exit(error == -EACCES && strstr(fault.text, "`chown -R 64123 /tmp/") ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* A layer that is added must not refuse what the first one granted. */
static void rename_after_fetching(struct place *place)
{
	char from[200], to[200];
	struct fault fault = {""};

	expect(sandbox_end_fetching(&fault) == 0);
	snprintf(from, sizeof(from), "%s/one", place->repository);
	snprintf(to, sizeof(to), "%s/two", place->repository);
	expect(mkdir(from, 0755) == 0 && mkdir(to, 0755) == 0);
	snprintf(from, sizeof(from), "%s/one/file", place->repository);
	snprintf(to, sizeof(to), "%s/two/file", place->repository);
	expect(close(open(from, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)) == 0);
	expect(rename(from, to) == 0);
	expect(link(to, from) == 0);
	/* But not out of the repository. */
	snprintf(to, sizeof(to), "%s/file", place->outside);
	expect(!place->report.landlock || rename(from, to) < 0);
}

static void files_are_renamed_between_folders_after_fetching(void **state)
{
	struct place *place = *state;

	place->options.fetches = true;
	inside(place, rename_after_fetching);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)
	const struct CMUnitTest tests[] = {
	        IN_PLACE(nothing_is_left),
	        IN_PLACE(environment_and_descriptors_are_gone),
	        IN_PLACE(dangerous_calls_are_refused),
	        IN_PLACE(dangerous_calls_are_refused_to_root),
	        IN_PLACE(no_setuid_file_can_be_made),
	        IN_PLACE(other_files_are_out_of_reach),
	        IN_PLACE(other_files_are_out_of_reach_of_root),
	        IN_PLACE(links_in_the_repository_lead_nowhere),
	        IN_PLACE(root_without_the_user_is_reported),
	        IN_PLACE(root_may_keep_others_files),
	        IN_PLACE(setuid_programs_have_no_effect),
	        IN_PLACE(there_are_no_sockets),
	        IN_PLACE(fetching_connects_until_it_ends),
	        IN_PLACE(nothing_is_typed_on_the_terminal),
	        IN_PLACE(git_works),
	        IN_PLACE(git_works_for_root),
	        IN_PLACE(threads_are_refused),
	        IN_PLACE(repository_that_exists_is_all_that_is_written),
	        IN_PLACE(repository_of_another_user_is_a_fault),
	        IN_PLACE(files_are_renamed_between_folders_after_fetching),
	        IN_PLACE(folder_that_the_user_cannot_make_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
