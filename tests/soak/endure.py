#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Many flushes of one agent, with all that happens meanwhile: upkeep joins packs, users push and look
# back, operators revert, hosts move. What the agent holds must not grow: mappings, descriptors,
# memory, and the CPU time of a flush. Samples them over the run, draws them as SVG, and compares the
# last tenth of the run with the second.
#
#   endure.py [--flushes N] [--svg FILE] [--measure]      --measure: prints, and judges nothing
#
# Fewer than 10,000 flushes: judges only whether removed packs are let go.
# One flush is one `set` that is answered: the agent answers once the commit is durable.

import argparse
import os
import random
import statistics
import subprocess
import sys
import time

from load import OPERATORS, Hosts, Load, Pusher, a_mac
from rig import ARPKEEPER, NETWORK, ROOT, Control, Failure, Rig

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
import plot  # noqa: E402

SAMPLES = 100
REVERTS_EVERY = 20  # flushes
RECENT = 2000       # commits, of which one is reverted
TICKS = os.sysconf("SC_CLK_TCK")
WITHIN, MEMORY_MB = 1.05, 2
JUDGED_FROM = 10_000  # flushes: before, caches with a limit still fill
# Of a pack: its index, and windows of it. Some more: upkeep removes packs between two looks.
MAPPINGS_OF_A_PACK, DESCRIPTORS_OF_A_PACK, MORE = 3, 1, 32


class SlowPusher(Pusher):
    def once(self):
        super().once()
        self.ended.wait(1)


class SlowHosts(Hosts):
    def once(self):
        super().once()
        self.ended.wait(0.1)


class Reader(Load):
    """A user who looks back, with the commands."""

    def __init__(self, rig, dice):
        super().__init__(rig, dice)
        self.looks = 0

    def once(self):
        address = f"{NETWORK}{self.dice.choice(OPERATORS)}"
        command = self.dice.choice((("log", address, "-n", "10"), ("at", "1 minute ago", address), ("log", "-n", "20")))
        done = subprocess.run([ARPKEEPER, *command, "--repo", self.rig.repository], capture_output=True, text=True,
                              check=False, env=self.rig.surroundings())
        # Nothing was there a minute ago: 1. Anything else is a mistake.
        if done.returncode not in (0, 1):
            raise Failure(f"arpkeeper {' '.join(command)}: status {done.returncode}: {done.stderr}")
        self.looks += 1
        self.ended.wait(1)


def processes_of(agent):
    """The agent and its children that stay: no git, no upkeep."""
    found, todo = [], [agent]
    while todo:
        pid = todo.pop()
        try:
            program = os.readlink(f"/proc/{pid}/exe")
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                todo += [int(child) for child in file.read().split()]
        except OSError:
            continue
        if program == os.readlink(f"/proc/{agent}/exe") and b"hook" not in words:
            found.append(pid)
    return found


def held_by(pid):
    """Mappings and descriptors of packs, of packs that are gone, and others; kB of memory; CPU seconds."""
    held = dict.fromkeys(("maps", "pack_maps", "gone_maps", "files", "pack_files", "gone_files", "anonymous", "cpu"), 0)
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        names = [(line.rstrip("\n"), "maps") for line in maps]
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            names.append((os.readlink(f"/proc/{pid}/fd/{number}"), "files"))
        except FileNotFoundError:
            pass  # it was closed meanwhile
    for name, kind in names:
        if "/objects/pack/" not in name:
            held[kind] += 1
        elif name.endswith(" (deleted)"):
            held[f"gone_{kind}"] += 1
        else:
            held[f"pack_{kind}"] += 1
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        held["anonymous"] = next(int(line.split()[1]) for line in rollup if line.startswith("Anonymous:"))
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        held["cpu"] = sum(int(word) for word in stat.read().rpartition(")")[2].split()[11:13]) / TICKS
    return held


class Endure:
    def __init__(self, arguments):
        self.arguments = arguments
        self.dice = random.Random(arguments.seed)
        self.rig = Rig(arguments.work)
        self.samples, self.commits = [], []
        self.reverts = 0

    def ask(self, connection, times, **request):
        started = time.monotonic()
        answer = connection.ask(**request)
        times.append((time.monotonic() - started) * 1e3)
        if not answer.get("ok"):
            raise Failure(f"{request}: {answer}")
        return answer

    def flush(self, connection, times):
        address = f"{NETWORK}{self.dice.choice(OPERATORS)}"
        answer = self.ask(connection, times, command="set", address=address, mac=a_mac(self.dice))
        self.commits.append(answer["commit"])
        del self.commits[:-RECENT]

    def revert(self, connection, times):
        """Of a commit of a while ago. The address has mostly changed since: then it is only looked up."""
        commit = self.dice.choice(self.commits[: RECENT // 2])
        self.ask(connection, times, command="revert", name=commit[:12], commits=[commit])
        self.reverts += 1

    def sample(self, flushes, flushing, looking):
        held = [held_by(pid) for pid in processes_of(self.rig.agent.pid)]
        sample = {key: sum(process[key] for process in held) for key in held[0]}
        folder = os.listdir(f"{self.rig.repository}/objects/pack")
        sample.update(flushes=flushes, packs=sum(name.endswith(".pack") for name in folder),
                      flush_ms=statistics.median(flushing), look_ms=statistics.median(looking))
        sample["anonymous"] /= 1e3
        before = self.samples[-1] if self.samples else {"cpu": sample["cpu"], "flushes": 0}
        sample["cpu_ms"] = (sample["cpu"] - before["cpu"]) / (flushes - before["flushes"]) * 1e3
        self.samples.append(sample)
        if self.arguments.measure or sys.stdout.isatty():
            print(f"{flushes} flushes: " + ", ".join(f"{key} {value:g}" for key, value in sample.items()), flush=True)

    def run(self):
        rig, flushes = self.rig, self.arguments.flushes
        pushed = set()
        rig.fresh("endure", "1ms")
        rig.start()
        self.loads = [SlowPusher(rig, self.dice, f"{rig.directory}/clone.git", pushed),
                      Reader(rig, self.dice), SlowHosts(rig, self.dice)]
        for load in self.loads:
            load.start()
        connection = Control(rig.control)
        flushing, looking = [], []
        for number in range(1, flushes + 1):
            self.flush(connection, flushing)
            if number % REVERTS_EVERY == 0:
                self.revert(connection, looking)
            if number % max(flushes // SAMPLES, REVERTS_EVERY) == 0:
                self.sample(number, flushing, looking)
                flushing, looking = [], []
        connection.close()
        for load in self.loads:
            load.stop()
        rig.at_rest(20)
        rig.fsck()
        known = set(rig.git("rev-list", "main").split())
        lost = [commit for commit in pushed if commit not in known]
        rig.stop()
        if lost:
            raise Failure(f"pushed commits are not in main: {lost[:5]}")
        print(f"{flushes} flushes, {len(known)} commits, {self.reverts} reverts, {len(pushed)} pushes, "
              f"{self.loads[1].looks} looks back")

    def draw(self, path):
        def curve(name, key):
            return name, [(sample["flushes"], sample[key]) for sample in self.samples]

        plot.write(path, "An agent that flushes all the time", "flushes", [
            ("mappings", "number", [curve("others", "maps"), curve("of packs", "pack_maps"), curve("of removed", "gone_maps")]),
            ("descriptors", "number", [curve("others", "files"), curve("of packs", "pack_files"),
                                       curve("of removed", "gone_files")]),
            ("packs on the disk", "number", [curve("", "packs")]),
            ("anonymous memory", "MB", [curve("", "anonymous")]),
            ("CPU of a flush", "ms", [curve("", "cpu_ms")]),
            ("median time", "ms", [curve("flush", "flush_ms"), curve("revert", "look_ms")]),
        ])

    def tenth(self, number, key):
        """The mean over the second tenth (2), say."""
        size = len(self.samples) // 10
        return statistics.mean(sample[key] for sample in self.samples[(number - 1) * size: number * size])

    def most(self, *keys):
        return max(sum(sample[key] for key in keys) for sample in self.samples)

    def judge(self):
        problems = []
        for key in ("maps", "files", "anonymous", "cpu_ms"):
            early, late = self.tenth(2, key), self.tenth(10, key)
            most = early + MEMORY_MB if key == "anonymous" else early * WITHIN
            print(f"{key}: {early:.2f} in the second tenth, {late:.2f} in the last")
            if late > most and self.arguments.flushes >= JUDGED_FROM:
                problems.append(f"{key} grew from {early:.2f} to {late:.2f}")
        packs = self.most("packs")
        for kind, of_a_pack in (("maps", MAPPINGS_OF_A_PACK), ("files", DESCRIPTORS_OF_A_PACK)):
            held = self.most(f"pack_{kind}", f"gone_{kind}")
            print(f"{kind} of packs: {held} at most, of {packs} packs on the disk at most")
            if held > of_a_pack * packs + MORE:
                problems.append(f"{held} {kind} of packs are held, and {packs} packs are on the disk at most")
        if problems:
            raise Failure("\n".join(problems))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--flushes", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/soak/endure"))
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
