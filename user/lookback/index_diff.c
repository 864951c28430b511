// SPDX-License-Identifier: MIT
/*
 * Reads from a commit's trees what it changed. It judges nothing and skips files that are not
 * entries: a reader checks a change in the commit itself before it reports it.
 */
#include "lookback/index_diff.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "entry/entry.h"
#include "pack/pack.h"
#include "store/store.h"

#define MACS ((size_t)1 << 15) /* kept, by blob */

struct known_mac {
	git_oid blob;
	struct mac mac;
};

struct index_diff {
	struct bulk *bulk;
	struct trees *trees;
	struct known_mac *mac; /* MACS of them */

	/* of the present commit */
	index_diff_fn *handle;
	void *context;
};

struct index_diff *index_diff_new(git_repository *repository, bool many)
{
	struct index_diff *diff = calloc(1, sizeof(*diff));

	if (!diff)
		return NULL;
	diff->mac = calloc(MACS, sizeof(*diff->mac));
	diff->bulk = bulk_new(repository, many);
	diff->trees = diff->bulk ? trees_new(diff->bulk) : NULL;
	if (!diff->mac || !diff->trees) {
		index_diff_free(diff);
		return NULL;
	}
	return diff;
}

void index_diff_free(struct index_diff *diff)
{
	if (!diff)
		return;
	trees_free(diff->trees);
	bulk_free(diff->bulk);
	free(diff->mac);
	free(diff);
}

/* The MAC in a blob's first line. Zero: the blob is NULL, or not an entry. */
static int mac_of(struct mac *mac, struct index_diff *diff, const git_oid *blob)
{
	struct known_mac *known;
	struct content *content;
	char text[MAC_TEXT];
	uint32_t key;
	int error;

	*mac = (struct mac){{0}};
	if (!blob)
		return 0;
	memcpy(&key, blob->id, sizeof(key));
	known = &diff->mac[key % MACS];
	if (git_oid_equal(&known->blob, blob)) {
		*mac = known->mac;
		return 0;
	}
	error = bulk_read(&content, diff->bulk, blob);
	if (error < 0)
		return error;
	if (content->size > sizeof("mac ") + sizeof(text) &&
	    memcmp(content->data, "mac ", strlen("mac ")) == 0) {
		memcpy(text, content->data + strlen("mac "), sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		if (mac_parse(mac, text) < 0)
			*mac = (struct mac){{0}};
	}
	content_release(content);
	known->blob = *blob;
	known->mac = *mac;
	return 0;
}

static int file_diff(void *context, const struct tree_difference *file)
{
	const git_oid *before = S_ISREG(file->before_mode) ? file->before : NULL;
	const git_oid *after = S_ISREG(file->after_mode) ? file->after : NULL;
	struct index_diff *diff = context;
	char segment[SEGMENT_NAME_MAX + 1];
	struct mac old, new;
	struct address address;
	int error;

	if ((!before && !after) || (before && after && git_oid_equal(before, after)) ||
	    entry_path_parse(segment, &address, file->path, NULL) < 0)
		return 0;
	error = mac_of(&old, diff, before);
	if (error == 0)
		error = mac_of(&new, diff, after);
	return error ? error : diff->handle(diff->context, segment, address, old, new);
}

int index_diff_run(struct index_diff *diff, const git_oid *tree, const git_oid *parent,
                   index_diff_fn *handle, void *context)
{
	diff->handle = handle;
	diff->context = context;
	return trees_compare(diff->trees, parent, tree, file_diff, diff);
}
