#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Runs a command on a terminal of its own (a pty), and plays the person at it: reads what to do from standard input, a step a line.
# It draws what the command writes onto a screen in memory, as a terminal does, so that steps can say what must be seen.
#
#   terminal.py [--rows N] [--columns N] COMMAND [ARGUMENT...] <<STEPS
#
#   see PATTERN       until a line of the screen matches (a regular expression)
#   miss PATTERN      until none does
#   order A B         until a line that matches A is above one that matches B (patterns without spaces)
#   key TEXT          types it; \r, \t, \x1b and the like are escapes
#   resize ROWS COLUMNS
#   kill SIGNAL       to the command
#   shell COMMAND     runs it, and fails when it fails
#   quiet SECONDS CPU   the command uses at most so many seconds of CPU time in so many seconds
#   save FILE         writes the screen
#   raw FILE          writes all that came, as it came
#   exit STATUS       until it ends: with that status, or -SIGNAL; the terminal must then be as it was
#
# Deadlines are 20 s, times TIME_FACTOR. Prints the screen when a step fails.

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata

PATIENCE = 20 * float(os.environ.get("TIME_FACTOR", "1"))


class Screen:
    """What a terminal shows: as much of ECMA-48 as ncurses uses for TERM=xterm and vt100."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.alternate = False
        self.hidden = False
        self.pending = b""
        self.unknown = []
        self.last = " "
        self.clear()

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        self.top, self.bottom = 0, self.rows - 1

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.clear()

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def scroll(self, top, count):
        for _ in range(abs(count)):
            if count > 0:
                self.cells.pop(top)
                self.cells.insert(self.bottom, [" "] * self.columns)
            else:
                self.cells.pop(self.bottom)
                self.cells.insert(top, [" "] * self.columns)

    def feed(self, data):
        data = self.pending + data
        self.pending = b""
        at = 0
        while at < len(data):
            used = self.take(data[at:])
            if not used:
                self.pending = data[at:]
                return
            at += used

    def take(self, data):
        """One character or sequence; how many bytes. 0: it is not complete."""
        byte = data[0]
        if byte == 0x1B:
            return self.escape(data)
        if byte < 0x20 or byte == 0x7F:
            self.control(byte)
            return 1
        length = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        if len(data) < length:
            return 0
        self.put(data[:length].decode(errors="replace"))
        return length

    def put(self, character):
        if self.column >= self.columns:
            self.column = 0
            self.control(0x0A)
        self.cells[self.row][self.column] = character
        self.last = character
        self.column += 2 if unicodedata.east_asian_width(character) in "WF" else 1

    def control(self, byte):
        if byte == 0x08:
            self.column = max(self.column - 1, 0)
        elif byte == 0x09:
            self.column = min(self.column // 8 * 8 + 8, self.columns - 1)
        elif byte == 0x0A:
            if self.row == self.bottom:
                self.scroll(self.top, 1)
            else:
                self.row = min(self.row + 1, self.rows - 1)
        elif byte == 0x0D:
            self.column = 0

    def escape(self, data):
        if len(data) < 2:
            return 0
        if data[1:2] == b"[":
            match = re.match(rb"\x1b\[([?>!]?)([0-9;]*)[ -/]*([@-~])", data)
            if not match:
                return 0 if len(data) < 32 else 1
            numbers = [int(n or 0) for n in match[2].split(b";")]
            self.sequence(match[1].decode(), numbers, match[3].decode())
            return len(match[0])
        if data[1:2] in b"()":
            return 3 if len(data) > 2 else 0
        if data[1:2] == b"]":
            match = re.match(rb"\x1b\].*?(\x07|\x1b\\)", data)
            return len(match[0]) if match else 0
        if data[1:2] == b"M":
            if self.row == self.top:
                self.scroll(self.top, -1)
            else:
                self.row -= 1
        return 2

    def sequence(self, private, numbers, final):
        first = numbers[0] or 1
        line = self.cells[self.row]
        if private:
            if final in "hl":
                for number in numbers:
                    if number in (47, 1047, 1049):
                        self.alternate = final == "h"
                        self.clear()
                    elif number == 25:
                        self.hidden = final == "l"
        elif final in "Hf":
            self.row = min(first, self.rows) - 1
            self.column = min((numbers[1] if len(numbers) > 1 else 1) or 1, self.columns) - 1
        elif final == "A":
            self.row = max(self.row - first, 0)
        elif final == "B":
            self.row = min(self.row + first, self.rows - 1)
        elif final == "C":
            self.column = min(self.column + first, self.columns - 1)
        elif final == "D":
            self.column = max(self.column - first, 0)
        elif final == "G":
            self.column = min(first, self.columns) - 1
        elif final == "d":
            self.row = min(first, self.rows) - 1
        elif final == "J":
            start = {0: self.row, 1: 0, 2: 0}[numbers[0]]
            end = {0: self.rows, 1: self.row + 1, 2: self.rows}[numbers[0]]
            if numbers[0] == 0:
                line[self.column :] = [" "] * (self.columns - self.column)
                start += 1
            for row in range(start, end):
                self.cells[row] = [" "] * self.columns
        elif final == "K":
            if numbers[0] == 0:
                line[self.column :] = [" "] * (self.columns - self.column)
            elif numbers[0] == 1:
                line[: self.column + 1] = [" "] * (self.column + 1)
            else:
                line[:] = [" "] * self.columns
        elif final == "X":
            end = min(self.column + first, self.columns)
            line[self.column : end] = [" "] * (end - self.column)
        elif final == "@":
            line[self.column : self.column] = [" "] * first
            del line[self.columns :]
        elif final == "P":
            del line[self.column : self.column + first]
            line.extend([" "] * (self.columns - len(line)))
        elif final == "L":
            self.scroll(self.row, -first)
        elif final == "M":
            self.scroll(self.row, first)
        elif final == "S":
            self.scroll(self.top, first)
        elif final == "T":
            self.scroll(self.top, -first)
        elif final == "b":
            for _ in range(first):
                self.put(self.last)
        elif final == "r":
            self.top = first - 1
            self.bottom = (numbers[1] if len(numbers) > 1 and numbers[1] else self.rows) - 1
            self.row = self.column = 0
        elif final not in "mhltnc":
            self.unknown.append(final)


class Session:
    def __init__(self, options):
        self.screen = Screen(options.rows, options.columns)
        self.raw = b""
        self.status = None
        self.master, self.slave = pty.openpty()
        self.size(options.rows, options.columns)
        self.modes = termios.tcgetattr(self.slave)
        self.child = subprocess.Popen(
            options.command,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def size(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            data = os.read(self.master, 65536)
            self.raw += data
            self.screen.feed(data)
            return True
        return False

    def until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                return False
            if not self.read(0.1) and self.child.poll() is not None and not condition():
                return False
        return True

    def matching(self, pattern):
        return [i for i, line in enumerate(self.screen.lines()) if re.search(pattern, line)]

    def cpu(self):
        with open(f"/proc/{self.child.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def see(self, pattern):
        return self.until(lambda: self.matching(pattern))

    def miss(self, pattern):
        return self.until(lambda: not self.matching(pattern))

    def order(self, patterns):
        first, second = patterns.split()

        def ordered():
            above, below = self.matching(first), self.matching(second)
            return above and below and min(above) < min(below)

        return self.until(ordered)

    def key(self, text):
        os.write(self.master, text.encode().decode("unicode_escape").encode("latin-1"))
        return True

    def resize(self, text):
        rows, columns = map(int, text.split())
        self.screen.resize(rows, columns)
        self.size(rows, columns)
        return True

    def kill(self, name):
        self.child.send_signal(getattr(signal, "SIG" + name))
        return True

    def shell(self, command):
        return subprocess.call(["bash", "-c", command]) == 0

    def quiet(self, text):
        seconds, limit = map(float, text.split())
        before, end = self.cpu(), time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(max(end - time.monotonic(), 0))
        used = self.cpu() - before
        print(f"{used:.2f} s of CPU time in {seconds:.0f} s")
        return used <= limit

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.screen.lines()) + "\n")
        return True

    def write_raw(self, path):
        with open(path, "wb") as file:
            file.write(self.raw)
        return True

    def exit(self, status):
        if not self.until(lambda: self.child.poll() is not None):
            return False
        while self.read(0.2):
            pass
        wrong = []
        if self.child.returncode != int(status):
            wrong.append(f"status {self.child.returncode}")
        if termios.tcgetattr(self.slave) != self.modes:
            wrong.append("modes differ")
        if self.screen.alternate:
            wrong.append("still on the alternate screen")
        if self.screen.hidden:
            wrong.append("the cursor is hidden")
        print(*wrong, sep=", ")
        return not wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    session = Session(parser.parse_args())
    steps = {name: getattr(session, name) for name in ("see", "miss", "order", "key", "resize", "kill", "shell", "quiet", "save", "exit")}
    steps["raw"] = session.write_raw
    for line in sys.stdin:
        name, _, rest = line.rstrip("\n").partition(" ")
        if not name or name.startswith("#"):
            continue
        if not steps[name](rest):
            print(f"terminal.py: failed: {line.strip()}\n--- the screen ---")
            print("\n".join(session.screen.lines()))
            session.child.kill()
            sys.exit(1)
    if session.child.poll() is None:
        session.child.kill()
        print("terminal.py: the command still runs")
        sys.exit(1)
    if session.screen.unknown:
        print("terminal.py: sequences that it does not know:", *session.screen.unknown)
        sys.exit(1)


main()
