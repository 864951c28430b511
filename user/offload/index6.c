// SPDX-License-Identifier: MIT
/* One hash map, read in batches. It knows no pins. */
#include "offload/index6.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#define BATCH 4096 /* more than the entries of any bucket: a bucket is read whole */

static struct neigh_key6 key_of(unsigned segment, struct address address)
{
	struct neigh_key6 key = {.segment = segment};

	address_store(key.address, address);
	return key;
}

static int put(int fd, unsigned segment, struct address address, uint32_t slot, uint64_t flags)
{
	const struct neigh_key6 key = key_of(segment, address);

	return bpf_map_update_elem(fd, &key, &slot, flags) ? -errno : 0;
}

int index6_put(int fd, unsigned segment, struct address address, uint32_t slot)
{
	return put(fd, segment, address, slot, BPF_ANY);
}

int index6_remove(int fd, unsigned segment, struct address address)
{
	const struct neigh_key6 key = key_of(segment, address);

	return bpf_map_delete_elem(fd, &key) && errno != ENOENT ? -errno : 0;
}

struct batch {
	struct neigh_key6 key[BATCH];
	uint32_t slot[BATCH];
};

/* Not while places come and go: then some may be missed. */
int index6_visit(int fd, place_visit *visit, void *context)
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
			result = visit(context, batch->key[i].segment,
			               address_load(batch->key[i].address), batch->slot[i]);
		begun = true;
	}
	free(batch);
	return result;
}

struct carrying {
	int to_fd;
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
	carry_slots(&carrying->to[carrying->next], &carrying->from[slot], 1);
	error = put(carrying->to_fd, (unsigned)now_in, address, carrying->next, BPF_NOEXIST);
	if (!error)
		carrying->next++;
	/* Two segments have become one, and both had the address: the first counts. */
	return error == -EEXIST ? 0 : error;
}

int index6_carry(struct carried *carried, int to_fd, struct neigh_slot *to,
                 const struct layout *to_layout, int from_fd, const struct neigh_slot *from,
                 const struct layout *from_layout)
{
	const uint32_t first = layout_sparse_from(to_layout);
	struct carrying carrying = {to_fd, to, to_layout, from, from_layout, first, true};
	int error = index6_visit(from_fd, carry_place, &carrying);

	carrying.declared = false;
	error = error ? error : index6_visit(from_fd, carry_place, &carrying);
	return error ? error : carry_mark(carried, first, carrying.next - first);
}
