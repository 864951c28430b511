#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
#
# dulwich: clones, prints what it reads, commits a file, pushes.  See interop.bats.
#
#   with_dulwich.py URL DIRECTORY BRANCH PATH FILE

import os
import sys

from dulwich import object_store, porcelain

url, directory, branch, path, file = sys.argv[1:]
with open(os.devnull, "wb") as quiet:
    repository = porcelain.clone(url, directory, errstream=quiet)
    head = repository.head()
    print("HEAD", head.decode())
    print("commits", sum(1 for _ in repository.get_walker(include=[head])))
    for entry in object_store.iter_tree_contents(repository.object_store, repository[head].tree):
        print(f"{entry.mode:06o} {entry.sha.decode()} {entry.path.decode()}")
    place = os.path.join(directory, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(file, "rb") as source, open(place, "wb") as target:
        target.write(source.read())
    porcelain.add(repository, paths=[place])
    who = b"dulwich <dulwich@example.net>"
    pushed = porcelain.commit(repository, message=b"by dulwich\n", author=who, committer=who)
    porcelain.push(repository, url, f"HEAD:refs/heads/{branch}".encode(), outstream=quiet, errstream=quiet)
    print("pushed", pushed.decode())
