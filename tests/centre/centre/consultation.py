"""Consultations and what comes of them: single-step, blind and two-step transfer, conference, back to the first call.

The consultation is a second dialog with the phone by REFER or INVITE, or the phone's only dialog lent to it, as the
options refer-enabled and dual-dialog-enabled of the DN say. Transfers are the switch's own (`transfer`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from centre import dnoptions, hold
from centre.call import Call
from centre.callcontrol import CallControl
from centre.conference import Conference
from centre.leg import Leg
from centre.party import Exchange, Invitation, Outcome, Party, Progress, Refer
from centre.thirdparty import Refused
from centre.transfer import join

PATIENCE = 5.0  # seconds the phone has to carry out what it has answered with 200


async def single_step(desktop: CallControl, number: str, leg: Leg) -> None:
    """Transfer without a word before."""
    await _transfer(desktop, desktop.call(leg), leg, number, "")


async def begin(desktop: CallControl, number: str, leg: Leg) -> None:
    """Hold the call of `leg` and call `number`."""
    call = desktop.call(leg)
    if call.second is None:
        raise Refused("the call is not answered yet")
    if dnoptions.is_on(desktop.dn, "refer-enabled"):
        await desktop.refer_in_call(number, leg)
    elif dnoptions.is_on(desktop.dn, "dual-dialog-enabled"):
        if desktop.state_of(leg) == "talking":
            await desktop.hold(call.id)
            await _until(desktop, lambda: desktop.state_of(leg) == "held", "hold")
        await desktop.originate(number)
    else:
        await _lend(desktop, number, call, leg)


async def transfer(desktop: CallControl) -> None:
    """Join the two calls; where the second still rings, its DN must have blind-transfer-enabled=true."""
    main, leaving, consult, leg = _pair(desktop)
    number = consult.invitation.number
    if consult.second is None:
        target = desktop.site.dns.get(number)
        if target is not None and not dnoptions.is_on(target, "blind-transfer-enabled"):
            raise Refused(f"DN {number} has no blind-transfer-enabled=true: wait for the answer")
    assert leg.dialog is not None
    call_id, local, remote = leg.dialog.key
    replaces = quote(f"{call_id};to-tag={local};from-tag={remote}", safe="")
    await _transfer(desktop, main, leaving, number, f"Replaces={replaces}")


async def conference(desktop: CallControl) -> None:
    """Move all three into the mixer; the phone stays in it with the dialog of the first call."""
    main, place, consult, leg = _pair(desktop)
    customer, target = main.other(place), consult.other(leg)
    if customer is None or target is None:
        raise Refused("the consulted side has not answered")
    if isinstance(place, Leg) and leg is not place:
        consult.dissolve()
        target.owner = leg.owner = None
        leg.hang_up()
        await desktop.retrieve(main.id)
        await _until(desktop, lambda: desktop.state_of(place) == "talking", "retrieve")
        stays: Party = place
    else:
        consult.dissolve()
        stays = leg
    main.dissolve()
    room = Conference(desktop.site.agent)
    desktop.site.conferences.append(room)
    for party in (stays, customer, target):
        outcome = await room.join(party)
        if not outcome.ok:
            room.hang_up()
            raise Refused(f"{party.label} cannot join: {outcome.words}")
    if not isinstance(place, Leg):
        place.hang_up()


async def reconnect(desktop: CallControl) -> None:
    """End the consultation; the first call goes on."""
    main, place, consult, leg = _pair(desktop)
    if isinstance(place, Leg):
        consult.hang_up()
        await desktop.retrieve(main.id)
        return
    other, target = main.other(place), consult.other(leg)
    consult.dissolve()
    if target is not None:
        target.owner = None
        target.hang_up()
    if other is not None and (await join(leg, other)).ok:
        main.replace(place, leg)
        place.hang_up()


async def _lend(desktop: CallControl, number: str, call: Call, leg: Leg) -> None:
    """dual-dialog-enabled=false: music takes the phone's place, and its dialog goes to the consultation."""
    other = call.other(leg)
    assert other is not None
    outcome = await hold.play_music(call, other)
    if not outcome.ok or call.music is None:
        raise Refused(f"the other side answered {outcome.words}")
    music, call.music = call.music, None
    call.replace(leg, music)

    async def back() -> None:
        if leg.alive and (await join(leg, other)).ok:
            call.replace(music, leg)
            music.hang_up()

    invitation = Invitation(number, desktop.dn.number, desktop.dn.name)
    placed = desktop.site.calls.place(_Borrowed(leg, back), invitation)
    if isinstance(placed, Outcome):
        await back()
        raise Refused(f"{number}: {placed.words}")
    placed.first = leg
    leg.owner = placed


class _Borrowed:
    """A leg that is up already, as the Caller of another call. `back`: what to do where that call fails."""

    def __init__(self, leg: Leg, back: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.leg, self.label, self.name, self._back = leg, leg.label, leg.name, back
        self.owner: Exchange | None = None

    @property
    def alive(self) -> bool:
        """As the leg."""
        return self.leg.alive

    def progress(self, progress: Progress) -> None:
        """It hears nothing until the answer."""

    async def answer(self, outcome: Outcome) -> bytes | None:
        """The offer of the called side goes to the phone; its answer back."""
        answer = await self.leg.reoffer(outcome.sdp)
        if not answer.ok:
            return None
        self.leg.confirm(None)
        return answer.sdp

    def reject(self, outcome: Outcome) -> None:
        """The phone goes back to its first call."""
        self.leg.agent.spawn(self._back())

    async def reoffer(self, offer: bytes | None, *, update: bool = False) -> Outcome:
        """As the leg."""
        return await self.leg.reoffer(offer, update=update)

    def confirm(self, answer: bytes | None) -> None:
        """As the leg."""
        self.leg.confirm(answer)

    async def inform(self, method: str, content_type: str, body: bytes) -> int:
        """As the leg."""
        return await self.leg.inform(method, content_type, body)

    def hang_up(self, reason: str = "") -> None:
        """As the leg."""
        self.leg.hang_up(reason)


def _pair(desktop: CallControl) -> tuple[Call, Party, Call, Leg]:
    """(first call, our side in it, consultation, our leg in it). Refused where there are not two calls."""
    legs = [leg for leg in desktop.legs if isinstance(leg.owner, Call)]
    if len(legs) >= 2:
        return desktop.call(legs[-2]), legs[-2], desktop.call(legs[-1]), legs[-1]
    lent = [(call, party) for call in desktop.site.calls.live for party in call.parties if party.label == "music"]
    if legs and lent:
        call, music = lent[-1]
        return call, music, desktop.call(legs[-1]), legs[-1]
    raise Refused("expected a call and a consultation")


async def _transfer(desktop: CallControl, call: Call, leaving: Party, number: str, embedded: str) -> None:
    """As if the phone had sent REFER: the switch does the rest. Returns when it is done."""
    done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def reply(code: int) -> None:
        if code >= 300 and not done.done():
            done.set_result(Outcome(code))

    async def report(step: Outcome | Progress) -> None:
        if isinstance(step, Outcome) and not done.done():
            done.set_result(step)

    call.referred(leaving, Refer(f"sip:{number}@{desktop.site.address}", embedded, reply, report))
    outcome = await done
    if not outcome.ok:
        raise Refused(f"{number}: {outcome.words}")


async def _until(desktop: CallControl, condition: Callable[[], bool], what: str) -> None:
    try:
        await desktop.site.bus.wait_until(condition, PATIENCE, what)
    except TimeoutError:
        raise Refused(f"the phone did not {what}") from None
