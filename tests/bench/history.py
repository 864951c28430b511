#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The history engine against `git fast-import`: the same history, from the same start, both
durable, on the same file system, in turn.

For each cell (entries N, changes a task k), ROUNDS times: bench_history makes a history of tasks
that overlap in pairs; bench_stream turns it into the cheapest stream that gives the same ids;
fast-import reads that from memory. Both begin with a task that changes an entry in every
directory, and a calibration, which are not timed: afterwards both have the directories at hand. The
tips must be equal: exit status 1 if not, whatever the figures are.

    history.py cells | lone

Prints a line of JSON for each figure (see report). BENCH_SECONDS of ours a round,
BENCH_ROUNDS, BENCH_ENTRIES and BENCH_CHANGES narrow it down.
"""

import json
import os
import subprocess
import sys
import time

from figures import (PROGRAMS, base_repository, compared, copy_repository, median, percentile, run,
                     say, scratch, tell)

SECONDS = os.environ.get("BENCH_SECONDS", "0.5")
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
ENTRIES = [int(n) for n in os.environ.get("BENCH_ENTRIES", "1000 100000 1000000").split()]
CHANGES = [int(k) for k in os.environ.get("BENCH_CHANGES", "1 10 100 10000").split()]
LONE = int(os.environ.get("BENCH_LONE", "100"))

# What git syncs by default is less; with these it syncs its pack, idx and references.
DURABLE = ["-c", "core.fsync=all", "-c", "core.fsyncMethod=fsync", "-c", "fastimport.unpackLimit=0"]

work = scratch(os.path.join(PROGRAMS, "work"))
stream = f"/dev/shm/{os.path.basename(work)}.stream"  # not to be read from a disk


def ours(entries, k, repository):
    return json.loads(run(f"{PROGRAMS}/bench_history", "-m", "pairs", "-n", str(entries), "-k", str(k),
                          "-s", SECONDS, repository))


def theirs(repository):
    """Seconds from the end of the warm-up until all is durable."""
    with open(stream, "rb") as source:
        importer = subprocess.Popen(["git", "-C", repository, *DURABLE, "fast-import", "--quiet", "--force", "--done"],
                                    stdin=source, stdout=subprocess.PIPE)
        if importer.stdout.readline() != b"progress from\n":
            sys.exit("bench: git fast-import did not get through the warm-up")
        begun = time.monotonic()
        if importer.wait():
            sys.exit("bench: git fast-import failed")
        return time.monotonic() - begun


def make_stream(repository, start, begin):
    with open(stream, "wb") as target:
        subprocess.run([f"{PROGRAMS}/bench_stream", repository, start, begin], stdout=target, check=True)


def one_round(entries, k):
    base = base_repository(entries)
    start = run("git", "-C", base, "rev-parse", "main").strip()
    recorded = copy_repository(base, f"{work}/ours.git")
    result = ours(entries, k, recorded)
    make_stream(recorded, start, result["from"])
    imported = copy_repository(base, f"{work}/theirs.git")
    result["their_seconds"] = theirs(imported)
    tip = run("git", "-C", imported, "rev-parse", "main").strip()
    if tip != result["tip"]:
        sys.exit(f"bench: N={entries}, k={k}: git fast-import makes main {tip} of the same history, not {result['tip']}")
    return result


def cells():
    rate, peak = {}, 0
    for entries in ENTRIES:
        for k in CHANGES:
            tell(f"history, {entries:,} entries, {k:,} changes a task")
            rounds = [one_round(entries, k) for _ in range(ROUNDS)]
            rate[entries, k] = median(r["changes"] / r["seconds"] for r in rounds)
            imported = median(r["changes"] / r["their_seconds"] for r in rounds)
            peak = max([peak] + [r["peak_mb"] for r in rounds if entries == max(ENTRIES)])
            cell = f"N={entries:,}, k={k:,}"
            say(f"git fast-import, {cell}", imported, "changes/s")
            compared(f"history, {cell}", rate[entries, k], "changes/s", f"git fast-import, {cell}",
                     rate[entries, k] / imported, "at least", 5)
    few, many = min(ENTRIES), max(ENTRIES)
    for k in (1, 100):
        if few == many or (few, k) not in rate:
            continue
        name = f"one change, N={many:,}, k={k}"
        against = f"one change, N={few:,}, k={k}"
        ratio = rate[few, k] / rate[many, k]
        say(against, 1e6 / rate[few, k], "us")
        if k == 1:  # a task of one change: what one change costs
            compared(name, 1e6 / rate[many, k], "us", against, ratio, "at most", 2.5)
        else:
            say(name, 1e6 / rate[many, k], "us")
    if many >= 1000000:
        say(f"history's process, peak resident memory, N={many:,}", peak, "MB", 200)


def lone():
    entries = max(ENTRIES)
    tell(f"a lone change, {entries:,} entries")
    repository = copy_repository(base_repository(entries), f"{work}/lone.git")
    times = json.loads(run(f"{PROGRAMS}/bench_history", "-m", "lone", "-n", str(entries), "-c", str(LONE),
                           repository))["ms"]
    say(f"a lone change until durable, N={entries:,}: median", median(times), "ms", 10)
    say(f"a lone change until durable, N={entries:,}: 99th percentile", percentile(times, 0.99), "ms")


def main():
    parts = {"cells": cells, "lone": lone}
    try:
        for part in sys.argv[1:] or parts:
            parts[part]()
    finally:
        if os.path.exists(stream):
            os.unlink(stream)


main()
