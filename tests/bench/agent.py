#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The time from `arpkeeper set`, and from `git push`, to the first answer on the wire, of both families; how long
commands and hooks take to start, and a push to return; and the agent's memory with 65,534 entries.

Prints one JSON object a line (see report). The benchmark sends the same request every 200
microseconds, which is the resolution of the first two times. Both include starting the command.
"""

import os
import subprocess
import time

import lan
from figures import ARPKEEPER, HERE, PROGRAMS, compared, median, percentile, run, say, scratch

SETS = int(os.environ.get("BENCH_SETS", "200"))
PUSHES = int(os.environ.get("BENCH_PUSHES", "50"))
TURNS = int(os.environ.get("BENCH_TURNS", "15"))
TIMES_GIT = 1.5  # what a start and a push may cost, against git's own
PREFIX, ENTRIES = "10.77.0.0/16", 65534  # every host of it
PREFIX6 = "2001:db8:0:77::/64"

work = scratch(os.path.join(PROGRAMS, "work"))


def say_times(name, times):
    times = [t * 1000 for t in times]
    say(f"{name}: median", median(times), "ms")
    say(f"{name}: 99th percentile", percentile(times, 0.99), "ms")


def set_times(agent, address_of):
    for i in range(SETS):
        address = address_of(i)
        yield lan.answered_after(lambda: agent.call("set", address, "02:00:00:00:00:01"), address)


def push_times(repository, name, address_of, path_of):
    clone = f"{work}/{name}"
    run("git", "-c", "safe.directory=*", "clone", "-q", repository, clone)
    git = ["git", "-C", clone, "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for i in range(PUSHES):
        address, path = address_of(i), f"{clone}/lan/{path_of(i)}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as entry:
            entry.write("mac 02:00:00:00:00:02\nstate static\nsince 2026-01-01T00:00:00Z\n")
        run(*git, "add", "-A")
        run(*git, "commit", "-q", "-m", f"{address} goes live")
        yield lan.answered_after(lambda: run(*git, "push", "-q", "origin", f"HEAD:merge/{name}-{i}"), address)
        run(*git, "pull", "-q", "--no-rebase", "origin", "main")


def measure_times6():
    """The same until the first neighbour advertisement."""
    repository = f"{work}/history6.git"
    agent = lan.Agent(work, "times6", repository, PREFIX6).wait()
    say_times("set to first advertisement", set_times(agent, lambda i: f"2001:db8:0:77::1:{i + 1:x}"))
    say_times("git push to first advertisement",
              push_times(repository, "clone6", lambda i: f"2001:db8:0:77::2:{i + 1:x}",
                         lambda i: f"2001-db8-0-77/{i + 1:02x}/2001-db8-0-77--2-{i + 1:x}"))
    agent.stop()


def measure_times():
    repository = f"{work}/history.git"
    agent = lan.Agent(work, "times", repository, PREFIX).wait()
    say_times("set to first answer", set_times(agent, lambda i: f"10.77.{1 + i // 250}.{1 + i % 250}"))
    say_times("git push to first answer",
              push_times(repository, "clone", lambda i: f"10.77.9.{i + 1}",
                         lambda i: f"10.77/10.77.9/10.77.9.{i + 1}"))
    measure_starts(agent, repository)
    measure_pushes(repository)
    agent.stop()


def timed(command, **options):
    begun = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, **options)
    return time.perf_counter() - begun


def compare_in_turn(commands, turns=TURNS, **options):
    """{name: command}; each as often as the first, and in turn with it. Their medians against the first's."""
    times = {name: [] for name in commands}
    for turn in range(turns):
        for name, command in commands.items():
            times[name].append(timed(command(turn) if callable(command) else command, **options))
    first, *others = commands
    say(first, median(times[first]) * 1000, "ms")
    for name in others:
        ratio = median(times[name]) / median(times[first])
        compared(name, median(times[name]) * 1000, "ms", first, ratio, "at most", TIMES_GIT)


def measure_starts(agent, repository):
    """The hooks have nothing to judge: they open the repository, and end."""
    compare_in_turn({
        "git --version": ["git", "--version"],
        "arpkeeper status": [ARPKEEPER, "status", "-c", agent.config],
        "arpkeeper show of one": [ARPKEEPER, "show", "-c", agent.config, "10.77.1.1"],
        "arpkeeper hook pre-receive": [ARPKEEPER, "hook", "pre-receive"],
        "arpkeeper hook post-receive": [ARPKEEPER, "hook", "post-receive"],
    }, turns=4 * TURNS + 1, cwd=repository, env={**os.environ, "GIT_DIR": "."})


def commit_entries(clone):
    """A branch for each turn, with an entry of its own."""
    git = ["git", "-C", clone, "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    folder = f"{clone}/lan/10.77/10.77.8"
    for turn in range(TURNS):
        run(*git, "checkout", "-q", "-b", f"turn-{turn}", "origin/main")
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/10.77.8.{turn + 1}", "w", encoding="ascii") as entry:
            entry.write("mac 02:00:00:00:00:03\nstate static\nsince 2026-01-01T00:00:00Z\n")
        run(*git, "add", "-A")
        run(*git, "commit", "-q", "-m", "one goes live")


def measure_pushes(repository):
    """Both repositories begin with the same objects."""
    plain = f"{work}/plain.git"
    safe = ["git", "-c", "safe.directory=*"]
    run(*safe, "clone", "-q", "--bare", repository, plain)
    for name, origin in (("plain", plain), ("kept", repository)):
        run(*safe, "clone", "-q", origin, f"{work}/{name}")
        commit_entries(f"{work}/{name}")

    def push(name):
        return lambda turn: ["git", "-C", f"{work}/{name}", "push", "-q", "origin", f"turn-{turn}:merge/turn-{turn}"]

    compare_in_turn({
        "git push to a bare repository without hooks": push("plain"),
        "git push, merged and on the wire when it returns": push("kept"),
    }, stderr=subprocess.DEVNULL)
    agent_has = run(*safe, "-C", repository, "ls-tree", "--name-only", "main", "lan/10.77/10.77.8/").split()
    if len(agent_has) != TURNS:
        raise SystemExit(f"bench: {len(agent_has)} of {TURNS} pushes were merged")


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
    measure_times6()
    measure_memory()


main()
