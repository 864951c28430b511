# SPDX-License-Identifier: MIT
"""Shared by the benchmarks in Python: printing a figure (see report), a scratch directory that
is always removed, copies of repositories."""

import atexit
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

ARPKEEPER = os.path.abspath(os.environ.get("ARPKEEPER", "build/arpkeeper"))
PROGRAMS = os.path.abspath(os.environ.get("BENCH_PROGRAMS", "build/bench"))
HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["ARPKEEPER"] = ARPKEEPER
os.environ["ARPKEEPER_CONFIG"] = ""  # not the machine's own
os.environ.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", LC_ALL="C")


def say(name, value, unit, target=None, limit="at most"):
    """Prints a figure. A target is for the value itself."""
    figure = {"name": name, "value": round(value, 4), "unit": unit}
    if target is not None:
        ok = value <= target if limit == "at most" else value >= target
        figure.update(limit=limit, target=target, ok=bool(ok))
    print(json.dumps(figure), flush=True)


def compared(name, value, unit, against, ratio, limit, target, between=None):
    """Prints a figure with a target for its ratio to another. `between`: its 95 % confidence interval."""
    ok = ratio <= target if limit == "at most" else ratio >= target
    figure = {"name": name, "value": round(value, 4), "unit": unit, "against": against, "ratio": round(ratio, 4),
              "limit": limit, "target": target, "ok": bool(ok)}
    if between:
        figure["low"], figure["high"] = (round(bound, 4) for bound in between)
    print(json.dumps(figure), flush=True)


def progress(text):
    """Prints the current step to standard error."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


median = statistics.median


def run(*command, **options):
    """Returns the command's output. On failure, prints its errors and ends the benchmark."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def scratch(parent=None):
    """A directory for this run. Removed at its end, also after SIGTERM."""
    if parent:
        os.makedirs(parent, exist_ok=True)
    path = tempfile.mkdtemp(prefix="arpkeeper-bench-", dir=parent)
    atexit.register(shutil.rmtree, path, True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return path


def base_repository(entries, *options):
    """A repository with this number of entries (tests/system/million.py), made once and kept."""
    path = os.path.join(PROGRAMS, f"base-{entries}{''.join(options)}.git")
    if not os.path.exists(path):
        progress(f"making a repository of {entries:,} entries")
        shutil.rmtree(path + ".new", ignore_errors=True)
        run("python3", os.path.join(HERE, "../system/million.py"), "make", path + ".new", "--entries", str(entries),
            *options)
        # Without deltas, so that reading the old content takes no time. Without a bitmap, because upkeep
        # leaves packs with a bitmap alone, and an agent's packs have none.
        run("git", "-C", path + ".new", "-c", "repack.writeBitmaps=false", "repack", "-q", "-a", "-d", "-F",
            "--window=0")
        # Upkeep runs now, and not during a measurement.
        run(ARPKEEPER, "hook", "upkeep", "--repo", path + ".new", "--now")
        os.rename(path + ".new", path)
    return path


def copy_repository(source, target):
    """Links the packs, which never change in place, and copies the rest."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True,
                    copy_function=lambda a, b: os.link(a, b) if "/objects/" in a else shutil.copy2(a, b))
    return target


def size_of(repository):
    """The bytes of all objects, packed and loose, with their indexes."""
    total = 0
    for folder, _, names in os.walk(os.path.join(repository, "objects")):
        total += sum(os.path.getsize(os.path.join(folder, name)) for name in names)
    return total
