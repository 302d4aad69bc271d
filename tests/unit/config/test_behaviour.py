"""The reference page is honest: what it calls working is read by a room or root's script for the network,
and what they read it calls working.

Rooms are searched by their syntax trees for `settings.group.name`, also through a local name for a group
(`line = settings.line[0]`) and through loops over an indexed group.
"""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deskphone.config import without_effect
from deskphone.config.registry import slots_of
from deskphone.config.settings import Settings
from deskphone.drivers.network_wish import NAMES
from deskphone.manage.command import WANTED
from deskphone.manage.cwmp import wish
from deskphone.manage.report import broker, hooks, keep_alive
from tests.unit.trees import tree

ROOMS = Path(__file__).parents[3] / "firmware" / "deskphone"

# What a property of a group reads on behalf of its caller.
PROPERTIES = {
    "forward": ("line.call_forward",),
    "dtmf.method": ("dtmf.mode",),
    "media.codecs": ("media.codec", "media.codec.enabled"),
    "redundant.effective": ("redundant.mode", "redundant.enabled"),
    "acd.reasons": ("acd.reason", "acd.reason.name"),
}

OPTIONS = {re.sub(r"\[\d+\]", "", slot.attribute): slot.option for slot in slots_of(Settings).values()}


class Reads(ast.NodeVisitor):
    """Collects the attribute paths below `settings` that a module reads."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.names: dict[str, str] = {}

    def path(self, node: ast.AST) -> str | None:
        """`line.auth_name` for `phone.settings.line[0].auth_name`; "" for settings itself; None for anything else."""
        match node:
            case ast.Name(name):
                return self.names.get(name, "" if name == "settings" else None)
            case ast.Attribute(_, "settings"):
                return ""
            case ast.Attribute(inner, name):
                above = self.path(inner)
                if above is None:
                    return None
                here = f"{above}.{name}".lstrip(".")
                self.paths.update(PROPERTIES.get(here, ()))
                return PROPERTIES.get(here, (here,))[0]
            case ast.Subscript(inner):
                return self.path(inner)
            case ast.Call(ast.Name("enumerate" | "reversed" | "list" | "tuple" | "sorted"), [inner, *_]):
                return self.path(inner)
            case ast.ListComp(_, [ast.comprehension(_, inner)]):
                return self.path(inner)
        return None

    def bind(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for each, its in zip(target.elts, value.elts, strict=False):
                self.bind(each, its)
            return
        if isinstance(target, ast.Tuple):  # for place, codec in enumerate(...)
            target = target.elts[-1]
        if isinstance(target, ast.Name):
            path = self.path(value)
            if path:
                self.names[target.id] = path
            else:
                self.names.pop(target.id, None)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self.names = self.names, dict(self.names)
        self.generic_visit(node)
        self.names = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.bind(target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self.bind(node.target, node.iter)
        self.generic_visit(node)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        for each in node.generators:
            self.bind(each.target, each.iter)
        self.generic_visit(node)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self.path(node)
        if path:
            self.paths.add(path)
        self.generic_visit(node)


OBEYED_HERE = ("reader.py", "reading.py", "servers.py")
"""Modules of this room that obey settings themselves."""


def rooms() -> Iterator[Path]:
    """Every module outside this room, and those in it that obey settings."""
    room = ROOMS / "config"
    return (path for path in sorted(ROOMS.rglob("*.py")) if room not in path.parents or path.name in OBEYED_HERE)


@cache
def read_by_rooms() -> frozenset[str]:
    """Names of the settings some room reads; the management plane asks the phone for its own by name."""
    found: set[str] = set()
    for path in rooms():
        reads = Reads()
        reads.visit(tree(path))
        found |= reads.paths
    return (
        frozenset(option.name for attribute, option in OPTIONS.items() if attribute in found)
        | read_by_root()
        | set(WANTED)
        | {*hooks.NAMES, *keep_alive.NAMES, *broker.NAMES, *wish.NAMES}
    )


def read_by_root() -> set[str]:
    """Names of the settings that root's script and program take from the wish of the phone."""
    text = (ROOMS.parent / "dhcp" / "deskphone-network").read_text(encoding="utf-8")
    said = set(re.findall(r"^\s+class \w+ (\S+)$", text, re.MULTILINE))
    switches = re.findall(r"^\s+without (\S+) \w+$", text, re.MULTILINE)
    said |= set(re.findall(r"\$\(setting (system/ntp/\w+)\)", text))
    said |= set(runpy.run_path(str(ROOMS.parent / "lan" / "lan_wish.py"))["NAMES"])
    return said | {f"network/lan/dhcp/{name}/enabled" for name in switches}


def test_the_phone_tells_root_each_setting_it_reads_and_no_other() -> None:
    assert read_by_root() == set(NAMES)


def names(code: str) -> set[str]:
    reads = Reads()
    reads.visit(ast.parse(code))
    return reads.paths & set(OPTIONS)


def test_the_search_sees_through_local_names_loops_and_properties() -> None:
    assert names("phone.settings.proxy.address.lower()") == {"proxy.address"}
    assert names("line = self.settings.line[0]\nline.id") == {"line.id"}
    assert names("a, b = settings.proxy, settings.acd\na.port, b.enabled") == {"proxy.port", "acd.enabled"}
    assert names("[r.code for r in settings.acd.reasons]") == {"acd.reason.name", "acd.reason.code"}
    assert names("for n, c in enumerate(settings.media.codecs): c.ptime") == {
        "media.codec.enabled",
        "media.codec.ptime",
    }
    assert names("def f(settings):\n  a = settings.dnd\ndef g(a):\n  a.code") == set()
    assert names("other.proxy.address; settings.nothing.here") == set()


def test_no_setting_is_called_working_that_no_room_reads() -> None:
    claimed = {option.name for option in OPTIONS.values() if option.behaviour}
    assert claimed - read_by_rooms() == set(), "take behaviour=True away in config/schema/ until a room reads them"


def test_every_setting_a_room_reads_is_called_working() -> None:
    claimed = {option.name for option in OPTIONS.values() if option.behaviour}
    assert read_by_rooms() - claimed == set(), (
        "add behaviour=True in config/schema/, then: deskphone config reference > docs/configuration.md"
    )


def test_of_every_setting_that_nothing_obeys_the_reference_says_why() -> None:
    silent = [each.name for each in OPTIONS.values() if not each.behaviour and not without_effect.reason(each.name)]
    assert silent == [], "obey them, or say in config/without_effect.py why not"


def test_no_reason_is_given_for_what_is_obeyed_or_does_not_exist() -> None:
    names = [each.name for each in OPTIONS.values() if not each.behaviour]
    assert [start for start, _ in without_effect.REASONS if not any(name.startswith(start) for name in names)] == []
