"""What can be asked at the control socket about who may manage the phone over the network.

Law: hashes only, in and out; a password in clear comes from the settings alone, where an administrator wrote it. Of the
ways to set the administrator's the newest counts.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from deskphone.app.clock import moment
from deskphone.app.credentials import Credentials
from deskphone.app.first_password import FirstPassword
from deskphone.app.refused import Refused, asked_by
from deskphone.app.runtime import Runtime
from deskphone.config.secret import Secret
from deskphone.core.events import Event, WebCode
from deskphone.core.phone.settings import occupied
from deskphone.core.state import Phone

Json = dict[str, Any]
PASSWORD = "deskphone/web/admin_password"
log = logging.getLogger("deskphone")


class LoginRequests:
    """Rows of the control socket's table. order: has an event carried out, and raises where it would not be; post:
    posts one and waits until it is taken."""

    def __init__(
        self, runtime: Runtime, credentials: Credentials, post: Callable[[Event], Awaitable[None]],
        order: Callable[[Event], Awaitable[object]],
    ) -> None:  # fmt: skip
        self._runtime, self._credentials, self._post, self._order = runtime, credentials, post, order
        self._first = FirstPassword()
        self.table: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "credentials": self._hashes,
            "set_credential": self._keep_hash,
            "first_code": self._first_code,
            "first_password": self._first_password,
        }

    @property
    def _phone(self) -> Phone:
        return self._runtime.phone

    async def follow(self, values: Mapping[str, str | None], before: Secret) -> list[str]:
        """An administrator has set these settings (None: taken back): a password among them is the newest. before: the
        settings' one until now. Returns doubts; Refused where it cannot be kept."""
        if PASSWORD not in values:
            return []
        try:
            word = values[PASSWORD]
            why = await self._credentials.overtaken(word) if word else await self._credentials.given_back(before)
        except OSError as error:
            raise Refused("refused", f"{PASSWORD}: cannot be kept: {error.strerror}") from error
        return [f"{PASSWORD}: {why}: it lets nobody in"] if why else []

    async def _hashes(self, request: Json) -> Json:
        """The hashes and names of who may manage it: the administrator's, and of the user with few rights."""
        web = self._phone.settings.web
        return {
            "user": web.admin_user,
            **await self._credentials.all(web.admin_password),
            "few": {
                "user": web.user,
                "password": await self._credentials.of_file("user", web.user_password),
                "pages": web.user_pages,
            },
        }

    async def _first_code(self, request: Json) -> Json:
        """A code on the display, for who wants to set the first password over the network and stands at the phone."""
        if await self.administrator():
            raise Refused("refused", "a password is set already")
        if occupied(self._phone):
            raise Refused("refused", "the phone is in use")
        now = moment().mono
        code = self._first.draw(now)
        if not code:
            raise Refused("refused", f"wait {self._first.pause(now):.0f} s for another code")
        await self._order(WebCode(Secret(code), self._first.life(now)))
        log.warning("%s asked for the first password: its code is on the display", asked_by(request))
        return {}

    async def _first_password(self, request: Json) -> Json:
        """The hash of the first password, with the code that the display shows."""
        code, hashed = request.get("code"), request.get("hash")
        if not isinstance(code, str) or not isinstance(hashed, str) or not hashed:
            raise Refused("request", "code and hash: expected texts")
        if await self.administrator():
            raise Refused("refused", "a password is set already")
        if not self._first.takes(code, moment().mono):
            if self._first.over(moment().mono):
                await self._post(WebCode(Secret(), 0.0))
            raise Refused("value", "this is not the code on the display")
        await self._keep_hash({**request, "kind": "password"})
        await self._post(WebCode(Secret(), 0.0))
        return {}

    async def administrator(self) -> bool:
        """Whether anybody has a password as the administrator."""
        return bool((await self._credentials.all(self._phone.settings.web.admin_password))["password"])

    async def _keep_hash(self, request: Json) -> Json:
        kind, hashed = request.get("kind"), request.get("hash")
        if not isinstance(kind, str) or not isinstance(hashed, str):
            raise Refused("request", "kind and hash: expected texts")
        try:
            self._credentials.set(kind, hashed)
        except ValueError as wrong:
            raise Refused("value", str(wrong)) from wrong
        except OSError as error:
            raise Refused("refused", f"cannot be kept: {error.strerror}") from error
        log.warning("%s of the management set by %s", kind, asked_by(request))
        return {}
