"""paho's MQTT client within bounds: it tells a broker its limits (MQTT 5 section 3.1.2.11) and takes whatever comes.

Law: a broker that sends what is too large, too much, or no MQTT loses its connection, which is the only thing it costs.
paho has no word of its own for this, so what it receives by is taken in hand; the tests have such a broker.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode

NO_LOG = logging.getLogger("deskphone.manage.mqtt")
NO_LOG.disabled = True  # a broker could fill the journal: the client writes a line for what it throws away


def bounded(client: aiomqtt.Client, largest: int, most: int) -> aiomqtt.Client:
    """The client, which reads no packet beyond `largest` bytes and keeps at most `most` messages that the broker has
    announced and not released (QoS 2)."""
    inner: Any = client._client
    loop, receive = asyncio.get_running_loop(), inner._sock_recv

    def within(size: int) -> bytes:
        if inner._in_packet["to_process"] > largest or len(inner._in_messages) > most:
            raise ConnectionError("expected what was told to the broker, got more")
        return bytes(receive(size))

    def safely(work: Callable[..., MQTTErrorCode]) -> Callable[..., MQTTErrorCode]:
        def do(*words: int) -> MQTTErrorCode:
            try:
                return work(*words)
            except Exception:  # whatever its parser stumbles over; left alone it would keep the socket
                return MQTTErrorCode(inner._loop_rc_handle(MQTTErrorCode.MQTT_ERR_PROTOCOL))

        return do

    def wants_to_write(mqtt: object, userdata: object, sock: socket.socket) -> None:
        def begin() -> None:
            with contextlib.suppress(OSError, ValueError):  # closed by then; its number may be another's
                loop.add_writer(sock, write)

        loop.call_soon_threadsafe(begin)

    write = safely(inner.loop_write)
    inner._sock_recv, inner.loop_read = within, safely(inner.loop_read)
    inner.on_socket_register_write = wants_to_write
    return client
