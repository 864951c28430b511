#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
#
# kill -9 at random moments under load (invariants 1 to 3 and 5, see invariants.bats). In a round,
# operators, hosts, pushers and others change the table. The soak kills the recorder, more than once;
# then the agent, alone or with its recorder and git processes, while it runs, starts or stops. Then, without an agent, `git fsck --strict` is clean,
# and the program answers from the table. With the next agent, main has every promise and all that the
# table held, and equals the table. No lock or temporary file is left.
#
#   kill.py [--rounds N] [--seed S] [--work DIRECTORY]
#
# A failure leaves the repository and the agent's log behind, and prints their place and the seed.

import argparse
import os
import random
import sys
import time

from load import HEARD, MOVED, OPERATORS, PUSHED, WRITTEN, Hosts, Ledger, Mover, Operator, Pusher, Writer
from rig import NETWORK, ROOT, TIME_FACTOR, Control, Failure, Rig, await_true, path_of

ROUNDS_OF_ONE = 40  # then a new repository, because fsck reads all of it every round
GUARD = f"{NETWORK}19"  # declared once, and answered from then on
GUARD_MAC = "02:aa:aa:aa:aa:aa"
LASTING = ("arpkeeper.lock", "upkeep.lock", "gc.log.lock")  # the open file holds the first two
INTERVALS = ("1ms", "20ms", "50ms", "200ms")


def is_known_keep(path):
    """Whether git or upkeep made the .keep file. git's protects a push, and stays when receive-pack is
    killed. Upkeep's protects a joined pack, and goes by itself after a while."""
    try:
        with open(path, encoding="latin-1") as keep:
            return keep.read().startswith(("receive-pack", "arpkeeper: joined"))
    except FileNotFoundError:
        return True


def leftovers(repository):
    """Files that no process would ever remove: locks, and files before their rename."""
    found = []
    for folder, folders, files in os.walk(repository):
        # The next git gc removes the remains of a killed push or gc.
        folders[:] = [name for name in folders if not name.startswith(("tmp_objdir-", "incoming-", "scratch"))]
        for name in files:
            path = os.path.join(folder, name)
            if name.endswith(".keep") and is_known_keep(path):
                continue
            if name.endswith((".lock", ".keep", ".new", ".tmp")) and name not in LASTING or name.startswith("incoming."):
                found.append(os.path.relpath(path, repository))
    return found


class Soak:
    def __init__(self, arguments):
        self.arguments = arguments
        self.dice = random.Random(arguments.seed)
        self.rig = Rig(arguments.work)
        self.round = self.epoch = self.promises = self.commits = 0
        self.recorders = 0
        self.fates, self.came = {}, {"pushed": 0, "moved": 0}

    def begin(self):
        """A new repository. Sometimes kills the agent that makes it first."""
        self.epoch += 1
        self.rig.fresh(f"{self.arguments.seed}-{self.epoch}", self.dice.choice(INTERVALS))
        self.ledger, self.pushed, self.moved = Ledger(), set(), set()
        while self.dice.random() < 0.5:
            self.rig.spawn()
            time.sleep(self.dice.random() * 0.06 * TIME_FACTOR)
            self.rig.kill()
        self.rig.start()
        # git's own upkeep runs often, so that the kills hit it.
        self.rig.git("config", "gc.auto", "60")
        self.rig.git("config", "gc.autoPackLimit", "8")
        guard = Operator(self.rig, self.dice, self.ledger, [])
        guard.hosts = [19]
        while GUARD not in self.ledger.promised or not self.ledger.promised[GUARD]:
            guard.once()
        guard.connection.close()
        self.ledger.promised[GUARD] = self.rig.main()[GUARD]

    def loads(self):
        third = len(OPERATORS) // 3
        made = [Operator(self.rig, self.dice, self.ledger, OPERATORS[n * third:(n + 1) * third]) for n in range(3)]
        made += [Hosts(self.rig, self.dice)]
        if self.dice.random() < 0.5:
            made.append(Writer(self.rig, self.dice))
        if self.dice.random() < 0.4:
            made.append(Pusher(self.rig, self.dice, f"{self.rig.directory}/clone.git", self.pushed))
        if self.dice.random() < 0.3:
            made.append(Mover(self.rig, self.dice, self.moved))
        return made

    def fate(self):
        """How this round's agent ends."""
        return self.dice.choices(("killed", "killed with its children", "killed while it stops",
                                  "killed while it starts", "killed with the pushers"),
                                 (5, 2, 1, 3, 2))[0]

    def one(self):
        self.round += 1
        fate = self.fate()
        self.fates[fate] = self.fates.get(fate, 0) + 1
        loads = self.loads()
        for load in loads:
            load.start()
        time.sleep(self.dice.random() * 0.2 * TIME_FACTOR)
        # Before that, perhaps its recorder does, more than once.
        while self.dice.random() < 0.6:
            self.recorders += self.rig.kill_recorder()
            time.sleep(self.dice.random() * 0.4 * TIME_FACTOR)
        if fate == "killed while it stops":
            control = Control(self.rig.control)
            control.send(command="stop", keep=True)
            time.sleep(self.dice.random() * 0.03 * TIME_FACTOR)
            control.close()
        self.rig.kill(group=fate == "killed with its children")
        if fate == "killed with the pushers":
            for load in loads:
                if hasattr(load, "murder"):
                    load.ended.set()
                    load.murder()
        for load in loads:
            load.stop()
        self.without_agent()
        while fate == "killed while it starts":
            self.rig.spawn()
            time.sleep(self.dice.random() * 0.06 * TIME_FACTOR)
            self.rig.kill()
            self.without_agent()
            fate = self.fate()
        self.recover()

    def without_agent(self):
        self.rig.fsck()
        self.rig.git("for-each-ref", "--format=%(objectname) %(objecttype)")
        mac = self.ledger.promised[GUARD].split()[0]
        if not self.rig.answered(GUARD, mac):
            raise Failure(f"the program does not answer for {GUARD} without an agent")

    def recover(self):
        held = self.rig.slots.durable()
        self.rig.start()
        # Between two merges, table and main may be equal, too.
        await_true(30, "all merge requests are merged", lambda: not self.rig.git("for-each-ref", "refs/heads/merge"))
        self.rig.at_rest()
        found = self.rig.main()
        problems = self.ledger.broken(found)
        for address in (f"{NETWORK}{host}" for host in (*OPERATORS, *HEARD, *WRITTEN)):
            if held.get(address) != found.get(address) and not self.has_been(address, held.get(address)):
                problems.append(f"{address}: the table held {held.get(address)}, main has {found.get(address)}")
        # The newest pack is protected until all its references have moved, a moment after main.
        await_true(2, lambda: f"nothing is left behind: {leftovers(self.rig.repository)}",
                   lambda: not leftovers(self.rig.repository))
        known = set(self.rig.git("rev-list", "main").split())
        problems += [f"promised commit {commit} is not in main" for commit in self.ledger.commits - known]
        problems += [f"main was at {commit}, which is lost" for commit in self.moved - known]
        problems += [f"pushed commit {commit} is not in main" for commit in self.pushed - known]
        self.promises += len(self.ledger.commits)
        for what in self.came:
            self.came[what] += len(getattr(self, what))
            getattr(self, what).clear()
        self.ledger.commits.clear()
        self.commits = len(known)
        if self.rig.sanitizer():
            problems.append(f"a sanitizer complained: {self.rig.directory}")
        if problems:
            raise Failure("\n".join(problems[:20]))

    def has_been(self, address, binding):
        """Whether main ever had it. A host may have moved on: the next agent reads what the dead one had not."""
        if int(address.rsplit(".", 1)[1]) not in HEARD:
            return False
        return not binding or bool(self.rig.git("log", "-1", "--format=%H", f"-Smac {binding.split()[0]}", "main",
                                                "--", path_of(address)))

    def run(self):
        for number in range(self.arguments.rounds):
            if number % ROUNDS_OF_ONE == 0:
                self.begin()
            self.one()
            if sys.stdout.isatty():
                print(f"\r{number + 1}/{self.arguments.rounds} rounds, {self.promises} promises", end="", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/soak/kill"))
    soak = Soak(parser.parse_args())
    print(f"seed {soak.arguments.seed}", flush=True)
    started = time.monotonic()
    try:
        soak.run()
    except Failure as failure:
        print(f"\nround {soak.round}, seed {soak.arguments.seed}: {failure}")
        soak.rig.last_words()
        sys.exit(1)
    seconds = time.monotonic() - started
    print(f"\n{soak.round} rounds in {seconds:.0f} s, {soak.promises} promises kept, "
          f"{soak.came['pushed']} pushes, {soak.came['moved']} moves of main; "
          + f"{soak.recorders} recorders killed before; "
          + ", ".join(f"{count} {fate}" for fate, count in sorted(soak.fates.items())))


if __name__ == "__main__":
    main()
