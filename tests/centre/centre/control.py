"""The control API over HTTP for tools outside the process: JSON in, JSON out, server-sent events. Off unless asked for.

Meant for loopback: a POST must be application/json, so that no web page can send one by itself.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from centre.centrecontrol import CentreControl
from centre.farend import FarEnd
from centre.fieldsof import Action, BadField, Json, headers, seconds, text, whole
from centre.guard import guard, prepare
from centre.outage import DEEDS
from centre.report import site_of, state_of
from centre.server import SipServer

PAGE = Path(__file__).parent / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Control:
    """One HTTP server for the sites of a contact centre: the first under /server, the second under /server/2."""

    def __init__(self, server: SipServer, host: str, port: int, second: SipServer | None = None) -> None:
        self._sites = (server,) if second is None else (server, second)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Bind; OSError when the port is taken."""
        app = web.Application(middlewares=[guard(self._host)], client_max_size=65536)
        app.on_response_prepare.append(prepare())
        for path in ("/", "/desktop"):  # "/": another site may link there (guard)
            app.router.add_get(path, self._page)
        app.router.add_get("/desktop/{name}", self._page)
        app.router.add_get("/server/sites", self._all_sites)
        for number, server in enumerate(self._sites, 1):
            SiteControl(server).mount(app.router, "/server" if number == 1 else f"/server/{number}")
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close it."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self._host}:{self._port}"

    async def _all_sites(self, request: web.Request) -> web.Response:
        return web.json_response([site_of(server) for server in self._sites])

    async def _page(self, request: web.Request) -> web.Response:
        """The agent desktop: the files of the folder `page`, and nothing else."""
        name = request.match_info.get("name", "desktop.html")
        path = PAGE / name
        if path.parent != PAGE or path.suffix not in TYPES or not path.is_file():
            raise web.HTTPNotFound
        return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8")


class SiteControl:
    """What is asked of one SipServer, and done to it."""

    def __init__(self, server: SipServer) -> None:
        self._server = server

    def mount(self, router: web.UrlDispatcher, prefix: str) -> None:
        """Add everything below `prefix`."""
        router.add_get(f"{prefix}/state", self._state)
        router.add_get(f"{prefix}/messages", self._messages)
        router.add_get(f"{prefix}/events", self._events)
        posts: dict[str, Action] = {
            "call": self._call, "answering": self._answering, "farend": self._far_end, "mwi": self._mwi,
            "fail": self._fail, "silence": self._silence, "notify": self._notify, "dn": self._dn, "site": self._site,
            **CentreControl(self._server).actions,
        }  # fmt: skip
        for name, action in posts.items():
            router.add_post(f"{prefix}/{name}", _json_action(action))

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(state_of(self._server))

    async def _messages(self, request: web.Request) -> web.Response:
        """?method=INVITE&limit=50"""
        method, limit = request.query.get("method"), request.query.get("limit", "100")
        if not limit.isdecimal():
            return web.json_response({"error": f"limit {limit!r}: expected a number"}, status=400)
        chosen = [entry for entry in self._server.messages if method in (None, entry.method)]
        return web.json_response([entry.to_dict() for entry in chosen[-int(limit) or len(chosen) :]])

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        with self._server.bus.listen() as events:
            await response.write(b": hello\n\n")
            while True:
                event = await events.get()
                await response.write(f"event: {event['kind']}\ndata: {json.dumps(event)}\n\n".encode())

    # POST

    async def _call(self, body: Json) -> Any:
        far_end = self._server.call(
            text(body, "dn"), from_number=text(body, "from", "2001"), name=text(body, "name", ""),
            private=bool(body.get("private", False)), headers=headers(body), media=text(body, "media", "melody"),
            ring_for=seconds(body, "ring_for"), talk_for=seconds(body, "talk_for"),
            without_sdp=bool(body.get("without_sdp", False)),
        )  # fmt: skip
        return far_end.to_dict()

    async def _answering(self, body: Json) -> Any:
        far_end = self._server.answering(
            text(body, "number"), name=text(body, "name", ""), code=whole(body, "code", 200),
            answer_after=seconds(body, "answer_after", 0.0), headers=headers(body),
            media=text(body, "media", "melody"), talk_for=seconds(body, "talk_for"),
        )  # fmt: skip
        return far_end.to_dict()

    async def _far_end(self, body: Json) -> Any:
        """{"id": 3, "do": "leave" | "accept" | "decline" | "hold" | "retrieve", "code": 486}"""
        number, what = whole(body, "id"), text(body, "do")
        far_end = next((known for known in self._server.far_ends if known.id == number), None)
        if far_end is None:
            raise BadField(f"id {number}: no such far end")
        await _do(far_end, what, whole(body, "code", 603))
        return far_end.to_dict()

    async def _mwi(self, body: Json) -> Any:
        self._server.notify_mwi(
            text(body, "dn"), whole(body, "new"), whole(body, "old", 0), unsolicited=body.get("unsolicited")
        )
        return {}

    async def _fail(self, body: Json) -> Any:
        self._server.fail_next(
            text(body, "method"), whole(body, "code"), headers(body), count=whole(body, "count", 1),
            dn=text(body, "dn", ""), phrase=text(body, "phrase", ""),
            event=text(body, "event", ""),
        )  # fmt: skip
        return {}

    async def _site(self, body: Json) -> Any:
        """{"do": "kill" | "freeze" | "revive" | "restart" | "shut_down" | "switch_over" | "drop_connections"}"""
        what = text(body, "do")
        if what not in DEEDS:
            raise BadField(f"do {what!r}: expected one of {', '.join(DEEDS)}")
        await DEEDS[what](self._server)
        return site_of(self._server)

    async def _silence(self, body: Json) -> Any:
        self._server.silence(bool(body.get("on", True)))
        return {}

    async def _notify(self, body: Json) -> Any:
        responses = await self._server.send_notify(
            text(body, "dn"), text(body, "event"), text(body, "body", "").encode(),
            text(body, "content_type", "text/plain"), in_dialog=bool(body.get("in_dialog", False)),
            state=body.get("state"), headers=headers(body),
        )  # fmt: skip
        return {"codes": [response.code for response in responses]}

    async def _dn(self, body: Json) -> Any:
        """{"dn": "1502", "password": "new", "busy": true}"""
        dn = self._server.dns.get(text(body, "dn"))
        if dn is None:
            raise BadField(f"dn {body['dn']!r}: no such DN")
        dn.password, dn.busy = text(body, "password", dn.password), bool(body.get("busy", dn.busy))
        return {}


async def _do(far_end: FarEnd, what: str, code: int) -> None:
    if what == "leave":
        far_end.leave()
    elif what == "accept":
        far_end.accept()
    elif what == "decline":
        far_end.decline(code)
    elif what == "hold":
        await far_end.hold()
    elif what == "retrieve":
        await far_end.retrieve()
    else:
        raise BadField(f"do {what!r}: expected leave, accept, decline, hold or retrieve")


def _json_action(action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return web.json_response({"error": "expected Content-Type: application/json"}, status=415)
        try:
            body = await request.json()
            if not isinstance(body, dict):
                raise BadField("body: expected a JSON object")
            return web.json_response(await action(body))
        except ValueError as error:  # BadField, JSONDecodeError, and what SipServer refuses
            return web.json_response({"error": str(error)}, status=400)

    return handle
