"""How many commits ago the boot test ran: told from git, never guessed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import boot_age
import pytest


def git(root: Path, *arguments: str) -> str:
    names = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(["git", "-C", str(root), *names, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for part in ("image", "board", "firmware", "docs"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "file").write_text("1\n")
    (tmp_path / "buildroot.config").write_text("1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def ran_on(root: Path, commit: str, dirty: bool = False) -> Path:
    trees = {part: boot_age.git(root, "rev-parse", f"{commit}:{part}") for part in boot_age.PARTS}
    path = root / "docs" / "boot-report.json"
    path.write_text(json.dumps({"commit": commit, "dirty": dirty, "trees": trees}))
    return path


def change(root: Path, part: str) -> None:
    with (root / part / "file").open("a") as file:
        file.write("more\n")
    git(root, "commit", "-q", "-a", "-m", f"change {part}")


def test_it_never_ran(clone: Path) -> None:
    assert "it never ran" in boot_age.age(clone, clone / "docs" / "boot-report.json")


def test_nothing_has_changed_since(clone: Path) -> None:
    report = ran_on(clone, git(clone, "rev-parse", "HEAD"))
    change(clone, "docs")
    assert "have not changed since" in boot_age.age(clone, report)


def test_commits_of_other_folders_do_not_count(clone: Path) -> None:
    report = ran_on(clone, git(clone, "rev-parse", "HEAD"))
    for part in ("docs", "image", "firmware"):
        change(clone, part)
    told = boot_age.age(clone, report)
    assert "2 commits of image/ board/ firmware/ ago" in told
    assert "changed since: image, firmware" in told


def test_a_changed_tree_is_named_as_such(clone: Path) -> None:
    report = ran_on(clone, git(clone, "rev-parse", "HEAD"), dirty=True)
    assert "(changed)" in boot_age.age(clone, report)


def test_a_commit_of_another_clone_is_not_counted(clone: Path) -> None:
    report = ran_on(clone, "0123456789abcdef0123456789abcdef01234567")
    assert "a commit that is not in this clone" in boot_age.age(clone, report)
