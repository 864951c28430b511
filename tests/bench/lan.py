# SPDX-License-Identifier: MIT
"""A wire of two network namespaces for the benchmarks: hosts at one end (h0), an agent at the other
(k0). Both belong to this process and end with it."""

import atexit
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from figures import ARPKEEPER, run

TAG = f"akbench-{os.getpid()}"
HOST, KEEPER = f"{TAG}-h", f"{TAG}-k"
PATIENCE = 60.0
CLONE_NEWNET = 0x40000000
SIOCETHTOOL, ETHTOOL_SGRO = 0x8946, 0x2C

agents, spaces = [], []


def clean_up():
    for agent in agents:
        if agent.poll() is None:
            agent.send_signal(signal.SIGTERM)
            try:
                agent.wait(60)
            except subprocess.TimeoutExpired:
                agent.kill()
                agent.wait()
    for name in spaces:
        subprocess.run(["ip", "netns", "del", name], capture_output=True)


def enter(name):
    """Moves only this thread."""
    descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(descriptor)


def gro_on(space, interface):
    """Makes veth use NAPI, without which it takes no redirected frames."""

    def switch():
        enter(space)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_SGRO, 1))
            request = struct.pack("16sP8x", interface.encode(), ctypes.addressof(value))
            fcntl.ioctl(control, SIOCETHTOOL, request)

    thread = threading.Thread(target=switch)
    thread.start()
    thread.join()


def lay(host=HOST, keeper=KEEPER):
    if os.geteuid():
        sys.exit("bench: network namespaces need root")
    if not spaces:
        atexit.register(clean_up)
    for name in (host, keeper):
        spaces.append(name)
        run("ip", "netns", "add", name)
        run("nsenter", f"--net=/run/netns/{name}", "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
            "net.ipv6.conf.default.disable_ipv6=1")
    run("ip", "link", "add", "h0", "netns", host, "type", "veth", "peer", "name", "k0", "netns", keeper)
    run("ip", "-n", host, "link", "set", "h0", "up", "arp", "off")
    run("ip", "-n", keeper, "link", "set", "k0", "up")
    for name, interface in ((host, "h0"), (keeper, "k0")):
        gro_on(name, interface)


class Agent:
    """An agent on k0, with a configuration of its own in `folder`. `more`: further sections of it."""

    def __init__(self, folder, name, repository, prefix, *options, space=KEEPER, more=""):
        self.instance = f"{TAG}-{name}"
        self.control = f"{folder}/{name}.sock"
        self.config = f"{folder}/{name}.conf"
        self.log = f"{folder}/{name}.log"
        with open(self.config, "w", encoding="ascii") as config:
            config.write(f"[history]\n\tpath = {repository}\n[agent]\n\tinstance = {self.instance}\n"
                         f"\tcontrol = {self.control}\n[segment \"lan\"]\n\tinterface = k0\n"
                         f"\tprefix = {prefix}\n\ttimeout = 1h\n\tannounce = off\n\tlearn = passive\n\tlearn-rate = 0\n{more}")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([ARPKEEPER, "run", "-c", self.config, "--netns", space, *options],
                                            stdout=log, stderr=log)
        agents.append(self.process)

    def call(self, command, *arguments):
        return run(ARPKEEPER, command, "-c", self.config, *arguments)

    def failed(self, what):
        sys.exit(f"bench: {what}:\n" + open(self.log, encoding="utf-8").read())

    def wait(self):
        deadline = time.monotonic() + PATIENCE
        while subprocess.run([ARPKEEPER, "status", "-c", self.config], capture_output=True, check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.failed("the agent did not start")
            time.sleep(0.01)
        return self

    def memory(self, field):
        """In MB, from /proc: VmHWM, VmRSS, RssAnon; of the keeper, the starter of recorders, and the recorder."""
        total, to_do = 0, [self.process.pid]
        while to_do:
            pid = to_do.pop()
            try:
                with open(f"/proc/{pid}/status", encoding="ascii") as status:
                    fields = dict(line.split(":", 1) for line in status if ":" in line)
                with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
                    to_do += [int(child) for child in children.read().split()]
            except FileNotFoundError:
                continue
            if fields["Name"].strip().startswith("arpkeeper"):
                total += int(fields[field].split()[0])
        return total * 1024 / 1e6

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(120):
            self.failed("the agent did not end well")


class Helper:
    """A program that answers a line with a line."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"bench: {self.process.args[0]} ended: status {self.process.wait()}")
        return answer.strip()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


OWN = b"\x02\x00\x5e\x10\x20\x0a"  # the asker's MAC


class Arp:
    """A probe: its sender's address is 0.0.0.0, so the agent does not learn it."""

    ETHERTYPE = 0x0806

    def __init__(self, address):
        self.address = socket.inet_aton(address)
        self.request = (b"\xff" * 6 + OWN + struct.pack("!HHHBBH", self.ETHERTYPE, 1, 0x0800, 6, 4, 1) + OWN
                        + bytes(4) + bytes(6) + self.address).ljust(60, b"\0")

    def mac_in(self, frame):
        """The address's MAC; None: this is no answer for it."""
        return frame[22:28] if frame[20:22] == b"\x00\x02" and frame[28:32] == self.address else None


class Nd:
    """A host's duplicate address detection, whose sender is "::". A declared address is answered."""

    ETHERTYPE = 0x86DD

    def __init__(self, address):
        self.address = socket.inet_pton(socket.AF_INET6, address)
        group = socket.inet_pton(socket.AF_INET6, "ff02::1:ff00:0")[:13] + self.address[13:]
        addresses, message = bytes(16) + group, struct.pack("!BBHI", 135, 0, 0, 0) + self.address
        total = sum(struct.unpack("!30H", addresses + struct.pack("!II", len(message), 58) + message[:20]))
        total += sum(struct.unpack("!2H", message[20:]))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        message = message[:2] + struct.pack("!H", ~total & 0xFFFF) + message[4:]
        self.request = (b"\x33\x33" + group[12:] + OWN + struct.pack("!HIHBB", self.ETHERTYPE, 6 << 28,
                                                                    len(message), 58, 255) + addresses + message)

    def mac_in(self, frame):
        right = frame[20:21] == b"\x3a" and frame[54:55] == b"\x88" and frame[62:78] == self.address
        return frame[80:86] if right and frame[78:80] == b"\x02\x01" else None


class Asker(threading.Thread):
    """Asks for one address every 200 microseconds until a reply has that MAC (None: any).
    `answered` is the time of that reply."""

    EVERY = 0.0002

    def __init__(self, address, mac=None, patience=PATIENCE, space=HOST):
        super().__init__()
        self.space = space
        self.question = (Nd if ":" in address else Arp)(address)
        self.mac, self.patience = mac, patience
        self.answered = None

    def run(self):
        enter(self.space)
        ethertype = self.question.ETHERTYPE
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
        wire.bind(("h0", ethertype))
        wire.settimeout(self.EVERY)
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline and not self.answered:
            wire.send(self.question.request)
            try:
                mac = self.question.mac_in(wire.recv(128))
            except TimeoutError:
                continue
            if mac and self.mac in (None, mac):
                self.answered = time.monotonic()
        wire.close()


def answered_after(begin, address, mac=None, space=HOST):
    """Seconds from the start of begin() to the first answer in `space`."""
    asker = Asker(address, mac, space=space)
    asker.start()
    time.sleep(0.01)  # by now it asks
    begun = time.monotonic()
    begin()
    asker.join()
    if asker.answered is None:
        sys.exit(f"bench: {address}: no correct answer")
    return asker.answered - begun
