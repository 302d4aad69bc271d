"""Reports on a transfer as servers write them (RFC 3515 section 2.4.4, RFC 3420): the end is told, and once."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Transfer
from deskphone.core.events import CallEnded, TransferProgress
from tests.sip.useragent.conftest import Phone, talk_out
from tests.sip.useragent.peer import Dialog, Peer, Rtp

pytestmark = pytest.mark.sip
FRAGMENT = "message/sipfrag"
MIXED = 'multipart/mixed;boundary="x"'
PART = b"--x\r\nContent-Type: message/sipfrag;version=2.0\r\n\r\nSIP/2.0 %d So\r\n\r\n--x--\r\n"

REPORTS: dict[str, tuple[str, bytes]] = {
    "plain": (FRAGMENT, b"SIP/2.0 %d So\r\n"),
    "a version": ("message/sipfrag;version=2.0", b"SIP/2.0 %d So\r\n"),
    "a charset": ('message/sipfrag; charset="utf-8" ; version=2.0', b"SIP/2.0 %d So\r\n"),
    "in capitals": ("Message/SIPFRAG;Version=2.0", b"SIP/2.0 %d So\r\n"),
    "line feeds": (FRAGMENT, b"SIP/2.0 %d So\nContact: <sip:a@b>\n\n"),
    "no end of the line": (FRAGMENT, b"SIP/2.0 %d So"),
    "no reason": (FRAGMENT, b"SIP/2.0 %d\r\n"),
    "an empty line first": (FRAGMENT, b"\r\nSIP/2.0 %d So\r\n"),
    "in several parts": (MIXED, PART),
    "in several parts, the text first": (MIXED, b"--x\r\nContent-Type: text/plain\r\n\r\nSo it goes\r\n" + PART),
    "in several parts without an end": (MIXED, PART.replace(b"--x--\r\n", b"")),
    "in parts of parts": (
        "multipart/mixed;boundary=y",
        b"--y\r\nContent-Type: multipart/mixed;boundary=x\r\n\r\n" + PART + b"\r\n--y--\r\n",
    ),
    "under another label": ("text/plain", b"SIP/2.0 %d So\r\n"),
    "under the label of a whole message": ("message/sip", b"SIP/2.0 %d So\r\nContent-Length: 0\r\n\r\n"),
    "without a label": ("", b"SIP/2.0 %d So\r\n"),
}  # fmt: skip


@pytest.fixture
def dialog(phone: Phone, peer: Peer, rtp: Rtp) -> Dialog:
    """Of a call that is being transferred."""
    _, made = talk_out(phone, peer, rtp)
    phone.do(Transfer("out-1", "2005"))
    peer.reply(peer.request("REFER"), 202, "Accepted")
    return made


def report(peer: Peer, dialog: Dialog, state: str, kind: str = FRAGMENT, body: bytes = b"") -> None:
    """A NOTIFY in this state, taken."""
    peer.send("NOTIFY", dialog, (("Event", "refer"), ("Subscription-State", state)), body, kind)
    peer.response(200, "NOTIFY")


def ends(phone: Phone) -> list[int]:
    return [each.code for each in phone.events if isinstance(each, TransferProgress) and each.final]


@pytest.mark.parametrize("code", [200, 486])
@pytest.mark.parametrize("what", REPORTS)
def test_a_final_report_is_the_end_however_it_is_written(
    phone: Phone, peer: Peer, dialog: Dialog, what: str, code: int
) -> None:
    kind, body = REPORTS[what]
    report(peer, dialog, "terminated;reason=noresource", kind, body % code)
    assert phone.expect(TransferProgress, final=True).code == code
    assert ends(phone) == [code]


@pytest.mark.parametrize("what", REPORTS)
def test_a_report_on_the_way_is_none(phone: Phone, peer: Peer, dialog: Dialog, what: str) -> None:
    kind, body = REPORTS[what]
    report(peer, dialog, "active;expires=60", kind, body % 180)
    phone.expect(TransferProgress, code=180, final=False)
    report(peer, dialog, "terminated;reason=noresource", kind, body % 200)
    assert phone.expect(TransferProgress, final=True).code == 200


@pytest.mark.parametrize("body", [b"", b"SIP/2.0 100 Trying\r\n", b"SIP/2.0 180 Ringing\r\n"])
def test_reports_that_stop_on_the_way_are_no_failure(phone: Phone, peer: Peer, dialog: Dialog, body: bytes) -> None:
    """Some servers send one report and transfer; what becomes of it they say by a BYE, or nobody does."""
    report(peer, dialog, "active;expires=60", FRAGMENT if body else "", body)
    report(peer, dialog, "terminated;reason=noresource", FRAGMENT if body else "", body)
    peer.send("BYE", dialog)
    phone.expect(CallEnded)
    assert ends(phone) == []
