/* SPDX-License-Identifier: MIT */
/*
 * The control socket's command `import` (commands.h says what it takes and gives): a list of
 * bindings becomes the table's, as one task. It comes in pieces, which are applied a slice at a
 * time, and each is answered when history has taken it in: so neither the loop nor a queue is
 * ever filled, however long the list is.
 */
#ifndef USER_AGENT_IMPORTER_H
#define USER_AGENT_IMPORTER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "control/control.h"

struct agent;
struct import;

/* One import at a time. */
struct importer {
	struct agent *agent;
	struct import *import; /* NULL: none is under way */
	uv_idle_t idle;        /* runs while there is something to apply */
};

void importer_init(struct importer *importer, struct agent *agent);
void import_command(struct agent *agent, const struct control_request *request);
/* A client is gone: an import of his ends with what was applied. */
void import_gone(struct importer *importer, uint64_t client);
/* Whether somebody waits for history. */
bool import_is_waiting(const struct importer *importer);
/* Once a second while history is in trouble, and why ("": it is not). */
void import_beat(struct importer *importer, const char *trouble);

#endif
