#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
#
# Declares bindings one after the other, to and fro, while the recorder is killed again and again. Then the
# history of each address has exactly the transitions that were acknowledged, in their order.
#
#   transitions.py CONTROL REPOSITORY KILLS

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

ADDRESSES = [f"10.0.0.{host}" for host in range(100, 106)]
MACS = [f"02:ad:00:00:00:{number:02x}" for number in range(3)]
WINDOW = 12  # requests that are not answered yet


def connect(path):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    connection.settimeout(60)
    return connection, connection.makefile("r", encoding="utf-8")


def ask(path, **request):
    connection, lines = connect(path)
    connection.sendall((json.dumps(request) + "\n").encode())
    answer = json.loads(lines.readline())
    connection.close()
    return answer


class Changes:
    """Changes under way, in order. The next value of an address always differs from the last."""

    def __init__(self, path, dice):
        self.connection, self.lines = connect(path)
        self.dice = dice
        self.room = threading.Semaphore(WINDOW)
        self.last = dict.fromkeys(ADDRESSES)
        self.posted = {address: [] for address in ADDRESSES}
        self.wrong = []
        self.count = 0
        self.ended = False
        self.sender = threading.Thread(target=self.send)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.sender.start()
        self.reader.start()

    def send(self):
        while not self.ended:
            self.room.acquire()
            address = self.dice.choice(ADDRESSES)
            value = self.dice.choice([mac for mac in (*MACS, None) if mac != self.last[address]])
            request = {"command": "set", "address": address, "mac": value}
            if value is None:
                request = {"command": "unset", "address": address}
            self.last[address] = value
            self.posted[address].append(value)
            self.count += 1
            self.connection.sendall((json.dumps(request) + "\n").encode())
            if self.dice.random() < 0.1:
                time.sleep(self.dice.random() * 0.05)

    def read(self):
        for line in self.lines:
            answer = json.loads(line)
            if not answer.get("ok") and "not recorded yet" not in answer.get("error", ""):
                self.wrong.append(answer)
            self.room.release()

    def end(self):
        self.ended = True
        self.sender.join()
        for _ in range(WINDOW):
            if not self.room.acquire(timeout=60):
                sys.exit("some changes were never answered")


def recorded(repository, address):
    """The values that main gave the address, oldest first."""
    path = f"lan/10.0/10.0.0/{address}"

    def git(*arguments, text=""):
        done = subprocess.run(("git", "-C", repository, *arguments), input=text, capture_output=True, text=True, check=False)
        return done.stdout

    commits = git("log", "--topo-order", "--reverse", "--format=%H", "main", "--", path).split()
    # One process reads the file in all commits: "OBJECT blob SIZE", its lines and an empty one; or "NAME missing".
    shown = git("cat-file", "--batch", text="".join(f"{commit}:{path}\n" for commit in commits))
    values = []
    for line in shown.splitlines():
        if line.endswith(" missing"):
            values.append(None)
        elif line.startswith("mac "):
            values.append(line.split()[1])
    return values


def main():
    control, repository, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
    dice = random.Random(20261127)
    changes = Changes(control, dice)
    killed = set()
    while len(killed) < kills:
        time.sleep(dice.random() * 0.4)
        status = ask(control, command="status")
        pid, starting = status["recorder"]["pid"], status["repository"]["trouble"]
        # Sometimes while it reads the repository; but a recorder that never gets further is started ever later.
        if pid and pid not in killed and (not starting or dice.random() < 0.1):
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
    changes.end()
    deadline = time.monotonic() + 30
    while ask(control, command="status")["repository"]["queued"]:
        if time.monotonic() > deadline:
            sys.exit("changes are still queued")
        time.sleep(0.05)
    if changes.wrong:
        sys.exit(f"refused: {changes.wrong[:3]}")
    for address, posted in changes.posted.items():
        found = recorded(repository, address)
        if found != posted:
            at = next((i for i, (a, b) in enumerate(zip(found, posted)) if a != b), min(len(found), len(posted)))
            sys.exit(f"{address}: {len(posted)} transitions were posted, {len(found)} are recorded; from number {at} "
                     f"on posted {posted[at:at + 5]}, recorded {found[at:at + 5]}")
    print(f"{len(killed)} recorders killed, {changes.count} transitions, each recorded once")


if __name__ == "__main__":
    main()
