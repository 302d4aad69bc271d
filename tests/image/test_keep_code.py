"""The image keeps the code of the program's data classes: what it is then, and that without it all is as before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "firmware/deskphone"
PROGRAM = """
import dataclasses, sys
sys.dont_write_bytecode = True
sys.path.insert(0, {folder!r})
from deskphone import dataclass_code
kept = dataclass_code.use()
inner, misses = compile, []
dataclass_code.compile = lambda text, *rest: misses.append(text) or inner(text, *rest)
import deskphone.core.events as events, deskphone.core.reduce, deskphone.config.settings, deskphone.view.render
key = events.Elapsed()
print(kept, len(misses), key, key == dataclasses.replace(key), hash(key) == hash(dataclasses.replace(key)))
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A root file system with the program in it, for this machine's Python."""
    folder = tmp_path / f"usr/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    folder.mkdir(parents=True)
    subprocess.run(["cp", "-r", str(PACKAGE), str(folder)], check=True)
    return tmp_path


def keep(target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(ROOT / "image/scripts/keep_code.py"), str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def file(target: Path) -> Path:
    (package,) = target.glob("usr/lib/python3.*/site-packages/deskphone")
    return package / "dataclasses.code"


def start(target: Path) -> list[str]:
    """What the program says of itself: codes kept, texts compiled all the same, and that its classes work."""
    program = PROGRAM.format(folder=str(file(target).parents[1]))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split(maxsplit=2)


@pytest.mark.slow
def test_what_the_build_kept_is_not_compiled_at_the_start(target: Path) -> None:
    without = start(target)
    done = keep(target)
    assert done.returncode == 0, done.stderr
    within = start(target)
    assert without[0] == "0" and int(within[0]) > 200, (without, within)
    assert within[1] == "0", "each text was kept"
    assert within[2] == without[2] and within[2].endswith("True True\n")
    before = file(target).read_bytes()
    assert keep(target).returncode == 0 and file(target).read_bytes() == before, "the same image from the same tree"


@pytest.mark.slow
@pytest.mark.parametrize("spoilt", [lambda data: b"", lambda data: data[:-9], lambda data: b"\0\0" + data[2:]])
def test_a_file_that_cannot_be_used_costs_nothing_but_time(target: Path, spoilt: object) -> None:
    assert keep(target).returncode == 0 and callable(spoilt)
    file(target).write_bytes(spoilt(file(target).read_bytes()))
    assert start(target)[0] == "0"


def test_the_code_of_another_python_is_not_kept(target: Path) -> None:
    (target / "usr/lib").rename(target / "lib")
    (folder,) = (target / "lib").iterdir()
    (target / "usr/lib").mkdir()
    folder.rename(target / "usr/lib/python3.0")
    done = keep(target)
    assert done.returncode == 1 and "the image has python3.0, expected python3." in done.stderr
    assert not file(target).exists()
