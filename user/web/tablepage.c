// SPDX-License-Identifier: MIT
/* Reads the parameters of /api/v1/table, and writes its rows. Knows of no table. */
#include "web/tablepage.h"

#include <errno.h>
#include <string.h>

#include "web/parameter.h"
#include "web/rowjson.h"
#include "web/vendor.h"

#define LIMIT_DEFAULT 100
#define OFFSET_MOST   99999999

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
	static const char *const orders[] = {"asc", "desc", NULL};
	int sort = SORT_NATURAL, order = 0;
	int error = parameter_choice(&sort, request, "sort", select_sorts, fault);

	if (!error)
		error = parameter_choice(&order, request, "order", orders, fault);
	selection->sort = (enum select_sort)sort;
	selection->descending = order;
	if (!error)
		error = parameter_number(&selection->offset, request, "offset", 0, OFFSET_MOST,
		                         fault);
	return error ? error
	             : parameter_number(&selection->limit, request, "limit", 0, SELECT_LIMIT,
	                                fault);
}

int table_read(struct selection *selection, struct mac *mac, const struct api_request *request,
               struct fault *fault)
{
	const char *prefix = parameter_text(request, "prefix");
	int error;

	*selection = (struct selection){.segment = parameter_text(request, "segment"),
	                                .range = range_anywhere,
	                                .text = parameter_text(request, "q"),
	                                .limit = LIMIT_DEFAULT};
	error = prefix ? range_parse(&selection->range, prefix, fault) : 0;
	if (!error)
		error = parameter_mac(mac, &selection->mac, request, "mac", fault);
	if (!error && selection->text && strlen(selection->text) > SELECT_TEXT)
		error = fault_set(fault, -EINVAL, "q is longer than %d bytes", SELECT_TEXT);
	if (!error)
		error = read_states(selection, parameter_text(request, "state"), fault);
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
