#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Looking back in a history of a million commits (commits.py), by the user's commands.
Prints a line of JSON for each figure (see report)."""

import os
import shutil
import sys
import time

from figures import ARPKEEPER, HERE, PROGRAMS, copy_repository, median, progress, run, say, scratch

COMMITS = int(os.environ.get("BENCH_COMMITS", "1000000"))
TIMES = 11
BEGIN, STEP = 1767225600, 10  # as commits.py has it


def history():
    path = os.path.join(PROGRAMS, f"commits-{COMMITS}.git")
    if not os.path.exists(path):
        progress(f"making a history of {COMMITS:,} commits")
        shutil.rmtree(path + ".new", ignore_errors=True)
        run(os.path.join(HERE, "commits.py"), str(COMMITS), path + ".new")
        os.rename(path + ".new", path)
    return path


def ask(repository, command, *arguments):
    begun = time.monotonic()
    run(ARPKEEPER, command, *arguments, "--repo", repository)
    return (time.monotonic() - begun) * 1e3


def main():
    repository = copy_repository(history(), os.path.join(scratch(os.path.join(PROGRAMS, "work")), "look.git"))
    progress(f"looking back in {COMMITS:,} commits")
    say(f"the index of {COMMITS:,} commits, made at first use", ask(repository, "log", "10.0.0.7") / 1e3, "s")
    middle = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BEGIN + STEP * COMMITS // 2))
    mac = run(ARPKEEPER, "log", "10.0.0.7", "--repo", repository).split(" at ")[1].split()[0]
    for name, *command in (("log ADDRESS", "log", "10.0.0.7"), ("log MAC", "log", mac),
                           ("at TIME ADDRESS", "at", middle, "10.0.0.7"), ("at TIME", "at", middle)):
        times = [ask(repository, *command) for _ in range(TIMES)]
        say(f"arpkeeper {name}, {COMMITS:,} commits", median(times), "ms", 100)


sys.exit(main())
