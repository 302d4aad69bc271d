"""Management > Administration > Restart and Defaults: the phone as a program, for a person. A program has the CLI and
TR-069 for it.

Law: for the administrator alone (`entry.may` lets nobody else here); a form counts with its session's token. What an
order does, and whether it may be now, is the phone's word.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from deskphone.manage.client import AsyncPhone, Refusal
from deskphone.manage.web.document import html, own_form
from deskphone.manage.web.forms import token_field
from deskphone.manage.web.html import Markup, tag
from deskphone.manage.web.sections import ADMINISTRATION_PAGE as PAGE
from deskphone.manage.web.sessions import Session

Json = dict[str, Any]
ORDERS: dict[str, tuple[str, Json, str]] = {
    "provision": ("provision", {}, "The phone looks for its configuration."),
    "restart": ("restart", {}, "The phone restarts."),
    "restart now": ("restart", {"now": True}, "The phone restarts."),
    "defaults": ("factory_reset", {}, "The administrator's values are taken away; the owner's file is fetched anew."),
}
"""An order of the page: the request at the control socket, what it has besides, and what is said when it is taken."""
SURE = "defaults"  # the order that has to be confirmed


class Administration:
    """The routes. A caller is let in by then."""

    def __init__(self, phone: AsyncPhone) -> None:
        self._phone = phone

    def routes(self) -> list[web.RouteDef]:
        """The rows for aiohttp's router."""
        return [web.get(PAGE.place, self._page), web.post(PAGE.place, self._ordered)]

    async def _page(self, request: web.Request, said: str = "", status: int = 200) -> web.StreamResponse:
        if "session" not in request:
            raise web.HTTPForbidden(text="this page is for a person")
        return html(PAGE.title, page(request["session"], said, status >= 400), request, PAGE, status=status)

    async def _ordered(self, request: web.Request) -> web.StreamResponse:
        fields = await own_form(request)
        order = fields.get("order", "")
        if order not in ORDERS:
            return await self._page(request, "Expected an order of this page.", 422)
        if order == SURE and fields.get("sure") != "1":
            return await self._page(request, "Nothing is done: say that you are sure.", 422)
        name, besides, said = ORDERS[order]
        try:
            await self._phone.ask(name, **besides)
        except Refusal as refused:
            return await self._page(request, f"Nothing is done: {refused}.", 409)
        return await self._page(request, said)


def page(session: Session, said: str, bad: bool) -> Markup:
    """The page. said: what came of an order, "" before one."""
    box = tag("input", id="sure", name="sure", type="checkbox", value="1")
    sure = tag("p", box, tag("label", "I am sure", for_="sure"), class_="check")
    return tag(
        "div",
        tag("p", said, role="alert" if bad else "status") if said else None,
        tag("h2", "Restart"),
        _form(session, _button("restart", "Restart"), _button("restart now", "Restart now, whoever talks")),
        tag("p", "Refused while the phone is in use.", class_="help"),
        tag("h2", "Configuration"),
        _form(session, _button("provision", "Look for files now")),
        tag("p", "Asks for configuration and firmware where Provisioning says.", class_="help"),
        tag("h2", "Restore defaults"),
        _form(session, sure, _button(SURE, "Restore defaults")),
        tag("p", "Takes away what was set by these pages, the CLI and TR-069: the owner's file counts, and the "
                 "factory's values where it says nothing. Calls, contacts and the password of these pages stay.",
            class_="help"),
    )  # fmt: skip


def _form(session: Session, *parts: Markup) -> Markup:
    return tag("form", token_field(session.csrf), *parts, method="post", action=PAGE.place)


def _button(order: str, words: str) -> Markup:
    return tag("button", words, name="order", value=order)
