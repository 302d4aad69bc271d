"""The pages for a person: status, and one form for each section of the guide's tree, derived from the schema.

Law: reads answers of the control socket and writes HTML; every field, range and help line is the schema's. A form
brings its session's token. What does not fit comes back beside its field, and nothing of the form is set.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

from deskphone.config.kind import BadValue
from deskphone.config.layers import parsed
from deskphone.config.registry import Slot
from deskphone.manage.client import AsyncPhone, Refusal
from deskphone.manage.web import forms
from deskphone.manage.web.document import html, own_form
from deskphone.manage.web.entry import LIVE
from deskphone.manage.web.html import tag
from deskphone.manage.web.sections import SECTIONS, STATUS_PAGE, Section, slots_by_section
from deskphone.manage.web.sessions import Session

STYLE = Path(__file__).with_name("style.css")
SCRIPTS = tuple(Path(__file__).with_name(name) for name in ("live.js", "form.js"))
Json = dict[str, Any]


class Pages:
    """The routes. A caller is let in by then."""

    def __init__(self, phone: AsyncPhone) -> None:
        self._phone = phone

    def routes(self) -> list[web.RouteDef]:
        """The rows for aiohttp's router."""
        return [
            web.get("/", self._home),
            web.get("/status", self._status),
            web.get(LIVE, self._now),
            web.get("/settings/{section}", self._form),
            web.post("/settings/{section}", self._save),
            web.get("/style.css", self._style),
            *(web.get(f"/{each.name}", self._script) for each in SCRIPTS),
            web.get("/favicon.ico", self._no_icon),
        ]

    async def _home(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPSeeOther("/status")

    async def _style(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STYLE, headers={"Content-Type": "text/css; charset=utf-8"})

    async def _script(self, request: web.Request) -> web.StreamResponse:
        file = next(each for each in SCRIPTS if each.name == request.path[1:])
        return web.FileResponse(file, headers={"Content-Type": "text/javascript; charset=utf-8"})

    async def _no_icon(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    # --- pages -------------------------------------------------------------------------------------------

    async def _status(self, request: web.Request) -> web.StreamResponse:
        body = tag(
            "div",
            tag("div", forms.status(await self._phone.ask("status")), id="now", data_from=LIVE),
            tag("script", src="/live.js", defer=True),
        )
        return html("Status", body, request, STATUS_PAGE)

    async def _now(self, request: web.Request) -> web.StreamResponse:
        """The status page's tables alone, for its script."""
        text = forms.status(await self._phone.ask("status")).text
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _form(self, request: web.Request) -> web.StreamResponse:
        return await self._section(request, _section(request), {}, {}, "")

    async def _save(self, request: web.Request) -> web.StreamResponse:
        """Set what differs from what is in force; a button `reset` takes one value of the administrator away."""
        section, fields = _section(request), await own_form(request)
        slots = {slot.name: slot for slot in slots_by_section()[section.slug]}
        if fields.get("reset", "") in slots:
            try:
                await self._phone.ask("set", values={fields["reset"]: None})
            except Refusal as refused:  # another value of the administrator's hangs on it
                return await self._refused(request, section, {}, refused)
            raise web.HTTPSeeOther(f"/settings/{section.slug}")
        now = await self._values(section)
        wanted = {
            name: text for name, text in fields.items() if name in slots and forms.differs(text, now[name], slots[name])
        }
        errors = {name: why for name, text in wanted.items() if (why := _wrong(slots[name], text))}
        if errors or not wanted:
            said = f"{_values(len(errors))} not fit; nothing is set." if errors else "Nothing was changed."
            return await self._section(request, section, wanted, errors, said, 422 if errors else 200)
        try:
            done = await self._phone.ask("set", values=wanted)
        except Refusal as refused:
            return await self._refused(request, section, wanted, refused)
        said = f"{_values(len(wanted), 'is', 'are')} set." + (
            " They count when the phone is idle." if done["waits"] else ""
        )
        if any(each["restart"] for each in done["settings"]):
            said += " Some count from the next start on."
        return await self._section(request, section, {}, {}, " ".join([said, *done["warnings"]]))

    async def _refused(
        self, request: web.Request, section: Section, typed: Json, refused: Refusal
    ) -> web.StreamResponse:
        """What the phone does not take, said beside the field that it names."""
        name, _, why = str(refused).partition(": ")
        return await self._section(request, section, typed, {name: why}, str(refused), 422)

    async def _section(  # noqa: PLR0917
        self, request: web.Request, section: Section, typed: Json, errors: dict[str, str], said: str, status: int = 200
    ) -> web.StreamResponse:
        session: Session | None = request.get("session")
        rows = [
            forms.Row(slot, found["value"], found["layer"], typed.get(slot.name), errors.get(slot.name, ""))
            for slot, found in zip(
                slots_by_section()[section.slug], (await self._values(section)).values(), strict=True
            )
        ]
        body = forms.section(section, rows, session.csrf if session else "", said)
        return html(section.title, body, request, section, status=status)

    async def _values(self, section: Section) -> dict[str, Json]:
        names = [slot.name for slot in slots_by_section()[section.slug]]
        return {each["name"]: each for each in (await self._phone.ask("show", names=names))["settings"]}


def _section(request: web.Request) -> Section:
    found = next((each for each in SECTIONS if each.slug == request.match_info["section"]), None)
    if found is None:
        raise web.HTTPNotFound(text="no such page")
    return found


def _values(number: int, one: str = "does", more: str = "do") -> str:
    """How many, with the verb that goes with it."""
    return f"1 value {one}" if number == 1 else f"{number} values {more}"


def _wrong(slot: Slot, text: str) -> str:
    """Why a text is no value of a setting, or ""."""
    try:
        parsed(slot, text)
    except BadValue as wrong:
        return str(wrong)
    return ""
