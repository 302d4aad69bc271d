"""A test phone with the agent's two subscriptions: only what the tests of the centre need, by hand on the wire.

Law: the bodies are written out here as the documents have them, and what the server tells is read as plain words
("AgentNotReadyEvent device=1502 agentID=7001 AgentNotReadyReasonValue=501"): neither is the server's own code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from email import message_from_bytes
from xml.etree import ElementTree

from sipmessage import Request, Response

from tests.centre.unit.phone import Phone

AS_FEATURE, HOTELING = "as-feature-event", "x-broadworks-hoteling"
TYPES = {name: f"application/{name if name.startswith('x-') else 'x-' + name}+xml" for name in (AS_FEATURE, HOTELING)}
CSTA = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"


class AgentDialog:
    """One subscription of a phone. `said` are the documents of its last NOTIFY, in words."""

    def __init__(self, phone: Phone, event: str, others: list[Request] | None = None) -> None:
        self.phone, self.event = phone, event
        self.others: list[Request] = [] if others is None else others  # NOTIFYs of the phone's other dialogs
        self.said: tuple[str, ...] = ()
        self.state = ""

    async def begin(self, expires: int = 600) -> Response:
        """SUBSCRIBE; the first NOTIFY is answered too where the answer is a 200."""
        self.request = self.phone.request("SUBSCRIBE", headers={"Event": self.event, "Expires": str(expires)})
        self.answer = await self.phone.ask(self.request)
        if self.answer.code == 200:
            await self.notified()
        return self.answer

    async def send(self, body: str | bytes = "", kind: str = "") -> Response:
        """A SUBSCRIBE in the dialog with a command; kind: another media type than the package's."""
        request = self.phone.in_dialog("SUBSCRIBE", self.request, self.answer, Event=self.event, Expires="600")
        request.body = body.encode() if isinstance(body, str) else body
        if body:
            request.headers.set("Content-Type", kind or TYPES[self.event])
        return await self.phone.ask(request)

    async def notified(self, code: int = 200) -> tuple[str, ...]:
        """The documents of the next NOTIFY of this dialog, answered."""
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
        self.said = documents(notify.headers.get("Content-Type") or "", notify.body)
        return self.said

    def _is_ours(self, notify: Request) -> bool:
        return notify.headers["Call-ID"] == self.request.headers["Call-ID"]


# --- what a phone asks for ------------------------------------------------------------------------------


def set_agent_state(wish: str, reason: str = "") -> str:
    """SetAgentState as the documents print it."""
    private = (
        '<extensions><privateData><private xmlns:pri="http://schema.broadsoft.com/CSTAPrivateData">'
        f"<pri:AgentNotReadyReasonValue>{reason}</pri:AgentNotReadyReasonValue>"
        "</private></privateData></extensions>"
    )
    return (
        f'<?xml version="1.0" encoding="ISO-8859-1"?>\r\n<SetAgentState xmlns="{CSTA}">\r\n<device></device>\r\n'
        f"<requestedAgentState>{wish}</requestedAgentState>\r\n{private if reason else ''}"
        "<agentID></agentID>\r\n<password></password>\r\n</SetAgentState>\r\n"
    )


def set_do_not_disturb(on: bool) -> str:
    """SetDoNotDisturb of 1502."""
    return (
        f'<SetDoNotDisturb xmlns="{CSTA}"><device>1502</device>'
        f"<doNotDisturbOn>{'true' if on else 'false'}</doNotDisturbOn></SetDoNotDisturb>"
    )


def set_forwarding(kind: str, number: str, rings: int) -> str:
    """SetForwarding of 1502, switched on."""
    return (
        f'<SetForwarding xmlns="{CSTA}"><device>1502</device><forwardingType>{kind}</forwardingType>'
        f"<activateForward>true</activateForward><forwardDN>{number}</forwardDN><ringCount>{rings}</ringCount>"
        "</SetForwarding>"
    )


def set_hoteling(guest: str, nonce: str = "", password: str = "") -> str:
    """SetHoteling, with the proof where a nonce is given."""
    proof = (
        f"<authenticationData><nonce>{nonce}</nonce><algorithm>MD5</algorithm>"
        f"<response>{proof_of(nonce, password)}</response></authenticationData>"
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\r\n<SetHoteling xmlns="http://schema.broadsoft.com/hoteling">'
        f"<guestAddress>{guest}</guestAddress>{proof if nonce else ''}</SetHoteling>"
    )


def proof_of(nonce: str, password: str) -> str:
    """MD5(nonce:password), written out once more on purpose."""
    return hashlib.md5(f"{nonce}:{password}".encode()).hexdigest()


# --- what the server tells ------------------------------------------------------------------------------


def documents(kind: str, body: bytes) -> tuple[str, ...]:
    """Each document in words: the root's local name, then `name=text` of every element that has no children."""
    if not body:
        return ()
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts = [part for part in whole.walk() if not part.is_multipart()] if "multipart" in kind else []
    bodies = [bytes(part.get_payload(decode=True)) for part in parts] or [body]  # type: ignore[arg-type]
    return tuple(_words(ElementTree.fromstring(each)) for each in bodies)


def _words(root: ElementTree.Element) -> str:
    leaves = [each for each in root.iter() if each is not root and not len(each)]
    return " ".join([_local(root), *(f"{_local(each)}={(each.text or '').strip()}" for each in leaves)])


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


async def dialogs(phone: Phone, events: Iterable[str] = (HOTELING, AS_FEATURE)) -> list[AgentDialog]:
    """Subscribe to both packages."""
    found: list[AgentDialog] = []
    others: list[Request] = []
    for event in events:
        dialog = AgentDialog(phone, event, others)
        assert (await dialog.begin()).code == 200
        found.append(dialog)
    return found
