#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a fleet costs the wire and the CPU, against the same done with a shared branch.

Each node has a repository. On one side, all have a branch of their own and exchange with `arpkeeper hook sync`,
which is what an agent runs. On the other, all share one branch: a change is `git pull --rebase` and `git push`, again
until the push is not refused, and a poll is `git pull --rebase`. Both hubs are bare repositories of stock git.

Counted is all that passes between a node's git and the hub's: in a mount namespace of this process, a script stands for
ssh. It runs the hub's git here, between two `tee`. So ssh's own octets are in neither side. CPU is that of all
processes of an exchange, the hub's and the script's included.

    once    one node changes one entry; all nodes exchange until all have it
    burst   BENCH_BURST nodes (all, if there are fewer) change one at the same time; likewise
    quiet   an exchange where nothing is new
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from figures import ARPKEEPER, PROGRAMS, compared, median, progress, run, say, scratch

NODES = [int(n) for n in os.environ.get("BENCH_NODES", "2 10 100").split()]
BURST = int(os.environ.get("BENCH_BURST", "20"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
DEADLINE = time.monotonic() + float(os.environ.get("BENCH_DEADLINE", "900"))
ENTRIES = 4  # of each node
AT_ONCE = 4  # exchanges, where the order does not matter
TARGET = 0.1
PACE = 60  # a quiet node's polls, in seconds: as an agent's

SSH = r"""#!/bin/sh
# The last argument is what the other side runs.
for last; do :; done
tee -a "$HOME/up" | sh -c "$last" | tee -a "$HOME/down"
"""


def unshare():
    """Runs the rest in a mount namespace of its own, where the script is ssh."""
    if os.environ.get("BENCH_OCTETS") != str(os.getpid()):
        os.environ["BENCH_OCTETS"] = str(os.getpid())
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def left():
    seconds = DEADLINE - time.monotonic()
    if seconds <= 0:
        sys.exit("bench: the deadline has passed (BENCH_DEADLINE)")
    return seconds


def text(node, entry, version):
    return (f"mac 02:00:{node:02x}:{entry:02x}:{version >> 8:02x}:{version & 255:02x}\nstate dynamic\n"
            f"since 2026-11-{1 + version // 1440 % 28:02}T{version // 60 % 24:02}:{version % 60:02}:00Z\n")


def path(node, entry):
    return f"lan/10.0/10.0.{node}/10.0.{node}.{entry}"


def stream(branch, node, version, entries, origin=None):
    """A commit for git fast-import."""
    words = f"claims\n\nNode: n{node}\nCount: {version}\nBoot: {node:032d}\n"
    lines = [f"commit {branch}\ncommitter n{node} <arpkeeper@n{node}> {1790000000 + version} +0000\n"
             f"data {len(words)}\n{words}"]
    if origin:
        lines.append(f"from {origin}^0\n")
    for entry in entries:
        value = text(*entry, version)
        lines.append(f"M 644 inline {path(*entry)}\ndata {len(value)}\n{value}\n")
    return "".join(lines)


def bare(folder):
    run("git", "init", "-q", "--bare", "-b", "main", folder)
    for name in ("gc.auto=0", "receive.autogc=false", "maintenance.auto=false"):
        run("git", "-C", folder, "config", *name.split("="))


class Side:
    """Nodes and a hub. Each node has a home, in which ssh counts."""

    def __init__(self, name, folder, nodes):
        self.name, self.folder, self.nodes = name, f"{folder}/{name}", nodes
        self.hub = f"{self.folder}/hub.git"
        self.url = f"ssh://hub.invalid{self.hub}"
        self.version, self.refused = 1, 0
        self.lock = threading.Lock()
        os.makedirs(self.folder)
        bare(self.hub)
        for node in range(nodes):
            os.mkdir(self.home(node))

    def home(self, node):
        return f"{self.folder}/n{node}"

    def environment(self, node):
        return {**os.environ, "HOME": self.home(node)}

    def counted(self):
        """Octets up and down since the last call."""
        total = []
        for name in ("up", "down"):
            total.append(0)
            for node in range(self.nodes):
                file = f"{self.home(node)}/{name}"
                if os.path.exists(file):
                    total[-1] += os.path.getsize(file)
                    os.remove(file)
        return total

    def measure(self, work):
        self.counted()
        self.refused = 0
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        work()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        up, down = self.counted()
        return {"up": up, "down": down, "octets": up + down, "refused": self.refused,
                "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}

    def each(self, work, nodes, at_once):
        with ThreadPoolExecutor(at_once) as pool:
            for done in [pool.submit(work, node) for node in nodes]:
                done.result()

    def changed(self, nodes):
        """Not counted: each of them has a change that nobody else has."""
        self.version += 1
        for node in nodes:
            self.change(node, (node, self.version % ENTRIES + 1))

    def together(self, nodes):
        """All of them hand out their changes at the same time, and then all nodes get all."""
        self.each(self.publish, nodes, len(nodes))
        self.each(self.poll, range(self.nodes), AT_ONCE)


class Fleet(Side):
    def __init__(self, folder, nodes):
        super().__init__("fleet", folder, nodes)
        run("git", "-C", self.hub, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", input="".join(
            stream(f"refs/heads/node/lan/n{node}", node, 1, [(node, e) for e in range(1, ENTRIES + 1)])
            for node in range(nodes)))
        tips = run("git", "-C", self.hub, "for-each-ref", "--format=%(objectname) %(refname)")
        held = tips.replace("refs/heads/node/", "refs/fleet/from/hub/")
        for node in range(nodes):
            repository = f"{self.home(node)}/r.git"
            shutil.copytree(self.hub, repository)
            shutil.rmtree(f"{repository}/refs/heads/node", True)
            with open(f"{repository}/packed-refs", "w", encoding="ascii") as file:
                file.write("# pack-refs with: peeled fully-peeled sorted \n" + held + tips)

    def change(self, node, entry):
        branch = f"refs/heads/node/lan/n{node}"
        run("git", "-C", f"{self.home(node)}/r.git", "fast-import", "--quiet",
            input=stream(branch, node, self.version, [entry], branch))

    def poll(self, node):
        request = {"remote": "hub", "node": f"n{node}", "url": self.url, "fetch": ["refs/heads/node/lan/*"],
                   "own": [f"refs/heads/node/*/n{node}"], "timeout": 300000}
        done = run(ARPKEEPER, "hook", "sync", "--repo", f"{self.home(node)}/r.git", input=json.dumps(request),
                   env=self.environment(node), timeout=left())
        report = json.loads(done)
        with self.lock:
            self.refused += report["refusals"]
        if report["error"]:
            sys.exit(f"bench: n{node}: {report['error']}")

    publish = poll

    def tips(self, node):
        return run("git", "-C", f"{self.home(node)}/r.git", "for-each-ref", "--format=%(objectname)",
                   "refs/fleet/from/hub")

    def agree(self):
        want = run("git", "-C", self.hub, "for-each-ref", "--format=%(objectname)", "refs/heads/node")
        return all(self.tips(node) == want for node in range(self.nodes))


class Shared(Side):
    def __init__(self, folder, nodes):
        super().__init__("shared", folder, nodes)
        run("git", "-C", self.hub, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", input=stream(
            "refs/heads/main", 0, 1, [(n, e) for n in range(nodes) for e in range(1, ENTRIES + 1)]))
        run("git", "clone", "-q", self.hub, f"{self.folder}/first")
        for words in (("gc.auto", "0"), ("maintenance.auto", "false"), ("user.name", "bench"),
                      ("user.email", "bench@localhost"), ("remote.origin.url", self.url)):
            run("git", "-C", f"{self.folder}/first", "config", *words)
        for node in range(nodes):
            shutil.copytree(f"{self.folder}/first", f"{self.home(node)}/w")

    def git(self, node, *words, check=True):
        done = subprocess.run(["git", "-C", f"{self.home(node)}/w", *words], env=self.environment(node),
                              capture_output=True, text=True, timeout=left(), check=False)
        if check and done.returncode:
            sys.exit(f"bench: n{node}: git {' '.join(words)}: {done.stderr}")
        return done

    def change(self, node, entry):
        with open(f"{self.home(node)}/w/{path(*entry)}", "w", encoding="ascii") as file:
            file.write(text(*entry, self.version))
        self.git(node, "commit", "-q", "-a", "-m", f"claims\n\nNode: n{node}\nCount: {self.version}")

    def poll(self, node):
        self.git(node, "pull", "-q", "--rebase", "origin", "main")

    def publish(self, node):
        while True:
            self.poll(node)
            if self.git(node, "push", "-q", "origin", "HEAD:main", check=False).returncode == 0:
                return
            with self.lock:
                self.refused += 1

    def agree(self):
        want = run("git", "-C", self.hub, "rev-parse", "main")
        return all(self.git(node, "rev-parse", "HEAD").stdout == want for node in range(self.nodes))


def turn(sides, nodes, changing, figures, what):
    """Both sides, in turn, do the same."""
    for side in sides:
        side.changed(changing)
        got = side.measure(lambda: side.together(changing))
        if not side.agree():
            sys.exit(f"bench: {side.name}: {nodes} nodes do not agree")
        for name, value in got.items():
            figures.setdefault((what, side.name, name), []).append(value / (1 if name == "refused" else len(changing)))


def tell(nodes, what, figures, target):
    """Medians of the rounds."""
    value = {key[1:]: median(values) for key, values in figures.items() if key[0] == what}
    name = f"{nodes} nodes, {what}"
    say(f"{name}, shared branch: octets", value["shared", "octets"], "B")
    say(f"{name}, shared branch: pushes refused", value["shared", "refused"], "")
    ratio = value["fleet", "octets"] / value["shared", "octets"]
    against = f"{name}, shared branch: octets"
    if target:
        compared(f"{name}, fleet: octets", value["fleet", "octets"], "B", against, ratio, "at most", TARGET)
        say(f"{name}, fleet: pushes refused", value["fleet", "refused"], "", 0)
    else:
        say(f"{name}, fleet: octets", value["fleet", "octets"], "B")
        say(f"{name}, fleet: octets, times the shared branch's", ratio, "x")
        say(f"{name}, fleet: pushes refused", value["fleet", "refused"], "")
    say(f"{name}, fleet: octets up", value["fleet", "up"], "B")
    for side in ("shared", "fleet"):
        say(f"{name}, {side}: CPU", value[side, "cpu"] * 1000, "ms")


def measure(nodes, folder):
    progress(f"{nodes} nodes")
    sides = [Fleet(folder, nodes), Shared(folder, nodes)]
    figures = {}
    for number in range(ROUNDS):
        turn(sides, nodes, [number % nodes], figures, "one change until all have it")
        for side in sides:  # nothing is new
            got = side.measure(lambda: side.each(side.poll, range(min(nodes, 10)), 1))
            for name, value in got.items():
                figures.setdefault(("an hour of quiet at one node", side.name, name), []).append(
                    value if name == "refused" else value / min(nodes, 10) * 3600 / PACE)
    for _ in range(ROUNDS if nodes <= 10 else 1):
        turn(sides, nodes, range(min(nodes, BURST)), figures, "a change of many at once, until all have all")
    for what in dict.fromkeys(key[0] for key in figures):
        tell(nodes, what, figures, nodes == max(NODES) and nodes >= 100)
    shutil.rmtree(folder)


def main():
    unshare()
    work = scratch(os.path.join(PROGRAMS, "work"))
    script = f"{work}/ssh"
    with open(script, "w", encoding="ascii") as file:
        file.write(SSH)
    os.chmod(script, 0o755)
    run("mount", "--bind", script, shutil.which("ssh") or sys.exit("bench: no ssh"))
    try:
        for nodes in NODES:
            measure(nodes, f"{work}/{nodes}")
    finally:
        run("umount", shutil.which("ssh"))


main()
