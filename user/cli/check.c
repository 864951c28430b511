/* SPDX-License-Identifier: MIT */
/* `arpkeeper check`: validates a configuration, an entry, or a repository. Changes nothing. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "entry/entry.h"
#include "reader/reader.h"

static const char doc[] =
        "Validate a configuration file, a file that holds one entry, or every entry of a "
        "repository's main branch.\v"
        "A folder is taken for a repository, a file that is called like an address or begins "
        "like an entry for an entry, any other file for a configuration. Without argument: the "
        "configuration of -c, if given, and its repository or the default one.\n"
        "Exit status 1 if anything is wrong.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper check /etc/arpkeeper.conf\n"
        "  arpkeeper check /var/lib/arpkeeper/history.git\n"
        "  arpkeeper check lan/10.0/10.0.3/10.0.3.17\n";

static const struct argp_child children[] = {
        {&settings_config_argp, 0, NULL, 0},
        {&settings_repository_argp, 0, NULL, 0},
        {&settings_json_argp, 0, NULL, 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char *subject;
};

struct findings {
	json_t *problems; /* for --json; else NULL */
	size_t count;
	int64_t entries;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, children, &arguments->settings);
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->subject)
			argp_error(state, "one file or repository at a time");
		arguments->subject = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* `reason` may begin with "line N: ". */
static void report(void *context, const char *path, const char *reason)
{
	struct findings *findings = context;
	unsigned line = 0;
	int used = 0;

	findings->count++;
	if (!findings->problems) {
		line_write(stdout, "%s: %s", path, reason);
		return;
	}
	if (sscanf(reason, "line %u: %n", &line, &used) == 1 && used > 0)
		reason += used;
	json_array_append_new(findings->problems,
	                      json_pack("{s:s, s:o, s:s}", "path", path, "line",
	                                line ? json_integer(line) : json_null(), "reason", reason));
}

/* For a sentence that names the path already. */
static void report_sentence(struct findings *findings, const char *path, const char *sentence)
{
	if (findings->problems) {
		report(findings, path, sentence);
		return;
	}
	findings->count++;
	line_write(stdout, "%s", sentence);
}

static void report_good(const struct findings *findings, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void report_good(const struct findings *findings, const char *format, ...)
{
	va_list arguments;
	char text[1024];

	if (findings->problems)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	line_write(stdout, "OK  %s", text);
}

/* A fault that names the path itself, as those of a configuration do, gets it only once. */
static void report_fault(struct findings *findings, const char *path, const char *text)
{
	size_t length = strlen(path);
	unsigned line;
	int used = 0;
	char reason[FAULT_TEXT + 32];

	if (strncmp(text, path, length) == 0 && text[length] == ':') {
		text += length + 1;
		text += strspn(text, " ");
		if (sscanf(text, "%u: %n", &line, &used) == 1 && used > 0) {
			snprintf(reason, sizeof(reason), "line %u: %s", line, text + used);
			text = reason;
		}
	}
	report(findings, path, text);
}

static void check_configuration(struct findings *findings, const char *path)
{
	struct config config = {0};
	struct fault fault = {""};

	if (config_init(&config) < 0 || config_read(&config, path, &fault) < 0 ||
	    config_check(&config, &fault) < 0)
		report_fault(findings, path, fault.text);
	else
		report_good(findings, "%s: a configuration with %zu segment%s", path,
		            config.segments, config.segments == 1 ? "" : "s");
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
	report_good(findings, "%s: an entry, %s, %s", path, mac_format(mac, entry.mac),
	            entry_state_name(entry.state));
	entry_clear(&entry);
}

static void check_repository(struct findings *findings, const char *path)
{
	struct reader *reader = NULL;
	struct fault fault = {""};
	size_t before = findings->count;
	int64_t entries = -1;

	if (reader_open(&reader, path, &fault) == 0)
		entries = reader_check(reader, report, findings, &fault);
	if (entries < 0)
		report_sentence(findings, path, fault.text);
	else if (findings->count == before)
		report_good(findings, "%s: a repository with %" PRId64 " entr%s", path, entries,
		            entries == 1 ? "y" : "ies");
	findings->entries += entries > 0 ? entries : 0;
	reader_close(reader);
}

static bool is_entry(const char *path, const char *text, size_t length)
{
	const char *slash = strrchr(path, '/');
	uint32_t address;

	return ipv4_parse(&address, slash ? slash + 1 : path) == 0 ||
	       (length >= 4 && memcmp(text, "mac ", 4) == 0);
}

static void check_path(struct findings *findings, const char *path)
{
	char text[ENTRY_TEXT_MAX + 1]; /* one more than an entry may have, so that it shows */
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

static int check(struct findings *findings, struct arguments *arguments)
{
	struct settings *settings = &arguments->settings;

	if (arguments->subject) {
		check_path(findings, arguments->subject);
		return EXIT_OK;
	}
	if (settings->config_path) {
		check_configuration(findings, settings->config_path);
		if (findings->count > 0)
			return EXIT_OK; /* where its repository is, is not certain */
	}
	if (settings_load(settings) != EXIT_OK)
		return EXIT_FAILED;
	check_repository(findings, settings->repository);
	return EXIT_OK;
}

int command_check(int argc, char **argv)
{
	const struct argp argp = {NULL, parse, "[FILE|REPO]", doc, children, NULL, NULL};
	struct arguments arguments = {0};
	struct findings findings = {0};
	json_t *result = NULL;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	if (arguments.settings.json)
		findings.problems = json_array();
	status = check(&findings, &arguments);
	if (status == EXIT_OK && findings.problems) {
		result = json_pack("{s:O, s:I}", "problems", findings.problems, "entries",
		                   (json_int_t)findings.entries);
		json_dumpf(result, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(result);
	json_decref(findings.problems);
	settings_clear(&arguments.settings);
	return status == EXIT_OK && findings.count > 0 ? EXIT_FAILED : status;
}
