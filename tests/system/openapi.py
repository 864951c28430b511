#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Whether docs/openapi.json holds.
#
#   openapi.py document               it is whole: references lead somewhere, schemas are valid, and docs/api.md has each path
#   openapi.py answers <LINES         a line: status, a space, a path with parameters, a space, the answer as JSON

import json
import pathlib
import re
import sys
import urllib.parse

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
faults = []


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def check_document():
    schemas = DOCUMENT["components"]["schemas"]
    used = set(references(DOCUMENT))
    for reference in used:
        if reference.removeprefix("#/components/schemas/") not in schemas:
            faults.append(f"{reference} leads nowhere")
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        if f"#/components/schemas/{name}" not in used:
            faults.append(f"nothing refers to {name}")
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    for path, item in DOCUMENT["paths"].items():
        if list(item) != ["get"]:
            faults.append(f"{path}: only GET is answered")
        named = {p["name"] for p in item["get"]["parameters"] if p["in"] == "path"}
        if named != set(re.findall(r"{(\w+)}", path)):
            faults.append(f"{path}: its path parameters are {named}")
        if f"`{path}`" not in text:
            faults.append(f"docs/api.md does not have {path}")
        for parameter in item["get"]["parameters"]:
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])


def operation_of(path):
    for template, item in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return item["get"]
    return None


def check_answer(status, target, answer):
    url = urllib.parse.urlsplit(target)
    operation = operation_of(url.path)
    if operation is None:
        faults.append(f"{url.path} is not in the document")
        return
    response = operation["responses"].get(status)
    if response is None:
        faults.append(f"{target}: {status} is not in the document")
        return
    known = {parameter["name"] for parameter in operation["parameters"]}
    for name, _ in urllib.parse.parse_qsl(url.query):
        if name not in known:
            faults.append(f"{target}: {name} is not in the document")
    schema = {**response["content"]["application/json"]["schema"], "components": DOCUMENT["components"]}
    for fault in jsonschema.Draft202012Validator(schema).iter_errors(answer):
        faults.append(f"{target}: {fault.json_path}: {fault.message[:300]}")


def check_answers():
    paths = set()
    for line in sys.stdin:
        status, target, answer = line.split(" ", 2)
        check_answer(status, target, json.loads(answer))
        paths.add(urllib.parse.urlsplit(target).path)
    if not paths:
        faults.append("there are no answers")
    print(f"{len(paths)} paths: {' '.join(sorted(paths))}")


if __name__ == "__main__":
    {"document": check_document, "answers": check_answers}[sys.argv[1]]()
    for fault in faults[:40]:
        print(f"openapi: {fault}")
    sys.exit(1 if faults else 0)
