#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# A hundred recorders, real processes over the real protocol, and one hub of stock git. No wires: what hosts do is told to
# the tables (owner.c). The exchanges are `arpkeeper hook sync`, as an agent runs it.
#
#   fleet.py [--nodes N] [--rounds N] [--seed N] [--work FOLDER]
#
# Each round, hosts come, move between nodes and fall silent, and operators at any node set and unset; then all exchange
# until nothing is new. Every table and every `main` must then be what the world says, every exchange must have been whole,
# and nothing refused. In the middle round the hub is wiped. At the end, exchanges make no commit any more.

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ARPKEEPER = os.path.abspath(os.environ.get("ARPKEEPER", os.path.join(ROOT, "build/arpkeeper")))
OWNER = os.path.join(os.path.dirname(ARPKEEPER), "soak/fleet_owner")
ROUNDS_TO_REST = 10 # exchanges of all nodes
AT_ONCE = 4
HOSTS = 4 # at a node, at first
os.environ.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", LC_ALL="C")


def fail(words):
    sys.exit(f"fleet: {words}")


def git(folder, *words):
    done = subprocess.run(["git", "-C", folder, "-c", "safe.directory=*", *words], capture_output=True, text=True)
    if done.returncode:
        fail(f"git {' '.join(words)}: {done.stderr}")
    return done.stdout


class Node:
    def __init__(self, work, name, hub):
        self.name, self.home = name, f"{work}/{name}"
        self.repository = f"{self.home}/history.git"
        os.mkdir(self.home)
        self.request = json.dumps({"remote": "hub", "node": name, "url": hub, "fetch": ["refs/heads/node/lan/*"],
                                   "own": [f"refs/heads/node/*/{name}"], "timeout": 300000})
        self.process = subprocess.Popen([OWNER, ARPKEEPER, self.repository, name], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            fail(f"{self.name} has ended")
        return line.split()

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        return self.hear()

    def table(self):
        words = iter(self.tell("show"))
        return {int(host): (int(mac), state) for host, mac, state in zip(words, words, words)}

    def exchange(self):
        """Whether something was new, and the octets of the packs."""
        self.tell("durable")
        done = subprocess.run([ARPKEEPER, "hook", "sync", "--repo", self.repository], input=self.request,
                              env={**os.environ, "HOME": self.home}, capture_output=True, text=True, timeout=400)
        if done.returncode:
            fail(f"{self.name}: {done.stderr}{done.stdout}")
        report = json.loads(done.stdout)
        if report["error"] or report["refusals"]:
            fail(f"{self.name}: {done.stdout}")
        if report["fetched"]:
            self.tell("look")
        return report["fetched"] + report["pushed"], report["bytes"]

    def end(self):
        self.process.stdin.close()
        if self.process.wait(60):
            fail(f"{self.name} did not end well")


class World:
    """What must be in every table at rest: by host, its MAC and state, and the node that hears it."""

    def __init__(self, nodes, dice):
        self.nodes, self.dice = nodes, dice
        self.heard, self.declared = {}, {}
        self.touched = set() # since all exchanged: nodes that do not know of each other's words may differ in what was last
        self.last_host = self.last_mac = 0

    def a_mac(self):
        self.last_mac += 1
        return self.last_mac

    def untouched(self, hosts):
        host = self.dice.choice(sorted(hosts.keys() - self.touched))
        self.touched.add(host)
        return host

    def comes(self, node):
        self.last_host += 1
        self.touched.add(self.last_host)
        self.heard[self.last_host] = (node, self.a_mac())
        node.tell(f"learn {self.last_host} {self.last_mac}")

    def moves(self):
        """Another node hears the host, with another MAC; the first one has nothing to say of it any more."""
        host = self.untouched(self.heard)
        node = self.dice.choice(self.nodes)
        self.heard[host] = (node, self.a_mac())
        node.tell(f"learn {host} {self.last_mac}")

    def falls_silent(self):
        host = self.untouched(self.heard)
        node, _ = self.heard.pop(host)
        node.tell(f"expire {host}")

    def is_set(self):
        """Of an address that no host has."""
        self.last_host += 1
        self.touched.add(self.last_host)
        self.declared[self.last_host] = self.a_mac()
        self.dice.choice(self.nodes).tell(f"set {self.last_host} {self.last_mac}")

    def is_unset(self):
        host = self.untouched(self.declared)
        del self.declared[host]
        self.dice.choice(self.nodes).tell(f"unset {host}")

    def table(self):
        return ({host: (mac, "dynamic") for host, (_, mac) in self.heard.items()}
                | {host: (mac, "static") for host, mac in self.declared.items()})


def all_exchange(nodes):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(Node.exchange, nodes))
    return sum(new for new, _ in done), sum(octets for _, octets in done)


def come_to_rest(nodes, what):
    """Rounds of exchanges until one has nothing new."""
    total, begun = 0, time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for number in range(1, ROUNDS_TO_REST + 1):
        new, octets = all_exchange(nodes)
        total += octets
        if not new:
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"fleet: {what}: at rest after {number - 1} exchanges of all, {time.monotonic() - begun:.0f} s, "
                  f"{total / 1e6:.2f} MB of packs, {cpu / number / len(nodes) * 1000:.0f} ms of CPU an exchange", flush=True)
            return
    fail(f"{what}: not at rest after {ROUNDS_TO_REST} exchanges of all")


def check(world, what):
    want = world.table()
    trees = set()
    for node in world.nodes:
        have = node.table()
        if have != want:
            odd = sorted(set(have.items()) ^ set(want.items()))[:6]
            fail(f"{what}: {node.name}'s table is not what was said, such as {odd}")
        tree = git(node.repository, "rev-parse", "main^{tree}")
        trees.add(git(node.repository, "ls-tree", "-r", "main", "--", "lan") if world.nodes.index(node) < 3 else tree)
        if git(node.repository, "log", "--merges", "--format=%h", "main"):
            fail(f"{what}: {node.name} has made a merge commit")
    if len({tree for tree in trees if len(tree) == 41}) > 1:
        fail(f"{what}: {len(trees)} different trees")


def measure(nodes):
    """Memory and CPU of each recorder."""
    memory, seconds = [], []
    for node in nodes:
        pid = int(node.tell("status")[0])
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            memory.append(next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024)
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        seconds.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    memory.sort()
    print(f"fleet: a recorder's anonymous memory: median {memory[len(memory) // 2]:.1f} MiB, most {memory[-1]:.1f}; "
          f"its CPU since the start: mean {sum(seconds) / len(seconds):.2f} s", flush=True)


def wipe(hub):
    shutil.rmtree(hub)
    subprocess.run(["git", "init", "-q", "--bare", hub], check=True)


def happen(world, count):
    world.touched.clear()
    for _ in range(count):
        what = world.dice.choice([world.moves, world.moves, world.falls_silent, world.is_set, world.is_unset])
        if what != world.is_unset or world.declared.keys() - world.touched:
            what()
    for node in world.nodes[::3]:
        world.comes(node)


def live(world, hub, rounds):
    nodes = world.nodes
    for node in nodes:
        for _ in range(HOSTS):
            world.comes(node)
    come_to_rest(nodes, "first hosts")
    check(world, "first hosts")
    for number in range(rounds):
        what = f"round {number + 1}"
        happen(world, len(nodes))
        if number == rounds // 2:
            wipe(hub)
            what += ", the hub wiped"
        come_to_rest(nodes, what)
        check(world, what)
        branches = git(hub, "for-each-ref", "--format=%(refname)", "refs/heads/node").split()
        if len(branches) != len(nodes):
            fail(f"{what}: the hub has {len(branches)} branches")
    measure(nodes)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--nodes", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 20))
    options.add_argument("--work", default=os.path.join(os.path.dirname(OWNER), "fleet"))
    given = options.parse_args()
    print(f"fleet: {given.nodes} nodes, seed {given.seed}", flush=True)
    shutil.rmtree(given.work, True)
    os.makedirs(given.work)
    hub = f"{given.work}/hub.git"
    subprocess.run(["git", "init", "-q", "--bare", hub], check=True)
    nodes = [Node(given.work, f"n{number}", hub) for number in range(given.nodes)]
    for node in nodes:
        node.hear()
    live(World(nodes, random.Random(given.seed)), hub, given.rounds)
    for node in nodes:
        node.end()
    shutil.rmtree(given.work)
    print("fleet: all tables were what was said; nothing was refused", flush=True)


main()
