"""What goes on a card: the phone and what it needs. The contact centre that calls it on a laptop does not."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRANGERS = {"centre", "sipmessage", "tests"}  # packages of a laptop, which the phone may not so much as import


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The phone's package, built as the image builds it: from a copy of firmware/ without what deskphone.mk leaves."""
    folder = tmp_path_factory.mktemp("wheel")
    leaves = re.findall(r"--exclude '?([^ '\\]+)'?", (ROOT / "image/package/deskphone/deskphone.mk").read_text())
    assert "native" in leaves
    shutil.copytree(ROOT / "firmware", folder / "firmware", ignore=shutil.ignore_patterns(*leaves))
    build = "from setuptools.build_meta import build_wheel; print(build_wheel('..'))"
    subprocess.run([sys.executable, "-c", build], cwd=folder / "firmware", check=True, capture_output=True)
    [made] = folder.glob("*.whl")
    return ZipFile(made)


def test_the_wheel_holds_the_phone_and_nothing_else(wheel: ZipFile) -> None:
    names = wheel.namelist()
    assert {name.split("/")[0] for name in names} == {"deskphone", "deskphone-0.1.0.dist-info"}
    assert "deskphone/app/runtime.py" in names and "deskphone/sim/panel/page/index.html" in names
    for name in names:
        assert not re.search("centre/|sipserver|sipmessage|desktop", name), name


def test_nothing_in_the_wheel_imports_a_stranger(wheel: ZipFile) -> None:
    for name in wheel.namelist():
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(wheel.read(name))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not STRANGERS & {each.split(".")[0] for each in names}, f"{name}:{getattr(node, 'lineno', 0)}"


def test_the_wheel_asks_for_no_stranger_and_has_one_command(wheel: ZipFile) -> None:
    said = wheel.read("deskphone-0.1.0.dist-info/METADATA").decode()
    needed = re.findall(r"^Requires-Dist: ([\w.-]+)", said, re.MULTILINE)
    assert "aiohttp" in needed and "sipmessage" not in needed
    commands = wheel.read("deskphone-0.1.0.dist-info/entry_points.txt").decode().split()
    assert commands == ["[console_scripts]", "deskphone", "=", "deskphone.app.__main__:main"]


def test_the_image_installs_no_stranger() -> None:
    recipes = [path for path in (ROOT / "image").rglob("*") if path.is_file() and path.suffix not in (".png", ".pyc")]
    assert ROOT / "image/package/deskphone/deskphone.mk" in recipes
    locks = [*(ROOT / "firmware").glob("requirements*.in"), *(ROOT / "firmware").glob("requirements*.lock")]
    others = [ROOT / "buildroot.config", *ROOT.glob("board/*/buildroot.config")]
    for path in (*recipes, *locks, *others):
        text = path.read_text("utf-8", errors="replace").lower()
        for word in ("sipmessage", "tests/centre", "deskphone-centre", "sipserver"):
            assert word not in text, f"{path.relative_to(ROOT)} names {word}"
    assert "sipmessage" in (ROOT / "tests/centre/requirements.lock").read_text()
