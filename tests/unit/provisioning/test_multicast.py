"""SIP plug and play: the question as the manual prints it, one URL back, and nobody else's word taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.provision import multicast
from deskphone.provision.multicast import Question, ask, url_of
from deskphone.wire.message import Request, parse_request
from deskphone.wire.provisioning_url import device
from tests.unit.provisioning.check_bench import Bench

PHONE = device("420HD", "00908f3bbcba")
URL = "https://prov.example.com/phones/"
Answer = Callable[[Request], bytes]


def question(**other: str) -> Question:
    return Question(PHONE, "0.1.0", "", **other)


def notify(request: Request, url: str = URL, kind: str = "application/url", call_id: str = "") -> bytes:
    body = url.encode()
    return (
        f"NOTIFY {request.headers.get('contact').strip('<>')} SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKn1\r\n"
        f"From: {request.headers.get('to')};tag=srv\r\nTo: {request.headers.get('from')}\r\n"
        f"Call-ID: {call_id or request.call_id}\r\nCSeq: 1 NOTIFY\r\nEvent: ua-profile\r\n"
        f"Subscription-State: terminated\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Group(asyncio.DatagramProtocol):
    """Whoever listens on the group; `answer` makes a packet of a question."""

    def __init__(self, answer: Answer | None, deaf: int = 0) -> None:
        self.answer, self.deaf = answer, deaf
        self.questions: list[Request] = []
        self.replies: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not data.startswith(b"SUBSCRIBE"):
            self.replies.append(data)
            return
        self.questions.append(parse_request(data))
        if self.answer is not None and len(self.questions) > self.deaf:
            self.transport.sendto(self.answer(self.questions[-1]), addr)


@asynccontextmanager
async def group(answer: Answer | None, deaf: int = 0) -> AsyncIterator[tuple[Group, tuple[str, int]]]:
    transport, member = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Group(answer, deaf), local_addr=("127.0.0.1", 0)
    )
    try:
        yield member, transport.get_extra_info("sockname")
    finally:
        transport.close()


async def test_the_phone_asks_and_takes_the_url() -> None:
    async with group(notify) as (member, place):
        assert await ask(question(), place, every=0.5) == URL
    asked = member.questions[0]
    assert asked.event.value == "ua-profile"
    assert asked.event.params.get("model") == "420HD"
    assert asked.headers.get("accept") == "application/url"
    assert asked.headers.get("expires") == "0"


@pytest.mark.parametrize(
    ("lines", "event"),
    [
        ("", 'model="420HD";version="0.1.0";vendor="AudioCodes"'),
        ("deskphone/provisioning/multicast_vendor=", 'model="420HD";version="0.1.0"'),
        ("deskphone/provisioning/multicast_vendor=Desk; phones", 'version="0.1.0";vendor="Desk; phones"'),
        ("deskphone/provisioning/multicast_version=2.2.16.704", 'version="2.2.16.704";vendor="AudioCodes"'),
    ],
)
async def test_who_it_says_it_is_is_what_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str, event: str
) -> None:
    """Scripts of provisioning servers decide on these words."""
    asked: list[bytes] = []

    async def answer(question: Question) -> str:
        asked.append(question.text(1))
        return "http://127.0.0.1:9/"

    monkeypatch.setattr(multicast, "ask", answer)
    agent = "deskphone/provisioning/user_agent=AUDC-IPPhone/2.2.16.704"
    await Bench(tmp_path, f"deskphone/provisioning/multicast=1\n{lines}\n{agent}\n").check()
    read = parse_request(asked[0])
    said = read.headers.get("event")
    assert said.startswith('ua-profile;profile-type="application";model=') and said.endswith(event)
    assert ("vendor" in said) == ("vendor" in event)
    assert read.headers.get("user-agent") == "AUDC-IPPhone/2.2.16.704 (420HD; 00908F3BBCBA)"


async def test_it_asks_again_while_nobody_answers() -> None:
    async with group(notify, deaf=2) as (member, place):
        assert await ask(question(), place, every=0.3) == URL
        assert len(member.questions) >= 3  # the third is answered; a slow machine may have asked once more


async def test_it_gives_up_after_five_times() -> None:
    async with group(None) as (member, place):
        assert await ask(question(), place, every=0.01) == ""
        assert len(member.questions) == 5


async def test_the_notify_is_answered_with_200() -> None:
    async with group(notify) as (member, place):
        await ask(question(), place, every=0.5)
        for _ in range(1_000):
            if member.replies:
                break
            await asyncio.sleep(0.001)
    assert member.replies[0].startswith(b"SIP/2.0 200 OK\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: notify(request, call_id="somebody-elses"),
        lambda request: notify(request, kind="text/html"),
        lambda request: notify(request, url=""),
        lambda request: b"NOTIFY sip:x SIP/2.0\r\n\r\n",
        lambda request: bytes(2_000),
    ],
    ids=["another dialog", "another type", "no URL", "no message", "no text"],
)
async def test_what_is_no_answer_to_it_is_not_taken(answer: Answer) -> None:
    async with group(answer) as (_, place):
        assert await ask(question(), place, every=0.01) == ""


@given(st.binary(max_size=500))
def test_no_bytes_break_it(raw: bytes) -> None:
    assert url_of(raw, Question(PHONE, "0.1.0", "127.0.0.1:5060")) == ("", b"")


@pytest.mark.parametrize("on", [True, False])
async def test_it_is_off_until_the_settings_turn_it_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on: bool
) -> None:
    asked: list[str] = []

    async def answer(question: Question) -> str:
        asked.append(question.version)
        return "http://127.0.0.1:9/"

    monkeypatch.setattr(multicast, "ask", answer)
    bench = Bench(tmp_path, f"deskphone/provisioning/multicast={int(on)}\n")
    assert await bench.check() == ("unreachable" if on else "no_source")
    assert len(asked) == int(on)


async def test_it_is_not_asked_where_dhcp_named_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(question: Question) -> str:
        raise AssertionError("nobody should have asked")

    monkeypatch.setattr(multicast, "ask", answer)
    bench = Bench(tmp_path, "deskphone/provisioning/multicast=1\n")
    assert await bench.check("http://127.0.0.1:9/") == "unreachable"
