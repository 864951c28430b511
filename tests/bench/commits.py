#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Makes a long history, as an agent would, for benchmarks of looking back and for tests. Each
# commit is a task that changes one address. Every twentieth commit merges two tasks that
# overlapped. The seed is fixed: the same arguments make the same commit ids. git writes the
# history (fast-import), without any code of arpkeeper.
#
#   commits.py COMMITS DIR [--addresses N] [--step SECONDS] [--begin UNIXTIME] [--dual]
#                                   --dual: every second address is one of IPv6
#   commits.py COMMITS -            the fast-import stream, to standard output

import argparse
import ipaddress
import random
import subprocess
import sys
import time

SEGMENT = "lan"
MERGE_EVERY = 20  # commits


def address_of(number):
    """10.0.0.1, and so on, without the last and first of each 256."""
    host = number // 254 * 256 + number % 254 + 1
    return f"10.{host >> 16}.{host >> 8 & 255}.{host & 255}"


def address6_of(number):
    """In turn of two networks and link-local, with interface identifiers far from one another."""
    network = ("2001:db8:0:7", "fe80:0:0:0", "2001:db8:0:70")[number % 3]
    host = number * 0x9E3779B97F4A7C15 % 2**64 if number % 4 == 3 else number
    parts = [f"{host >> shift & 0xffff:x}" for shift in (48, 32, 16, 0)]
    return str(ipaddress.IPv6Address(network + ":" + ":".join(parts)))


def path_of(address):
    if ":" in address:
        number = ipaddress.IPv6Address(address)
        network = ipaddress.IPv6Address(int(number) >> 64 << 64)
        name = str(network).removesuffix("::").replace(":", "-") or "0"
        return f"{SEGMENT}/{name}/{int(number) & 0xff:02x}/{str(number).replace(':', '-')}"
    a, b, c, _ = address.split(".")
    return f"{SEGMENT}/{a}.{b}/{a}.{b}.{c}/{address}"


def mac_of(number):
    return "02:" + ":".join(f"{number >> shift & 255:02x}" for shift in (32, 24, 16, 8, 0))


class History:
    def __init__(self, output, options):
        self.output = output
        self.random = random.Random(17)
        self.addresses = options.addresses
        self.dual = options.dual
        self.step = options.step
        self.time = options.begin
        self.mac = {}  # of an address in the table
        self.commits = 0
        self.tasks = 0
        self.since = {}

    def address(self, number):
        return address6_of(number) if self.dual and number % 2 else address_of(number)

    def write(self, text):
        self.output.write(text.encode())

    def data(self, text):
        self.write(f"data {len(text)}\n{text}\n")

    def header(self, branch, message, parents):
        """The first parent is the branch's own tip, unless `parents` is given."""
        self.commits += 1
        self.write(f"commit refs/heads/{branch}\nmark :{self.commits}\n")
        self.write(f"committer arpkeeper <arpkeeper@bench> {self.time} +0000\n")
        self.data(message)
        for word, parent in parents:
            self.write(f"{word} :{parent}\n")
        return self.commits

    def choose(self):
        """An address and its change: (number, kind, MAC or None)."""
        number = self.random.randrange(self.addresses)
        chance = self.random.random()
        if number not in self.mac:
            return number, "learn", self.random.randrange(1, 4 * self.addresses)
        if chance < 0.4:
            return number, "expire", None
        return number, "move", self.random.randrange(1, 4 * self.addresses)

    def task(self, branch, parents, choice):
        number, kind, mac = choice
        address = self.address(number)
        self.tasks += 1
        day = time.strftime("%Y%m%d", time.gmtime(self.time))
        what = f"{address} is at {mac_of(mac)}" if mac else f"{address}, last at {mac_of(self.mac[number])}"
        mark = self.header(
            branch,
            f"{kind}: {what}\n\nTask: {kind}/{day}-{self.tasks:06}\nSegment: {SEGMENT}\n"
            f"Interface: eth0\nTrigger: request\n",
            parents,
        )
        if mac:
            self.since[number] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.time))
        self.change(number, mac)
        return mark, (number, mac)

    def change(self, number, mac):
        path = path_of(self.address(number))
        if mac:
            self.write(f"M 100644 inline {path}\n")
            self.data(f"mac {mac_of(mac)}\nstate dynamic\nsince {self.since[number]}\norigin bench/eth0\n")
        else:
            self.write(f"D {path}\n")

    def settle(self, change):
        number, mac = change
        if mac:
            self.mac[number] = mac
        else:
            self.mac.pop(number, None)

    def run(self, commits):
        self.write("commit refs/heads/main\nmark :1\n")
        self.write(f"committer arpkeeper <arpkeeper@bench> {self.time} +0000\n")
        self.data("arpkeeper: an empty table\n")
        self.write("M 100644 inline README.md\n")
        self.data("Addresses.\n")
        self.commits = 1
        tip = 1
        while self.commits < commits:
            self.time += self.step
            if self.commits % MERGE_EVERY or self.commits + 3 > commits:
                tip, change = self.task("main", [], self.choose())
                self.settle(change)
                continue
            first, second = self.choose(), self.choose()
            while second[0] == first[0]:
                second = self.choose()
            base = tip
            side, beside = self.task("side", [("from", base)], first)
            self.time += self.step
            tip, change = self.task("main", [], second)
            self.settle(change)
            self.settle(beside)
            tip = self.header("main", "merge: two tasks\n", [("merge", side)])
            self.change(*beside)
        self.write("reset refs/heads/side\nfrom 0000000000000000000000000000000000000000\n")
        self.write("done\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("commits", type=int)
    parser.add_argument("directory")
    parser.add_argument("--addresses", type=int, default=5000)
    parser.add_argument("--step", type=int, default=10, help="seconds between two tasks")
    parser.add_argument("--begin", type=int, default=1767225600, help="2026-01-01T00:00:00Z")
    parser.add_argument("--dual", action="store_true", help="half of the addresses are IPv6")
    options = parser.parse_args()
    if options.directory == "-":
        History(sys.stdout.buffer, options).run(options.commits)
        return 0
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", options.directory], check=True)
    importer = subprocess.Popen(
        ["git", "-C", options.directory, "fast-import", "--quiet", "--done"], stdin=subprocess.PIPE
    )
    History(importer.stdin, options).run(options.commits)
    importer.stdin.close()
    return importer.wait()


sys.exit(main())
