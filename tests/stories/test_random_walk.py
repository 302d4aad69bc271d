"""Any key at any moment, while anything happens: what must hold for a person after each step.

`FUZZ_SEED=7 FUZZ_EXAMPLES=1000 pytest tests/stories/test_random_walk.py` walks others, and longer.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.calls.state import CallState, Direction
from deskphone.core.moment import NEVER
from deskphone.core.reduce import reduce
from deskphone.core.screen.command import Command
from deskphone.core.screen.commands import softkeys
from deskphone.core.screen.menu import under_cursor
from deskphone.core.screen.pages import items
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.state import Phone
from deskphone.core.voice_path import VoicePath
from deskphone.view.raster import raster
from deskphone.view.render import render
from tests.chance import EXAMPLES, chosen_seed
from tests.stories.bench_core import CoreBench
from tests.stories.walker import Walker

pytestmark = [pytest.mark.bench("core"), pytest.mark.long]
WALKS, STEPS = 8, 120
MOST = 20_000  # bytes of the state as JSON, whatever callers call themselves
PATIENCE = 4_000.0  # seconds after which everything that was asked is answered, or given up
PASSING = (CallState.ENDING, CallState.OUTGOING, CallState.ANSWERING)


@pytest.mark.parametrize("walk", range(int(os.environ.get(EXAMPLES, str(WALKS)))))
def test_after_each_step_the_phone_is_in_order(walk: int) -> None:
    walker = Walker(chosen_seed() * 1000 + walk)
    try:
        for step in range(STEPS):
            before = walker.bench.phone
            if not walker.step():
                who_rings_stays(before, walker.bench.phone)
                the_cursor_stays(before, walker.bench.phone)
            in_order(walker.bench)
            if step % 4 == 0:
                softkeys_work(walker.bench.twin())
            if step % 40 == 39:
                there_is_a_way_back(walker.bench.twin())
    except Exception as error:
        raise AssertionError(f"{walker.settings}\n... {'; '.join(walker.done[-25:])}\n{error!r}") from error


def in_order(bench: CoreBench) -> None:
    """What is seen and heard agrees with the calls there are."""
    phone, outputs = bench.phone, render(bench.phone)
    crossed = [each for each in bench.illegal if each.event == "Registered"]  # with a file that names no such server
    assert bench.illegal == crossed
    assert len(json.dumps(bench.state())) < MOST
    assert [bool(label) for label in outputs.screen.softkeys] == [bool(each) for each in softkeys(phone)]
    heard = [phone.call(each) for each in outputs.audio.calls]
    assert len(heard) < 2 or all(each is not None and each.conference for each in heard), "two hear each other"
    assert all(each is not None and each.live and not each.holding for each in heard)
    assert (phone.focused is not None) == bool(phone.open_calls), "a call that no key means"
    assert outputs.lamps.ring in ("fast", "slow") or not phone.incoming
    ear = outputs.audio.path is not VoicePath.NONE or any(each.transfer for each in phone.calls)
    assert ear or not outputs.audio.calls, "somebody talks to nobody's ear"
    lit = [lamp for lamp in ("headset", "speaker") if getattr(outputs.lamps, lamp) == "on"]
    assert len(lit) < 2, "two devices at once"
    assert (outputs.lamps.mute == "on") == phone.sound.muted
    assert not outputs.audio.calls or getattr(outputs.lamps, str(outputs.audio.path), "on") == "on", "voice in the dark"
    assert (outputs.lamps.message == "on") == phone.mailbox.waiting
    assert not (phone.dim and phone.incoming), "who calls is not to be seen"
    assert phone.dim or phone.dim_at < NEVER or not phone.settings.display.backlight_timeout, "bright for ever"
    assert len(phone.open_calls) <= phone.settings.calls.max_calls, "more calls than there may be"
    raster(outputs.screen)
    if not phone.calls:
        assert phone.aside is None or phone.pages or phone.dialling is not None, (
            "what was typed is kept from the person"
        )
        assert (outputs.lamps.ring, outputs.lamps.mute) == ("off", "off")
        assert outputs.ringing is None or phone.sound.preview, "it rings for nobody"
        busy = phone.dialling is not None or phone.notice is not None or phone.sound.beep
        assert busy or not outputs.audio.tone, "a tone is left on"
        assert busy or phone.sound.hook_off or (outputs.lamps.speaker, outputs.lamps.headset) == ("off", "off")


def who_rings_stays(before: Phone, phone: Phone) -> None:
    """Nobody else's doing takes a call that rings off the screen, but that another one is answered by itself."""
    shown, here = before.focused, phone.focused
    if shown is not None and here is not None and shown in before.incoming and phone.call(shown.id) in phone.incoming:
        rang = {each.id for each in phone.calls if each.direction is Direction.IN}
        assert here.id == shown.id or (here.id in rang and here not in phone.incoming), "who rings is covered"


def the_cursor_stays(before: Phone, phone: Phone) -> None:
    """Nobody else's doing puts another row of a list under the cursor, as long as the one that was there is there."""
    if not (before.pages and phone.pages) or before.pages[-1].fields or phone.pages[-1].fields:
        return
    was, here = under_cursor(before), under_cursor(phone)
    same = (before.pages[-1].name, before.pages[-1].argument) == (phone.pages[-1].name, phone.pages[-1].argument)
    if same and was is not None and was.choosable and here is not None:
        left = {(each.label, each.argument) for each in items(phone, phone.pages[-1])}
        assert (here.label, here.argument) == (was.label, was.argument) or (was.label, was.argument) not in left


def softkeys_work(bench: CoreBench) -> None:
    """A second later each softkey does something; Del in an empty field does not. What has gone in this very moment is
    seen (`core.screen.slips`)."""
    for key in bench.phone.keys_down:
        bench.turn(ev.KeyUp(key))
    bench.pass_time(1.0)
    bench.phone = replace(bench.phone, presses=Phone().presses)
    for place, meant in enumerate(softkeys(bench.phone)):
        if meant and not (meant is Command.DELETE and nothing_typed(bench.phone)):
            after, effects = reduce(bench.phone, ev.KeyDown(f"soft{place + 1}"), bench.moment)
            asked = [each for each in effects if not isinstance(each, fx.Journal)]
            assert asked or without_the_key(after) != without_the_key(bench.phone), f"{meant} does nothing"


def nothing_typed(phone: Phone) -> bool:
    if situation(phone) is Situation.DIALLING:
        return phone.dialling is None or not phone.dialling.entry.caret
    page = phone.pages[-1]
    return page.cursor >= len(page.fields) or not page.fields[page.cursor].caret


def without_the_key(phone: Phone) -> Phone:
    """All but that a key was pressed at all, and when."""
    still = replace(phone, keys_down=(), held_until=(), touched=True, dim=False, dim_at=0, hands_off_at=0)
    return replace(still, presses=Phone().presses, now=Phone().now)


def there_is_a_way_back(bench: CoreBench) -> None:
    """From everywhere to the idle screen by Cancel, and by the softkey that ends a call which is held; then, with the
    servers well again, both sides agree."""
    for key in bench.phone.keys_down:
        bench.turn(ev.KeyUp(key))
    if bench.phone.sound.hook_off:
        bench.put_down()
    for _ in range(40):
        if situation(bench.phone) is Situation.IDLE:
            break
        bench.pass_time(1.0)
        bench.press(*(("soft4", "soft3") if situation(bench.phone) is Situation.HELD else ("cancel",)))
    assert situation(bench.phone) is Situation.IDLE, bench.screen().text
    for each in bench.server.agents.values():
        each.down = each.deaf = each.mute = False
        each.slow = 0.0
    bench.server.answers.clear()
    bench.pass_time(PATIENCE)
    agree(bench)


def agree(bench: CoreBench) -> None:
    """What the phone has of calls, registrations and the agent is what the servers have."""
    phone, server = bench.phone, bench.server
    assert not [each for each in phone.calls if each.state in PASSING], "a call that never ends"
    assert {each.id for each in phone.calls} == {name for name, leg in server.legs.items() if not leg.unheard}
    assert all(each.local_hold == server.legs[each.id].local_hold and not each.pending for each in phone.calls)
    assert all(line in phone.registered for line in phone.lines)
    assert not phone.agent.wanted, "a wish that nobody answers"
    ours = {each.server for each in phone.lines}
    logged_on = {number: each for number, each in server.agents.items() if each.state != "logged off"}
    seated = {number: each.guest for number, each in logged_on.items() if each.guest and number in ours}
    assert len(seated) < 2, "the agent sits at two sites"
    if phone.settings.acd.enabled:
        assert phone.agent.id in seated.values() if seated else not phone.agent.id
    for number in seated if phone.settings.acd.enabled else ():
        shown, there = phone.agent.at(number), logged_on[number]
        assert str(shown.presence).replace("_", " ") == there.state.replace("-", " "), "another state than the server's"
        assert shown.code in (there.reason, "") or there.state != "not ready", "another reason than the server's"
    if phone.settings.feature_key_sync.enabled and len(ours) == 1:
        there = server.agents[next(iter(ours))]
        assert phone.dnd == there.dnd or not phone.settings.dnd.enabled, "do not disturb here or there only"
        here = {each.kind: each.number for each in phone.forwards}
        switched_off = not phone.settings.line[0].call_forward.enabled
        assert here == there.forward or switched_off, "forwarding here or there only"
