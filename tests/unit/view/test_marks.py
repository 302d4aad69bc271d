"""The marks of the status bar: each true when it is shown, each told apart from the others, the weightier ones kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.core.screen.marks import Mark
from deskphone.drivers.oled import SHIFTS, placed
from deskphone.view.icons import SIDE, icon
from deskphone.view.outputs import Screen, Shown
from deskphone.view.raster import raster
from deskphone.view.render import render
from deskphone.view.words import ENGLISH
from tests.hil.rig.reading import clock_and_marks, read
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.view.walks import WALKS, Walk, keys, passes, ready, secured, talking, walk

EXPECTED: dict[str, tuple[Walk, set[Mark]]] = {
    "nothing but a server": (ready, {Mark.ONE_SERVER}),
    "not registered yet": (lambda phone: phone.power_on(), {Mark.NO_SERVER}),
    "no account": (lambda phone: phone.power_on(voip__line__0__id=""), set()),
    "two sites": (WALKS["idle_both_sites"], {Mark.BOTH_SERVERS}),
    "one site of two": (WALKS["idle_one_site"], {Mark.ONE_OF_TWO}),
    "both sites lost": (WALKS["idle_no_site"], {Mark.NO_SERVER}),
    "do not disturb": (WALKS["idle_dnd"], {Mark.DND, Mark.ONE_SERVER}),
    "ringer off": (walk(ready, keys(*["volume_down"] * 6)), {Mark.RINGER_OFF, Mark.ONE_SERVER}),
    "forwarding always": (WALKS["idle_forward"], {Mark.FORWARD_ALWAYS, Mark.ONE_SERVER}),
    "forwarding busy": (WALKS["idle_forward_busy"], {Mark.FORWARD_BUSY, Mark.ONE_SERVER}),
    "forwarding no reply": (WALKS["idle_forward_no_reply"], {Mark.FORWARD_NO_REPLY, Mark.ONE_SERVER}),
    "voice mail": (WALKS["idle_voice_mail"], {Mark.VOICE_MAIL, Mark.ONE_SERVER}),
    "missed calls": (WALKS["idle_missed"], {Mark.MISSED, Mark.ONE_SERVER}),
    "muted": (walk(talking, keys("mute")), {Mark.MUTED, Mark.ONE_SERVER}),
    "muted and back": (walk(talking, keys("mute", "mute")), {Mark.ONE_SERVER}),
    "headset": (walk(talking, keys("headset")), {Mark.HEADSET, Mark.ONE_SERVER}),
    "secured": (walk(talking, secured), {Mark.SECURED, Mark.ONE_SERVER}),
    "the secured call is over": (walk(talking, secured, keys("cancel"), passes(1)), {Mark.ONE_SERVER}),
    "two calls": (WALKS["two_calls"], {Mark.CALLS, Mark.ONE_SERVER}),
    "one call": (talking, {Mark.ONE_SERVER}),
    "hold asked": (walk(talking, lambda phone: phone.hold_waits(), keys("hold")), {Mark.HOLD_PENDING, Mark.ONE_SERVER}),
    "hold answered": (walk(talking, keys("hold"), passes(1)), {Mark.ONE_SERVER}),
}


def shown(go: Walk) -> Screen:
    bench = CoreBench()
    go(Story(bench))
    return render(bench.phone).screen


@pytest.mark.parametrize("what", EXPECTED)
def test_a_mark_stands_there_when_it_is_true_and_not_else(what: str) -> None:
    go, expected = EXPECTED[what]
    assert {each.mark for each in shown(go).marks} - {None} == expected


def test_every_mark_is_in_the_list_above() -> None:
    assert set().union(*(marks for _, marks in EXPECTED.values())) == set(Mark)


def test_every_mark_has_a_picture_of_its_own() -> None:
    pictures = [icon(mark) for mark in Mark]
    assert all(each.size == (SIDE, SIDE) for each in pictures)
    assert not any(each.crop((0, SIDE - 1, SIDE, SIDE)).getbbox() for each in pictures), "it would touch the rule"
    assert len({each.tobytes() for each in pictures}) == len(Mark)


def test_the_marks_are_read_off_the_glass_with_their_numbers() -> None:
    screen = shown(WALKS["idle_all_marks"])
    right = clock_and_marks(raster(screen))
    assert right == (*(each.text for each in screen.marks), screen.clock)
    assert {"DnD", "FwdB>", "V12", "M2"} <= set(right)


@pytest.mark.parametrize("mark", Mark)
def test_each_mark_by_itself_is_read_as_its_word(mark: Mark) -> None:
    screen = replace(shown(ready), marks=(Shown(ENGLISH[f"mark:{mark}"], mark),))
    assert clock_and_marks(raster(screen))[0] == ENGLISH[f"mark:{mark}"]


@pytest.mark.parametrize(
    "name", ["incoming", "not_ready", "held", "logged_out", "talking", "menu", "menu_status", "eight_calls"]
)
def test_a_picture_that_was_moved_against_burn_in_reads_the_same(name: str) -> None:
    picture = raster(shown(WALKS[name]))
    moved = [placed(picture, picture.size, "1", shift) for shift in SHIFTS]
    assert {read(each) for each in moved} == {read(picture)}


def test_a_long_title_pushes_out_what_is_as_it_should_be_then_the_clock_and_the_rest_last() -> None:
    screen = shown(walk(talking, secured, keys("headset", "mute"), lambda phone: phone.mailbox(2)))
    whole = ("MUTE", "SRTP", "Headset", "V2", "R*", screen.clock)
    left = [clock_and_marks(raster(replace(screen, title="x" * letters))) for letters in range(5, 24)]
    assert left[0] == whole
    steps = list(dict.fromkeys(left))
    assert steps == [
        whole,
        ("MUTE", "SRTP", "Headset", "V2", screen.clock),
        ("MUTE", "SRTP", "Headset", screen.clock),
        ("MUTE", "SRTP", screen.clock),
        ("MUTE", "SRTP"),
        ("MUTE",),
    ]


def test_the_title_is_whole_as_long_as_a_mark_beside_it_is_seen() -> None:
    screen = shown(walk(talking, keys("mute")))
    long = replace(screen, title="Twenty-two letters it")
    assert read(raster(long)).title == "Twenty-two letters it"
    assert read(raster(replace(screen, title="y" * 40))).title.endswith("..")


def test_the_legend_explains_every_mark() -> None:
    bench = CoreBench()
    phone = Story(bench)
    WALKS["status_marks"](phone)
    seen: dict[Mark | None, str] = {}
    for _ in Mark:
        seen |= {row.mark: row.text for row in render(bench.phone).screen.rows}
        phone.press("down")
    assert seen == {mark: ENGLISH[f"legend:{mark}"] for mark in Mark}
