"""x-broadworks-hoteling: logging in with a nonce, and giving the seat back."""

from __future__ import annotations

import pytest

from deskphone.config.secret import Secret
from deskphone.core.agent.login import proof
from deskphone.core.documents import Proof
from deskphone.wire import hoteling, xml
from deskphone.wire.asfeature import UnknownDocument
from deskphone.wire.errors import WireError
from deskphone.wire.hoteling import Challenge, HotelingEvent

NAMESPACE = "http://schema.broadsoft.com/hoteling"


def event(inner: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\r\n<HotelingEvent xmlns="{NAMESPACE}">{inner}</HotelingEvent>'.encode()
    )


def test_nobody_sits_here() -> None:
    for empty in ("<guestAddress/>", "<guestAddress></guestAddress>", "<guestAddress> \r\n </guestAddress>"):
        assert hoteling.parse(event(empty)) == HotelingEvent(guest="")


def test_an_agent_sits_here() -> None:
    document = hoteling.parse(event("<guestAddress>agent7001</guestAddress><expires>86400</expires>"))
    assert document == HotelingEvent("agent7001", None, 86400)


def test_a_challenge_says_nothing_about_the_guest() -> None:
    inner = "<authenticationData><nonce>4f2a</nonce><algorithm>MD5</algorithm></authenticationData>"
    assert hoteling.parse(event(inner)) == HotelingEvent(None, Challenge("4f2a"))
    assert hoteling.parse(event(inner.replace("<algorithm>MD5</algorithm>", ""))) == HotelingEvent(
        None, Challenge("4f2a")
    )


def test_an_algorithm_we_do_not_have_is_shown_and_never_answered() -> None:
    inner = "<authenticationData><nonce>4f2a</nonce><algorithm>sha-256</algorithm></authenticationData>"
    document = hoteling.parse(event(inner))
    assert isinstance(document, HotelingEvent) and document.challenge == Challenge("4f2a", "SHA-256")
    assert proof(document.challenge, Secret("1234")) is None
    with pytest.raises(WireError, match="MD5"):
        hoteling.set_hoteling("agent7001", Proof("4f2a", Secret("beef"), "SHA-256"))


@pytest.mark.parametrize(
    "inner",
    ["<authenticationData/>", "<authenticationData><nonce/></authenticationData>",
     "<authenticationData><nonce>" + "n" * 300 + "</nonce></authenticationData>"],
)  # fmt: skip
def test_a_challenge_without_a_usable_nonce_is_an_error(inner: str) -> None:
    with pytest.raises(WireError):
        hoteling.parse(event(inner))


@pytest.mark.parametrize(
    "detail",
    ["<expires>never</expires>", "<expires>-1</expires>", "<expires>3600.0</expires>", "<expires>99999999999</expires>",
     "<expires/>", "<authenticationData/>", "<authenticationData><nonce></nonce></authenticationData>"],
)  # fmt: skip
def test_a_detail_that_cannot_be_read_takes_no_seat(detail: str) -> None:
    assert hoteling.parse(event("<guestAddress>agent7001</guestAddress>" + detail)) == HotelingEvent("agent7001")
    assert hoteling.parse(event(detail + "<guestAddress/>")) == HotelingEvent("")


def test_another_root_is_unknown() -> None:
    assert hoteling.parse(b"<SomethingElse/>") == UnknownDocument("SomethingElse")


def test_the_proof_is_md5_of_nonce_colon_password() -> None:
    answer = proof(Challenge("abc"), Secret("1234"))
    assert answer == Proof("abc", Secret("07a732249be2de21aa3263b3fe2f76ee"))
    assert "07a7" not in repr(answer)


def test_the_claim_as_it_goes_out() -> None:
    assert hoteling.set_hoteling("agent7001").decode().split("\r\n") == [
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        f'<SetHoteling xmlns="{NAMESPACE}">',
        "<guestAddress>agent7001</guestAddress>",
        "</SetHoteling>",
        "",
    ]


def test_the_claim_with_proof_as_it_goes_out() -> None:
    body = hoteling.set_hoteling("agent7001", proof(Challenge("abc"), Secret("1234")))
    assert body.decode().split("\r\n")[2:-1] == [
        "<guestAddress>agent7001</guestAddress>",
        "<authenticationData>",
        "<nonce>abc</nonce>",
        "<algorithm>MD5</algorithm>",
        "<response>07a732249be2de21aa3263b3fe2f76ee</response>",
        "</authenticationData>",
        "</SetHoteling>",
    ]
    assert b"1234" not in body


def test_logging_out_sends_an_empty_guest_address() -> None:
    assert b"<guestAddress/>" in hoteling.set_hoteling("")


def test_markup_in_an_agent_name_or_nonce_stays_text() -> None:
    body = hoteling.set_hoteling("</guestAddress>&", proof(Challenge("<n>"), Secret("x")))
    root = xml.parse(body)
    assert root.child_text("guestAddress") == "</guestAddress>&"
    assert root.deep_text("nonce") == "<n>"
