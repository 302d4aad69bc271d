"""Transfers (RFC 5589): whom two calls would connect, the REFER, and what the far end reports of it.

Law: connects nobody by itself; who is connected was named to the person first (`core.screen.confirm`) or typed. A call
that is being transferred is no conversation: it waits for the report, at most `transfer_expire_time`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deskphone.core.calls import call, dialplan
from deskphone.core.calls.state import Call
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Transfer
from deskphone.core.events import TransferProgress
from deskphone.core.moment import NEVER
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from deskphone.core.voice_path import VoicePath


def other(phone: Phone, here: Call) -> Call | None:
    """The other one of two calls, for Swap, Trans and Conf alike: the partner of a consultation, else the newest other
    call that is up and not on its way to somebody else."""
    away = moving(phone) | {here.id}
    calls = [each for each in phone.open_calls if each.live and each.id not in away]
    partners = [each for each in calls if each.id == here.partner or each.partner == here.id]
    return next(iter(partners or calls[-1:]), None)


def consultation(phone: Phone) -> Call | None:
    """The consultation that the shown call belongs to, from either end: a call with a live partner."""
    here = phone.focused
    partner = other(phone, here) if here is not None else None
    if here is None or partner is None:
        return None
    return here if here.partner == partner.id else partner if partner.partner == here.id else None


def moving(phone: Phone) -> set[str]:
    """The calls that wait for the report of a transfer: who is sent away, and whom to."""
    sent = [each for each in phone.open_calls if each.transfer]
    return {each.id for each in sent} | {each.transfer for each in sent}


def pair(phone: Phone) -> tuple[Call, Call] | None:
    """(whom to send away, whom to): what Trans would connect now, None where there is nothing to connect.

    The second may still ring (semi-attended, `system/semi_attended/enable`).
    """
    here = phone.focused
    if here is None or here.transfer or not (here.live or (here.unanswered and phone.settings.transfer.semi_attended)):
        return None
    partner = other(phone, here)
    if partner is None or partner.transfer or not (here.live or here.partner == partner.id):
        return None
    return (partner, here) if here.partner == partner.id else (here, partner)


def blind(turn: Turn, call_id: str, target: str) -> None:
    """Send the far end of a call to a number, unannounced."""
    rules = turn.phone.settings.dialing.number_rules
    refer(turn, call_id, dialplan.rewritten(rules, target))


def complete(turn: Turn, first: Call, second: Call) -> None:
    """Connect two far ends and step out (REFER with Replaces). One that still rings is given up first and called by
    the other one, or kept (`semi_transfer_with_no_cancel`) for servers that replace a ringing call.
    """
    rules = turn.phone.settings.dialing.number_rules
    number = second.remote.uri or dialplan.rewritten(rules, second.remote.number)
    if second.live or turn.phone.settings.transfer.keep_second_leg:
        _refer(turn, first.id, second.id, Transfer(first.id, consultation=second.id))
    else:
        call.hang_up(turn, second.id)
        refer(turn, first.id, number)


def refer(turn: Turn, call_id: str, target: str) -> None:
    """Ask the far end of a call to call a number or URI (RFC 3515)."""
    _refer(turn, call_id, target, Transfer(call_id, target=target))


def _refer(turn: Turn, call_id: str, to: str, order: Transfer) -> None:
    until = turn.after(turn.phone.settings.transfer.progress_timeout)
    turn.set_call(call_id, transfer=to, transfer_until=until)
    turn.do(order)


def progress(turn: Turn, event: TransferProgress) -> None:
    """The far end's NOTIFY of a REFER: a final 2xx ends both calls here, a final failure restores them as they were,
    a provisional report changes nothing."""
    moved = turn.call(event.call)
    if not event.final:
        return
    if not 200 <= event.code < 300:
        _back(turn, moved, Notice("transfer_failed", f"{event.code} {event.reason}"))
        return
    target = turn.phone.call(moved.transfer)
    turn.set_call(moved.id, transfer="", transfer_until=NEVER)
    call.hang_up(turn, moved.id)
    if target is not None:
        call.hang_up(turn, target.id)
    call.show_notice(turn, Notice("transferred"), turn.phone.settings.transfer.screen_time / 1000)


def stop_waiting(turn: Turn) -> None:
    """The person wants the calls back although nothing was reported; a late report still counts."""
    for moved in turn.phone.calls:
        if moved.transfer and not moved.joins:
            _back(turn, moved, None)


def _unreported(turn: Turn, call_id: str) -> None:
    asked = turn.call(call_id)
    if asked.joins:  # into a conference, where the person talks: nobody is retrieved by itself
        turn.set_call(call_id, transfer="", transfer_until=NEVER, joins="")
        call.show_notice(turn, Notice("not_in_conference"))
    else:
        _back(turn, asked, Notice("transfer_unreported"))


def _back(turn: Turn, moved: Call, notice: Notice | None) -> None:
    """The calls as they were: who was asked goes on talking; where there is nobody, the other call is retrieved, or
    held where the person has put the device down meanwhile.
    """
    turn.set_call(moved.id, transfer="", transfer_until=NEVER)
    talking = turn.phone.talking
    if moved.live and (talking is None or talking.id == moved.id):
        call.show(turn, moved.id)
        if turn.phone.sound.path is VoicePath.NONE and not moved.conference:
            call.hold(turn, moved.id)
        else:
            call.retrieve(turn, moved.id)
    if notice is not None:
        call.show_notice(turn, notice)


def drop(turn: Turn, consulted: Call) -> None:
    """End a consultation, whether it is up or rings, and go back to the first call."""
    first = consulted.partner
    call.hang_up(turn, consulted.id)
    if turn.phone.call(first) is not None:
        call.retrieve(turn, first)


def _waited_for(phone: Phone) -> Iterator[tuple[float, str]]:
    for each in phone.calls:
        yield each.transfer_until, each.id


DEADLINES = (Deadline("report of a transfer", _waited_for, _unreported),)
