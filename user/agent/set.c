// SPDX-License-Identifier: MIT
/*
 * Declares and removes, and answers once it is durable: also without a change, since the binding
 * may still be on its way to the disk. A range is bounded, because it is done in one turn of the
 * loop.
 */
#include "agent/set.h"

#include <errno.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/forget.h"
#include "agent/mass.h"
#include "agent/place.h"
#include "agent/waiting.h"

#define RANGE_MAX 4096 /* addresses: some 20 ms of the loop */

/* Without the role, answers have R=0, and hosts that hear one drop the default route through the
 * address (RFC 4861 7.2.5). */
static const char advertises[] =
        "it advertises that it is a router: if it is one, set it again with --role router; without "
        "the role, hosts that are answered drop their default route through it";
static const char is_link_local[] =
        "a link-local address may be a router's: if it is, set it again with --role router; "
        "without the role, hosts that are answered drop their default route through it";

static json_t *answer(const struct waiting *waiting, const char *commit)
{
	const char *segment = waiting->agent->config.segment[waiting->segment].name;
	char first[ADDRESS_TEXT], last[ADDRESS_TEXT], mac[MAC_TEXT];
	json_t *body;

	address_format(first, waiting->range.first);
	if (waiting->one)
		body = json_pack("{s:b, s:s, s:s, s:s, s:b}", "ok", 1, "segment", segment,
		                 "address", first, "commit", commit, "changed",
		                 waiting->changes > 0);
	else
		body = json_pack(
		        "{s:b, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "ok", 1, "segment", segment,
		        "first", first, "last", address_format(last, waiting->range.last), "commit",
		        commit, "addresses", (json_int_t)waiting->addresses, "changes",
		        (json_int_t)waiting->changes, "skipped", (json_int_t)waiting->skipped);
	if (!mac_is_zero(waiting->mac)) {
		json_object_set_new(body, "mac", json_string(mac_format(mac, waiting->mac)));
		json_object_set_new(body, "hint",
		                    waiting->hint ? json_string(waiting->hint) : json_null());
	}
	return body;
}

/* One line: who changed what. */
static void log_change(const struct waiting *waiting, const char *commit)
{
	const char *segment = waiting->agent->config.segment[waiting->segment].name;
	char first[ADDRESS_TEXT], last[ADDRESS_TEXT], mac[MAC_TEXT];
	bool set = !mac_is_zero(waiting->mac);

	address_format(first, waiting->range.first);
	address_format(last, waiting->range.last);
	log_info("%s by %s: %s%s%s%s%s in %s, %zu changed, commit %.10s%s", set ? "set" : "unset",
	         waiting->by, first, waiting->one ? "" : " to ", waiting->one ? "" : last,
	         set ? " at " : "", set ? mac_format(mac, waiting->mac) : "", segment,
	         waiting->changes, commit, waiting->answered ? ", recorded after all" : "");
}

static void on_durable(void *argument, int status, const char *commit)
{
	struct waiting *waiting = argument;
	struct control *control = waiting->agent->control;
	char address[ADDRESS_TEXT];

	address_format(address, waiting->range.first);
	if (!waiting->answered && status)
		control_fail(control, waiting->client,
		             "%s: the table has it, but history could not write it: %s", address,
		             strerror(-status));
	else if (!waiting->answered)
		control_reply(control, waiting->client, answer(waiting, commit));
	if (!status && waiting->changes > 0)
		log_change(waiting, commit);
	waiting_free(waiting);
}

/* The request's addresses and their segment; on error the client is answered. */
static int find_target(struct agent *agent, const struct control_request *request,
                       unsigned *segment, struct range *range)
{
	const char *text = control_text(request, "address");
	const char *name = control_text(request, "segment");
	struct fault fault = {""};
	struct address address;
	int error = -EINVAL;

	if (text && address_parse(&address, text) == 0) {
		*range = (struct range){address, address};
		error = place_find(segment, agent, name, address, &fault);
	} else if (text) {
		error = range_parse(range, text, &fault);
		if (!error)
			error = place_find_range(segment, agent, name, *range, &fault);
	} else {
		fault_set(&fault, error, "give an address like 10.0.3.17");
	}
	if (error)
		control_fail(agent->control, request->client, "%s", fault.text);
	return error;
}

/* What stays: the x- lines, which are about the address; and of the same binding all but a new note
 * or role. */
static void keep_same(struct entry *after, const struct neighbour_view *view, bool with_role)
{
	if (view->entry)
		after->extra = view->entry->extra;
	if (!view->entry || view->entry->state != ENTRY_STATIC ||
	    !mac_equal(view->entry->mac, after->mac))
		return;
	after->since = view->entry->since;
	after->after = view->entry->after;
	after->origin = view->entry->origin;
	if (!after->note)
		after->note = view->entry->note;
	if (!with_role)
		after->router = view->entry->router;
}

/* Of an address that is declared without a role, and was `view` before. */
static void hint_role(struct waiting *waiting, struct address address, const struct entry *after,
                      const struct neighbour_view *view)
{
	if (waiting->with_role || after->router || address_is_v4(address))
		return;
	if (view->flags & SLOT_ROUTER)
		waiting->hint = advertises;
	else if (address_is_link_local(address) && !waiting->hint)
		waiting->hint = is_link_local;
}

/* `said`: NULL, unset. As neighbour_declare(). */
static int declare_one(struct waiting *waiting, struct address address, const struct entry *said,
                       const struct neighbour_clock *clock)
{
	struct neighbour *neighbour = waiting->agent->neighbour;
	struct neighbour_view view = {0};
	struct entry after;

	if (!said)
		return neighbour_declare(neighbour, waiting->segment, address, NULL, clock);
	after = *said;
	neighbour_view(neighbour, waiting->segment, address, &view);
	keep_same(&after, &view, waiting->with_role);
	hint_role(waiting, address, &after, &view);
	return neighbour_declare(neighbour, waiting->segment, address, &after, clock);
}

static struct operator_context context_of(const struct waiting *waiting,
                                          const struct control_request *request)
{
	return (struct operator_context){
	        .kind = TASK_OPERATOR,
	        .author = waiting->by,
	        .message = control_text(request, "message"),
	};
}

/* An address alone. Its change is a task of its own, and ends it. */
static void declare_alone(struct waiting *waiting, const struct control_request *request,
                          const struct entry *said)
{
	struct neighbour_clock clock = clock_now();
	struct agent *agent = waiting->agent;
	struct operator_context by = context_of(waiting, request);
	uint64_t task;
	int result;

	by.done = on_durable;
	by.argument = waiting;
	waiting->changes = 1;
	agent->by = &by;
	result = declare_one(waiting, waiting->range.first, said, &clock);
	agent->by = NULL;
	if (result < 0) {
		waiting_free(waiting);
		control_fail(agent->control, request->client, "%s: %s",
		             control_text(request, "address"), place_why(result));
		return;
	}
	if (result > 0) {
		waiting->changes = 0;
		task = ledger_begin(agent->ledger, task_kind_name(TASK_OPERATOR));
		ledger_end(agent->ledger, task, on_durable, waiting);
	}
	clock_wake(agent);
}

/* A walk over a range, from its beginning. */
struct walk {
	struct address next; /* set: the next one to look at */
	bool ended;
	uint32_t slot, last; /* unset: of what is known */
};

static struct walk walk_begin(const struct waiting *waiting)
{
	struct walk walk = {.next = waiting->range.first};

	place_slots(&walk.slot, &walk.last, &waiting->agent->layout, (int)waiting->segment,
	            waiting->range);
	return walk;
}

/* The first address from `next` on that the segment has a place for. */
static bool next_place(const struct waiting *waiting, struct walk *walk, struct address *address)
{
	const struct layout *layout = &waiting->agent->layout;
	const struct range rest = {walk->next, waiting->range.last};
	bool found = false;

	for (size_t i = 0; i < layout->ranges && !walk->ended; i++) {
		struct range part = range_of(layout->range[i].prefix);

		if (layout->range[i].segment != waiting->segment ||
		    address_compare(part.last, rest.first) < 0 ||
		    address_compare(part.first, rest.last) > 0)
			continue;
		part = place_common(part, rest);
		if (!found || address_compare(part.first, *address) < 0)
			*address = part.first;
		found = true;
	}
	if (!found)
		return false;
	walk->ended = address_equal(*address, rest.last);
	walk->next = address_plus(*address, 1);
	return true;
}

/* The next address of the range that is to be set, or that has something to unset. */
static bool next_address(const struct waiting *waiting, struct walk *walk, struct address *address)
{
	struct neighbour_view view;

	if (!mac_is_zero(waiting->mac))
		return next_place(waiting, walk, address);
	while (neighbour_next(waiting->agent->neighbour, &walk->slot, walk->last, &view))
		if (view.entry && view.segment == waiting->segment &&
		    range_contains(waiting->range, view.address)) {
			*address = view.address;
			return true;
		}
	return false;
}

static size_t count_addresses(const struct waiting *waiting)
{
	struct walk walk = walk_begin(waiting);
	struct address address;
	size_t count = 0;

	while (count <= RANGE_MAX && next_address(waiting, &walk, &address))
		count++;
	return count;
}

/* How many known addresses of the range would change. */
static size_t count_known(const struct waiting *waiting, const struct entry *said)
{
	struct walk walk = walk_begin(waiting);
	struct neighbour_view view;
	struct address address;
	size_t count = 0;

	if (!said)
		return waiting->addresses;
	while (next_address(waiting, &walk, &address)) {
		struct entry after = *said;

		if (!neighbour_view(waiting->agent->neighbour, waiting->segment, address, &view) ||
		    !view.entry)
			continue;
		keep_same(&after, &view, waiting->with_role);
		count += !entry_equal(view.entry, &after);
	}
	return count;
}

/* Whether so many may change at once. If not, the client is answered. */
static bool may_change(struct waiting *waiting, const struct control_request *request,
                       size_t changes)
{
	char what[128];
	struct fault fault;

	snprintf(what, sizeof(what), "%s of %.100s", mac_is_zero(waiting->mac) ? "unset" : "set",
	         control_text(request, "address"));
	if (mass_judge_segment(waiting->agent, waiting->segment, changes, mass_confirmed(request),
	                       what, &fault) == 0)
		return true;
	control_fail(waiting->agent->control, request->client, "%s", fault.text);
	return false;
}

static void declare_range(struct waiting *waiting, const struct control_request *request,
                          const struct entry *said)
{
	struct neighbour_clock clock = clock_now();
	struct agent *agent = waiting->agent;
	struct operator_context by = context_of(waiting, request);
	struct walk walk = walk_begin(waiting);
	struct address address;

	waiting->addresses = count_addresses(waiting);
	if (waiting->addresses > RANGE_MAX) {
		waiting_free(waiting);
		control_fail(agent->control, request->client,
		             "%s: more than %d addresses at once: take parts of it, or import a "
		             "list",
		             control_text(request, "address"), RANGE_MAX);
		return;
	}
	if (!may_change(waiting, request, count_known(waiting, said))) {
		waiting_free(waiting);
		return;
	}
	by.task = ledger_begin(agent->ledger, task_kind_name(TASK_OPERATOR));
	agent->by = &by;
	while (next_address(waiting, &walk, &address)) {
		int result = declare_one(waiting, address, said, &clock);

		waiting->changes += result == 0;
		waiting->skipped += result < 0;
		by.said = by.said || result == 0;
	}
	agent->by = NULL;
	ledger_end(agent->ledger, by.task, on_durable, waiting);
	clock_wake(agent);
}

static void declare(struct agent *agent, const struct control_request *request,
                    const struct entry *said)
{
	struct waiting *waiting;
	struct range range;
	unsigned segment;

	if (!waiting_has_message(agent, request) || find_target(agent, request, &segment, &range))
		return;
	waiting = waiting_new(agent, request);
	if (!waiting)
		return;
	waiting->segment = segment;
	waiting->range = range;
	waiting->mac = said ? said->mac : (struct mac){{0}};
	waiting->one = range_size(range) == 1;
	waiting->with_role = control_text(request, "role") != NULL;
	if (waiting->one)
		declare_alone(waiting, request, said);
	else
		declare_range(waiting, request, said);
}

void set_command(struct agent *agent, const struct control_request *request)
{
	const char *mac = control_text(request, "mac"), *note = control_text(request, "note");
	const char *role = control_text(request, "role");
	struct entry said = {
	        .state = ENTRY_STATIC, .since = clock_now().wall, .note = (char *)note};

	if (!waiting_is_line(agent, request, "note"))
		return;
	if (!mac || mac_read(&said.mac, mac) || !mac_is_station(said.mac)) {
		control_fail(agent->control, request->client,
		             "'%s' is not the MAC of a station, like 02:50:2a:16:6d:01",
		             mac ? mac : "");
		return;
	}
	if (role && strcmp(role, ENTRY_ROLE_ROUTER) != 0 && strcmp(role, "none") != 0) {
		control_fail(agent->control, request->client, "'%s' is not a role: %s or none",
		             role, ENTRY_ROLE_ROUTER);
		return;
	}
	said.router = role && strcmp(role, "none") != 0;
	declare(agent, request, &said);
}

void set_command_unset(struct agent *agent, const struct control_request *request)
{
	if (waiting_has_message(agent, request) && !forget_outside(agent, request))
		declare(agent, request, NULL);
}
