"""What the final answer to a re-INVITE of ours comes to: taken, refused, to be asked again.

Law: pure. What pjsip made of the answer and what the far end wrote may differ: the door in front of pjsip makes
refusals of challenges that nobody answers, and pjsua takes answers of media that it cannot speak.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.sip.policy import headers
from deskphone.sip.policy.media import Speaks, speakable, without_audio
from deskphone.wire.message import Request, Response

NOT_ACCEPTABLE = 488


@dataclass(frozen=True, slots=True)
class Outcome:
    """code, reason: as the person is told. again: pjsip may send it anew by itself, after a challenge or a 422.
    pause: it met another request, and may come again after so many seconds; None where it did not. unfit: an answer of
    media that we do not speak, which cannot be refused."""

    code: int
    reason: str = ""
    again: bool = True
    pause: int | None = None
    unfit: bool = False


def outcome(message: Request | Response | None, code: int, proved: bool, speaks: Speaks, ipv6: bool) -> Outcome:
    """message: the answer as it came, None or a request where none did (pjsip says `code` by itself then).

    code: pjsip's. proved: its challenge, if it is one, was left to pjsip. ipv6: the family it came by. A 2xx without
    voice is told as a refusal: pjsua goes on with what was, and so do we.
    """
    if not isinstance(message, Response):
        return Outcome(code, again=proved)
    again, pause = message.code == code and proved, headers.crossed(message)
    unfit = message.code < 300 and not speakable(message, speaks, ipv6)
    if unfit or (message.code < 300 and without_audio(message)):
        return Outcome(NOT_ACCEPTABLE, "no audio", again=False, pause=pause, unfit=unfit)
    return Outcome(message.code, message.reason, again, pause)
