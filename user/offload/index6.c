// SPDX-License-Identifier: MIT
/* The index's map, by its descriptor. It knows no pins. */
#include "offload/index6.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define BATCH 4096 /* more than the entries of any bucket: a bucket is read whole */

static size_t size_of(uint32_t places)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (lines_elements(places) * sizeof(union index6_line) + page - 1) / page * page;
}

static int map_lines(union index6_line **line, int fd, uint32_t places, int protection)
{
	void *memory = mmap(NULL, size_of(places), protection, MAP_SHARED, fd, 0);

	*line = memory == MAP_FAILED ? NULL : memory;
	return *line ? 0 : -errno;
}

void index6_close(union index6_line *line, uint32_t places)
{
	if (line)
		munmap(line, size_of(places));
}

/* Whether it is an array of lines, and what they say is true. */
static bool has_lines(int fd, const struct bpf_map_info *info, uint32_t places)
{
	union index6_line *line;
	bool fit;

	if (info->type != BPF_MAP_TYPE_ARRAY || info->value_size != sizeof(*line) ||
	    info->map_flags != BPF_F_MMAPABLE || info->max_entries != lines_elements(places) ||
	    map_lines(&line, fd, places, PROT_READ))
		return false;
	fit = lines_fit(line, info->max_entries, places);
	index6_close(line, places);
	return fit;
}

enum index6_kind index6_kind_of(int fd, uint32_t places)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return INDEX6_NONE;
	if (info.type == BPF_MAP_TYPE_HASH && info.key_size == sizeof(struct neigh_key6) &&
	    info.value_size == sizeof(uint32_t) && info.max_entries == (places ? places : 1))
		return INDEX6_FORMER;
	return has_lines(fd, &info, places) ? INDEX6_LINES : INDEX6_NONE;
}

int index6_open(union index6_line **line, int fd, uint32_t places)
{
	uint64_t random[2];
	int error = map_lines(line, fd, places, PROT_READ | PROT_WRITE);

	if (error)
		return error;
	if (lines_fit(*line, lines_elements(places), places)) {
		lines_tidy(*line);
		return 0;
	}
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		index6_close(*line, places);
		*line = NULL;
		return -EIO;
	}
	lines_begin(*line, places, random);
	return 0;
}

struct visiting {
	place_visit *visit;
	void *context;
};

static int visit_line(void *context, const struct neigh_key6 *key, uint32_t slot)
{
	const struct visiting *visiting = context;

	return visiting->visit(visiting->context, key->segment, address_load(key->address), slot);
}

struct batch {
	struct neigh_key6 key[BATCH];
	uint32_t slot[BATCH];
};

/* The hash map of an earlier version. Not while places come and go: then some may be missed. */
static int visit_former(int fd, struct visiting visiting)
{
	struct batch *batch = malloc(sizeof(*batch));
	uint32_t at = 0, count;
	bool more = true, begun = false;
	int result = batch ? 0 : -ENOMEM;

	while (!result && more) {
		count = BATCH;
		/* ENOENT: these were the last. */
		more = !bpf_map_lookup_batch(fd, begun ? &at : NULL, &at, batch->key, batch->slot,
		                             &count, NULL);
		if (!more && errno != ENOENT)
			result = -errno;
		for (uint32_t i = 0; !result && i < count; i++)
			result = visit_line(&visiting, &batch->key[i], batch->slot[i]);
		begun = true;
	}
	free(batch);
	return result;
}

int index6_visit_lines(const union index6_line *line, place_visit *visit, void *context)
{
	struct visiting visiting = {visit, context};

	return lines_visit(line, visit_line, &visiting);
}

int index6_visit(int fd, uint32_t places, place_visit *visit, void *context)
{
	union index6_line *line;
	int result;

	switch (index6_kind_of(fd, places)) {
	case INDEX6_FORMER:
		return visit_former(fd, (struct visiting){visit, context});
	case INDEX6_LINES:
		break;
	case INDEX6_NONE:
		return -EINVAL;
	}
	result = map_lines(&line, fd, places, PROT_READ);
	if (result)
		return result;
	result = index6_visit_lines(line, visit, context);
	index6_close(line, places);
	return result;
}

struct carrying {
	union index6_line *line;
	struct neigh_slot *to;
	const struct layout *to_layout;
	const struct neigh_slot *from;
	const struct layout *from_layout;
	uint32_t next; /* free slot of `to` */
	bool declared; /* this round: else the others */
};

static int carry_place(void *context, unsigned segment, struct address address, uint32_t slot)
{
	struct carrying *carrying = context;
	struct neigh_key6 key;
	int64_t now_in;
	int error;

	if (slot < layout_sparse_from(carrying->from_layout) ||
	    slot >= carrying->from_layout->slots ||
	    carry_is_declared(&carrying->from[slot]) != carrying->declared ||
	    carrying->next == carrying->to_layout->slots)
		return 0;
	now_in = carry_segment(carrying->to_layout, carrying->from_layout, segment, address);
	if (now_in < 0)
		return 0;
	key.segment = (uint32_t)now_in;
	address_store(key.address, address);
	/* Two segments have become one, and both had the address: the first counts. */
	if (lines_find(carrying->line, &key) >= 0)
		return 0;
	carry_slots(&carrying->to[carrying->next], &carrying->from[slot], 1);
	error = lines_put(carrying->line, &key, carrying->next);
	if (!error)
		carrying->next++;
	return error;
}

int index6_carry(struct carried *carried, union index6_line *line, struct neigh_slot *to,
                 const struct layout *to_layout, int from_fd, const struct neigh_slot *from,
                 const struct layout *from_layout)
{
	const uint32_t first = layout_sparse_from(to_layout);
	struct carrying carrying = {line, to, to_layout, from, from_layout, first, true};
	int error = index6_visit(from_fd, from_layout->sparse, carry_place, &carrying);

	carrying.declared = false;
	error = error ? error : index6_visit(from_fd, from_layout->sparse, carry_place, &carrying);
	return error ? error : carry_mark(carried, first, carrying.next - first);
}
