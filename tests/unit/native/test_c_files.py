"""The C files of the extension: which calls which. There is a lowest and a highest, and no cycle between them."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

NATIVE = Path(__file__).resolve().parents[3] / "firmware" / "native"
FUNCTION = re.compile(r"^(?!static)\w[\w \t*]*?\b(\w+)\(", re.MULTILINE)
VARIABLE = re.compile(r"^(?!static|extern|typedef|return)\w[\w \t*]*?\b(\w+)(?: = |;)", re.MULTILINE)


def uncommented(text: str) -> str:
    """C without comments and without the text of strings and characters, of which one may be a quote."""
    return re.sub(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])'", " ", text, flags=re.DOTALL)


def calls() -> dict[str, set[str]]:
    """Which other files' functions and variables each file names."""
    sources = {path.name: uncommented(path.read_text()) for path in NATIVE.glob("*.c")}
    owner = {
        name: file
        for file, text in sources.items()
        for pattern in (FUNCTION, VARIABLE)
        for name in pattern.findall(text)
    }  # fmt: skip
    return {
        file: {owner[word] for word in set(re.findall(r"\w+", text)) & owner.keys()} - {file}
        for file, text in sources.items()
    }  # fmt: skip


def test_no_c_file_needs_one_that_needs_it() -> None:
    graph = calls()
    order = list(TopologicalSorter(graph).static_order())
    assert not graph["guard.c"] and not graph["pool.c"] and order[-1] == "module.c"
    assert "hook.c" in graph["refer.c"] and "guard.c" in graph["hook.c"]


def test_what_a_header_declares_is_used_by_another_file() -> None:
    sources = {path.name: uncommented(path.read_text()) for path in NATIVE.glob("*.c")}
    declared = {
        name
        for path in NATIVE.glob("*.h") if path.name != "config_site.h"
        for name in re.findall(r"\b(\w+)\([^;{]*\);", uncommented(path.read_text()))
    }  # fmt: skip
    lonely = [
        name for name in sorted(declared) if sum(bool(re.search(rf"\b{name}\b", t)) for t in sources.values()) < 2
    ]
    assert declared and not lonely
