#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What people wait for: from `arpkeeper set`, and from `git push`, to the first answer on the
wire; and what the agent weighs with 65,536 entries.

Prints one JSON object a line (see report). Runs as root, in network namespaces of its own
that it removes. The wire is asked the same question every 200 microseconds, so that is the
resolution of the two times; both include starting the command.
"""

import atexit
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ARPKEEPER = os.path.abspath(os.environ.get("ARPKEEPER", "build/arpkeeper"))
SETS = int(os.environ.get("BENCH_SETS", "200"))
PUSHES = int(os.environ.get("BENCH_PUSHES", "50"))
ENTRIES = 65534  # every host of a /16
TAG = f"akbench{os.getpid()}"
HOST, KEEPER = f"{TAG}-h", f"{TAG}-k"
ASK_EVERY = 0.0002
PATIENCE = 20.0

scratch = tempfile.mkdtemp(prefix="arpkeeper-bench-")
agents = []


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def clean_up():
    for agent in agents:
        if agent.poll() is None:
            agent.send_signal(signal.SIGTERM)
            agent.wait(30)
    for name in (HOST, KEEPER):
        subprocess.run(["ip", "netns", "del", name], capture_output=True)
    shutil.rmtree(scratch, ignore_errors=True)


def enter(name):
    descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY)
    if hasattr(os, "setns"):
        os.setns(descriptor, 0x40000000)  # CLONE_NEWNET
    else:  # Python before 3.12
        import ctypes

        if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")
    os.close(descriptor)


def lay_wire():
    run("ip", "netns", "add", HOST)
    run("ip", "netns", "add", KEEPER)
    run("ip", "link", "add", "h0", "netns", HOST, "type", "veth", "peer", "name", "k0", "netns", KEEPER)
    for namespace, interface in ((HOST, "h0"), (KEEPER, "k0")):
        run("ip", "-n", namespace, "link", "set", interface, "up")
    return run("ip", "netns", "exec", HOST, "cat", "/sys/class/net/h0/address").strip()


def start_agent(repository, instance):
    log = open(os.path.join(scratch, f"{instance}.log"), "w")
    agent = subprocess.Popen(
        [ARPKEEPER, "run", "--netns", KEEPER, "-i", "k0", "--prefix", "10.77.0.0/16", "--segment", "lan",
         "--repo", repository, "--instance", instance, "--control", f"{scratch}/{instance}.sock"],
        stdout=log, stderr=log)
    agents.append(agent)
    deadline = time.monotonic() + PATIENCE
    while subprocess.run([ARPKEEPER, "status", "--control", f"{scratch}/{instance}.sock"],
                         capture_output=True).returncode:
        if agent.poll() is not None or time.monotonic() > deadline:
            sys.exit("the agent did not start:\n" + open(log.name).read())
        time.sleep(0.01)
    return agent


def stop_agent(agent):
    agent.send_signal(signal.SIGTERM)
    if agent.wait(60):
        sys.exit("the agent did not end well")


class Asker(threading.Thread):
    """Asks for one address until it is answered; `answered` is the time of the first answer."""

    def __init__(self, own_mac, address):
        super().__init__()
        self.request = (
            b"\xff" * 6 + own_mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1)
            + own_mac + socket.inet_aton("10.77.255.1") + bytes(6) + socket.inet_aton(address)).ljust(60, b"\0")
        self.address = socket.inet_aton(address)
        self.answered = None

    def run(self):
        enter(HOST)  # this thread only
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
        wire.bind(("h0", 0x0806))
        wire.settimeout(ASK_EVERY)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self.answered:
            wire.send(self.request)
            try:
                frame = wire.recv(128)
            except TimeoutError:
                continue
            if frame[20:22] == b"\x00\x02" and frame[28:32] == self.address:
                self.answered = time.monotonic()
        wire.close()


def time_to_answer(own_mac, address, command):
    asker = Asker(own_mac, address)
    asker.start()
    begun = time.monotonic()
    run(*command)
    asker.join()
    if asker.answered is None:
        sys.exit(f"{address} was never answered after {' '.join(command)}")
    return (asker.answered - begun) * 1000


def say(name, value, unit):
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit}), flush=True)


def say_times(name, times):
    times.sort()
    say(f"{name}: median", times[len(times) // 2], "ms")
    say(f"{name}: 99th percentile", times[min(len(times) - 1, int(len(times) * 0.99))], "ms")


def measure_times(own_mac):
    repository = f"{scratch}/history.git"
    agent = start_agent(repository, f"{TAG}-t")
    control = f"{scratch}/{TAG}-t.sock"
    say_times("set to first answer",
              [time_to_answer(own_mac, address, [ARPKEEPER, "set", address, "02:00:00:00:00:01", "--control", control])
               for address in (f"10.77.{1 + i // 250}.{1 + i % 250}" for i in range(SETS))])
    clone = f"{scratch}/clone"
    run("git", "-c", "safe.directory=*", "clone", "-q", repository, clone)
    git = ["git", "-C", clone, "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    times = []
    for i in range(PUSHES):
        address = f"10.77.9.{i + 1}"
        folder = f"{clone}/lan/10.77/10.77.9"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/{address}", "w") as entry:
            entry.write("mac 02:00:00:00:00:02\nstate static\nsince 2026-01-01T00:00:00Z\n")
        run(*git, "add", "-A")
        run(*git, "commit", "-q", "-m", f"{address} goes live")
        times.append(time_to_answer(own_mac, address, [*git, "push", "-q", "origin", f"HEAD:merge/bench-{i}"]))
        run(*git, "pull", "-q", "--no-rebase", "origin", "main")
    say_times("git push to first answer", times)
    stop_agent(agent)


def seed(repository):
    run("git", "init", "-q", "--bare", "-b", "main", repository)
    run("git", "-C", repository, "config", "arpkeeper.format", "1")
    lines = ["commit refs/heads/main\ncommitter bench <bench@localhost> 1760000000 +0000\ndata 4\nseed\n"]
    for i in range(1, ENTRIES + 1):
        c, d = i >> 8, i & 255
        text = f"mac 02:00:00:00:{c:02x}:{d:02x}\nstate dynamic\nsince 2026-01-01T00:00:00Z\n"
        lines.append(f"M 100644 inline lan/10.77/10.77.{c}/10.77.{c}.{d}\ndata {len(text)}\n{text}\n")
    subprocess.run(["git", "-C", repository, "fast-import", "--quiet"], input="".join(lines), text=True, check=True)


def measure_memory():
    repository = f"{scratch}/large.git"
    seed(repository)
    begun = time.monotonic()
    agent = start_agent(repository, f"{TAG}-m")
    say("start with 65,534 entries", (time.monotonic() - begun) * 1000, "ms")
    status = dict(line.split(":", 1) for line in open(f"/proc/{agent.pid}/status") if ":" in line)
    say("resident memory with 65,534 entries", int(status["VmRSS"].split()[0]) / 1024, "MiB")
    say("of that, anonymous", int(status["RssAnon"].split()[0]) / 1024, "MiB")
    stop_agent(agent)


def main():
    if os.geteuid():
        sys.exit("bench: network namespaces need root")
    atexit.register(clean_up)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    own_mac = bytes.fromhex(lay_wire().replace(":", ""))
    measure_times(own_mac)
    measure_memory()


main()
