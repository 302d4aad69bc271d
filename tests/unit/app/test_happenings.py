"""What happened, from two states; and who waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

from deskphone.app.happenings import MOST, Happenings, happened
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.events import Party
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.state import Phone

RINGING = Call("in-1", 0, Direction.IN, CallState.INCOMING, Party("0301234567", "Jane"))
TALKING = replace(RINGING, state=CallState.ESTABLISHED, since=5.0)
ON = Phone(powered=True)


def words(before: Phone, after: Phone) -> list[str]:
    return [each["event"] for each in happened(before, after)]


def test_a_call_comes_is_answered_held_and_ends() -> None:
    states = [
        ON, replace(ON, calls=(RINGING,)), replace(ON, calls=(TALKING,)),
        replace(ON, calls=(replace(TALKING, local_hold=True),)),
        replace(ON, calls=(replace(TALKING, remote_hold=True),)), ON,
    ]  # fmt: skip
    told = [words(before, after) for before, after in pairwise(states)]
    assert told == [
        ["call.incoming"], ["call.answered"], ["call.held"], ["call.retrieved", "call.held_by_far_end"], ["call.ended"],
    ]  # fmt: skip


def test_between_two_looks_a_call_may_come_and_be_answered() -> None:
    found = list(happened(ON, replace(ON, calls=(TALKING,))))
    assert [each["event"] for each in found] == ["call.incoming", "call.answered"]
    assert found[0]["call"] == {"id": "in-1", "direction": "in", "number": "0301234567", "name": "Jane"}


def test_an_unanswered_call_says_so_at_its_end() -> None:
    (found,) = happened(replace(ON, calls=(RINGING,)), ON)
    assert found["event"] == "call.ended" and found["answered"] is False


def test_a_server_that_the_settings_name_no_longer_has_lost_the_phone() -> None:
    site_a, site_b = (Line(address=address, status=LineStatus.REGISTERED) for address in ("site-a", "site-b"))
    (found,) = happened(replace(ON, lines=(site_a, site_b)), replace(ON, lines=(site_b,)))
    assert found == {"event": "registration.down", "server": "site-a", "code": 0}
    assert words(replace(ON, lines=(Line(address="site-a"),)), ON) == [], "which never had it"


def test_who_waits_gets_it_and_who_lags_is_told() -> None:
    async def story() -> None:
        kept = Happenings()
        kept.look(ON, 1.0)
        start = await kept.since("", 0, 0)
        assert start["lost"] and start["number"] == 0 and start["run"] == kept.run
        waiting = asyncio.create_task(kept.since(kept.run, 0, 5))
        await asyncio.sleep(0)
        kept.look(replace(ON, calls=(RINGING,)), 2.0)
        found = await waiting
        assert [each["event"] for each in found["happened"]] == ["call.incoming"] and not found["lost"]
        assert found["happened"][0]["at"] == 2.0 and found["number"] == 1
        for number in range(MOST):
            kept.look(replace(ON, calls=(replace(RINGING, id=f"in-{number + 2}"),)), 3.0)
        late = await kept.since(kept.run, 1, 0)
        assert late["lost"] and late["happened"] == []
        assert (await kept.since("another", late["number"], 5))["lost"], "the phone began anew: no waiting"

    asyncio.run(story())


def test_nobody_waits_for_ever() -> None:
    async def story() -> None:
        kept = Happenings()
        kept.look(ON, 1.0)
        found = await kept.since(kept.run, 0, 0.01)
        assert found["happened"] == [] and not found["lost"]

    asyncio.run(story())
