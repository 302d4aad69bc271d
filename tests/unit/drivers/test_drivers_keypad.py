"""Keys and hook on a matrix of contacts and diodes."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from deskphone.core.events import Event, HookMoved, KeyDown, KeyUp
from deskphone.drivers.board import HOOK, KEYS
from deskphone.drivers.board_file import load_board
from deskphone.drivers.keypad import Debouncer, Keypad
from deskphone.drivers.matrix import Matrix
from tests.unit.drivers.fakes import FakeGpio, Posted, wait_for

WIRING = load_board(Path(__file__).resolve().parents[3] / "board" / "handset.toml").matrix


class Bench:
    """A matrix, its pins, and scans by hand."""

    def __init__(self, **circuit: bool) -> None:
        self.gpio = FakeGpio(WIRING, **circuit)
        self.matrix = Matrix(WIRING, self.gpio, settle=self.gpio.settle)
        self.matrix.open()
        self.gpio.settle(0)
        self.debouncer = Debouncer()

    def scans(self, count: int = 1) -> list[Event]:
        return [event for _ in range(count) for event in self.debouncer.take(self.matrix.closed())]


@pytest.mark.parametrize("key", (*KEYS, HOOK))
def test_each_contact_is_read_as_itself_and_as_nothing_else(key: str) -> None:
    bench = Bench(slow=True)
    bench.gpio.press(key)
    assert bench.matrix.closed() == {key}


def test_a_key_is_reported_after_two_equal_scans_and_once_however_long_it_stays() -> None:
    bench = Bench()
    bench.gpio.press("5")
    assert bench.scans(1) == []
    assert bench.scans(1) == [KeyDown("5")]
    assert bench.scans(1000) == []
    bench.gpio.release("5")
    assert bench.scans(1) == []
    assert bench.scans(1) == [KeyUp("5")]


def test_a_bouncing_contact_is_one_press() -> None:
    bench = Bench()
    heard: list[Event] = []
    for down in (True, False, True, False, True, True, True, False, True, True):
        (bench.gpio.press if down else bench.gpio.release)("ok")
        heard += bench.scans(1)
    assert heard == [KeyDown("ok")]


def test_a_spike_of_a_single_scan_is_nothing() -> None:
    bench = Bench()
    bench.gpio.press("9")
    heard = bench.scans(1)
    bench.gpio.release("9")
    assert heard + bench.scans(10) == []


def test_the_lifted_handset_is_the_hook_off() -> None:
    bench = Bench()
    bench.gpio.press(HOOK)
    assert bench.scans(3) == []
    assert bench.scans(1) == [HookMoved(True)]
    bench.gpio.release(HOOK)
    assert bench.scans(19) == []
    assert bench.scans(1) == [HookMoved(False)]
    assert bench.scans(1000) == []


@pytest.mark.parametrize("bounce_ms", [10, 20, 30, 100, 190])
def test_a_handset_that_jumps_in_its_cradle_does_not_hang_up(bounce_ms: int) -> None:
    bench = Bench()
    bench.gpio.press(HOOK)
    assert bench.scans(4) == [HookMoved(True)]
    for _ in range(5):
        bench.gpio.release(HOOK)
        assert bench.scans(bounce_ms // 10) == []
        bench.gpio.press(HOOK)
        assert bench.scans(1) == []


def test_a_bouncing_cradle_is_one_lift() -> None:
    bench = Bench()
    heard: list[Event] = []
    for lifted in (True, False, True, True, False, True, True, True, True, True):
        (bench.gpio.press if lifted else bench.gpio.release)(HOOK)
        heard += bench.scans(1)
    assert heard == [HookMoved(True)]


def test_keys_are_as_quick_as_ever_while_the_hook_is_waited_for() -> None:
    bench = Bench()
    bench.gpio.press(HOOK)
    bench.scans(4)
    bench.gpio.release(HOOK)
    bench.gpio.press("5")
    assert bench.scans(2) == [KeyDown("5")]
    assert bench.scans(18) == [HookMoved(False)]


def test_keys_work_while_another_is_stuck_and_the_handset_is_lifted() -> None:
    bench = Bench(slow=True)
    bench.gpio.press("mute")
    bench.gpio.press(HOOK)
    assert bench.scans(4) == [KeyDown("mute"), HookMoved(True)]
    for key in ("1", "hold", "speaker"):
        bench.gpio.press(key)
        assert bench.scans(2) == [KeyDown(key)]
        bench.gpio.release(key)
        assert bench.scans(2) == [KeyUp(key)]


def test_rolling_from_one_key_to_the_next_releases_before_it_presses() -> None:
    bench = Bench()
    bench.gpio.press("2")
    bench.scans(2)
    bench.gpio.release("2")
    bench.gpio.press("3")
    assert bench.scans(2) == [KeyUp("2"), KeyDown("3")]


@pytest.mark.parametrize("corners", [("1", "3", "7"), ("1", "2", "4"), ("soft1", "up", "soft4")])
def test_three_keys_at_the_corners_of_a_rectangle_never_show_the_fourth(corners: tuple[str, ...]) -> None:
    bench = Bench()
    for key in corners:
        bench.gpio.press(key)
    assert bench.matrix.closed() == set(corners)


def test_a_matrix_built_without_diodes_would_show_it() -> None:
    """The proof that the fake's circuit can tell the difference."""
    bench = Bench(diodes=False)
    for key in ("1", "3", "7"):
        bench.gpio.press(key)
    assert bench.matrix.closed() == {"1", "3", "7", "9"}


def test_any_three_keys_at_once_are_three_keys() -> None:
    bench = Bench(slow=True)
    for keys in itertools.islice(itertools.combinations((*KEYS, HOOK), 3), 0, None, 61):
        for key in keys:
            bench.gpio.press(key)
        assert bench.matrix.closed() == set(keys)
        for key in keys:
            bench.gpio.release(key)
        bench.gpio.settle(0)


def test_without_the_settling_time_long_wires_would_show_keys_that_nobody_pressed() -> None:
    bench = Bench(slow=True)
    hasty = Matrix(WIRING, bench.gpio, settle=lambda _: None)
    bench.gpio.press("1")
    assert hasty.closed() > {"1"}


def test_an_idle_keypad_costs_one_read_a_row() -> None:
    bench = Bench()
    before = bench.gpio.reads
    bench.scans(10)
    assert bench.gpio.reads - before == 10 * len(WIRING.rows)
    assert bench.gpio.history == []


def test_closing_gives_back_our_pins_and_no_others() -> None:
    bench = Bench()
    bench.gpio.setup(24, bench.gpio.OUT, initial=0)  # the display's
    bench.matrix.close()
    assert bench.gpio.directions == {24: bench.gpio.OUT}


async def test_the_running_keypad_posts_from_its_thread_and_cleans_up_when_cancelled() -> None:
    gpio, posted = FakeGpio(WIRING), Posted()
    keypad = Keypad(WIRING, gpio, period_s=0.001, settle=gpio.settle)
    task = asyncio.create_task(keypad.run(posted))
    gpio.press("7")
    await asyncio.to_thread(wait_for, lambda: posted.events == [KeyDown("7")], "the key")
    gpio.release("7")
    await asyncio.to_thread(wait_for, lambda: len(posted.events) == 2, "its release")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert posted.events == [KeyDown("7"), KeyUp("7")]
    assert gpio.directions == {}


async def test_losing_the_pins_ends_the_task() -> None:
    gpio = FakeGpio(WIRING)
    gpio.broken = OSError(19, "No such device")
    with pytest.raises(OSError, match="No such device"):
        await asyncio.wait_for(Keypad(WIRING, gpio).run(Posted()), 5)
