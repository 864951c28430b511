#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Invented stations behind one interface: they announce addresses, and reply to every request for
them, as an attacker would that wants them learned.

    stations.py IFACE FIRST COUNT [--mac MAC] [--rate N] [--until FILE]

The addresses are COUNT from FIRST on. Each is at a MAC of its own, or all are at --mac. They announce
themselves in turn, N a second, until FILE exists (60 s at most). Prints what was sent and replied.
"""

import argparse
import ipaddress
import json
import os
import select
import socket
import time

ARP = 0x0806
HEAD = bytes.fromhex("08060001080006040001")  # type; Ethernet, IPv4; a request


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("interface")
    parser.add_argument("first", type=ipaddress.IPv4Address)
    parser.add_argument("count", type=int)
    parser.add_argument("--mac")
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--until", default="")
    return parser.parse_args()


def main():
    options = arguments()
    own = options.mac and bytes.fromhex(options.mac.replace(":", ""))
    station = {(options.first + i).packed: own or b"\x06\x01" + (options.first + i).packed for i in range(options.count)}
    turns = list(station.items())
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP))
    wire.bind((options.interface, ARP))
    begin = time.monotonic()
    announced = replied = 0
    while time.monotonic() < begin + 60 and not (options.until and os.path.exists(options.until)):
        while announced < (time.monotonic() - begin) * options.rate:
            address, mac = turns[announced % len(turns)]
            wire.send((b"\xff" * 6 + mac + HEAD + mac + address + bytes(6) + address).ljust(60, b"\0"))
            announced += 1
        if not select.select([wire], [], [], 1 / options.rate)[0]:
            continue
        frame, (_, _, kind, _, _) = wire.recvfrom(2048)
        mac = station.get(frame[38:42])
        # Not its own, not for other stations, and a request.
        if kind == socket.PACKET_OUTGOING or mac is None or frame[20:22] != b"\0\1" or frame[:6] not in (mac, b"\xff" * 6):
            continue
        wire.send((frame[6:12] + mac + HEAD[:-1] + b"\2" + mac + frame[38:42] + frame[22:32]).ljust(60, b"\0"))
        replied += 1
    print(json.dumps({"announced": announced, "replied": replied}))


if __name__ == "__main__":
    main()
