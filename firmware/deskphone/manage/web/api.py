"""`/api/v1`: JSON for programs, each answer with its code; and `/metrics`.

Law: translates requests into those of the control socket. What is wrong is `{"error": ...}` with 400 (no JSON), 404
(no such setting or call), 409 (not possible now), 415 (another Content-Type), 422 (a value that does not fit), 503 (no
phone).
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from deskphone.manage.client import AsyncPhone, Refusal
from deskphone.manage.web.metrics import CONTENT_TYPE, metrics
from deskphone.manage.web.openapi import document

CODES = {"request": 422, "unknown": 404, "value": 422, "signature": 422, "refused": 409, "bug": 500}
Json = dict[str, Any]


def error(status: int, text: str, **headers: str) -> web.Response:
    """An error as JSON, its text for a person, with a status code of RFC 9110."""
    return answer({"error": text}, status, **headers)


def answer(value: Json, status: int = 200, **headers: str) -> web.Response:
    """A JSON answer that no cache keeps (Cache-Control: no-store)."""
    return web.json_response(value, status=status, headers={"Cache-Control": "no-store", **headers})


def refusal(refused: Refusal) -> web.Response:
    """What the phone said, with the code of its kind."""
    return error(CODES.get(refused.kind, 500), str(refused))


class Api:
    """The routes. A caller is let in by then."""

    def __init__(self, phone: AsyncPhone) -> None:
        self._phone = phone

    def routes(self) -> list[web.RouteDef]:
        """The rows for aiohttp's router."""
        return [
            web.get("/api/v1/state", self._state),
            web.get("/api/v1/status", self._status),
            web.get("/api/v1/settings", self._settings),
            web.get("/api/v1/settings/{name:.+}", self._setting),
            web.put("/api/v1/settings/{name:.+}", self._set),
            web.delete("/api/v1/settings/{name:.+}", self._reset),
            web.get("/api/v1/calls", self._calls),
            web.post("/api/v1/calls", self._dial),
            web.post("/api/v1/calls/{call}/{verb:answer|hold|retrieve|hang_up}", self._order),
            web.delete("/api/v1/calls/{call}", self._order),
            web.get("/api/v1/openapi.json", self._openapi),
            web.get("/metrics", self._metrics),
        ]

    async def _state(self, request: web.Request) -> web.Response:
        return answer((await self._phone.ask("state"))["state"])

    async def _status(self, request: web.Request) -> web.Response:
        status = await self._phone.ask("status")
        status.pop("ok")
        return answer(status)

    async def _settings(self, request: web.Request) -> web.Response:
        return answer({"settings": (await self._phone.ask("show"))["settings"]})

    async def _setting(self, request: web.Request) -> web.Response:
        return answer((await self._phone.ask("show", names=[request.match_info["name"]]))["settings"][0])

    async def _set(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        if "value" not in body:
            raise Refusal("value", 'expected {"value": ...}')
        return await self._change(request, _text(body["value"]))

    async def _reset(self, request: web.Request) -> web.Response:
        return await self._change(request, None)

    async def _change(self, request: web.Request, text: str | None) -> web.Response:
        done = await self._phone.ask("set", values={request.match_info["name"]: text})
        return answer({**done["settings"][0], "waits": done["waits"], "warnings": done["warnings"]})

    async def _calls(self, request: web.Request) -> web.Response:
        return answer({"calls": (await self._phone.ask("state"))["state"]["calls"]})

    async def _dial(self, request: web.Request) -> web.Response:
        number = (await body_of(request)).get("number")
        if not isinstance(number, str):
            raise Refusal("value", 'expected {"number": "..."}')
        return answer({"call": (await self._phone.ask("call", verb="dial", number=number))["call"]}, 201)

    async def _order(self, request: web.Request) -> web.Response:
        verb = request.match_info.get("verb", "hang_up")
        return answer({"call": (await self._phone.ask("call", verb=verb, call=request.match_info["call"]))["call"]})

    async def _openapi(self, request: web.Request) -> web.Response:
        return answer(document((await self._phone.ask("status"))["version"]))

    async def _metrics(self, request: web.Request) -> web.Response:
        text = metrics(await self._phone.ask("status"))
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})


async def body_of(request: web.Request) -> Json:
    """The JSON object of a request. HTTPBadRequest where it is none; HTTPUnsupportedMediaType for another Content-Type,
    which is all that a form of another site can send."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="expected Content-Type: application/json")
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="the body is a JSON object")
    return body


def _text(value: object) -> str:
    """A JSON value as a text of a file."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str | int):
        return str(value)
    raise Refusal("value", "expected a text, a number or true or false; DELETE takes the value away")
