"""Which orders pjsua's sound gets, and what a person is told, card by card: with a manager that only notes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from deskphone.core.voice_path import VoicePath
from deskphone.sip.options import ALSA, Sound, SoundDevice
from deskphone.sip.stack import sound
from deskphone.sip.stack.loop import Loop, Timer, guarded
from deskphone.sip.stack.sound import OFTEN, SOON, SoundDevices
from deskphone.sip.stack.switchboard import Switchboard
from deskphone.view.outputs import Audio

HANDSET, SPEAKER, ECHO_MS = "plughw:CARD=Handset", "speaker", 200
NOTHING_OPEN, IMMEDIATELY = "no device", 0
MICROPHONE, EAR = pj.PJMEDIA_DIR_CAPTURE, pj.PJMEDIA_DIR_PLAYBACK


class Port:
    """An end of the bridge."""

    def startTransmit(self, sink: object) -> None: ...

    def stopTransmit(self, sink: object) -> None: ...

    def adjustTxLevel(self, level: float) -> None: ...

    def adjustRxLevel(self, level: float) -> None: ...


@dataclass
class Manager:
    """`known`: the names it was told; `there`: those whose card is plugged in, `seen` since its last look. A device
    opens when its mode is set to IMMEDIATELY, as in pjsua.
    """

    there: list[str]
    known: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    done: list[object] = field(default_factory=list)
    broken: bool = False
    clockless: bool = False
    refreshed: int = 0
    chosen: dict[str, str] = field(default_factory=dict)

    def last(self) -> object:
        return self.done[-1]

    def getEcTail(self) -> int:
        return ECHO_MS

    def enumDev2(self) -> list[SimpleNamespace]:
        counts = ((name, int(name in self.seen)) for name in self.known)
        return [SimpleNamespace(name=name, inputCount=count, outputCount=count) for name, count in counts]

    def lookupDev(self, driver: str, name: str) -> int:
        assert driver == "ALSA"
        return self.number(name)

    def number(self, name: str) -> int:
        """pjmedia's, of a card."""
        return self.known.index(name)

    def refreshDevs(self) -> None:
        self.refreshed += 1
        self.seen = list(self.there)

    def know(self, names: list[str]) -> None:
        self.known, self.seen = names, list(self.there)

    def getCaptureDevMedia(self) -> Port:
        return Port()

    def getPlaybackDevMedia(self) -> Port:
        return Port()

    def close(self) -> None:
        """What the extension does in place of pjsua2's setNoDev."""
        self.done.append(NOTHING_OPEN)

    def setNullDev(self) -> None:
        if self.clockless:
            raise _error()
        self.done.append("clock")

    def setEcOptions(self, milliseconds: int, _options: int) -> None:
        self.done.append(("echo", milliseconds))

    def setCaptureDev(self, index: int) -> None:
        self._choose("capture", index)

    def setPlaybackDev(self, index: int) -> None:
        self._choose("playback", index)

    def setSndDevMode(self, mode: int) -> None:
        assert mode == IMMEDIATELY
        if self.broken or not set(self.chosen.values()) <= set(self.there):
            raise _error()
        self.done.append("open")

    def _choose(self, direction: str, index: int) -> None:
        self.chosen[direction] = self.known[index]
        self.done.append((direction, self.known[index]))


def _error() -> pj.Error:
    return pj.Error(420_002, "test", "no such card", "", 0)


@dataclass
class Case:
    """`told`: what a person is told, "" for works again."""

    manager: Manager
    told: list[str]
    devices: SoundDevices


SOUND = Sound(
    ALSA, devices={VoicePath.HANDSET: SoundDevice(HANDSET, HANDSET), VoicePath.SPEAKER: SoundDevice(SPEAKER, SPEAKER)}
)


def endpoint(manager: Manager) -> SimpleNamespace:
    return SimpleNamespace(audDevManager=lambda: manager)


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Manager:
    """All three cards are there."""
    made = Manager([HANDSET, SPEAKER, "default"])
    monkeypatch.setattr(sipext, "set_sound_devices", made.know)
    monkeypatch.setattr(sipext, "close_sound", made.close)
    return made


@pytest.fixture
def case(manager: Manager) -> Case:
    """The headset's names are ALSA's defaults: the sound has none for it."""
    told: list[str] = []
    return Case(manager, told, SoundDevices(endpoint(manager), SOUND, told.append))


@dataclass
class Later:
    """The loop's timers, in seconds that pass when the test says so."""

    now: float = 0.0
    timers: list[Timer] = field(default_factory=list)

    def after(self, seconds: float, work: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + seconds, work))
        return self.timers[-1]

    def until(self, end: float) -> None:
        while due := sorted((each for each in self.timers if each.at <= end), key=lambda each: each.at):
            self.timers.remove(due[0])
            self.now = due[0].at
            if due[0].work is not None:
                guarded(due[0].work)
        self.now = end


@dataclass
class Board:
    manager: Manager
    told: list[str]
    later: Later
    switchboard: Switchboard

    def refreshed(self, end: float) -> list[float]:
        """When the cards were looked for from now to then."""
        seen = []
        while self.later.now < end:
            before = self.manager.refreshed
            self.later.until(self.later.now + 1)
            seen += [self.later.now] * (self.manager.refreshed - before)
        return seen


@pytest.fixture
def board(manager: Manager) -> Board:
    """In a call on the handset."""
    told: list[str] = []
    later = Later()
    board = Board(manager, told, later, Switchboard(endpoint(manager), cast(Loop, later), SOUND, told.append))
    board.switchboard.call_media("a", Port())
    board.switchboard.set(Audio(VoicePath.HANDSET, calls=("a",)))
    assert manager.last() == "open"
    return board


def test_a_card_is_opened_at_once_and_after_the_other_is_closed(case: Case) -> None:
    case.devices.open(VoicePath.HANDSET)
    assert case.manager.done == [NOTHING_OPEN, ("echo", 0), ("capture", HANDSET), ("playback", HANDSET), "open"]
    assert case.told == []


def test_pjmedia_is_told_the_boards_cards_each_once(case: Case) -> None:
    assert sorted(case.manager.known) == sorted([HANDSET, SPEAKER, "default"])


def test_only_the_loudspeaker_has_an_echo(case: Case) -> None:
    case.devices.open(VoicePath.SPEAKER)
    assert ("echo", ECHO_MS) in case.manager.done
    case.devices.open(VoicePath.HANDSET)
    assert case.manager.done[-4] == ("echo", 0)


def test_a_card_that_is_listed_and_does_not_open_is_told_once_and_tried_again(case: Case) -> None:
    case.manager.broken = True
    case.devices.open(VoicePath.HANDSET)
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
    case.devices.open(VoicePath.HANDSET)
    there, case.manager.there = case.manager.there, []
    case.devices.lost(MICROPHONE, case.manager.number(HANDSET))
    assert case.manager.last() == "clock"
    case.devices.lost(EAR, case.manager.number(HANDSET))
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
    case.devices.open(VoicePath.HANDSET)
    assert case.devices.failing
    case.devices.open(VoicePath.SPEAKER)
    assert not case.devices.failing
    assert case.told[-1] == ""


def test_a_card_that_is_not_there_leaves_the_clock_of_a_conference_alone(case: Case) -> None:
    case.devices.open(VoicePath.HANDSET)
    there, case.manager.there = case.manager.there, []
    case.devices.lost(MICROPHONE, case.manager.number(HANDSET))
    before, refreshed = len(case.manager.done), case.manager.refreshed
    case.devices.again()
    assert len(case.manager.done) == before, "no order: the clock runs on"
    assert case.manager.refreshed == refreshed + 1
    case.manager.there = there
    case.devices.again()
    assert case.manager.last() == "open"
    assert case.manager.refreshed == refreshed + 2, "one look is enough, as each opens every device"


def test_a_path_without_a_card_of_its_own_has_alsas_default(case: Case) -> None:
    case.manager.broken = True
    case.devices.open(VoicePath.HEADSET)
    assert case.told == ["headset: cannot open default, default: no such card"]
    case.manager.broken = False
    case.devices.again()
    assert (case.manager.last(), case.told[1:]) == ("open", [""])


def test_the_last_path_that_failed_is_the_one_a_person_is_told(case: Case) -> None:
    case.manager.broken = True
    case.devices.open(VoicePath.HANDSET)
    case.devices.open(VoicePath.SPEAKER)
    case.devices.again()
    assert [text.partition(":")[0] for text in case.told] == ["handset", "speaker"], "and once each"
    case.manager.there = []
    case.devices.close()
    case.manager.broken = False
    case.devices.open(VoicePath.HANDSET)
    assert case.told[2].startswith("handset: ")
    case.manager.there = [SPEAKER]
    case.devices.open(VoicePath.SPEAKER)
    assert case.told[3:] == [""]


def test_late_news_of_the_card_before_does_not_close_a_good_one(case: Case) -> None:
    case.devices.open(VoicePath.HANDSET)
    case.devices.open(VoicePath.SPEAKER)
    for direction in (MICROPHONE, EAR):
        case.devices.lost(direction, case.manager.number(HANDSET))
    assert (case.manager.last(), case.told) == ("open", [])
    case.manager.there = [HANDSET]
    case.devices.lost(EAR, case.manager.number(SPEAKER))
    assert (case.manager.last(), case.told) == ("clock", ["speaker: the card has gone"])


def test_a_card_that_stood_still_is_opened_anew_at_once_and_nobody_is_told(case: Case) -> None:
    """A call must not be silent until the next look, in five seconds."""
    case.devices.open(VoicePath.HANDSET)
    before = len(case.manager.done)
    for direction in (MICROPHONE, EAR):  # both say so: the second of a card that is well again
        case.devices.lost(direction, case.manager.number(HANDSET))
    assert case.manager.done[before] == NOTHING_OPEN, "closed before it is looked for"
    assert (case.manager.last(), case.told, case.devices.failing) == ("open", [], False)


def test_a_card_that_stops_again_and_again_counts_as_gone(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(sound.time, "monotonic", lambda: now)
    case.devices.open(VoicePath.HANDSET)
    for _ in range(5):
        case.devices.lost(MICROPHONE, case.manager.number(HANDSET))
        now += SOON / 2
    assert (case.manager.last(), case.told) == ("open", []), "now and then is borne"
    for _ in range(OFTEN):
        case.devices.lost(MICROPHONE, case.manager.number(HANDSET))
    assert (case.manager.last(), case.told) == ("clock", ["handset: the card has gone"])
    case.devices.again()
    assert (case.manager.last(), case.told[1:]) == ("open", [""])


def test_a_missing_card_is_looked_for_more_and_more_rarely_until_it_works(board: Board) -> None:
    there, board.manager.there = board.manager.there, []
    board.switchboard.card_lost(EAR, board.manager.number(HANDSET))
    assert board.refreshed(90) == [5, 10, 15, 25, 55, 85]
    board.manager.there = there
    assert board.refreshed(120) == [115]
    assert board.told[1:] == [""]
    assert board.refreshed(200) == []
    board.manager.there = []
    board.switchboard.card_lost(EAR, board.manager.number(HANDSET))
    assert board.refreshed(210) == [205, 210], "soon, as at first"


def test_another_path_that_works_ends_a_long_pause(board: Board) -> None:
    there, board.manager.there = board.manager.there, [SPEAKER]
    board.switchboard.card_lost(EAR, board.manager.number(HANDSET))
    assert board.refreshed(26)[-1] == 25
    board.switchboard.set(Audio(VoicePath.SPEAKER, calls=("a",)))
    assert board.told[1:] == [""]
    board.manager.there = there[:1]
    board.switchboard.card_lost(EAR, board.manager.number(SPEAKER))
    assert board.refreshed(40) == [31, 36]


def test_a_try_that_raises_is_not_the_last(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    board.manager.broken = True
    board.switchboard.card_lost(EAR, board.manager.number(HANDSET))
    board.manager.clockless = True
    board.later.until(5)
    assert "failed piece of work" in caplog.text
    board.manager.broken = board.manager.clockless = False
    board.later.until(10)
    assert board.manager.last() == "open"
    assert board.told[-1] == ""
