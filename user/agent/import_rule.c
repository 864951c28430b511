/* SPDX-License-Identifier: MIT */
#include "agent/import_rule.h"

#include <stdlib.h>
#include <string.h>

/* Accepts x- lines only when the one parser takes them as part of an entry. */
static const char *check_extra(const struct entry *entry)
{
	struct entry read = {.extra = NULL};
	struct fault fault = {""};
	char *text = entry_print(entry);
	bool good = text && entry_parse(&read, text, strlen(text), &fault) == 0 && read.extra &&
	            strcmp(read.extra, entry->extra) == 0;

	entry_clear(&read);
	free(text);
	return good ? NULL : "its x- lines are invalid";
}

const char *import_line_parse(struct import_line *said, char *line)
{
	char *field[6] = {NULL}, *rest = line;
	struct entry *entry = &said->entry;
	struct fault fault;

	*said = (struct import_line){0};
	for (unsigned i = 0; i < 6 && rest; i++)
		field[i] = strsep(&rest, "\t");
	if (!field[2] || address_parse(&said->address, field[0]) < 0 ||
	    mac_parse(&entry->mac, field[1]) < 0 || !mac_is_station(entry->mac) ||
	    !strchr("sdr", *field[2]) || !*field[2] || field[2][1])
		return "it is not an address, a station's MAC and a state";
	entry->state = *field[2] == 'd' ? ENTRY_DYNAMIC : ENTRY_STATIC;
	entry->router = *field[2] == 'r';
	if (field[3] && *field[3]) {
		if (time_parse(&entry->since, field[3], strlen(field[3])) < 0)
			return "its time is invalid";
		said->has_since = true;
	}
	if (field[4] && *field[4])
		entry->origin = field[4];
	if (field[5] && *field[5])
		entry->note = field[5];
	if ((entry->origin && entry_check_text("origin", entry->origin, &fault) < 0) ||
	    (entry->note && entry_check_text("note", entry->note, &fault) < 0))
		return "its origin or note is not one line of text";
	if (rest && *rest) {
		entry->extra = rest;
		for (char *tab = strchr(rest, '\t'); tab; tab = strchr(tab, '\t'))
			*tab = '\n';
		/* The header promises the room. */
		strcat(rest, "\n");
		return check_extra(entry);
	}
	return NULL;
}

enum import_outcome import_decide(struct entry *after, const struct import_line *said,
                                  const struct neighbour_view *view, bool force, const char **why)
{
	const struct entry *now = view->entry;
	bool here = mac_equal(view->mac, said->entry.mac);

	*after = said->entry;
	if (view->state == SLOT_LOCAL) {
		*why = "it is this host's own address";
		return here ? IMPORT_SAME : IMPORT_REFUSED;
	}
	if (!now)
		return IMPORT_CHANGES;
	if (!after->extra)
		after->extra = now->extra; /* it is about the address, not about the MAC */
	if (!here && (force || (now->state == ENTRY_DYNAMIC && after->state == ENTRY_STATIC)))
		return IMPORT_CHANGES;
	if (!here) {
		*why = "it is declared at another MAC";
		return now->state == ENTRY_STATIC ? IMPORT_REFUSED : IMPORT_KEPT;
	}
	/* The same binding: what the list does not say stays. */
	after->since = now->since;
	after->after = now->after;
	after->origin = now->origin;
	if (!after->note)
		after->note = now->note;
	if (now->state == ENTRY_STATIC && !force)
		after->state = ENTRY_STATIC;
	after->router = after->router || (now->router && after->state == ENTRY_STATIC);
	return entry_equal(now, after) ? IMPORT_SAME : IMPORT_CHANGES;
}
