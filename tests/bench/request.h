/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The request of every benchmark, and its sender: shared by the bench's BPF programs and its
 * runner.
 */
#ifndef TESTS_BENCH_REQUEST_H
#define TESTS_BENCH_REQUEST_H

#define REQUEST_LENGTH 60
#define REQUEST_STRIDE 64
#define REQUESTS       32 /* in the buffer of BPF_PROG_RUN */

/* Solicitations are longer. Their targets are 2001:db8:: + a random number; the asker's is ...::1.
 */
#define SOLICIT_LENGTH 86
#define SOLICIT_STRIDE 128
#define SOLICITS       24
#define BENCH_PREFIX6  0x20, 0x01, 0x0d, 0xb8
#define ASKER_HOST6    1
#define BENCH_SEGMENT  3

/* The prefix starts here, with any length. The asker is its second address. */
#define BENCH_NETWORK 0x0a100000u /* 10.16.0.0 */
#define ASKER_ADDRESS (BENCH_NETWORK + 1)

/* clang-format off */
#define ASKER_MAC  {0x02, 0x00, 0x5e, 0x10, 0x20, 0x0a}
#define OWN_MAC    {0x02, 0x00, 0x5e, 0x10, 0x20, 0x01}
#define TARGET_MAC {0x02, 0x00, 0x5e, 0x10, 0x20, 0x0b}
/* clang-format on */

#endif
