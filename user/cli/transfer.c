/* SPDX-License-Identifier: MIT */
/* Sends a list to the agent: its command `import`. */
#include "cli/transfer.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/author.h"
#include "cli/confirm.h"
#include "client/client.h"

#define PIECE_ITEMS 256
#define PIECE_BYTES ((size_t)512 << 10) /* the agent accepts a megabyte of JSON */
#define ITEM_BYTES  (ENTRY_TEXT_MAX + 64)
#define WINDOW      8 /* pieces sent before an answer; reading them takes the agent 1 ms */

static int add_segment(struct transfer *transfer, const json_t *segment)
{
	const json_t *prefixes = json_object_get(segment, "prefixes"), *text;
	struct fault ignored;
	size_t index;

	json_array_foreach ((json_t *)prefixes, index, text) {
		if (array_reserve(&transfer->prefix, &transfer->room, transfer->prefixes + 1))
			return -ENOMEM;
		if (json_is_string(text) && prefix_parse(&transfer->prefix[transfer->prefixes],
		                                         json_string_value(text), &ignored) == 0)
			transfer->prefixes++;
	}
	return 0;
}

/* From the agent's answer to `status`. -ENOENT: there is no such segment. */
static int read_prefixes(struct transfer *transfer, const json_t *status, struct fault *fault)
{
	const json_t *segments = json_object_get(status, "segments"), *segment;
	const char *name = transfer->segment;
	bool found = !name;
	size_t index;
	int error = 0;

	json_array_foreach ((json_t *)segments, index, segment) {
		const char *called = json_text(segment, "name");

		if (name && (!called || strcmp(called, name) != 0))
			continue;
		found = true;
		if (!error)
			error = add_segment(transfer, segment);
	}
	if (error)
		return fault_set(fault, error, "out of memory");
	return found ? 0
	             : fault_set(fault, -ENOENT,
	                         "there is no segment '%s': 'arpkeeper status' lists them", name);
}

/* How many segments have the address, and the prefix of the last. */
static unsigned find(const struct transfer *transfer, struct address address,
                     const struct prefix **prefix)
{
	unsigned count = 0;

	for (size_t i = 0; i < transfer->prefixes; i++) {
		if (!prefix_contains(transfer->prefix[i], address))
			continue;
		*prefix = &transfer->prefix[i];
		count++;
	}
	return count;
}

static bool has_ipv6(const struct transfer *transfer)
{
	for (size_t i = 0; i < transfer->prefixes; i++)
		if (!prefix_is_v4(transfer->prefix[i]))
			return true;
	return false;
}

void transfer_check(struct transfer *transfer, struct list *list)
{
	const bool with_ipv6 = has_ipv6(transfer);
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct list_item *item = &list->item[i];
		const struct prefix *prefix = NULL;
		const char *wrong = NULL, *name = "";
		char address[ADDRESS_TEXT];

		if (!with_ipv6 && !address_is_v4(item->address)) {
			transfer->ipv6++;
			continue;
		}
		if (find(transfer, item->address, &prefix) > 1) {
			wrong = "is in several segments: name one with --segment";
		} else if (!prefix) {
			wrong = transfer->segment ? "is in no prefix of segment "
			                          : "is in no prefix of any segment";
			name = transfer->segment ? transfer->segment : "";
		} else if (!prefix_is_host(*prefix, item->address)) {
			wrong = "is ";
			name = prefix_not_host(item->address);
		}
		if (wrong)
			list_add_problem(list, item->line, "%s %s%s",
			                 address_format(address, item->address), wrong, name);
		else
			list->item[kept++] = *item;
	}
	list->count = kept;
}

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

/* The piece that is being sent is the last. A second signal ends the process as usual. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_RESTART};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int transfer_open(struct transfer *transfer, const char *control, struct fault *fault)
{
	json_t *request = json_pack("{s:s}", "command", "status"), *status;
	int error = client_ask(&transfer->agent, &status, control, request, fault);

	if (error == 0)
		error = read_prefixes(transfer, status, fault);
	json_decref(status);
	return error;
}

void transfer_close(struct transfer *transfer)
{
	client_close(transfer->agent);
	free(transfer->prefix);
}

static size_t print_item(char *text, const struct list_item *item)
{
	char address[ADDRESS_TEXT], mac[MAC_TEXT], since[TIME_TEXT] = "";
	size_t length;

	address_format(address, item->address);
	mac_format(mac, item->mac);
	length = (size_t)sprintf(text, "%s\t%s\t%c", address, mac,
	                         item->router                  ? 'r'
	                         : item->state == ENTRY_STATIC ? 's'
	                                                       : 'd');
	if (item->since || item->origin || item->note || item->extra) {
		if (item->since)
			time_format(since, item->since);
		length += (size_t)sprintf(text + length, "\t%s\t%s\t%s", since,
		                          item->origin ? item->origin : "",
		                          item->note ? item->note : "");
	}
	if (item->extra) {
		size_t first = length;

		/* Each of its lines becomes a field. The last newline ends the item. */
		length += (size_t)sprintf(text + length, "\t%s", item->extra) - 1;
		for (size_t i = first; i < length; i++)
			if (text[i] == '\n')
				text[i] = '\t';
	}
	text[length++] = '\n';
	return length;
}

/* Sends a piece of the list, from item `first`. `step`: "look" or "lines". The number of its items,
 * or a negative errno. */
static ssize_t send_piece(const struct transfer *transfer, const struct list *list, size_t first,
                          const char *step, char *text, struct fault *fault)
{
	size_t length = 0, item = first;
	json_t *request;
	int error;

	while (item < list->count && item - first < PIECE_ITEMS &&
	       length + ITEM_BYTES < PIECE_BYTES)
		length += print_item(text + length, &list->item[item++]);
	request = json_pack("{s:s, s:s, s:s%}", "command", "import", "step", step, "lines", text,
	                    length);
	error = request ? client_send(transfer->agent, request, fault)
	                : fault_set(fault, -ENOMEM, "out of memory");
	json_decref(request);
	return error ? error : (ssize_t)(item - first);
}

static void note_refusals(struct transfer *transfer, const json_t *answer, size_t first)
{
	const json_t *refused = json_object_get(answer, "refused"), *one;
	size_t index;

	json_array_foreach ((json_t *)refused, index, one) {
		const char *why = json_string_value(json_array_get(one, 1));

		if (transfer->refused < TRANSFER_REFUSALS) {
			struct transfer_refusal *refusal = &transfer->refusal[transfer->refused];

			refusal->item = first + (size_t)json_integer_value(json_array_get(one, 0));
			snprintf(refusal->why, sizeof(refusal->why), "%s", why ? why : "");
		}
		transfer->refused++;
	}
}

/* Reads the answer to the piece that began with item `first`. */
static int take_answer(struct transfer *transfer, size_t first, struct fault *fault)
{
	json_t *answer = client_answer(transfer->agent, fault);

	if (!answer)
		return -EREMOTEIO;
	transfer->changed += (size_t)json_number(answer, "changed");
	transfer->unchanged += (size_t)json_number(answer, "unchanged");
	transfer->kept += (size_t)json_number(answer, "kept");
	note_refusals(transfer, answer, first);
	json_decref(answer);
	return 0;
}

static int send_pieces(struct transfer *transfer, const struct list *list, const char *step,
                       char *text, struct progress *progress, struct fault *fault)
{
	size_t begins[WINDOW], asked = 0, answered = 0;
	int error = 0;

	while (!error) {
		bool more = transfer->sent < list->count && !interrupted;

		if (more && asked - answered < WINDOW) {
			ssize_t sent =
			        send_piece(transfer, list, transfer->sent, step, text, fault);

			if (sent < 0)
				return (int)sent;
			begins[asked++ % WINDOW] = transfer->sent;
			transfer->sent += (size_t)sent;
		} else if (answered < asked) {
			size_t first = begins[answered++ % WINDOW];

			error = take_answer(transfer, first, fault);
			progress_step(progress, first);
		} else {
			break;
		}
	}
	transfer->interrupted = transfer->sent < list->count;
	return error;
}

/* Sends all of it, and shows the progress. */
static int send_list(struct transfer *transfer, const struct list *list, const char *step,
                     char *text, struct fault *fault)
{
	bool looks = transfer->dry || strcmp(step, "look") == 0;
	char what[PROGRESS_TEXT], count[PROGRESS_COUNT_TEXT];
	struct progress progress;
	int error;

	snprintf(what, sizeof(what), "%s %s addresses", looks ? "comparing" : "importing",
	         progress_count(count, list->count));
	progress_begin(&progress, what, list->count);
	error = send_pieces(transfer, list, step, text, &progress, fault);
	progress_end(&progress);
	return error;
}

/* The agent looks at the whole list before any of it is applied: whether it changes more than
 * history.guard allows. */
static int look(struct transfer *transfer, const struct list *list, char *text, struct fault *fault)
{
	int error = send_list(transfer, list, "look", text, fault);
	json_t *answer;

	transfer->sent = transfer->changed = transfer->unchanged = 0;
	transfer->kept = transfer->refused = 0;
	if (error || transfer->interrupted)
		return error;
	answer = client_call(transfer->agent,
	                     json_pack("{s:s, s:s}", "command", "import", "step", "judge"), fault);
	json_decref(answer);
	return answer ? 0 : -EREMOTEIO;
}

/* `unguarded`: a list of at most so many need not be looked at first. */
static int begin(const struct transfer *transfer, size_t *unguarded, struct fault *fault)
{
	json_t *request =
	        json_pack("{s:s, s:s, s:s, s:b, s:b}", "command", "import", "step", "begin", "name",
	                  transfer->name, "dry", transfer->dry, "force", transfer->force);
	json_t *answer;

	if (transfer->message)
		json_object_set_new(request, "message", json_string(transfer->message));
	if (transfer->segment)
		json_object_set_new(request, "segment", json_string(transfer->segment));
	author_give(request, transfer->settings);
	confirm_give(request, transfer->settings);
	answer = client_call(transfer->agent, request, fault);
	*unguarded = (size_t)json_number(answer, "unguarded");
	json_decref(answer);
	return answer ? 0 : -EREMOTEIO;
}

static int end(struct transfer *transfer, struct fault *fault)
{
	json_t *answer =
	        client_call(transfer->agent,
	                    json_pack("{s:s, s:s}", "command", "import", "step", "end"), fault);
	const char *commit = json_text(answer, "commit");

	snprintf(transfer->commit, sizeof(transfer->commit), "%s", commit ? commit : "");
	json_decref(answer);
	return answer ? 0 : -EREMOTEIO;
}

int transfer_run(struct transfer *transfer, const struct list *list, struct fault *fault)
{
	char *text = malloc(PIECE_BYTES);
	size_t unguarded;
	int error;

	if (!text)
		return fault_set(fault, -ENOMEM, "out of memory");
	catch_signals();
	error = begin(transfer, &unguarded, fault);
	if (!error && !transfer->dry && list->count > unguarded)
		error = look(transfer, list, text, fault);
	if (!error && !transfer->interrupted)
		error = send_list(transfer, list, "lines", text, fault);
	transfer->compared = !error && transfer->dry;
	if (!error)
		error = end(transfer, fault);
	free(text);
	return error;
}
