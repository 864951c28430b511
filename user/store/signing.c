// SPDX-License-Identifier: MIT
/* Starts ssh-keygen, and nothing else. It gives it an environment of its own, without an agent of
 * ssh, so that only the file counts. */
#include "store/signing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM       "/usr/bin/ssh-keygen"
#define SIGNATURE_MAX 8192 /* bytes; of RSA with 4,096 bits: 1,600 */
#define BEGINNING     "-----BEGIN SSH SIGNATURE-----\n"

struct signer {
	char key[PATH_MAX];
};

/* --- the child -------------------------------------------------------------------------------- */

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* Reads to the end, or until it is too much. */
static size_t read_all(int from, char *to, size_t size)
{
	size_t length = 0;
	ssize_t got;

	while (length < size && (got = read(from, to + length, size - length)) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		length += got > 0 ? (size_t)got : 0;
	}
	return length;
}

static int start(pid_t *child, const char *key, int in, int out)
{
	const char *const arguments[] = {"ssh-keygen", "-Y", "sign", "-n", "git", "-f", key, NULL};
	const char *const environment[] = {"LC_ALL=C", "HOME=/nonexistent",
	                                   "SSH_ASKPASS_REQUIRE=never", NULL};
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	if (!error)
		error = posix_spawn(child, PROGRAM, &actions, NULL, (char *const *)arguments,
		                    (char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

/* What it says about `text`, with a NUL. Its whole input is there before it starts. */
static int run(const char *key, char answer[SIGNATURE_MAX], const char *text, size_t size)
{
	int in = memfd_create("commit", MFD_CLOEXEC), ends[2] = {-1, -1}, error = 0;
	size_t length = 0;
	pid_t child = -1;

	if (in < 0 || pipe2(ends, O_CLOEXEC) < 0)
		error = -errno;
	if (!error)
		error = durable_write(in, text, size);
	if (!error && lseek(in, 0, SEEK_SET) < 0)
		error = -errno;
	if (!error)
		error = start(&child, key, in, ends[1]);
	if (ends[1] >= 0)
		close(ends[1]);
	if (!error) {
		length = read_all(ends[0], answer, SIGNATURE_MAX - 1);
		close(ends[0]);
		ends[0] = -1;
		error = wait_for(child);
	}
	answer[length] = '\0';
	if (ends[0] >= 0)
		close(ends[0]);
	if (in >= 0)
		close(in);
	return error;
}

/* --- the header ------------------------------------------------------------------------------- */

int signer_sign(const struct signer *signer, char **header, const char *text, size_t size,
                struct fault *fault)
{
	char answer[SIGNATURE_MAX] = "";
	int error = run(signer->key, answer, text, size);
	const char *line = strstr(answer, BEGINNING);
	FILE *stream;
	size_t length;

	*header = NULL;
	if (!error && !line)
		error = -EIO;
	if (error)
		return fault_set(
		        fault, error,
		        "a commit cannot be signed with %s: %.*s: the key must be a file "
		        "without a passphrase, which the repository's owner alone can read, in "
		        "the repository's folder (the sandbox shows no other)",
		        signer->key, (int)strcspn(answer, "\r\n"),
		        answer[0] ? answer : strerror(-error));
	stream = open_memstream(header, &length);
	if (!stream)
		return fault_set(fault, -ENOMEM, "out of memory");
	/* As git writes a value of several lines. */
	fputs("gpgsig", stream);
	for (; *line; line += strcspn(line, "\n") + 1)
		fprintf(stream, " %.*s\n", (int)strcspn(line, "\n"), line);
	if (fclose(stream) == 0)
		return 0;
	free(*header);
	*header = NULL;
	return fault_set(fault, -ENOMEM, "out of memory");
}

/* --- the configuration ------------------------------------------------------------------------ */

/* A value; empty if it is not set. */
static void get(char text[PATH_MAX], git_config *config, const char *key)
{
	git_buf value = GIT_BUF_INIT;

	text[0] = '\0';
	if (git_config_get_string_buf(&value, config, key) == 0)
		snprintf(text, PATH_MAX, "%s", value.ptr);
	git_buf_dispose(&value);
}

static int find_key(struct signer *signer, git_config *config, const char *directory,
                    struct fault *fault)
{
	char format[PATH_MAX], key[PATH_MAX];

	get(format, config, "gpg.format");
	get(key, config, "user.signingkey");
	if (strcmp(format, "ssh") != 0)
		return fault_set(
		        fault, -EINVAL,
		        "%sconfig: commit.gpgSign is set, and gpg.format is %s: the agent signs "
		        "with ssh alone, as gpg needs a socket that its sandbox has not. Set "
		        "gpg.format = ssh and user.signingKey, or unset commit.gpgSign",
		        directory, format[0] ? format : "openpgp, git's default");
	if (!key[0] || !strncmp(key, "key::", 5))
		return fault_set(
		        fault, -EINVAL,
		        "%sconfig: commit.gpgSign is set, and user.signingKey is not the file of "
		        "a private key: make one with `ssh-keygen -t ed25519 -N '' -f "
		        "%sarpkeeper/signing-key`, as the repository's owner",
		        directory, directory);
	snprintf(signer->key, sizeof(signer->key), "%s%s", key[0] == '/' ? "" : directory, key);
	return 0;
}

int signer_open(struct signer **signer, git_repository *repository, struct fault *fault)
{
	const char *directory = git_repository_path(repository);
	struct signer *made = calloc(1, sizeof(*made));
	git_config *config = NULL;
	char *tried = NULL;
	int wanted = 0, error;

	*signer = NULL;
	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = git_repository_config_snapshot(&config, repository);
	if (!error && git_config_get_bool(&wanted, config, "commit.gpgsign") < 0)
		wanted = 0;
	if (error)
		error = fault_set(fault, -EIO, "%sconfig cannot be read", directory);
	if (!error && wanted)
		error = find_key(made, config, directory, fault);
	git_config_free(config);
	if (!error && wanted)
		error = signer_sign(made, &tried, "", 0, fault);
	free(tried);
	if (error || !wanted)
		signer_free(made);
	else
		*signer = made;
	return error;
}

void signer_free(struct signer *signer)
{
	free(signer);
}
