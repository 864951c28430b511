#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# How long the agent takes to answer on its control socket, asked again and again on one connection
# until a file exists. It judges nothing: it prints {"asked", "median_ms", "longest_ms"}.
#
#   pulse.py SOCKET --until FILE [--every SECONDS]

import argparse
import json
import os
import socket
import time

PATIENCE = 30


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("socket")
    parser.add_argument("--until", required=True)
    parser.add_argument("--every", type=float, default=0.02)
    arguments = parser.parse_args()
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    control.settimeout(PATIENCE)
    control.connect(arguments.socket)
    lines = control.makefile("rb")
    took = []
    while not took or not os.path.exists(arguments.until):
        asked = time.monotonic()
        control.sendall(b'{"command": "status"}\n')
        if not json.loads(lines.readline()).get("ok"):
            raise SystemExit("pulse: the agent refused to say how it is")
        took.append((time.monotonic() - asked) * 1000)
        time.sleep(arguments.every)
    took.sort()
    print(json.dumps({
        "asked": len(took),
        "median_ms": round(took[len(took) // 2], 1),
        "longest_ms": round(took[-1], 1),
    }))


if __name__ == "__main__":
    main()
