"""An INVITE of ours: by which server it goes, and what it does with the other calls.

Law: one call at a time is on its way out. What becomes of it afterwards is `call`'s; where a 3xx or a dead server sends
it on is `elsewhere`'s.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core.calls import call as calls
from deskphone.core.calls import dialplan
from deskphone.core.calls.call import S
from deskphone.core.calls.state import Call, Direction
from deskphone.core.effects import Dial
from deskphone.core.events import Party
from deskphone.core.lines import sites
from deskphone.core.phone import light, sound
from deskphone.core.screen import aside
from deskphone.core.screen.state import Notice
from deskphone.core.turn import Turn


def place(
    turn: Turn, to: Party, partner: str = "", *, server: int | None = None, refer: str = "",
    headers: tuple[tuple[str, str], ...] = (), feedback: bool = False, instead_of: Call | None = None,
) -> bool:  # fmt: skip
    """Send an INVITE to a number or URI, through `server` or the one that serves; False where a notice says why not.

    Not while a call rings on the screen: nothing covers who calls.
    feedback: its offer is of a profile with feedback (RTP/AVPF).
    instead_of: the call of ours that a redirect or a dead server ended. One call at a time is on its way out: who calls
    twice by a slip reaches one person; an answered call is held.
    """
    phone = turn.phone
    if server is None or all(line.server != server for line in phone.registered):
        server = sites.serving(phone)
    if server is None:
        calls.show_notice(turn, Notice("not_registered", "", "congestion"))
        return False
    if phone.calling_out or phone.full or (instead_of is None and phone.focused in phone.incoming):
        calls.show_notice(turn, Notice("no_free_call" if phone.full and not phone.calling_out else "call_under_way"))
        return False
    sound.ensure_path(turn)
    calls.hold_others(turn)
    name = f"out-{phone.next_call}"
    target = to.uri or dialplan.rewritten(phone.settings.dialing.number_rules, to.number)
    if feedback and instead_of is not None:
        target = instead_of.target  # the same once more, whoever that has turned out to be
    call = Call(
        name, server, Direction.OUT, S.OUTGOING, to,
        began=int(turn.now.unix), partner=partner, refer=refer, headers=headers, target=target, feedback=feedback,
        give_up_at=turn.after(phone.settings.dialing.unanswered_timeout),
        trying_by=turn.after(sites.patience(phone, server)),
    )  # fmt: skip
    if (old := instead_of) is not None:
        call = replace(
            call, began=old.began, redirects=old.redirects + 1, asked=old.asked or old.remote, others=old.others,
            give_up_at=old.give_up_at, tried=old.tried, been=old.been, room=old.room,
        )  # fmt: skip
        for each in (each for each in phone.calls if each.joins == old.id):
            turn.set_call(each.id, joins=name)
    if refer:
        aside.clear(turn)
    elif instead_of is None:
        turn.set(dialling=None, pages=())
    turn.set(calls=(*turn.phone.calls, call), next_call=phone.next_call + 1, notice=None)
    calls.show(turn, name)
    light.on(turn)
    turn.do(Dial(name, server, target, headers, feedback))
    return True
