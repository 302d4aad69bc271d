"""What an ACS is told of a firmware that it sent: in use, known not to be, or nothing yet."""

from __future__ import annotations

from typing import Any

import pytest

from deskphone.manage.cwmp.memory import Step, Transfer
from deskphone.manage.cwmp.transfers import FORGOTTEN, applied

SENT = Transfer("Download", "key", "1 Firmware Upgrade Image", "http://a/b", version="0.3.0", step=Step.APPLYING)
Update = dict[str, Any]


def told(update: Update | None, *, runs: str = "0.1.0", checking: bool = False, now: float = 10.0) -> int | None:
    """The code, None for nothing yet."""
    done = applied(SENT, {"version": runs, "offered": None, "update": update, "checking": checking}, now)
    return done.code if done is not None else None


def said(step: str, version: str = "", wanted: str = "") -> Update:
    return {"step": step, "version": version, "percent": 0, "detail": "why", "waits_for_idle": wanted}


@pytest.mark.parametrize("step", ["asked", "installing", "installed", "restarting", "trial"])
def test_nothing_while_it_is_under_way(step: str) -> None:
    assert told(said(step, "0.3.0")) is None and told(said(step, "0.3.0"), runs="0.3.0") is None


@pytest.mark.parametrize("step", ["failed", "rolled_back"])
def test_its_failure(step: str) -> None:
    assert told(said(step, "0.3.0")) == 9010
    assert told(said(step, "0.3.0", wanted="0.3.0")) is None, "it is tried again"


def test_its_use() -> None:
    assert told(said("good", "0.3.0"), runs="0.3.0") == 0 and told(said("none"), runs="0.3.0") == 0


def test_nothing_after_a_start_until_the_updater_has_said_how_it_was() -> None:
    assert told(None, runs="0.3.0") is None


@pytest.mark.parametrize(
    "update",
    [
        said("none"),
        said("good", "0.1.0"),
        said("rolled_back", "0.2.0"),
        said("failed", "0.2.0"),
        said("failed", "0.3.0"),
    ],
    ids=lambda each: f"{each['step']} {each['version']}",
)
def test_nothing_after_a_start_until_it_is_known_what_waits(update: Update) -> None:
    assert told(update, checking=True) is None
    assert told({**update, "waits_for_idle": "0.3.0"}) is None


@pytest.mark.parametrize(
    "update", [said("none", wanted="0.4.0"), said("installed", "0.4.0"), said("good", "0.4.0"), said("trial", "0.4.0")]
)
def test_another_one_in_its_place(update: Update) -> None:
    assert told(update) == 9010


@pytest.mark.parametrize("step", ["failed", "rolled_back"])
def test_what_became_of_another_one_before_is_no_word_on_it(step: str) -> None:
    assert told(said(step, "0.2.0")) is None


def test_thirty_days_of_nothing() -> None:
    assert told(said("none"), now=FORGOTTEN - 1) is None and told(said("none"), now=FORGOTTEN + 1) == 9010
