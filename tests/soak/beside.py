#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
#
# Stock git beside a busy agent (invariant 6, see invariants.bats): pushes to merge/* and to main,
# update-ref of main, of branches and tags, clones and fetches, gc (with --prune=now, too), repack,
# pack-refs and maintenance, all at once and all the time. Afterwards git fsck --strict is clean, and
# main equals the table. Every promised change, every accepted push and all references are there, and
# every clone was whole. git processes may fail because another process holds a lock. The agent may
# not.
#
#   beside.py [--seconds N] [--seed S] [--work DIRECTORY]

import argparse
import os
import random
import re
import shutil
import sys
import time
from collections import Counter

from load import MOVED, OPERATORS, Git, Hosts, Ledger, Load, Operator, Pusher
from rig import ROOT, Failure, Rig, await_true

UPKEEP = (
    ("gc", "--quiet"),
    ("gc", "--quiet", "--prune=now"),
    ("repack", "-a", "-d", "-q"),
    ("repack", "--geometric=2", "-d", "-q"),
    ("repack", "-A", "-d", "-q", "--unpack-unreachable=now"),
    ("prune", "--expire=now"),
    ("pack-refs", "--all", "--prune"),
    ("maintenance", "run", "--quiet", "--task=gc"),
    ("maintenance", "run", "--quiet", "--task=loose-objects", "--task=incremental-repack"),
    ("maintenance", "run", "--quiet", "--task=commit-graph", "--task=pack-refs"),
    ("multi-pack-index", "write", "--no-progress"),
    ("reflog", "expire", "--expire=now", "--all"),
)
# Messages of a git process when another one holds a lock. All others are failures, except:
CONTENTION = ("lock", "gc is already running", "File exists", "unable to update")
# ... for joining packs, while others join them (repack takes no lock) or prune temporary files;
JOINED = ("temporary", "tmp_", ".tmp-", "could not find pack", "unable to add recent objects", "index unavailable")
# ... for a push, while a prune without mercy removes objects that git has received but not yet named.
# That can happen before the hook, which reports it, in it, or after it;
PRUNED = ("push again", "unable to migrate objects", "temporary", "unpacker error", "but I can't find it")
# ... and for a late push or fetch.
MOVED_ON = ("(fetch first)", "(non-fast-forward)", "not a fast-forward")


class Counting(Git):
    """Counts its commands, and keeps messages that are not allowed."""

    allowed = CONTENTION

    def __init__(self, rig, dice, done):
        super().__init__(rig, dice)
        self.done, self.wrong = done, []

    def count(self, what, status, output):
        self.done[what if status == 0 else f"{what}, refused"] += 1
        if status and not any(word in output for word in self.allowed):
            self.wrong.append(f"git {what}: status {status}: {output}")

    def clone(self, directory):
        for _ in range(3):
            status, output = super().clone(directory)
            # A branch may disappear between the listing of references and the fetch.
            if not status or self.ended.is_set():
                break
            self.done["clone, again"] += 1
        self.count("clone", status, output)
        return status, output

    def fetch(self, repository, *refs):
        """Fetches, and tries again when a prune took a commit between upload-pack and pack-objects. That is a commit of
        a refused push (main had moved on), which only the pusher still has."""
        for _ in range(5):
            status, output = self.git(repository, "fetch", "-q", "origin", *refs)
            forgotten = re.search("bad object ([0-9a-f]{40})", output)
            if not status or not forgotten or not self.is_unnamed(forgotten[1]):
                break
            self.done["fetch, again"] += 1
        self.count("fetch", status, output)
        return status

    def is_unnamed(self, commit):
        """Whether the references are complete without this commit."""
        status, output = self.git(self.rig.repository, "rev-list", "--all")
        return status == 0 and commit not in output.split()


class Upkeeper(Counting):
    """The commands of an administrator or a timer. One at a time, since git's own can destroy each other's
    work: `multi-pack-index expire` and `repack -a -d` can leave no pack at all."""

    allowed = CONTENTION + JOINED

    def once(self):
        command = self.dice.choice(UPKEEP)
        status, output = self.git(self.rig.repository, *command)
        self.count(" ".join(word for word in command if word not in ("-q", "--quiet", "--no-progress")),
                   status, output)
        self.ended.wait(self.dice.random() * 0.05)


class Cloner(Counting):
    """A clone that must be whole, then fetches into it."""

    def once(self):
        clone = f"{self.rig.directory}/copy.git"
        shutil.rmtree(clone, ignore_errors=True)
        status, _ = self.clone(clone)
        for _ in range(3):
            if status or self.ended.is_set():
                return
            status = self.fetch(clone, "+refs/*:refs/*")
            if not status:
                status, output = self.git(clone, "rev-list", "--objects", "--all", "--quiet")
                self.count("rev-list of a clone", status, output)


class Labeller(Counting):
    """Sets, moves and deletes branches and tags of other users."""

    def __init__(self, rig, dice, done, labels):
        super().__init__(rig, dice, done)
        self.labels = labels

    def once(self):
        status, commit = self.identify(self.rig.repository, f"main~{self.dice.randrange(3)}^{{commit}}")
        ref = f"refs/{self.dice.choice(('heads/people', 'tags'))}/{self.dice.randrange(30)}"
        if status == 0:
            gone = self.dice.random() < 0.3
            arguments = ("-d", ref) if gone else (ref, commit)
            status, output = self.git(self.rig.repository, "update-ref", *arguments)
            self.count("update-ref of a label", status, output)
            if status == 0:
                self.labels[ref] = None if gone else commit
            elif not self.ended.is_set():
                self.labels.pop(ref, None)  # it may have happened, or not
        self.ended.wait(self.dice.random() * 0.02)


class Mover(Counting):
    """Commits on the current main. Pushes them to main, or to a branch and then moves main to it."""

    allowed = CONTENTION + PRUNED + MOVED_ON

    def __init__(self, rig, dice, done, moved, labels, copy):
        super().__init__(rig, dice, done)
        self.moved, self.labels, self.copy = moved, labels, copy

    def once(self):
        if not os.path.isdir(self.copy) and self.clone(self.copy)[0]:
            return
        name = f"m{self.dice.randrange(10**9)}"
        if self.fetch(self.copy, "+main:upstream"):
            return
        status, output = self.git(self.copy, "fast-import", "--quiet", "--force",
                                  text=self.stream(f"refs/heads/{name}", "refs/heads/upstream", MOVED))
        self.count("fast-import", status, output)
        if status:
            return
        _, commit = self.identify(self.copy, name)
        if self.dice.random() < 0.5:
            status, output = self.git(self.copy, "push", "-q", "origin", f"{name}:main")
            self.count("push to main", status, output)
        else:
            status, output = self.git(self.copy, "push", "-q", "origin", f"{name}:side/{name}")
            self.count("push to a branch", status, output)
            if status:
                return
            self.labels[f"refs/heads/side/{name}"] = commit
            _, old = self.identify(self.copy, "upstream")
            status, output = self.git(self.rig.repository, "update-ref", "refs/heads/main", commit, old)
            self.count("update-ref of main", status, output)
        if status == 0:
            self.moved.add(commit)
        self.ended.wait(self.dice.random() * 0.1)


class Requester(Pusher, Counting):
    """Merge requests: only a prune can stop them."""

    allowed = CONTENTION + PRUNED

    def __init__(self, rig, dice, copy, pushed, done):
        Counting.__init__(self, rig, dice, done)
        self.copy, self.pushed, self.known = copy, pushed, None


class Beside:
    def __init__(self, arguments):
        self.arguments = arguments
        self.dice = random.Random(arguments.seed)
        self.rig = Rig(arguments.work)
        self.done, self.labels = Counter(), {}
        self.ledger, self.pushed, self.moved = Ledger(), set(), set()

    def run(self):
        rig, dice, done = self.rig, self.dice, self.done
        rig.fresh("busy", "20ms")
        rig.start()
        operators = [Operator(rig, dice, self.ledger, OPERATORS[:40]), Operator(rig, dice, self.ledger, OPERATORS[40:])]
        gits = [Upkeeper(rig, dice, done), Cloner(rig, dice, done),
                Labeller(rig, dice, done, self.labels),
                Mover(rig, dice, done, self.moved, self.labels, f"{rig.directory}/mover.git"),
                Requester(rig, dice, f"{rig.directory}/clone.git", self.pushed, done)]
        loads = operators + gits + [Hosts(rig, dice)]
        for load in loads:
            load.start()
        deadline = time.monotonic() + self.arguments.seconds
        while time.monotonic() < deadline and rig.agent.poll() is None:
            if any(load.wrong for load in gits):
                raise Failure("\n".join(line for load in gits for line in load.wrong))
            # The mover needs main at rest for a moment: it is many times slower than the agent.
            (Load.pause.clear if Load.pause.is_set() else Load.pause.set)()
            time.sleep(self.dice.random() * 0.4)
        for load in loads:
            load.stop()
        done["set or unset"] = sum(operator.answers for operator in operators)
        self.judge([line for load in gits for line in load.wrong])

    def requests(self):
        return self.rig.git("for-each-ref", "--format=%(refname)", "refs/heads/merge/").split()

    def judge(self, problems):
        rig = self.rig
        if rig.agent.poll() is not None:
            raise Failure(f"the agent ended: status {rig.agent.returncode}")
        rig.at_rest(20)
        await_true(5, lambda: f"merged branches are removed: {self.requests()}", lambda: not self.requests())
        rig.fsck()
        problems += self.ledger.broken(rig.main())
        known = set(rig.git("rev-list", "main").split())
        problems += [f"promised commit {commit} is not in main" for commit in self.ledger.commits - known]
        problems += [f"main was at {commit}, which is lost" for commit in self.moved - known]
        problems += [f"pushed commit {commit} is not in main" for commit in self.pushed - known]
        refs = dict(line.split() for line in rig.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines())
        problems += [f"{ref} was set to {commit}, but is {refs.get(ref)}"
                     for ref, commit in self.labels.items() if refs.get(ref) != commit]
        trouble = rig.status()["repository"]["trouble"]
        if trouble:
            problems.append(f"the agent is in trouble: {trouble}")
        rig.stop()
        rig.fsck()
        if rig.sanitizer():
            problems.append(f"a sanitizer complained: {rig.directory}")
        if problems:
            raise Failure("\n".join(problems[:20]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/soak/beside"))
    beside = Beside(parser.parse_args())
    print(f"seed {beside.arguments.seed}", flush=True)
    try:
        beside.run()
    except Failure as failure:
        print(f"seed {beside.arguments.seed}: {failure}")
        beside.rig.last_words()
        sys.exit(1)
    finally:
        print("; ".join(f"{count} {what}" for what, count in sorted(beside.done.items())))


if __name__ == "__main__":
    main()
