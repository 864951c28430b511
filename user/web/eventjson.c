// SPDX-License-Identifier: MIT
/* Makes the JSON of changes and incidents. Texts of commits need not be UTF-8. */
#include "web/eventjson.h"

#include "client/client.h"

json_t *json_of_time(int64_t seconds)
{
	char text[TIME_TEXT];

	return seconds ? json_string(time_format(text, seconds)) : json_null();
}

json_t *event_json(const struct reader_event *event)
{
	static const char *const fates[] = {[READER_TOOK] = "taken",
	                                    [READER_LOST] = "not_taken",
	                                    [READER_KNOWN] = "not_needed",
	                                    [READER_OVERTAKEN] = "overtaken"};
	char address[ADDRESS_TEXT], time[TIME_TEXT];

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
	                 "s:s, s:s}",
	                 "time", time_format(time, event->time), "segment", event->segment,
	                 "address", address_format(address, event->address), "before",
	                 json_entry(event->before), "after", json_entry(event->after), "begins",
	                 event->begins, "fate", fates[event->fate], "why", json_of_text(event->why),
	                 "winner", json_of_text(event->winner), "task", json_of_text(event->task),
	                 "interface", json_of_text(event->interface), "trigger",
	                 json_of_text(event->trigger), "author", json_of_text(event->author),
	                 "subject", json_of_text(event->subject), "commit", event->commit, "main",
	                 event->main);
}

json_t *incident_json(const struct incident *incident)
{
	char time[TIME_TEXT];

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "time",
	                 time_format(time, incident->time), "alert", json_of_text(incident->kind),
	                 "segment", json_of_text(incident->segment), "address",
	                 json_of_text(incident->address), "mac", json_of_text(incident->mac),
	                 "other", json_of_text(incident->other), "subject",
	                 json_of_text(incident->subject), "commit", incident->commit);
}
