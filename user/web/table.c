// SPDX-License-Identifier: MIT
/* Answers with a page of the live copy, or leads to the past. */
#include "web/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "web/moments.h"
#include "web/parameter.h"
#include "web/tablepage.h"

#define WAIT_SECONDS 10

static int write_page(json_t **answer, const struct rows *rows, const struct selected *selected)
{
	json_t *entries = json_array();

	for (size_t i = 0; i < selected->count; i++)
		if (json_array_append_new(entries, table_row_json(rows, &selected->row[i]))) {
			json_decref(entries);
			return -ENOMEM;
		}
	*answer = json_pack("{s:n, s:I, s:I, s:o}", "at", "total", (json_int_t)selected->total,
	                    "of", (json_int_t)rows->count, "entries", entries);
	return *answer ? 0 : -ENOMEM;
}

static int look(struct web *web, const struct selection *selection, json_t **answer,
                struct fault *fault)
{
	struct selected *selected = malloc(sizeof(*selected));
	const struct rows *rows = selected ? copy_look(&web->copy, fault) : NULL;
	int error;

	if (!rows) {
		error = selected ? -ENOTCONN : fault_set(fault, -ENOMEM, "out of memory");
		free(selected);
		return error;
	}
	error = select_rows(selected, rows, selection);
	if (!error)
		error = write_page(answer, rows, selected);
	copy_leave(&web->copy);
	free(selected);
	return error ? fault_set(fault, error, "out of memory") : 0;
}

static int look_back(struct web *web, const struct api_request *request, json_t **answer,
                     struct fault *fault)
{
	int error;

	if (!gate_enter(&web->past, WAIT_SECONDS))
		return fault_set(fault, -ECONNREFUSED,
		                 "too many look into the past at once: try again");
	error = api_table_at(request, answer, fault);
	gate_leave(&web->past);
	return error;
}

int live_table(struct web *web, const struct api_request *request, json_t **answer,
               struct fault *fault)
{
	struct selection selection;
	struct mac mac;
	int error;

	if (parameter_text(request, "at"))
		return look_back(web, request, answer, fault);
	error = table_read(&selection, &mac, request, fault);
	if (error)
		return error;
	follow_looked(&web->follow);
	if (!gate_enter(&web->present, WAIT_SECONDS))
		return fault_set(fault, -ECONNREFUSED, "too many ask at once: try again");
	error = look(web, &selection, answer, fault);
	gate_leave(&web->present);
	return error;
}
