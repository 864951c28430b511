#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""From a change at one node of a fleet until another answers by it on its own wire: two agents, each with a wire of its
own, and a hub, a bare repository of stock git that both name by its path.

    polls    `set` at the first; the second learns it when it polls (BENCH_POLL, which is a second)
    woken    the hub's post-receive hook runs `arpkeeper sync` at the second node, as where that node hosts the hub

The time begins when `set` does, so it has the command's start, the flush at the first, its push, the second's fetch
and its merge. The pauses between changes are at random, so that they come at any moment between two polls. The second
asker sends a request every 200 microseconds.

Then: what a look at fetched branches costs, with tables of several sizes (gather.c), and what exchanges cost (octets.py).
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time

import lan
from figures import ARPKEEPER, HERE, PROGRAMS, compared, median, percentile, progress, run, say, scratch

CHANGES = int(os.environ.get("BENCH_CHANGES", "100"))
POLL = float(os.environ.get("BENCH_POLL", "1"))
DEADLINE = time.monotonic() + float(os.environ.get("BENCH_DEADLINE", "1700"))
PREFIX = "10.77.0.0/16"
BRANCHES, CLAIMS = 1000, (1000, 100_000, 1_000_000)
TIMES_FIRST = 2 # a look with the most claims, against one with the fewest
SECOND = (f"{lan.TAG}-h2", f"{lan.TAG}-k2")

HOOK = """#!/bin/sh
# git waits for a hook's output, so it has none.
exec >/dev/null 2>&1 </dev/null
{program} sync -c {config} hub &
"""


def options(node, hub):
    return (f"[fleet]\n\tnode = {node}\n[remote \"hub\"]\n\turl = {hub}\n\tpoll = {round(POLL * 1000)}ms\n")


def start(work, hub):
    first = lan.Agent(work, "leaf1", f"{work}/leaf1.git", PREFIX, more=options("leaf1", hub))
    second = lan.Agent(work, "leaf2", f"{work}/leaf2.git", PREFIX, space=SECOND[1], more=options("leaf2", hub))
    first.wait()
    second.wait()
    return first, second


def measure(first, number, name):
    """`number`: the first address's, so that no address comes twice."""
    times = []
    for i in range(number, number + CHANGES):
        if time.monotonic() > DEADLINE:
            progress(f"{name}: {len(times)} changes, and the deadline has passed (BENCH_DEADLINE)")
            break
        time.sleep(random.uniform(0, max(POLL, 1)))
        address = f"10.77.{i // 250}.{1 + i % 250}"
        times.append(lan.answered_after(lambda: first.call("set", address, "02:00:00:00:00:01"), address,
                                        space=SECOND[0]))
    say(f"{name}: changes", len(times), "")
    say(f"{name}: median", median(times) * 1000, "ms")
    say(f"{name}: 99th percentile", percentile(times, 0.99) * 1000, "ms")


def gather(work):
    """A look at fetched branches, of which one has changed: it must not cost more in a larger table."""
    cpu = []
    for claims in CLAIMS:
        progress(f"{BRANCHES} branches of {claims:,} claims")
        done = json.loads(run(f"{PROGRAMS}/bench_gather", f"{work}/{claims}.git", str(BRANCHES), str(claims), "60"))
        shutil.rmtree(f"{work}/{claims}.git")
        name = f"a look at {BRANCHES} branches of {claims:,} claims, one changed: CPU"
        cpu.append(done["cpu"])
        if claims == CLAIMS[0]:
            say(name, cpu[0] / 1000, "ms")
            first = name
        else:
            compared(name, cpu[-1] / 1000, "ms", first, cpu[-1] / cpu[0], "at most", TIMES_FIRST)
        say(f"a look at {BRANCHES} branches of {claims:,} claims, none changed: CPU", done["nothing"] / 1000, "ms")


def octets():
    """In a process, and a mount namespace, of its own (octets.py)."""
    done = subprocess.run([sys.executable, f"{HERE}/octets.py"], timeout=max(60, DEADLINE - time.monotonic()), check=False)
    if done.returncode:
        sys.exit("bench: octets.py failed")


def main():
    lan.lay()
    lan.lay(*SECOND)
    work = scratch(os.path.join(PROGRAMS, "work"))
    hub = f"{work}/hub.git"
    run("git", "init", "-q", "--bare", hub)
    first, second = start(work, hub)
    measure(first, 250, f"set at one node to an answer at another, polls every {POLL:g} s")
    with open(f"{hub}/hooks/post-receive", "w", encoding="ascii") as hook:
        hook.write(HOOK.format(program=ARPKEEPER, config=second.config))
    os.chmod(hook.name, 0o755)
    measure(first, 250 + CHANGES, "set at one node to an answer at another, woken by a push")
    first.stop()
    second.stop()
    gather(work)
    octets()


main()
