"""Who calls, as headers: From, P-Asserted-Identity (RFC 3325), Privacy (RFC 3323). Pure text work."""

from __future__ import annotations

from sipmessage import Request

from centre.message import address, user_of, user_part
from centre.party import PASSED_TO_CALLEE, HeaderList, Invitation

ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'


def from_value(invitation: Invitation, host: str) -> str:
    """The From value (without tag) shown to the called phone."""
    if invitation.private:
        return ANONYMOUS
    return address(_uri(invitation.from_number, host), invitation.name)


def identity_headers(invitation: Invitation, host: str) -> HeaderList:
    """The asserted identity beside From; a phone is outside the trust domain, so a private caller has none."""
    if invitation.private:
        return (("Privacy", "id"),)
    who = address(_uri(invitation.from_number, host), invitation.name)
    return (("P-Asserted-Identity", who),)


def invitation_of(request: Request, caller: str, name: str) -> Invitation:
    """The invitation an incoming INVITE makes; `caller` is the authenticated number, `name` its name here."""
    privacy = (request.headers.get("Privacy") or "").lower()
    sender = request.from_address
    private = "id" in privacy.replace(",", ";").split(";") or sender.uri.host.endswith("anonymous.invalid")
    headers = tuple((key, value) for key in PASSED_TO_CALLEE for value in request.headers.getlist(key))
    return Invitation(
        number=user_of(str(request.uri)),
        from_number=caller,
        name=name or sender.name,
        private=private,
        offer=request.body or None,
        headers=headers,
    )


def _uri(number: str, host: str) -> str:
    return f"sip:{user_part(number)}@{host}" if number else f"sip:{host}"
