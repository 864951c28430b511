#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Messages of neighbour discovery that no kernel sends when asked. The kernel adds checksum and headers, but to `tagged`.
#
#   icmp6.py IFACE advertise TARGET MAC [FLAGS [TO]]   an advertisement; FLAGS of R, S and O, TO is all nodes
#   icmp6.py IFACE redirect TO DESTINATION TARGET      TO is told that DESTINATION is best reached by TARGET
#   icmp6.py IFACE tagged TCI TARGET FROM              a solicitation from FROM with a VLAN tag; this one is made by hand
#   icmp6.py IFACE scan NETWORK FIRST COUNT            solicitations for so many addresses of the /64
import ipaddress
import socket
import struct
import sys

SOLICITATION, ADVERTISEMENT, REDIRECT = 135, 136, 137
SOURCE_MAC, TARGET_MAC = 1, 2
FLAGS = {'R': 1 << 31, 'S': 1 << 30, 'O': 1 << 29}


def packed(text):
    return ipaddress.IPv6Address(text).packed


def option(kind, mac):
    return bytes([kind, 1]) + mac


def message(kind, word, *parts):
    return struct.pack('!BBHI', kind, 0, 0, word) + b''.join(parts)


def group_of(target):
    """The solicited-node group of 16 bytes."""
    return packed('ff02::1:ff00:0')[:13] + target[13:]


def tagged(tci, source, target, mac):
    group = group_of(target)
    body = message(SOLICITATION, 0, target, option(SOURCE_MAC, mac))
    pseudo = source + group + struct.pack('!II', len(body), socket.IPPROTO_ICMPV6)
    total = sum(struct.unpack(f'!{len(pseudo + body) // 2}H', pseudo + body))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    body = body[:2] + struct.pack('!H', total ^ 0xFFFF) + body[4:]
    return (b'\x33\x33' + group[12:] + mac + struct.pack('!HHH', 0x8100, tci, 0x86DD) +
            struct.pack('!IHBB', 6 << 28, len(body), socket.IPPROTO_ICMPV6, 255) + source + group + body)


def own_mac(interface):
    # Not from /sys, which shows another network namespace.
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
        raw.bind((interface, 0))
        return raw.getsockname()[4]


def main():
    interface, verb, *words = sys.argv[1:]
    index = socket.if_nametoindex(interface)
    wire = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)

    def send(to, sent):
        wire.sendto(sent, (to, 0, 0, index))

    if verb == 'advertise':
        target, mac, flags, to = words + ['', 'ff02::1'][len(words) - 2:]
        word = sum(FLAGS[flag] for flag in flags)
        holder = option(TARGET_MAC, bytes.fromhex(mac.replace(':', '')))
        send(to, message(ADVERTISEMENT, word, packed(target), holder))
    elif verb == 'redirect':
        to, destination, target = words
        send(to, message(REDIRECT, 0, packed(target), packed(destination)))
    elif verb == 'tagged':
        tci, target, source = int(words[0]), packed(words[1]), packed(words[2])
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((interface, 0))
            raw.send(tagged(tci, source, target, own_mac(interface)))
    elif verb == 'scan':
        network, first, count = int(ipaddress.IPv6Address(words[0])), int(words[1]), int(words[2])
        own = option(SOURCE_MAC, own_mac(interface))
        for number in range(first, first + count):
            # Spread over the /64, as a scanner's guesses are.
            target = network | (number * 0x9E3779B97F4A7C15) % (1 << 64)
            target = target.to_bytes(16, 'big')
            group = socket.inet_ntop(socket.AF_INET6, group_of(target))
            send(group, message(SOLICITATION, 0, target, own))


main()
