"""Which orders pjsua's sound gets, and what a person is told, card by card: with a manager that only notes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pjsua2 as pj
import pytest

from deskphone.drivers.useragent.options import ALSA, Sound, SoundDevice
from deskphone.drivers.useragent.sound import SoundDevices
from deskphone.view.outputs import Path

HANDSET, SPEAKER, ECHO_MS = "plughw:CARD=Handset", "speaker", 200
NOTHING_OPEN, IMMEDIATELY = "no device", 0


@dataclass
class Manager:
    """`there`: the names ALSA lists. A device opens when its mode is set to IMMEDIATELY, as in pjsua."""

    there: list[str]
    done: list[object] = field(default_factory=list)
    broken: bool = False
    refreshed: int = 0

    def last(self) -> object:
        return self.done[-1]

    def getEcTail(self) -> int:
        return ECHO_MS

    def enumDev2(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=name) for name in self.there]

    def lookupDev(self, driver: str, name: str) -> int:
        assert driver == "ALSA"
        if name not in self.there:
            raise _error()
        return self.there.index(name)

    def refreshDevs(self) -> None:
        self.refreshed += 1

    def setNoDev(self) -> None:
        self.done.append(NOTHING_OPEN)

    def setNullDev(self) -> None:
        self.done.append("clock")

    def setEcOptions(self, milliseconds: int, _options: int) -> None:
        self.done.append(("echo", milliseconds))

    def setCaptureDev(self, index: int) -> None:
        self.done.append(("capture", self.there[index]))

    def setPlaybackDev(self, index: int) -> None:
        self.done.append(("playback", self.there[index]))

    def setSndDevMode(self, mode: int) -> None:
        assert mode == IMMEDIATELY
        if self.broken:
            raise _error()
        self.done.append("open")


def _error() -> pj.Error:
    return pj.Error(420_002, "test", "no such card", "", 0)


@dataclass
class Case:
    """`told`: what a person is told, "" for works again."""

    manager: Manager
    told: list[str]
    devices: SoundDevices


@pytest.fixture
def case() -> Case:
    manager = Manager([f"{HANDSET},DEV=0", SPEAKER])
    told: list[str] = []
    names = {Path.HANDSET: SoundDevice(HANDSET, HANDSET), Path.SPEAKER: SoundDevice(SPEAKER, SPEAKER)}
    ep = SimpleNamespace(audDevManager=lambda: manager)
    return Case(manager, told, SoundDevices(ep, Sound(ALSA, devices=names), told.append))


def test_a_card_is_opened_at_once_and_after_the_other_is_closed(case: Case) -> None:
    case.devices.open(Path.HANDSET)
    spelt = f"{HANDSET},DEV=0"
    assert case.manager.done == [NOTHING_OPEN, ("echo", 0), ("capture", spelt), ("playback", spelt), "open"]
    assert case.told == []


def test_only_the_loudspeaker_has_an_echo(case: Case) -> None:
    case.devices.open(Path.SPEAKER)
    assert ("echo", ECHO_MS) in case.manager.done
    case.devices.open(Path.HANDSET)
    assert case.manager.done[-4] == ("echo", 0)


def test_a_card_that_is_listed_and_does_not_open_is_told_once_and_tried_again(case: Case) -> None:
    case.manager.broken = True
    case.devices.open(Path.HANDSET)
    assert case.manager.last() == "clock"
    assert case.told == [f"handset: cannot open {HANDSET}, {HANDSET}: no such card"]
    case.devices.again()
    assert len(case.told) == 1
    case.manager.broken = False
    case.devices.again()
    assert case.manager.last() == "open"
    assert case.told[1:] == [""]
    before = len(case.manager.done)
    case.devices.again()
    assert len(case.manager.done) == before, "a card that works is left alone"


def test_a_card_that_goes_is_replaced_and_comes_back_while_nobody_speaks(case: Case) -> None:
    case.devices.open(Path.HANDSET)
    there, case.manager.there = case.manager.there, []
    case.devices.lost()
    assert case.manager.last() == "clock"
    case.devices.lost()
    assert case.told == ["handset: the card has gone"], "the microphone and the ear both say so"
    case.devices.close()
    case.devices.again()
    assert len(case.told) == 1
    case.manager.there = there
    case.devices.again()
    assert case.told[1:] == [""]
    assert case.manager.last() == NOTHING_OPEN, "not opened: nobody speaks"


def test_another_path_may_work_while_one_is_broken(case: Case) -> None:
    case.manager.there = [SPEAKER]
    case.devices.open(Path.HANDSET)
    assert case.devices.failing
    case.devices.open(Path.SPEAKER)
    assert not case.devices.failing
    assert case.told[-1] == ""
