"""The configuration as a file: downloaded, and uploaded again, by a person's page and by `/api/v1/configuration`.

Law: what is written is `config.writer`'s form and what comes is read by `config.reader`; a file with a fault sets
nothing. Secrets never leave the phone: their lines are comments, and an upload leaves them as they are. What a file
changes is the administrator's from then on, by `set` as of a form.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from deskphone.config.kind import MASKED_USER
from deskphone.config.layers import Layers, parsed
from deskphone.config.reader import read
from deskphone.config.registry import value_at
from deskphone.config.result import ReadResult
from deskphone.config.secret import MASK
from deskphone.config.settings import Settings
from deskphone.config.writer import shown
from deskphone.manage.client import AsyncPhone, Refusal
from deskphone.manage.web import forms
from deskphone.manage.web.api import answer, error
from deskphone.manage.web.document import html, is_own
from deskphone.manage.web.sections import FILE_PAGE

NAME = "420HD.cfg"
MOST = 1000  # values that one request of the control socket takes
SHOWN = 20  # faults of a file that are told
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """What came of a file: the names that were set, or its faults; and what it says that this phone does not know."""

    names: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    waits: bool = False


class Configuration:
    """The routes. A caller is let in by then."""

    def __init__(self, phone: AsyncPhone) -> None:
        self._phone = phone

    def routes(self) -> list[web.RouteDef]:
        """The rows for aiohttp's router."""
        return [
            web.get("/configuration", self._page),
            web.post("/configuration", self._uploaded),
            web.get(f"/{NAME}", self._download),
            web.get("/api/v1/configuration", self._download),
            web.put("/api/v1/configuration", self._put),
        ]

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if "session" not in request:
            raise web.HTTPForbidden(text="this page is for a person; a program asks /api/v1/configuration")
        return html("Configuration File", forms.configuration(request["session"], "", ()), request, FILE_PAGE)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Every setting in force, each a line."""
        rows = (await self._phone.ask("show"))["settings"]
        lines = ["; every setting in force; a secret is a comment: an upload leaves it as it is"]
        lines += sorted(f"{'; ' if hidden(row['value']) else ''}{row['name']}={row['value']}" for row in rows)
        return web.Response(
            text="\n".join(lines) + "\n", content_type="text/plain",
            headers={"Content-Disposition": f'attachment; filename="{NAME}"', "Cache-Control": "no-store"},
        )  # fmt: skip

    async def _uploaded(self, request: web.Request) -> web.StreamResponse:
        """A file from a form."""
        fields = await request.post()
        is_own(request, fields.get("csrf"))
        file = fields.get("file")
        if not isinstance(file, FileField):
            return self._told(request, Upload(errors=("choose a file",)))
        return self._told(request, await self._take(await asyncio.to_thread(file.file.read)))

    def _told(self, request: web.Request, done: Upload) -> web.StreamResponse:
        if done.errors:
            said = "Nothing is set."
        else:
            count = "1 value is" if len(done.names) == 1 else f"{len(done.names)} values are"
            said = f"{count} set." if done.names else "Everything in it is in force already."
            said += " They count when the phone is idle." if done.waits else ""
        body = forms.configuration(request["session"], said, (*done.errors, *done.warnings), bool(done.errors))
        return html("Configuration File", body, request, FILE_PAGE, status=422 if done.errors else 200)

    async def _put(self, request: web.Request) -> web.StreamResponse:
        """A file as the body: text/plain."""
        if request.content_type != "text/plain":
            raise web.HTTPUnsupportedMediaType(text="expected Content-Type: text/plain")
        done = await self._take(await request.read())
        if done.errors:
            return error(422, "; ".join(done.errors))
        return answer({"set": list(done.names), "warnings": list(done.warnings), "waits": done.waits})

    async def _take(self, body: bytes) -> Upload:
        """Read a file, and set what differs from what is in force."""
        rows = (await self._phone.ask("show"))["settings"]
        result, wanted = await asyncio.to_thread(_read, body, {row["name"]: row["value"] for row in rows})
        warnings = tuple(str(each) for each in result.unknown)[:SHOWN]
        if result.errors or result.layers is None:
            return Upload(errors=_faults(result), warnings=warnings)
        if not wanted:
            return Upload(warnings=warnings)
        try:
            done = await self._phone.ask("set", values=wanted)
        except Refusal as refused:
            return Upload(errors=(str(refused),), warnings=warnings)
        return Upload(tuple(wanted), (), warnings, done["waits"])


def hidden(value: str) -> bool:
    """Whether a value of an answer is one that the phone does not tell."""
    return value == MASK or MASKED_USER in value


def _read(body: bytes, values: dict[str, str]) -> tuple[ReadResult, dict[str, str]]:
    """A file over the values in force, and what it changes. Secrets are not among these: each that it names counts."""
    slots = Settings.slots()
    base = Layers().with_file({name: parsed(slots[name], value) for name, value in values.items() if not hidden(value)})
    result = read(body, "file", base)
    now = result.settings or base.settings
    changed = [slot for slot in slots.values() if value_at(now, slot.path) != value_at(base.settings, slot.path)]
    return result, {slot.name: shown(slot, value_at(now, slot.path), secrets=True) for slot in changed}


def _faults(result: ReadResult) -> tuple[str, ...]:
    return tuple(str(each) for each in result.errors)[:SHOWN] or ("the file is no configuration of this phone",)
