// SPDX-License-Identifier: MIT
/* Reads and writes the lease. Knows nothing of what is done with it. */
#include "sync/lease.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/gitwords.h"
#include "sync/ids.h"

#define LEASE_BYTES   200
#define SECONDS_MAX   3600 /* a remote may name more: it is not waited for */
#define COUNT_LETTERS 19

struct lease {
	char id[SYNC_ID]; /* ""; there is none */
	unsigned long size;
	bool is_blob;
	char node[NODE_NAME_MAX + 1]; /* "": it cannot be read */
	unsigned long long count;
	uint32_t seconds;
};

/* "<type> <size> <id>" */
static int on_reference(void *context, char *line)
{
	struct lease *lease = context;
	char type[16], id[SYNC_ID];

	if (sscanf(line, "%15s %lu %40s", type, &lease->size, id) != 3)
		return 0;
	memcpy(lease->id, id, SYNC_ID);
	lease->is_blob = !strcmp(type, "blob");
	return 0;
}

static int on_text(void *context, char *line)
{
	struct lease *lease = context;
	const char *value = strchr(line, ' ');

	if (!value)
		return 0;
	value++;
	if (!strncmp(line, "node ", 5) && node_name_is_valid(value))
		snprintf(lease->node, sizeof(lease->node), "%s", value);
	else if (!strncmp(line, "count ", 6) && strlen(value) <= COUNT_LETTERS)
		lease->count = strtoull(value, NULL, 10);
	else if (!strncmp(line, "seconds ", 8) && strlen(value) <= 4)
		lease->seconds = (uint32_t)strtoul(value, NULL, 10);
	return 0;
}

/* One that cannot be read is nobody's, and is taken when it has not changed for long enough. */
static int read_lease(const struct exchange *exchange, struct lease *lease, struct fault *fault)
{
	const char *const list[] = {"for-each-ref",
	                            "--format=%(objecttype) %(objectsize) %(objectname)", LEASE_REF,
	                            NULL};
	const char *const text[] = {"cat-file", "blob", lease->id, NULL};
	int error;

	*lease = (struct lease){.seconds = 0};
	error = gitchild_run(exchange->aside_directory, list, NULL, on_reference, lease, fault);
	if (!error && lease->is_blob && lease->size <= LEASE_BYTES)
		error = gitchild_run(exchange->aside_directory, text, NULL, on_text, lease, fault);
	if (lease->seconds > SECONDS_MAX)
		lease->seconds = SECONDS_MAX;
	return error;
}

static bool may_take(const struct sync_request *request, const struct lease *lease, bool waiting)
{
	uint32_t seconds = request->lease_seconds;

	if (!lease->id[0])
		return true;
	if (!strcmp(lease->node, request->node) || !waiting)
		return !strcmp(lease->node, request->node);
	if (lease->seconds > seconds)
		seconds = lease->seconds;
	return !strcmp(lease->id, request->lease) &&
	       request->lease_unmoved_ms >= (uint64_t)seconds * 1000;
}

static int make(const struct exchange *exchange, unsigned long long count, char id[SYNC_ID],
                struct fault *fault)
{
	char path[PATH_MAX + 32];
	FILE *file;

	snprintf(path, sizeof(path), "%slease", exchange->aside_directory);
	file = fopen(path, "we");
	if (!file)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	fprintf(file, "node %s\ncount %llu\nseconds %u\n", exchange->request->node, count,
	        exchange->request->lease_seconds);
	if (fclose(file) != 0)
		return fault_set(fault, -EIO, "%s cannot be written", path);
	return ids_of_blob(exchange->aside_directory, path, id, fault);
}

int lease_take(struct exchange *exchange, bool waiting, bool *held, uint64_t *begun_ms,
               struct fault *fault)
{
	struct sync_report *report = exchange->report;
	char id[SYNC_ID] = "";
	struct lease lease;
	struct gitwords_change change = {
	        .reference = LEASE_REF, .expected = lease.id, .id = id, .verdict = '\0'};
	int error = read_lease(exchange, &lease, fault);

	*held = false;
	if (error)
		return error;
	memcpy(report->lease, lease.id, SYNC_ID);
	snprintf(report->holder, sizeof(report->holder), "%s", lease.node);
	if (!may_take(exchange->request, &lease, waiting))
		return 0;
	error = make(exchange, lease.count + 1, id, fault);
	if (error)
		return error;
	*begun_ms = remotegit_now_ms();
	error = gitwords_change(&exchange->git, &change, 1, fault);
	if (error)
		return error;
	if (change.verdict == '!') {
		/* Another node was faster, or nobody may. */
		if (!strstr(change.summary, "stale info"))
			syncreport_refuse(report, "lease/operators", lease.id, SYNC_REFUSED,
			                  "the remote did not take it: %.150s", change.summary);
		return 0;
	}
	*held = true;
	memcpy(report->lease, id, SYNC_ID);
	snprintf(report->holder, sizeof(report->holder), "%s", exchange->request->node);
	return 0;
}
