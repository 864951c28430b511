#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The history engine against `git fast-import`: the same history, from the same start, both
durable, on the same file system, in turn.

For each cell (entries N, changes a task k), ROUNDS times: bench_history makes a history of tasks
that overlap in pairs. bench_stream turns it into the cheapest stream that gives the same ids.
fast-import reads that from memory. Both begin with a task that changes an entry in every directory,
and a calibration. These are not timed, and afterwards both have the directories in memory. The tips
must be equal, otherwise the exit status is 1.

    history.py cells | lone | upkeep | soak

upkeep: bytes a change, after upkeep, against fast-import and `git repack -a -d`, and the cost.
soak: a million changes, drawn as PROGRAMS/../bench-upkeep.svg.
Prints a line of JSON for each figure (see report). BENCH_SECONDS (of the
engine, a round), BENCH_ROUNDS, BENCH_ENTRIES and BENCH_CHANGES limit the work.
"""

import json
import os
import resource
import subprocess
import sys
import time

import plot
from figures import (ARPKEEPER, PROGRAMS, base_repository, compared, copy_repository, median, percentile, progress,
                     run, say, scratch, size_of)

SECONDS = os.environ.get("BENCH_SECONDS", "0.5")
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
ENTRIES = [int(n) for n in os.environ.get("BENCH_ENTRIES", "1000 100000 1000000").split()]
CHANGES = [int(k) for k in os.environ.get("BENCH_CHANGES", "1 10 100 10000").split()]
SOAKED, SOAK_K = 100000, 10  # entries, changes a task
SOAK = int(os.environ.get("BENCH_SOAK", "1000000"))
UPKEEP = int(os.environ.get("BENCH_UPKEEP", "100000"))
LONE = int(os.environ.get("BENCH_LONE", "100"))

# By default git syncs less. With these options it syncs its pack, idx and references.
DURABLE = ["-c", "core.fsync=all", "-c", "core.fsyncMethod=fsync", "-c", "fastimport.unpackLimit=0"]

work = scratch(os.path.join(PROGRAMS, "work"))
stream = f"/dev/shm/{os.path.basename(work)}.stream"  # in memory, not on a disk


def engine(entries, k, repository):
    return json.loads(run(f"{PROGRAMS}/bench_history", "-m", "pairs", "-n", str(entries), "-k", str(k),
                          "-s", SECONDS, repository))


def fast_import(repository):
    """Seconds from the end of the warm-up until all is durable."""
    with open(stream, "rb") as source:
        importer = subprocess.Popen(["git", "-C", repository, *DURABLE, "fast-import", "--quiet", "--force", "--done"],
                                    stdin=source, stdout=subprocess.PIPE)
        if importer.stdout.readline() != b"progress from\n":
            sys.exit("bench: git fast-import failed in the warm-up")
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
    recorded = copy_repository(base, f"{work}/engine.git")
    result = engine(entries, k, recorded)
    make_stream(recorded, start, result["from"])
    imported = copy_repository(base, f"{work}/imported.git")
    result["import_seconds"] = fast_import(imported)
    tip = run("git", "-C", imported, "rev-parse", "main").strip()
    if tip != result["tip"]:
        sys.exit(f"bench: N={entries}, k={k}: git fast-import makes main {tip}, not {result['tip']}")
    return result


def cells():
    rate, peak = {}, 0
    for entries in ENTRIES:
        for k in CHANGES:
            progress(f"history, {entries:,} entries, {k:,} changes a task")
            rounds = [one_round(entries, k) for _ in range(ROUNDS)]
            rate[entries, k] = median(r["changes"] / r["seconds"] for r in rounds)
            imported = median(r["changes"] / r["import_seconds"] for r in rounds)
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
    progress(f"a lone change, {entries:,} entries")
    repository = copy_repository(base_repository(entries), f"{work}/lone.git")
    times = json.loads(run(f"{PROGRAMS}/bench_history", "-m", "lone", "-n", str(entries), "-c", str(LONE),
                           repository))["ms"]
    say(f"a lone change until durable, N={entries:,}: median", median(times), "ms", 10)
    say(f"a lone change until durable, N={entries:,}: 99th percentile", percentile(times, 0.99), "ms")


def samples_of(repository, changes):
    output = run(f"{PROGRAMS}/bench_history", "-m", "soak", "-n", str(SOAKED), "-k", str(SOAK_K), "-c", str(changes),
                 repository)
    return [json.loads(line) for line in output.splitlines()]


def tend(repository, *options):
    """Runs upkeep as the agent does, until the repository stays the same."""
    size = None
    while size != size_of(repository):
        size = size_of(repository)
        run(ARPKEEPER, "hook", "upkeep", "--repo", repository, *options)


def upkeep():
    base = base_repository(SOAKED)
    progress(f"upkeep, {UPKEEP:,} changes against git repack")
    start = run("git", "-C", base, "rev-parse", "main").strip()
    tended = copy_repository(base, f"{work}/upkeep.git")
    samples_of(tended, UPKEEP)
    tend(tended, "--now")  # all packs become one, as with repack -a
    make_stream(tended, start, start)
    repacked = copy_repository(base, f"{work}/repacked.git")
    before = size_of(repacked)
    fast_import(repacked)
    run("git", "-C", repacked, "repack", "-q", "-a", "-d")
    # A repack also shrinks the older content, which does not count for the changes.
    plain = copy_repository(base, f"{work}/plain.git")
    run("git", "-C", plain, "repack", "-q", "-a", "-d")
    packed = (size_of(repacked) - size_of(plain)) / UPKEEP
    kept = (size_of(tended) - before) / UPKEEP
    against = f"fast-import and git repack -a -d, N={SOAKED:,}, k={SOAK_K}"
    say(against, packed, "bytes/change")
    compared(f"after upkeep, N={SOAKED:,}, k={SOAK_K}", kept, "bytes/change", against, kept / packed, "at most", 1.3)


def per_change(samples, value):
    """The cost in steps of a fortieth of the changes, because a flush has many at once."""
    points, last = [], samples[0]
    for sample in samples:
        if sample["changes"] - last["changes"] >= SOAK / 40:
            points.append((sample["changes"], (value(sample) - value(last)) / (sample["changes"] - last["changes"])))
            last = sample
    return points


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def packs_of(repository):
    return sum(name.endswith(".pack") for name in os.listdir(f"{repository}/objects/pack"))


def soak():
    progress(f"a soak of {SOAK:,} changes")
    repository = copy_repository(base_repository(SOAKED), f"{work}/soak.git")
    before = size_of(repository)
    samples = samples_of(repository, SOAK)
    last = samples[-1]
    say(f"packs after {SOAK:,} changes", last["packs"], "packs")
    say(f"bytes a change, all of {SOAK:,} changes", (last["bytes"] - before) / last["changes"], "bytes/change")
    spent = -children_cpu()
    tend(repository)
    spent += children_cpu() + last["upkeep_cpu"]
    say("packs after the last upkeep", packs_of(repository), "packs")
    say("bytes a change after the last upkeep", (size_of(repository) - before) / last["changes"], "bytes/change")
    against = f"CPU of writing, {SOAK:,} changes"
    say(against, last["thread_cpu"] / SOAK * 1e6, "us/change")
    compared(f"CPU of upkeep, {SOAK:,} changes", spent / SOAK * 1e6, "us/change", against, spent / last["thread_cpu"],
             "at most", 1)
    whole = [x for x in samples if x["changes"] > 0]
    plot.write(os.path.join(PROGRAMS, "../bench-upkeep.svg"),
               f"A soak: {SOAK:,} changes, {SOAK_K} a task, {SOAKED:,} entries", "changes", [
        ("Packs", "number", [("", [(x["changes"], x["packs"]) for x in whole])]),
        ("Size of all changes so far", "bytes a change", [
            ("", [(x["changes"], (x["bytes"] - before) / x["changes"]) for x in whole])]),
        ("Cost", "microseconds a change", [
            ("elapsed", per_change(samples, lambda x: x["time"] * 1e6)),
            ("CPU, writing", per_change(samples, lambda x: x["thread_cpu"] * 1e6)),
            ("CPU, upkeep so far", [(x["changes"], x["upkeep_cpu"] / x["changes"] * 1e6) for x in whole])])])


def main():
    parts = {"cells": cells, "lone": lone, "upkeep": upkeep, "soak": soak}
    try:
        for part in sys.argv[1:] or parts:
            parts[part]()
    finally:
        if os.path.exists(stream):
            os.unlink(stream)


main()
