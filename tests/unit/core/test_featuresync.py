"""Forwarding and do-not-disturb at the phone and at the server: what is told, and what is taken over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.settings import Settings
from deskphone.core import events as ev
from deskphone.core.agent import featuresync
from deskphone.core.documents import (
    AS_FEATURE,
    DoNotDisturbEvent,
    ForwardingEvent,
    ForwardingType,
    SetDoNotDisturb,
    SetForwarding,
)
from deskphone.core.lines import subscription
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.lines.subscription_table import Stage, Subscription
from deskphone.core.state import Forward, Phone
from deskphone.core.turn import Turn
from tests.layers import of_file
from tests.unit.core.turns import turn

FACTORY = Settings()
SETTINGS = replace(
    FACTORY, feature_key_sync=replace(FACTORY.feature_key_sync, enabled=True),
    line=(replace(FACTORY.line[0], id="1502"), *FACTORY.line[1:]),
)  # fmt: skip
ALWAYS, BUSY, LATER = ForwardingType.IMMEDIATE, ForwardingType.BUSY, ForwardingType.NO_ANSWER


def phone(settings: Settings = SETTINGS) -> Phone:
    return replace(
        Phone(), layers=of_file(settings), powered=True, lines=(Line(0, "a:5060", LineStatus.REGISTERED),),
        subscriptions=(Subscription(0, AS_FEATURE, Stage.ACTIVE, 3600),),
    )  # fmt: skip


def commands(doing: Turn) -> list[object]:
    """What waits for the server or is on its way to it, in order."""
    sub = subscription.find(doing.phone, 0, AS_FEATURE)
    assert sub is not None
    return [each for each in (sub.under_way, *sub.queue) if each is not None]


def test_a_forwarding_is_told_with_its_number_and_its_rings_and_the_one_before_it_is_ended() -> None:
    doing = Turn(phone())
    featuresync.set_forward(doing, "always", "2001")
    featuresync.set_forward(doing, "no_reply", "2002")
    after = doing.phone.forward
    assert (after.kind, after.number) == ("no_reply", "2002")
    assert commands(doing) == [
        SetForwarding("1502", ALWAYS, True, "2001"),
        SetForwarding("1502", ALWAYS, False, "2001"),
        SetForwarding("1502", LATER, True, "2002", max(1, round(after.after / 6))),
    ]


def test_one_that_is_ended_is_told_so_once_and_where_nothing_was_nothing_is_told() -> None:
    doing = Turn(phone())
    featuresync.set_forward(doing, "", "")
    assert commands(doing) == []
    featuresync.set_forward(doing, "busy", "2001")
    featuresync.set_forward(doing, "", "")
    assert doing.phone.forward.kind == ""
    assert commands(doing) == [SetForwarding("1502", BUSY, True, "2001"), SetForwarding("1502", BUSY, False, "2001")]


def test_another_number_of_the_same_kind_ends_nothing() -> None:
    doing = Turn(phone())
    featuresync.set_forward(doing, "busy", "2001")
    featuresync.set_forward(doing, "busy", "2002")
    assert commands(doing) == [SetForwarding("1502", BUSY, True, "2001"), SetForwarding("1502", BUSY, True, "2002")]


@pytest.mark.parametrize("on", [True, False])
def test_do_not_disturb_is_told(on: bool) -> None:
    doing = Turn(phone())
    featuresync.set_dnd(doing, on)
    assert doing.phone.dnd is on
    assert commands(doing) == [SetDoNotDisturb("1502", on)]


def test_without_synchronisation_it_is_the_phones_own_business_both_ways() -> None:
    doing = Turn(phone(replace(SETTINGS, feature_key_sync=FACTORY.feature_key_sync)))
    assert FACTORY.feature_key_sync.enabled is False
    featuresync.set_dnd(doing, True)
    assert doing.phone.dnd and commands(doing) == []
    after, _ = turn(doing.phone, ev.NotifyBody(0, AS_FEATURE, (DoNotDisturbEvent("1502", False),)))
    assert after.dnd


@pytest.mark.parametrize(
    ("events", "kind", "number"),
    [
        ((ForwardingEvent("1502", ALWAYS, True, "2001"),), "always", "2001"),
        (
            (ForwardingEvent("1502", BUSY, True, "2001"), ForwardingEvent("1502", ALWAYS, True, "2002")),
            "always",
            "2002",
        ),
        (
            (ForwardingEvent("1502", ALWAYS, True, "2002"), ForwardingEvent("1502", BUSY, True, "2001")),
            "always",
            "2002",
        ),
        ((ForwardingEvent("1502", ALWAYS, True, ""),), "", ""),
        ((ForwardingEvent("1502", ALWAYS, False, "2001"),), "", ""),
    ],
)
def test_the_servers_forwarding_comes_in_force_the_strongest_of_several(
    events: tuple[ForwardingEvent, ...], kind: str, number: str
) -> None:
    after, _ = turn(phone(), ev.NotifyBody(0, AS_FEATURE, events))
    assert (after.forward.kind, after.forward.number if kind else "") == (kind, number)


def test_rings_of_the_server_are_six_seconds_each_and_without_any_the_time_stays() -> None:
    before = phone()
    after, _ = turn(before, ev.NotifyBody(0, AS_FEATURE, (ForwardingEvent("1502", LATER, True, "2001", 4),)))
    assert after.forward == Forward("no_reply", "2001", 24)
    again, _ = turn(after, ev.NotifyBody(0, AS_FEATURE, (ForwardingEvent("1502", LATER, True, "2001"),)))
    assert again.forward == Forward("no_reply", "2001", 24)
    other, _ = turn(again, ev.NotifyBody(0, AS_FEATURE, (ForwardingEvent("1502", BUSY, False, ""),)))
    assert other.forward.kind == "no_reply", "another kind that ends does not end this one"


def hears(before: Phone, *documents: object, seconds: float = 0.0) -> Phone:
    return turn(before, ev.NotifyBody(0, AS_FEATURE, documents), seconds)[0]


def test_a_server_that_changes_only_the_rings_changes_the_time() -> None:
    after = hears(phone(), ForwardingEvent("1502", LATER, True, "2001", 4))
    after = hears(after, ForwardingEvent("1502", LATER, True, "2001", 6))
    assert after.forward == Forward("no_reply", "2001", 36)
    stored = after.layers
    assert hears(after, ForwardingEvent("1502", LATER, True, "2001", 6)).layers is stored, "nothing new, nothing set"


def waiting(seconds: int) -> Settings:
    """Settings that forward after that time where nothing else is said."""
    line = replace(SETTINGS.line[0], call_forward=replace(SETTINGS.line[0].call_forward, timeout=seconds))
    return replace(SETTINGS, line=(line, *SETTINGS.line[1:]))


def test_a_first_forwarding_without_rings_waits_as_long_as_the_settings_say() -> None:
    after = hears(phone(waiting(50)), ForwardingEvent("1502", LATER, True, "2001"))
    assert after.forward == Forward("no_reply", "2001", 50)


@pytest.mark.parametrize(("seconds", "rings"), [(1, 1), (6, 1), (24, 4), (600, 100), (700, 100)])
def test_the_time_is_told_in_rings(seconds: int, rings: int) -> None:
    doing = Turn(phone(waiting(seconds)))
    featuresync.set_forward(doing, "no_reply", "2001")
    [told] = commands(doing)
    assert isinstance(told, SetForwarding) and told.rings == rings


@pytest.mark.parametrize(
    "echo", ["2001", "sip:2001@sips-a", "<sip:2001@sips-a>", " <sip:2001@sips-a;user=phone> ", "sip:2001;x=y@a"]
)
def test_the_echo_of_a_number_may_be_an_address(echo: str) -> None:
    doing = Turn(phone())
    featuresync.set_forward(doing, "busy", "2001")
    after = hears(doing.phone, ForwardingEvent("1502", BUSY, True, echo))
    assert after.sync_wishes == ()


def test_a_wish_is_for_a_server_that_listens_and_the_command_for_any() -> None:
    deaf = replace(phone(), subscriptions=(Subscription(0, AS_FEATURE, Stage.REFUSED),))
    doing = Turn(deaf)
    featuresync.set_dnd(doing, True)
    assert doing.phone.sync_wishes == () and doing.phone.dnd
    without = Turn(replace(phone(), subscriptions=()))
    featuresync.set_dnd(without, True)
    assert without.phone.sync_wishes == () and without.phone.dnd


def test_what_the_server_said_last_counts_where_the_echo_never_comes() -> None:
    doing = Turn(phone())
    featuresync.set_dnd(doing, True)
    sent = replace(doing.phone, subscriptions=phone().subscriptions)  # the command is out
    after = hears(sent, DoNotDisturbEvent("1502", False))
    assert after.dnd, "it may be older than the key"
    again = Turn(after)
    featuresync.set_dnd(again, False)
    featuresync.set_dnd(again, True)
    after = replace(again.phone, subscriptions=phone().subscriptions)
    after, _ = turn(after, ev.Elapsed(), 4.9)
    assert after.dnd and after.notice is None
    after, _ = turn(after, ev.Elapsed(), 0.2)
    assert not after.dnd
    assert after.notice is not None and after.notice.title == "not_accepted"


@pytest.mark.parametrize("topic", ["dnd", "forward"])
def test_a_command_that_has_not_gone_out_yet_is_given_more_time(topic: str) -> None:
    doing = Turn(phone())
    if topic == "dnd":
        featuresync.set_dnd(doing, True)
    else:
        featuresync.set_forward(doing, "always", "2001")
    waits = replace(doing.phone, subscriptions=(replace(doing.phone.subscriptions[0], silence_at=float("inf")),))
    after, _ = turn(waits, ev.Elapsed(), 5.1)
    assert [each.until - after.now.mono for each in after.sync_wishes] == [pytest.approx(5.0)]
    out = replace(after, subscriptions=phone().subscriptions)
    after, _ = turn(out, ev.Elapsed(), 5.1)
    assert after.sync_wishes == () and after.notice is None, "the server said nothing else: what was set stays"
