"""`deskphone sipserver` and `deskphone demo` where the contact centre is installed, and where it is not."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from deskphone.app.__main__ import main

FIRMWARE = Path(__file__).resolve().parents[3] / "firmware"


def test_its_options_are_the_contact_centres_own(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sipserver", "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0 and "--sip-port N" in said and "9196  echo" in said


def test_its_complaints_are_one_line_as_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sipserver", "--sip-port", "70000"])
    [line] = capsys.readouterr().err.splitlines()
    assert ended.value.code == os.EX_USAGE and "'70000': expected a port" in line
    assert main(["sipserver", "--sip-port", "0", "--host", "192.0.2.1"]) == os.EX_UNAVAILABLE


@pytest.fixture
def card(tmp_path: Path) -> str:
    """A Python with the packages of this one but the contact centre; the start of a program for it."""
    for path in Path(sysconfig.get_path("platlib")).iterdir():
        if "centre" not in path.name and path.suffix != ".pth":
            (tmp_path / path.name).symlink_to(path)
    return f"import sys; sys.path[:0] = [{str(FIRMWARE)!r}, {str(tmp_path)!r}]; "


@pytest.mark.parametrize("words", [["sipserver", "--sip-port", "0"], ["sipserver", "--help"], ["demo", "--data", "/x"]])
def test_where_it_is_not_installed_one_line_says_how_to_get_it(card: str, words: list[str]) -> None:
    program = card + f"from deskphone.app.__main__ import main; sys.exit(main({words}))"
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == os.EX_UNAVAILABLE and ended.stdout == "", ended.stderr
    [line] = ended.stderr.splitlines()
    assert line.startswith(f"deskphone {words[0]}: the contact centre is not installed here: ") and "make run" in line
