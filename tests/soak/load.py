# SPDX-License-Identifier: MIT
#
# Who changes the table while a soak torments the agent: operators on the control socket, hosts
# on the wire, somebody with bpftool, people who push, people who move main. Each runs in a thread of
# its own until it is told to stop or the agent is gone, and keeps an account of what was promised
# to it. Each has addresses of its own, so that the account says exactly what must be found.

import os
import random
import shutil
import signal
import subprocess
import threading
import time

from rig import ANSWER, DYNAMIC, NETWORK, STATIC, Control, entry_text, path_of

# Host parts: who may change which address.
OPERATORS = range(20, 100)
HEARD = range(100, 130)
WRITTEN = range(130, 140)
PUSHED = range(140, 200)
MOVED = range(200, 230)


def a_mac(dice):
    return "02:" + ":".join(f"{dice.randrange(256):02x}" for _ in range(5))


class Load(threading.Thread):
    """Something that goes on until stop(), but for pauses."""

    pause = threading.Event()  # of those that rest
    rests = False

    def __init__(self, rig, dice):
        super().__init__(daemon=True)
        self.rig, self.dice = rig, random.Random(dice.random())
        self.ended = threading.Event()
        self.error = None

    def run(self):
        while not self.ended.is_set():
            try:
                if self.rests and self.pause.is_set():
                    self.ended.wait(0.01)
                else:
                    self.once()
            except (OSError, ValueError):
                return  # the agent has gone
            except Exception as error:  # pylint: disable=broad-except # said by stop()
                self.error = error
                return

    def stop(self):
        self.ended.set()
        self.join()
        if self.error:
            raise self.error


class Ledger:
    """For each address what was promised last, and what was asked for since."""

    def __init__(self):
        self.promised, self.asked, self.commits = {}, {}, set()

    def ask(self, address, value):
        self.asked.setdefault(address, []).append(value)

    def promise(self, address, value, commit):
        self.promised[address] = value
        self.asked[address] = []
        self.commits.add(commit)

    def refuse(self, address):
        self.asked[address].pop()

    def broken(self, found):
        """What main does not keep; from then on, what it says counts."""
        problems = []
        for address in self.promised.keys() | self.asked.keys():
            now, promised = found.get(address), self.promised.get(address)
            if now != promised and now not in self.asked.get(address, []):
                problems.append(f"{address}: promised {promised}, asked for since: "
                                f"{self.asked.get(address)}, main has {now}")
            self.promised[address], self.asked[address] = now, []
        return problems


class Operator(Load):
    """set and unset, one after the other, on a connection that stays."""

    rests = True

    def __init__(self, rig, dice, ledger, hosts):
        super().__init__(rig, dice)
        self.ledger, self.hosts, self.connection = ledger, hosts, None
        self.answers = 0

    def once(self):
        if not self.connection:
            self.connection = Control(self.rig.control)
        address = f"{NETWORK}{self.dice.choice(self.hosts)}"
        if self.dice.random() < 0.3:
            value, request = None, {"command": "unset", "address": address}
        else:
            mac = a_mac(self.dice)
            value, request = f"{mac} static", {"command": "set", "address": address, "mac": mac}
        self.ledger.ask(address, value)
        self.connection.send(**request)
        answer = self.connection.receive()
        if answer.get("ok"):
            self.ledger.promise(address, value, answer["commit"])
            self.answers += 1
        elif "no binding to remove" in answer["error"]:
            self.ledger.refuse(address)

    def stop(self):
        super().stop()
        if self.connection:
            self.connection.close()


class Hosts(Load):
    """Stations that speak, and move."""

    rests = True

    def once(self):
        address = f"{NETWORK}{self.dice.choice(HEARD)}"
        self.rig.frame(address, a_mac(self.dice))
        self.ended.wait(self.dice.random() * 0.01)


class Writer(Load):
    """Somebody writes the map behind the agent's back."""

    def once(self):
        if self.dice.random() < 0.3:
            self.rig.slots.write(self.dice.choice(WRITTEN), None, 0)
        else:
            self.rig.slots.write(self.dice.choice(WRITTEN), a_mac(self.dice),
                                 self.dice.choice((STATIC, DYNAMIC)), ANSWER)
        self.ended.wait(self.dice.random() * 0.05)


class Git(Load):
    """A git process at a time; each may be killed."""

    def __init__(self, rig, dice):
        super().__init__(rig, dice)
        self.child = None

    def git(self, repository, *arguments, text=""):
        """(status, what it printed); its children are in its process group."""
        self.child = subprocess.Popen(
            ["git", "-C", repository, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True, env=self.rig.surroundings())
        output, _ = self.child.communicate(text)
        return self.child.returncode, output.strip()

    def identify(self, repository, name):
        """(status, the commit's id); warnings come before it."""
        status, output = self.git(repository, "rev-parse", "-q", "--verify", name)
        return status, output.split()[-1] if output else ""

    def clone(self, directory):
        """(status, what it printed). Through git's own transport: a clone by plain path copies files, one of
        which may go meanwhile."""
        status, output = self.git(self.rig.directory, "clone", "-q", "--bare", "--no-local", "-c",
                                  "fastimport.unpackLimit=1000", f"file://{self.rig.repository}", directory)
        if status:
            shutil.rmtree(directory, ignore_errors=True)  # one that was killed leaves half of it
        return status, output

    def fetch(self, repository, *refs):
        return self.git(repository, "fetch", "-q", "origin", *refs)[0]

    def count(self, what, status, output):
        """For those who keep an account of what git processes came to."""

    def murder(self):
        child = self.child
        if child and child.poll() is None:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Pusher(Git):
    """Merge requests, from a clone that is now and then brought up to date."""

    def __init__(self, rig, dice, copy, pushed):
        super().__init__(rig, dice)
        self.copy, self.pushed = copy, pushed  # pushed: ids that must come to be in main
        self.known = None

    def once(self):
        if not os.path.isdir(self.copy) and self.clone(self.copy)[0]:
            return
        if not self.known or self.dice.random() < 0.3:
            if self.fetch(self.copy, "+main:upstream"):
                return
        name = f"p{self.dice.randrange(10**9)}"
        status, _ = self.git(self.copy, "fast-import", "--quiet", "--force",
                             text=import_stream(self.dice, f"refs/heads/{name}", "refs/heads/upstream", PUSHED))
        if status:
            return
        status, known = self.identify(self.copy, name)
        if status:
            return  # it was killed
        self.known = known
        status, output = self.git(self.copy, "push", "-q", "origin", f"{name}:merge/{name}")
        self.count("push to merge/*", status, output)
        if status == 0:
            self.pushed.add(self.known)


class Mover(Git):
    """Moves main itself, in the repository, as `git update-ref` does."""

    def __init__(self, rig, dice, moved):
        super().__init__(rig, dice)
        self.moved = moved
        # What a scratch reference named and main did not come to name may be pruned as soon as that
        # is gone; who fetches is not to see it meanwhile.
        self.git(rig.repository, "config", "transfer.hideRefs", "refs/scratch")

    def once(self):
        repository = self.rig.repository
        ref = f"refs/scratch/{self.dice.randrange(10**9)}"
        status, old = self.identify(repository, "main^{commit}")
        if status:
            return
        status, _ = self.git(repository, "-c", "fastimport.unpackLimit=1000", "fast-import", "--quiet",
                             text=import_stream(self.dice, ref, old, MOVED))
        if status == 0:
            status, new = self.identify(repository, ref)
            if status == 0:
                status, _ = self.git(repository, "update-ref", "refs/heads/main", new, old)
            if status == 0:
                self.moved.add(new)
            self.git(repository, "update-ref", "-d", ref)
        self.ended.wait(self.dice.random() * 0.1)


def import_stream(dice, ref, parent, hosts):
    """A commit on top of parent: some of these addresses set, some removed."""
    lines = [f"commit {ref}", f"committer Ada <ada@example.net> {int(time.time())} +0000", "data 7", "a push", f"from {parent}"]
    for host in dice.sample(list(hosts), dice.randrange(1, 4)):
        path = path_of(f"{NETWORK}{host}")
        if dice.random() < 0.3:
            lines.append(f"D {path}")
        else:
            text = entry_text(a_mac(dice))
            lines += [f"M 100644 inline {path}", f"data {len(text)}", text.rstrip("\n")]
    return "\n".join(lines) + "\n"
