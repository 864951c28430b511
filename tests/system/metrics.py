#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Judges metrics in Prometheus' text format as `promtool check metrics` does, and whether rules and dashboards
name only metrics that exist. (promtool is 96 MB of the package prometheus; cli.bats asks it, too, where it is.)

    metrics.py METRICS [FILE...]
"""

import re
import sys

SAMPLE = re.compile(r'([a-z_][a-z0-9_]*)(?:\{((?:[a-z_]+="[^"\\]*",?)*)\})? ([0-9.e+-]+|\+Inf|NaN)')
ENDS = ("_bucket", "_sum", "_count")


def family(name, types):
    for end in ENDS:
        if name.endswith(end) and types.get(name.removesuffix(end)) == "histogram":
            return name.removesuffix(end)
    return name


def check(lines, say):
    """{sample's name}; the faults go to `say`."""
    helps, types, names, seen, buckets = set(), {}, set(), set(), {}
    now, done = None, set()
    for line in lines:
        if line.startswith("# HELP "):
            helps.add(line.split(" ", 3)[2])
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if name in types:
                say(f"{name}: its type is said twice")
            if (kind == "counter") != name.endswith("_total"):
                say(f"{name}: counters, and only these, end in _total")
            types[name] = kind
        else:
            match = SAMPLE.fullmatch(line)
            if not match:
                say(f"not a sample: {line}")
                continue
            name, labels, value = match.groups()
            of = family(name, types)
            if of not in types or of not in helps:
                say(f"{name} has no type or no help before it")
            if of != now and of in done:
                say(f"{of}: its samples do not stand together")
            done.add(of)
            now = of
            if (name, labels) in seen:
                say(f"twice: {name}{{{labels}}}")
            seen.add((name, labels))
            names.add(name)
            if types.get(of) == "histogram" and name.endswith("_bucket"):
                buckets.setdefault(of, []).append((re.search('le="([^"]*)"', labels)[1], float(value)))
    for of, steps in buckets.items():
        counts = [count for _, count in steps]
        if steps[-1][0] != "+Inf" or counts != sorted(counts):
            say(f"{of}: buckets do not grow up to +Inf")
    for name in types:
        if not any(family(sample, types) == name for sample in names):
            say(f"{name}: no sample")
    return names


def main():
    faults = []
    with open(sys.argv[1], encoding="utf-8") as file:
        names = check(file.read().splitlines(), faults.append)
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            used = set(re.findall(r"arpkeeper_[a-z0-9_]+", file.read()))
        faults += [f"{path}: there is no metric {name}" for name in sorted(used - names)]
        if not used:
            faults.append(f"{path}: it names no metric")
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


main()
