"""The laws of the contact centre's own house: nothing of the phone in it, no cycle of imports, fair lengths."""

from __future__ import annotations

import ast
import re
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1]
PACKAGE = HOME / "centre"


def sources(folder: Path = PACKAGE) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def imported(path: Path) -> set[str]:
    """Every module a file imports, wherever the import stands: under TYPE_CHECKING and inside functions, too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}:{node.lineno}: imports are absolute here"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", [*sources(), *sources(HOME / "unit")], ids=lambda path: path.name)
def test_nothing_of_the_phone_is_imported(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert not {top for top in tops if top.startswith("deskphone") or top == "pjsua2"}
    if path.is_relative_to(PACKAGE):
        assert "tests" not in tops


def test_no_module_is_named_by_a_string_of_the_phone() -> None:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and "import" in ast.unparse(node.func):
                assert "deskphone" not in ast.unparse(node), f"{path}:{node.lineno}"


def test_imports_have_no_cycle() -> None:
    modules = {".".join(path.relative_to(HOME).with_suffix("").parts).removesuffix(".__init__"): path
               for path in sources()}  # fmt: skip
    for name, path in modules.items():
        whole = {each for each in imported(path) if each.startswith("centre.") and each.count(".") == 1}
        assert whole <= modules.keys(), f"{name}: a name of the package itself, which imports {name}"
    graph = {name: (imported(path) & modules.keys()) - {name, "centre"} for name, path in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"imports go round: {' -> '.join(error.args[1])}")


def test_the_page_names_every_module_and_an_import_goes_up_its_table() -> None:
    table = (HOME / "README.md").read_text("utf-8").partition("## Who stands")[2].partition("\n## ")[0]
    rows = [re.findall("`([a-z0-9]+)`", line.split("|")[1]) for line in table.splitlines() if line.startswith("| `")]
    height = {f"centre.{name}": number for number, row in enumerate(rows) for name in row}
    modules = {f"centre.{path.stem}": path for path in sources() if not path.stem.startswith("__")}
    assert height.keys() == modules.keys()
    for name, path in modules.items():
        above = [other for other in imported(path) if height.get(other, -1) > height[name]]
        assert not above, f"{name} imports {above}, which stands on it"


def test_it_asks_for_no_package_but_its_two() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["dependencies"] == ["aiohttp", "sipmessage"]
    assert list(project["scripts"]) == ["deskphone-centre"]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_a_file_opens_with_its_law_and_is_not_too_long(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{path}: expected a docstring that says what lives here"
    assert text.count("\n") <= 400, f"{path}: {text.count(chr(10))} lines; split it by noun"
    assert len((HOME / "README.md").read_text("utf-8").splitlines()) <= 60
