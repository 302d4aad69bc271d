"""What the control socket takes of who brings newer firmware: its announcement, the bundle in pieces, its end.

Law: decides nothing: what is good is judged by `provision.handed`, when it is installed by the core, as with a firmware
that provisioning found. Nobody but the owner's signer can bring one, whoever may ask here.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskphone.app.refused import Refused, asked_by
from deskphone.app.runtime import Runtime
from deskphone.core.events import Event, FirmwareOffered
from deskphone.core.phone.update_state import UpdateStep

if TYPE_CHECKING:
    from deskphone.provision.handed import Hands

Json = dict[str, Any]
PIECE = 45_000  # bytes of a bundle at most in one request
WRITING = (UpdateStep.ASKED, UpdateStep.INSTALLING, UpdateStep.RESTARTING)
log = logging.getLogger("deskphone")


class FirmwareRequests:
    """Rows of the control socket's table. keyring: who may sign, None for the image's; post: posts an event."""

    def __init__(self, runtime: Runtime, keyring: Path | None, post: Callable[[Event], Awaitable[None]]) -> None:
        self._runtime, self._keyring, self._post = runtime, keyring, post
        self._hands: Hands | None = None
        self._looked = False
        self._reminder: asyncio.Task[None] | None = None
        self.table: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "firmware_begin": self._begin,
            "firmware_piece": self._piece,
            "firmware_end": self._end,
            "firmware_drop": self._drop,
        }

    def looked(self) -> None:
        """The phone has an updater: a firmware that lies here since before this start is offered again; the core knows
        whether it is installed, or was undone."""
        if not self._looked and self._runtime.phone.update.there:
            self._looked = True
            if (self._runtime.folder / "firmware").exists():
                self._reminder = asyncio.create_task(self._remind(), name="firmware that lies here")

    async def _remind(self) -> None:
        from deskphone.provision import firmware  # noqa: PLC0415 - where there is one

        version = self._runtime.phone.version
        kept = await firmware.kept(self._runtime.folder, self._signers(), version=version)
        if kept is not None:
            await self._offer(kept.manifest.version)

    @property
    def checking(self) -> bool:
        """Whether it is not known yet, since the start, if a firmware lies here that waits to be installed."""
        return not self._looked or (self._reminder is not None and not self._reminder.done())

    def _signers(self) -> Path:
        from deskphone.trust.signature import KEYRING  # noqa: PLC0415

        return self._keyring or KEYRING

    async def _begin(self, request: Json) -> Json:
        """Judge an announcement; `number` for the pieces, 0 where none are needed. Refused: kind `signature` where it
        is not the owner's, `value` where this firmware is not for this phone."""
        phone = self._runtime.phone
        if not phone.update.there:
            raise Refused("refused", "this machine has no updater")
        if phone.update.step in WRITING:
            raise Refused("refused", f"an update to {phone.update.version} is under way")
        cms, undone = _bytes(request, "announcement"), phone.update.rolled_back
        async with self._judged() as hands:
            model, version = phone.settings.system.model, phone.version
            number, offer = await hands.begin(cms, model=model, version=version, undone=undone)
        log.warning("%s brings firmware %s", asked_by(request), offer.version)
        if not number:
            await self._offer(offer.version)
        return {"number": number, "version": offer.version, "size": offer.size}

    async def _piece(self, request: Json) -> Json:
        """The next bytes of the bundle, which begin `at` so many."""
        piece = _bytes(request, "piece")
        if not 0 < len(piece) <= PIECE:
            raise Refused("request", f"piece: expected 1 to {PIECE} bytes")
        async with self._judged() as hands:
            await hands.piece(_count(request, "number"), _count(request, "at"), piece)
        return {}

    async def _end(self, request: Json) -> Json:
        """The bundle is whole: from now on it is the core's to have it installed."""
        async with self._judged() as hands:
            offer = await hands.end(_count(request, "number"), _count(request, "at"))
        await self._offer(offer.version)
        return {"version": offer.version}

    async def _drop(self, request: Json) -> Json:
        """No more of it comes."""
        async with self._judged() as hands:
            await hands.drop(_count(request, "number"))
        return {}

    async def _offer(self, version: str) -> None:
        if version != self._runtime.phone.version:
            await self._post(FirmwareOffered(version, "verified"))

    @contextlib.asynccontextmanager
    async def _judged(self) -> AsyncIterator[Hands]:
        """Who takes it. A firmware that is not good is told on the phone's own page, too."""
        from deskphone.provision.firmware import Refused as NotGood  # noqa: PLC0415 - where somebody brings one
        from deskphone.provision.firmware import Verdict  # noqa: PLC0415
        from deskphone.provision.handed import Declined, Hands  # noqa: PLC0415

        keyring = self._signers()
        if not keyring.exists():
            raise Refused("refused", f"{keyring} is not there: nobody may sign firmware for this phone")
        if self._hands is None:
            self._hands = Hands(self._runtime.folder, keyring)
        try:
            yield self._hands
        except NotGood as wrong:
            await self._post(FirmwareOffered(wrong.version, wrong.verdict, str(wrong)))
            kinds = {Verdict.BAD_SIGNATURE: "signature", Verdict.NO_ROOM: "refused"}
            raise Refused(kinds.get(wrong.verdict, "value"), str(wrong)) from wrong
        except Declined as why:
            raise Refused("refused", str(why)) from why


def _count(request: Json, name: str) -> int:
    value = request.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Refused("request", f"{name}: expected a number")
    return value


def _bytes(request: Json, name: str) -> bytes:
    try:
        return base64.b64decode(request.get(name, ""), validate=True)
    except (ValueError, TypeError):
        raise Refused("request", f"{name}: expected Base64") from None
