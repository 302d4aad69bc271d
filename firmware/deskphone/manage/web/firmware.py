"""Management > Automatic Update > Firmware: how far an update is, the upload of one; `/api/v1/firmware` for programs.

Law: for the administrator alone (`entry.may` lets nobody else here). A form brings its session's token before anything
of it is looked at. The bundle is passed on piece by piece and never lies in memory or on the card twice; one at a time,
in bounded time. What is good is the phone's to say.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web

from deskphone.manage.client import Refusal
from deskphone.manage.firmware import ANNOUNCEMENT, PIECE, Bringing, progress
from deskphone.manage.web import forms
from deskphone.manage.web.api import CODES, answer
from deskphone.manage.web.document import NO_FORM, html, is_own
from deskphone.manage.web.html import Markup, tag
from deskphone.manage.web.patient import Patient
from deskphone.manage.web.sections import FIRMWARE_PAGE as PAGE
from deskphone.manage.web.sessions import Session

Json = dict[str, Any]
API = "/api/v1/firmware"
UPLOADS = (PAGE.place, API)
"""Paths whose POST may be larger and take longer than other requests."""
WHOLE, PART = 900.0, 15.0  # seconds of an upload, and of some bytes of it
FIELDS = ("csrf", "announcement", "bundle")
STEPS = {
    "asked": "Beginning", "installing": "Installing", "installed": "Installed; the next restart tries it",
    "failed": "Failed", "restarting": "Restarting", "trial": "On trial", "good": "In use", "rolled_back": "Undone",
}  # fmt: skip
WAITS = {"idle": "the phone to be idle", "agent": "the agent to log off or be not ready", "night": "the night"}


class Firmware(Patient):
    """The routes. A caller is let in by then."""

    def routes(self) -> list[web.RouteDef]:
        """The rows for aiohttp's router."""
        return [
            web.get(PAGE.place, self._page),
            web.post(PAGE.place, self._uploaded),
            web.get(API, self._state),
            web.post(API, self._put),
        ]

    async def _page(self, request: web.Request, said: str = "", status: int = 200) -> web.StreamResponse:
        if "session" not in request:
            raise web.HTTPForbidden(text=f"this page is for a person; a program asks {API}")
        body = page(request["session"], said, await progress(self._phone), status >= 400)
        return html(PAGE.title, body, request, PAGE, status=status)

    async def _uploaded(self, request: web.Request) -> web.StreamResponse:
        """A form of a page, which has to show its token first."""
        try:
            version = await self._taken(request, of_person=True)
        except Refusal as refused:
            return await self._page(request, f"Not taken: {refused}.", CODES.get(refused.kind, 500))
        return await self._page(request, f"{version} is here. It is installed when the phone is idle.")

    async def _state(self, request: web.Request) -> web.StreamResponse:
        return answer(await progress(self._phone))

    async def _put(self, request: web.Request) -> web.StreamResponse:
        return answer({"version": await self._taken(request, of_person=False)}, 202)

    async def _taken(self, request: web.Request, of_person: bool) -> str:
        """The version that came. Refusal: it is not taken."""
        if request.content_type != "multipart/form-data":
            raise web.HTTPUnsupportedMediaType(text="expected Content-Type: multipart/form-data")
        if self._one_at_a_time.locked():
            raise Refusal("refused", "another firmware is being uploaded")
        async with self._one_at_a_time, asyncio.timeout(WHOLE), Bringing(self._patient) as bringing:
            await _brought(request, bringing, FIELDS if of_person else FIELDS[1:])
            return bringing.version


async def _brought(request: web.Request, bringing: Bringing, names: tuple[str, ...]) -> None:
    """The fields of these names, in this order. Refusal, HTTPForbidden, TimeoutError."""
    async with _reading():
        fields = await request.multipart()
    left = list(names)
    while (part := await _next(fields)) is not None:
        name, wanted = getattr(part, "name", None), left.pop(0) if left else "no other"
        if not isinstance(part, BodyPartReader) or name != wanted:
            raise Refusal("value", f"expected the field {wanted}, got {str(name)[:20]!a}")
        match wanted:
            case "csrf":
                is_own(request, (await _small(part, 200)).decode("ascii", "replace"))
            case "announcement":
                await bringing.begin(await _small(part, ANNOUNCEMENT))
            case "bundle":
                await _passed_on(part, bringing)
    if left:
        raise Refusal("value", f"expected the field {left[0]}, got the end of the form")


async def _next(fields: MultipartReader) -> MultipartReader | BodyPartReader | None:
    """The next field, None behind the last."""
    async with _reading():
        return await fields.next()


async def _small(part: BodyPartReader, most: int) -> bytes:
    """A field that fits memory. Refusal where it is larger."""
    data = bytearray()
    while more := await _some(part):
        data += more
        if len(data) > most:
            raise Refusal("value", f"{part.name}: expected at most {most} bytes")
    return bytes(data)


async def _passed_on(part: BodyPartReader, bringing: Bringing) -> None:
    """The bundle, on to the phone; where the phone has it already, its bytes are read and forgotten."""
    size = 0
    while more := await _some(part):
        size += len(more)
        if bringing.needed:
            await bringing.more(more)
        elif size > bringing.size:
            raise Refusal("value", f"bundle: expected {bringing.size} bytes, got more")
    if bringing.needed:
        await bringing.end()


async def _some(part: BodyPartReader) -> bytes:
    """Some bytes, b"" at the end of the field."""
    async with _reading():
        return await part.read_chunk(PIECE)


@contextlib.asynccontextmanager
async def _reading() -> AsyncIterator[None]:
    """For something of the form to come. TimeoutError where it does not, Refusal where it is no form."""
    try:
        async with asyncio.timeout(PART):
            yield
    except NO_FORM as wrong:
        raise Refusal("value", f"expected a form: {str(wrong)[:80]}") from wrong


def page(session: Session, said: str, found: Json, bad: bool) -> Markup:
    """The page. said: what came of an upload; found: as `progress` tells."""
    return tag(
        "div",
        tag("p", said, role="alert" if bad else "status") if said else None,
        tag("table", *(tag("tr", tag("th", head, scope="row"), tag("td", text)) for head, text in _rows(found))),
        tag("h2", "Upload"),
        tag(
            "form",
            forms.token_field(session.csrf),
            tag("label", "Signed announcement (.cms)", for_="announcement"),
            tag("input", id="announcement", name="announcement", type="file", required=True),
            tag("label", "Bundle", for_="bundle"),
            tag("input", id="bundle", name="bundle", type="file", required=True),
            tag("button", "Upload"),
            tag("p", "Both files of a release, signed by the owner of this phone. It is installed when the phone is "
                     "idle and tried at the next restart, which never interrupts a call.", class_="help"),
            method="post", action=PAGE.place, enctype="multipart/form-data",
        ),
    )  # fmt: skip


def _rows(found: Json) -> list[tuple[str, str]]:
    """What there is to tell of an update."""
    offered, update = found["offered"], found["update"]
    rows = [("Version", found["version"])]
    if offered and offered["version"]:
        rows.append(
            ("Last firmware that came", f"{offered['version']} {offered['outcome']} {offered['detail']}".strip())
        )
    if update is None:
        return [*rows, ("Update", "this machine has no updater")]
    if update["waits_for_idle"]:
        rows.append(("Waits for the phone to be idle", update["waits_for_idle"]))
    if step := STEPS.get(update["step"], ""):
        percent = f" {update['percent']} %" if update["step"] == "installing" else ""
        why = f": {update['detail']}" if update["detail"] else ""
        rows.append(("Update", f"{update['version']}: {step}{percent}{why}"))
    if waits := WAITS.get(update["restart_waits_for"], ""):
        rows.append(("The restart waits for", waits))
    return rows
