"""Status & Diagnostics > Diagnostics: SIP trace, packet capture, journal and the support bundle, as a page for a person
and as `/api/v1/trace`, `/capture`, `/support` for a program.

Law: for the administrator alone (`entry.may` lets nobody else here). What is told has been masked by the phone; what a
download takes is bounded, and one bundle is made at a time, over a connection of its own.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiohttp import web

from deskphone.manage import support
from deskphone.manage.client import Gone, Refusal
from deskphone.manage.web import forms
from deskphone.manage.web.api import answer, body_of
from deskphone.manage.web.document import html, own_form
from deskphone.manage.web.entry import LIVE_CAPTURE
from deskphone.manage.web.html import Markup, tag
from deskphone.manage.web.patient import Patient
from deskphone.manage.web.sections import DIAGNOSTICS_PAGE as PAGE
from deskphone.manage.web.sessions import Session

Json = dict[str, Any]
SHOWN, LINES = 40, 60  # messages and lines of the page
STEPS = {
    "none": "Nothing has been captured",
    "running": "Capturing",
    "done": "Captured",
    "failed": "The capture failed",
}
SECONDS = 60  # of a capture, where nobody says


class Diagnostics(Patient):
    """The routes. A caller is let in by then."""

    def routes(self) -> list[web.RouteDef]:
        """The rows for aiohttp's router."""
        return [
            web.get(PAGE.place, self._page),
            web.post(PAGE.place, self._ordered),
            web.get(LIVE_CAPTURE, self._now),
            web.get("/api/v1/trace", self._trace),
            web.get("/api/v1/log", self._log),
            web.get("/api/v1/capture", self._state),
            web.post("/api/v1/capture", self._begin),
            web.get("/api/v1/capture/packets", self._packets),
            web.get("/api/v1/support", self._bundle),
        ]

    # --- for a person ------------------------------------------------------------------------------------

    async def _page(self, request: web.Request, said: str = "", status: int = 200) -> web.StreamResponse:
        if "session" not in request:
            raise web.HTTPForbidden(text="this page is for a person; a program asks below /api/v1")
        trace = (await self._phone.ask("trace", most=SHOWN))["messages"]
        log = (await self._phone.ask("log", lines=LINES))["lines"]
        found = await self._phone.ask("capture_state")
        body = page(request["session"], said, support.trace_text(trace), "\n".join(log), found, status >= 400)
        return html(PAGE.title, body, request, PAGE, status=status)

    async def _now(self, request: web.Request) -> web.StreamResponse:
        """What became of the capture alone, for the page's script."""
        text = _capture(await self._phone.ask("capture_state")).text
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _ordered(self, request: web.Request) -> web.StreamResponse:
        seconds = (await own_form(request)).get("seconds", "")
        if not seconds.isascii() or not seconds.isdecimal() or len(seconds) > 4:
            return await self._page(request, "seconds: expected a number", 422)
        try:
            done = await self._phone.ask("capture", seconds=int(seconds))
        except Refusal as refused:
            return await self._page(request, f"No capture: {refused}.", 409)
        return await self._page(request, f"Capturing for {done['seconds']} s.")

    # --- for a program -----------------------------------------------------------------------------------

    async def _trace(self, request: web.Request) -> web.StreamResponse:
        most, after = (_count(request, name, other) for name, other in (("most", 400), ("after", 0)))
        return answer({"messages": (await self._phone.ask("trace", most=most, after=after))["messages"]})

    async def _log(self, request: web.Request) -> web.StreamResponse:
        return answer({"lines": (await self._phone.ask("log", lines=_count(request, "lines", 100)))["lines"]})

    async def _state(self, request: web.Request) -> web.StreamResponse:
        return answer((await self._phone.ask("capture_state"))["capture"])

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        done = await self._phone.ask("capture", seconds=(await body_of(request)).get("seconds", SECONDS))
        return answer({"seconds": done["seconds"]}, 202)

    async def _packets(self, request: web.Request) -> web.StreamResponse:
        path = (await self._phone.ask("capture_state"))["file"]
        try:
            content = await asyncio.to_thread(support.packets, path) if path else b""
        except OSError as error:
            raise Refusal("refused", f"the capture cannot be read: {error.strerror}") from error
        if not content:
            raise Refusal("unknown", "nothing has been captured")
        return _file(content, "capture.pcap", "application/vnd.tcpdump.pcap")

    async def _bundle(self, request: web.Request) -> web.StreamResponse:
        async with self._one_at_a_time:
            answers: dict[str, Json | str] = {}
            for name, fields in support.REQUESTS:
                try:
                    answers[name] = await self._patient.ask(name, **fields)
                except (Refusal, Gone) as error:
                    answers[name] = str(error)
            await self._patient.close()  # what it owes the phone's limits is owed by the next connection no more
            now = time.time()
            content = await asyncio.to_thread(support.bundle, answers, now)
        name = time.strftime("deskphone-support-%Y%m%d-%H%M%S.tar.gz", time.gmtime(now))
        return _file(content, name, "application/gzip")


def page(session: Session, said: str, trace: str, log: str, found: Json, bad: bool) -> Markup:  # noqa: PLR0917
    """The page. said: what came of an order; found: the answer to `capture_state`."""
    again = tag("a", "Look again", href=PAGE.place)
    return tag(
        "div",
        tag("p", said, role="alert" if bad else "status") if said else None,
        tag("h2", "Packet capture"),
        tag("div", _capture(found), data_from=LIVE_CAPTURE),
        tag(
            "form",
            forms.token_field(session.csrf),
            tag("label", "Seconds, 1 to 600", for_="seconds"),
            tag("input", id="seconds", name="seconds", inputmode="numeric", value=str(SECONDS), required=True),
            tag("button", "Capture"),
            tag("p", "What passes at the phone's address, without what is said.", class_="help"),
            method="post", action=PAGE.place,
        ),
        tag("h2", "SIP trace"),
        tag("p", f"The last {SHOWN} messages, the newest below. ", again, class_="help"),
        _tail("SIP trace", trace or "No SIP message has passed yet."),
        tag("h2", "Journal"),
        _tail("Journal", log or "Nothing yet."),
        tag("h2", "Support bundle"),
        tag("p", tag("a", "Download the support bundle", href="/api/v1/support", download=True)),
        tag("p", "Versions, settings, journal, recording, SIP trace and the last capture. Passwords and keys are "
                 "written over; callers' numbers and names are not.", class_="help"),
        tag("script", src="/live.js", defer=True),
    )  # fmt: skip


def _capture(found: Json) -> Markup:
    """What became of the last capture, and its file. found: the answer to `capture_state`."""
    state = found["capture"]
    left = (
        f" {max(0, int(state['until'] - time.time()))} s to go."
        if state["step"] == "running" and "until" in state
        else ""
    )
    figures = f" {state['packets']} packets, {state['bytes']} bytes." if "packets" in state else ""
    why = f" {state['detail']}." if state.get("detail") else ""
    file = tag("a", "Download capture.pcap", href="/api/v1/capture/packets", download=True) if found["file"] else None
    return tag("p", f"{STEPS.get(state['step'], state['step'])}.{left}{figures}{why} ", file)


def _tail(name: str, text: str) -> Markup:
    """A long text whose end is shown first; by keyboard, too."""
    return tag("div", tag("pre", text), class_="tail", tabindex="0", role="region", aria_label=name)


def _count(request: web.Request, name: str, other: int) -> int:
    """A number of the query. Refusal for anything else."""
    text = request.query.get(name, str(other))
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Refusal("value", f"{name}: expected a number")
    return int(text)


def _file(content: bytes, name: str, kind: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)
