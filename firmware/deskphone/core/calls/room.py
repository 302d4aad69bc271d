"""A conference at a server (RFC 4579): the phone calls it, and asks the others into it by REFER.

Law: owns `Call.room` and `Call.joins`. No call is ended before its far end is in: it is held here until the server
reports success (RFC 3515), and stays where it does not. Where a server answers that it is the focus (`isfocus`), its
Contact is the conference, for a factory makes a new one for each (RFC 4579 sections 5.4 and 5.6).
"""

from __future__ import annotations

from deskphone.config.schema.words import ConferenceMode
from deskphone.core.calls import call, outgoing, transfer
from deskphone.core.calls.state import Call
from deskphone.core.events import CallEstablished, Party, TransferProgress
from deskphone.core.moment import NEVER
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn


def address(phone: Phone) -> str:
    """What is called for a conference, a number or a URI; "" where the phone mixes by itself."""
    settings = phone.settings.conference
    given = settings.server.strip()
    if settings.mode is not ConferenceMode.REMOTE or given in ("", "0.0.0.0"):
        return ""
    host_alone = "." in given and "@" not in given and not given.startswith(("sip:", "sips:", "tel:"))
    return f"sip:{given}" if host_alone else given


def wanted(phone: Phone, first: Call, second: Call) -> bool:
    """Whether these two are to meet in a conference at a server: one is there already, or the settings name one."""
    return first.room or second.room or bool(address(phone))


def join(turn: Turn, first: Call, second: Call) -> None:
    """Ask both into a new conference, or one into that of the other."""
    ours = first if first.room else second if second.room else None
    if ours is not None:
        other = second if ours is first else first
        turn.set(focus=ours.id)
        call.retrieve(turn, ours.id)
        _ask(turn, other.id, ours)
        return
    given = address(turn.phone)
    if not outgoing.place(turn, Party(number=call.user_of(given), uri=given)):
        return
    new = turn.phone.focus
    turn.set_call(new, room=True)
    for each in (first, second):
        turn.set_call(each.id, joins=new, partner="")


def established(turn: Turn, event: CallEstablished) -> None:
    """The call to the conference is up: its focus is noted, and who waits for it is asked in by REFER."""
    ours = turn.call(event.call)
    if not ours.room:
        return
    if event.focus:
        ours = turn.set_call(event.call, remote=Party(ours.remote.number, ours.remote.name, event.focus))
    for each in turn.phone.open_calls:
        if each.joins == ours.id and not each.transfer:
            _ask(turn, each.id, ours)


def _ask(turn: Turn, call_id: str, ours: Call) -> None:
    turn.set_call(call_id, joins=ours.id, partner="")
    transfer.refer(turn, call_id, ours.remote.uri or ours.remote.number)


def progress(turn: Turn, event: TransferProgress) -> bool:
    """The server reports of somebody who is asked in; True where it was that."""
    asked = turn.call(event.call)
    if not asked.joins:
        return False
    if event.final:
        turn.set_call(asked.id, transfer="", transfer_until=NEVER, joins="")
        if 200 <= event.code < 300:
            call.hang_up(turn, asked.id)
        else:
            call.show_notice(turn, Notice("not_in_conference", f"{event.code} {event.reason}"))
    return True


def follow(turn: Turn) -> None:
    """After each event: where our own place in the conference is gone, nobody is on his way into it."""
    here = {each.id for each in turn.phone.open_calls if each.room}
    for each in turn.phone.calls:
        if each.joins and each.joins not in here and not each.transfer:
            turn.set_call(each.id, joins="")
