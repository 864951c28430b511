#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An agent with a million entries: a cold start, pushes, memory, an import. Prints a line of JSON
for each figure (see report)."""

import json
import os
import socket
import sys
import threading
import time

import lan
from figures import (HERE, PROGRAMS, base_repository, copy_repository, median, percentile, progress, run, say, scratch)

PREFIX, ENTRIES = "10.0.0.0/12", 1048574  # every host of it
LINES = 1000000
MERGES = int(os.environ.get("BENCH_MERGES", "100"))
PUSHES = int(os.environ.get("BENCH_PUSHES", "20"))
MANY, ROUND = 100000, 7

work = scratch(os.path.join(PROGRAMS, "work"))


def number_of(address):
    return int.from_bytes(socket.inet_aton(address), "big") - (10 << 24)


def one_entry(round_, i):
    """An address, and its MAC in a commit."""
    return f"10.{i % 15}.{i // 250}.{1 + i % 250}", bytes([2, 0x50 + round_, 0, 0, i >> 8, i & 255])


def make_commits(repository, round_, count):
    """Makes refs/bench/ROUND-I: a commit on main that changes one entry. Returns the ids."""
    lines = []
    for i in range(count):
        address, mac = one_entry(round_, i)
        a, b, c, _ = address.split(".")
        text = f"mac {mac.hex(':')}\nstate static\nsince 2026-06-01T00:00:00Z\n"
        lines.append(f"commit refs/bench/{round_}-{i}\ncommitter bench <bench@localhost> 1780272000 +0000\n"
                     f"data 7\n1 entry\nfrom refs/heads/main^0\n"
                     f"M 100644 inline lan/{a}.{b}/{a}.{b}.{c}/{address}\ndata {len(text)}\n{text}\n")
    run("git", "-C", repository, "fast-import", "--quiet", input="".join(lines))
    return [run("git", "-C", repository, "rev-parse", f"refs/bench/{round_}-{i}").strip() for i in range(count)]


def forget(repository):
    """Drops the repository from the kernel's page cache."""
    os.sync()
    for folder, _, names in os.walk(repository):
        for name in names:
            descriptor = os.open(os.path.join(folder, name), os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def move(repository, name, commit):
    """Sets the reference, as git does at the end of a push."""
    path = f"{repository}/refs/heads/merge/{name}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".lock", "w", encoding="ascii") as lock:
        lock.write(commit + "\n")
    os.rename(path + ".lock", path)


def wait_gone(repository, name):
    deadline = time.monotonic() + lan.PATIENCE
    while os.path.exists(f"{repository}/refs/heads/merge/{name}"):
        if time.monotonic() > deadline:
            sys.exit(f"bench: merge/{name} is not merged")
        time.sleep(0.001)


class Prober(threading.Thread):
    """Asks for the agent's status again and again, and keeps the longest time without an answer. A
    stalled loop does not answer. Neither does one that waits for a CPU, so this errs upwards."""

    def __init__(self, control):
        super().__init__()
        self.control, self.going, self.longest = control, True, 0.0

    def run(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(self.control)
        answers = connection.makefile()
        while self.going:
            begun = time.monotonic()
            connection.sendall(b'{"command": "status"}\n')
            json.loads(answers.readline())
            self.longest = max(self.longest, time.monotonic() - begun)
            time.sleep(0.0005)
        connection.close()

    def end(self):
        self.going = False
        self.join()
        return self.longest * 1e3


def merges(repository, commits):
    times = []
    for i, commit in enumerate(commits):
        address, mac = one_entry(0, i)
        times.append(lan.answered_after(lambda name=f"m-{i}", commit=commit: move(repository, name, commit), address, mac))
        wait_gone(repository, f"m-{i}")
        time.sleep(0.05)
    times = [t * 1e3 for t in times]
    say("a merge request of 1 entry in 1,048,574, from the reference to the wire: median", median(times), "ms", 20)
    say("a merge request of 1 entry in 1,048,574, from the reference to the wire: 99th percentile",
        percentile(times, 0.99), "ms", 50)


def pushes(repository):
    clone = f"{work}/clone.git"
    run("git", "-c", "safe.directory=*", "clone", "-q", "--bare", repository, clone)
    make_commits(clone, 1, PUSHES)
    times = []
    for i in range(PUSHES):
        address, mac = one_entry(1, i)
        times.append(lan.answered_after(
            lambda i=i: run("git", "-C", clone, "push", "-q", "origin", f"refs/bench/1-{i}:refs/heads/merge/p-{i}"),
            address, mac))
    say("the same by git push, the command's start included: median", median(t * 1e3 for t in times), "ms")


def many(agent, repository, commit):
    step = ENTRIES // MANY
    numbers = [1 + (i * step + ROUND) % ENTRIES for i in (0, MANY // 2, MANY - 1)]
    askers = [lan.Asker(socket.inet_ntoa(((10 << 24) + number).to_bytes(4, "big")),
                        bytes([2, ROUND, *number.to_bytes(4, "big")])) for number in numbers]
    prober = Prober(agent.control)
    prober.start()
    for asker in askers:
        asker.EVERY = 0.005
        asker.start()
    time.sleep(0.5)
    idle, prober.longest = prober.longest, 0.0
    begun = time.monotonic()
    move(repository, "many", commit)
    for asker in askers:
        asker.join()
        if asker.answered is None:
            sys.exit("bench: the merge request of 100,000 entries is not on the wire")
    say(f"a merge request of {MANY:,} entries, to the wire", max(a.answered for a in askers) - begun, "s", 2)
    wait_gone(repository, "many")
    say(f"a merge request of {MANY:,} entries, until durable", time.monotonic() - begun, "s")
    say("longest time without an answer on the control socket meanwhile", prober.end(), "ms", 5)
    say("the same while idle", idle * 1e3, "ms")


def with_a_million():
    progress("an agent with 1,048,574 entries")
    repository = copy_repository(base_repository(ENTRIES, "--static"), f"{work}/large.git")
    commits = make_commits(repository, 0, MERGES)
    run("python3", f"{HERE}/../system/million.py", "change", repository, "refs/bench/many", str(MANY), "--round",
        str(ROUND), "--static")
    big = run("git", "-C", repository, "rev-parse", "refs/bench/many").strip()
    forget(repository)
    agents = []
    took = lan.answered_after(lambda: agents.append(lan.Agent(work, "large", repository, PREFIX)), "10.3.4.5")
    agent = agents[0].wait()
    say("a cold start with 1,048,574 entries, to the first answer", took, "s", 3)
    say("peak memory of the agent after its start", agent.memory("VmHWM"), "MB", 200)
    merges(repository, commits)
    pushes(repository)
    many(agent, repository, big)
    say("peak memory of the agent after all of these", agent.memory("VmHWM"), "MB", 200)
    say("of what it holds then, anonymous", agent.memory("RssAnon"), "MB")
    agent.stop()


def importing():
    progress("an import of a million lines")
    with open(f"{work}/neighbours", "w", encoding="ascii") as lines:
        for number in range(1, LINES + 1):
            address = socket.inet_ntoa(((10 << 24) + number).to_bytes(4, "big"))
            lines.write(f"{address} dev k0 lladdr 02:10:{bytes(number.to_bytes(4, 'big')).hex(':')} PERMANENT\n")
    repository = f"{work}/imported.git"
    agent = lan.Agent(work, "import", repository, PREFIX).wait()
    begun = time.monotonic()
    agent.call("import", f"{work}/neighbours")
    say("an import of 1,000,000 lines, until durable", time.monotonic() - begun, "s", 10)
    say("peak memory of the agent that imports", agent.memory("VmHWM"), "MB", 200)
    kept = run("git", "-C", repository, "ls-tree", "-r", "--name-only", "main").count("\nlan/")
    if kept < LINES - 1:
        sys.exit(f"bench: main holds {kept} entries after an import of {LINES}")
    agent.stop()


def main():
    lan.lay()
    parts = {"agent": with_a_million, "import": importing}
    for part in sys.argv[1:] or parts:
        parts[part]()


main()
