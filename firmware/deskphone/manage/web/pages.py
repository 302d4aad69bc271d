"""The pages for a person: log-in, status, and one form for each section of the guide's tree, derived from the schema.

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
from deskphone.manage.web.entry import LIVE, Entry, Refused, set_cookie
from deskphone.manage.web.html import Markup, page, tag
from deskphone.manage.web.sections import SECTIONS, Section, slots_by_section
from deskphone.manage.web.sessions import Session

STYLE = Path(__file__).with_name("style.css")
SCRIPT = Path(__file__).with_name("live.js")
Json = dict[str, Any]


class Pages:
    """The routes. A caller is let in by then, except at the log-in."""

    def __init__(self, phone: AsyncPhone, entry: Entry) -> None:
        self._phone, self._entry = phone, entry

    def routes(self) -> list[web.RouteDef]:
        """The rows for aiohttp's router."""
        return [
            web.get("/", self._home),
            web.get("/login", self._login_page),
            web.post("/login", self._log_in),
            web.post("/logout", self._log_out),
            web.get("/status", self._status),
            web.get(LIVE, self._now),
            web.get("/settings/{section}", self._form),
            web.post("/settings/{section}", self._save),
            web.get("/style.css", self._style),
            web.get("/live.js", self._live),
            web.get("/favicon.ico", self._no_icon),
        ]

    async def _home(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPSeeOther("/status")

    async def _style(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STYLE, headers={"Content-Type": "text/css; charset=utf-8"})

    async def _live(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(SCRIPT, headers={"Content-Type": "text/javascript; charset=utf-8"})

    async def _no_icon(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    # --- log in and out ----------------------------------------------------------------------------------

    async def _login_page(self, request: web.Request) -> web.StreamResponse:
        if await self._entry.anybody():
            return _html("Log in", forms.login(""))
        words = "No password is set. Set one at the phone: deskphone cli password set. Until then nobody gets in."
        return _html("Log in", forms.login(words))

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        fields = await request.post()
        user, word = fields.get("user"), fields.get("password")
        if not isinstance(user, str) or not isinstance(word, str):
            return _html("Log in", forms.login("Expected a user and a password."), status=400)
        found = await self._entry.log_in(request.remote or "", user[:256], word[:512])
        if isinstance(found, Refused):
            headers = {"Retry-After": str(int(found.pause) + 1)} if found.pause else {}
            words = f"{found.why.capitalize()}." + (f" Wait {int(found.pause) + 1} s." if found.pause else "")
            return _html("Log in", forms.login(words), status=429 if found.pause else 401, headers=headers)
        response = web.Response(status=303, headers={"Location": "/status"})
        set_cookie(response, found, request.secure)
        return response

    async def _log_out(self, request: web.Request) -> web.StreamResponse:
        await _own_form(request)
        self._entry.log_out(request)
        response = web.Response(status=303, headers={"Location": "/login"})
        set_cookie(response, "", request.secure)
        return response

    # --- pages -------------------------------------------------------------------------------------------

    async def _status(self, request: web.Request) -> web.StreamResponse:
        body = tag(
            "div",
            tag("div", forms.status(await self._phone.ask("status")), id="now"),
            tag("script", src="/live.js", defer=True),
        )
        return _html("Status", body, request, None)

    async def _now(self, request: web.Request) -> web.StreamResponse:
        """The status page's tables alone, for its script."""
        text = forms.status(await self._phone.ask("status")).text
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _form(self, request: web.Request) -> web.StreamResponse:
        return await self._section(request, _section(request), {}, {}, "")

    async def _save(self, request: web.Request) -> web.StreamResponse:
        """Set what differs from what is in force; a button `reset` takes one value of the administrator away."""
        section, fields = _section(request), await _own_form(request)
        slots = {slot.name: slot for slot in slots_by_section()[section.slug]}
        if fields.get("reset", "") in slots:
            await self._phone.ask("set", values={fields["reset"]: None})
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
            return await self._section(request, section, wanted, {}, str(refused), 422)
        said = f"{_values(len(wanted), 'is', 'are')} set." + (
            " They count when the phone is idle." if done["waits"] else ""
        )
        if any(each["restart"] for each in done["settings"]):
            said += " Some count from the next start on."
        return await self._section(request, section, {}, {}, said)

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
        return _html(section.title, body, request, section, status=status)

    async def _values(self, section: Section) -> dict[str, Json]:
        names = [slot.name for slot in slots_by_section()[section.slug]]
        return {each["name"]: each for each in (await self._phone.ask("show", names=names))["settings"]}


def _section(request: web.Request) -> Section:
    found = next((each for each in SECTIONS if each.slug == request.match_info["section"]), None)
    if found is None:
        raise web.HTTPNotFound(text="no such page")
    return found


async def _own_form(request: web.Request) -> dict[str, str]:
    """The fields of a form of this session. HTTPForbidden: of another one, or of a program with a token."""
    fields = {name: text for name, text in (await request.post()).items() if isinstance(text, str)}
    session: Session | None = request.get("session")
    if session is None or not session.is_its_form(fields.pop("csrf", "")):
        raise web.HTTPForbidden(text="this form is not of your session; load the page again")
    return fields


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


def _html(  # noqa: PLR0917
    title: str, body: Markup, request: web.Request | None = None, here: Section | None = None, status: int = 200,
    headers: dict[str, str] | None = None,
) -> web.Response:  # fmt: skip
    session: Session | None = request.get("session") if request is not None else None
    text = page(forms.frame(title, body, here, session.csrf if session else ""))
    return web.Response(
        body=text.encode(), status=status,
        headers={"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **(headers or {})},
    )  # fmt: skip
