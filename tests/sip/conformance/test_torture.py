"""The torture messages of RFC 4475 and RFC 5118 (`torture.txt`) at the running phone, sent from its server's host.

Each gets an answer of the right class, or none where nothing may come; the phone answers OPTIONS afterwards, is idle
and has no trouble in its journal. All of them many times over leave it as large as it was.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.child import wait_until
from tests.peers.desk import Desk, open_desk
from tests.sip.robust.caller import ANY_PORT, Caller

pytestmark = [pytest.mark.sip, pytest.mark.slow]
TEXT = Path(__file__).with_name("torture.txt")
ROUNDS = 20
MOST_GROWTH = 1_500_000
"""Bytes over the last third (480 messages), 0.2 to 0.6 MB measured: a leak of 3 kB a message would cross it."""
TIMER_J = 33.0
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Torture:
    """One message. right: codes, "ring" or "none"."""

    name: str
    section: str
    right: tuple[str, ...]
    lines: tuple[str, ...]

    def message(self, here: str, number: int) -> bytes:
        """As it goes out, answers to `here` (host:port)."""
        text = "\r\n".join(self.lines)
        text = re.sub(r"<repeat count=(\d+)>(.*?)</repeat>", lambda found: found[2] * int(found[1]), text)
        one_line = re.compile(r"<allOneLine>\r\n(.*?)\r\n</allOneLine>", re.DOTALL)
        text = one_line.sub(lambda found: found[1].replace("\r\n", ""), text)
        text = text.replace("@HERE@", here).replace("@N@", f".{number}")
        data = text.encode()
        data = re.sub(rb"<hex>([0-9A-F]+)</hex>", lambda found: bytes.fromhex(found[1].decode()), data)
        head, blank, body = data.partition(b"\r\n\r\n")
        return head.replace(b"@LEN@", str(len(body)).encode()) + (blank or b"\r\n\r\n") + body


def read() -> list[Torture]:
    """All messages of the file."""
    found = []
    for part in TEXT.read_text("utf-8").split("\n=== ")[1:]:
        title, _, text = part.partition("\n")
        name, section, right = (each.strip() for each in title.split("|"))
        body = text.removesuffix("\n").removesuffix("\n")
        lines = tuple(body.split("\n"))
        has_body = "" in lines
        found.append(Torture(name, section, tuple(right.split()), (*lines, "") if has_body else (*lines, "", "")))
    return found


MESSAGES = read()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Caller]]:
    """A phone and a far end it trusts."""
    with open_desk(tmp_path_factory.mktemp("torture"), **ANY_PORT) as desk:
        caller = Caller(desk.exchange.phone)
        try:
            yield desk, caller
        finally:
            caller.close()


@pytest.fixture
def pair(shared: tuple[Desk, Caller]) -> Iterator[tuple[Desk, Caller]]:
    """The same, idle and clean afterwards."""
    yield shared
    desk, _ = shared
    desk.tidy()
    desk.story.idle()
    assert desk.phone.troubles() == []


def fire(torture: Torture, caller: Caller) -> str:
    """Send it; how its Call-ID ends, "" where it has none."""
    number = next(_numbers)
    caller.fire(torture.message(f"{caller.host}:{caller.port}", number))
    return f".{number}"


def refuse(desk: Desk) -> None:
    """Reject, and again until the phone has taken the key: one that comes right behind the last call's does nothing."""
    desk.story.shows("Incoming call")

    def gone() -> bool:
        if not desk.phone.state()["calls"]:
            return True
        if "reject" in desk.phone.state()["softkey_commands"]:
            desk.phone.softkey("reject")
        desk.story.pass_time(0.2)
        return not desk.phone.state()["calls"]

    wait_until("the call to be refused", gone)


def acknowledge(caller: Caller, answer: str) -> None:
    """ACK of a refusal, so that it comes once (RFC 3261 section 17.1.1.3)."""
    fields = dict(re.findall(r"(?m)^(Via|From|To|Call-ID|CSeq): ([^\r]*)\r$", answer)[::-1])
    lines = [
        f"ACK sip:1502@{caller.phone[0]} SIP/2.0",
        *(f"{name}: {fields[name]}" for name in fields if name != "CSeq"),
    ]
    lines += [f"CSeq: {fields['CSeq'].split()[0]} ACK", "Max-Forwards: 70", "Content-Length: 0"]
    caller.fire(("\r\n".join(lines) + "\r\n\r\n").encode())


def test_no_message_of_the_rfcs_is_missing() -> None:
    by_rfc = [sum(each.section.startswith(rfc) for each in MESSAGES) for rfc in ("4475", "5118")]
    assert by_rfc == [49, 11]


@pytest.mark.proves("torture messages of RFC 4475 and RFC 5118", "as the RFCs print them")
@pytest.mark.parametrize("torture", MESSAGES, ids=[each.name for each in MESSAGES])
def test_each_message_gets_an_answer_of_its_class(pair: tuple[Desk, Caller], torture: Torture) -> None:
    desk, caller = pair
    end = re.escape(fire(torture, caller))
    if "none" not in torture.right:
        answer = caller.expect(rf"SIP/[27]\.0 (?!100)\d\d\d [^\0]*{end}\b")
        code = answer.split(" ", 2)[1]
        if code == "180":
            refuse(desk)
            acknowledge(caller, caller.expect(rf"SIP/2\.0 603 [^\0]*{end}\b"))
        elif re.search(r"(?m)^CSeq: \d+ INVITE\r$", answer):
            acknowledge(caller, answer)
        assert ("ring" if code in ("180", "183") else code) in torture.right, answer
    assert caller.options() < 5
    desk.story.idle()


@pytest.mark.timeout(240)
def test_many_rounds_leave_the_phone_as_large_as_it_was(shared: tuple[Desk, Caller]) -> None:
    desk, caller = shared
    quiet = [each for each in MESSAGES if "ring" not in each.right]
    sizes = []
    for third in range(3):
        for _ in range(ROUNDS // 2):
            for torture in quiet:
                fire(torture, caller)
            assert caller.options() < 5
        if third:  # the first one fills caches
            desk.story.pass_time(TIMER_J)  # until the last transaction has gone
            sizes.append(desk.phone.memory())
    growth = sizes[1] - sizes[0]
    print(f"{ROUNDS // 2 * len(quiet)} messages: {growth / 1e6:.2f} MB of {[each // 1000 for each in sizes]} kB")
    assert growth < MOST_GROWTH
    assert desk.phone.troubles() == []
    assert desk.exchange.options() == 200
