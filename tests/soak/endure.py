#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Many flushes of one agent, with all that happens meanwhile: upkeep joins packs, users push and look
# back, operators revert, hosts move. Half of the addresses are of IPv6. What the agent holds must not grow: mappings, descriptors,
# memory, and the CPU time of a flush and of a look back (held.py).
#
#   endure.py [--flushes N] [--reverts N] [--others N] [--memory MB] [--svg FILE] [--measure]
#
# One flush is one `set` that is answered: the agent answers once the commit is durable. After each
# there are N reverts, 0.05 by default; after each N others, 200 by default, a push and a look back.
# CPU times are judged from 10,000 flushes on. --memory: what it may grow by. --measure: judges nothing.

import argparse
import os
import random
import statistics
import sys
import threading
import time

from held import Samples, agent_processes
from load import OPERATORS, Hosts, Load, Pusher, a_mac
from rig import ARPKEEPER, ROOT, TIME_FACTOR, Control, Failure, Rig

SAMPLES = 100
HOSTS_EVERY = 10    # flushes
RECENT = 2000       # commits, of which one is reverted
TIMES_FROM = 10_000 # flushes: before, directories and the look-back index still grow
# Of a pack: its index, and windows of it. Some more: upkeep removes packs between two looks.
MAPPINGS_OF_A_PACK, DESCRIPTORS_OF_A_PACK, MORE = 3, 1, 32


class InTurn:
    """A load that works once when it is told to, so that each flush has the same share of it."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.turn, self.rests = threading.Event(), threading.Event()
        self.rests.set()

    def once(self):
        if not self.turn.wait(0.1):
            return
        self.turn.clear()
        try:
            super().once()
        finally:
            self.rests.set()

    def work(self):
        """Tells it to, once it has done what it was told before."""
        if not self.rests.wait(60 * TIME_FACTOR):
            raise Failure(f"{type(self).__name__} does not come to an end")
        self.rests.clear()
        self.turn.set()


class FreshPusher(Pusher):
    """Pushes on top of what it has just fetched. A push learns from the references that the other side shows
    what is known there; all of them move on at once here, and everything would be sent. One does not."""

    def once(self):
        self.git(self.rig.repository, "update-ref", "refs/tags/known", "refs/heads/main")
        self.known = None  # then it fetches
        super().once()


class PusherInTurn(InTurn, FreshPusher):
    pass


class HostsInTurn(InTurn, Hosts):
    pass


class Reader(Load):
    """A user who looks back, with the commands."""

    def __init__(self, rig, dice):
        super().__init__(rig, dice)
        self.looks, self.cpu = 0, 0.0

    def once(self):
        address = self.rig.address(self.dice, OPERATORS)
        command = self.dice.choice((("log", address, "-n", "10"), ("at", "1 minute ago", address), ("log", "-n", "20")))
        with open(f"{self.rig.directory}/look.log", "w+", encoding="utf-8") as said:
            pid = os.posix_spawn(ARPKEEPER, [ARPKEEPER, *command, "--repo", self.rig.repository],
                                 self.rig.surroundings(),
                                 file_actions=[(os.POSIX_SPAWN_DUP2, said.fileno(), number) for number in (1, 2)])
            _, status, used = os.wait4(pid, 0)
            # Nothing was there a minute ago: 1. Anything else is a mistake.
            if os.waitstatus_to_exitcode(status) not in (0, 1):
                raise Failure(f"arpkeeper {' '.join(command)}: status {status}: {said.read()}")
        self.looks += 1
        self.cpu += used.ru_utime + used.ru_stime


class ReaderInTurn(InTurn, Reader):
    pass


class Endure:
    def __init__(self, arguments):
        self.arguments = arguments
        self.dice = random.Random(arguments.seed)
        self.rig = Rig(arguments.work)
        self.rig.both_families()
        self.samples = Samples("flushes", arguments.measure or sys.stdout.isatty(), arguments.memory, self.rig.work)
        self.commits = []
        self.reverts = 0
        self.looked = (0, 0.0)

    def ask(self, connection, times, **request):
        started = time.monotonic()
        answer = connection.ask(**request)
        times.append((time.monotonic() - started) * 1e3)
        if not answer.get("ok"):
            raise Failure(f"{request}: {answer}")
        return answer

    def flush(self, connection, times):
        address = self.rig.address(self.dice, OPERATORS)
        answer = self.ask(connection, times, command="set", address=address, mac=a_mac(self.dice))
        self.commits.append(answer["commit"])
        del self.commits[:-RECENT]

    def revert(self, connection, times):
        """Of a commit of a while ago. The address has mostly changed since: then it is only looked up."""
        commit = self.dice.choice(self.commits[: RECENT // 2])
        self.ask(connection, times, command="revert", name=commit[:12], commits=[commit])
        self.reverts += 1

    def look_ms(self):
        """CPU of a look back since the last sample. When there was none: as before."""
        looks, cpu = self.reader.looks, self.reader.cpu
        if looks > self.looked[0]:
            self.look = (cpu - self.looked[1]) / (looks - self.looked[0]) * 1e3
            self.looked = (looks, cpu)
        return self.look

    def sample(self, flushes, flushing, reverting):
        folder = os.listdir(f"{self.rig.repository}/objects/pack")
        self.samples.add(flushes, agent_processes(self.rig.agent.pid),
                         packs=sum(name.endswith(".pack") for name in folder), look_ms=self.look_ms(),
                         flush_ms=statistics.median(flushing), revert_ms=statistics.median(reverting or [0]))

    def run(self):
        rig, flushes = self.rig, self.arguments.flushes
        pushed = set()
        rig.fresh("endure", "1ms")
        rig.start()
        self.reader, self.look = ReaderInTurn(rig, self.dice), 0.0
        pusher, hosts = PusherInTurn(rig, self.dice, f"{rig.directory}/clone.git", pushed), HostsInTurn(rig, self.dice)
        for load in (self.reader, pusher, hosts):
            load.start()
        connection = Control(rig.control)
        flushing, reverting = [], []
        for number in range(1, flushes + 1):
            self.flush(connection, flushing)
            while self.reverts < int(number * self.arguments.reverts):
                self.revert(connection, reverting)
            if number % self.arguments.others == 0:
                pusher.work()
                self.reader.work()
            if number % HOSTS_EVERY == 0:
                hosts.work()
            if number % max(flushes // SAMPLES, 1) == 0:
                self.sample(number, flushing, reverting)
                flushing, reverting = [], []
        connection.close()
        for load in (self.reader, pusher, hosts):
            load.stop()
        rig.at_rest(20)
        rig.fsck()
        known = set(rig.git("rev-list", "main").split())
        lost = [commit for commit in pushed if commit not in known]
        rig.stop()
        if lost:
            raise Failure(f"pushed commits are not in main: {lost[:5]}")
        print(f"{flushes} flushes, {len(known)} commits, {self.reverts} reverts, {len(pushed)} pushes, "
              f"{self.reader.looks} looks back")

    def draw(self, path):
        curve = self.samples.curve
        self.samples.draw(
            path, "An agent that flushes all the time",
            ("mappings", "number", [curve("others", "maps"), curve("of packs", "pack_maps"), curve("of removed", "gone_maps")]),
            ("descriptors", "number", [curve("others", "files"), curve("of packs", "pack_files"),
                                       curve("of removed", "gone_files")]),
            ("packs on the disk", "number", [curve("", "packs")]),
            ("CPU of a flush", "ms", [curve("", "cpu_ms")]), ("CPU of the yardstick", "ms", [curve("", "yard_ms")]),
            ("CPU of a look back", "ms", [curve("", "look_ms")]),
            ("median time", "ms", [curve("flush", "flush_ms"), curve("revert", "revert_ms")]))

    def judge(self):
        times = ("cpu_ms", "look_ms") if self.arguments.flushes >= TIMES_FROM else ()
        problems = self.samples.grown("maps", "files", "anonymous", *times)
        packs = self.samples.most("packs")
        for kind, of_a_pack in (("maps", MAPPINGS_OF_A_PACK), ("files", DESCRIPTORS_OF_A_PACK)):
            held = self.samples.most(f"pack_{kind}", f"gone_{kind}")
            print(f"{kind} of packs: {held} at most, of {packs} packs on the disk at most")
            if held > of_a_pack * packs + MORE:
                problems.append(f"{held} {kind} of packs are held, and {packs} packs are on the disk at most")
        if problems:
            raise Failure("\n".join(problems))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--flushes", type=int, default=200_000)
    parser.add_argument("--reverts", type=float, default=0.05)
    parser.add_argument("--others", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/soak/endure"))
    parser.add_argument("--memory", type=float, default=2)
    parser.add_argument("--svg")
    parser.add_argument("--measure", action="store_true")
    endure = Endure(parser.parse_args())
    print(f"seed {endure.arguments.seed}", flush=True)
    started = time.monotonic()
    try:
        endure.run()
        endure.draw(endure.arguments.svg or f"{endure.arguments.work}/endure.svg")
        if not endure.arguments.measure:
            endure.judge()
    except Failure as failure:
        print(f"seed {endure.arguments.seed}: {failure}")
        endure.rig.last_words()
        sys.exit(1)
    finally:
        print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
