"""The laws of the house: who may import whom, what pure rooms may not touch, how long a file may be."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.unit.trees import tree

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "firmware" / "deskphone"
PURE = ("config", "core", "view", "wire")
FORBIDDEN = {
    "time",
    "datetime",
    "pathlib",
    "io",
    "random",
    "os",
    "socket",
    "threading",
    "asyncio",
    "subprocess",
    "secrets",
    "select",
    "queue",
}
# Each room may import itself and these.
PURE_ROOMS = {"config", "core", "view", "wire"}
MAY: dict[str, set[str]] = {
    "config": set(),
    "core": {"config"},
    "view": {"core", "config"},
    "wire": {"core", "config"},
    "trust": {"config"},
    "net": PURE_ROOMS | {"drivers"},
    "provision": PURE_ROOMS | {"trust", "net", "drivers"},
    "sip": PURE_ROOMS | {"trust", "net", "drivers"},
    "drivers": PURE_ROOMS,
    "sim": PURE_ROOMS | {"drivers", "sip"},
    "app": PURE_ROOMS | {"trust", "net", "provision", "sip", "drivers", "sim"},
    "manage": {"config", "trust"},
}
# Only these rooms know the libraries of the copper and of SIP.
LIBRARIES = {
    "pjsua2": "sip", "_pjsua2": "sip", "deskphone_sipext": "sip",
    "RPi": "drivers", "luma": "drivers", "alsaaudio": "drivers", "systemd": "drivers",
}  # fmt: skip


def files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def pure(path: Path) -> bool:
    """Whether nothing of time, chance and the world may be known here: sip/policy decides as the pure rooms do."""
    return room(path) in PURE or path.relative_to(PACKAGE).parts[:2] == ("sip", "policy")


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted module) of every import, wherever it stands in the file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "deskphone" else [module]
            yield from ((node.lineno, name) for name in names)


def strangers(path: Path) -> Iterator[str]:
    """What a file imports against the law of its room."""
    where = room(path)
    for line, name in imports(path):
        top = name.split(".")[0]
        if pure(path) and (top in FORBIDDEN or top in LIBRARIES or name == "deskphone.files"):
            yield f"{path}:{line}: {where} is pure and may not import {name}"
        if top == "deskphone" and where:
            other = name.split(".")[1] if "." in name else ""
            if other in MAY and other not in (where, *MAY[where]):
                yield f"{path}:{line}: {where} may not import {other}"
        if top in LIBRARIES and where != LIBRARIES[top]:
            yield f"{path}:{line}: only {LIBRARIES[top]} may import {top}"
        if top in ("centre", "sipmessage", "tests"):
            yield f"{path}:{line}: the phone knows no {top}"


def openings(path: Path) -> Iterator[str]:
    """Calls by which a pure file would touch the world."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) in ("open", "print", "input"):
            yield f"{path}:{node.lineno}: {room(path)} may not call {called}"


def test_every_file_keeps_the_law_of_its_room() -> None:
    assert [wrong for path in files() for wrong in strangers(path)] == []


def test_a_pure_room_opens_no_file() -> None:
    assert [wrong for path in files() if pure(path) for wrong in openings(path)] == []


def test_a_file_opens_with_its_law_and_is_not_too_long() -> None:
    for path in files():
        text = path.read_text("utf-8")
        if text.strip():
            assert ast.get_docstring(tree(path)), f"{path}: expected a docstring that says what lives here"
        assert text.count("\n") <= 400, f"{path}: {text.count(chr(10))} lines; split it by noun"


@pytest.mark.parametrize(
    ("where", "code", "wrong"),
    [
        ("core/new.py", "import time", "pure"),
        ("view/new.py", "from deskphone.files import write_whole", "pure"),
        ("sip/policy/new.py", "import pjsua2", "pure"),
        ("manage/new.py", "def f():\n    from deskphone.core import state", "may not import core"),
        ("app/new.py", "import pjsua2", "only sip"),
        ("drivers/new.py", "from tests.layers import of_file", "knows no tests"),
        ("wire/new.py", "open('x')", "may not call open"),
    ],
)
def test_a_breach_of_the_law_is_seen(where: str, code: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.test_house.tree", lambda path: ast.parse(code))
    found = [*strangers(PACKAGE / where), *openings(PACKAGE / where)]
    assert any(wrong in each for each in found), found


def test_no_test_is_too_long_either() -> None:
    command = ["git", "ls-files", "-z", "tests", "image", "board"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        lines = (ROOT / name).read_text("utf-8").count("\n") if name.endswith(".py") and (ROOT / name).exists() else 0
        assert lines <= 400, f"{name}: {lines} lines; split it by noun"


def graph() -> dict[str, set[str]]:
    """Module to the modules of ours it imports, wherever the import stands."""
    modules = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in files()}
    modules = {name.removesuffix(".__init__"): path for name, path in modules.items()}
    found: dict[str, set[str]] = {name: set() for name in modules}
    for name, path in modules.items():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names if alias.name in modules}
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    found[name] |= {whole if whole in modules else node.module} & set(modules)
    return found


def test_no_module_imports_itself_by_a_detour() -> None:
    try:
        tuple(TopologicalSorter(graph()).static_order())
    except CycleError as error:
        raise AssertionError(f"an import cycle: {' -> '.join(error.args[1])}") from error


def test_every_room_tells_what_lives_in_it() -> None:
    for folder in (*(PACKAGE / name for name in MAY if (PACKAGE / name).is_dir()), ROOT / "firmware/native"):
        page = folder / "README.md"
        assert page.exists(), f"{page}: expected at most 60 lines on what lives here and what does not"
        assert len(page.read_text("utf-8").splitlines()) <= 60, f"{page}: longer than 60 lines"


def unnamed(page: Path) -> Iterator[str]:
    """Modules of a folder that its README does not name: `a.py`, `sub/a.py, b.py` or `*_a.py`."""
    quoted = re.findall(r"`([^`]+)`", page.read_text("utf-8"))
    words = {Path(word).name for each in quoted for word in re.split(r"[ ,]+", each)}
    for module in sorted(page.parent.glob("*.py")):
        if module.name != "__init__.py" and not any(fnmatch(module.name, word) for word in words):
            yield f"{page} names no {module.name}"


def test_a_readme_with_a_table_names_each_module_of_its_folder() -> None:
    pages = [page for page in sorted(PACKAGE.rglob("README.md")) if "\n|---|---|" in page.read_text("utf-8")]
    assert pages
    assert [missing for page in pages for missing in unnamed(page)] == []


def test_a_module_that_no_readme_names_is_seen(tmp_path: Path) -> None:
    for name in ("__init__.py", "told.py", "untold.py", "told_so_command.py"):
        (tmp_path / name).write_text("")
    page = tmp_path / "README.md"
    page.write_text("# room: untold.py\n| file | what |\n|---|---|\n| `told.py, *_command.py` | all |\n")
    assert list(unnamed(page)) == [f"{page} names no untold.py"]


def test_nothing_in_the_repository_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    words = ("pypi." + "org", "deb." + "debian.org", "/work" + "/", "registry." + "npmjs")
    for name in filter(None, listed.decode().split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".wav", ".gz", ".bin") or not path.is_file():
            continue
        text = path.read_text("utf-8", errors="replace")
        for word in words:
            assert word not in text, f"{name} names {word}"
