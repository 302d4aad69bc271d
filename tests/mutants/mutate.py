"""The mutants of a room: mutmut's operators on every function, methods and properties included.

Law: reads the product's files and makes code objects; changes and runs nothing. A mutant is one changed place. Left out
by rule (README.md): docstrings, annotations, decorators, defaults that are computed, and the words of a journal line.
"""

from __future__ import annotations

import types
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor, OuterFunctionProvider
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

# Calls whose arguments are words for people who read the journal: no program compares them.
WORDS = {"note", "illegal", "Illegal", "IllegalEvent", "Journal"}


@dataclass(frozen=True)
class Mutant:
    """One changed place. function: `wire.errors.clip`; old and new: the lines that differ, joined; lines: of the
    statement in the file, of a compound one the header only, of a default the whole function's; source: of the
    function.
    """

    path: Path
    function: str
    qualname: str
    lines: tuple[int, int]
    old: str
    new: str
    source: str

    def code(self, module: types.ModuleType) -> types.FunctionType:
        """The changed function, made in a copy of its module's names. SyntaxError where it is no Python."""
        names: dict[str, Any] = dict(vars(module))
        exec(compile(f"from __future__ import annotations\n{self.source}", str(self.path), "exec"), names)
        made = names["_holder_"]() if "_holder_" in self.source else names[self.qualname]
        assert isinstance(made, types.FunctionType)
        return made


@dataclass(frozen=True)
class Sample:
    """Of each hundred mutants `percent`, drawn by name: a change in one function draws no other sample elsewhere."""

    percent: int = 100
    seed: int = 0

    def has(self, function: str, number: int) -> bool:
        """Whether the sample has this mutant of a function."""
        return zlib.crc32(f"{self.seed} {function} {number}".encode()) % 100 < self.percent


class _Visitor(MutationVisitor):
    """mutmut's, which leaves decorated functions alone because it cannot run them: here only decorators are left."""

    METADATA_DEPENDENCIES = (PositionProvider, OuterFunctionProvider)

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            return _name(node.decorators[0].decorator) == "overload"
        if isinstance(node, cst.Call) and _name(node.func) in WORDS:
            return True
        return bool(super()._skip_node_and_children(node))


class _Statements(cst.CSTVisitor):
    """The statement of every node: the first line and the last, of a compound one those of its header."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[cst.CSTNode, tuple[int, int]] = {}
        self._open: list[tuple[int, int]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.BaseCompoundStatement | cst.SimpleStatementLine | cst.MatchCase | cst.ExceptHandler):
            place = self.get_metadata(PositionProvider, node)
            body = getattr(node, "body", None)
            last = place.end.line
            if isinstance(body, cst.IndentedBlock) and not isinstance(node, cst.FunctionDef):
                last = self.get_metadata(PositionProvider, body.body[0]).start.line - 1
            self._open.append((place.start.line, max(place.start.line, last)))
        if self._open:
            self.lines[node] = self._open[-1]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(
            original_node, cst.BaseCompoundStatement | cst.SimpleStatementLine | cst.MatchCase | cst.ExceptHandler
        ):
            self._open.pop()


def mutants_of(package: Path, room: str, sample: Sample) -> Iterator[Mutant]:
    """The mutants of a room (`core`) or of a part (`core/calls`, `core/turn`) that the sample has, file by file."""
    whole = package / room
    for path in sorted(whole.rglob("*.py")) if whole.is_dir() else [whole.with_suffix(".py")]:
        yield from _of_file(path, ".".join(path.relative_to(package).with_suffix("").parts), sample)


def _of_file(path: Path, module: str, sample: Sample) -> Iterator[Mutant]:
    wrapper = MetadataWrapper(cst.parse_module(path.read_text(encoding="utf-8")))
    visitor, statements = _Visitor(mutation_operators, IgnoredCode(set(), set(), set())), _Statements()
    wrapper.visit(visitor)
    wrapper.visit(statements)
    owners = _owners(wrapper.module)
    counts: dict[cst.FunctionDef, int] = {}
    for each in visitor.mutations:
        function = each.contained_by_top_level_function
        if function is None or function not in owners:
            continue
        number = counts[function] = counts.get(function, 0) + 1
        qualname = owners[function] + function.name.value
        if not sample.has(f"{module}.{qualname}", number):
            continue
        bare = function.with_changes(decorators=[], leading_lines=[])
        changed = cst.ensure_type(bare.deep_replace(each.original_node, each.mutated_node), cst.FunctionDef)
        old, new = _difference(_text(bare), _text(changed))
        if old != new:
            source = _held(changed) if owners[function] else _text(changed)
            lines = statements.lines[each.original_node]
            yield Mutant(path, f"{module}.{qualname}", qualname, lines, old, new, source)


def _owners(module: cst.Module) -> dict[cst.FunctionDef, str]:
    """The class of each function, with its dot; "" for none."""
    found: dict[cst.FunctionDef, str] = {}
    for part in module.body:
        if isinstance(part, cst.FunctionDef):
            found[part] = ""
        elif isinstance(part, cst.ClassDef):
            found.update({each: f"{part.name.value}." for each in part.body.body if isinstance(each, cst.FunctionDef)})
    return found


def _held(function: cst.FunctionDef) -> str:
    """A method that may say super(): it needs the cell that the class gives it."""
    body = "".join(f"    {line}\n" for line in _text(function).splitlines())
    return f"def _holder_(__class__=None):\n{body}    return {function.name.value}\n"


def _text(function: cst.FunctionDef) -> str:
    return cst.Module([function]).code


def _difference(old: str, new: str) -> tuple[str, str]:
    """The lines that differ, joined: the same beginning and end taken away."""
    one, other = old.splitlines(), new.splitlines()
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return " ".join(line.strip() for line in one), " ".join(line.strip() for line in other)


def _name(node: cst.CSTNode) -> str:
    """The last word of `turn.note` or `Journal`; "" for anything else."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""
