"""The panel's server: the HTTP interface of the laptop phone, and the page that looks like it.

Law: routes and answers. State comes from `snapshot`, keys go to `Fingers`, voice to `Voice`, changes to
`Stream`; nothing is decided here. Listens where it was told to, by default on loopback only.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path as FilePath
from typing import Any

from PIL import Image

import deskphone
from deskphone.core.state import Phone
from deskphone.drivers.ports import Part, Post
from deskphone.sim.copper import SimCopper
from deskphone.sim.panel.guard import headers, objection, refusal
from deskphone.sim.panel.http import Connection, Handler, Request, Response, Server, Site
from deskphone.sim.panel.keys import Fingers, Refused
from deskphone.sim.panel.state import screen_json
from deskphone.sim.panel.stream import Stream
from deskphone.sim.panel.voice import AudioBridge, Voice
from deskphone.view.outputs import Outputs
from deskphone.view.state_json import state_json

Snapshot = Callable[[], tuple[Phone, Outputs, Image.Image]]

PAGE = FilePath(__file__).parent / "page"
PAGE_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
RINGS = FilePath(deskphone.__file__).parent / "sounds" / "ring"
RING_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
LEVELS_EVERY = 0.1
"""Seconds between two looks at the meters, and only while a page listens."""


class Panel(Part):
    """A driver: the phone's keys, hook and sound for people and tools without copper."""

    name = "panel"

    def __init__(
        self, host: str, port: int, snapshot: Snapshot, copper: SimCopper, audio: AudioBridge | None = None
    ) -> None:
        """host and port to listen on; port 0 takes a free one. `snapshot` gives state, outputs and picture."""
        self._host, self._port = host, port
        self._snapshot = snapshot
        self._audio = audio
        self._fingers = Fingers()
        self._stream = Stream()
        self._voice = Voice(audio) if audio is not None else None
        self._server: Server | None = None
        self._routes = self._make_routes()
        self._url = ""
        self._soon: asyncio.Handle | None = None
        copper.listen(self._changed_soon)

    @property
    def url(self) -> str:
        """Where a browser finds the page, `http://127.0.0.1:8080/`; empty before `open`."""
        return self._url

    async def open(self) -> None:
        """Start to listen. OSError names the address where that is not possible."""
        if self._server is not None:
            return
        server = Server(Site(self._handle, refusal, lambda request: headers(request, self._host)))
        try:
            host, port = await server.open(self._host, self._port)
        except OSError as error:
            where = f"{self._host}:{self._port}"
            raise OSError(error.errno, f"panel: cannot listen on {where}: {error.strerror}") from error
        self._server = server
        self._stream.open()
        self._url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    async def run(self, post: Post) -> None:
        """Serve until cancelled."""
        self._fingers.post = post
        await self.open()
        try:
            await self._watch_levels()
        finally:
            self._fingers.release_all()
            self._fingers.post = None
            await self.close()

    async def close(self) -> None:
        """Stop to listen and close every stream, WebSocket and connection."""
        self._stream.close()
        if self._voice is not None:
            await self._voice.close()
        if self._server is not None:
            await self._server.close()
            self._server = None

    def show(self, outputs: Outputs) -> None:
        """The outputs changed: open pages are told."""
        self.changed()

    def changed(self) -> None:
        """Tell the pages that are open, in the loop's thread; costs nothing where none is."""
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if self._stream.wanted.is_set():
            for event, value in self._news().items():
                self._stream.push(event, value)

    def _changed_soon(self) -> None:
        if self._soon is None and self._stream.wanted.is_set():
            self._soon = asyncio.get_running_loop().call_soon(self.changed)

    def _state(self) -> dict[str, Any]:
        phone, outputs, _ = self._snapshot()
        return {**state_json(phone, outputs), "bridge": self._audio is not None}

    def _news(self) -> dict[str, dict[str, Any]]:
        _, outputs, frame = self._snapshot()
        return {"state": self._state(), "screen": screen_json(frame, outputs.screen.bright)}

    async def _watch_levels(self) -> None:
        while True:
            await self._stream.wanted.wait()
            if self._audio is not None:
                microphone, speaker = (round(min(max(level, 0.0), 1.0), 2) for level in self._audio.levels())
                self._stream.push("levels", {"microphone": microphone, "speaker": speaker})
            await asyncio.sleep(LEVELS_EVERY)

    # --- routes --------------------------------------------------------------------------------------

    def _make_routes(self) -> dict[str, tuple[str, Handler]]:
        """By path, or by folder where the path ends in a slash: the method (HEAD goes with GET) and who answers."""
        return {
            "/": ("GET", self._index),
            "/page/": ("GET", self._page),
            "/panel/state": ("GET", self._get_state),
            "/panel/screen.png": ("GET", self._get_screen),
            "/panel/events": ("GET", self._get_events),
            "/panel/audio": ("GET", self._get_audio),
            "/panel/sound/ring/": ("GET", self._get_ring),
            "/panel/key": ("POST", self._order(self._fingers.key)),
            "/panel/hook": ("POST", self._order(_at_once(self._fingers.hook))),
            "/panel/text": ("POST", self._order(_at_once(self._fingers.text))),
        }

    async def _handle(self, request: Request, connection: Connection) -> Response | None:
        if (refused := objection(request, self._host)) is not None:
            return refused
        folders = (each for each in self._routes if len(each) > 1 and each.endswith("/"))
        place = next(filter(request.path.startswith, folders), request.path)
        route = self._routes.get(place)
        if route is None:
            return refusal(404, f"no such page: {request.path[:80]}")
        method, handler = route
        allowed = ("GET", "HEAD") if method == "GET" else (method,)
        if request.method not in allowed:
            sentence = f"{request.path[:80]} takes {', '.join(allowed)}, not {request.method[:16]}"
            return refusal(405, sentence, {"Allow": ", ".join(allowed)})
        return await handler(request, connection)

    async def _index(self, _request: Request, _connection: Connection) -> Response:
        return _file(PAGE / "index.html")

    async def _page(self, request: Request, _connection: Connection) -> Response:
        name = request.path.removeprefix("/page/")
        if not re.fullmatch(r"[a-z0-9_-]+\.(html|css|js|svg)", name) or not (PAGE / name).is_file():
            return refusal(404, f"no such page: {request.path[:80]}")
        return _file(PAGE / name)

    async def _get_state(self, _request: Request, _connection: Connection) -> Response:
        return _fresh(json.dumps(self._state()).encode())

    async def _get_screen(self, request: Request, _connection: Connection) -> Response:
        wish = request.query.get("scale", "1")
        if wish not in tuple("12345678"):
            return refusal(400, "scale is 1 to 8")
        frame, scale = self._snapshot()[2], int(wish)
        if scale > 1:
            frame = frame.resize((frame.width * scale, frame.height * scale), Image.Resampling.NEAREST)
        png = io.BytesIO()
        frame.save(png, "PNG")
        return Response(200, png.getvalue(), "image/png", {"Cache-Control": "no-store"})

    async def _get_events(self, _request: Request, connection: Connection) -> Response | None:
        return await self._stream.serve(connection, self._news())

    async def _get_audio(self, _request: Request, connection: Connection) -> Response | None:
        if self._voice is None:
            return refusal(404, "this phone has no voice for a page; start it with a sound bridge")
        await self._voice.serve(connection)
        return None

    async def _get_ring(self, request: Request, _connection: Connection) -> Response:
        name, dot, kind = request.path.removeprefix("/panel/sound/ring/").partition(".")
        path = RINGS / f"{name}.wav"
        if not RING_NAME.fullmatch(name) or f"{dot}{kind}" != ".wav" or not path.is_file():
            return refusal(404, f"no ring tone {name[:40]!r}")
        return Response(200, path.read_bytes(), "audio/wav")

    @staticmethod
    def _order(carry_out: Callable[[dict[str, Any]], Awaitable[None]]) -> Handler:
        """A POST handler: JSON object in, `{"ok": true}` out, or 400 with a sentence."""

        async def handler(request: Request, _connection: Connection) -> Response:
            try:
                order = json.loads(request.body)
            except (ValueError, RecursionError):
                return refusal(400, "the body is not JSON")
            if not isinstance(order, dict):
                return refusal(400, "the body is a JSON object")
            try:
                await carry_out(order)
            except Refused as error:
                return refusal(error.status, str(error))
            return _fresh(b'{"ok": true}')

        return handler


def _at_once(carry_out: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], Awaitable[None]]:
    async def later(order: dict[str, Any]) -> None:
        carry_out(order)

    return later


def _fresh(body: bytes) -> Response:
    """JSON that holds for this moment only."""
    return Response(200, body, headers={"Cache-Control": "no-store"})


def _file(path: FilePath) -> Response:
    kind = PAGE_TYPES[path.suffix]
    charset = "" if kind.startswith("image/") else "; charset=utf-8"
    return Response(200, path.read_bytes(), f"{kind}{charset}")
