"""Messages of which pjsip's readers have a line to say about each piece: thousands of lines for one datagram.

A line costs as much as a small message, on the thread that carries the calls. Who sends them need not be known.
"""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path
from string import ascii_lowercase

import pytest

from tests.peers.desk import Desk
from tests.sip.robust.caller import SDP, Call, Caller

pytestmark = [pytest.mark.sip, pytest.mark.slow]
AT_ONCE = 20
FEW_LINES = 15
"""In the journal, of the stack, for all of them together: it was 68,000."""
SECONDS = 0.5
"""Of processor for each kind; a quarter of it is usual, and it was three times as much."""
PARTS = "multipart/mixed;boundary=b"
NAMES = " ".join(map("".join, product(ascii_lowercase, repeat=3)))[:14_000]
WITHIN = "multipart/mixed;boundary=c"
KINDS: dict[str, tuple[str, str]] = {
    "attributes of a session": ("application/sdp", SDP.partition("m=")[0] + "a=x\r\n" * 2500),
    "attributes of a medium": ("application/sdp", SDP + "a=x\r\n" * 2500),
    "bandwidths": ("application/sdp", SDP + "b=AS:1\r\n" * 1500),
    "media": ("application/sdp", SDP + "m=audio 9 RTP/AVP 0\r\n" * 700),
    "formats": ("application/sdp", SDP.replace("8 101", "8 101" + " 9" * 6000)),
    "formats by name": ("application/sdp", SDP.replace("8 101", f"8 101 {NAMES}")),
    "parts": (PARTS, "--b\r\n:\r\n\r\n" * 1200 + "--b--\r\n"),
    "parts without a line": (PARTS, "--b x\r\n" * 1500),
    "parts without an end": (PARTS, "--b\r\n\r\nx\r\n" * 1200),
    "parts within parts": (PARTS, f"--b\r\nContent-Type: {WITHIN}\r\n\r\n" + "--c\r\n:\r\n\r\n" * 1000 + "--b--\r\n"),
}  # fmt: skip


def processor(process: int) -> float:
    """Seconds of processor a process has had so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def said(desk: Desk) -> list[str]:
    """The journal's lines of the stack."""
    return [line for line in desk.phone.journal().splitlines() if " deskphone.sip" in line]


@pytest.mark.parametrize("method", ["INVITE", "NOTIFY"])
@pytest.mark.parametrize("known", [False, True], ids=["stranger", "server's host"])
def test_what_pjsip_says_of_each_piece_fills_no_journal_and_holds_nobody_up(
    desk: Desk, caller: Caller, stranger: Caller, method: str, known: bool
) -> None:
    who = caller if known else stranger
    process, before = desk.phone.process, len(said(desk))
    assert process is not None
    for name, (kind, body) in KINDS.items():
        began = processor(process.pid)
        for number in range(AT_ONCE):
            call = Call(f"wordy-{name.replace(' ', '-')}-{method}-{number}", f"w{number}")
            who.fire(who.request(method, call, f"Event: x\r\nContent-Type: {kind}\r\n").replace(
                b"Content-Length: 0\r\n\r\n", f"Content-Length: {len(body)}\r\n\r\n{body}".encode()))  # fmt: skip
            waited = caller.options()
        took = processor(process.pid) - began
        print(f"{name}: {took:.2f} s of processor, OPTIONS after {waited * 1000:.0f} ms, "
              f"{len(said(desk)) - before} lines")  # fmt: skip
        assert took < SECONDS, name
    lines = said(desk)[before:]
    assert len(lines) <= FEW_LINES, f"{len(lines)} lines: " + "\n".join(lines[:20])
    assert desk.phone.troubles() == []
