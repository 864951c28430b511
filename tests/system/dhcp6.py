#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# A DHCPv6 client (RFC 8415) for one message. It puts no address on the interface.
#
#   dhcp6.py IFACE lease                    asks for an address, with rapid commit; prints ADDRESS SERVER
#   dhcp6.py IFACE decline ADDRESS SERVER   says that another host has the address
import ipaddress
import os
import socket
import struct
import sys

SOLICIT, REPLY, DECLINE = 1, 7, 9
CLIENT_ID, SERVER_ID, IA_NA, IA_ADDRESS, ELAPSED, RAPID_COMMIT = 1, 2, 3, 5, 8, 14
TRIES, SECONDS = 5, 1


def option(kind, value=b''):
    return struct.pack('!HH', kind, len(value)) + value


def options(packet):
    """{kind: value} of what stands in a packet behind its header."""
    found = {}
    while len(packet) >= 4:
        kind, size = struct.unpack('!HH', packet[:4])
        found[kind] = packet[4:4 + size]
        packet = packet[4 + size:]
    return found


def association(value=b''):
    return option(IA_NA, struct.pack('!III', 1, 0, 0) + value)


def exchange(wire, index, kind, body):
    """Sends the message until it is answered, and returns the answer's options."""
    header = bytes([kind]) + os.urandom(3)
    wire.settimeout(SECONDS * float(os.environ.get('TIME_FACTOR', '1')))
    for _ in range(TRIES):
        wire.sendto(header + body, ('ff02::1:2', 547, 0, index))
        try:
            answer = wire.recv(1500)
        except socket.timeout:
            continue
        if answer[0] == REPLY and answer[1:4] == header[1:]:
            return options(answer[4:])
    sys.exit('dhcp6: no answer')


def own_mac(interface):
    # Not from /sys, which shows another network namespace.
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
        raw.bind((interface, 0))
        return raw.getsockname()[4]


def main():
    interface, verb, *words = sys.argv[1:]
    index = socket.if_nametoindex(interface)
    mac = own_mac(interface)
    wire = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    wire.bind(('::', 546))
    body = option(CLIENT_ID, struct.pack('!HH', 3, 1) + mac) + option(ELAPSED, bytes(2))
    if verb == 'lease':
        found = exchange(wire, index, SOLICIT, body + option(RAPID_COMMIT) + association())
        leased = options(found[IA_NA][12:])[IA_ADDRESS][:16]
        print(ipaddress.IPv6Address(leased), found[SERVER_ID].hex())
    elif verb == 'decline':
        address = ipaddress.IPv6Address(words[0]).packed + bytes(8)
        exchange(wire, index, DECLINE, body + option(SERVER_ID, bytes.fromhex(words[1])) +
                 association(option(IA_ADDRESS, address)))


main()
