"""Latency and processor time of calls: each phone in turn, call by call, so that noise hits all alike.

Law: the same caller, the same offer, the same pauses for every phone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.bench.farend import HOST, PATIENCE, Call, FarEnd, Lost, serve
from tests.bench.media import CODECS, PCMU, Codec, Voice, offer
from tests.bench.message import Message, media_address
from tests.bench.phones import Phone
from tests.bench.usage import cpu_seconds, memory_mb

AUTO_ANSWER = [("Call-Info", "<sip:bench>;answer-after=0")]
"""What a registered server sends to have the call answered; pjsua and baresip answer without it."""
PAUSE = 0.02  # seconds between two calls, in which a phone puts its things in order


@dataclass(slots=True)
class Times:
    """Milliseconds of the calls of one kind to one phone, and how many got no answer."""

    phone: Phone
    number: str
    milliseconds: list[float] = field(default_factory=list)
    lost: int = 0


def to_180(times: Times) -> None:
    """INVITE, 180 (measured), CANCEL, 487, ACK."""
    call = Call(times.phone.far, times.number, offer(PCMU, 9))
    call.invite()
    at = call.response(180)
    times.milliseconds.append((at - call.sent_at) / 1e6)
    call.cancel()


def to_200(times: Times) -> None:
    """INVITE, perhaps 180, 200 (measured), ACK, BYE, 200."""
    call = Call(times.phone.far, times.number, offer(PCMU, 9), AUTO_ANSWER)
    call.invite()
    at = call.response(200)
    times.milliseconds.append((at - call.sent_at) / 1e6)
    call.ack()
    call.bye()


def talk_to_200(times: Times) -> None:
    """INVITE, 180, NOTIFY talk (the clock starts), 200 to the INVITE (and it stops), ACK, BYE."""
    call = Call(times.phone.far, times.number, offer(PCMU, 9))
    call.invite()
    call.response(180)
    sent = call.notify("talk")
    at = call.response(200)
    times.milliseconds.append((at - sent) / 1e6)
    call.ack()
    call.bye()


KINDS = {"180": to_180, "200": to_200, "talk": talk_to_200}


def interleaved(wanted: list[tuple[str, Times]], rounds: int, fars: Iterable[FarEnd] = ()) -> None:
    """Measure one call of each in turn, `rounds` times; `fars` are answered between the calls."""
    every = list(fars) or [times.phone.far for _, times in wanted]
    for _ in range(rounds):
        for kind, times in wanted:
            try:
                KINDS[kind](times)
            except Lost:
                times.lost += 1
            serve(every, PAUSE)


class Talk:
    """An established call with voice both ways."""

    def __init__(self, phone: Phone, number: str, codec: Codec) -> None:
        self.phone = phone
        self.voice = Voice(codec)
        self.call = Call(phone.far, number, offer(codec, self.voice.port), AUTO_ANSWER)
        self.call.invite()
        self.call.response(200)
        self.call.ack()
        self.voice.start(self.call.media)

    def end(self) -> None:
        """Hang up."""
        with suppress(Lost):
            self.call.bye()
        self.voice.stop()


class Dialled:
    """An established call that pjsua was told to make: what rings there cannot be answered from outside."""

    def __init__(self, phone: Phone, codec: Codec) -> None:
        self.phone = phone
        self.voice = Voice(codec)
        self._there = False
        phone.far.automatic["INVITE"] = self._answer
        phone.say(f"m\nsip:bench@{HOST}:{phone.far.port}")
        until = time.monotonic() + PATIENCE
        while not self._there:
            if time.monotonic() > until:
                raise Lost(f"{phone.name} did not call:\n{phone.log()[-1000:]}")
            phone.far.receive(0.05)

    def _answer(self, request: Message, address: tuple[str, int], _at: int) -> None:
        fields = [("Contact", f"<sip:bench@{HOST}:{self.phone.far.port}>"), ("Content-Type", "application/sdp")]
        self.phone.far.reply(request, address, 200, fields, offer(self.voice.codec, self.voice.port))
        if not self._there:
            self._there = True
            self.voice.start(media_address(request.body))

    def end(self) -> None:
        """Hang up."""
        self.phone.say("h")
        self.voice.stop()
        self.phone.far.automatic.pop("INVITE", None)


def idle(phones: list[Phone], seconds: float) -> dict[str, float]:
    """Percent of a core each phone uses while nothing happens, all over the same seconds."""
    return _cpu(phones, seconds)


def in_calls(
    phones: list[tuple[Phone, str]], seconds: float, at_rest: dict[str, float]
) -> tuple[dict[Codec, dict[str, float]], dict[str, float], list[str]]:
    """Percent of a core per call by codec, without what the phone uses at rest; MB in a call; what went wrong."""
    used: dict[Codec, dict[str, float]] = {}
    memory: dict[str, float] = {}
    doubts = []
    for codec in CODECS:
        talks = [Talk(phone, number, codec) for phone, number in phones]
        serve([phone.far for phone, _ in phones], 1.0)
        before = {talk.phone.name: talk.voice.received for talk in talks}
        busy = _cpu([phone for phone, _ in phones], seconds)
        for talk in talks:
            name = talk.phone.name
            heard = talk.voice.received - before[name]
            if heard < 0.95 * seconds * 50:
                doubts.append(f"{name}, {codec.name}: {heard} packets in {seconds:g} s, expected {seconds * 50:g}")
            memory[name] = max(memory.get(name, 0.0), memory_mb(talk.phone.pid))
            talk.end()
        used[codec] = {name: percent - at_rest.get(name, 0.0) for name, percent in busy.items()}
        serve([phone.far for phone, _ in phones], 1.5)  # the sound device closes a second after the call
    return used, memory, doubts


def _cpu(phones: list[Phone], seconds: float) -> dict[str, float]:
    began = time.monotonic()
    before = {phone.name: cpu_seconds(phone.pid) for phone in phones}
    serve([phone.far for phone in phones], seconds)
    lasted = time.monotonic() - began
    return {phone.name: 100 * (cpu_seconds(phone.pid) - before[phone.name]) / lasted for phone in phones}
