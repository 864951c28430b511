# SPDX-License-Identifier: MIT
#
# The load of a soak: operators on the control socket, hosts on the wire, an outsider with bpftool,
# users that push, users that move main. Each runs in its own thread until stop() or the agent's end,
# and keeps an account of the agent's promises. Each has its own addresses, so that the account shows
# exactly what must be in main.

import os
import random
import shutil
import signal
import subprocess
import threading
import time

from rig import ANSWER, DYNAMIC, STATIC, Control, entry_text, path_of

# Host parts: which load may change which address.
OPERATORS = range(20, 100)
HEARD = range(100, 130)
WRITTEN = range(130, 140)
PUSHED = range(140, 200)
MOVED = range(200, 230)


def a_mac(dice):
    return "02:" + ":".join(f"{dice.randrange(256):02x}" for _ in range(5))


class Load(threading.Thread):
    """A thread that repeats its work until stop(), except for pauses."""

    pause = threading.Event()  # of the loads that rest
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
            except Exception as error:  # pylint: disable=broad-except # stop() raises it
                self.error = error
                return

    def stop(self):
        self.ended.set()
        self.join()
        if self.error:
            raise self.error


class Ledger:
    """For each address, the last promise and the requests since then."""

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
        """The promises that main breaks. From then on, the content of main counts."""
        problems = []
        for address in self.promised.keys() | self.asked.keys():
            now, promised = found.get(address), self.promised.get(address)
            if now != promised and now not in self.asked.get(address, []):
                problems.append(f"{address}: promised {promised}, requested since: "
                                f"{self.asked.get(address)}, main has {now}")
            self.promised[address], self.asked[address] = now, []
        return problems


class Operator(Load):
    """set and unset, one after the other, on one connection."""

    rests = True

    def __init__(self, rig, dice, ledger, hosts):
        super().__init__(rig, dice)
        self.ledger, self.hosts, self.connection = ledger, hosts, None
        self.answers = 0

    def once(self):
        if not self.connection:
            self.connection = Control(self.rig.control)
        address = self.rig.address(self.dice, self.hosts)
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
        self.rig.speak(self.rig.address(self.dice, HEARD), a_mac(self.dice))
        self.ended.wait(self.dice.random() * 0.01)


class Writer(Load):
    """An outsider writes the map, unknown to the agent."""

    def once(self):
        if self.dice.random() < 0.3:
            self.rig.slots.write(self.dice.choice(WRITTEN), None, 0)
        else:
            self.rig.slots.write(self.dice.choice(WRITTEN), a_mac(self.dice),
                                 self.dice.choice((STATIC, DYNAMIC)), ANSWER)
        self.ended.wait(self.dice.random() * 0.05)


class Git(Load):
    """One git process at a time. The soak may kill each."""

    def __init__(self, rig, dice):
        super().__init__(rig, dice)
        self.child = None

    def git(self, repository, *arguments, text=""):
        """Returns (status, output). Its children are in its process group."""
        self.child = subprocess.Popen(
            ["git", "-C", repository, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True, env=self.rig.surroundings())
        output, _ = self.child.communicate(text)
        return self.child.returncode, output.strip()

    def identify(self, repository, name):
        """Returns (status, the commit's id), without the warnings before it."""
        status, output = self.git(repository, "rev-parse", "-q", "--verify", name)
        return status, output.split()[-1] if output else ""

    def clone(self, directory):
        """Returns (status, output). Uses git's own transport, because a clone by plain path copies files, and
        one of them may disappear meanwhile."""
        status, output = self.git(self.rig.directory, "clone", "-q", "--bare", "--no-local", "-c",
                                  "fastimport.unpackLimit=1000", f"file://{self.rig.repository}", directory)
        if status:
            shutil.rmtree(directory, ignore_errors=True)  # a killed clone leaves half of it
        return status, output

    def fetch(self, repository, *refs):
        return self.git(repository, "fetch", "-q", "origin", *refs)[0]

    def stream(self, ref, parent, hosts):
        """For `git fast-import`, a commit on top of parent: some addresses of these hosts set, some removed."""
        lines = [f"commit {ref}", f"committer Ada <ada@example.net> {int(time.time())} +0000", "data 7", "a push", f"from {parent}"]
        for host in self.dice.sample(list(hosts), self.dice.randrange(1, 4)):
            path = path_of(self.rig.address(self.dice, [host]))
            if self.dice.random() < 0.3:
                lines.append(f"D {path}")
            else:
                text = entry_text(a_mac(self.dice))
                lines += [f"M 100644 inline {path}", f"data {len(text)}", text.rstrip("\n")]
        return "\n".join(lines) + "\n"

    def count(self, what, status, output):
        """For subclasses that count the results of git processes."""

    def murder(self):
        child = self.child
        if child and child.poll() is None:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Pusher(Git):
    """Merge requests, from a clone that fetches now and then."""

    def __init__(self, rig, dice, copy, pushed):
        super().__init__(rig, dice)
        self.copy, self.pushed = copy, pushed  # pushed: ids that main must have in the end
        self.known = None

    def once(self):
        if not os.path.isdir(self.copy) and self.clone(self.copy)[0]:
            return
        if not self.known or self.dice.random() < 0.3:
            if self.fetch(self.copy, "+main:upstream"):
                return
        name = f"p{self.dice.randrange(10**9)}"
        status, _ = self.git(self.copy, "fast-import", "--quiet", "--force",
                             text=self.stream(f"refs/heads/{name}", "refs/heads/upstream", PUSHED))
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
        # git may prune a scratch reference's commit as soon as the reference is gone, if main did not get
        # it. So a fetch must not see the reference.
        self.git(rig.repository, "config", "transfer.hideRefs", "refs/scratch")

    def once(self):
        repository = self.rig.repository
        ref = f"refs/scratch/{self.dice.randrange(10**9)}"
        status, old = self.identify(repository, "main^{commit}")
        if status:
            return
        status, _ = self.git(repository, "-c", "fastimport.unpackLimit=1000", "fast-import", "--quiet",
                             text=self.stream(ref, old, MOVED))
        if status == 0:
            status, new = self.identify(repository, ref)
            if status == 0:
                status, _ = self.git(repository, "update-ref", "refs/heads/main", new, old)
            if status == 0:
                self.moved.add(new)
            self.git(repository, "update-ref", "-d", ref)
        self.ended.wait(self.dice.random() * 0.1)
