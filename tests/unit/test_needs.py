"""A test that lacks a package is skipped on a desk and fails in CI, and the set-up brings every package."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import pytest_runtest_setup
from tests.needs import PACKAGES, missing, needs

ROOT = Path(__file__).resolve().parents[2]
ESSENTIAL = {"util-linux"}  # part of every Debian
LEFT_TO_THE_IMAGE = "tests/boot/"  # need an image that CI does not build: make boot-test


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine that has no program but true and `ip`."""
    (tmp_path / "ip").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    return monkeypatch


def test_on_a_desk_a_test_without_its_program_is_skipped_and_says_which_package(bare: pytest.MonkeyPatch) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"nft, mcopy \(Debian: mtools nftables\)"):
        needs("ip", "nft", "mcopy")


@pytest.mark.parametrize("value", ["true", "1", "TRUE"])
def test_in_ci_it_fails(bare: pytest.MonkeyPatch, value: str) -> None:
    bare.setenv("CI", value)
    with pytest.raises(pytest.fail.Exception, match=r"not installed: nft \(Debian: nftables\)"):
        needs("nft")


@pytest.mark.parametrize("value", ["", "false", "0"])
def test_a_ci_that_says_no_is_a_desk(bare: pytest.MonkeyPatch, value: str) -> None:
    bare.setenv("CI", value)
    with pytest.raises(pytest.skip.Exception):
        needs("nft")


def test_a_test_whose_programs_are_there_runs(bare: pytest.MonkeyPatch) -> None:
    needs("ip")
    assert missing("ip") == ""


def test_a_program_whose_package_nobody_named_is_a_fault_of_the_test(bare: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="which package has frobnicate"):
        needs("frobnicate")


def test_the_marker_asks_before_the_test_runs(bare: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    pytest_runtest_setup(request.node)
    request.node.add_marker(pytest.mark.needs("nft"))
    with pytest.raises(pytest.skip.Exception, match="nftables"):
        pytest_runtest_setup(request.node)


def test_the_set_up_brings_every_package_a_test_asks_for() -> None:
    lines = (line.split() for line in (ROOT / "firmware/packages.txt").read_text().splitlines() if line[:1] != "#")
    brought = {package for purpose, package in filter(None, lines) if purpose in ("build", "test")}
    assert set(PACKAGES.values()) - brought - ESSENTIAL == set()


def test_nobody_leaves_a_test_out_for_a_program_in_a_way_of_his_own() -> None:
    """A file that looks for programs and skips by itself would skip in CI, too."""
    own = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if name.startswith(LEFT_TO_THE_IMAGE) or path.name in ("needs.py", "test_needs.py"):
            continue
        text = path.read_text("utf-8")
        if "which(" not in text:
            continue
        calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
        if calls & {"shutil.which", "which"} and calls & {"pytest.skip", "pytest.mark.skipif"}:
            own.append(name)
    assert own == [], "use tests/needs.py"
