// SPDX-License-Identifier: MIT
/* Reads the parameters of /api/v1/table, and writes the page of rows. */
#include "web/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "web/moments.h"
#include "web/rowjson.h"
#include "web/target.h"
#include "web/vendor.h"

#define LIMIT_DEFAULT 100
#define OFFSET_MOST   99999999
#define WAIT_SECONDS  10

static const char *parameter(const struct api_request *request, const char *name)
{
	const char *text = request->parameter(request->context, name);

	return text && *text ? text : NULL;
}

/* "dynamic,stale": one or more. */
static int read_states(struct selection *selection, const char *text, struct fault *fault)
{
	while (text) {
		size_t length = strcspn(text, ",");
		int state = row_state_parse(text, length);

		if (state >= 0)
			selection->states |= 1u << state;
		else if (length == strlen("frozen") && !memcmp(text, "frozen", length))
			selection->frozen = true;
		else
			return fault_set(fault, -EINVAL,
			                 "state = '%.40s' is not a list of dynamic, static, "
			                 "local, stale, pending, dead or frozen",
			                 text);
		text = text[length] ? text + length + 1 : NULL;
	}
	return 0;
}

static int read_order(struct selection *selection, const struct api_request *request,
                      struct fault *fault)
{
	static const char *const orders[] = {"asc", "desc"};
	int sort = SORT_NATURAL, order = 0;
	int error = target_choice(&sort, "sort", parameter(request, "sort"), select_sorts,
	                          SELECT_SORTS, fault);

	if (!error)
		error = target_choice(&order, "order", parameter(request, "order"), orders, 2,
		                      fault);
	selection->sort = (enum select_sort)sort;
	selection->descending = order;
	if (!error)
		error = target_number(&selection->offset, "offset", parameter(request, "offset"),
		                      OFFSET_MOST, fault);
	return error ? error
	             : target_number(&selection->limit, "limit", parameter(request, "limit"),
	                             SELECT_LIMIT, fault);
}

int table_read(struct selection *selection, struct mac *mac, const struct api_request *request,
               struct fault *fault)
{
	const char *prefix = parameter(request, "prefix"), *station = parameter(request, "mac");
	int error;

	*selection = (struct selection){.segment = parameter(request, "segment"),
	                                .range = {0, UINT32_MAX},
	                                .text = parameter(request, "q"),
	                                .limit = LIMIT_DEFAULT};
	error = prefix ? range_parse(&selection->range, prefix, fault) : 0;
	if (!error && station) {
		selection->mac = mac;
		error = mac_read(mac, station) < 0
		                ? fault_set(fault, -EINVAL, "mac = '%.40s' is not a MAC address",
		                            station)
		                : 0;
	}
	if (!error && selection->text && strlen(selection->text) > SELECT_TEXT)
		error = fault_set(fault, -EINVAL, "q is longer than %d bytes", SELECT_TEXT);
	if (!error)
		error = read_states(selection, parameter(request, "state"), fault);
	return error ? error : read_order(selection, request, fault);
}

json_t *table_row_json(const struct rows *rows, const struct row *row)
{
	json_t *json = row_json(row, rows->segment[row->segment]);
	const char *vendor = vendor_of(row->mac);

	if (json)
		json_object_set_new(json, "vendor", vendor ? json_string(vendor) : json_null());
	return json;
}

static int write_page(json_t **answer, const struct rows *rows, const struct selected *selected)
{
	json_t *entries = json_array();

	for (size_t i = 0; i < selected->count; i++)
		if (json_array_append_new(entries, table_row_json(rows, selected->row[i]))) {
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

	if (parameter(request, "at"))
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
