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
from deskphone.core.lines.subscription_table import Stage, Subscription
from deskphone.core.state import Forward, Line, LineStatus, Phone
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
