/* SPDX-License-Identifier: MIT */
/* `arpkeeper check`: validates a configuration, an entry, or a repository. Changes nothing. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/outside.h"
#include "cli/table.h"
#include "client/client.h"
#include "reader/reader.h"

static const char doc[] =
        "Validate a configuration file, a file that holds one entry, or every entry of a "
        "repository's main branch.\v"
        "A folder is checked as a repository. A file is checked as an entry if its name is an "
        "address or it begins like an entry, else as a configuration. Without an argument: the "
        "configuration, if there is one, and its repository or the default one.\n"
        "The exit status is 1 if anything is wrong. Entries outside the configured segments and "
        "prefixes are named, and are not wrong.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper check /etc/arpkeeper.conf\n"
        "  arpkeeper check /var/lib/arpkeeper/history.git\n"
        "  arpkeeper check lan/10.0/10.0.3/10.0.3.17\n";

struct findings {
	json_t *problems; /* for --json; else NULL */
	json_t *outside;  /* of a repository: outside_list(); NULL: none was checked */
	size_t count;
	int64_t entries;
};

/* `reason` may begin with "line N: ", or as a configuration's fault with "PATH:N: " or "PATH: ". */
static void report(void *context, const char *path, const char *reason)
{
	struct findings *findings = context;
	size_t length = strlen(path);
	unsigned line = 0;
	int used = 0;

	if (strncmp(reason, path, length) == 0 && reason[length] == ':') {
		reason += length + 1;
		reason += strspn(reason, " ");
		sscanf(reason, "%u: %n", &line, &used);
	} else {
		sscanf(reason, "line %u: %n", &line, &used);
	}
	reason += used;
	findings->count++;
	if (findings->problems)
		json_array_append_new(findings->problems,
		                      json_pack("{s:s, s:o, s:s}", "path", path, "line",
		                                used ? json_integer(line) : json_null(), "reason",
		                                reason));
	else if (used)
		line_write(stdout, "%s: line %u: %s", path, line, reason);
	else if (strncmp(reason, path, length) == 0)
		line_write(stdout, "%s", reason);
	else
		line_write(stdout, "%s: %s", path, reason);
}

static void check_configuration(struct findings *findings, const char *path)
{
	struct config_problems problems = {0};
	struct config config = {0};
	char reason[PROBLEM_TEXT + 32];

	if (config_init(&config) < 0 || config_read_all(&config, path, &problems) < 0)
		report(findings, path, "out of memory");
	for (size_t i = 0; i < problems.items; i++) {
		const struct config_problem *problem = &problems.item[i];

		if (problem->line)
			snprintf(reason, sizeof(reason), "line %u: %s", problem->line,
			         problem->reason);
		report(findings, path, problem->line ? reason : problem->reason);
	}
	if (problems.count > problems.items) {
		snprintf(reason, sizeof(reason), "%zu more problems",
		         problems.count - problems.items);
		report(findings, path, reason);
	}
	if (problems.count == 0 && !findings->problems)
		line_write(stdout, "OK  %s: a configuration with %zu segment%s", path,
		           config.segments, text_plural(config.segments));
	problems_clear(&problems);
	config_clear(&config);
}

static void check_entry(struct findings *findings, const char *path, const char *text,
                        size_t length)
{
	char mac[MAC_TEXT];
	struct entry entry = {0};
	struct fault fault = {""};

	if (entry_parse(&entry, text, length, &fault) < 0) {
		report(findings, path, fault.text);
		return;
	}
	findings->entries++;
	if (!findings->problems)
		line_write(stdout, "OK  %s: an entry, %s, %s", path, mac_format(mac, entry.mac),
		           entry_state_name(entry.state));
	entry_clear(&entry);
}

static void check_repository(struct findings *findings, const char *path)
{
	struct reader *reader = NULL;
	struct fault fault = {""};
	size_t before = findings->count;
	int64_t entries = -1;
	char *outside;

	if (reader_open(&reader, path, &fault) == 0)
		entries = reader_check(reader, report, findings, &fault);
	if (entries >= 0 && !findings->outside &&
	    !(findings->outside = outside_list(reader, &fault)))
		entries = -1;
	outside = outside_words(findings->outside);
	if (outside && !findings->problems)
		line_write(stdout, "%s: %s", path, outside);
	free(outside);
	if (entries < 0)
		report(findings, path, fault.text);
	else if (findings->count == before && !findings->problems)
		line_write(stdout, "OK  %s: a repository with %" PRId64 " entr%s", path, entries,
		           entries == 1 ? "y" : "ies");
	findings->entries += entries > 0 ? entries : 0;
	reader_close(reader);
}

/* Whether a file is called as an address is, IPv6 with dashes for colons. */
static bool is_called_so(const char *path)
{
	const char *slash = strrchr(path, '/');
	char name[ADDRESS_TEXT];
	struct address address;

	if (snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path) >= (int)sizeof(name))
		return false;
	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = ':';
	return address_parse(&address, name) == 0;
}

static bool is_entry(const char *path, const char *text, size_t length)
{
	return is_called_so(path) || (length >= 4 && memcmp(text, "mac ", 4) == 0);
}

static void check_path(struct findings *findings, const char *path)
{
	char text[ENTRY_TEXT_MAX + 1]; /* one byte more than an entry may have, to find that */
	struct stat status;
	size_t length;
	FILE *file;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
		check_repository(findings, path);
		return;
	}
	file = fopen(path, "re");
	if (!file) {
		report(findings, path, strerror(errno));
		return;
	}
	length = fread(text, 1, sizeof(text), file);
	if (ferror(file))
		report(findings, path, strerror(errno));
	else if (is_entry(path, text, length))
		check_entry(findings, path, text, length);
	else
		check_configuration(findings, path);
	fclose(file);
}

static int check(struct findings *findings, struct settings *settings, struct fault *fault)
{
	int error;

	if (settings->argument[0]) {
		check_path(findings, settings->argument[0]);
		return 0;
	}
	if (settings->config_path) {
		check_configuration(findings, settings->config_path);
		if (findings->count > 0)
			return 0; /* it may name the wrong repository */
	}
	error = settings_load(settings, fault);
	if (error == 0)
		check_repository(findings, settings->repository);
	return error;
}

static int run(void *arguments, struct fault *fault)
{
	struct settings *settings = arguments;
	struct findings findings = {.problems = settings->json ? json_array() : NULL};
	int error = check(&findings, settings, fault);

	if (error == 0 && findings.problems)
		json_print(json_pack("{s:O, s:I, s:O?}", "problems", findings.problems, "entries",
		                     (json_int_t)findings.entries, "outside", findings.outside));
	json_decref(findings.problems);
	json_decref(findings.outside);
	if (error < 0)
		return error;
	return findings.count > 0 ? EXIT_FAILED : EXIT_OK;
}

const struct command_spec command_check = {
        .size = sizeof(struct settings),
        .arguments = "[FILE|REPO]",
        .doc = doc,
        .loads = true,
        .run = run,
};
