# SPDX-License-Identifier: MIT
#
# Shared by the soaks: a wire between two own network namespaces, an agent on one end of it, its
# control socket, its table, its repository, and the conditions that must hold. It never touches an
# interface of the machine's own namespace, ends processes by their ids, and always cleans up. The
# soaks decide what to try.
#
# Environment: ARPKEEPER (the binary), RUN (as in tests/system/lib.bash), TIME_FACTOR (deadlines).

import atexit
import ctypes
import fcntl
import json
import mmap
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "..", "system", "table")  # shared with the system tests
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
ARPKEEPER = os.path.abspath(os.environ.get("ARPKEEPER", os.path.join(ROOT, "build/arpkeeper")))
TIME_FACTOR = float(os.environ.get("TIME_FACTOR", "1"))
NETWORK = "10.0.0."
PREFIX = "10.0.0.0/24"
NETWORK6 = "2001:db8:0:7::"
PREFIX6 = "2001:db8:0:7::/64"
SPARSE = 65536 # slots of IPv6, behind those of IPv4
KEEPER_MAC = "02:00:00:00:00:01"
HOST_MAC = "02:00:00:00:00:11"
SLOTS, SLOT = 256, struct.Struct("<6sBBII")
LINE, PLACE = 64, struct.Struct("=16sQ")  # of the index of IPv6 addresses
DYNAMIC, STATIC, ANSWER = 1, 2, 1
DURABLE = {1: "dynamic", 2: "static", 4: "dynamic"}  # enum slot_state; 4 is STALE
CLONE_NEWNET = 0x40000000
BPF_OBJ_GET = 7
BPF_SYSCALL = {"x86_64": 321, "aarch64": 280}[platform.machine()]
# The user's own git configuration and name take no part.
os.environ.update(
    GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", LC_ALL="C",
    GIT_AUTHOR_NAME="Ada", GIT_AUTHOR_EMAIL="ada@example.net",
    GIT_COMMITTER_NAME="Ada", GIT_COMMITTER_EMAIL="ada@example.net",
)
libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """A condition that must hold does not."""


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def await_true(seconds, what, check):
    """Returns the value of check() as soon as it is true. Otherwise raises a Failure with `what`."""
    deadline = time.monotonic() + seconds * TIME_FACTOR
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.01)


def mac_text(mac):
    return ":".join(f"{byte:02x}" for byte in mac)


def mac_bytes(text):
    return bytes(int(part, 16) for part in text.split(":"))


def address_of(network, host):
    return f"{network}{host:x}" if ":" in network else f"{network}{host}"


def path_of(address):
    if ":" in address:
        name = address.replace(":", "-")
        return f"lan/{NETWORK6[:-2].replace(':', '-')}/{int(name.rsplit('-', 1)[1], 16) & 255:02x}/{name}"
    a, b, c, _ = address.split(".")
    return f"lan/{a}.{b}/{a}.{b}.{c}/{address}"


def entry_text(mac, state="static"):
    return f"mac {mac}\nstate {state}\nsince {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}\n"


class Control:
    """One connection to the control socket, one request at a time."""

    def __init__(self, path, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout * TIME_FACTOR)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8")

    def send(self, **request):
        self.socket.sendall((json.dumps(request) + "\n").encode())

    def receive(self):
        line = self.lines.readline()
        if not line:
            raise ConnectionError("the agent has gone")
        return json.loads(line)

    def ask(self, **request):
        self.send(**request)
        return self.receive()

    def close(self):
        self.lines.close()
        self.socket.close()


def map_pinned(pin, size_of):
    """The pinned array in memory. size_of(N): its bytes, with N elements."""
    path = ctypes.create_string_buffer(pin.encode())
    attribute = struct.pack("<QII", ctypes.addressof(path), 0, 0).ljust(128, b"\0")
    descriptor = libc.syscall(BPF_SYSCALL, BPF_OBJ_GET, attribute, len(attribute))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), pin)
    try:
        with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as info:
            elements = next(int(line.split()[1]) for line in info if line.startswith("max_entries:"))
        return mmap.mmap(descriptor, size_of(elements))
    finally:
        os.close(descriptor)


class Slots:
    """The pinned table, mapped as the agent maps it. Both outlive the agent."""

    def __init__(self, pin, slots=SLOTS):
        self.memory = map_pinned(pin, lambda _: slots * SLOT.size)
        self.index6 = None
        if slots > SLOTS:
            self.index6 = map_pinned(os.path.join(os.path.dirname(pin), "neigh_index6"), lambda lines: lines * LINE)

    def write(self, host, mac, state, flags=ANSWER):
        """Writes the whole binding with one store."""
        word = mac_bytes(mac) + bytes((state, flags)) if state else bytes(8)
        (ctypes.c_uint64.from_buffer(self.memory, host * SLOT.size)).value = int.from_bytes(word, "little")

    def durable(self):
        rows = {}
        for host in range(SLOTS):
            mac, state, _, _, _ = SLOT.unpack_from(self.memory, host * SLOT.size)
            if state in DURABLE:
                rows[f"{NETWORK}{host}"] = f"{mac_text(mac)} {DURABLE[state]}"
        for address, slot in self.places6():
            mac, state, _, _, _ = SLOT.unpack_from(self.memory, slot * SLOT.size)
            if state in DURABLE:
                rows[address] = f"{mac_text(mac)} {DURABLE[state]}"
        return rows

    def places6(self):
        """The IPv6 addresses that have slots (include/arpkeeper/index6.h): two in each line but the first."""
        for line in range(LINE, len(self.index6) if self.index6 else 0, LINE):
            for entry in (line, line + PLACE.size):
                address, leads = PLACE.unpack_from(self.index6, entry)
                if leads:
                    yield socket.inet_ntop(socket.AF_INET6, address), leads & 0xFFFFFFFF


def is_starter(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii") as comm:
            return comm.read().startswith("arpkeeper-start")
    except OSError:
        return False


class Rig:
    """The wire, and one agent at a time with its repository and instance."""

    def __init__(self, work):
        self.tag = f"aktest-{os.environ.get('RUN', os.getpid())}-{os.getpid()}"
        self.keeper, self.host = f"{self.tag}-keeper", f"{self.tag}-h1"
        self.work = work
        self.agent = self.wire = self.slots = None
        self.settings, self.networks = [], [NETWORK]
        # The hosts are invented, so they cannot answer themselves.
        self.segment = ["learn = passive", "learn-rate = 0"]
        self.prefix_command = []
        self.environment = {}
        self.pins = []
        self.cleanups = []
        os.makedirs(work, exist_ok=True)
        atexit.register(self.clear)
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, lambda number, frame: sys.exit(128 + number))
        self.lay_wire()

    def both_families(self):
        """From here on the segment has an IPv6 prefix, and every second address that a load picks is of it."""
        self.networks.append(NETWORK6)
        self.segment.append(f"prefix = {PREFIX6}")

    def address(self, dice, hosts):
        return address_of(dice.choice(self.networks), dice.choice(hosts))

    def lay_wire(self):
        for name in (self.keeper, self.host):
            run("ip", "netns", "add", name)
            run("nsenter", f"--net=/run/netns/{name}", "sysctl", "-qw",
                "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        run("ip", "-n", self.keeper, "link", "add", "lan0", "address", KEEPER_MAC, "type", "veth",
            "peer", "name", "eth0", "netns", self.host, "address", HOST_MAC)
        for name, interface, address in ((self.keeper, "lan0", "10.0.0.1"), (self.host, "eth0", "10.0.0.11")):
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", interface)
            run("ip", "-n", name, "link", "set", interface, "up")
        self.wire = self.open_wire()

    def open_wire(self):
        """A raw socket on the far end. It stays there for all users."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.host}", os.O_RDONLY)
        try:
            if libc.setns(there, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
            wire.bind(("eth0", 0x0806))
            libc.setns(own, CLONE_NEWNET)
        finally:
            os.close(own)
            os.close(there)
        return wire

    def frame(self, spa, sha, tpa="10.0.0.1", op=1, to="ff:ff:ff:ff:ff:ff", source=None):
        """Sends one ARP frame from the far end, from the sender's MAC or from `source`."""
        sha = mac_bytes(sha)
        self.wire.send((mac_bytes(to) + (mac_bytes(source) if source else sha)
                        + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, op) + sha
                        + socket.inet_aton(spa) + bytes(6) + socket.inet_aton(tpa)).ljust(60, b"\0"))

    def advertise(self, address, mac):
        """Sends an unsolicited advertisement (RFC 9131) from the far end."""
        source, group, mac = socket.inet_pton(socket.AF_INET6, address), socket.inet_pton(socket.AF_INET6, "ff02::1"), mac_bytes(mac)
        body = struct.pack("!BBHI", 136, 0, 0, 1 << 29) + source + bytes((2, 1)) + mac
        total = sum(struct.unpack(f"!{(40 + len(body)) // 2}H", source + group + struct.pack("!II", len(body), 58) + body))
        total = (total & 0xFFFF) + (total >> 16)
        total = (total & 0xFFFF) + (total >> 16)
        body = body[:2] + struct.pack("!H", total ^ 0xFFFF) + body[4:]
        self.wire.send(bytes.fromhex("333300000001") + mac + struct.pack("!HIHBB", 0x86DD, 6 << 28, len(body), 58, 255)
                       + source + group + body)

    def speak(self, address, mac):
        """A host says that it has the address."""
        (self.advertise if ":" in address else self.frame)(address, mac)

    def answered(self, address, mac, patience=1.0):
        """Asks until the deadline. Whether a reply names mac for the address."""
        deadline = time.monotonic() + patience * TIME_FACTOR
        while time.monotonic() < deadline:
            self.frame("10.0.0.11", HOST_MAC, address)
            self.wire.settimeout(0.1)
            try:
                while True:
                    seen = self.wire.recv(128)
                    if seen[20:22] == b"\0\2" and seen[28:32] == socket.inet_aton(address) \
                            and seen[22:28] == mac_bytes(mac):
                        return True
            except TimeoutError:
                pass
        return False

    # --- the agent ---------------------------------------------------------------------------

    def fresh(self, name, interval="50ms"):
        """A new instance with an empty repository."""
        self.clear_instance()
        self.instance = f"{self.tag}-{name}"
        self.directory = os.path.join(self.work, name)
        while os.path.exists(self.directory):  # a git process in the background may still write there
            shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        self.repository = os.path.join(self.directory, "history.git")
        self.log = os.path.join(self.directory, "agent.log")
        self.control = f"/tmp/{self.instance}.sock"
        self.config = os.path.join(self.directory, "arpkeeper.conf")
        self.pins.append(f"/sys/fs/bpf/arpkeeper/{self.instance}")
        self.slots = None
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"[history]\n\tpath = {self.repository}\n\tinterval = {interval}\n"
                       + "".join(f"\t{line}\n" for line in self.settings)
                       + f"[agent]\n\tinstance = {self.instance}\n\tcontrol = {self.control}\n"
                       f'[segment "lan"]\n\tinterface = lan0\n\tprefix = {PREFIX}\n'
                       + "".join(f"\t{line}\n" for line in self.segment))

    def surroundings(self):
        """The environment of an agent and of git processes, which run its hooks, with the sanitizers' logs."""
        complaints = f"log_path={self.directory}/sanitizer"
        return dict({"ASAN_OPTIONS": f"{complaints}:abort_on_error=0",
                     "UBSAN_OPTIONS": f"{complaints}:print_stacktrace=1"}, **os.environ, **self.environment)

    def spawn(self):
        """Starts an agent in its own process group, so that a kill can reach its children, too."""
        with open(self.log, "a", encoding="utf-8") as log:
            self.agent = subprocess.Popen(
                self.prefix_command + [ARPKEEPER, "run", "-c", self.config, "--netns", self.keeper],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env=self.surroundings())

    def is_ready(self):
        if self.agent.poll() is not None:
            raise Failure(f"the agent did not start (status {self.agent.returncode}): see {self.log}")
        try:
            control = Control(self.control)
        except OSError:
            return False
        try:
            return control.ask(command="status").get("ok")
        except (OSError, ValueError):
            return False
        finally:
            control.close()

    def start(self):
        self.spawn()
        self.ready()

    def ready(self):
        await_true(20, "the agent is ready", self.is_ready)
        if self.slots is None:
            self.slots = Slots(f"{self.pins[-1]}/neigh_slots", SLOTS + (SPARSE if NETWORK6 in self.networks else 0))

    def status(self):
        control = Control(self.control)
        try:
            return control.ask(command="status")
        finally:
            control.close()

    def family(self):
        """The agent's process and all below it: the starter of recorders, the recorder, its git processes."""
        found, to_do = [], [self.agent.pid]
        while to_do:
            found.append(to_do.pop())
            try:
                with open(f"/proc/{found[-1]}/task/{found[-1]}/children", encoding="ascii") as children:
                    to_do += [int(pid) for pid in children.read().split()]
            except OSError:
                pass
        return found

    def kill(self, group=False):
        """kill -9: the agent alone, and then its recorder writes what it has and ends; or all of them."""
        family = self.family()
        for pid in family if group else [self.agent.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.agent.wait()
        # The starter of recorders may have been about to start one. It ends after that one.
        await_true(20, "the starter of recorders has ended", lambda: not any(map(is_starter, family)))
        await_true(20, "the recorder has ended", self.is_free)

    def is_free(self):
        """Whether no recorder has the repository."""
        try:
            with open(os.path.join(self.repository, "arpkeeper.lock"), "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
        return True

    def kill_recorder(self):
        """kill -9 of the recorder, while the agent goes on. Whether there was one."""
        try:
            pid = self.status()["recorder"]["pid"]
            if pid:
                os.kill(pid, signal.SIGKILL)
            return bool(pid)
        except (OSError, ValueError, KeyError):
            return False

    def stop(self, keep=True):
        control = Control(self.control)
        control.ask(command="stop", keep=keep)
        control.close()
        if self.agent.wait(60 * TIME_FACTOR):
            raise Failure(f"the agent ended with status {self.agent.returncode}: see {self.log}")

    def last_words(self):
        """Prints the agent's status and its last messages, for the analysis of a failure."""
        try:
            print("status:", json.dumps(self.status()["repository"]))
        except (OSError, ValueError):
            print("no agent runs")
        with open(self.log, encoding="utf-8") as log:
            lines = [line for line in log if " moved: " not in line]
        print(f"repository and log: {self.directory}\n" + "".join(lines[-15:]))

    def clear_instance(self):
        if self.agent:
            try:
                os.killpg(self.agent.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.agent.wait()
            self.agent = None
            for leftover in (self.control, self.control + ".operators", f"/run/arpkeeper/{self.instance}.lock"):
                if os.path.exists(leftover):
                    os.unlink(leftover)
        self.slots = None
        for mode in ("xdpgeneric", "xdpdrv"):
            subprocess.run(["ip", "-n", self.keeper, "link", "set", "lan0", mode, "off"], capture_output=True,
                           check=False)
        for pins in self.pins:
            shutil.rmtree(pins, ignore_errors=True)
        self.pins = []

    def clear(self):
        while self.cleanups:
            self.cleanups.pop()()
        self.clear_instance()
        for name in (self.keeper, self.host):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    # --- the repository ----------------------------------------------------------------------

    def git(self, *arguments, **options):
        return run("git", "-C", self.repository, *arguments, **options)

    def main(self):
        """The content of main: {address: "mac state"}."""
        lines = subprocess.run(
            [TABLE, "tree", self.repository, "main"], check=True, capture_output=True, text=True
        ).stdout.splitlines()
        rows = (line.split(" ", 1) for line in lines)
        return {address.replace("-", ":"): binding for address, binding in rows}

    def fsck(self):
        """Tries more than once: upkeep, the agent's or git's, may replace a pack under the reader."""
        for _ in range(5):
            result = subprocess.run(["git", "-C", self.repository, "fsck", "--strict", "--no-progress"],
                                    capture_output=True, text=True, check=False)
            complaints = [line for line in (result.stdout + result.stderr).splitlines()
                          if not line.startswith(("dangling ", "notice: "))]
            if not result.returncode and not complaints:
                return
            if not any(" index not opened" in line or "cannot be accessed" in line for line in complaints):
                break
            time.sleep(0.3)
        raise Failure(f"git fsck --strict: status {result.returncode}\n" + "\n".join(complaints[:20]))

    def difference(self):
        """The differences between the table and main at this moment."""
        held, said = self.slots.durable(), self.main()
        return [f"{address}: table {held.get(address)}, main {said.get(address)}"
                for address in sorted(held.keys() | said.keys()) if held.get(address) != said.get(address)]

    def at_rest(self, seconds=10):
        await_true(seconds, lambda: "table and main are equal: " + "; ".join(self.difference()[:5]),
                   lambda: not self.difference())

    def sanitizer(self):
        """The files with findings. That a thread ended while leaks were looked for is none."""
        found = []
        for name in os.listdir(self.directory):
            if not name.startswith("sanitizer."):
                continue
            with open(os.path.join(self.directory, name), encoding="utf-8", errors="replace") as file:
                text = file.read()
            if any(words in text for words in ("ERROR:", "runtime error:", "CHECK failed")):
                found.append(name)
        return found
