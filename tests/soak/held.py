# SPDX-License-Identifier: MIT
#
# What processes hold, sampled over a run: mappings, descriptors, memory, CPU time. Draws the samples
# as SVG, and compares the last tenth of the run with the second: an agent that runs for an hour must
# run for a year.
#
# CPU times are compared as multiples of a yardstick's, taken beside each sample: on a machine that
# others share, the same work takes a tenth more or less from one minute to the next.

import hashlib
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "bench"))
import plot  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
WITHIN = 1.05


def lasting_children(pid):
    """Children of the same program that stay: no git, no upkeep, no hook."""
    found = []
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = [int(child) for child in file.read().split()]
    program = os.readlink(f"/proc/{pid}/exe")
    for child in children:
        try:
            with open(f"/proc/{child}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if os.readlink(f"/proc/{child}/exe") == program and b"hook" not in words:
                found.append(child)
        except OSError:
            pass  # it ended meanwhile
    return found


def agent_processes(agent):
    """The agent's keeper, the starter of its recorders, and the recorder."""
    found, to_do = [], [agent]
    while to_do:
        found.append(to_do.pop())
        to_do += lasting_children(found[-1])
    return found


def held_by(pid):
    """Mappings and descriptors of packs, of packs that are gone, and others; MB of memory; CPU seconds."""
    held = dict.fromkeys(("maps", "pack_maps", "gone_maps", "files", "pack_files", "gone_files"), 0)
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
        held["anonymous"] = next(int(line.split()[1]) for line in rollup if line.startswith("Anonymous:")) / 1e3
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        held["cpu"] = sum(int(word) for word in stat.read().rpartition(")")[2].split()[11:13]) / TICKS
    return held


def is_sanitized(pid):
    """Whether its memory is the sanitizer's, which keeps what was freed: its shadow reserves terabytes of addresses."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return any(int(line.split()[1]) > 1 << 30 for line in status if line.startswith("VmSize:"))


def yardstick_ms(folder, rounds=5):
    """CPU of work like a flush's: small files that are durable before they get their name, and hashing."""
    times, new = [], os.path.join(folder, "yardstick")
    for _ in range(rounds):
        started = time.thread_time()
        for _ in range(40):
            with open(f"{new}.new", "wb") as file:
                file.write(b"x" * 300)
                file.flush()
                os.fsync(file.fileno())
            os.rename(f"{new}.new", new)
        hashlib.sha1(b"x" * (1 << 20)).digest()
        times.append((time.thread_time() - started) * 1e3)
    return statistics.median(times)


class Samples:
    """Of a run, in order. `at` counts what the run repeats. Memory may grow by so many MB. The yardstick
    works in the folder."""

    TIMES = ("cpu_ms", "look_ms")

    def __init__(self, unit, says, memory_mb, folder):
        self.unit, self.says, self.memory_mb, self.folder, self.all = unit, says, memory_mb, folder, []
        self.sanitized = False

    def add(self, at, pids, **more):
        """What these processes hold together, the CPU time of each unit since the last sample, and more."""
        held = [held_by(pid) for pid in pids]
        sample = {key: sum(process[key] for process in held) for key in held[0]}
        sample.update(at=at, yard_ms=yardstick_ms(self.folder), **more)
        before = self.all[-1] if self.all else {"cpu": sample["cpu"], "at": 0}
        sample["cpu_ms"] = (sample["cpu"] - before["cpu"]) / (at - before["at"]) * 1e3
        self.all.append(sample)
        self.sanitized = is_sanitized(pids[0])
        if self.says:
            print(f"{at} {self.unit}: " + ", ".join(f"{key} {value:g}" for key, value in sample.items()), flush=True)

    def curve(self, name, key):
        return name, [(sample["at"], sample[key]) for sample in self.all]

    def draw(self, path, title, *panels):
        """Panels beside memory: (title, unit, curves)."""
        plot.write(path, title, self.unit, [("anonymous memory", "MB", [self.curve("", "anonymous")]), *panels])
        print(f"drawn: {path}")

    def tenth(self, number, key):
        """The mean over the second tenth (2), say."""
        size = len(self.all) // 10
        return statistics.mean(sample[key] for sample in self.all[(number - 1) * size: number * size])

    def grown(self, *keys):
        """Which of these grew, in words."""
        problems = []
        for key in keys:
            early, late = self.tenth(2, key), self.tenth(10, key)
            said = f"{key}: {early:.2f} in the second tenth, {late:.2f} in the last"
            if key in self.TIMES:
                early, late = early / self.tenth(2, "yard_ms"), late / self.tenth(10, "yard_ms")
                said += f"; of the yardstick's {early:.3f} and {late:.3f}"
            print(said)
            if key == "anonymous" and self.sanitized:
                continue
            if late > (early + self.memory_mb if key == "anonymous" else early * WITHIN):
                problems.append(f"{key} grew from {early:.3f} to {late:.3f}")
        return problems

    def most(self, *keys):
        return max(sum(sample[key] for key in keys) for sample in self.all)
