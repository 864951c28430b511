# SPDX-License-Identifier: MIT
"""A wire of two network namespaces for the benchmarks: hosts at one end (h0), an agent at the other
(k0). Both are this process's own, and go with it."""

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

agents = []


def clean_up():
    for agent in agents:
        if agent.poll() is None:
            agent.send_signal(signal.SIGTERM)
            try:
                agent.wait(60)
            except subprocess.TimeoutExpired:
                agent.kill()
                agent.wait()
    for name in (HOST, KEEPER):
        subprocess.run(["ip", "netns", "del", name], capture_output=True)


def enter(name):
    """This thread only."""
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


def lay():
    if os.geteuid():
        sys.exit("bench: network namespaces need root")
    atexit.register(clean_up)
    for name in (HOST, KEEPER):
        run("ip", "netns", "add", name)
        run("nsenter", f"--net=/run/netns/{name}", "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
            "net.ipv6.conf.default.disable_ipv6=1")
    run("ip", "link", "add", "h0", "netns", HOST, "type", "veth", "peer", "name", "k0", "netns", KEEPER)
    run("ip", "-n", HOST, "link", "set", "h0", "up", "arp", "off")
    run("ip", "-n", KEEPER, "link", "set", "k0", "up")
    for name, interface in ((HOST, "h0"), (KEEPER, "k0")):
        gro_on(name, interface)


class Agent:
    """An agent on k0, with a configuration of its own in `folder`."""

    def __init__(self, folder, name, repository, prefix, *options):
        self.instance = f"{TAG}-{name}"
        self.control = f"{folder}/{name}.sock"
        self.config = f"{folder}/{name}.conf"
        self.log = f"{folder}/{name}.log"
        with open(self.config, "w", encoding="ascii") as config:
            config.write(f"[history]\n\tpath = {repository}\n[agent]\n\tinstance = {self.instance}\n"
                         f"\tcontrol = {self.control}\n[segment \"lan\"]\n\tinterface = k0\n"
                         f"\tprefix = {prefix}\n\ttimeout = 1h\n\tannounce = off\n")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([ARPKEEPER, "run", "-c", self.config, "--netns", KEEPER, *options],
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
        """In MB, from /proc: VmHWM, VmRSS, RssAnon."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status if ":" in line)
        return int(fields[field].split()[0]) * 1024 / 1e6

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(120):
            self.failed("the agent did not end well")
