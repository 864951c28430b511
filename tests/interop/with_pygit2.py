#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
#
# libgit2, by pygit2: clones, prints what it reads, commits a file, pushes.  See interop.bats.
#
#   with_pygit2.py URL DIRECTORY BRANCH PATH FILE

import os
import sys

import pygit2

url, directory, branch, path, file = sys.argv[1:]
repository = pygit2.clone_repository(url, directory)
head = repository.head.target
print("HEAD", head)
print("commits", sum(1 for _ in repository.walk(head)))


def show(tree, above):
    for entry in tree:
        if entry.type == pygit2.GIT_OBJ_TREE:
            show(repository[entry.id], f"{above}{entry.name}/")
        else:
            print(f"{entry.filemode:06o} {entry.id} {above}{entry.name}")


show(repository[head].tree, "")
place = os.path.join(directory, path)
os.makedirs(os.path.dirname(place), exist_ok=True)
with open(file, "rb") as source, open(place, "wb") as target:
    target.write(source.read())
repository.index.add(path)
who = pygit2.Signature("libgit2", "libgit2@example.net")
pushed = repository.create_commit("HEAD", who, who, "by libgit2\n", repository.index.write_tree(), [head])
repository.remotes["origin"].push([f"HEAD:refs/heads/{branch}"])
print("pushed", pushed)
