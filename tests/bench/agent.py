#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The time from `arpkeeper set`, and from `git push`, to the first answer on the wire; and the
agent's memory with 65,534 entries.

Prints one JSON object a line (see report). The benchmark sends the same request every 200
microseconds, which is the resolution of the two times. Both include starting the command.
"""

import os
import time

import lan
from figures import HERE, PROGRAMS, median, percentile, run, say, scratch

SETS = int(os.environ.get("BENCH_SETS", "200"))
PUSHES = int(os.environ.get("BENCH_PUSHES", "50"))
PREFIX, ENTRIES = "10.77.0.0/16", 65534  # every host of it

work = scratch(os.path.join(PROGRAMS, "work"))


def say_times(name, times):
    times = [t * 1000 for t in times]
    say(f"{name}: median", median(times), "ms")
    say(f"{name}: 99th percentile", percentile(times, 0.99), "ms")


def set_times(agent):
    for i in range(SETS):
        address = f"10.77.{1 + i // 250}.{1 + i % 250}"
        yield lan.answered_after(lambda: agent.call("set", address, "02:00:00:00:00:01"), address)


def push_times(repository):
    clone = f"{work}/clone"
    run("git", "-c", "safe.directory=*", "clone", "-q", repository, clone)
    git = ["git", "-C", clone, "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    folder = f"{clone}/lan/10.77/10.77.9"
    os.makedirs(folder, exist_ok=True)
    for i in range(PUSHES):
        address = f"10.77.9.{i + 1}"
        with open(f"{folder}/{address}", "w", encoding="ascii") as entry:
            entry.write("mac 02:00:00:00:00:02\nstate static\nsince 2026-01-01T00:00:00Z\n")
        run(*git, "add", "-A")
        run(*git, "commit", "-q", "-m", f"{address} goes live")
        yield lan.answered_after(lambda: run(*git, "push", "-q", "origin", f"HEAD:merge/bench-{i}"), address)
        run(*git, "pull", "-q", "--no-rebase", "origin", "main")


def measure_times():
    repository = f"{work}/history.git"
    agent = lan.Agent(work, "times", repository, PREFIX).wait()
    say_times("set to first answer", set_times(agent))
    say_times("git push to first answer", push_times(repository))
    agent.stop()


def measure_memory():
    repository = f"{work}/large.git"
    run("python3", f"{HERE}/../system/million.py", "make", repository, "--prefix", PREFIX, "--entries", str(ENTRIES))
    begun = time.monotonic()
    agent = lan.Agent(work, "memory", repository, PREFIX).wait()
    say("start with 65,534 entries", (time.monotonic() - begun) * 1000, "ms")
    say("resident memory with 65,534 entries", agent.memory("VmRSS"), "MB")
    say("of that, anonymous", agent.memory("RssAnon"), "MB")
    agent.stop()


def main():
    lan.lay()
    measure_times()
    measure_memory()


main()
