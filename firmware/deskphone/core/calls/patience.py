"""How long a call may ring: here until it is forwarded, at the far end until the person's phone gives it up.

Law: owns the deadlines `Call.forward_at` and `Call.give_up_at`; what is done then is `core.calls.call`'s.
"""

from __future__ import annotations

from deskphone.core.calls import call, calllog, forwarding
from deskphone.core.calls.state import CallState
from deskphone.core.deadlines import Deadline
from deskphone.core.moment import NEVER
from deskphone.core.screen.state import Notice
from deskphone.core.turn import Turn


def no_reply(turn: Turn, call_id: str) -> None:
    """It rang long enough: forward it, unless forwarding was ended or changed meanwhile."""
    ringing, forward = turn.set_call(call_id, forward_at=NEVER), turn.phone.forward_of("no_reply")
    if ringing.state is CallState.INCOMING and forward.number:
        turn.set_call(call_id, logged=True)
        calllog.add(turn, "missed", ringing.remote, ringing.began)
        call.deflect(turn, call_id, forward.number, forwarding.REASONS["no_reply"])


def give_up(turn: Turn, call_id: str) -> None:
    """Nobody answers our call (`voip/dialing/unanswered_call_timeout`): it is ended, and the screen says why."""
    if turn.set_call(call_id, give_up_at=NEVER).unanswered:
        call.hang_up(turn, call_id)
        call.show_notice(turn, Notice("nobody_answers", "", "congestion"))


DEADLINES = (
    Deadline("nobody answers here", lambda phone: ((each.forward_at, each.id) for each in phone.calls), no_reply),
    Deadline("nobody answers there", lambda phone: ((each.give_up_at, each.id) for each in phone.calls), give_up),
)
