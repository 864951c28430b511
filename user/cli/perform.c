/* SPDX-License-Identifier: MIT */
/* What all commands have in common: command line, settings, the fault, the exit status. */
#include "cli/perform.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/options.h"
#include "cli/settings.h"
#include "entry/entry.h"

int perform(const struct command *command, int argc, char **argv)
{
	const struct command_spec *spec = command->spec;
	struct settings *settings = calloc(1, spec->size);
	struct fault fault = {""};
	int status = 0;

	if (!settings) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	options_parse(command, settings, argc, argv);
	if (settings->message)
		status = entry_check_text("message", settings->message, &fault);
	if (status == 0 && !spec->loads)
		status = settings_load(settings, &fault);
	if (status == 0)
		status = spec->run(settings, &fault);
	if (status < 0) {
		/* main() reports output that cannot be written. */
		if (fault.text[0] || !ferror(stdout))
			log_error("%s", fault.text[0] ? fault.text : "out of memory");
		status = EXIT_FAILED;
	}
	options_clear(command, settings);
	settings_clear(settings);
	free(settings);
	return status;
}
