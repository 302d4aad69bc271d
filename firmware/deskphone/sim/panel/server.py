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

from aiohttp import web
from PIL import Image

import deskphone
from deskphone.core.state import Phone
from deskphone.drivers.ports import Part, Post
from deskphone.sim.copper import SimCopper
from deskphone.sim.panel.guard import BODY_LIMIT, guard, refusal
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
        self._runner: web.AppRunner | None = None
        self._url = ""
        self._soon: asyncio.Handle | None = None
        copper.listen(self._changed_soon)

    @property
    def url(self) -> str:
        """Where a browser finds the page, `http://127.0.0.1:8080/`; empty before `open`."""
        return self._url

    async def open(self) -> None:
        """Start to listen. OSError names the address where that is not possible."""
        if self._runner is not None:
            return
        check, prepare = guard(self._host)
        app = web.Application(middlewares=[check], client_max_size=BODY_LIMIT)
        app.on_response_prepare.append(prepare)
        app.add_routes(self._routes())
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            where = f"{self._host}:{self._port}"
            raise OSError(error.errno, f"panel: cannot listen on {where}: {error.strerror}") from error
        self._runner = runner
        self._stream.open()
        host, port = runner.addresses[0][:2]
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
        """Stop to listen and let go of every browser."""
        self._stream.close()
        if self._voice is not None:
            await self._voice.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def show(self, outputs: Outputs) -> None:
        """The phone is another now."""
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

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._index),
            web.get("/page/{file}", self._page),
            web.get("/panel/state", self._get_state),
            web.get("/panel/screen.png", self._get_screen),
            web.get("/panel/events", self._get_events),
            web.get("/panel/audio", self._get_audio),
            web.get("/panel/sound/ring/{file}", self._get_ring),
            web.post("/panel/key", self._order(self._fingers.key)),
            web.post("/panel/hook", self._order(_at_once(self._fingers.hook))),
            web.post("/panel/text", self._order(_at_once(self._fingers.text))),
        ]

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return _file(PAGE / "index.html")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if not re.fullmatch(r"[a-z0-9_-]+\.(html|css|js|svg)", name) or not (PAGE / name).is_file():
            raise web.HTTPNotFound
        return _file(PAGE / name)

    async def _get_state(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._state(), headers={"Cache-Control": "no-store"})

    async def _get_screen(self, request: web.Request) -> web.StreamResponse:
        wish = request.query.get("scale", "1")
        if wish not in tuple("12345678"):
            return refusal(400, "scale is 1 to 8")
        frame, scale = self._snapshot()[2], int(wish)
        if scale > 1:
            frame = frame.resize((frame.width * scale, frame.height * scale), Image.Resampling.NEAREST)
        png = io.BytesIO()
        frame.save(png, "PNG")
        return web.Response(body=png.getvalue(), content_type="image/png", headers={"Cache-Control": "no-store"})

    async def _get_events(self, request: web.Request) -> web.StreamResponse:
        return await self._stream.serve(request, self._news())

    async def _get_audio(self, request: web.Request) -> web.StreamResponse:
        if self._voice is None:
            return refusal(404, "this phone has no voice for a page; start it with a sound bridge")
        return await self._voice.serve(request)

    async def _get_ring(self, request: web.Request) -> web.StreamResponse:
        name, dot, kind = request.match_info["file"].partition(".")
        path = RINGS / f"{name}.wav"
        if not RING_NAME.fullmatch(name) or f"{dot}{kind}" != ".wav" or not path.is_file():
            return refusal(404, f"no ring tone {name[:40]!r}")
        return web.FileResponse(path, headers={"Content-Type": "audio/wav"})

    @staticmethod
    def _order(carry_out: Callable[[dict[str, Any]], Awaitable[None]]) -> Any:
        """A POST handler: JSON object in, `{"ok": true}` out, or 400 with a sentence."""

        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                order = json.loads(await request.read())
            except (ValueError, RecursionError):
                return refusal(400, "the body is not JSON")
            if not isinstance(order, dict):
                return refusal(400, "the body is a JSON object")
            try:
                await carry_out(order)
            except Refused as error:
                return refusal(error.status, str(error))
            return web.json_response({"ok": True}, headers={"Cache-Control": "no-store"})

        return handler


def _at_once(carry_out: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], Awaitable[None]]:
    async def later(order: dict[str, Any]) -> None:
        carry_out(order)

    return later


def _file(path: FilePath) -> web.FileResponse:
    kind = PAGE_TYPES[path.suffix]
    charset = "" if kind.startswith("image/") else "; charset=utf-8"
    return web.FileResponse(path, headers={"Content-Type": f"{kind}{charset}"})
