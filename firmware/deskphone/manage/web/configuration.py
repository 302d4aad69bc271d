"""The configuration as a file: downloaded, and uploaded again, by a person's page and by `/api/v1/configuration`.

Law: what a file is and sets is `configuration_file`'s matter; here are the routes, and what a person is told.
"""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.web_request import FileField

from deskphone.manage import configuration_file
from deskphone.manage.client import AsyncPhone
from deskphone.manage.configuration_file import NAME, Taken
from deskphone.manage.web import forms
from deskphone.manage.web.api import answer, error
from deskphone.manage.web.document import form_of, html, is_own
from deskphone.manage.web.sections import FILE_PAGE


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
        return web.Response(
            text=await configuration_file.text(self._phone), content_type="text/plain",
            headers={"Content-Disposition": f'attachment; filename="{NAME}"', "Cache-Control": "no-store"},
        )  # fmt: skip

    async def _uploaded(self, request: web.Request) -> web.StreamResponse:
        """A file from a form."""
        fields = await form_of(request)
        is_own(request, fields.get("csrf"))
        file = fields.get("file")
        if not isinstance(file, FileField):
            return self._told(request, Taken(errors=("choose a file",)))
        return self._told(request, await configuration_file.take(self._phone, await asyncio.to_thread(file.file.read)))

    def _told(self, request: web.Request, done: Taken) -> web.StreamResponse:
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
        done = await configuration_file.take(self._phone, await request.read())
        if done.errors:
            return error(422, "; ".join(done.errors))
        return answer({"set": list(done.names), "warnings": list(done.warnings), "waits": done.waits})
