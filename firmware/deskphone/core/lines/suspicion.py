"""Suspicion: a server that leaves a request unanswered is asked at once by OPTIONS whether it lives; two without a
response take it out of service.

Law: owns the probing fields of `Line`. A suspect line is FAILED as a refused one is, so that what follows from that
(other server for calls and agent, new registration with a growing pause) is written once. Only an answer makes a server
alive; what an answer says is for who asked.
"""

from __future__ import annotations

from deskphone.core import failure
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import KeepAlive
from deskphone.core.events import RegistrationFailed, ServerHeard, ServerSilent
from deskphone.core.lines import line, subscription
from deskphone.core.lines.known import known, put
from deskphone.core.lines.state import LineStatus
from deskphone.core.moment import NEVER
from deskphone.core.turn import Turn

PROBE_SECONDS = 1.0  # an OPTIONS is retransmitted meanwhile, so that a lost packet is no silence
PROBES = 2  # OPTIONS in a row without a response, then the server is out of service
UNKNOWN_HERE = (403, 404, 481)  # of a server that has lost our binding, where it answered OPTIONS with 2xx before


def suspected(turn: Turn, event: ServerSilent) -> None:
    """A request of ours has no response, a connection was lost, voice ended: send OPTIONS, unless one is pending."""
    each = next((each for each in turn.phone.lines if each.server == event.server), None)
    if each is not None and each.status is LineStatus.REGISTERED and each.probe_by == NEVER:
        turn.note(f"server {event.server} at {each.address}: {event.what}; asked whether it lives")
        _probe(turn, event.server, 1)


def doubted(turn: Turn, event: RegistrationFailed) -> bool:
    """A refresh of a line in service found no answer in the time of one transaction, which is little more than a second
    where T1 is that of two servers: asked once more; True where the event is done with."""
    each = next((each for each in turn.phone.lines if each.server == event.server), None)
    in_service = each is not None and each.status is LineStatus.REGISTERED and each.answer_by == NEVER
    if not in_service or event.answered or event.code != failure.NO_ANSWER or failure.of_tls(event.reason):
        return False
    turn.note(f"server {event.server}: no answer to the refresh of the registration; asked again")
    line.register(turn, event.server)
    return True


def heard(turn: Turn, event: ServerHeard) -> None:
    """The final response to an OPTIONS. A server that does not know the phone any more gets a new REGISTER."""
    if all(each.server != event.server for each in turn.phone.lines):
        return  # asked before the settings named other servers
    each = known(turn, event.server)
    put(turn, event.server, probes=0, probe_by=NEVER, heard_at=turn.now.mono, probe_code=event.code)
    if each.status is LineStatus.REGISTERED and event.code in UNKNOWN_HERE and 200 <= each.probe_code < 300:
        turn.note(f"server {event.server} answers OPTIONS with {event.code}: it has forgotten the phone", "warning")
        line.register(turn, event.server)


def keep_alive(turn: Turn, server: int) -> None:
    """Time for OPTIONS (registrar_ka), and to ask a dialog whether the server still has it: one that was started anew
    answers OPTIONS as ever, and tells nothing of the agent any more."""
    put(turn, server, keep_alive_at=turn.after(line.keep_alive_period(turn.phone)))
    if known(turn, server).probe_by == NEVER:
        _probe(turn, server, 1)
    subscription.ask_after(turn, server)


def _probe(turn: Turn, server: int, number: int) -> None:
    put(turn, server, probes=number, probe_by=turn.after(line.patience(turn.phone, PROBE_SECONDS)))
    turn.do(KeepAlive(server))


def _silent(turn: Turn, server: int) -> None:
    """An OPTIONS without a response: one more, then the server is out of service."""
    each = known(turn, server)
    if each.status is LineStatus.REGISTERED and each.probes < PROBES:
        _probe(turn, server, each.probes + 1)
        return
    put(turn, server, probes=0, probe_by=NEVER)
    if each.status is LineStatus.REGISTERED:
        line.failed(turn, RegistrationFailed(server, failure.NO_ANSWER, "", answered=False))


DEADLINES = (
    Deadline("probe", lambda phone: ((each.probe_by, each.server) for each in phone.lines), _silent),
    Deadline("keep-alive", lambda phone: ((each.keep_alive_at, each.server) for each in phone.lines), keep_alive),
)
