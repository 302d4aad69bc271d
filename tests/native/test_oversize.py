"""Messages on a stream that are longer than the stack's buffer: refused, passed over, and nothing in them is read.

One with `Content-Length: 99999999` ended the process: pjsip tells of such a message by the length that it was to have.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import deskphone_sipext as sipext
import pytest

from deskphone.sip.stack.mending import Mender
from tests.native.native_phone import Phone
from tests.native.test_connections import closed
from tests.native.test_mending import answered, mender, options, stream

__all__ = ["mender", "stream"]
BUFFER = 16_384
SMUGGLED = options("smuggled")


def long_one(body: bytes, length: int | None = None) -> bytes:
    """An OPTIONS with a body."""
    told = len(body) if length is None else length
    return options("long", "Content-Type: text/plain", length=f"Content-Length: {told}") + body


def in_pieces(phone: Phone, stream: socket.socket, data: bytes, size: int) -> None:
    """Send so much at a time, each read by itself."""
    for at in range(0, len(data), size):
        sent = at

        def gone(end: int = min(at + size, len(data))) -> bool:
            nonlocal sent
            try:
                sent += stream.send(data[sent:end])
            except BlockingIOError:
                return False
            return sent >= end

        phone.until(gone)
        phone.endpoint.libHandleEvents(5)


@pytest.mark.parametrize(("size", "piece"), [(BUFFER - 100, 1_447), (BUFFER + 1, 4_096), (65_536, 1_000_000)])
def test_a_long_message_is_refused_and_its_neighbours_are_served(
    phone: Phone, stream: socket.socket, size: int, piece: int
) -> None:
    """Its body is full of line ends, which pjsip drops before it looks, and of requests."""
    body = (b"\r\n\r\n" + SMUGGLED + b"\r\n\r\n\n") * (size // len(SMUGGLED)) + b"\r\n"
    in_pieces(phone, stream, options("before") + long_one(body) + b"\r\n" + options("after"), piece)
    assert answered(phone, stream, 3) == {"before": 200, "long": 513, "after": 200}
    assert not any(b"smuggled" in raw for raw, *_ in phone.seen)


@pytest.mark.parametrize(
    "endless",
    [
        long_one(b"x" * 70_000, 99_999_999),
        long_one(b"x" * 70_000, 300_000),
        b"OPTIONS " + b"a" * 70_000,
        b"SIP/2.0 200 OK\r\nContent-Length: 999999\r\n\r\n",
    ],
    ids=["100 MB", "300 kB", "no line", "an answer"],
)
def test_a_message_without_end_loses_its_connection(phone: Phone, stream: socket.socket, endless: bytes) -> None:
    stream.sendall(options("before"))
    assert answered(phone, stream, 1) == {"before": 200}
    before = sipext.counts()["unreadable"]
    with contextlib.suppress(ConnectionError):  # it may be closed before the last piece is there
        in_pieces(phone, stream, endless, 4_096)
    phone.until(lambda: closed(stream))
    assert sipext.counts()["unreadable"] == before + 1


def test_a_new_connection_is_served_while_others_wait_for_the_end_of_a_long_one(
    phone: Phone, mender: Mender, tcp_port: Callable[[], int]
) -> None:
    """More of them than the phone keeps count of: those lose their connection."""
    port, waiting = tcp_port(), []
    for number in range(20):
        waiting.append(socket.create_connection(("127.0.0.1", port), 5))
        waiting[-1].sendall(long_one(b"x", 60_000))
        phone.until(lambda number=number: len(sipext.connections()) == min(number + 1, 16))  # type: ignore[misc]
    with socket.create_connection(("127.0.0.1", port)) as late:
        late.setblocking(False)
        late.sendall(options("late"))
        assert answered(phone, late, 1) == {"late": 200}
    for each in waiting:
        each.close()
