"""What the final answer to a re-INVITE of ours comes to: a table of answers, no stack and no socket."""

from __future__ import annotations

import pytest

from deskphone.sip.policy.media import Speaks
from deskphone.sip.policy.outcome import Outcome, outcome
from deskphone.wire.message import Response, parse_response

SESSION = "v=0\r\no=- 1 1 IN IP4 10.1.1.5\r\ns=-\r\nc=IN IP4 10.1.1.5\r\nt=0 0\r\n"
VOICE = SESSION + "m=audio 4000 RTP/AVP 0\r\n"


def answer(status: str, *fields: str, body: str = "") -> Response:
    """An answer to the re-INVITE."""
    lines = [
        f"SIP/2.0 {status}", "Via: SIP/2.0/UDP 10.1.1.20;branch=z9hG4bK1", "From: <sip:1502@site>;tag=us",
        "To: <sip:2001@site>;tag=them", "Call-ID: call-1", "CSeq: 3 INVITE", *fields,
        "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body,
    ]  # fmt: skip
    return parse_response("\r\n".join(lines).encode())


EXPECTED = {
    "taken": (answer("200 OK", body=VOICE), 200, Outcome(200, "OK")),
    "without a session": (answer("200 OK"), 200, Outcome(488, "no audio", again=False)),
    "without voice": (
        answer("200 OK", body=VOICE.replace("4000", "0")), 200, Outcome(488, "no audio", again=False),
    ),
    "no codec of ours": (
        answer("200 OK", body=VOICE.replace("AVP 0", "AVP 18")), 200, Outcome(488, "no audio", again=False, unfit=True),
    ),
    "refused": (answer("603 Decline"), 603, Outcome(603, "Decline")),
    "glare": (answer("491 Request Pending"), 491, Outcome(491, "Request Pending", pause=0)),
    "another request is open": (
        answer("500 Server Error", "Retry-After: 3"), 500, Outcome(500, "Server Error", pause=3),
    ),
    "another request is open for an hour": (
        answer("500 Server Error", "Retry-After: 3600"), 500, Outcome(500, "Server Error"),
    ),
    "a challenge": (answer("401 Unauthorized"), 401, Outcome(401, "Unauthorized")),
    "a challenge of which the door made a refusal": (
        answer("401 Unauthorized"), 403, Outcome(401, "Unauthorized", again=False),
    ),
    "none came": (None, 408, Outcome(408)),
}  # fmt: skip


@pytest.mark.parametrize(("message", "code", "expected"), EXPECTED.values(), ids=EXPECTED.keys())
def test_what_an_answer_comes_to(message: Response | None, code: int, expected: Outcome) -> None:
    assert outcome(message, code, proved=True, speaks=Speaks(), ipv6=False) == expected


def test_a_challenge_that_nobody_answers_is_not_waited_for() -> None:
    for message in (answer("407 Proxy Authentication Required"), None):
        assert not outcome(message, 407, proved=False, speaks=Speaks(), ipv6=False).again


def test_an_answer_of_the_other_family_is_unfit() -> None:
    assert outcome(answer("200 OK", body=VOICE), 200, proved=True, speaks=Speaks(), ipv6=True).unfit
