"""Whether the overlays of a slot fit its device trees: `device_tree.py FOLDER`, each *.dtb with each overlays/*.dtbo.

An overlay names nodes by label. One whose label the tree has not is passed over by the firmware, and without a word on
the phone: no sound card, no display. Labels are in the blobs: `__fixups__` of the overlay, `__symbols__` of the tree
(devicetree specification, flattened format; libfdt/fdt_overlay.c). Standard library only; exit code 1 for a finding.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from boot_firmware import SUBSTITUTE

MAGIC = 0xD00DFEED
BEGIN_NODE, END_NODE, PROPERTY, NOP, END = 1, 2, 3, 4, 9


def properties(blob: bytes, node: str) -> set[str]:
    """Names of the properties of the root's node of this name. ValueError for what is no whole device tree."""
    try:
        magic, size, structure, strings = struct.unpack_from(">4I", blob)
        if magic != MAGIC or size > len(blob):
            raise ValueError("expected a whole flattened device tree")
        return _walk(blob, structure, strings, node)
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError(f"expected a flattened device tree: {error}") from None


def _walk(blob: bytes, at: int, strings: int, node: str) -> set[str]:
    found: set[str] = set()
    path: list[str] = []
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == BEGIN_NODE:
            path.append(_text(blob, at))
            at += (len(path[-1]) + 4) & ~3
        elif token == END_NODE and path:
            path.pop()
        elif token == PROPERTY:
            length, name = struct.unpack_from(">2I", blob, at)
            at += 8 + ((length + 3) & ~3)
            if path == ["", node]:
                found.add(_text(blob, strings + name))
        elif token == END:
            return found
        elif token != NOP:
            raise ValueError(f"expected a flattened device tree, got token {token}")


def _text(blob: bytes, at: int) -> str:
    return blob[at : blob.index(b"\0", at)].decode("ascii")


def unresolved(tree: bytes, overlay: bytes) -> list[str]:
    """Labels the overlay asks for and the tree has not. ValueError as properties()."""
    return sorted(properties(overlay, "__fixups__") - properties(tree, "__symbols__"))


def findings(folder: Path) -> list[str]:
    """One sentence for each overlay that does not fit a tree."""
    said = []
    for overlay in sorted(folder.glob("overlays/*.dtbo")):
        blob = overlay.read_bytes()
        for tree in sorted(folder.glob("*.dtb")) if SUBSTITUTE not in blob else ():
            try:
                missing = unresolved(tree.read_bytes(), blob)
            except ValueError as error:
                said.append(f"{overlay.name} on {tree.name}: {error}")
            else:
                said += [f"{overlay.name}: {tree.name} has no label {label}" for label in missing]
    return said


def main(arguments: list[str]) -> int:
    """0 when all fit."""
    said = findings(Path(arguments[0]))
    for line in said:
        print(f"device tree: {line}", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
