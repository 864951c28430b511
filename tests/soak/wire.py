#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
#
# Real agents on one wire, and a hub of stock git (docs/fleet.md). In rounds, hosts come, move and fall silent, and
# operators set and unset, while something happens to the fleet: nodes lose the hub, or their link; agents and
# recorders are killed; the hub is collected, or wiped. After each round all tables are what this driver expects from
# what it did, which it works out by itself: an operator's word stands until a later one that knew of it; words that
# did not know of each other are decided by their times; a host that lives is known where no word stands. Then the fleet comes to rest:
# no commit in so many exchanges of all at once, nor in so many minutes in which the agents poll and verify hosts by themselves.
#
#   wire.py [--nodes N] [--rounds N] [--kind KIND]... [--rests N] [--minutes N] [--seed S] [--work DIRECTORY]
#
# A round of each kind comes first, of all kinds or of those that are named. A failure leaves repositories and logs behind, and prints their place and the seed.

import argparse
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time

from load import Load, a_mac
from rig import NETWORK, ROOT, Control, Failure, Rig, await_true, mac_bytes, mac_text, run

PATIENCE_S = 90
MARGIN_S = 3  # words that are closer than that may come in either order
OPERATORS, HOSTS = range(100, 140), range(140, 180)  # the last ten of the first have hosts, too
SHARED = range(130, 140)
KINDS = ["calm", "hub_is_refused", "links_fail", "are_killed", "hub_is_collected", "hub_is_wiped"]
SEGMENT = ["timeout = 2s", "learn = passive", "learn-rate = 0"]


class Wire(Rig):
    """A bridge, and a namespace in which all hosts live. It runs no agent."""

    def lay_wire(self):
        self.keeper, self.host = f"{self.tag}-switch", f"{self.tag}-hosts"
        for name in (self.keeper, self.host):
            add_space(name)
        run("ip", "-n", self.keeper, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", self.keeper, "link", "set", "br0", "up")
        self.plug(self.host, "eth0", "hosts", "02:00:00:00:ff:01", f"{NETWORK}250")
        self.wire = self.open_wire()

    def plug(self, space, interface, port, mac, address):
        run("ip", "-n", space, "link", "add", interface, "address", mac, "type", "veth", "peer", "name", port, "netns", self.keeper)
        run("ip", "-n", self.keeper, "link", "set", port, "master", "br0", "up")
        run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", interface)
        run("ip", "-n", space, "link", "set", interface, "up")

    def port(self, name, state):
        run("ip", "-n", self.keeper, "link", "set", name, state)


def add_space(name):
    run("ip", "netns", "add", name)
    run("nsenter", f"--net=/run/netns/{name}", "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
        "net.ipv6.conf.default.disable_ipv6=1")


class Node(Rig):
    def __init__(self, wire, number, hub):
        self.on, self.number, self.name, self.hub = wire, number, f"leaf{number}", hub
        self.linked = self.connected = True
        super().__init__(os.path.join(wire.work, self.name))
        self.way = os.path.join(self.work, "hub.git")
        self.segment = [*SEGMENT, "[fleet]", f"node = {self.name}", '[remote "hub"]', f"url = {self.way}", "poll = 200ms"]
        if os.path.lexists(self.way):
            os.unlink(self.way)
        os.symlink(hub, self.way)
        self.fresh("node")

    def lay_wire(self):
        self.tag = f"{self.tag}-{self.number}"
        self.keeper = self.host = f"{self.tag}-keeper"
        add_space(self.keeper)
        self.on.plug(self.keeper, "lan0", self.name, f"02:00:00:00:00:{self.number:02x}", f"{NETWORK}{self.number}")

    def connect(self, connected):
        if connected != self.connected:
            os.symlink(self.hub, self.way) if connected else os.unlink(self.way)
        self.connected = connected

    def link(self, linked):
        self.on.port(self.name, "up" if linked else "down")
        self.linked = linked

    def ask(self, **request):
        control = Control(self.control)
        try:
            return control.ask(**request)
        finally:
            control.close()

    def exchanges(self):
        return self.ask(command="status")["remotes"][0]["exchanges"]

    def table(self):
        """{address: "mac state"} of the driver's addresses."""
        return {entry["address"]: f"{entry['mac']} {'static' if entry['state'] == 'static' else 'dynamic'}"
                for entry in self.ask(command="show")["entries"]
                if entry["state"] in ("static", "dynamic", "stale") and 100 <= int(entry["address"].rsplit(".", 1)[1]) < 180}

    def tips(self, refs="refs/heads"):
        return self.git("for-each-ref", "--format=%(refname) %(objectname)", refs)

    def claims(self):
        """The greatest claim of each address, by the order of docs/fleet.md, from the branches that this node holds."""
        best = {}
        for line in self.tips("refs/heads/node/lan").splitlines():
            reference, tip = line.split()
            names = self.git("ls-tree", "-r", tip, "lan").splitlines()
            ids = [name.split()[2] for name in names]
            for name, one in zip(names, ids):
                keys = dict(row.split(" ", 1) for row in self.git("cat-file", "blob", one).splitlines())
                static, gone = keys["state"] == "static", keys["state"] == "gone"
                word = keys["since"] if static else keys.get("after", "")
                rank = (word, static, keys["since"], not gone, negative(keys.get("mac", "")), negative(one), negative(reference))
                address = name.rsplit("/", 1)[1]
                if address not in best or rank > best[address][0]:
                    best[address] = rank, None if gone else f"{keys['mac']} {keys['state']}"
        return {address: value for address, (_, value) in best.items() if value}


def cpu_of(node):
    """Seconds of its processes that run, and of their children that have ended."""
    ticks = 0
    for pid in node.family():
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                ticks += sum(int(word) for word in stat.read().rpartition(")")[2].split()[11:15])
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended since then: its time is its parent's
    return ticks / os.sysconf("SC_CLK_TCK")


def negative(text):
    """Sorts the other way."""
    return [-ord(letter) for letter in text] + [1]


class Stations(Load):
    """Replies to ARP requests for the hosts that live."""

    def __init__(self, wire, dice):
        super().__init__(wire, dice)
        self.mac, self.replies = {}, {}

    def once(self):
        self.rig.wire.settimeout(0.1)
        try:
            frame = self.rig.wire.recv(128)
        except TimeoutError:
            return
        if len(frame) < 42 or frame[20:22] != b"\0\1":
            return
        address = socket.inet_ntoa(frame[38:42])
        mac = self.mac.get(address)
        if mac and frame[:6] in (b"\xff" * 6, mac_bytes(mac)):
            self.rig.frame(address, mac, socket.inet_ntoa(frame[28:32]), op=2, to=mac_text(frame[22:28]))
            self.replies[address] = self.replies.get(address, 0) + 1

    def speak(self, addresses=None):
        for address in addresses or list(self.mac):
            if self.mac.get(address):
                self.rig.frame(address, self.mac[address], f"{NETWORK}250")


class Fleet:
    def __init__(self, arguments):
        self.arguments, self.dice = arguments, random.Random(arguments.seed)
        self.hub = os.path.join(arguments.work, "hub.git")
        shutil.rmtree(arguments.work, ignore_errors=True)
        os.makedirs(arguments.work)
        self.make_hub()
        self.wire = Wire(arguments.work)
        self.nodes = [Node(self.wire, number, self.hub) for number in range(1, arguments.nodes + 1)]
        self.stations = Stations(self.wire, self.dice)
        self.words = {}  # address: [(time, value)], of which any may stand; value: "mac static", or None
        self.counts = dict.fromkeys(("sets", "unsets", "moves", "silenced", "kills"), 0)

    def make_hub(self):
        run("git", "init", "-q", "--bare", self.hub)

    # --- what is done --------------------------------------------------------------------------

    def say(self, node, address, said):
        """An operator's word at the node; `said` has what was said on this side of a partition."""
        # Something to unset is rarer than something to set.
        known = said.get(address) or self.words.get(address, [(0, None)])[0]
        value = None if known[1] and self.dice.random() < 0.7 else f"{a_mac(self.dice)} static"
        if value:
            answer = node.ask(command="set", address=address, mac=value.split()[0])
        else:
            answer = node.ask(command="unset", address=address)
            if not answer.get("ok") and "no binding to remove" in answer["error"]:
                return
        if not answer.get("ok"):
            raise Failure(f"{node.name}: {answer}")
        self.counts["sets" if value else "unsets"] += 1
        said[address] = time.time(), value

    def operators_work(self, sides, words=6):
        """On each side of a partition, at random nodes. Those of one side know of each other."""
        said = [{} for _ in sides]
        for _ in range(2):
            for side, heard in zip(sides, said):
                for host in self.dice.sample(OPERATORS, words):
                    self.say(self.dice.choice(side), f"{NETWORK}{host}", heard)
            # The second time, they know what was said the first time.
            for side in sides:
                self.exchange(side)
                self.exchange(side)
        for address in set().union(*said):
            self.words[address] = self.last_of([heard[address] for heard in said if address in heard])

    @staticmethod
    def last_of(words):
        """Those of concurrent words that may stand. A removal leaves no trace where it hides nothing."""
        last = max(words, key=lambda word: word[0])
        return [word for word in words if word[0] > last[0] - MARGIN_S or (last[1] is None and word[1])]

    def hosts_change(self):
        for host in self.dice.sample([*HOSTS, *SHARED], 10):
            address, mac = f"{NETWORK}{host}", self.stations.mac
            if mac.get(address) and self.dice.random() < 0.4:
                mac[address] = None
                self.counts["silenced"] += 1
                continue
            self.counts["moves"] += bool(mac.get(address))
            mac[address] = a_mac(self.dice)
            self.stations.speak([address])

    def exchange(self, nodes):
        def sync(node):
            try:
                node.ask(command="sync")
            except (OSError, ValueError):
                pass  # it was killed
        threads = [threading.Thread(target=sync, args=(node,)) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # --- rounds --------------------------------------------------------------------------------

    def calm(self):
        self.operators_work([self.nodes])
        self.hosts_change()

    def hub_is_refused(self):
        cut = self.dice.sample(self.nodes, max(1, len(self.nodes) // 3))
        rest = [node for node in self.nodes if node not in cut]
        for node in cut:
            node.connect(False)
        self.hosts_change()
        # Each of those that are cut off is alone.
        self.operators_work([rest] + [[node] for node in cut])
        for node in cut:
            node.connect(True)

    def links_fail(self):
        down = self.dice.sample(self.nodes, max(1, len(self.nodes) // 3))
        for node in down:
            node.link(False)
        self.hosts_change()
        self.operators_work([self.nodes])
        for node in down:
            node.link(True)

    def are_killed(self):
        victims = self.dice.sample(self.nodes, max(2, len(self.nodes) // 3))
        rest = [node for node in self.nodes if node not in victims]
        worker = threading.Thread(target=self.hosts_change)
        worker.start()
        for node in victims[::2]:
            node.kill(group=self.dice.random() < 0.5)
        for node in victims[1::2]:
            node.kill_recorder()
        self.counts["kills"] += len(victims)
        self.operators_work([rest])
        worker.join()
        for node in victims[::2]:
            node.start()

    def hub_is_collected(self):
        threads = [threading.Thread(target=run, args=("git", "-C", self.hub, "gc", "--quiet", "--prune=now"))]
        threads[0].start()
        self.calm()
        threads[0].join()

    def hub_is_wiped(self):
        os.rename(self.hub, f"{self.hub}.lost")  # pushes may be under way
        self.hosts_change()
        self.operators_work([[node] for node in self.dice.sample(self.nodes, 2)], words=3)
        self.make_hub()
        shutil.rmtree(f"{self.hub}.lost", ignore_errors=True)

    # --- what must hold ------------------------------------------------------------------------

    def may_be(self, address):
        values = {value for _, value in self.words.get(address, [(0, None)])}
        mac = self.stations.mac.get(address)
        return {value or (mac and f"{mac} dynamic") for value in values}

    def problems(self):
        tables = {node: node.table() for node in self.nodes}
        found = []
        for address in (f"{NETWORK}{host}" for host in range(100, 180)):
            held, right = {table.get(address) for table in tables.values()}, self.may_be(address)
            if len(held) > 1 or not held <= right:
                found.append(f"{address}: " + ", ".join(f"{node.name} {tables[node].get(address)}" for node in self.nodes)
                             + f"; expected {right}")
        return found

    def meets(self):
        """All have all, and all is right."""
        problems = [""]

        def check():
            self.stations.speak()
            self.exchange(self.nodes)
            problems[:] = self.problems()
            return not problems

        await_true(PATIENCE_S, lambda: "all tables are what was done: " + "; ".join(problems[:5]), check)
        # From now on, each knows what stands.
        for address in self.words:
            value = self.nodes[0].table().get(address)
            self.words[address] = [(time.time(), value if value and value.endswith("static") else None)]

    def rests(self):
        """No commit in so many exchanges, in a row, of each."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            before = [node.tips() for node in self.nodes]
            for _ in range(self.arguments.rests):
                self.exchange(self.nodes)
            after = [node.tips() for node in self.nodes]
            if before == after:
                return
            if time.monotonic() > deadline:
                moved = [sorted(set(new.split("\n")) - set(old.split("\n"))) for old, new in zip(before, after)]
                raise Failure(f"no rest: {moved}")

    def stays(self):
        """No commit in so many minutes. Time is not injected: a program in the kernel, a keeper and a recorder share it. With a
        timeout of 2 s, hosts are verified more often than in ten minutes of the usual five."""
        def said():
            return [node.tips("refs") for node in self.nodes] + [run("git", "-C", self.hub, "for-each-ref", "refs/heads")]
        before, exchanges, cpu = said(), [node.exchanges() for node in self.nodes], sum(map(cpu_of, self.nodes))
        heard = [address for address, value in self.nodes[0].table().items() if value.endswith("dynamic")]
        replies = dict(self.stations.replies)
        deadline = time.monotonic() + 60 * self.arguments.minutes
        while time.monotonic() < deadline:
            time.sleep(min(10, max(0, deadline - time.monotonic())))
            after = said()
            if after != before:
                moved = [sorted(set(new.split("\n")) ^ set(old.split("\n"))) for old, new in zip(before, after)]
                raise Failure(f"no rest: {moved}")
        polls = [node.exchanges() - count for node, count in zip(self.nodes, exchanges)]
        verified = [self.stations.replies.get(address, 0) - replies.get(address, 0) for address in heard]
        if not heard or min(polls) < 0.8 * self.arguments.minutes - 1 or min(verified) < 2:
            raise Failure(f"that was no rest of a fleet at work: exchanges {polls}, hosts verified {verified}")
        print(f"at rest for {self.arguments.minutes:g} minutes: no commit in {sum(polls)} exchanges (at least {min(polls)} of each node); "
              f"{len(heard)} hosts verified {sum(verified)} times (each at least {min(verified)}); "
              f"{sum(map(cpu_of, self.nodes)) - cpu:.1f} s of CPU", flush=True)

    def judge(self):
        """By stock git."""
        branches = {node.tips("refs/heads/node") for node in self.nodes}
        if len(branches) != 1:
            raise Failure(f"nodes hold different branches: {branches}")
        claims = self.nodes[0].claims()
        for node in self.nodes:
            node.fsck()
            table = node.table()
            said = {address: value for address, value in claims.items() if 100 <= int(address.rsplit(".", 1)[1]) < 180}
            if table != said:
                raise Failure(f"{node.name}: the table is not the greatest claims: {sorted(set(table.items()) ^ set(said.items()))}")
            main = {address: value for address, value in node.main().items() if address in said}
            if main != said:
                raise Failure(f"{node.name}: main is not the greatest claims: {sorted(set(main.items()) ^ set(said.items()))}")
            if node.sanitizer():
                raise Failure(f"a sanitizer complained: {node.directory}")
        run("git", "-C", self.hub, "fsck", "--strict")

    # --- the run -------------------------------------------------------------------------------

    def run(self):
        kinds = [getattr(self, kind) for kind in self.arguments.kind or KINDS]
        for node in self.nodes:
            node.spawn()
        for node in self.nodes:
            node.ready()
        self.stations.start()
        for number in range(self.arguments.rounds):
            kind = kinds[number] if number < len(kinds) else self.dice.choice(kinds)
            started = time.monotonic()
            self.doing = f"round {number + 1}, {kind.__name__.replace('_', ' ')}"
            kind()
            self.meets()
            print(f"{self.doing}: {time.monotonic() - started:.1f} s", flush=True)
        self.doing = "at rest"
        self.rests()
        self.judge()
        if self.arguments.minutes:
            self.stays()
            self.judge()
        self.cpu = sum(map(cpu_of, self.nodes))
        for node in self.nodes:
            node.stop()
        self.stations.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--rests", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/soak/wire"))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    started, fleet = time.monotonic(), Fleet(arguments)
    try:
        fleet.run()
    except (Failure, OSError, subprocess.CalledProcessError) as failure:
        print(f"{fleet.doing}, seed {arguments.seed}: {failure}\nrepositories and logs: {arguments.work}")
        sys.exit(1)
    print(f"{arguments.nodes} nodes, {arguments.rounds} rounds in {time.monotonic() - started:.0f} s: "
          + ", ".join(f"{count} {what}" for what, count in fleet.counts.items()) + f"; {fleet.cpu:.0f} s of CPU")


if __name__ == "__main__":
    main()
