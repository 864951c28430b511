/* SPDX-License-Identifier: MIT */
/*
 * The mode: where in the kernel the program runs, which modes to try, and why.
 */
#ifndef USER_OFFLOAD_MODE_H
#define USER_OFFLOAD_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "offload/types.h"

#define MODE_REASON 160
#define MODE_DRIVER 32

struct mode_try {
	uint32_t mode;  /* XDP_FLAGS_*_MODE */
	bool fragments; /* the program says that it takes frames in several buffers (xdp.frags) */
};

struct mode_choice {
	struct mode_try try[3]; /* in this order */
	unsigned count;
	bool veth;                /* replies need bpf_redirect() in native mode */
	char driver[MODE_DRIVER]; /* "" if the interface does not say */
	char reason[MODE_REASON]; /* for the first */
};

/* `present`: the mode of a program of this instance that is attached already, or of a dispatcher to
 * join; 0: neither.
 */
void mode_choose(struct mode_choice *choice, const char *interface, enum offload_mode mode,
                 uint32_t present);
const char *mode_name(uint32_t mode);

#endif
