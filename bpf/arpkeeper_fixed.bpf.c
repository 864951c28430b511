// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The same program, but it changes no frame's length. Since Linux 6.13 (and later releases of older
 * kernels) libxdp's dispatcher before 1.5.5 may not hold a program that does. Then solicitations
 * without room for the answer's option pass: most are duplicate address detection.
 */
#define FRAMES_KEEP_THEIR_LENGTH
#include "arpkeeper.bpf.c"
