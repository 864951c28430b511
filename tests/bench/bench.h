/* SPDX-License-Identifier: MIT */
/*
 * Shared by the XDP benchmark's parts: the program with a filled table, the output of figures,
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

/* arpkeeper, loaded. Its table of 1 << bits addresses is full of answered bindings. */
struct arpkeeper_bpf *table_load(unsigned bits, uint16_t port_flags);
/* The same addresses in the index of IPv6, as 2001:db8:: + number, segment BENCH_SEGMENT. */
struct arpkeeper_bpf *table6_load(unsigned bits, uint16_t port_flags);
/* The share of ARP frames so far that the program answered. */
double table_answered(const struct arpkeeper_bpf *arpkeeper);
/* The same of solicitations. */
double table6_answered(const struct arpkeeper_bpf *arpkeeper);

/*
 * Two sides, measured in turn, `count` rounds of each, in nanoseconds. Other load on the machine
 * only adds time. So the quietest third of each side's rounds counts, and of these the median.
 * (Choosing the rounds in which the floor was quiet would be unfair: compared with itself, the
 * floor then came out 16 % slower.)
 */
struct comparison {
	double value, floor; /* ns */
	double ratio;        /* of value to floor */
	double low, high;    /* a 95 % confidence interval of the ratio */
};

struct comparison compare(const double *values, const double *floor, unsigned count);
/* Seconds, by CLOCK_MONOTONIC or CLOCK_THREAD_CPUTIME_ID. */
double seconds(clockid_t clock);

enum limit { AT_MOST, AT_LEAST };

/* One line of JSON on stdout: a figure without a target. */
void figure(const char *name, double value, const char *unit);
/* The same, with its 95 % confidence interval. */
void figure_between(const char *name, double value, double low, double high, const char *unit);
/* A figure, its ratio to another (with its confidence interval), and the target for the ratio. */
void compared(const char *name, double value, const char *unit, const char *against,
              struct comparison result, enum limit limit, double target);

/* A figure and its ratio to another, without a target. */
void figure_against(const char *name, const char *unit, const char *against,
                    struct comparison result);

/* Per frame, by BPF_PROG_RUN: each way through the program. */
void bench_rules(struct bench_bpf *bench);
/* Per frame, by BPF_PROG_RUN: answers, and frames that are not ARP. */
void bench_path(struct bench_bpf *bench);
/* Per frame, by BPF_PROG_RUN: neighbour discovery, and other IPv6. */
void bench_nd(struct bench_bpf *bench);

/* What is asked, and answered from a table of 1 << bits addresses. */
struct answering {
	const struct bpf_program *asking; /* its frames go to the program under test */
	uint32_t length;                  /* of its buffer, in bytes */
	struct arpkeeper_bpf *(*load)(unsigned bits);
	double (*answered)(const struct arpkeeper_bpf *arpkeeper);
	const char *answer, *swap; /* names of figures, before ", N addresses" */
};

/* Per frame: the answer against a bare swap. A target of 0: none. */
void bench_answering(struct bench_bpf *bench, const struct answering *answering, unsigned bits,
                     double target);
/* Per frame: one that is not answered, against a program that only passes. `name`: before ", what".
 * Destroys `arpkeeper`. */
void bench_passing(struct bench_bpf *bench, struct arpkeeper_bpf *arpkeeper, const char *name,
                   const char *what, const void *frame, uint32_t length);
/* Nanoseconds a frame of `asking`, whose frames go to the program `under_test`. Its buffer has
 * `length` bytes. */
double bench_ask(struct bench_bpf *bench, const struct bpf_program *asking, uint32_t length,
                 int under_test);
/* Before solicitations are asked or sent. */
void solicit_prepare(struct bench_bpf *bench);
/* How many rounds a comparison has. */
#define BENCH_ROUNDS 45
/* Replies a second, on a veth wire. */
void bench_wire(struct bench_bpf *bench);
/* The same for neighbour discovery. */
void bench_wire_nd(struct bench_bpf *bench);

#endif
