"""MQTT 5: the phone's state and what happens, published at a broker of the owner's; call orders, where he allows them.

    TOPIC/<mac>/online       1, or 0 by the last will; retained
    TOPIC/<mac>/state        registrations, agent, calls without their callers; retained
    TOPIC/<mac>/event/NAME   what happens, as webhooks tell it
    TOPIC/<mac>/command      {"verb": "dial", "number": "23", "id": "1"}; what came of it goes to .../answer

Law: in another process than calls are; nothing waits for a broker, and what piles up is bounded (`feed`). An order is
the phone's to judge; one that the broker kept (retained) is none, for nobody knows when it was given.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from deskphone.manage.client import AsyncPhone, Gone, Refusal
from deskphone.manage.feed import Feed, Listener
from deskphone.manage.report.bounded import NO_LOG, bounded
from deskphone.manage.report.broker import Wish
from deskphone.manage.report.reporter import Reporter

Json = dict[str, Any]
log = logging.getLogger("deskphone.manage")
FIRST, LONGEST = 2.0, 120.0  # seconds before a broker is tried again, doubling
LARGEST = 8192  # bytes of a packet that the broker may send
WAITING = 16  # orders
KEEP_ALIVE = 60  # seconds
ANSWER = 10.0  # seconds for an answer of the broker's
ONCE = 1  # QoS: at least once


class Mqtt(Reporter[Wish]):
    """phone: asked for its state, and to carry out orders; who: what the phone says of itself."""

    name: ClassVar[str] = "MQTT"

    def __init__(self, phone: AsyncPhone, feed: Feed, who: Callable[[], Json]) -> None:
        super().__init__(Wish())
        self._phone, self._feed, self._who = phone, feed, who
        self._unsent: Json | None = None

    async def _run(self, wish: Wish) -> None:
        context = await asyncio.to_thread(wish.papers.context) if wish.secure else None
        pause, told = FIRST, ""
        async with self._feed.listen() as listener:
            while True:
                why = "the connection ended"
                try:
                    async with self._connected(wish, context) as client:
                        log.info("MQTT: connected")
                        pause, told = FIRST, ""
                        await self._serve(client, wish, listener)
                except* (aiomqtt.MqttError, OSError, Gone, Refusal) as group:
                    why = _words(group)
                if self.over:
                    return
                if why != told:
                    log.warning("MQTT: %s", why)
                told = why
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(2 * pause, LONGEST)

    @contextlib.asynccontextmanager
    async def _connected(self, wish: Wish, context: ssl.SSLContext | None) -> AsyncIterator[aiomqtt.Client]:
        host, port = wish.place
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = LARGEST
        client = aiomqtt.Client(
            host, port, protocol=aiomqtt.ProtocolVersion.V5, properties=limits,
            identifier=f"deskphone-{self._name()}", username=wish.user or None, password=wish.password or None,
            will=aiomqtt.Will(self._topic(wish, "online"), "0", ONCE, retain=True), keepalive=KEEP_ALIVE,
            tls_context=context, max_queued_incoming_messages=WAITING, max_concurrent_outgoing_calls=WAITING,
            logger=NO_LOG, timeout=ANSWER,
        )  # fmt: skip
        async with bounded(client, LARGEST, WAITING):
            await client.publish(self._topic(wish, "online"), "1", ONCE, retain=True)
            try:
                yield client
            finally:  # a phone that says goodbye has no last will
                with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(1.0):
                        await client.publish(self._topic(wish, "online"), "0", ONCE, retain=True)

    async def _serve(self, client: aiomqtt.Client, wish: Wish, listener: Listener) -> None:
        """Until the connection ends, as an ExceptionGroup."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell(client, wish, listener))
            group.create_task(self._obey_orders(client, wish))

    async def _tell(self, client: aiomqtt.Client, wish: Wish, listener: Listener) -> None:
        while True:
            if not listener.waiting:
                await self._publish(client, wish, "state", await self._state(), retain=True)
            each = self._unsent = self._unsent or await listener.next()
            if wish.tells(each["event"]):
                await self._publish(client, wish, f"event/{each['event']}", {**each, "phone": self._who()})
            self._unsent = None

    async def _obey_orders(self, client: aiomqtt.Client, wish: Wish) -> None:
        if wish.commands:
            await client.subscribe(self._topic(wish, "command"), ONCE)
        async for message in client.messages:  # also where none are wanted: it ends with the connection
            if wish.commands and not message.retain:
                await self._publish(client, wish, "answer", await self._carried_out(message.payload))

    async def _carried_out(self, payload: object) -> Json:
        """An order of a broker's, and what came of it."""
        try:
            order = json.loads(payload if isinstance(payload, bytes) else b"")
            verb, fields = order["verb"], {name: order[name] for name in ("call", "number") if name in order}
            number = str(order.get("id", ""))[:64]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {"ok": False, "error": 'expected {"verb": ..., "number": ..., "call": ..., "id": ...}'}
        try:
            done = await self._phone.ask("call", verb=verb, **fields)
        except (Refusal, Gone) as error:
            return {"id": number, "ok": False, "error": str(error)}
        return {"id": number, "ok": True, "call": done["call"]}

    async def _state(self) -> Json:
        """What the broker keeps: no caller is in it."""
        state = (await self._phone.ask("state"))["state"]
        return {
            "agent": state["agent"],
            "servers": [{name: each[name] for name in ("address", "registered")} for each in state["servers"]],
            "calls": [{name: each[name] for name in ("direction", "state")} for each in state["calls"]],
            "phone": self._who(),
        }

    async def _publish(self, client: aiomqtt.Client, wish: Wish, name: str, value: Json, retain: bool = False) -> None:
        await client.publish(self._topic(wish, name), json.dumps(value), ONCE, retain=retain)

    def _name(self) -> str:
        return str(self._who().get("mac", "")).replace(":", "").lower() or "unknown"

    def _topic(self, wish: Wish, name: str) -> str:
        return f"{wish.topic}/{self._name()}/{name}"


def _words(error: BaseException) -> str:
    """The first of a group, in words."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
