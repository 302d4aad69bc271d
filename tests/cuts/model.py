"""What a card may hold after the power went, by what a program asked of the kernel (strace).

Law: what fsync promised is there, and nothing else is: data that was written and not synced is there, or not, or in
part (with zeros where the length came before the data); names appear in the order in which they were made, and not
before fsync of their folder unless by chance. `ordered` is a device that keeps its writes in order: the state after
some system call. It knows the calls that the stores make; another one that changes a file is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

CALLS = (
    "openat,open,creat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate,truncate,"
    "link,linkat"
)
LINE = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)\) += (-?\d+)(?:<(.*?)>)?")
NAME = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
HANDLE = re.compile(r"^\d+<(.*?)>")


@dataclass(frozen=True, slots=True)
class Call:
    """One call. file: the inode, numbered by its making. path, to: names. done: a generation that was told."""

    kind: str
    file: int = -1
    path: str = ""
    to: str = ""
    data: bytes = b""
    done: int = -1


def _text(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def read_trace(trace: str, folder: Path) -> list[Call]:
    """The calls below `folder` (`strace -f -y -xx -s 1000000 -e trace=CALLS`). ValueError for one that is not known."""
    calls, names, count = list[Call](), dict[str, int](), 0
    under = str(folder) + "/"
    for line in trace.splitlines():
        match = LINE.match(line)
        if match is None or match[3].startswith("-"):
            continue
        kind, arguments = match[1], match[2]
        strings = [_text(each).decode("latin-1") for each in NAME.findall(arguments)]
        handle = HANDLE.match(arguments)
        at = handle[1] if handle else ""
        at = _text(at).decode() if at.startswith("\\x") else at
        if kind == "write" and arguments.startswith("1<") and "generation" in (strings or [""])[0]:
            calls.append(Call("told", done=int(strings[0].split()[1])))
        elif kind in ("openat", "open") and any(each.startswith(under) for each in strings):
            if "O_WRONLY" not in arguments and "O_RDWR" not in arguments:
                continue
            if "O_TRUNC" not in arguments and "O_EXCL" not in arguments:
                raise ValueError(f"expected O_TRUNC or O_EXCL: {line[:200]}")
            path = strings[0]
            count += 1
            if path in names:  # the same inode would be made empty: as bad as a new one under the name, and simpler
                calls.append(Call("unlink", path=path))
            names[path] = count
            calls.append(Call("create", count, path))
        elif at.startswith(under) or at == str(folder):
            if kind == "write":
                calls.append(Call("write", names[at], at, data=_text(NAME.findall(arguments)[0])))
            elif kind in ("fsync", "fdatasync"):
                calls.append(Call("syncdir", path=at) if at == str(folder) else Call("fsync", names[at], at))
            elif kind != "openat":
                raise ValueError(f"not known: {line[:200]}")
        elif kind in ("rename", "renameat", "renameat2") and strings[0].startswith(under):
            names[strings[1]] = names.pop(strings[0])
            calls.append(Call("rename", names[strings[1]], strings[0], strings[1]))
        elif kind in ("unlink", "unlinkat") and strings and strings[0].startswith(under):
            names.pop(strings[0], None)
            calls.append(Call("unlink", path=strings[0]))
    return calls


@dataclass(slots=True)
class Card:
    """Names and contents as they are found after the cut."""

    names: dict[str, int] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)

    def lay_out(self, folder: Path, old: Path) -> None:
        """Make the files, in place of those that lie there."""
        folder.mkdir(exist_ok=True)
        for each in folder.iterdir():
            each.unlink()
        for path, file in self.names.items():
            (folder / Path(path).relative_to(old)).write_bytes(self.contents.get(file, b""))


def cut(calls: list[Call], at: int, chance: Random, ordered: bool) -> Card:
    """The card when the power went before call `at`."""
    past = calls[:at]
    last = {(call.kind, call.file): place for place, call in enumerate(past) if call.kind == "fsync"}
    synced = max((place for place, call in enumerate(past) if call.kind == "syncdir"), default=-1)
    named = [place for place, call in enumerate(past) if call.kind in ("create", "rename", "unlink")]
    loose = [place for place in named if place > synced]
    kept = len(loose) if ordered else chance.randint(0, len(loose))
    there = set(named) - set(loose[kept:])
    card = Card()
    for place, call in enumerate(past):
        if call.kind == "create" and place in there:
            card.names[call.path] = call.file
        elif call.kind == "rename" and place in there:
            card.names.pop(call.path, None)
            card.names[call.to] = call.file
        elif call.kind == "unlink" and place in there:
            card.names.pop(call.path, None)
        elif call.kind == "write":
            before = card.contents.get(call.file, b"")
            safe = ordered or place < last.get(("fsync", call.file), -1)
            card.contents[call.file] = before + (call.data if safe else _by_chance(call.data, chance))
    if ordered and at < len(calls) and calls[at].kind == "write":  # the call itself, by half
        half = calls[at]
        card.contents[half.file] = card.contents.get(half.file, b"") + half.data[: chance.randint(0, len(half.data))]
    return card


def _by_chance(data: bytes, chance: Random) -> bytes:
    """Nothing of it, a part, zeros for it or for its end, or all."""
    length = chance.randint(0, len(data))
    return chance.choice((b"", data[:length], bytes(len(data)), data[:length] + bytes(len(data) - length), data))
