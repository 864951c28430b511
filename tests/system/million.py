#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Histories of any size, made with `git fast-import` and none of arpkeeper's own code.
#
#   million.py make REPOSITORY [--prefix 10.0.0.0/12] [--entries N] [--segment lan]
#       a new bare repository, as an agent leaves it: main and refs/arpkeeper/applied name one
#       commit with an entry for the first N hosts of the prefix (all of them: 1,048,574).
#       20 s and 120 MB for a million.
#   million.py change REPOSITORY REF COUNT [--prefix ...] [--entries N] [--round R] [--from main]
#       a commit on REF, on top of --from, that changes COUNT of these entries, spread evenly.
#       Another round gives other MACs. Works in a clone, too (git clone --bare, say).
#
# The MAC of an entry is 02, the round, then its number; half are static, with --static all of them
# (an agent asks those that are not whether they are still there).

import argparse
import ipaddress
import subprocess
import sys

SINCE = "2026-01-02T03:04:05Z"
COMMITTER = "million <million@example.net> 1767323045 +0000"
README = "A history that tests/system/million.py made.\n"


def path(segment, address):
    a, b, c, d = address.split(".")
    return f"{segment}/{a}.{b}/{a}.{b}.{c}/{a}.{b}.{c}.{d}"


def entry(number, round_, static=False):
    octets = [2, round_ & 255, *number.to_bytes(4, "big")]
    mac = ":".join(f"{octet:02x}" for octet in octets)
    state = "static" if static or number % 2 else "dynamic"
    return f"mac {mac}\nstate {state}\nsince {SINCE}\norigin million/{number % 4}\n"


def commit(write, ref, message, parent=None):
    write(f"commit {ref}\ncommitter {COMMITTER}\ndata {len(message)}\n{message}\n")
    if parent:
        write(f"from {parent}\n")


def file(write, name, text):
    write(f"M 100644 inline {name}\ndata {len(text)}\n{text}")


def fast_import(repository, stream):
    importer = subprocess.Popen(
        ["git", "-C", repository, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force", "--done"],
        stdin=subprocess.PIPE,
        text=True,
    )
    stream(importer.stdin.write)
    importer.stdin.write("done\n")
    importer.stdin.close()
    if importer.wait():
        sys.exit("git fast-import failed")


def git(*arguments):
    subprocess.run(["git", *arguments], check=True, stdout=subprocess.DEVNULL)


def hosts(options):
    first = int(options.prefix.network_address)
    for number in range(1, options.entries + 1):
        yield number, str(ipaddress.IPv4Address(first + number))


def make(options):
    def stream(write):
        commit(write, "refs/heads/main", f"import: {options.entries} addresses")
        file(write, "README.md", README)
        for number, address in hosts(options):
            file(write, path(options.segment, address), entry(number, 0, options.static))

    git("init", "-q", "--bare", options.repository)
    git("-C", options.repository, "symbolic-ref", "HEAD", "refs/heads/main")
    git("-C", options.repository, "config", "arpkeeper.format", "1")
    fast_import(options.repository, stream)
    git("-C", options.repository, "update-ref", "refs/arpkeeper/applied", "refs/heads/main")


def change(options):
    first = int(options.prefix.network_address)
    step = max(1, options.entries // options.count)

    def stream(write):
        commit(write, options.ref, f"change {options.count}", f"{options.parent}^0")
        for i in range(options.count):
            number = 1 + (i * step + options.round) % options.entries
            address = str(ipaddress.IPv4Address(first + number))
            file(write, path(options.segment, address), entry(number, options.round, options.static))

    fast_import(options.repository, stream)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    maker = commands.add_parser("make")
    maker.add_argument("repository")
    changer = commands.add_parser("change")
    changer.add_argument("repository")
    changer.add_argument("ref")
    changer.add_argument("count", type=int)
    changer.add_argument("--round", type=int, default=1)
    changer.add_argument("--from", dest="parent", default="refs/heads/main")
    for command in maker, changer:
        command.add_argument("--prefix", type=ipaddress.ip_network, default="10.0.0.0/12")
        command.add_argument("--entries", type=int)
        command.add_argument("--segment", default="lan")
        command.add_argument("--static", action="store_true")
    options = parser.parse_args()
    most = options.prefix.num_addresses - 2
    options.entries = min(options.entries or most, most)
    if options.command == "make":
        make(options)
    else:
        change(options)


main()
