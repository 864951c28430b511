#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# What happens to a keeper in years, in rounds: stations come, move, contest addresses and fall silent,
# hosts ask for dead addresses, alerts are raised, bindings go to the kernel's table and come from it,
# links and addresses come and go, clients connect and misbehave, recorders die. What the keeper holds
# must not grow: mappings, descriptors, memory, and the CPU time of a round (held.py).
#
#   keeper.py [--rounds N] [--seconds S] [--memory MB] [--svg FILE] [--measure]
#
# A round takes S seconds. CPU time is judged from 1,000 rounds on.

import argparse
import os
import random
import socket
import subprocess
import sys
import time

from held import Samples, lasting_children
from load import Load, a_mac
from rig import HOST_MAC, NETWORK, ROOT, Control, Failure, Rig, await_true, mac_bytes, mac_text, run

SAMPLES = 100
TIMES_FROM = 1_000 # rounds
# Host parts: declared by operators, with stations, asked for in vain, entered into the kernel's table, the host's own.
DECLARED, STATIONS, SILENT, KERNEL = range(20, 40), range(40, 120), range(120, 180), range(180, 200)
OWN, MOVING, ASLEEP, GREEDY = range(200, 204), range(204, 208), range(208, 240), range(240, 250)
HAMMERED = f"{NETWORK}250"
SPARE = ("lan1", "eth1") # a second link of the segment, and its far end
SEGMENT = (f"interface = {SPARE[0]}", "learn = verified", "timeout = 2s", "kernel = both", "sponge = on", "sponge-rate = 20", "mac-limit = 8",
           "announce = static")
LINK_FLAPS, SPARE_GOES, RECORDER_DIES, MOVED_AFTER, GREEDY_FOR = 19, 3, 17, 10, 40 # each so many rounds
# Each must have happened in a run, or the run has shown nothing.
ALERTS = ("new-station", "moved", "conflict", "mismatch", "many-addresses", "flip-flop")
TASKS = ("learn", "move", "resolve", "expire", "operator")


class Stations(Load):
    """Answers ARP requests for the stations that are alive."""

    def __init__(self, rig, dice):
        super().__init__(rig, dice)
        self.mac = {} # of those that are alive, by address

    def once(self):
        wire = self.rig.wire
        wire.settimeout(0.1)
        try:
            frame = wire.recv(128)
        except (TimeoutError, OSError):
            # The link is down, or goes; the round lays another one.
            self.ended.wait(0.01)
            return
        mac = self.mac.get(socket.inet_ntoa(frame[38:42]))
        if frame[20:22] == b"\0\1" and mac and frame[:6] in (b"\xff" * 6, mac_bytes(mac)):
            self.rig.frame(socket.inet_ntoa(frame[38:42]), mac, socket.inet_ntoa(frame[28:32]), op=2,
                           to=mac_text(frame[22:28]))


class Keeper:
    def __init__(self, arguments):
        self.arguments = arguments
        self.dice = random.Random(arguments.seed)
        self.rig = Rig(arguments.work)
        self.samples = Samples("rounds", arguments.measure or sys.stdout.isatty(), arguments.memory, self.rig.work)
        self.stations = None
        self.seen = set()  # states of addresses
        self.watcher = None

    # --- what happens in a round; the keeper comes to the end of most of it some rounds later ------

    def address(self, hosts):
        return f"{NETWORK}{self.dice.choice(hosts)}"

    def stations_speak(self):
        """They come, are silent, move to another MAC while the old one lives or does not, and move back."""
        alive = self.stations.mac
        for _ in range(16):
            address = self.address(STATIONS)
            before, fate = alive.get(address), self.dice.random()
            if fate < 0.2:
                alive.pop(address, None)
            elif fate < 0.8:
                alive[address] = a_mac(self.dice)
            self.rig.frame(address, alive.get(address) or a_mac(self.dice))
            if before and fate > 0.7:
                alive[address] = before
                self.rig.frame(address, before)

    def addresses_move(self, number):
        """To the other MAC, and back; some of them all to one station."""
        mac = {host: f"02:00:00:00:{host:02x}:{number // MOVED_AFTER % 2:02x}" for host in MOVING}
        mac.update(dict.fromkeys(GREEDY, f"02:00:00:00:ff:{number // GREEDY_FOR % 2:02x}"))
        for host in mac:
            self.stations.mac[f"{NETWORK}{host}"] = mac[host]
            self.rig.frame(f"{NETWORK}{host}", mac[host])

    def hosts_ask(self):
        """For a station that answers and stays silent otherwise; which ones live changes."""
        address = self.address(ASLEEP)
        if not self.stations.mac.pop(address, None):
            self.stations.mac[address] = a_mac(self.dice)
            self.rig.frame("10.0.0.11", HOST_MAC, address)

    def hosts_ask_in_vain(self):
        for address in [self.address(SILENT) for _ in range(8)] + 20 * [HAMMERED]:
            self.rig.frame("10.0.0.11", HOST_MAC, address)

    def senders_lie(self):
        self.rig.frame(self.address(DECLARED), a_mac(self.dice))
        self.rig.frame(f"192.0.2.{self.dice.randrange(1, 255)}", a_mac(self.dice))
        self.rig.frame(self.address(STATIONS), a_mac(self.dice), source=a_mac(self.dice))
        self.rig.frame(self.address(STATIONS), "ff:ff:ff:ff:ff:ff")
        self.rig.frame("10.0.0.1", a_mac(self.dice))

    def operators_work(self):
        control = Control(self.rig.control)
        for _ in range(4):
            address = self.address(DECLARED)
            control.ask(command="set", address=address, mac=a_mac(self.dice), note="rack 3" if self.dice.random() < 0.5 else "")
            if self.dice.random() < 0.5:
                control.ask(command="unset", address=address)
        self.seen |= {entry["state"] for entry in control.ask(command="show")["entries"]}
        control.ask(command="stats")
        control.close()

    def clients_misbehave(self):
        if self.watcher:
            self.watcher.close()
        self.watcher = Control(self.rig.control)
        self.watcher.ask(command="watch")
        rude = Control(self.rig.control)
        rude.socket.sendall(b'{"command": "show", "stream": true}\n{"command": "nonsense"}\nnonsense\n')
        rude.close()

    def kernel_changes(self):
        address = self.address(KERNEL)
        mac = a_mac(self.dice)
        self.stations.mac[address] = mac
        # The kernel refuses to change an entry that the agent is removing.
        self.ip("neigh", "replace", address, "lladdr", mac, "dev", "lan0", "nud", "reachable", check=False)
        self.ip("neigh", "del", self.address(KERNEL), "dev", "lan0", check=False)
        own = f"{self.address(OWN)}/24"
        self.ip("addr", "add", own, "dev", "lan0")
        self.ip("addr", "del", own, "dev", "lan0")

    def links_change(self, number):
        if number % LINK_FLAPS == 0:
            self.ip("link", "set", "lan0", "down")
            self.await_port("lan0", "down")
            self.ip("link", "set", "lan0", "up")
            self.await_port("lan0", "attached")
        if number % SPARE_GOES == 0:
            self.ip("link", "del", SPARE[0])
            self.await_port(SPARE[0], "gone")
            self.lay_spare()
            self.await_port(SPARE[0], "attached")

    def lay_spare(self):
        self.ip("link", "add", SPARE[0], "type", "veth", "peer", "name", SPARE[1], "netns", self.rig.host)
        self.ip("link", "set", SPARE[0], "up")
        run("ip", "-n", self.rig.host, "link", "set", SPARE[1], "up")

    def recorder_dies(self, number):
        if number % RECORDER_DIES:
            return
        before = self.rig.status()["recorder"]["restarts"]
        self.rig.kill_recorder()
        await_true(20, "another recorder runs", lambda: self.is_restarted(before))

    def is_restarted(self, before):
        recorder = self.rig.status()["recorder"]
        return recorder["restarts"] > before and recorder["pid"]

    def ip(self, *words, check=True):
        subprocess.run(["ip", "-n", self.rig.keeper, *words], capture_output=True, check=check)

    def await_port(self, name, state):
        await_true(10, f"{name} is {state}", lambda: any(
            port["interface"] == name and port["state"] == state for port in self.rig.status()["ports"]))

    def one(self, number):
        ends = time.monotonic() + self.arguments.seconds
        self.links_change(number)
        self.recorder_dies(number)
        self.addresses_move(number)
        self.hosts_ask()
        self.stations_speak()
        self.hosts_ask_in_vain()
        self.senders_lie()
        self.operators_work()
        self.kernel_changes()
        self.clients_misbehave()
        # The rules wait for silence: this is time that passes, not an event that could be awaited.
        time.sleep(max(0, ends - time.monotonic()))

    # --- the run -------------------------------------------------------------------------------

    def run(self):
        rig, rounds = self.rig, self.arguments.rounds
        rig.segment = SEGMENT
        self.lay_spare()
        rig.fresh("keeper")
        rig.start()
        self.stations = Stations(rig, self.dice)
        self.stations.start()
        pids = [rig.agent.pid, *lasting_children(rig.agent.pid)]
        for number in range(1, rounds + 1):
            self.one(number)
            if number % max(rounds // SAMPLES, 1) == 0:
                self.samples.add(number, pids)
        self.stations.stop()
        self.watcher.close()
        raised = rig.status() and self.raised()
        rig.stop()
        rig.fsck()
        self.check(raised)

    def raised(self):
        control = Control(self.rig.control)
        try:
            return {alert["kind"]: alert["raised"] for alert in control.ask(command="stats")["alerts"]}
        finally:
            control.close()

    def check(self, raised):
        tasks = self.rig.git("log", "--format=%(trailers:key=Task,valueonly,separator=)", "main").split()
        kinds = {task.split("/")[0] for task in tasks}
        print(f"{self.arguments.rounds} rounds, {len(tasks)} commits of tasks; alerts: "
              + ", ".join(f"{count} {kind}" for kind, count in raised.items() if count))
        missed = [f"alert {kind}" for kind in ALERTS if not raised.get(kind)]
        missed += [f"task {kind}" for kind in TASKS if kind not in kinds]
        missed += [f"state {state}" for state in ("dead", "stale", "pending") if state not in self.seen]
        if missed:
            raise Failure(f"these never happened: {', '.join(missed)}")
        if self.rig.sanitizer():
            raise Failure(f"a sanitizer complained: {self.rig.directory}")

    def draw(self, path):
        curve = self.samples.curve
        self.samples.draw(path, "A keeper to which everything happens", ("mappings", "number", [curve("", "maps")]),
                          ("descriptors", "number", [curve("", "files")]), ("CPU of a round", "ms", [curve("", "cpu_ms")]))

    def judge(self):
        times = ("cpu_ms",) if self.arguments.rounds >= TIMES_FROM else ()
        problems = self.samples.grown("maps", "files", "anonymous", *times)
        if problems:
            raise Failure("\n".join(problems))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/soak/keeper"))
    parser.add_argument("--memory", type=float, default=2)
    parser.add_argument("--svg")
    parser.add_argument("--measure", action="store_true")
    keeper = Keeper(parser.parse_args())
    print(f"seed {keeper.arguments.seed}", flush=True)
    started = time.monotonic()
    try:
        keeper.run()
        keeper.draw(keeper.arguments.svg or f"{keeper.arguments.work}/keeper.svg")
        if not keeper.arguments.measure:
            keeper.judge()
    except Failure as failure:
        print(f"seed {keeper.arguments.seed}: {failure}")
        keeper.rig.last_words()
        sys.exit(1)
    finally:
        print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
