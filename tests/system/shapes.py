#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whether JSON is what docs/json.md says: members, types, and that keys are in snake_case.

    shapes.py PAGE FOLDER

FOLDER has a file for each heading of PAGE, called like it: "status, without an agent". A file may hold several
objects, one a line. Headings without a file, and files without a heading, are errors.
"""

import json
import os
import re
import sys

TYPES = {str: "text", bool: "bool", int: "number", float: "number", type(None): "null", list: "list", dict: "object"}
KEY = re.compile(r"[a-z][a-z0-9_]*")


def read_page(path):
    """{heading: {member: (types, may be missing)}}"""
    shapes, heading, inside = {}, None, False
    with open(path, encoding="utf-8") as page:
        for line in page:
            if line.startswith("## "):
                heading = line[3:].strip()
            elif line.startswith("```"):
                inside = not inside and heading is not None
                if inside:
                    shapes[heading] = {}
            elif inside:
                member, *words = line.split()
                types = []
                for word in words:
                    if word not in TYPES.values():
                        break
                    types.append(word)
                shapes[heading][member.rstrip("?")] = (types, member.endswith("?"))
    return shapes


def children(shape, path):
    """The members of the object at a path, by their last name."""
    before = f"{path}." if path else ""
    return {member[len(before):]: member for member in shape
            if member.startswith(before) and not re.search(r"[.\[]", member[len(before):])}


def check(shape, value, path, say):
    if path:
        types = shape[path][0]
        if TYPES[type(value)] not in types:
            say(f"{path} is {TYPES[type(value)]}, not {' or '.join(types)}")
    if isinstance(value, list):
        if f"{path}[]" in shape or any(member.startswith(f"{path}[].") for member in shape):
            for element in value:
                check_element(shape, element, f"{path}[]", say)
        elif value:
            say(f"{path}: its elements are not described")
    elif isinstance(value, dict):
        check_object(shape, value, path, say)


def check_element(shape, element, path, say):
    if path in shape:
        check(shape, element, path, say)
    elif isinstance(element, dict):
        check_object(shape, element, path, say)
    else:
        say(f"{path} is {TYPES[type(element)]}, not object")


def check_object(shape, value, path, say):
    known = children(shape, path)
    for key, member in value.items():
        if not KEY.fullmatch(key):
            say(f"{path}: the key '{key}' is not in snake_case")
        if key not in known and "*" not in known:
            say(f"{path}.{key} is not described")
        else:
            check(shape, member, known.get(key, known.get("*")), say)
    for key, member in known.items():
        if key != "*" and key not in value and not shape[member][1]:
            say(f"{member} is missing")


def main():
    page, folder = sys.argv[1:]
    shapes, faults = read_page(page), []
    files = set(os.listdir(folder))
    faults += [f"'{name}' is not described" for name in files - shapes.keys()]
    faults += [f"'{name}' was not printed" for name in shapes.keys() - files]
    for name in sorted(files & shapes.keys()):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            text = file.read()
        try:
            values = [json.loads(text)]
        except ValueError:
            values = [json.loads(line) for line in text.splitlines()]
        if not values:
            faults.append(f"{name}: nothing was printed")
        for value in values:
            check(shapes[name], value, "", lambda fault, name=name: faults.append(f"{name}: {fault}"))
    for fault in dict.fromkeys(faults):
        print(fault)
    sys.exit(1 if faults else 0)


main()
