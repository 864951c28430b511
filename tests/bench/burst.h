/* SPDX-License-Identifier: MIT */
/* Bursts of requests on a wire, and what a reply costs. */
#ifndef TESTS_BENCH_BURST_H
#define TESTS_BENCH_BURST_H

#include <stdint.h>

#include "bench.skel.h"

/* Warnings of libbpf's only; this process stays on one CPU: it asks, and whoever answers is
 * polled there. */
void burst_prepare(void);
/*
 * Puts `frames` requests on the wire, from `interface` of the network namespace that the caller is
 * in, and returns nanoseconds a reply. bench->data->ask_bits says for what is asked.
 */
double burst(struct bench_bpf *bench, const char *interface, uint32_t frames);

/* Says what failed, with errno, and ends the process: namespaces and programs end with it. */
void die(const char *what) __attribute__((noreturn));

#endif
