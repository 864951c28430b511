/* SPDX-License-Identifier: MIT */
/* Bursts of requests on a wire, and the cost of a reply. */
#ifndef TESTS_BENCH_BURST_H
#define TESTS_BENCH_BURST_H

#include <stdint.h>

#include "bench.skel.h"

/* Prints only libbpf's warnings, and keeps this process on one CPU: it asks, and the answering side
 * is polled there. */
void burst_prepare(void);
/*
 * Puts `frames` requests on the wire, from `interface` of the caller's network namespace. Returns
 * nanoseconds a reply. bench->data->ask_bits selects the targets. burst_nd(): solicitations.
 */
double burst(struct bench_bpf *bench, const char *interface, uint32_t frames);
double burst_nd(struct bench_bpf *bench, const char *interface, uint32_t frames);

/* Prints the failed step with errno, and ends the process. Namespaces and programs end with it. */
void die(const char *what) __attribute__((noreturn));

#endif
