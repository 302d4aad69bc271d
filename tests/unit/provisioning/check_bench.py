"""A phone's half of a check, and the files a server has for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from deskphone.config.layers import Layers
from deskphone.config.reader import read
from deskphone.config.settings import Settings
from deskphone.core.events import Event, Provisioned, SettingsLoaded
from deskphone.net.lease import Lease
from deskphone.provision.check import Means, check

MAC = "00:90:8f:3b:bc:ba"
NAME = "00908f3bbcba.cfg"
GOOD = b"voip/line/0/id=1502\n"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Bench:
    """A phone's half of a check: its settings, what it keeps, what it is told."""

    def __init__(self, data: Path, text: str = "") -> None:
        self.data, self.events = data, list[Event]()
        self.layers = read(text.encode()).layers or Layers()
        self.kept, self.full = list[Layers](), False

    def means(self, **other: object) -> Means:
        def keep(layers: Layers, written: bytes) -> None:
            if self.full:
                raise OSError(28, "No space left on device")
            self.kept.append(layers)

        means = Means(
            mac=MAC,
            version="0.1.0",
            data=self.data,
            settings=lambda: self.settings,
            layers=lambda: self.layers,
            keep=keep,
            kept=lambda: bool(self.kept),
            unix=lambda: 1_700_000_000,
            keyring=self.data / "none",
            seconds=3.0,
        )
        return replace(means, **other)  # type: ignore[arg-type]

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.layers.settings

    async def check(self, url: str = "", option: int = 160, **other: object) -> str:
        """One check with this URL in a DHCP option; the outcome, or "" where none was told."""
        self.events.clear()
        lease = Lease({option: url.encode()} if url else {})
        await check(self.means(**other), lease, self.take)
        ended = [each for each in self.events if isinstance(each, Provisioned)]
        assert len(ended) == 1
        return ended[0].outcome

    def take(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, SettingsLoaded):
            self.layers = event.file

    def all_of(self, kind: type) -> list[Event]:
        return [each for each in self.events if isinstance(each, kind)]

    @property
    def told(self) -> str:
        return " ".join(str(each) for each in self.events)


def files(found: dict[str, bytes], asked: list[str] | None = None) -> Handler:
    """A web server with these files; `asked` gathers the paths."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if asked is not None:
            asked.append(request.match_info["path"])
        data = found.get(request.match_info["path"])
        return web.Response(status=404) if data is None else web.Response(body=data)

    return answer


def for_desk_only(found: dict[str, bytes], asked: list[str] | None = None) -> Handler:
    """Files for desk, whose password is geheim; `asked` gathers the Authorization headers."""

    async def answer(request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if asked is not None:
            asked.append(given)
        if given != "Basic ZGVzazpnZWhlaW0=":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        return web.Response(body=found[request.match_info["path"]])

    return answer
