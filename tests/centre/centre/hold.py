"""A call held by the server itself, where sip-cti-control does not let the phone do it: re-INVITEs to both sides.

The other side gets music; the phone gets an offer that leads nowhere. Also lends the phone's only dialog to a
consultation (dual-dialog-enabled=false): the music then takes the phone's place in the call.
"""

from __future__ import annotations

from centre.call import Call
from centre.localparty import LocalParty
from centre.party import Outcome, Party
from centre.thirdparty import black_hole
from centre.transfer import join


async def play_music(call: Call, listener: Party) -> Outcome:
    """Connect one side to music; on success `call.music` is what it hears."""
    music = LocalParty(call.agent, "music", name="Music on hold", media="melody")
    answer = await listener.reoffer(music.make_offer())
    if not answer.ok:
        music.hang_up()
        return answer
    listener.confirm(None)
    try:
        music.take_answer(answer.sdp)
    except ValueError as error:
        music.hang_up()
        return Outcome(488, phrase=str(error)[:60])
    call.music = music
    return Outcome(200)


async def hold(call: Call, leg: Party) -> Outcome:
    """Hold for the phone of `leg`."""
    other = call.other(leg)
    if other is None or call.music is not None:
        return Outcome(491)
    outcome = await play_music(call, other)
    if not outcome.ok:
        return outcome
    quiet = await leg.reoffer(black_hole("inactive"))
    if quiet.ok:
        leg.confirm(None)
        call.agent.bus.publish("held", dn=leg.label)
    return quiet


async def retrieve(call: Call, leg: Party) -> Outcome:
    """Connect the two again."""
    other = call.other(leg)
    if other is None:
        return Outcome(481)
    outcome = await join(leg, other)
    if outcome.ok:
        end_music(call)
        call.agent.bus.publish("retrieved", dn=leg.label)
    return outcome


def end_music(call: Call) -> None:
    """The music stops."""
    if call.music is not None:
        call.music.hang_up()
        call.music = None
