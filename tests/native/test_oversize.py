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


def smuggling(requests: int, length: int | None = None) -> bytes:
    """A long one whose body is nothing but requests, each another."""
    return long_one(b"".join(b"\r\n\r\n" + options(f"smuggled-{number}") for number in range(requests)), length)


def read_on(phone: Phone) -> None:
    """Until whatever is there is read, and what its connection waits for is done."""
    for _ in range(50):
        phone.endpoint.libHandleEvents(5)


@pytest.mark.parametrize("length", [300_000, 99_999_999])
def test_what_follows_on_a_connection_that_is_being_closed_is_never_read(
    phone: Phone, stream: socket.socket, length: int
) -> None:
    """All in one go: the stack goes on reading a socket that it has not closed yet."""
    stream.sendall(options("before"))
    assert answered(phone, stream, 1) == {"before": 200}
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200_000)
    assert stream.send(smuggling(200, length)) > 2 * BUFFER
    phone.until(lambda: closed(stream))
    read_on(phone)
    assert not any(b"smuggled" in raw for raw, *_ in phone.seen)


def test_strangers_with_unfinished_long_ones_switch_nothing_off(
    phone: Phone, mender: Mender, tcp_port: Callable[[], int]
) -> None:
    """However many of them wait for the end of a long one: another's is passed over as well."""
    port, waiting = tcp_port(), []
    for _ in range(20):
        waiting.append(socket.create_connection(("127.0.0.1", port), 5))
        waiting[-1].setblocking(False)
        waiting[-1].sendall(long_one(b"x", 60_000))
        assert answered(phone, waiting[-1], 1) == {"long": 513}
    with socket.create_connection(("127.0.0.1", port)) as late:
        late.setblocking(False)
        in_pieces(phone, late, smuggling(150) + options("late"), 1_000_000)
        assert answered(phone, late, 2) == {"long": 513, "late": 200}
    read_on(phone)
    assert not any(b"smuggled" in raw for raw, *_ in phone.seen)
    for each in waiting:
        each.close()
