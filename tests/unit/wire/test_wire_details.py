"""Small things a server may write either way, and where one reading ends and the next begins."""

from __future__ import annotations

import pytest

from deskphone.core.documents import ForwardingType
from deskphone.core.events import AnswerHint
from deskphone.wire import (
    alerting,
    asfeature,
    body_types,
    dhcp,
    digest,
    fields,
    identity,
    message,
    multipart,
    provisioning_url,
    summary,
)

BELLCORE = ("alert-info", "<http://h/Bellcore-dr3.wav/>")


@pytest.mark.parametrize(
    ("headers", "hint"),
    [
        ((("answer-mode", "Manual;require"),), AnswerHint(None, False, "answer-mode", "bellcore-dr3")),
        ((("call-info", "<sip:a>;answer-after=2"),), AnswerHint(2, False, "call-info", "bellcore-dr3")),
        ((("answer-mode", "Auto"),), AnswerHint(0, False, "answer-mode", "bellcore-dr3")),
        ((("answer-mode", "Auto;require"),), AnswerHint(0, True, "answer-mode", "bellcore-dr3")),
        ((("call-info", "<sip:a>;info=Ring Answer"),), AnswerHint(0, False, "call-info", "bellcore-dr3")),
        ((), AnswerHint(alert="bellcore-dr3")),
    ],
)
def test_a_ring_tone_is_heard_beside_whatever_is_said_about_answering(
    headers: tuple[tuple[str, str], ...], hint: AnswerHint
) -> None:
    assert alerting.answer_hint((*headers, BELLCORE)) == hint


def test_a_ring_tone_of_its_own_name_at_the_end_of_a_url() -> None:
    for name in ("bellcore-own", "Bellcore-Own"):
        assert alerting.answer_hint((("alert-info", f"<http://h/{name}>"),)).alert == "bellcore-own"
    assert alerting.answer_hint((("alert-info", "<http://h/own>"),)).alert == ""


def test_a_yes_is_a_word_or_a_digit() -> None:
    for text, on in (("true", True), ("1", True), ("TRUE", True), ("false", False), ("0", False)):
        body = f"<DoNotDisturbEvent><device>1</device><doNotDisturbOn>{text}</doNotDisturbOn></DoNotDisturbEvent>"
        assert asfeature.parse(body.encode()) == asfeature.DoNotDisturbEvent("1", on)


@pytest.mark.parametrize("rings", [1, 100])
def test_forwarding_after_one_ring_and_after_a_hundred(rings: int) -> None:
    body = asfeature.set_forwarding("1502", ForwardingType.NO_ANSWER, True, "9", rings)
    assert b"<ringCount>%d</ringCount>" % rings in body


def test_an_address_may_stand_in_brackets_or_bare() -> None:
    for text in (b"http://a/", b"<http://a/>", b" <http://a/>\r\n"):
        assert body_types.notify_documents("ua-profile", "application/url", text) == (
            body_types.ProfileUrl("http://a/"),
        )
    for account in ("sip:v@a", "<sip:v@a>"):
        found = summary.parse(f"Messages-Waiting: yes\r\nMessage-Account: {account}\r\n".encode())
        assert found.account == "sip:v@a"


def test_what_stands_right_behind_an_address_is_no_part_of_it() -> None:
    for text in ("<sip:a>b", "<sip:a> b"):
        with pytest.raises(fields.WireError, match="text after"):
            fields.address(text)
    assert fields.address('"a<" <sip:x@y>').uri == "sip:x@y"
    assert fields.address('"a\\"<b>" <sip:x@y>;tag=1').display == 'a"<b>'
    for text in ("sip:a>b", "sip:a<b"):
        with pytest.raises(fields.WireError, match="angle"):
            fields.uri(text)


def test_a_label_of_63_letters_is_one_of_a_name() -> None:
    label = b"a" * 63
    assert dhcp.sip_servers(b"\x00\x3f" + label + b"\x01b\x00") == (label.decode() + ".b",)


@pytest.mark.parametrize(("seconds", "taken"), [(50_400, 50_400), (-50_400, -50_400), (50_401, None), (-50_401, None)])
def test_the_time_is_at_most_14_hours_from_utc(seconds: int, taken: int | None) -> None:
    facts = dhcp.read_facts({2: seconds.to_bytes(4, "big", signed=True)})
    assert facts.time_offset == taken
    assert len(facts.problems) == (taken is None)


def test_hexadecimal_digits_are_taken_in_either_case() -> None:
    said = (
        "Digest username=a, realm=r, nonce=n, uri=sip:a, cnonce=c, qop=AUTH, nc=0000000A, algorithm=md5,"
        f" response={'AB' * 16}"
    )
    given = digest.credentials(said)
    assert (given.nc, given.response, given.algorithm) == (10, "ab" * 16, "MD5")
    assert provisioning_url.device("a9", "00:90:8f:3B:bc:BA").mac == "00908f3BbcBA"


def test_a_part_may_say_that_it_is_not_encoded_in_any_case() -> None:
    kind = message.parse_content_type("multipart/mixed;boundary=x")
    for word in (b"8bit", b"8BIT", b"Binary"):
        [part] = multipart.parse(kind, b"--x\r\nContent-Transfer-Encoding: " + word + b"\r\n\r\nbody\r\n--x--\r\n")
        assert part.body == b"body"


def test_a_uri_to_call_back_is_without_password_parameters_and_headers() -> None:
    def back(uri: str) -> str:
        return identity.remote_party((("from", f"<{uri}>"),), trusted=False).uri

    assert back("sip:a:secret@b:5070;user=phone?x=y") == "sip:a@b:5070"
    assert back("TEL:+49301;phone-context=x") == "tel:+49301"
    assert back("SIPS:b") == "sips:b"


def test_who_wants_to_be_private_is() -> None:
    for privacy, known in (("", True), (";privacy=off", True), (";privacy=NONE", True), (";privacy=full", False)):
        headers = (("remote-party-id", f"<sip:a@b>{privacy}"), ("from", "<sip:c@d>"))
        assert identity.remote_party(headers, trusted=True).anonymous is not known
