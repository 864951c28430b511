#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Reads what strace saw of an agent (fsync, fdatasync, rename, link; with -y), and fails when a
# reference was moved before the objects that came with it were durable: each synced before it got its
# name under objects/, and the folder synced after. main is in packed-refs, which is likewise synced before it gets its name.
# Prints what it found.
#
#   durable.py STRACE-OUTPUT

import os
import re
import sys

SYNC = re.compile(r"f(?:data)?sync\(\d+<(.+?)>\)\s+= 0")
MOVE = re.compile(r"(?:rename|link)\w*\((.*)\)\s+= 0")
NAMES = re.compile(r'(?:(?:\d+|AT_FDCWD)<([^>]*)>, )?"([^"]+)"')  # the folder that a name is relative to, and the name


def main():
    synced, waiting, problems = set(), {}, []
    objects = moves = 0
    with open(sys.argv[1], encoding="utf-8") as trace:
        for line in trace:
            sync, move = SYNC.search(line), MOVE.search(line)
            if sync:
                synced.add(sync[1])
                waiting.pop(sync[1], None)
                continue
            if not move:
                continue
            source, target = (os.path.join(*name) for name in NAMES.findall(move[1])[:2])
            if "/objects/" in target and not target.endswith(".keep"):
                objects += 1
                if source not in synced:
                    problems.append(f"{target} got its name before it was synced")
                waiting[os.path.dirname(target)] = target
            elif target.endswith("/packed-refs") or ("/refs/heads/" in target and not target.endswith(".lock")):
                moves += 1
                if target.endswith("/packed-refs") and source not in synced:
                    problems.append(f"{target} got its name before it was synced")
                problems += [f"{target} moved before {name}'s folder was synced" for name in waiting.values()]
            synced.discard(source)
    print(f"{objects} objects or packs, references moved {moves} times")
    print("\n".join(problems))
    sys.exit(bool(problems) or not objects or not moves)


if __name__ == "__main__":
    main()
