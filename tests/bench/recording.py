#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The cost of recording for the data path. An agent answers on a wire while an outsider writes
10,000 bindings a second into its table, and the agent records them. For comparison, the outsider
writes the same into a map without a reader. PHASES of each run in turn. Each phase has bursts of
requests (replies a second), and new hosts (from their first frame to the first answer for them).

Prints a line of JSON for each figure (see report). 95 % confidence: bootstrap over the phases.
"""

import json
import os
import random
import subprocess
import time

import lan
from figures import HERE, PROGRAMS, compared, median, percentile, progress, run, say, scratch

PHASES = int(os.environ.get("BENCH_PHASES", "16"))  # of each
RATE = 10000
BURSTS, FRAMES = 12, 50000
NEWCOMERS = 400  # a phase
SETTLE = 0.5  # seconds: the agent scans its table four times a second
# The table is a /16. Requests use the first 1,024, writes 28,000 after those, and new hosts the
# upper half.
PREFIX, SEEDED = "10.16.0.0/16", 32766
ASKED_BITS, WRITTEN_FIRST, WRITTEN, NEW_FIRST = 10, 4096, 28000, 32768
ASKER, ASKER_MAC = "10.16.0.1", "02:00:5e:10:20:0a"  # as in request.h
DRAWS = 500

work = scratch(os.path.join(PROGRAMS, "work"))


def recorded(repository):
    """The number of the writer's changes in history."""
    log = subprocess.Popen(["git", "-C", repository, "log", "--format=%B", "main"], stdout=subprocess.PIPE)
    count = sum(b" 02:99:" in line for line in log.stdout)
    log.wait()
    return count


def confidence(on, off, value):
    """The confidence interval of value(on) / value(off), by drawing from these phases."""
    chance = random.Random(1)

    def drawn(phases):
        return value([x for phase in chance.choices(phases, k=len(phases)) for x in phase])

    ratios = sorted(drawn(on) / drawn(off) for _ in range(DRAWS))
    return ratios[DRAWS // 40], ratios[-1 - DRAWS // 40]


def flat(phases):
    return [x for phase in phases for x in phase]


def judge(name, unit, on, off, value, limit, target):
    with_it, without = value(flat(on)), value(flat(off))
    say(f"{name}, recording off", without, unit)
    compared(f"{name}, recording", with_it, unit, f"{name}, recording off", with_it / without, limit, target,
             confidence(on, off, value))


def measure(mode, newcomers):
    progress(f"recording, {mode}")
    repository = f"{work}/{mode}.git"
    run("python3", f"{HERE}/../system/million.py", "make", repository, "--prefix", PREFIX, "--entries", str(SEEDED),
        "--static")
    agent = lan.Agent(work, mode, repository, PREFIX, "--mode", mode).wait()
    agent.call("set", ASKER, ASKER_MAC)
    asker = lan.Helper("nsenter", f"--net=/run/netns/{lan.HOST}", f"{PROGRAMS}/bench_asker", "h0", str(ASKED_BITS))
    writer = lan.Helper(f"{PROGRAMS}/bench_writer", f"/sys/fs/bpf/arpkeeper/{agent.instance}/neigh_slots", str(RATE),
                    str(WRITTEN_FIRST), str(WRITTEN))
    replies, times = {"table": [], "nowhere": []}, {"table": [], "nowhere": []}
    new, writing = NEW_FIRST, 0.0
    for phase in range(-1, 2 * PHASES):
        # table, nowhere, nowhere, table, ...: drift affects both equally
        where = "table" if phase % 4 in (0, 3) else "nowhere"
        begun = time.monotonic()
        writer.order(where)
        time.sleep(SETTLE)
        bursts = [1e3 / float(asker.order(f"burst {FRAMES}")) for _ in range(BURSTS)]
        waits = json.loads(asker.order(f"newcomers {new} {newcomers}")) if newcomers else []
        new += newcomers
        if where == "table":
            writing += time.monotonic() - begun
        if phase >= 0:
            replies[where].append(bursts)
            times[where].append(waits)
    writer.order("rest")
    time.sleep(2 * SETTLE)
    for helper in (asker, writer):
        helper.end()
    agent.stop()
    say(f"recorded meanwhile, {mode}", recorded(repository) / writing, "changes/s", 0.95 * RATE, "at least")
    judge(f"replies, {mode}", "M/s", replies["table"], replies["nowhere"], median, "at least", 0.95)
    if newcomers:
        for name, share in (("median", 0.5), ("99.9th percentile", 0.999)):
            judge(f"a new host's first frame to its first answer, {name}", "us", times["table"], times["nowhere"],
                  lambda values, share=share: percentile(values, share), "at most", 1.05)


def main():
    lan.lay()
    measure("generic", 0)
    measure("native", NEWCOMERS)


main()
