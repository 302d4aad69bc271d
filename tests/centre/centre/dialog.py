"""A dialog (RFC 3261 section 12): identifiers, sequence numbers, route set and where its requests go.

From and To are kept as raw header values. Knows nothing of what is said in the dialog.
"""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass, field

from sipmessage import URI, Request, Response

from centre.message import Headers, new_request, tag_of, uri_text
from centre.transport import Peer

DialogKey = tuple[str, str, str]


def peer_of(uri: str, fallback: Peer) -> Peer:
    """The address a URI names when its host is a literal (this server resolves no names), else `fallback`.

    A TCP or TLS fallback wins for such a URI: requests reuse the connection the phone opened (RFC 5923).
    """
    try:
        parsed = URI.parse(uri.split("?", 1)[0])
        host = "127.0.0.1" if parsed.host == "localhost" else parsed.host.strip("[]")
        ipaddress.ip_address(host)
    except (ValueError, TypeError):
        return fallback
    protocol = (parsed.parameters.get("transport") or fallback.protocol).upper()
    if fallback.protocol == protocol != "UDP":
        return fallback
    return Peer(host, parsed.port or 5060, "TCP" if protocol == "TCP" else "UDP")


def new_call_id(host: str) -> str:
    """A fresh Call-ID."""
    return f"{secrets.token_hex(10)}@{host}"


@dataclass(slots=True)
class Dialog:
    """One side of a dialog, ours being `local`."""

    call_id: str
    local: str
    remote: str
    remote_target: str
    peer: Peer
    contact: str
    route_set: list[str] = field(default_factory=list)
    local_seq: int = 0
    remote_seq: int | None = None

    @classmethod
    def of_request(cls, request: Request, peer: Peer, tag: str, contact: str) -> Dialog:
        """The dialog that answering `request` with our `tag` makes (section 12.1.1)."""
        target = uri_text(request.headers.get("Contact") or request.headers["From"])
        return cls(
            call_id=request.call_id,
            local=f"{request.headers['To']};tag={tag}",
            remote=request.headers["From"],
            remote_target=target,
            peer=peer_of(target, peer),
            contact=contact,
            route_set=_split(request, "Record-Route"),
            remote_seq=request.cseq.sequence,
        )

    @classmethod
    def of_response(cls, request: Request, response: Response, peer: Peer, contact: str) -> Dialog:
        """The dialog a 1xx or 2xx to our `request` makes (section 12.1.2)."""
        contact_value = response.headers.get("Contact")
        target = uri_text(contact_value) if contact_value else str(request.uri)
        return cls(
            call_id=request.call_id,
            local=request.headers["From"],
            remote=response.headers["To"],
            remote_target=target,
            peer=peer_of(target, peer) if contact_value else peer,
            contact=contact,
            route_set=_split(response, "Record-Route")[::-1],
            local_seq=request.cseq.sequence,
        )

    @property
    def local_tag(self) -> str:
        """Our tag."""
        return tag_of(self.local) or ""

    @property
    def remote_tag(self) -> str:
        """Their tag."""
        return tag_of(self.remote) or ""

    @property
    def key(self) -> DialogKey:
        """(Call-ID, local tag, remote tag)."""
        return (self.call_id, self.local_tag, self.remote_tag)

    def request(
        self,
        method: str,
        headers: Headers = (),
        body: bytes = b"",
        content_type: str = "",
        sequence: int | None = None,
    ) -> Request:
        """The next request in this dialog (section 12.2.1.1); `sequence` only for ACK."""
        if sequence is None:
            self.local_seq += 1
            sequence = self.local_seq
        request = new_request(method, self.remote_target, (), body, content_type)
        for route in self.route_set:
            request.headers.add("Route", route)
        request.headers.add("From", self.local)
        request.headers.add("To", self.remote)
        request.headers.add("Call-ID", self.call_id)
        request.headers.add("CSeq", f"{sequence} {method}")
        request.headers.add("Contact", self.contact)
        for name, value in headers:
            request.headers.set(name, value)
        return request

    def destination(self) -> Peer:
        """Where requests go: the first (loose) route, else the remote target."""
        return peer_of(uri_text(self.route_set[0]), self.peer) if self.route_set else self.peer

    def in_order(self, request: Request) -> bool:
        """Accept the sequence number of a request from the peer (section 12.2.2)."""
        sequence = request.cseq.sequence
        if self.remote_seq is not None and sequence <= self.remote_seq:
            return False
        self.remote_seq = sequence
        return True

    def refresh_target(self, message: Request | Response) -> None:
        """A target refresh: the Contact of a re-INVITE, UPDATE, SUBSCRIBE or of their 2xx."""
        if value := message.headers.get("Contact"):
            self.remote_target = uri_text(value)
            self.peer = peer_of(self.remote_target, self.peer)


def _split(message: Request | Response, header: str) -> list[str]:
    return [f"<{uri_text(part)}>" for value in message.headers.getlist(header) for part in value.split(",")]


def key_of_request(request: Request) -> DialogKey:
    """The dialog a request from the wire belongs to, seen from our side."""
    return (request.call_id, tag_of(request.headers["To"]) or "", tag_of(request.headers["From"]) or "")
