"""MQTT at a broker that is not what it should be: what it sends costs its connection, no memory, no line a packet."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import random
import struct
from collections.abc import Callable
from typing import Any

import pytest

from deskphone.manage.client import AsyncPhone
from deskphone.manage.feed import Feed
from deskphone.manage.report import mqtt
from deskphone.manage.report.broker import Wish
from deskphone.manage.report.mqtt import LARGEST, WAITING, Mqtt
from tests.patience import patient

Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]
CONNACK = b"\x20\x03\x00\x00\x00"
PUBLISH, PUBACK, SUBSCRIBE = 3, 4, 8
STATE = {"state": {"agent": {}, "servers": [], "calls": []}}


class Idle(AsyncPhone):
    """A phone that has a state, and takes its time with orders: until it may, where the test says when."""

    orders = 0
    may: asyncio.Event | None = None

    async def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        if request == "call":
            self.orders += 1
            await (self.may.wait() if self.may is not None else asyncio.sleep(0.2))
            return {"call": "1"}
        if request == "happened":
            await asyncio.sleep(3600)
        return STATE


def publish(topic: bytes, payload: bytes, qos: int = 0, number: int = 1) -> bytes:
    """PUBLISH of MQTT 5."""
    body = struct.pack("!H", len(topic)) + topic + (struct.pack("!H", number) if qos else b"") + b"\x00" + payload
    return bytes([0x30 | qos << 1]) + length(len(body)) + body


def length(number: int) -> bytes:
    """A variable byte integer (MQTT 5 section 1.5.5)."""
    found = bytearray()
    while True:
        number, low = divmod(number, 128)
        found.append(low | (128 if number else 0))
        if not number:
            return bytes(found)


async def packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The phone's next one: its kind, and what follows its length."""
    kind = (await reader.readexactly(1))[0] >> 4
    size = shift = 0
    while True:
        low = (await reader.readexactly(1))[0]
        size, shift = size | (low & 127) << shift, shift + 7
        if low < 128:
            return kind, await reader.readexactly(size)


def acknowledge(writer: asyncio.StreamWriter, body: bytes) -> None:
    """PUBACK for a PUBLISH of the phone's."""
    after = 2 + int.from_bytes(body[:2], "big")
    writer.write(b"\x40\x02" + body[after : after + 2])


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The phone's next answer to an order."""
    while True:
        kind, body = await packet(reader)
        if kind == PUBLISH:
            acknowledge(writer, body)
            if b"/answer" in body:
                return body


async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As a broker should, until the phone has subscribed to its orders."""
    kind = 0
    writer.write(CONNACK)
    while kind != SUBSCRIBE:
        kind, body = await packet(reader)
        if kind == PUBLISH:
            acknowledge(writer, body)
        elif kind == SUBSCRIBE:
            writer.write(b"\x90\x04" + body[:2] + b"\x00\x01")


def meet(play: Play, visits: int = 2, greeting: bytes | None = None, phone: Idle | None = None) -> None:
    """Have a phone that obeys orders at a broker that greets it and plays this; until it came so many times."""
    phone = phone or Idle("/nowhere", "test")

    async def story() -> None:
        came, done = 0, asyncio.Event()

        async def guest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal came
            came += 1
            if came >= visits:
                done.set()
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                if greeting is None:
                    await welcome(reader, writer)
                else:
                    writer.write(greeting)
                await play(reader, writer)
                while await reader.read(65536):
                    pass
            writer.close()

        server = await asyncio.start_server(guest, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        feed = Feed(Idle("/nowhere", "test"))
        one = Mqtt(phone, feed, lambda: {"mac": "00"})
        await one.obey(Wish(f"mqtt://127.0.0.1:{port}", commands=True))
        async with asyncio.timeout(patient(60)):
            await done.wait()
        await one.close()
        await feed.close()
        server.close()

    asyncio.run(story())
    gc.collect()  # what nobody asked a future for is in the journal when it goes


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "FIRST", 0.01)
    monkeypatch.setattr(mqtt, "LONGEST", 0.02)
    monkeypatch.setattr(mqtt, "ANSWER", 1.0)


def test_a_packet_that_is_too_large_is_not_read(caplog: pytest.LogCaptureFixture) -> None:
    most = 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        writer.write(b"\x30" + length(250_000_000))
        for taken in range(0, 250_000_000, 65536):
            writer.write(bytes(65536))
            await writer.drain()
            most = max(most, taken)

    meet(play)
    assert most < 20_000_000, "what the kernels of both sides keep, and no more"
    assert "Traceback" not in caplog.text


def test_orders_that_are_never_released_are_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    sent = 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        for number in range(1, 60_000):
            writer.write(publish(b"a", bytes(LARGEST - 100), 2, number))
            await writer.drain()
            sent = max(sent, number)

    meet(play)
    assert sent < 5000 and "Traceback" not in caplog.text


def test_a_flood_of_orders_is_no_line_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    phone, busy = Idle("/nowhere", "test"), list[int]()
    phone.may = may = asyncio.Event()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        may.clear()
        for _ in range(2000):
            writer.write(publish(b"deskphone/00/command", b'{"verb": "dial", "number": "23"}'))
        writer.write(publish(b"deskphone/00/last", b"", 1, 77))
        await writer.drain()
        while await packet(reader) != (PUBACK, b"\x00\x4d"):
            pass
        while not phone.orders:  # noqa: ASYNC110
            await asyncio.sleep(0)
        busy.append(phone.orders)  # all are read by now
        may.set()
        for _ in range(2):  # with the second there is room for another order, which comes behind all that wait
            await answer(reader, writer)
        writer.write(publish(b"deskphone/00/command", b'{"verb": "dial", "number": "23", "id": "last"}'))
        while b'"id": "last"' not in await answer(reader, writer):
            pass
        busy.append(phone.orders)
        writer.close()

    meet(play, phone=phone)
    assert busy[0] == 1 and busy[1] == 1 + WAITING + 1, "one is carried out, some wait, the others are dropped"
    assert len(caplog.records) < 10


@pytest.mark.parametrize("seed", range(4))
def test_what_is_no_mqtt_costs_the_connection_and_nothing_else(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    draw = random.Random(seed)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(20):
            kind = draw.choice((0x20, 0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0, 0xD0, 0xE0, 0xF0, 0x00))
            body = draw.randbytes(draw.choice((0, 1, 2, 3, 5, 30)))
            writer.write(bytes([kind]) + length(len(body)) + body)
        await writer.drain()
        writer.close()

    meet(play, visits=4)
    assert "Traceback" not in caplog.text and len(caplog.records) < 40, caplog.text


@pytest.mark.parametrize("greeting", [
    b"\x20\x00", b"\x20\x03\x00\x00\xff", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x03\x00\x87\x00",
])  # fmt: skip
def test_a_greeting_that_is_none_is_tried_again(greeting: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        writer.close()

    meet(play, 2, greeting)
    assert "Traceback" not in caplog.text, caplog.text
