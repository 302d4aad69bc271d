"""A test phone with the agent's two subscriptions: only what the tests of the stand-in need, by hand on the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sipmessage import Request, Response

from deskphone.core.documents import AS_FEATURE, HOTELING, Command
from deskphone.wire.body_types import notify_documents
from deskphone.wire.command_body import command_body
from tests.unit.sim.phone import Phone


class AgentDialog:
    """One subscription of a phone. `said` are the documents of its last NOTIFY."""

    def __init__(self, phone: Phone, event: str, others: list[Request] | None = None) -> None:
        self.phone, self.event = phone, event
        self.others: list[Request] = [] if others is None else others  # NOTIFYs of the phone's other dialogs
        self.said: tuple[object, ...] = ()
        self.state = ""

    async def begin(self, expires: int = 600) -> Response:
        """SUBSCRIBE; the first NOTIFY is answered too where the answer is a 200."""
        self.request = self.phone.request("SUBSCRIBE", headers={"Event": self.event, "Expires": str(expires)})
        self.answer = await self.phone.ask(self.request)
        if self.answer.code == 200:
            await self.notified()
        return self.answer

    async def send(self, command: Command | None = None, *, body: bytes = b"", kind: str = "") -> Response:
        """A SUBSCRIBE in the dialog with a command, or any body."""
        if command is not None:
            kind, body = command_body(command)
        request = self.phone.in_dialog("SUBSCRIBE", self.request, self.answer, Event=self.event, Expires="600")
        request.body = body
        if body:
            request.headers.set("Content-Type", kind)
        return await self.phone.ask(request)

    async def notified(self, code: int = 200) -> tuple[object, ...]:
        """The next NOTIFY of this dialog, answered."""
        notify = next((each for each in self.others if self._is_ours(each)), None)
        if notify is not None:
            self.others.remove(notify)
        while notify is None:
            came = await self.phone.next_request("NOTIFY")
            if self._is_ours(came):
                notify = came
            else:
                self.others.append(came)
        self.phone.reply(notify, code)
        self.state = notify.headers["Subscription-State"]
        self.said = notify_documents(self.event, notify.headers.get("Content-Type") or "", notify.body)
        return self.said

    def _is_ours(self, notify: Request) -> bool:
        return notify.headers["Call-ID"] == self.request.headers["Call-ID"]


def proof_of(nonce: str, password: str) -> str:
    """MD5(nonce:password), written out once more on purpose."""
    return hashlib.md5(f"{nonce}:{password}".encode()).hexdigest()


async def dialogs(phone: Phone, events: Iterable[str] = (HOTELING, AS_FEATURE)) -> list[AgentDialog]:
    """Subscribe to both packages."""
    found: list[AgentDialog] = []
    others: list[Request] = []
    for event in events:
        dialog = AgentDialog(phone, event, others)
        assert (await dialog.begin()).code == 200
        found.append(dialog)
    return found
