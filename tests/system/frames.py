#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# ARP frames that arping cannot make, and a stream of requests with an account of what was
# answered. One network interface, raw sockets, standard library only. It judges nothing:
# it prints what it saw, and the tests decide.
#
#   frames.py IFACE send [--op 1|2] [--spa A] [--tpa A] [--sha M] [--tha M] [--src M] [--dst M]
#                        [--vlan [PROTOCOL:]V]... [--count N] [--wait SECONDS]
#       sends frames, then prints each ARP reply that arrives within SECONDS (until the first,
#       when --first): "src=M dst=M vlan=V op=N sha=M spa=A tha=M tpa=A tags=PROTOCOL:TCI,...".
#       V is a tag's 16 bits (0xa00a: priority 5, VLAN 10), PROTOCOL 8100 or 88a8
#   frames.py IFACE listen --wait SECONDS
#       prints every ARP frame that arrives; "ready" first, on standard error
#   frames.py IFACE stream --tpa A[,A...] --rate N [--until FILE] [--wait SECONDS]
#       sends N requests a second until FILE exists (or for SECONDS), waits for stragglers, and
#       prints {"sent", "answered", "lost", "longest_gap_ms"}

import argparse
import fcntl
import json
import os
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 3
ETH_P_ARP = 0x0806
ETH_P_8021Q = 0x8100
ETH_P_8021AD = 0x88A8
SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_OUTGOING = 4
SIOCGIFHWADDR = 0x8927
TP_STATUS_VLAN_VALID = 1 << 4
BROADCAST = "ff:ff:ff:ff:ff:ff"


def mac(text):
    octets = bytes(int(part, 16) for part in text.split(":"))
    if len(octets) != 6:
        raise argparse.ArgumentTypeError(f"{text} is not a MAC address")
    return octets


def vlan(text):
    """(protocol, tci)"""
    protocol, _, tci = text.rpartition(":")
    return (int(protocol or "8100", 16), int(tci, 0))


def mac_text(octets):
    return ":".join(f"{octet:02x}" for octet in octets)


def own_mac(interface):
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return fcntl.ioctl(probe, SIOCGIFHWADDR, struct.pack("256s", interface.encode()))[18:24]


def build(arguments, tpa):
    tags = b"".join(struct.pack("!HH", *tag) for tag in arguments.vlan)
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, arguments.op)
    body += arguments.sha + socket.inet_aton(arguments.spa) + arguments.tha + socket.inet_aton(tpa)
    frame = arguments.dst + arguments.src + tags + struct.pack("!H", ETH_P_ARP) + body
    return frame.ljust(60, b"\0")


def parse(frame, tag):
    """(src, dst, tags, op, sha, spa, tha, tpa), or None when it is not ARP."""
    tags = [tag] if tag is not None else []
    offset = 12
    while len(frame) >= offset + 6:
        protocol, tci = struct.unpack_from("!HH", frame, offset)
        if protocol not in (ETH_P_8021Q, ETH_P_8021AD):
            break
        tags.append((protocol, tci))
        offset += 4
    if struct.unpack_from("!H", frame, offset)[0] != ETH_P_ARP or len(frame) < offset + 30:
        return None
    arp = frame[offset + 2 :]
    op = struct.unpack_from("!H", arp, 6)[0]
    return (frame[6:12], frame[0:6], tags, op, arp[8:14], arp[14:18], arp[18:24], arp[24:28])


def describe(seen):
    src, dst, tags, op, sha, spa, tha, tpa = seen
    vids = ",".join(str(tci & 0xFFF) for _, tci in tags) or "-"
    whole = ",".join(f"{protocol:04x}:{tci:04x}" for protocol, tci in tags) or "-"
    return (
        f"src={mac_text(src)} dst={mac_text(dst)} vlan={vids} op={op} "
        f"sha={mac_text(sha)} spa={socket.inet_ntoa(spa)} "
        f"tha={mac_text(tha)} tpa={socket.inet_ntoa(tpa)} tags={whole}"
    )


class Wire:
    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.bind((interface, 0))
        self.socket.setblocking(False)

    def send(self, frame):
        self.socket.send(frame)

    def receive(self, seconds):
        """The ARP frames that arrive within `seconds`, each as soon as it is there."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if not select.select([self.socket], [], [], max(left, 0))[0]:
                return
            try:
                frame, ancillary, _, sender = self.socket.recvmsg(2048, 256)
            except BlockingIOError:
                continue
            if sender[2] == PACKET_OUTGOING:
                continue
            tag = None
            for level, kind, data in ancillary:
                if level == SOL_PACKET and kind == PACKET_AUXDATA:
                    status, tci, protocol = struct.unpack_from("I12xHH", data)
                    tag = (protocol, tci) if status & TP_STATUS_VLAN_VALID else None
            seen = parse(frame, tag)
            if seen:
                yield seen
            if left <= 0:
                return


def send(wire, arguments):
    for _ in range(arguments.count):
        wire.send(build(arguments, arguments.tpa))
    for seen in wire.receive(arguments.wait):
        if seen[3] == 2:
            print(describe(seen), flush=True)
            if arguments.first:
                return


def listen(wire, arguments):
    print("ready", file=sys.stderr, flush=True)
    for seen in wire.receive(arguments.wait):
        print(describe(seen), flush=True)


def stream(wire, arguments):
    """A reply is matched with the oldest unanswered request for its address."""
    targets = arguments.tpa.split(",")
    waiting = {socket.inet_aton(target): [] for target in targets}
    start = time.monotonic()
    last_answer = start
    sent = answered = 0
    gap = 0.0

    def take(seconds):
        nonlocal answered, last_answer, gap
        for seen in wire.receive(seconds):
            if seen[3] == 2 and waiting.get(seen[5]):
                waiting[seen[5]].pop(0)
                answered += 1
                now = time.monotonic()
                gap = max(gap, now - last_answer)
                last_answer = now

    while True:
        now = time.monotonic()
        if arguments.until and os.path.exists(arguments.until):
            break
        if now - start > arguments.wait:
            break
        due = start + sent / arguments.rate
        if due > now:
            take(due - now)
            continue
        target = targets[sent % len(targets)]
        wire.send(build(arguments, target))
        waiting[socket.inet_aton(target)].append(now)
        sent += 1
    take(1.0)
    print(
        json.dumps(
            {
                "sent": sent,
                "answered": answered,
                "lost": sent - answered,
                "longest_gap_ms": round(gap * 1000, 1),
            }
        )
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("interface")
    parser.add_argument("verb", choices=["send", "listen", "stream"])
    parser.add_argument("--op", type=int, default=1)
    parser.add_argument("--spa", default="0.0.0.0")
    parser.add_argument("--tpa", default="0.0.0.0")
    parser.add_argument("--sha", type=mac)
    parser.add_argument("--tha", type=mac, default=bytes(6))
    parser.add_argument("--src", type=mac)
    parser.add_argument("--dst", type=mac, default=mac(BROADCAST))
    parser.add_argument("--vlan", type=vlan, action="append", default=[])
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--wait", type=float, default=1.0)
    parser.add_argument("--until")
    parser.add_argument("--first", action="store_true")
    arguments = parser.parse_args()
    own = own_mac(arguments.interface)
    arguments.sha = arguments.sha or own
    arguments.src = arguments.src or own
    wire = Wire(arguments.interface)
    {"send": send, "listen": listen, "stream": stream}[arguments.verb](wire, arguments)


if __name__ == "__main__":
    main()
