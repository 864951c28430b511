// SPDX-License-Identifier: MIT
/* Words for a push: taken, or not, why, and what to do. Decides nothing. */
#include "history/verdict.h"

static void say_entry(FILE *stream, const struct entry *entry)
{
	char mac[MAC_TEXT], since[TIME_TEXT];

	if (entry)
		fprintf(stream, " (%s, %s, since %s)", mac_format(mac, entry->mac),
		        entry_state_name(entry->state), time_format(since, entry->since));
}

/* Who made what main has, as far as the look-back index goes. */
static void find_winner(char by[TASK_ID_MAX], struct archive *archive,
                        const struct verdict *verdict)
{
	const struct history_item *item = verdict->item;
	struct author_query query = {.repository = archive->repository,
	                             .segment = archive->segment[item->segment].name,
	                             .address = item->address,
	                             .before = UINT32_MAX};
	struct fault ignored;
	git_oid file;

	by[0] = '\0';
	if (archive_find(archive, &file, verdict->tree, item->segment, item->address, &ignored))
		return;
	query.file = &file;
	author_find(by, archive->lookback.index, &query);
}

void verdict_say(FILE *stream, struct archive *archive, const struct verdict *verdict)
{
	const struct history_item *item = verdict->item;
	char address[ADDRESS_TEXT], words[WORDING_LOST], by[TASK_ID_MAX];

	address_format(address, item->address);
	if (item->choice == MERGE_TOOK_THEIRS) {
		fprintf(stream, "\n%s: yours is taken: %s", address,
		        wording_lost(words, verdict->why, NULL));
		return;
	}
	if (item->choice == MERGE_REFUSED) {
		fprintf(stream, "\n%s: yours is not taken: %s", address, verdict->why);
		return;
	}
	find_winner(by, archive, verdict);
	fprintf(stream, "\n%s: yours is not taken: %s", address,
	        wording_lost(words, verdict->why, by));
	say_entry(stream, verdict->ours);
	fputs("; to insist, fetch main, change it there, and push again", stream);
}
