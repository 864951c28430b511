/* SPDX-License-Identifier: MIT */
/* What the rooms above give to the sandbox, and what it reports. */
#ifndef USER_SANDBOX_TYPES_H
#define USER_SANDBOX_TYPES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SANDBOX_USER   "arpkeeper" /* the default user of the recorder */
#define SANDBOX_NAME   64
#define SANDBOX_HOME   256
#define SANDBOX_REPORT 256

struct sandbox_user {
	uid_t uid;
	gid_t gid;
	char name[SANDBOX_NAME]; /* or the number as text */
	char home[SANDBOX_HOME];
	bool missing; /* root, because there is no user arpkeeper */
};

/* Lists end with NULL; a list may be NULL. Paths are absolute. */
struct sandbox_options {
	const struct sandbox_user *user;
	const char *repository; /* to read and write; if it is missing, or something is fetched,
	                           then the folder that it is in; NULL: none */
	const char *const *writable; /* more folders; made, with their user's rights, if missing */
	const char *const *readable; /* more to read: files or folders; those missing are skipped */
	const char *const *runnable; /* more to read and run; likewise */
	bool others_files; /* if the user is root: keep the right over other users' files */
	/* It serves on the socket that is its descriptor 3, and reads: `repository` and `writable`
	 * are NULL, it runs no program, and connects to Unix sockets alone. Who is not root stays
	 * who it is. */
	bool serves;
	bool fetches; /* may connect and look names up, until sandbox_end_fetching() */
};

struct sandbox_report {
	char text[SANDBOX_REPORT]; /* what is in force, in words */
	bool root;                 /* the process has the user ID 0 */
	int landlock;              /* version; 0: no file is out of reach but by its mode */
	bool seccomp;
};

/* What became of the texts that a courier was given, since it began. */
struct courier_counts {
	uint64_t passed;  /* the command ended well */
	uint64_t failed;  /* it did not, or took too long */
	uint64_t dropped; /* no command was run */
	uint64_t left;    /* processes that commands left behind, and that were killed */
};

#define COURIER_TEXT_MAX 32768 /* less than a pipe holds */
#define COURIER_RUNS_MAX 60
#define COURIER_WAITING  64 /* texts that wait, and as many of news; more are dropped */

struct courier_options {
	const struct sandbox_user *user;
	const char *command; /* absolute path: see sandbox_check_command() */
	/* Words that follow it, up to a NULL; NULL: none. Then it is this program itself, which is
	 * not checked: root runs it already. */
	const char *const *arguments;
	const char *label;  /* of the log's lines: "agent.alert-command" */
	const char *failed; /* what a failure means: "the alert was not passed on" */
	uint32_t limit_ms;  /* a run that takes longer is killed */
	uint32_t window_ms; /* so many runs begin within this, news half of it at most */
	unsigned runs;      /* at most COURIER_RUNS_MAX */
};

struct detacher_options {
	/* In the process: does it for one interface. 0 or a negative errno. */
	int (*detach)(void *context, uint32_t ifindex);
	void *context;
	const char *pins; /* the BPF file system, which must exist */
};

#endif
