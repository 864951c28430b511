#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Attacks the control socket, and measures what an operator notices of it. It judges nothing: it prints
# one JSON object.
#
#   control.py SOCKET flood [--connections N] [--requests N] [--read] --until FILE REQUEST
#       Each connection sends REQUEST again and again, as fast as the agent takes it. With --read it reads
#       the answers. {"open", "sent", "answered"}
#   control.py SOCKET hold [--connections N] [--send TEXT] [--fill BYTES] --until FILE
#       Opens connections, sends the same beginning of a request on each, and keeps them.
#       {"open", "said": [text of an error, ...]}
#   control.py SOCKET churn --until FILE
#       Connects, asks and closes without reading, as fast as possible. {"connected", "refused"}
#   control.py SOCKET set [--count N]
#       Declares an address N times, each on a new connection. {"longest_ms", "second_ms", "median_ms", "failed"}
#
#   control.py SOCKET mutate [--count N] [--seed S]
#       Sends requests with strange values and flipped bits. Each must have one answer. {"asked", "answered"}
#
# The first three create FILE.begun when the agent has taken what it takes, and end when FILE exists.

import argparse
import json
import os
import resource
import selectors
import socket
import sys
import time
from random import Random

PATIENCE = 60
CHUNK = 65536


class Connection:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.sent = self.answered = 0
        self.pending = self.received = b""
        self.open = True
        self.left = None  # requests to send; None: no limit
        try:
            self.socket.connect(path)
        except OSError:
            self.close()
            return
        self.socket.setblocking(False)

    def close(self):
        self.open = False
        self.socket.close()

    def write(self):
        """False: the agent takes no more now."""
        try:
            self.pending = self.pending[self.socket.send(self.pending):]
            return True
        except BlockingIOError:
            return False
        except OSError:
            # The agent has closed; what it said can still be read.
            self.pending = b""
            self.left = 0
            return False

    def read(self):
        """False: the agent says no more now."""
        try:
            data = self.socket.recv(CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.close()
            return False
        self.answered += data.count(b"\n")
        self.received = (self.received + data)[-4096:]
        return True

    def error(self):
        for line in self.received.splitlines():
            try:
                return json.loads(line).get("error")
            except ValueError:
                continue
        return None


def connect_all(arguments):
    return [Connection(arguments.socket) for _ in range(arguments.connections)]


def flood(arguments):
    line = arguments.request.encode() + b"\n"
    connections = connect_all(arguments)
    total = arguments.requests
    selector = selectors.DefaultSelector()
    for number, connection in enumerate(connections):
        if total:
            connection.left = total // len(connections) + (number < total % len(connections))
        if connection.open:
            selector.register(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)
    begun = time.monotonic()
    while not os.path.exists(arguments.until):
        moved = False
        for key, events in selector.select(0.05):
            connection = key.data
            if events & selectors.EVENT_WRITE:
                if not connection.pending and connection.left != 0:
                    count = CHUNK // len(line) if connection.left is None else min(CHUNK // len(line), connection.left)
                    connection.pending = line * count
                    connection.sent += count
                    if connection.left is not None:
                        connection.left -= count
                moved = connection.write() or moved
            wanted = selectors.EVENT_WRITE if connection.pending or connection.left != 0 else 0
            if events & selectors.EVENT_READ and arguments.read:
                moved = connection.read() or moved
            if not connection.open:
                selector.unregister(key.fileobj)
                continue
            # A client that does not read notices an end when it writes.
            wanted |= selectors.EVENT_READ if arguments.read else 0
            if wanted == 0:
                selector.unregister(key.fileobj)
            else:
                selector.modify(key.fileobj, wanted, connection)
        if not moved or time.monotonic() - begun > 0.5:
            open(arguments.until + ".begun", "w").close()
        if not selector.get_map():
            time.sleep(0.02)
    for connection in connections:
        while not arguments.read and connection.open and connection.read():
            pass
    return {
        "open": sum(connection.open for connection in connections),
        "sent": sum(connection.sent for connection in connections),
        "answered": sum(connection.answered for connection in connections),
    }


def hold(arguments):
    connections = connect_all(arguments)
    for connection in connections:
        connection.pending = arguments.send.encode() + b"x" * arguments.fill
    last = time.monotonic()
    while not os.path.exists(arguments.until):
        moved = False
        for connection in connections:
            if not connection.open:
                continue
            if connection.pending:
                moved = connection.write() or moved
            while connection.open and connection.read():
                moved = True
        if moved:
            last = time.monotonic()
        elif time.monotonic() - last > 0.3:
            open(arguments.until + ".begun", "w").close()
        time.sleep(0.01)
    return {
        "open": sum(connection.open for connection in connections),
        "said": sorted({connection.error() or "" for connection in connections if not connection.open}),
    }


def churn(arguments):
    connected = refused = 0
    open(arguments.until + ".begun", "w").close()
    while not os.path.exists(arguments.until):
        for _ in range(100):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
                control.setblocking(False)
                try:
                    control.connect(arguments.socket)
                    control.send(b'{"command":"status"}\n')
                    connected += 1
                except OSError:
                    refused += 1
    return {"connected": connected, "refused": refused}


def operate(arguments):
    took, failed = [], []
    for number in range(arguments.count):
        request = {"command": "set", "address": f"10.0.9.{1 + number % 200}", "mac": f"02:cc:00:00:00:{number % 256:02x}"}
        begun = time.monotonic()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            # The operators' socket if it may, as the command line does. A full queue is an error.
            control.settimeout(PATIENCE)
            try:
                operators = arguments.socket + ".operators"
                control.connect(operators if os.access(operators, os.W_OK, effective_ids=True) else arguments.socket)
                control.sendall(json.dumps(request).encode() + b"\n")
                answer = json.loads(control.makefile("rb").readline() or b'{"error": "closed"}')
            except OSError as error:
                answer = {"error": str(error)}
        took.append((time.monotonic() - begun) * 1000)
        if not answer.get("ok"):
            failed.append(answer.get("error"))
            break
        time.sleep(0.02)
    took.sort()
    return {"longest_ms": round(took[-1], 1), "second_ms": round(took[-2:][0], 1), "median_ms": round(took[len(took) // 2], 1), "failed": failed}


COMMANDS = [
    {"command": "status"},
    {"command": "stats"},
    {"command": "show", "prefix": "10.0.0.0/24", "state": "static", "segment": "lan", "stream": True},
    {"command": "reconcile", "ref": "refs/heads/merge/x"},
    {"command": "set", "address": "10.0.9.1", "mac": "02:cc:00:00:00:01", "segment": "lan", "note": "n", "message": "m"},
    {"command": "unset", "address": "10.0.9.1", "message": "m"},
    {"command": "merge", "branch": "merge/x"},
    {"command": "revert", "name": "operator/20260101-000001", "commits": ["0" * 40], "message": "m"},
    {"command": "import", "step": "begin", "name": "list", "segment": "lan", "dry": False, "force": True},
    {"command": "import", "step": "lines", "lines": "10.0.9.2\t02:cc:00:00:00:02\ts\t\torigin\tnote\tx-a b\n"},
    {"command": "import", "step": "end"},
]
VALUES = [None, True, False, 0, -1, 2**63 - 1, 1e300, "", "x", "/" * 300, "../../../etc/passwd", "\u202e\ud83d\ude00",
          "%s%n%d", "a\tb", "line\nbreak", "\x1b[31m", [], {}, [None], ["0" * 40] * 50, {"command": "stop"},
          "0.0.0.0/0", "255.255.255.255", "10.0.9.1/33", "ff:ff:ff:ff:ff:ff", "refs/heads/merge/" + "y" * 900]


def mutated(random):
    request = dict(random.choice(COMMANDS))
    for _ in range(random.randrange(3)):
        key = random.choice([*request, "command", "extra"])
        request[key] = random.choice(VALUES)
    text = bytearray(json.dumps(request, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass"))
    for _ in range(random.choice([0, 0, 0, 1, 3])):
        text[random.randrange(len(text))] ^= 1 << random.randrange(8)
    # A newline would make two requests of it, an empty line none.
    return bytes(text).replace(b"\n", b" ") + b"\n"


def mutate(arguments):
    random = Random(arguments.seed)
    answered = 0
    for number in range(arguments.count):
        if number % 200 == 0:
            control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            control.settimeout(PATIENCE)
            control.connect(arguments.socket)
            lines = control.makefile("rb")
        line = mutated(random)
        control.sendall(line)
        answer = lines.readline()
        try:
            answered += "ok" in json.loads(answer)
        except ValueError as error:
            return {"asked": number + 1, "answered": answered, "line": repr(line), "error": str(error)}
        # `show` with "stream" goes on.
        if answer == b'{"ok":true}\n' and b"stream" in line:
            while not lines.readline().startswith(b'{"end"'):
                pass
    return {"asked": arguments.count, "answered": answered}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("socket")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in ("flood", flood), ("hold", hold), ("churn", churn), ("mutate", mutate), ("set", operate):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        if run in (operate, mutate):
            command.add_argument("--count", type=int, default=20)
            command.add_argument("--seed", type=int, default=1)
            continue
        command.add_argument("--until", required=True)
        if run is churn:
            continue
        command.add_argument("--connections", type=int, default=1)
        if run is flood:
            command.add_argument("--requests", type=int, default=0)
            command.add_argument("--read", action="store_true")
            command.add_argument("request")
        else:
            command.add_argument("--send", default="")
            command.add_argument("--fill", type=int, default=0)
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    json.dump(arguments.run(arguments), sys.stdout)
    print()


if __name__ == "__main__":
    main()
