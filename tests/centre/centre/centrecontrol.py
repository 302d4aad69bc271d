"""The contact centre over HTTP: agents, desktops, queues, DN options, quirks, ends of subscriptions. JSON in, JSON out.

`control` mounts these under /server/. What a desktop may not do comes back as 400 with the reason in words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from centre import dnoptions
from centre.desktop import Desktop
from centre.fieldsof import Action, BadField, Json, a_switch, seconds, text, whole
from centre.server import SipServer

Verb = Callable[[Desktop, Json], Awaitable[None]]


def _at_once(act: Callable[[Desktop, Json], object]) -> Verb:
    async def verb(desktop: Desktop, body: Json) -> None:
        act(desktop, body)

    return verb


def _of_call(act: Callable[[Desktop, int | None], Awaitable[object]]) -> Verb:
    async def verb(desktop: Desktop, body: Json) -> None:
        await act(desktop, whole(body, "call") if body.get("call") is not None else None)

    return verb


def _to_number(act: Callable[[Desktop, str], Awaitable[object]]) -> Verb:
    async def verb(desktop: Desktop, body: Json) -> None:
        await act(desktop, text(body, "number"))

    return verb


async def _complete(desktop: Desktop, body: Json) -> None:
    what = text(body, "as", "transfer")
    if what not in ("transfer", "conference"):
        raise BadField(f"as {what!r}: expected transfer or conference")
    await (desktop.complete_transfer() if what == "transfer" else desktop.complete_conference())


async def _transfer(desktop: Desktop, body: Json) -> None:
    """With a number: single-step. Without: complete the consultation."""
    if body.get("number") is not None:
        await desktop.transfer(text(body, "number"))
    else:
        await desktop.complete_transfer()


VERBS: dict[str, Verb] = {
    "log_in": _at_once(lambda desktop, body: desktop.log_in(
        text(body, "agent"), text(body, "password") if body.get("password") is not None else None)),
    "log_out": _at_once(lambda desktop, _: desktop.log_out()),
    "ready": _at_once(lambda desktop, _: desktop.ready()),
    "not_ready": _at_once(lambda desktop, body: desktop.not_ready(text(body, "reason", ""))),
    "acw": _at_once(lambda desktop, _: desktop.after_call_work()),
    "dnd": _at_once(lambda desktop, body: desktop.do_not_disturb(a_switch(body, "on", True))),
    "forward": _at_once(lambda desktop, body: desktop.forward(text(body, "kind"), text(body, "number", ""))),
    "answer": _of_call(lambda desktop, call: desktop.answer(call)),
    "hold": _of_call(lambda desktop, call: desktop.hold(call)),
    "retrieve": _of_call(lambda desktop, call: desktop.retrieve(call)),
    "release": _at_once(lambda desktop, body: desktop.release(
        whole(body, "call") if body.get("call") is not None else None)),
    "make_call": _to_number(lambda desktop, number: desktop.make_call(number)),
    "consult": _to_number(lambda desktop, number: desktop.consult(number)),
    "transfer": _transfer,
    "conference": _of_call(lambda desktop, _: desktop.complete_conference()),
    "complete": _complete,
    "reconnect": _of_call(lambda desktop, _: desktop.reconnect()),
}  # fmt: skip


class CentreControl:
    """The actions for one server."""

    def __init__(self, server: SipServer) -> None:
        self._server = server
        self.actions: dict[str, Action] = {
            "agent": self._agent, "desktop": self._desktop, "queue": self._queue, "option": self._option,
            "quirk": self._quirk, "subscription": self._subscription,
        }  # fmt: skip

    async def _agent(self, body: Json) -> Any:
        """{"agent": "7001", "password": "1234", "name": "Ada"}: add or replace an Agent Login."""
        login = self._server.agents.add(text(body, "agent"), text(body, "password", ""), text(body, "name", ""))
        self._server.bus.publish("agent-login", agent=login.id)
        return {"agent": login.id, "name": login.name}

    async def _desktop(self, body: Json) -> Any:
        """{"dn": "1502", "do": "not_ready", "reason": "500"}; the desktop after it."""
        desktop, what = self._server.desktop(text(body, "dn")), text(body, "do")
        if what not in VERBS:
            raise BadField(f"do {what!r}: expected one of {', '.join(VERBS)}")
        await VERBS[what](desktop, body)
        return desktop.to_dict()

    async def _queue(self, body: Json) -> Any:
        """{"queue": "5000"}: make one, or {"queue": "5000", "do": "call", "from": "2001", "name": "Ann"}."""
        number = text(body, "queue")
        if body.get("do") == "call":
            if number not in self._server.queues:
                raise BadField(f"queue {number!r}: no such queue")
            far_end = self._server.call(
                number, from_number=text(body, "from", "2001"), name=text(body, "name", ""),
                media=text(body, "media", "melody"), ring_for=seconds(body, "ring_for"),
                talk_for=seconds(body, "talk_for"),
            )  # fmt: skip
            return far_end.to_dict()
        if number not in self._server.queues:
            self._server.add_queue(number)
        queue = self._server.queues[number]
        if "after_call_work" in body:
            queue.after_call_work = seconds(body, "after_call_work")
        queue.no_answer = seconds(body, "no_answer", queue.no_answer) or queue.no_answer
        return queue.to_dict()

    async def _option(self, body: Json) -> Any:
        """{"dn": "1502", "name": "refer-enabled", "value": "false"}"""
        dn = text(body, "dn")
        if dn not in self._server.dns:
            raise BadField(f"dn {dn!r}: no such DN")
        checked = dnoptions.checked([(text(body, "name"), text(body, "value"))])
        for name, value in checked.items():
            self._server.set_option(dn, name, value)
        return self._server.desktop(dn).to_dict()

    async def _quirk(self, body: Json) -> Any:
        """{"notify_first": true, "namespace": "none"}"""
        for name, value in body.items():
            self._server.quirks.set(name, value)
        return {}

    async def _subscription(self, body: Json) -> Any:
        """{"event": "as-feature-event", "reason": "deactivated", "retry_after": 3, "dn": "1502"}: end it."""
        after = whole(body, "retry_after") if body.get("retry_after") is not None else None
        ended = self._server.end_subscriptions(text(body, "event"), text(body, "reason"), after, text(body, "dn", ""))
        return {"ended": ended}
