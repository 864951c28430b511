#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page's cost for the agent. An outsider writes 10,000 bindings a second into the table, and the
agent records them. In half of the phases `arpkeeper web` follows, with READERS open pages, each of
which gets every change from /events. Prints a line of JSON for each figure (see report)."""

import os
import selectors
import socket
import subprocess
import sys
import threading
import time

import lan
from figures import ARPKEEPER, HERE, PROGRAMS, median, progress, run, say, scratch

PHASES = int(os.environ.get("BENCH_PHASES", "6"))  # of each
SECONDS, SETTLE = 5.0, 1.0
RATE, READERS = 10000, 50
PREFIX, SEEDED, WRITTEN_FIRST, WRITTEN = "10.16.0.0/16", 32766, 4096, 28000
TICK = os.sysconf("SC_CLK_TCK")

work = scratch()
os.chmod(work, 0o755)  # the page's process is another user


def processes(pid):
    """It and its descendants."""
    found = [pid]
    for each in found:
        with open(f"/proc/{each}/task/{each}/children", encoding="ascii") as children:
            found += [int(child) for child in children.read().split()]
    return found


def cpu(pids):
    """Seconds, user and system."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


class Pages(threading.Thread):
    """The server, and connections to /events that read all they get."""

    def __init__(self, config):
        super().__init__()
        self.path = f"{work}/http.sock"
        self.log = f"{work}/web.log"
        with open(self.log, "w", encoding="utf-8") as log:
            self.server = subprocess.Popen([ARPKEEPER, "web", "-c", config, "--listen", f"unix:{self.path}"],
                                           stdout=log, stderr=log)
        lan.agents.append(self.server)
        self.selector, self.bytes, self.left, self.done = selectors.DefaultSelector(), 0, 0, False
        for _ in range(READERS):
            self.selector.register(self.connect("/events"), selectors.EVENT_READ)
        self.start()

    def connect(self, target):
        deadline = time.monotonic() + 20
        while True:
            page = socket.socket(socket.AF_UNIX)
            try:
                page.connect(self.path)
            except OSError:
                page.close()
                if time.monotonic() > deadline or self.server.poll() is not None:
                    sys.exit("bench: the page does not answer:\n" + open(self.log, encoding="utf-8").read())
                time.sleep(0.02)
                continue
            page.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            return page

    def run(self):
        while not self.done:
            for key, _ in self.selector.select(0.2):
                got = len(key.fileobj.recv(1 << 16))
                self.bytes += got
                if not got:
                    self.left += 1
                    self.selector.unregister(key.fileobj)

    def memory(self):
        with open(f"/proc/{self.server.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024 / 1e6

    def end(self):
        self.done = True
        self.join()
        self.server.terminate()
        self.server.wait(20)
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


def measure(agent, writer):
    used = {True: [], False: []}
    memory, left, received = 0.0, 0, 0
    for phase in range(2 * PHASES):
        followed = phase % 4 in (1, 2)  # drift affects both equally
        progress(f"page, phase {phase + 1} of {2 * PHASES}")
        pages = Pages(agent.config) if followed else None
        writer.order("table")
        time.sleep(SETTLE)
        pids, before = processes(agent.process.pid), pages.bytes if pages else 0
        begun = cpu(pids)
        time.sleep(SECONDS)
        used[followed].append((cpu(pids) - begun) / SECONDS)
        writer.order("rest")
        if pages:
            received += pages.bytes - before
            memory, left = max(memory, pages.memory()), left + pages.left
            pages.end()
    say("page, events that 50 pages got", received / PHASES / SECONDS / 1e6, "MB/s")
    say("page, pages that were dropped", left, "pages")
    say("page, peak memory of its server", memory, "MB", 100)
    off, on = median(used[False]), median(used[True])
    say("CPU of the agent at 10,000 changes/s, no page", 100 * off, "% of a CPU")
    say("the same, 50 pages open", 100 * on, "% of a CPU")
    say("the 50 pages cost the agent", 100 * (on - off), "% of a CPU", 5)


def main():
    lan.lay()
    run("python3", f"{HERE}/../system/million.py", "make", f"{work}/history.git", "--prefix", PREFIX, "--entries",
        str(SEEDED), "--static")
    agent = lan.Agent(work, "page", f"{work}/history.git", PREFIX).wait()
    writer = lan.Helper(f"{PROGRAMS}/bench_writer", f"/sys/fs/bpf/arpkeeper/{agent.instance}/neigh_slots", str(RATE),
                    str(WRITTEN_FIRST), str(WRITTEN))
    measure(agent, writer)
    writer.end()
    agent.stop()


main()
