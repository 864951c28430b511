/* SPDX-License-Identifier: MIT */
/*
 * What the XDP benchmark's parts share: the program with a filled table, a way to state a figure,
 * medians.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "arpkeeper.skel.h"
#include "bench.skel.h"
#include "burst.h"

/* arpkeeper, loaded, its table of 1 << bits addresses full of answered bindings. */
struct arpkeeper_bpf *table_load(unsigned bits, uint16_t port_flags);
/* Of all ARP frames so far, the share that was answered. */
double table_answered(const struct arpkeeper_bpf *arpkeeper);

/*
 * Two sides, measured in turn, `count` rounds of each, nanoseconds. What else the machine does only
 * ever adds: so of each side the quietest third of its rounds counts, and the median of these.
 * (To choose the rounds in which the floor was quiet would be unfair: against itself, the floor
 * then came out 16 % slower than it is.)
 */
struct comparison {
	double value, floor; /* ns */
	double ratio;        /* of value to floor */
	double low, high;    /* 95 % of what the ratio would be of other rounds like these */
};

struct comparison compare(const double *values, const double *floor, unsigned count);
/* Seconds, by CLOCK_MONOTONIC or CLOCK_THREAD_CPUTIME_ID. */
double seconds(clockid_t clock);

enum limit { AT_MOST, AT_LEAST };

/* One line of JSON on stdout: a figure that nothing is asked of. */
void figure(const char *name, double value, const char *unit);
/* The same, and between what it lies with 95 % confidence. */
void figure_between(const char *name, double value, double low, double high, const char *unit);
/* A figure, and its ratio to another (with its confidence), and what is wanted of that. */
void compared(const char *name, double value, const char *unit, const char *against,
              struct comparison result, enum limit limit, double target);

/* A figure and its ratio to another, of which nothing is asked. */
void figure_against(const char *name, const char *unit, const char *against,
                    struct comparison result);

/* Per frame, by BPF_PROG_RUN: each way through the program. */
void bench_rules(struct bench_bpf *bench);
/* Per frame, by BPF_PROG_RUN: answers, and what is not ARP. */
void bench_path(struct bench_bpf *bench);
/* Replies a second, on a veth wire. */
void bench_wire(struct bench_bpf *bench);

#endif
