# SPDX-License-Identifier: MIT
"""What the fleet of `make run FLEET=5` is made of: namespaces, stations, nodes, and the page that shows them."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
ARPKEEPER = os.path.join(BUILD, "arpkeeper")
LAB = os.path.join(BUILD, "lab-fleet")
HUB = os.path.join(LAB, "hub.git")
SOCKETS = "/run/arpkeeper-lab"  # their paths must be short
HOSTS = "alice bob carol dave erin frank grace heidi ivan judy".split()
MUTE = "mute"
TERMINAL = sys.stdout.isatty()
BOLD, GREEN, RED, DIM, PLAIN = ("\33[1m", "\33[32m", "\33[31m", "\33[2m", "\33[0m") if TERMINAL else [""] * 5
os.environ.update(
    LC_ALL="C", GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", GIT_AUTHOR_NAME="Ada", GIT_AUTHOR_EMAIL="ada@example.net",
    GIT_COMMITTER_NAME="Ada", GIT_COMMITTER_EMAIL="ada@example.net",
    # The repositories may be another user's, who runs the recorders.
    GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
CONFIGURATION = """[history]
	path = {0.repository}
[agent]
	instance = lab-{0.name}
	control = {0.control}
[fleet]
	node = {0.name}
[remote "hub"]
	url = {0.hub}
	poll = 250ms
[segment "lan"]
	interface = lan0
	prefix = 10.20.0.0/24
	prefix = 2001:db8:20::/64
	timeout = 6s
"""


class Failure(Exception):
    """A step did not happen."""


def run(*command, check=True):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if check and done.returncode:
        raise Failure(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def inside(space, *command, check=True):
    """Only the network namespace changes, so that bpffs stays visible."""
    return run("nsenter", f"--net=/run/netns/lab-{space}", *command, check=check)


# --- the network -------------------------------------------------------------------------------


def switch(*words):
    run("ip", "-n", "lab-switch", "link", *words)


def add_space(name):
    run("ip", "netns", "add", f"lab-{name}")
    inside(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
    run("ip", "-n", f"lab-{name}", "link", "set", "lo", "up")


def add_bridge(name):
    switch("add", name, "type", "bridge")
    switch("set", name, "up")


class Station:
    """A namespace with one interface, at a port of its name in the switch."""

    def __init__(self, name, interface, number, bridge):
        self.name, self.interface, self.bridge = name, interface, None
        self.address, self.mac = f"10.20.0.{number}", f"02:00:00:20:00:{number:02x}"
        add_space(name)
        run("ip", "-n", f"lab-{name}", "link", "add", interface, "address", self.mac, "type", "veth", "peer", "name", name,
            "netns", "lab-switch")
        self.plug(bridge)
        run("ip", "-n", f"lab-{name}", "addr", "add", f"{self.address}/24", "dev", interface)
        self.link("up")

    def plug(self, bridge):
        self.bridge = bridge
        switch("set", self.name, "master", bridge, "up")

    def link(self, *words):
        run("ip", "-n", f"lab-{self.name}", "link", "set", self.interface, *words)

    def speaks(self, address, count):
        """Sends requests, one a second. Returns at once."""
        # pylint: disable-next=consider-using-with # clear() ends it
        subprocess.Popen(["nsenter", f"--net=/run/netns/lab-{self.name}", "arping", "-q", "-c", str(count), "-I", self.interface,
                          address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def hears(self, address):
        """The MAC that is answered for the address at this host's port; None: no reply."""
        said = inside(self.name, "arping", "-f", "-c", "1", "-w", "1", "-I", self.interface, address, check=False)
        found = re.search(r"\[([0-9A-F:]{17})\]", said)
        return found[1].lower() if found else None

    def add_ipv6(self):
        """An address of IPv6, and no link-local one: each would be an entry more. Returns it."""
        address = "2001:db8:20::" + self.address.rsplit(".", 1)[1]
        inside(self.name, "sysctl", "-qw", f"net.ipv6.conf.{self.interface}.addr_gen_mode=1",
               f"net.ipv6.conf.{self.interface}.disable_ipv6=0")
        run("ip", "-n", f"lab-{self.name}", "-6", "addr", "add", f"{address}/64", "dev", self.interface, "nodad")
        return address

    def is_advertised(self, address):
        """The MAC that is advertised for an address of IPv6 at this host's port; None: no answer."""
        said = inside(self.name, "ndisc6", "-q", "-1", "-r", "1", "-w", "1000", address, self.interface, check=False)
        return said.strip().lower() or None

    def pings(self, address):
        return " 0% packet loss" in inside(self.name, "ping", "-q", "-c", "1", "-W", "1", address, check=False)


# --- a node ------------------------------------------------------------------------------------


class Node:
    def __init__(self, number):
        self.name, self.bridge, self.uplink = f"leaf{number}", f"br{number}", f"up{number}"
        folder = os.path.join(LAB, self.name)
        self.folder, self.repository = folder, os.path.join(folder, "history.git")
        self.hub = os.path.join(folder, "hub.git")  # its way to the hub
        self.config, self.log = os.path.join(folder, "arpkeeper.conf"), os.path.join(folder, "agent.log")
        self.control = f"{SOCKETS}/{self.name}.sock"
        self.agent = None
        os.makedirs(folder)
        add_bridge(self.bridge)
        switch("add", self.uplink, "type", "veth", "peer", "name", f"down{number}")
        switch("set", self.uplink, "master", self.bridge)
        switch("set", f"down{number}", "master", "core", "up")
        self.station = Station(self.name, "lan0", number, self.bridge)
        # What is isolated reaches the hosts, and not each other.
        run("bridge", "-n", "lab-switch", "link", "set", "dev", self.uplink, "isolated", "on", "bcast_flood", "off")
        run("bridge", "-n", "lab-switch", "link", "set", "dev", self.name, "isolated", "on")
        self.connect()
        with open(self.config, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(self))

    def connect(self):
        switch("set", self.uplink, "up")
        os.symlink(HUB, self.hub)

    def disconnect(self):
        switch("set", self.uplink, "down")
        os.unlink(self.hub)

    def start(self):
        with open(self.log, "w", encoding="utf-8") as log:
            # It ends with this program, whatever ends that.
            # pylint: disable-next=consider-using-with # stop() ends it
            self.agent = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", ARPKEEPER, "run", "-c", self.config, "--netns", f"lab-{self.name}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def stop(self):
        try:
            self.agent.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.agent.pid, signal.SIGKILL)
            self.agent.wait()

    def ask(self, **request):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(30)
            client.connect(self.control)
            client.sendall(json.dumps(request).encode() + b"\n")
            with client.makefile("r", encoding="utf-8") as lines:
                answer = json.loads(lines.readline())
        if not answer.get("ok"):
            raise Failure(f"{self.name}: {answer.get('error')}")
        return answer

    def table(self):
        """{address: (mac, declared)}, without the host's own."""
        return {entry["address"]: (entry["mac"], entry["state"] == "static") for entry in self.ask(command="show")["entries"]
                if entry["state"] in ("dynamic", "stale", "static")}

    def remote(self):
        return self.ask(command="status")["remotes"][0]

    def git(self, *words, check=True):
        return run("git", "-C", self.repository, *words, check=check)

    def counts(self):
        """{node: commits of its branch that are here}."""
        said = self.git("for-each-ref", "--format=%(refname:lstrip=-1) %(contents:trailers:key=Count,valueonly)",
                        "refs/heads/node/lan/")
        return {name: int(count) for name, count in (line.split() for line in said.splitlines() if line)}

    def owns(self, address):
        """Whether its own branch has a claim of the address."""
        return "mac " in self.git("show", f"refs/heads/node/lan/{self.name}:lan/10.20/10.20.0/{address}", check=False)

    def push(self, address, mac):
        """As a person does."""
        clone = os.path.join(self.folder, "clone")
        path = os.path.join(clone, "lan/10.20/10.20.0", address)
        run("git", "clone", "-q", self.repository, clone)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"mac {mac}\nstate static\nsince {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}\n")
        run("git", "-C", clone, "add", "lan")
        run("git", "-C", clone, "commit", "-q", "-m", f"{address} is declared")
        run("git", "-C", clone, "push", "-q", "origin", "HEAD:merge/declared")


# --- the page ----------------------------------------------------------------------------------


class Page:
    """The table of nodes and the steps of the story; without a terminal, a line for each step."""

    def __init__(self, nodes):
        self.nodes, self.steps, self.begun = nodes, [], time.monotonic()
        self.lock, self.closed = threading.Lock(), threading.Event()
        self.thread = threading.Thread(target=self.draw_on, daemon=True)
        if TERMINAL:
            sys.stdout.write("\33[H\33[J")
            self.thread.start()

    def draw_on(self):
        while not self.closed.wait(1):
            self.draw()

    def rows(self):
        counts = {}
        for node in self.nodes:
            try:
                counts[node] = node.counts()
            except (Failure, OSError, ValueError):
                counts[node] = {}
        for node in self.nodes:
            # Commits that the others have made, and that have not come here.
            lag = sum(max(0, counts[other].get(other.name, 0) - counts[node].get(other.name, 0)) for other in self.nodes)
            try:
                status = node.ask(command="status")
                table, remote = status["table"], status["remotes"][0]
                hub = f"{RED}out of reach{PLAIN}" if remote["error"] else "reached" if remote["succeeded"] else "-"
                yield (f"{node.name:<8}{table['dynamic'] + table['stale'] + table['static']:>8}{status['fleet']['claims']:>8}"
                       f"{lag:>8}{status['repository']['commits']:>9}   {hub}")
            except (Failure, OSError, ValueError, KeyError, TypeError):
                yield f"{node.name:<8}       -"

    def table(self):
        return [f"{BOLD}arpkeeper: {len(self.nodes)} nodes on one LAN, and a hub{PLAIN}   {time.monotonic() - self.begun:.0f} s", "",
                f"{DIM}node     entries  claims     lag  commits   hub{PLAIN}", *self.rows()]

    def draw(self):
        lines = self.table() + [""]
        with self.lock:
            lines += [f"  {mark}  {words}" for mark, words in self.steps]
        # The newest lines, if the terminal is small.
        most = shutil.get_terminal_size().lines - 1
        lines = lines if len(lines) <= most else lines[:len(self.nodes) + 4] + lines[len(self.nodes) + 4 + len(lines) - most:]
        sys.stdout.write("\33[H" + "".join(f"{line}\33[K\n" for line in lines) + "\33[J")
        sys.stdout.flush()

    def begin(self, words):
        with self.lock:
            self.steps.append((f"{DIM}...{PLAIN}   ", words))

    def end(self, mark, words):
        with self.lock:
            self.steps[-1] = mark, words
        if not TERMINAL:
            print(f"  {mark}  {words}", flush=True)

    def close(self):
        if not TERMINAL:
            print("", *self.table()[2:], sep="\n", flush=True)
            return
        self.closed.set()
        self.thread.join()
        self.draw()


# --- the end -----------------------------------------------------------------------------------


def clear(nodes=()):
    """Ends these nodes, and removes what a lab made, this one or one that was killed."""
    agents = [node for node in nodes if node.agent]
    for node in agents:
        node.agent.terminate()
    for node in agents:
        node.stop()
    names = "|".join(["switch", MUTE, r"leaf\d+", *HOSTS])
    for space in re.findall(rf"^lab-(?:{names})\b", run("ip", "netns", "list"), re.M):
        for pid in run("ip", "netns", "pids", space, check=False).split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        run("ip", "netns", "del", space, check=False)
    shutil.rmtree(SOCKETS, ignore_errors=True)
    for number in range(1, len(HOSTS) + 1):
        shutil.rmtree(f"/sys/fs/bpf/arpkeeper/lab-leaf{number}", ignore_errors=True)
        if os.path.exists(f"/run/arpkeeper/lab-leaf{number}.lock"):
            os.unlink(f"/run/arpkeeper/lab-leaf{number}.lock")
