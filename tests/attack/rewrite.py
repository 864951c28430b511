#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Random sequences of pushes, by a user who wants main to lose history. After each, the old main must be
# an ancestor of the new one; git is asked without replace references and grafts.
#
#   rewrite.py REPOSITORY FOLDER SEED PUSHES
#
# FOLDER is for clones. Prints what was done, one push a line; the exit status is 1 if history was lost.

import os
import random
import subprocess
import sys

REPOSITORY, FOLDER, SEED, PUSHES = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
TRUE = dict(os.environ, GIT_NO_REPLACE_OBJECTS="1", GIT_GRAFT_FILE="/dev/null/none")
NAMES = ["main", "main", "main", "main", "merge/x", "merge/main", "merge/deep/main", "merge", "main/x", "maine", "x/main", "Main", "task/main",
         "alerts", "other", "refs/heads/main", "HEAD", "alias", "alias-of-alias"]
pick = random.Random(SEED)


def git(where, *arguments, env=None, check=True, text=None):
    done = subprocess.run(["git", "-C", where, *arguments], env=env, input=text, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise SystemExit(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


class Names:
    """What a name stands for in a repository, "" if nothing: asked of one git process, since each takes milliseconds to start."""

    def __init__(self, where, env=None):
        self.asked = subprocess.Popen(["git", "-C", where, "cat-file", "--batch-check=%(objectname)"], env=env, text=True, bufsize=1,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __getitem__(self, name):
        self.asked.stdin.write(name + "\n")
        answer = self.asked.stdout.readline().strip()
        return "" if answer.endswith(" missing") else answer

    def close(self):
        self.asked.communicate()


def still_has(old, new):
    """Whether old is among main's ancestors, by the commits themselves."""
    if old and old == new:
        return True
    done = subprocess.run(["git", "-C", REPOSITORY, "rev-list", "refs/heads/main"], env=TRUE, capture_output=True, text=True,
                          check=False)
    return old in done.stdout.split()


class Pusher:
    """A clone, whole or shallow, with grafts and replace references of its own."""

    def __init__(self, name, *options):
        self.path = f"{FOLDER}/{name}"
        subprocess.run(["git", "clone", "-q", "-c", "maintenance.auto=false", *options, f"file://{REPOSITORY}", self.path], check=True)
        self.names = Names(self.path)

    def fetch(self):
        git(self.path, "fetch", "-q", "origin", check=False)

    def commit(self):
        """Some commit: a child of what is known, an unrelated one, an old one, or a forged merge."""
        known = git(self.path, "rev-list", "--all", "--max-count=40").split()
        tree = self.names["HEAD^{tree}"]
        kind = pick.choice([0, 0, 0, 1, 2, 3, 4])
        if kind == 0:
            parent = pick.choice([pick.choice(known), self.names["refs/remotes/origin/main"]])
            return git(self.path, "commit-tree", tree, "-p", parent, "-m", f"child {pick.random()}")
        if kind == 1:
            return git(self.path, "commit-tree", tree, "-m", f"orphan {pick.random()}")
        if kind == 2:
            return pick.choice(known)
        if kind == 3:
            return git(self.path, "commit-tree", tree, "-p", pick.choice(known), "-p", pick.choice(known), "-m", f"merge {pick.random()}",
                       check=False) or known[0]
        return self.names["refs/remotes/origin/main"]

    def refspec(self, main):
        commit, kind = self.commit(), pick.randrange(10)
        name = pick.choice(NAMES)
        if kind == 0:
            return f":refs/heads/{name}"
        if kind == 1:
            return f"+{commit}:refs/replace/{pick.choice([main, self.commit()])}"
        if kind == 2:
            return f"+{commit}:refs/tags/{name}"
        if kind == 3:
            return f"+{commit}:refs/{pick.choice(['main', 'notes/main', 'remotes/origin/main', 'arpkeeper/applied', 'arpkeeper/main'])}"
        return f"{pick.choice(['', '+', '+'])}{commit}:refs/heads/{name}"

    def honest(self):
        """A fast-forward, so that there is something to rewrite."""
        self.fetch()
        commit = git(self.path, "commit-tree", "origin/main^{tree}", "-p", "origin/main", "-m", f"honest {pick.random()}")
        git(self.path, "push", "-q", "origin", f"{commit}:refs/heads/main", check=False)
        return f"{commit}:refs/heads/main"

    def push(self, main):
        self.fetch()
        refspecs = list({self.refspec(main) for _ in range(pick.choice([1, 1, 1, 1, 2, 3]))})
        # Its own view of history may be a lie, too.
        if pick.randrange(4) == 0:
            with open(f"{self.path}/.git/info/grafts", "w", encoding="ascii") as grafts:
                grafts.write(f"{self.commit()} {main}\n")
        elif os.path.exists(f"{self.path}/.git/info/grafts"):
            os.remove(f"{self.path}/.git/info/grafts")
        git(self.path, "push", "-q", *pick.choice([[], ["--atomic"], ["--force"]]), "origin", *refspecs, check=False)
        return " ".join(refspecs)


def main():
    # What somebody at the repository may have made, and a push must not be able to use.
    git(REPOSITORY, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git(REPOSITORY, "symbolic-ref", "refs/heads/alias-of-alias", "refs/heads/alias")
    os.makedirs(f"{REPOSITORY}/info", exist_ok=True)
    names = Names(REPOSITORY, TRUE)
    pushers = [Pusher("whole"), Pusher("shallow", "--depth=1")]
    lost = moved = 0
    for number in range(PUSHES):
        old = names["refs/heads/main"]
        if pick.randrange(5) == 0:
            with open(f"{REPOSITORY}/info/grafts", "w", encoding="ascii") as grafts:
                grafts.write(f"{pushers[0].commit()} {old}\n")
        done = pushers[0].honest() if number % 10 == 9 else pick.choice(pushers).push(old)
        if os.path.exists(f"{REPOSITORY}/info/grafts"):
            os.remove(f"{REPOSITORY}/info/grafts")
        new = names["refs/heads/main"]
        moved += new != old
        print(f"{number}: {done}: main {'moved' if new != old else 'stayed'}")
        if not still_has(old, new):
            print(f"{number}: LOST: main was {old}, and is {new or 'gone'}")
            lost += 1
    for name in ("alias", "alias-of-alias"):
        git(REPOSITORY, "symbolic-ref", "-d", f"refs/heads/{name}", check=False)
    print(f"{PUSHES} pushes, main moved {moved} times, lost history {lost} times")
    for each in (names, *(pusher.names for pusher in pushers)):
        each.close()
    return 1 if lost or moved < PUSHES // 12 else 0


if __name__ == "__main__":
    sys.exit(main())
