"""The build of pjproject, without building it: sources are checked, results are whole or absent, errors help."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

NATIVE = Path(__file__).resolve().parents[2] / "firmware" / "native"
sys.path.insert(0, str(NATIVE))

import build  # noqa: E402
import source  # noqa: E402
import toolchain  # noqa: E402
import workshop  # noqa: E402
from workshop import BuildError  # noqa: E402

LISTING = """Need to get 13.2 MB of source archives.
'http://mirror.test/a%2bb-1.dsc' a+b-1.dsc 5389 SHA256:{a}
'http://mirror.test/a%2bb.orig-Xpjproject.tar.xz' a+b.orig-Xpjproject.tar.xz 6775552 SHA256:{b}
""".format(a="a" * 64, b="b" * 64)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return workshop.cache_root()


def pjproject(tmp_path: Path, version: str = "2.17") -> Path:
    """A tiny archive that looks like pjproject's."""
    major, minor = version.split(".")
    tree = tmp_path / "pjproject-tree"
    tree.mkdir()
    (tree / "version.mak").write_text(
        f"export PJ_VERSION_MAJOR  := {major}\nexport PJ_VERSION_MINOR  := {minor}\n"
        "export PJ_VERSION_REV    :=\nexport PJ_VERSION_SUFFIX :=\n"
    )
    archive = tmp_path / "pjproject.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(tree, "pjproject-x")
    return archive


def repository(tmp_path: Path) -> tuple[str, str]:
    """A git repository of such a tree, as upstream's is fetched by the id of a commit: (address, commit)."""
    pjproject(tmp_path)
    git = ["git", "-C", str(tmp_path / "pjproject-tree"), "-c", "user.name=t", "-c", "user.email=t@example.test"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "a tree"]):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    return f"file://{tmp_path}/pjproject-tree", commit


def recipe(url: str, commit: str) -> dict[str, Any]:
    """A recipe with this upstream and a Debian package that does not exist."""
    upstream = {"url": url, "commit": commit, "version": "2.17-dev", "connect_timeout_s": 1}
    return {"version": "2.17", "upstream": upstream}


def test_the_component_is_found_in_apts_listing() -> None:
    uri, name, sha256 = source.component_of(LISTING, ".orig-Xpjproject.tar.xz")
    assert (uri, name) == ("http://mirror.test/a%2bb.orig-Xpjproject.tar.xz", "a+b.orig-Xpjproject.tar.xz")
    assert sha256 == "b" * 64
    with pytest.raises(BuildError, match="no component"):
        source.component_of(LISTING, ".orig-Xother.tar.xz")


def test_upstreams_commit_is_fetched_once_and_kept(tmp_path: Path, empty_cache: Path) -> None:
    url, commit = repository(tmp_path)
    found = source.obtain(recipe(url, commit))
    assert (found.origin, found.name, found.path.parent) == ("upstream", commit[:12], empty_cache / "sources")
    tree = tmp_path / "unpacked"
    tree.mkdir()
    source.unpack(found, tree)
    assert source.version_of(tree) == "2.17"
    shutil.rmtree(tmp_path / "pjproject-tree")
    assert source.obtain(recipe(url, commit)) == found


def test_a_commit_that_upstream_does_not_have_is_refused(tmp_path: Path, empty_cache: Path) -> None:
    url, _ = repository(tmp_path)
    with pytest.raises(BuildError, match="git"):
        source.from_upstream(recipe(url, "0" * 39 + "1"), empty_cache / "sources" / "kept")
    assert not list((empty_cache / "sources").iterdir())


def test_every_way_that_failed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_debian(_recipe: object, _target: object) -> source.Source:
        raise BuildError("no Debian here")

    monkeypatch.setattr(source, "from_debian", no_debian)
    with pytest.raises(BuildError, match=r"upstream does not answer.*no Debian here.*PJPROJECT=DIR\|TARBALL"):
        source.obtain(recipe("http://127.0.0.1:1/pjproject.git", "0" * 40))


def test_a_given_source_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = pjproject(tmp_path)
    for path in (archive, tmp_path / "pjproject-tree"):
        monkeypatch.setenv("PJPROJECT", str(path))
        given = source.obtain({})
        tree = tmp_path / f"unpacked-{path.name}"
        tree.mkdir()
        source.unpack(given, tree)
        assert source.version_of(tree) == "2.17"
    monkeypatch.setenv("PJPROJECT", str(tmp_path / "nowhere"))
    with pytest.raises(BuildError, match="expected a source directory or an archive"):
        source.obtain({})


def test_a_source_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PJPROJECT", str(pjproject(tmp_path, "2.16")))
    with pytest.raises(BuildError, match=r"pjproject 2\.16, expected 2\.17 or 2\.17-dev"):
        build.Build(sys.executable).libraries()


def test_a_result_is_whole_or_absent(tmp_path: Path) -> None:
    final = tmp_path / "result"
    (tmp_path / "result.partial").mkdir()
    (tmp_path / "result.partial" / "leftover").touch()
    with pytest.raises(BuildError), workshop.made(final) as work:
        assert not list(work.iterdir())
        raise BuildError("interrupted")
    assert not final.exists()
    with workshop.made(final) as work:
        (work / "file").touch()
    assert [path.name for path in final.iterdir()] == ["file"]


def test_a_lock_is_held_and_given_back(empty_cache: Path) -> None:
    with (empty_cache / "locks" / "thing").open("w") as other:
        with workshop.locked("thing"), pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_failed_step_shows_the_end_of_its_log(tmp_path: Path) -> None:
    steps = workshop.Steps("job")
    with pytest.raises(BuildError) as failure:
        steps.run("make it", ["sh", "-c", "seq 100; exit 3"], tmp_path)
    words = str(failure.value)
    assert "make it failed with exit status 3" in words and str(steps.log) in words
    assert "| 81\n" in words and "| 80\n" not in words


def test_missing_tools_and_headers_are_named_with_their_package(tmp_path: Path) -> None:
    needs = {"tools": {"no-such-tool": "tool-package"}, "headers": {"no/such.h": "header-package", "stdio.h": "-"}}
    with pytest.raises(BuildError) as failure:
        toolchain.require(needs, str(tmp_path))
    assert str(failure.value).splitlines() == [
        "missing:",
        "  no-such-tool (Debian package tool-package)",
        f"  {tmp_path}/Python.h (Debian package python3-dev)",
        "  <no/such.h> (Debian package header-package)",
        "install with: apt-get install header-package python3-dev tool-package",
    ]


def test_what_decides_a_result_is_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PJPROJECT", str(pjproject(tmp_path)))
    first = build.Build(sys.executable)
    here = tmp_path / "native"
    here.mkdir()
    for path in [*NATIVE.glob("*.[ch]"), *NATIVE.glob("*.toml"), *NATIVE.glob("*.txt"), *NATIVE.glob("*.pyi")]:
        (here / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(build, "HERE", here)
    assert build.Build(sys.executable).version == first.version
    with (here / "sipext.c").open("a") as file:
        file.write("/* edited */\n")
    edited = build.Build(sys.executable)
    assert edited.version != first.version and (edited.tree, edited.binding) == (first.tree, first.binding)
    with (here / "config_site.h").open("a") as file:
        file.write("#define PJSUA_MAX_ACC 4\n")
    assert build.Build(sys.executable).tree != first.tree
