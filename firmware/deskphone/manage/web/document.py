"""Answers with a page, and the forms that come back from one.

Law: a form counts only with the token of the session it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from deskphone.manage.web import forms
from deskphone.manage.web.html import Markup, page
from deskphone.manage.web.sections import Section
from deskphone.manage.web.sessions import Session


def html(  # noqa: PLR0917
    title: str, body: Markup, request: web.Request | None = None, here: Section | None = None, status: int = 200,
    headers: dict[str, str] | None = None,
) -> web.Response:  # fmt: skip
    """A whole page, with the tree of what the session of the request may open."""
    session: Session | None = request.get("session") if request is not None else None
    sections = request.get("sections", ()) if request is not None else ()
    text = page(forms.frame(title, body, here, session, sections))
    return web.Response(
        body=text.encode(), status=status,
        headers={"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **(headers or {})},
    )  # fmt: skip


NO_FORM = (ValueError, LookupError, RuntimeError, AssertionError)
"""What aiohttp's readers raise for a body that is no form."""


async def form_of(request: web.Request) -> Mapping[str, str | bytes | bytearray | web.FileField]:
    """The fields of a form of whoever. HTTPUnsupportedMediaType, HTTPBadRequest: it is none."""
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise web.HTTPUnsupportedMediaType(text="expected a form")
    try:
        return await request.post()
    except NO_FORM as wrong:
        raise web.HTTPBadRequest(text="this is no form") from wrong


async def own_form(request: web.Request) -> dict[str, str]:
    """The fields of a form of this session. HTTPForbidden: of another one, or of a program with a token."""
    fields = {name: text for name, text in (await form_of(request)).items() if isinstance(text, str)}
    is_own(request, fields.pop("csrf", ""))
    return fields


def is_own(request: web.Request, csrf: object) -> None:
    """Whether a form brings the token of its session. HTTPForbidden where it does not."""
    session: Session | None = request.get("session")
    if session is None or not isinstance(csrf, str) or not session.is_its_form(csrf):
        raise web.HTTPForbidden(text="this form is not of your session; load the page again")
