"""The pages before a session: log-in, and the first password with the code of the display; and log-out.

Law: who is let in is `entry`'s word. The guide's admin and 1234 let nobody in: while no password is set they are how a
person says "set one now", and the phone shows a code.
"""

from __future__ import annotations

from aiohttp import web

from deskphone.manage.web import forms
from deskphone.manage.web.document import form_of, html, own_form
from deskphone.manage.web.entry import Entry, Refused, set_cookie

GUIDE = ("admin", "1234")  # the guide's user name and password
NONE_YET = (
    "No password is set, and nobody gets in. Log in as admin with 1234 to set one: the display of the phone will show "
    "a code. Or set one at the phone: deskphone cli password set."
)


class LoginPages:
    """The routes. Everybody is let in here."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def routes(self) -> list[web.RouteDef]:
        """The rows for aiohttp's router."""
        return [
            web.get("/login", self._login_page),
            web.post("/login", self._log_in),
            web.get("/first", self._first_page),
            web.post("/first", self._set_first),
            web.post("/logout", self._log_out),
        ]

    async def _login_page(self, request: web.Request) -> web.StreamResponse:
        return html("Log in", forms.login("" if await self._entry.anybody() else NONE_YET))

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        fields = await form_of(request)
        user, word = fields.get("user"), fields.get("password")
        if not isinstance(user, str) or not isinstance(word, str):
            return html("Log in", forms.login("Expected a user and a password."), status=400)
        if (user, word) == GUIDE and not await self._entry.anybody():
            asked = await self._entry.ask_for_code(request.remote or "")
            if isinstance(asked, Refused):
                return _refused("Log in", forms.login, asked)
            raise web.HTTPSeeOther("/first")
        found = await self._entry.log_in(request.remote or "", user[:256], word[:512])
        return _refused("Log in", forms.login, found) if isinstance(found, Refused) else _entered(request, found)

    async def _first_page(self, request: web.Request) -> web.StreamResponse:
        if await self._entry.anybody():
            raise web.HTTPSeeOther("/login")
        return html("Set a password", forms.first(""))

    async def _set_first(self, request: web.Request) -> web.StreamResponse:
        fields = await form_of(request)
        code, word, again = (fields.get(name) for name in ("code", "password", "again"))
        if not isinstance(code, str) or not isinstance(word, str) or word != again:
            return html("Set a password", forms.first("The two passwords are not the same."), status=400)
        found = await self._entry.set_first(request.remote or "", code[:20], word[:512])
        if isinstance(found, Refused):
            return _refused("Set a password", forms.first, found)
        return _entered(request, found)

    async def _log_out(self, request: web.Request) -> web.StreamResponse:
        await own_form(request)
        self._entry.log_out(request)
        response = web.Response(status=303, headers={"Location": "/login"})
        set_cookie(response, "", request.secure)
        return response


def _entered(request: web.Request, cookie: str) -> web.StreamResponse:
    response = web.Response(status=303, headers={"Location": "/status"})
    set_cookie(response, cookie, request.secure)
    return response


def _refused(title: str, form: forms.OfWords, refused: Refused) -> web.StreamResponse:
    """The form again, with why; 429 where the next attempt has to wait."""
    headers = {"Retry-After": str(int(refused.pause) + 1)} if refused.pause else {}
    words = f"{refused.why[:1].upper()}{refused.why[1:]}." + (f" Wait {headers['Retry-After']} s." if headers else "")
    return html(title, form(words), status=429 if refused.pause else 401, headers=headers)
