"""Connections that others opened: told with their idle time, closed one by one."""

from __future__ import annotations

import socket
from collections.abc import Callable

import deskphone_sipext as sipext

from tests.native.native_phone import Phone
from tests.native.test_mending import options


def closed(connection: socket.socket) -> bool:
    """Whether the phone has closed it."""
    try:
        return connection.recv(65536) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_idle_connections_are_told_and_closed_one_by_one(phone: Phone, tcp_port: Callable[[], int]) -> None:
    port = tcp_port()
    with (
        socket.create_connection(("127.0.0.1", port)) as first,
        socket.create_connection(("127.0.0.1", port)) as second,
    ):
        phone.until(lambda: len(sipext.connections()) == 2)
        told = {item[2]: item for item in sipext.connections()}
        number, host, _, transport, _ = told[first.getsockname()[1]]
        assert (host, transport) == ("127.0.0.1", "TCP")
        phone.until(lambda: min(item[4] for item in sipext.connections()) > 20)
        second.sendall(options("alive"))
        phone.until(lambda: sorted(item[4] for item in sipext.connections())[0] < 20)
        first.setblocking(False)
        assert sipext.close_connection(number)
        phone.until(lambda: closed(first))
        assert [item[2] for item in sipext.connections()] == [second.getsockname()[1]]
        assert not sipext.close_connection(number)
    phone.until(lambda: not sipext.connections())
    assert sipext.changing_connection() is None, "outside onTransportState there is none"
