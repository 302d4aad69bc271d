"""Every input kept for the doors outside the wire room, and damage to it, daily; the long runs are `make fuzz`."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

WIRE = Path(__file__).with_name("wire")
sys.path.insert(0, str(WIRE))

import other_targets  # type: ignore[import-not-found, unused-ignore]  # noqa: E402
from fuzz import _mutated  # type: ignore[import-not-found, unused-ignore]  # noqa: E402

SEEDS = {name: [path.read_bytes() for path in sorted((WIRE / "corpus" / name).iterdir())] for name in
         other_targets.EVERY}  # fmt: skip
DAILY = 60


@pytest.mark.parametrize("name", other_targets.TARGETS)
def test_what_was_kept_and_damage_to_it_end_in_a_value_or_a_named_error(name: str) -> None:
    accepted = [other_targets.run(name, data) for data in SEEDS[name]]
    assert any(accepted), "at least one input of the corpus is taken"
    dice = random.Random(name)
    for _ in range(DAILY):
        other_targets.run(
            name, _mutated(dice, bytearray(dice.choice(SEEDS[name])), SEEDS[name], [b"\r\n", b"=", b"\0"])
        )


@pytest.mark.sip
@pytest.mark.slow
def test_the_filter_in_front_of_pjsip_takes_what_comes() -> None:
    """A process of its own: pjsua2 allows one endpoint in each."""
    command = [sys.executable, "-m", "tests.fuzz.front", "--messages", "2000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110, cwd=WIRE.parents[2])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2000 messages" in done.stdout
    assert "Traceback" not in done.stderr, done.stderr
