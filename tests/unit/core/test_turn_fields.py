"""A misspelt field is seen by mypy, wherever the fields of a frozen value are taken as keywords."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[3]
GOOD = """\
from deskphone.core.agent.session import put_seat
from deskphone.core.turn import Turn

def change(turn: Turn) -> None:
    turn.set(notice=None)
    turn.set_call("a", local_hold=True).id.lower()
    put_seat(turn, 0, answer_by=1.0)
"""
WRONG = """\
    turn.set(notcie=None)
    turn.set(dim="no")
    turn.set_call("a", hodling=True)
    turn.set_call("a", local_hold="yes")
    turn.set_call(local_hold=True)
    put_seat(turn, 0, palce=1)
"""


@pytest.mark.slow
def test_mypy_sees_a_misspelt_field_and_a_wrong_type(tmp_path: Path) -> None:
    file = tmp_path / "change.py"
    file.write_text(GOOD + WRONG)
    settings = ("--config-file", str(ROOT / "firmware/pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache"))
    said, trouble, _ = api.run([*settings, "--python-executable", sys.executable, str(file)])
    first = GOOD.count("\n") + 1
    wrong = list(range(first, first + WRONG.count("\n")))
    assert sorted(map(int, re.findall(r"change\.py:(\d+): error", said))) == wrong, said + trouble
