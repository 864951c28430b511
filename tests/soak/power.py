#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
#
# A power failure at every moment (invariants 2 and 5, see invariants.bats). strace records an agent
# and its children while operators and hosts change the table. Then, for every moment of the
# recording, the soak builds each state that a disk may hold (syscalls.py): everything, only synced
# data, names without their data, and random mixtures. In each, `git fsck --strict` is clean, and main
# has every commit promised by then. On some of them, including some of the repository's creation, an
# agent starts and loses nothing.
#
#   power.py [--changes N] [--starts N] [--mixtures N] [--seed S] [--work DIRECTORY]
#
# A failure leaves the state, the trace and the log behind, and prints their place and the seed.

import argparse
import fcntl
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import time

from load import OPERATORS, Hosts, Ledger, Operator
from rig import NETWORK, ROOT, Control, Failure, Rig
from syscalls import STRACE, TEXT, Disk, calls, states, unescape

PROMISE = re.compile(rb'"commit":\s*"([0-9a-f]{40})"')


class Power:
    def __init__(self, arguments):
        self.arguments = arguments
        self.dice = random.Random(arguments.seed)
        self.rig = Rig(arguments.work)
        # The states consist of small files: in memory, where possible.
        self.place = os.path.join("/dev/shm" if os.path.isdir("/dev/shm") else arguments.work, self.rig.tag)
        self.rig.cleanups.append(lambda: shutil.rmtree(self.place, ignore_errors=True))
        self.built, self.known, self.sample, self.histories = {}, set(), [], {}
        self.moments = self.promises = 0

    def record(self):
        """An agent's life under strace, from the creation of its repository to its end."""
        rig = self.rig
        rig.fresh("recorded", "5ms")
        self.trace = os.path.join(rig.directory, "trace")
        rig.prefix_command = [*STRACE, self.trace]
        rig.environment = {"ASAN_OPTIONS": "detect_leaks=0"}  # impossible under strace
        rig.start()
        rig.prefix_command = []
        # Joining packs writes through mappings, which strace does not see, so it is off.
        upkeep = open(os.path.join(rig.repository, "arpkeeper", "upkeep.lock"), "w", encoding="utf-8")
        fcntl.flock(upkeep, fcntl.LOCK_EX)
        control = Control(rig.control)
        ledger = Ledger()
        loads = [Operator(rig, self.dice, ledger, OPERATORS[:40]), Operator(rig, self.dice, ledger, OPERATORS[40:])]
        others = [Hosts(rig, self.dice)]
        for load in loads[:1] + others:
            load.start()
        while loads[0].answers < self.arguments.changes:
            loads[0].join(0.01)
        # Simultaneous changes share a flush: many objects, one pack.
        for host in range(60, 60 + 16):
            control.send(command="set", address=f"{NETWORK}{host}", mac=f"02:00:00:00:01:{host:02x}")
        for host in range(16):
            control.receive()
        control.close()
        for load in loads[:1] + others:
            load.stop()
        rig.stop(keep=False)
        upkeep.close()
        rig.environment = {}

    def replay(self):
        """Every state of every moment."""
        disk = Disk(self.rig.directory)
        promised, born = [], False
        for name, given, result, folder in calls(self.trace, os.getcwd()):
            if name in ("write", "writev", "sendmsg", "sendto") and "socket:" in given[0]:
                text = b"".join(unescape(found) for found in TEXT.findall(",".join(given[1:])))
                born = born or bool(PROMISE.search(text))
                promised += [found.decode() for found in PROMISE.findall(text)]
                continue
            if not disk.apply(name, given, result, folder):
                continue
            self.moments += 1
            for model, state in states(disk, self.dice, self.arguments.mixtures):
                yield self.moments, model, state, list(promised), born
        self.promises = len(set(promised))

    def build(self, state):
        """Turns the folder's present state into this one."""
        top = self.place
        for path in sorted(self.built.keys() - state.keys(), reverse=True):
            (os.rmdir if self.built[path] is None else os.unlink)(os.path.join(top, path))
        for path in sorted(state):
            content, where = state[path], os.path.join(top, path)
            if path in self.built and self.built[path] == content:
                continue
            if path in self.built:
                (os.rmdir if self.built[path] is None else os.unlink)(where)
            if content is None:
                os.mkdir(where)
            elif isinstance(content, tuple):
                os.symlink(content[0], where)
            else:
                with open(where, "wb") as file:
                    file.write(content)
        self.built = dict(state)

    def check(self, promised, repository, state):
        """Checks the state with git."""
        self.rig.repository = repository
        self.rig.fsck()
        # fsck proves that the commits are there. The reference of main shows which of them it has.
        references = tuple(state.get(f"history.git/{name}") for name in ("refs/heads/main", "packed-refs"))
        if references not in self.histories:
            self.histories[references] = self.history()
        self.lost(promised, self.histories[references])

    def history(self):
        return set(self.rig.git("rev-list", "main").split())

    def lost(self, promised, known):
        lost = [commit for commit in promised if commit not in known]
        if lost:
            raise Failure(f"{len(lost)} promised commits are not in main, such as {lost[-1]}")

    def start_on(self, number, state, promised):
        """Starts an agent on it as after a reboot: without its map."""
        self.rig.fresh(f"start-{number}")
        for path in sorted(state):
            where = os.path.join(self.rig.directory, path)
            if state[path] is None:
                os.makedirs(where, exist_ok=True)
            elif isinstance(state[path], bytes) and path.startswith("history.git/"):
                with open(where, "wb") as file:
                    file.write(state[path])
        for name in os.listdir(f"{self.rig.repository}/hooks") if state.get("history.git/hooks", 1) is None else []:
            os.chmod(f"{self.rig.repository}/hooks/{name}", 0o755)
        self.rig.start()
        self.rig.at_rest()
        self.lost(promised, self.history())
        ledger = Ledger()
        operator = Operator(self.rig, self.dice, ledger, [19])
        while operator.answers < 2:
            operator.once()
        operator.connection.close()
        self.rig.stop(keep=False)
        self.rig.fsck()
        self.lost(promised + list(ledger.commits), self.history())
        if self.rig.sanitizer():
            raise Failure(f"a sanitizer complained: {self.rig.directory}")
        shutil.rmtree(self.rig.directory)

    def run(self):
        os.makedirs(self.place, exist_ok=True)
        self.record()
        recorded = self.rig.directory
        seen = 0
        for moment, model, state, promised, born in self.replay():
            digest = hashlib.sha1(repr((sorted(state.items()), len(promised))).encode()).digest()
            if digest in self.known:
                continue
            self.known.add(digest)
            seen += 1
            # Every state has the same chance (Algorithm R). Those of the beginning have their own share.
            limit = self.arguments.starts
            kept = (moment, model, state, promised)
            if len(self.sample) < limit:
                self.sample.append(kept)
            elif self.dice.randrange(seen) < limit:
                self.sample[self.dice.randrange(limit)] = kept
            if not born:
                continue
            self.build(state)
            try:
                self.check(promised, os.path.join(self.place, "history.git"), state)
            except (Failure, subprocess.CalledProcessError) as failure:
                saved = os.path.join(self.arguments.work, "state")
                shutil.rmtree(saved, ignore_errors=True)
                shutil.copytree(self.place, saved, symlinks=True)
                raise Failure(f"operation {moment}, {model}: {failure}\n{getattr(failure, 'stderr', '') or ''}"
                              f"state: {saved}, trace: {recorded}/trace") from failure
        for number, (moment, model, state, promised) in enumerate(self.sample):
            try:
                self.start_on(number, state, promised)
            except (Failure, OSError, subprocess.CalledProcessError) as failure:
                raise Failure(f"operation {moment}, {model}: {failure}\ntrace: {recorded}/trace") from failure


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--starts", type=int, default=60)
    parser.add_argument("--mixtures", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/soak/power"))
    power = Power(parser.parse_args())
    print(f"seed {power.arguments.seed}", flush=True)
    started = time.monotonic()
    try:
        power.run()
    except Failure as failure:
        print(f"seed {power.arguments.seed}: {failure}")
        power.rig.last_words()
        sys.exit(1)
    print(f"{power.moments} operations, {len(power.known)} states, {power.promises} promises, "
          f"{len(power.sample)} starts, in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
