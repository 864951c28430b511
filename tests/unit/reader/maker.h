/* SPDX-License-Identifier: MIT */
/* Random histories, for tests that look back. */
#ifndef TESTS_UNIT_READER_MAKER_H
#define TESTS_UNIT_READER_MAKER_H

#include "repository.h"

#include "entry/entry.h"

#define ADDRESSES 12
#define FIRST     0x0a000311 /* 10.0.3.17 */
#define BEGIN     1763800000

/* The addresses of a history: a third of them are of IPv6, 2001:db8:0:7::a00:313 for 10.0.3.19. */
static inline struct address made_address(uint32_t number)
{
	if ((number - FIRST) % 3 != 2)
		return address_v4(number);
	return (struct address){UINT64_C(0x20010db800000007), number};
}

/* Makes a history with git fast-import: main and three branches beside it, which begin where main
 * is, merge it, and are merged into it; and sometimes main goes on from a branch that has merged
 * it. The same for the same seed. */
struct maker {
	const struct sandbox *sandbox;
	const char *path;
	unsigned tip[4]; /* marks; 0: none yet */
	unsigned commits;
	bool straight; /* main is never replaced */
	FILE *stream;
};

static inline void make_change(struct maker *maker)
{
	unsigned octet = 1 + (unsigned)rand() % 9;
	char path[ENTRY_PATH_MAX];

	entry_path(path, "lan", made_address(FIRST + (uint32_t)rand() % ADDRESSES));
	if (octet > 7)
		fprintf(maker->stream, "D %s\n", path);
	else
		fprintf(maker->stream,
		        "M 100644 inline %s\ndata <<E\nmac 02:00:00:00:00:0%u\n"
		        "state dynamic\nsince 2026-11-22T10:15:00Z\nE\n",
		        path, octet);
}

static inline void make_commit(struct maker *maker)
{
	unsigned branch = maker->commits < 40 ? 0 : (unsigned)rand() % 4;
	unsigned other = 1 + (unsigned)rand() % 3;
	unsigned from = maker->tip[branch], merged = 0;

	if (branch > 0 && (!from || rand() % 6 == 0))
		from = maker->tip[0];
	else if (branch > 0 && rand() % 6 == 0)
		merged = maker->tip[0];
	else if (branch == 0 && rand() % 3 == 0)
		merged = maker->tip[other];
	if (branch == 0 && merged && !maker->straight && rand() % 3 == 0) {
		merged = from;
		from = maker->tip[other];
	}
	maker->tip[branch] = ++maker->commits;
	fprintf(maker->stream, "commit refs/heads/b%u\nmark :%u\n", branch, maker->commits);
	/* Clocks differ. */
	fprintf(maker->stream, "committer p <p@x> %u +0000\ndata 1\nx\n",
	        BEGIN + maker->commits * 3 - (unsigned)rand() % 8);
	if (from)
		fprintf(maker->stream, "from :%u\n", from);
	if (merged && merged != from)
		fprintf(maker->stream, "merge :%u\n", merged);
	for (int n = rand() % 3; n >= 0; n--)
		make_change(maker);
	fputc('\n', maker->stream);
}

/* So many commits more. */
static inline void make(struct maker *maker, unsigned count)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/stream", maker->sandbox->directory);
	maker->stream = fopen(path, "we");
	assert_non_null(maker->stream);
	for (unsigned i = 0; i < count; i++)
		make_commit(maker);
	fprintf(maker->stream, "reset refs/heads/main\nfrom :%u\n\n", maker->tip[0]);
	assert_int_equal(fclose(maker->stream), 0);
	shell_ok(maker->sandbox,
	         "touch ../marks && git -C '%s' fast-import --quiet --force "
	         "--import-marks=../marks --export-marks=../marks <../stream",
	         maker->path);
}

static inline struct maker begin(const struct sandbox *sandbox, unsigned seed, unsigned commits)
{
	struct maker maker = {.sandbox = sandbox, .path = sandbox->origin};

	srand(seed);
	make(&maker, commits);
	return maker;
}

#endif
