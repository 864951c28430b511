// SPDX-License-Identifier: MIT
/* Turns what the reader found into JSON, and decides nothing. */
#include "web/previewjson.h"

#include "client/client.h"

json_t *preview_head_json(const struct preview *preview, bool asked)
{
	return json_pack(
	        "{s:o, s:s, s:s, s:b, s:b, s:{s:I, s:I, s:I, s:I, s:I}, s:I, s:{s:b, s:s, s:o}, "
	        "s:o}",
	        "branch", json_of_text(preview->branch), "commit", preview->commit, "main",
	        preview->main, "merged", preview->known, "agent", asked, "total", "changes",
	        (json_int_t)preview->changed, "kept", (json_int_t)preview->kept, "invalid",
	        (json_int_t)preview->invalid, "files", (json_int_t)preview->files, "files_kept",
	        (json_int_t)preview->files_kept, "overwritten", (json_int_t)preview->overwritten,
	        "guard", "exceeds", preview->guarded, "limit", preview->guard, "confirm",
	        preview->guarded ? json_integer((json_int_t)preview->confirm) : json_null(),
	        "command", json_of_text(preview->command));
}

json_t *preview_change_json(const struct preview_row *row)
{
	char address[ADDRESS_TEXT];

	return json_pack("{s:s, s:s, s:o, s:o, s:s?}", "segment", row->segment, "address",
	                 address_format(address, row->address), "now", json_entry(row->now), "then",
	                 json_entry(row->then), "why", row->why);
}

json_t *preview_kept_json(const struct preview_row *row)
{
	char address[ADDRESS_TEXT];

	return json_pack("{s:s, s:s, s:o, s:o, s:s}", "segment", row->segment, "address",
	                 address_format(address, row->address), "theirs", json_entry(row->theirs),
	                 "ours", json_entry(row->now), "why", row->why);
}

json_t *preview_invalid_json(const struct preview *preview, size_t number)
{
	char path[PREVIEW_PATH];
	const char *reason;

	if (!preview_invalid(preview, number, path, &reason))
		return NULL;
	return json_pack("{s:s?, s:o}", "path", *path ? path : NULL, "reason",
	                 json_of_text(reason));
}

struct lists {
	json_t *changes, *kept, *invalid;
	size_t most;
};

static int add(void *context, const struct preview_row *row)
{
	struct lists *lists = context;

	if (row->changed && json_array_size(lists->changes) < lists->most)
		json_array_append_new(lists->changes, preview_change_json(row));
	if (row->kept && json_array_size(lists->kept) < lists->most)
		json_array_append_new(lists->kept, preview_kept_json(row));
	return 0;
}

json_t *preview_json(const struct preview *preview, bool asked, size_t most)
{
	struct lists lists = {json_array(), json_array(), json_array(), most};
	json_t *head = preview_head_json(preview, asked), *problem;

	(void)preview_each(preview, add, &lists);
	for (size_t i = 0; i < most && (problem = preview_invalid_json(preview, i)); i++)
		json_array_append_new(lists.invalid, problem);
	json_object_set_new(head, "changes", lists.changes);
	json_object_set_new(head, "kept", lists.kept);
	json_object_set_new(head, "invalid", lists.invalid);
	return head;
}
