/* SPDX-License-Identifier: MIT */
/*
 * The mode: where in the kernel the program runs, which ones to try, and why.
 */
#ifndef USER_OFFLOAD_MODE_H
#define USER_OFFLOAD_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "offload/offload.h"

#define MODE_REASON 160
#define MODE_DRIVER 32

struct mode_choice {
	uint32_t mode[2]; /* to be tried in this order; XDP_FLAGS_*_MODE */
	unsigned count;
	bool veth;                /* replies need bpf_redirect() in native mode */
	char driver[MODE_DRIVER]; /* "" if the interface does not say */
	char reason[MODE_REASON]; /* for the first */
};

/* `present`: the mode in which our program is attached already, or a dispatcher that ours must
 * join; 0 for none. */
void mode_choose(struct mode_choice *choice, const char *interface, enum offload_mode mode,
                 uint32_t present);
const char *mode_name(uint32_t mode);

#endif
