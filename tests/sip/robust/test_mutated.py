"""Ten thousand broken SIP messages at the running phone: it answers, does not grow, loses nothing, and still calls.

The seed is fixed: the same run again fires the same bytes (but for call ids and ports). A failed batch is
kept in a file.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from deskphone.app.housekeeping import PERIOD
from tests.peers.desk import Desk
from tests.sip.robust import templates
from tests.sip.robust.caller import Call, Caller
from tests.sip.robust.mutations import mutate

pytestmark = [pytest.mark.sip, pytest.mark.slow, pytest.mark.timeout(240)]

SEED = 4475
TOTAL = 10_000
BATCH = 20  # what a socket holds
NEW_CALL = 25  # batches
MOST_LOST = 100  # messages that found the phone's socket full
# Bytes over the second half. The aim is 1 MB, and 0.7 MB were measured (printed below); the line leaves room for
# what glibc rounds, and a leak of 0.4 kB a message would cross it.
MOST_GROWTH = 2_000_000
TIMER_J = 33.0  # seconds
KEY_DELAY = 0.6  # seconds after which pjlib gives the sockets of ended calls to new ones
PATIENCE = 5.0  # seconds for an answer to OPTIONS on a loaded machine


def test_the_phone_survives_ten_thousand_broken_messages(
    desk: Desk, caller: Caller, stranger: Caller, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    call: Call | None = None
    half = 0
    slowest = 0.0
    for batch in range(TOTAL // BATCH):
        if batch % NEW_CALL == 0:
            clear(desk)
            call = talk(desk, caller)
        if batch == TOTAL // BATCH // 2:
            half = settled(desk, caller)
        fired = []
        for _ in range(BATCH):
            name, message = mutate(chance, templates.make(chance, caller, call, desk.exchange.register))
            fired.append(f"--- {name}\n{message!r}\n")
            send = chance.choice((caller.fire, caller.fire, caller.fire, desk.exchange.send, stranger.fire))
            send(message)
        try:
            slowest = max(slowest, caller.options(PATIENCE))
        except AssertionError:
            (tmp_path / "batch").write_text("".join(fired))
            raise AssertionError(f"no answer after batch {batch}: see {tmp_path / 'batch'}") from None
        assert desk.phone.child.alive, f"the phone ended after batch {batch}"
    growth = settled(desk, caller) - half
    lost = dropped(desk.exchange.phone[1])
    print(f"slowest OPTIONS {slowest * 1000:.1f} ms, {lost} messages lost")
    print(f"memory {half / 1e6:.1f} MB, grew by {growth / 1e3:.0f} kB")

    desk.story.registered(within=30)
    caller.bye(talk(desk, caller))
    desk.story.idle()
    assert desk.phone.troubles() == []
    assert growth < MOST_GROWTH


def talk(desk: Desk, caller: Caller) -> Call:
    """A call that works."""
    call = caller.invite()
    desk.story.shows("Incoming call", within=10)
    desk.story.press("ok")
    caller.taken(call)
    desk.story.in_call()
    return call


def settled(desk: Desk, caller: Caller) -> int:
    """Resident bytes once pjsip has let the last transactions go (RFC 3261: timers H and J, 32 s) and the phone has
    given their memory back (`app.housekeeping`)."""
    clear(desk)
    desk.story.pass_time(TIMER_J + PERIOD + 1)
    caller.options()
    return desk.phone.memory()


def dropped(port: int) -> int:
    """Datagrams the kernel dropped at a port (the last column of /proc/net/udp)."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return sum(int(row[-1]) for row in rows if row[1].endswith(f":{port:04X}"))


def clear(desk: Desk) -> None:
    """The person refuses and ends whatever the broken messages brought.

    The key that ended a call is spent for a moment unless another one is pressed (`core.screen.keys`): hence "left",
    which means nothing beside a call.
    """
    for _ in range(400):
        state = desk.phone.state()
        if not state["calls"]:
            break
        commands = state["softkey_commands"]
        wanted = next((each for each in ("reject", "end") if each in commands), None)
        desk.phone.press("left", f"soft{commands.index(wanted) + 1}" if wanted else "cancel")
    desk.story.idle(within=40)
    desk.story.pass_time(KEY_DELAY)
