# SPDX-License-Identifier: MIT
#
# Turns strace's record of an agent into operations on the files below one folder, in order, and
# builds the states that a disk may hold after a power failure. It knows nothing of git. An operation
# that it cannot follow, such as a write through a mapping, is an error.

import codecs
import itertools
import os
import re

CALLS = ("open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,sendmsg,sendto,lseek,fsync,fdatasync,sync,"
         "syncfs,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,"
         "ftruncate,truncate,fallocate,copy_file_range,sendfile,splice,mmap,chdir,fchdir,clone,clone3,fork,vfork")
FORKS = ("clone", "clone3", "fork", "vfork")
STRACE = ["strace", "-f", "-qq", "-y", "-s", "10000000", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o"]
LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)", re.S)
END = re.compile(r"(.*)\) += (-?\d+|\?)(?:<.*>)?(?: .*)?$", re.S)
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
PLACE = re.compile(r"^(-?\d+|AT_FDCWD)<(.*)>$", re.S)


def unescape(text):
    return codecs.escape_decode(text.encode())[0]


def split(arguments):
    """Splits at commas outside quotes, brackets and <>."""
    parts, depth, quoted, start, at = [], 0, False, 0, 0
    while at < len(arguments):
        letter = arguments[at]
        if quoted:
            at += letter == "\\"
            quoted = letter != '"' or arguments[at] != '"'
        elif letter == '"':
            quoted = True
        elif letter in "<[{(":
            depth += 1
        elif letter in ">]})":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(arguments[start:at].strip())
            start = at + 1
        at += 1
    parts.append(arguments[start:].strip())
    return parts


def calls(path, folder):
    """Yields (name, [argument], result, working folder) of each successful call, in the order of their
    ends."""
    begun, folders, forking = {}, {}, None
    with open(path, encoding="latin-1") as trace:
        for line in trace:
            found = LINE.match(line.rstrip("\n"))
            if not found:
                continue
            pid, resumed, name, rest = found.groups()
            if pid not in folders:  # a child may appear before the end of the call that made it
                folders[pid] = folders.get(forking, folder)
            if name in FORKS:
                forking = pid
            if rest.endswith("<unfinished ...>"):
                begun[pid] = rest[:-len("<unfinished ...>")]
                continue
            if resumed:
                name, rest = resumed, begun.pop(pid, "") + rest
            found = END.match(rest)
            if not found or found[2].startswith(("-", "?")):
                continue
            given, result, here = split(found[1]), int(found[2]), folders[pid]
            if name == "chdir":
                folders[pid] = os.path.join(here, unescape(given[0][1:-1]).decode())
            elif name == "fchdir":
                folders[pid] = PLACE.match(given[0])[2]
            elif name in FORKS:
                folders.setdefault(str(result), here)
            else:
                yield name, given, result, here


class File:
    def __init__(self, data=b"", link=None):
        self.data = bytearray(data)
        self.synced = None  # the content at the last fsync, or None
        self.link = link

    def sync(self):
        self.synced = bytes(self.data)


class Folder:
    def __init__(self):
        self.names, self.synced = {}, {}

    def sync(self):
        self.synced = dict(self.names)


class Disk:
    """The files below `root`: as programs see them, and as the disk has them for certain."""

    def __init__(self, root):
        self.root = root
        self.top = Folder()
        self.offset = {}

    def parts(self, path):
        path = os.path.normpath(path)
        return path[len(self.root) + 1:].split("/") if path.startswith(self.root + "/") else None

    def find(self, path):
        """The file or folder at a path. None when it is outside root, or missing."""
        if os.path.normpath(path) == self.root:
            return self.top
        at = self.top
        for part in self.parts(path) or [None]:
            at = at.names.get(part) if isinstance(at, Folder) else None
            if at is None:
                return None
        return at

    def name(self, path):
        """The folder that holds it, and its name there. (None, None) when it is outside root."""
        if not self.parts(path):
            return None, None
        return self.find(os.path.dirname(os.path.normpath(path))), os.path.basename(os.path.normpath(path))

    def opened(self, place, path, flags, descriptor):
        path = os.path.join(place, path)
        folder, name = self.name(path)
        if folder is None or "O_TMPFILE" in flags:
            return False
        file = folder.names.get(name)
        changed = False
        if file is None and "O_CREAT" in flags:
            file = folder.names[name] = File()
            changed = True
        if isinstance(file, File):
            if "O_TRUNC" in flags and file.data:
                del file.data[:]
                changed = True
            self.offset[descriptor, id(file)] = None if "O_APPEND" in flags else 0
        return changed

    def write(self, path, descriptor, data, at=None):
        file = self.find(path)
        if not isinstance(file, File):
            return False
        offset = self.offset.get((descriptor, id(file)), 0) if at is None else at
        if offset is None:
            offset = len(file.data)
        elif at is None:
            self.offset[descriptor, id(file)] = offset + len(data)
        file.data.extend(bytes(max(0, offset - len(file.data))))
        file.data[offset:offset + len(data)] = data
        return True

    def move(self, old, new, keep=False):
        (source, old_name), (target, new_name) = self.name(old), self.name(new)
        if source is None or target is None:
            if source is not target:
                raise ValueError(f"{old} -> {new} crosses the border of {self.root}")
            return False
        target.names[new_name] = source.names[old_name]
        if not keep:
            del source.names[old_name]
        return True

    def remove(self, path):
        folder, name = self.name(path)
        return folder is not None and folder.names.pop(name, None) is not None

    def sync_all(self, folder=None):
        folder = folder or self.top
        folder.sync()
        for child in folder.names.values():
            if isinstance(child, Folder):
                self.sync_all(child)
            else:
                child.sync()

    def apply(self, name, given, result, folder):
        """Applies one call, made in that folder. Whether it changed something below root."""
        text = [unescape(found) for found in TEXT.findall(given[0])] if name in ("open", "creat") else None
        place = PLACE.match(given[0])
        if name in ("open", "creat"):
            flags = given[1] if name == "open" else "O_CREAT|O_TRUNC"
            return self.opened(folder, text[0].decode(), flags, result)
        if name in ("openat", "unlinkat", "mkdirat"):
            path = os.path.join(place[2], unescape(given[1][1:-1]).decode())
            if name == "openat":
                return self.opened("/", path, given[2], result)
            return self.remove(path) if name == "unlinkat" else self.make(path, Folder())
        if name in ("renameat", "renameat2", "linkat"):
            other = PLACE.match(given[2])
            return self.move(os.path.join(place[2], unescape(given[1][1:-1]).decode()),
                             os.path.join(other[2], unescape(given[3][1:-1]).decode()), name == "linkat")
        if name in ("rename", "link", "symlink", "mkdir", "unlink", "rmdir", "truncate"):
            texts = [unescape(part[1:-1]).decode() for part in given if part.startswith('"')]
            paths = [os.path.join(folder, text) for text in texts]
            if name in ("unlink", "rmdir"):
                return self.remove(paths[0])
            if name == "mkdir":
                return self.make(paths[0], Folder())
            if name == "symlink":
                return self.make(paths[1], File(link=texts[0]))
            if name == "truncate":
                return self.resize(paths[0], int(given[1]))
            return self.move(*paths, keep=name == "link")
        if name in ("sync", "syncfs"):
            self.sync_all()
            return True
        if name == "mmap":
            place = PLACE.match(given[4])
            if place and "PROT_WRITE" in given[2] and "MAP_SHARED" in given[3] and self.find(place[2]):
                raise ValueError(f"{place[2]} is written through a mapping: that cannot be recorded")
            return False
        if not place or not self.find(place[2]):
            return False
        return self.by_descriptor(name, place, given, result)

    def by_descriptor(self, name, place, given, result):
        descriptor, path = int(place[1]), place[2]
        file = self.find(path)
        if name in ("fsync", "fdatasync"):
            file.sync()
            return True
        if name == "lseek":
            self.offset[descriptor, id(file)] = result
            return False
        if name == "ftruncate":
            return self.resize(path, int(given[1]))
        if name in ("write", "writev", "pwrite64", "pwritev"):
            data = b"".join(unescape(found) for found in TEXT.findall(given[1]))[:result]
            if len(data) != result:
                raise ValueError(f"{path}: strace shows {len(data)} bytes of {result}")
            return self.write(path, descriptor, data, int(given[3]) if name.startswith("p") else None)
        raise ValueError(f"{name} of {path} cannot be recorded")

    def make(self, path, what):
        folder, name = self.name(path)
        if folder is not None:
            folder.names[name] = what
        return folder is not None

    def resize(self, path, size):
        file = self.find(path)
        if not isinstance(file, File) or len(file.data) == size:
            return False
        del file.data[size:]
        file.data.extend(bytes(size - len(file.data)))
        return True

    # --- the power fails: {path: bytes; None: a folder; (target,): a link} ------------------------

    def state(self, choose_names, choose_data, folder=None, at=""):
        folder = folder or self.top
        found = {}
        for name, child in choose_names(folder).items():
            path = f"{at}{name}"
            if isinstance(child, Folder):
                found[path] = None
                found.update(self.state(choose_names, choose_data, child, path + "/"))
            else:
                found[path] = (child.link,) if child.link else choose_data(child)
        return found

    def seen(self):
        """Everything has reached the disk, as after a kill."""
        return self.state(lambda folder: folder.names, lambda file: bytes(file.data))

    def strict(self):
        """Only synced data has reached it, and names only with their synced folder."""
        return self.state(lambda folder: folder.synced, lambda file: file.synced or b"")

    def journal(self):
        """All names have reached it, in order, but only synced data."""
        return self.state(lambda folder: folder.names, lambda file: file.synced or b"")

    def any(self, dice):
        """Any part of the unsynced names and data has reached it, independently."""
        def names(folder):
            chosen = {}
            for name in sorted(folder.names.keys() | folder.synced.keys()):
                child = dice.choice((folder.names, folder.synced)).get(name)
                if child is not None:
                    chosen[name] = child
            return chosen

        def data(file):
            synced, now = file.synced or b"", bytes(file.data)
            if synced == now:
                return now
            cut = dice.randrange(len(now) + 1)
            return dice.choice((synced, now, now[:cut], now[:cut] + bytes(len(now) - cut), bytes(len(now))))

        return self.state(names, data)


def states(disk, dice, rounds):
    """Each state that this moment's power cut may leave, with the model's name."""
    yield "all of it", disk.seen()
    yield "only synced data", disk.strict()
    yield "names without data", disk.journal()
    for _ in itertools.repeat(None, rounds):
        yield "some of it", disk.any(dice)
