"""What header fields ask for beside the method is honoured or refused by its own code, before pjsip sees it."""

from __future__ import annotations

import pytest

from deskphone.sip.policy.requests import Answer
from deskphone.wire.errors import WireError
from tests.unit.drivers.test_useragent_policy import request, verdict

NO_DIGITS = Answer(415, "", (("Accept", "application/dtmf-relay"),))
IN_A_CALL, OUTSIDE = {"to_tag": "us"}, {"to_tag": "", "call_id": "call-9"}


def answer(method: str, *fields: str, body: str = "", **where: str) -> Answer:
    """The answer to a request with these fields; code 0 where pjsip goes on."""
    return verdict(request(method, *fields, body=body, **(where or OUTSIDE))).answer or Answer(0)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "NOTIFY", "OPTIONS", "INFO"])
@pytest.mark.parametrize("where", [IN_A_CALL, OUTSIDE], ids=["in a call", "outside"])
def test_an_extension_nobody_knows_is_named_in_the_refusal(method: str, where: dict[str, str]) -> None:
    given = answer(method, "Require: 100rel, Gruu", "Event: talk", **where)
    assert (given.code, given.headers) == (420, (("Unsupported", "gruu"),))


@pytest.mark.parametrize("method", ["BYE", "ACK", "CANCEL", "PRACK"])
def test_what_ends_or_confirms_is_taken_whatever_it_requires(method: str) -> None:
    assert answer(method, "Require: gruu", **IN_A_CALL).code == 0


@pytest.mark.parametrize("tags", ["answermode", "from-change, TIMER", "100rel,replaces", "norefersub", ""])
def test_extensions_of_ours_may_be_required(tags: str) -> None:
    assert answer("INVITE", f"Require: {tags}").code == 0


@pytest.mark.parametrize(("coding", "code"), [("gzip", 415), ("identity", 0), ("IDENTITY", 0), ("x, gzip", 415)])
def test_a_body_in_a_coding_we_do_not_read_is_refused_and_the_one_we_do_is_named(coding: str, code: int) -> None:
    given = answer("INVITE", f"Content-Encoding: {coding}", "Content-Type: application/sdp", body="x")
    assert given == (Answer(415, "", (("Accept-Encoding", "identity"),)) if code else Answer(0))
    assert answer("INVITE", f"Content-Encoding: {coding}").code == 0


@pytest.mark.parametrize(
    ("kind", "handling", "code"),
    [
        ("text/plain", "", 415), ("text/plain", "render", 415), ("application/ISUP", "signal;handling=required", 415),
        ("application/ISUP", "signal ; Handling = Optional", 0), ("Multipart/Mixed;boundary=x", "", 0),
        ("APPLICATION/SDP;charset=utf-8", "session", 0), ("text/plain", '"', 415),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_body_that_describes_no_session_is_refused_unless_it_may_be_passed_over(
    method: str, kind: str, handling: str, code: int
) -> None:
    where = OUTSIDE if method == "INVITE" else IN_A_CALL
    given = answer(method, f"Content-Type: {kind}", f"Content-Disposition: {handling}", body="x", **where)
    assert given == (Answer(415, "", (("Accept", "application/sdp, multipart/mixed"),)) if code else Answer(0))
    assert answer(method, f"Content-Type: {kind}", **where).code == 0


@pytest.mark.parametrize("contact", ["<tel:2001>", "<urn:service:sos>", "mailto:a@b", '"x" <im:a@b>'])
@pytest.mark.parametrize(("method", "where"), [("INVITE", OUTSIDE), ("INVITE", IN_A_CALL), ("UPDATE", IN_A_CALL)])
def test_a_contact_nothing_can_be_sent_to_is_refused(contact: str, method: str, where: dict[str, str]) -> None:
    with pytest.raises(WireError, match="contact"):
        answer(method, f"Contact: {contact}", **where)


@pytest.mark.parametrize("contact", ["<sips:a@b>", "SIP:a@b", '"x" <sip:a@b>;expires=3', "*", "<sip:a@b>, <tel:1>", ""])
def test_any_sip_contact_is_taken(contact: str) -> None:
    assert answer("INVITE", f"Contact: {contact}").code == 0


@pytest.mark.parametrize(
    ("extra", "body", "expected"),
    [
        (("Info-Package: conference",), "", Answer(469, "Bad Info Package", (("Recv-Info", ""),))),
        ((), "", Answer(200)),
        (("Content-Type: application/dtmf-relay",), "Signal=5", Answer(0)),
        (("c: Application/DTMF-Relay",), "Signal=5", Answer(0)),
        (("Content-Type: application/media_control+xml",), "<x/>", NO_DIGITS),
        ((), "x", NO_DIGITS),
    ],
)  # fmt: skip
def test_an_info_in_a_call_has_the_answer_of_what_it_brings(
    extra: tuple[str, ...], body: str, expected: Answer
) -> None:
    assert answer("INFO", *extra, body=body, **IN_A_CALL) == expected


@pytest.mark.parametrize("wrong", ["Call-ID: second", "i: second"])
def test_a_request_with_two_call_ids_is_refused_before_there_is_a_call(wrong: str) -> None:
    with pytest.raises(WireError, match="call-id"):
        answer("INVITE", wrong)


def test_a_request_whose_call_id_is_longer_than_we_keep_is_refused_before_there_is_a_call() -> None:
    with pytest.raises(WireError, match="call-id"):
        answer("INVITE", to_tag="", call_id="x" * 300)
