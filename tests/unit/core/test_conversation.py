"""One conversation at a time, and settings that arrive while a person uses the phone."""

from __future__ import annotations

from deskphone.config.registry import changed
from deskphone.config.settings import Settings
from deskphone.core import effects, events
from deskphone.view.render import render
from tests.layers import of_file
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.core.turns import turn


def in_a_call() -> tuple[Story, CoreBench]:
    bench = CoreBench()
    phone = Story(bench)
    phone.power_on(voip__talk_event__enabled="1")
    phone.registered()
    phone.customer().call()
    phone.press("soft1")
    phone.in_call()
    return phone, bench


def test_two_customers_never_hear_each_other_when_a_hold_is_refused() -> None:
    phone, bench = in_a_call()
    phone.server_answers("re-INVITE", 488, "Not Acceptable Here")
    phone.customer("0409876", "Otto Second").call()
    phone.press("soft1")
    phone.in_call(2)
    phone.shows("Hold refused")
    heard = render(bench.phone).audio.calls
    assert heard == (bench.phone.focus,)


def test_talk_then_hold_ends_held_although_the_retrieve_is_still_under_way() -> None:
    phone, bench = in_a_call()
    call = bench.phone.calls[0].id
    phone.press("hold")
    phone.shows("On hold")
    before = len(bench.effects)
    bench.turn(events.CallNotified(call, "talk"))
    bench.turn(events.CallNotified(call, "hold"))
    orders = [type(each) for each in bench.effects[before:] if isinstance(each, effects.Hold | effects.Retrieve)]
    assert orders == [effects.Retrieve, effects.Hold]
    phone.shows("On hold")


def test_new_settings_reach_the_stack_and_leave_the_persons_choices() -> None:
    bench = CoreBench()
    phone = Story(bench)
    phone.power_on()
    phone.registered()
    phone.press("soft3")
    phone.press("volume_up")
    assert bench.phone.dnd
    ring = bench.phone.settings.volume.ring
    newer = changed(bench.phone.settings, {("sip", "session_timer"): 90})
    after, done = turn(bench.phone, events.SettingsLoaded(of_file(newer), "newer.cfg"))
    assert effects.Configure(newer) in done
    assert after.dnd
    assert after.settings.volume.ring == ring
    louder = changed(newer, {("volume", "ring"): 2})
    after, _ = turn(after, events.SettingsLoaded(of_file(louder), "newer.cfg"))
    assert after.settings.volume.ring == 2, "the administrator changed this very setting"


def test_a_line_that_goes_while_it_registers_leaves_no_deadline_behind() -> None:
    bench = CoreBench()
    bench.server.silent = True
    Story(bench).power_on()
    gone, done = turn(bench.phone, events.SettingsLoaded(of_file(Settings()), "empty.cfg"))
    assert gone.lines == ()
    assert effects.Unregister(0) in done
