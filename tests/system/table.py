#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# The durable part of the table, from either side, as sorted lines "ADDRESS MAC STATE", so that
# a test can compare them with diff. It reads the map as an operator would, with bpftool, and the
# tree as one would, with git: none of arpkeeper's own code takes part.
#
#   table.py map PIN PREFIX     the slots of the pinned table (PREFIX is its first one)
#   table.py tree REPOSITORY [REF]
#
# With --slots, `map` prints every slot that is not empty: "ADDRESS MAC STATE-NUMBER FLAGS".

import ipaddress
import json
import subprocess
import sys

DURABLE = {1: "dynamic", 2: "static", 4: "dynamic"}  # enum slot_state; 4 is STALE


def octets(values):
    return [int(value, 16) for value in values]


def read_map(pin, prefix, every):
    dump = subprocess.run(
        ["bpftool", "-j", "map", "dump", "pinned", pin], check=True, capture_output=True
    )
    network = ipaddress.ip_network(prefix)
    for element in json.loads(dump.stdout):
        index = int.from_bytes(octets(element["key"]), "little")
        value = octets(element["value"])
        mac = ":".join(f"{octet:02x}" for octet in value[:6])
        state, flags = value[6], value[7]
        if index >= network.num_addresses:
            continue
        if every and state:
            yield network[index], f"{mac} {state} {flags}"
        elif not every and state in DURABLE:
            yield network[index], f"{mac} {DURABLE[state]}"


def read_tree(repository, ref):
    git = ["git", "-C", repository]
    names = subprocess.run(
        git + ["ls-tree", "-r", ref], check=True, capture_output=True, text=True
    ).stdout
    files = [line.split("\t") for line in names.splitlines()]
    files = [(meta.split()[2], path) for meta, path in files if "/" in path]
    contents = subprocess.run(
        git + ["cat-file", "--batch"],
        check=True,
        capture_output=True,
        text=True,
        input="".join(f"{blob}\n" for blob, _ in files),
    ).stdout
    for _, path in files:
        header, _, contents = contents.partition("\n")
        size = int(header.split()[2])
        text, contents = contents[:size], contents[size + 1 :]
        fields = dict(line.split(" ", 1) for line in text.splitlines())
        address = ipaddress.ip_address(path.rsplit("/", 1)[1])
        yield address, f"{fields['mac']} {fields['state']}"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--slots"]
    if arguments[0] == "map":
        rows = read_map(arguments[1], arguments[2], "--slots" in sys.argv)
    else:
        rows = read_tree(arguments[1], arguments[2] if len(arguments) > 2 else "main")
    for address, text in sorted(rows):
        print(address, text)


if __name__ == "__main__":
    main()
