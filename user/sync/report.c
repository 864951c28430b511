// SPDX-License-Identifier: MIT
/* Collects what became of an exchange, and puts it into JSON. Decides nothing. */
#include "sync/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *syncreport_why(enum sync_why why)
{
	static const char *const name[] = {"rewound", "invalid", "refused", "diverged",
	                                   "unanswered"};

	return name[why];
}

void syncreport_refuse(struct sync_report *report, const char *name, const char *id,
                       enum sync_why why, const char *format, ...)
{
	struct sync_refused *refused = &report->refused[report->refusals];
	va_list arguments;

	if (report->refusals++ >= SYNC_REFUSED_MAX)
		return;
	snprintf(refused->name, sizeof(refused->name), "%s", name);
	snprintf(refused->id, sizeof(refused->id), "%s", id);
	refused->why = why;
	va_start(arguments, format);
	vsnprintf(refused->text, sizeof(refused->text), format, arguments);
	va_end(arguments);
	/* What git says contains what the other side says. */
	text_mend(refused->text);
}

json_t *syncreport_json(const struct sync_report *report, const struct sync_request *request,
                        const char *error)
{
	json_t *refused = json_array(), *cleared = json_array(), *operators = json_null(),
	       *seen = json_null();
	char words[FAULT_TEXT];

	snprintf(words, sizeof(words), "%s", error);
	text_mend(words);
	for (uint32_t i = 0; i < report->refusals && i < SYNC_REFUSED_MAX; i++)
		json_array_append_new(refused, json_pack("{s:s, s:s, s:s, s:s}", "branch",
		                                         report->refused[i].name, "id",
		                                         report->refused[i].id, "why",
		                                         syncreport_why(report->refused[i].why),
		                                         "text", report->refused[i].text));
	for (uint32_t i = 0; i < report->clears; i++)
		json_array_append_new(cleared, json_string(report->cleared[i]));
	if (report->seen) {
		json_t *list = json_array();

		for (uint32_t i = 0; i < report->behinds; i++)
			json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I}", "node",
			                                      report->behind[i].node, "branch",
			                                      report->behind[i].branch, "commits",
			                                      (json_int_t)report->behind[i].commits,
			                                      "since",
			                                      (json_int_t)report->behind[i].since));
		seen = json_pack("{s:I, s:o}", "nodes", (json_int_t)report->nodes, "behind", list);
	}
	if (request->operators)
		operators = json_pack(
		        "{s:s, s:s, s:I, s:I, s:I}", "holder", report->holder, "lease",
		        report->lease, "waiting", (json_int_t)report->waiting, "merged",
		        (json_int_t)report->merged, "declined", (json_int_t)report->declined);
	return json_pack("{s:s?, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
	                 "remote", request->remote, "serial", request->serial, "error", words,
	                 "listed", (json_int_t)report->listed, "changed",
	                 (json_int_t)report->changed, "fetched", (json_int_t)report->fetched,
	                 "pushed", (json_int_t)report->pushed, "bytes", (json_int_t)report->bytes,
	                 "milliseconds", (json_int_t)report->milliseconds, "refusals",
	                 (json_int_t)report->refusals, "refused", refused, "cleared", cleared,
	                 "operators", operators, "seen", seen);
}
