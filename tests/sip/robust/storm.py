"""Broken SIP messages at the running phone, batch by batch: for the tests, and for the long `tests.fuzz.storm`.

Law: the seed is fixed, so the same run fires the same bytes (but for call ids and ports); a failed batch is kept.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from deskphone.app.housekeeping import PERIOD
from tests.peers.desk import Desk
from tests.sip.robust import templates
from tests.sip.robust.caller import Call, Caller
from tests.sip.robust.mutations import mutate

SEED = 4475
BATCH = 20  # what a socket holds
NEW_CALL = 25  # batches
TIMER_J = 33.0  # seconds
KEY_DELAY = 0.6  # seconds after which pjlib gives the sockets of ended calls to new ones
PATIENCE = 5.0  # seconds for an answer to OPTIONS on a loaded machine


@dataclass
class Weather:
    """What a storm has shown. slowest: seconds of an OPTIONS. half, end: resident bytes, 0 where not asked."""

    sent: int = 0
    slowest: float = 0.0
    half: int = 0
    end: int = 0
    lost: int = 0


def storm(
    desk: Desk, caller: Caller, stranger: Caller, folder: Path, total: int, *, memory: bool = True,
    patience: float = PATIENCE,
) -> Weather:  # fmt: skip
    """Fire `total` messages, an OPTIONS after each batch. memory: let it settle, half way and at the end."""
    chance = random.Random(SEED)
    call: Call | None = None
    seen = Weather()
    for batch in range(total // BATCH):
        if batch % NEW_CALL == 0:
            clear(desk)
            call = talk(desk, caller)
        if memory and batch == total // BATCH // 2:
            seen.half = settled(desk, caller)
        fired = []
        for _ in range(BATCH):
            name, message = mutate(chance, templates.make(chance, caller, call, desk.exchange.register))
            fired.append(f"--- {name}\n{message!r}\n")
            send = chance.choice((caller.fire, caller.fire, caller.fire, desk.exchange.send, stranger.fire))
            send(message)
        seen.sent += BATCH
        try:
            seen.slowest = max(seen.slowest, caller.options(patience))
        except AssertionError:
            (folder / "batch").write_text("".join(fired))
            raise AssertionError(f"no answer after batch {batch}: see {folder / 'batch'}") from None
        assert desk.phone.child is not None and desk.phone.child.alive, f"the phone ended after batch {batch}"
    if memory:
        seen.end = settled(desk, caller)
    seen.lost = dropped(desk.exchange.phone[1])
    clear(desk)
    desk.story.registered(within=30 + patience)
    caller.bye(talk(desk, caller))
    desk.story.idle()
    assert desk.phone.troubles() == []
    return seen


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
