/* SPDX-License-Identifier: MIT */
/* The index of IPv6 addresses, mapped, for tests and benchmarks. */
#ifndef TESTS_BPF_INDEX6_H
#define TESTS_BPF_INDEX6_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "offload/index6_lines.h"

static inline size_t index6_size(uint32_t places)
{
	return (lines_elements(places) * sizeof(union index6_line) + 4095) / 4096 * 4096;
}

/* Makes it an index without addresses: the same lines in each run. */
static inline void index6_renew(union index6_line *line, uint32_t places)
{
	const uint64_t random[2] = {0x243f6a8885a308d3, 0x13198a2e03707345};

	memset(line, 0, lines_elements(places) * sizeof(*line));
	lines_begin(line, places, random);
}

/* Of the map with that descriptor; NULL and errno. Unmapped with munmap() and index6_size(). */
static inline union index6_line *index6_map(int fd, uint32_t places)
{
	void *line = mmap(NULL, index6_size(places), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (line == MAP_FAILED)
		return NULL;
	index6_renew(line, places);
	return line;
}

#endif
