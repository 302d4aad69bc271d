"""Who calls: P-Asserted-Identity, Remote-Party-ID, From, Privacy; and who diverted the call to us.

Law: header values to a Party for the screen and the call log; never raises, for the call of an odd name still rings.
An identity that asks for privacy gives an anonymous Party without number, name or URI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from deskphone.core.events import Party
from deskphone.wire import fields
from deskphone.wire.errors import MAX_TOKEN, WireError
from deskphone.wire.fields import Address
from deskphone.wire.message import Headers

ANONYMOUS: Final = Party(anonymous=True)
# RFC 3323 section 4.2 and RFC 3325 section 9.3: values that ask not to show the caller to the callee.
PRIVATE: Final = frozenset({"id", "user", "header"})
# A port that is none (0, as of a server that does not know it): who calls is to be seen all the same.
PORT: Final = re.compile(r"(?<=@)([^@:;?]+):[^;?]*")
_DIVERTING: Final = frozenset({"diversion", "history-info"})


@dataclass(frozen=True, slots=True)
class Diverted:
    """The party the call was diverted from, and why (RFC 5806 words: user-busy, no-answer, unconditional...)."""

    by: Party
    reason: str = ""


def remote_party(headers: Iterable[tuple[str, str]], trusted: bool = True, calls: bool = True) -> Party:
    """The far end by the header fields of its message (lower-case name, value); Party() where no header can be read.

    trusted: the message came from a registered server; else only From counts, since anybody can write the others.
    calls: it is the caller's INVITE, in which a Remote-Party-ID counts only with party=calling, the default.
    """
    found = Headers(tuple(headers))
    wish = {word.lower() for value in found.every("privacy") for word in re.split(r'[;,\s"]+', value)}
    if trusted:
        if wish & PRIVATE:
            return ANONYMOUS
        asserted = _parties(found, "p-asserted-identity")
        if any(party.uri or party.anonymous for party in asserted):
            name = next((party.name for party in asserted if party.name), "")
            # A tel URI beside a SIP one (RFC 3325 section 9.1): the SIP address can be called back as it stands.
            known = [party for party in asserted if party.uri or party.anonymous]
            first = next((party for party in known if party.uri.startswith("sip")), known[0])
            return first if first.anonymous else Party(first.number, name, first.uri)
        for address in _addresses(found, "remote-party-id"):
            if calls and address.params.get("party", "calling").lower() != "calling":
                continue
            if address.params.get("privacy", "off").lower() not in ("off", "none", ""):
                return ANONYMOUS
            if (remote := party(address)).uri or remote.anonymous:
                return remote
    return next(iter(_parties(found, "from")), Party())


def party(address: Address) -> Party:
    """The Party of one address; number: the user part, or the host where there is no user. ANONYMOUS by RFC 3323."""
    return _party(address.display, address.uri)


@lru_cache(maxsize=32)  # who calls once calls again, and each message of a call is looked at
def _party(display: str, text: str) -> Party:
    try:
        uri = fields.uri(text)
    except WireError:
        plain = PORT.sub(r"\1", text, count=1)
        return _party(display, plain) if plain != text else Party(name=display)
    if uri.host.lower().endswith(".invalid") or uri.user.lower() == "anonymous":  # RFC 3323 section 4.1.1.3
        return ANONYMOUS
    number = fields.readable(uri.number, MAX_TOKEN) or uri.host
    return Party(number, "" if display == number else display, _bare(text))


def diversion(headers: Iterable[tuple[str, str]]) -> Diverted | None:
    """Who diverted the call: the topmost Diversion (the last one to divert), else the first of History-Info.

    History-Info (RFC 7044) counts from its second entry on: a lone first entry is the call's own target.
    """
    found = Headers(tuple(field for field in headers if field[0] in _DIVERTING))
    if not found.fields:
        return None
    for address in _addresses(found, "diversion"):
        private = address.params.get("privacy", "off").lower() not in ("off", "none", "")
        reason = fields.readable(address.params.get("reason")).lower()
        by = ANONYMOUS if private else party(address)
        if by.uri or by.anonymous:
            return Diverted(by, reason)
    history = _addresses(found, "history-info")
    if len(history) < 2:
        return None
    return Diverted(ANONYMOUS if _private(history[0]) else party(history[0]))


def _private(address: Address) -> bool:
    """Whether a History-Info entry carries `?Privacy=history` (RFC 7044 section 10.1.2)."""
    try:
        return any(name == "privacy" and value.lower() != "none" for name, value in fields.uri(address.uri).headers)
    except WireError:
        return True


def _bare(text: str) -> str:
    """The URI as a call back needs it: without parameters, embedded headers and password."""
    scheme, _, rest = text.partition(":")
    if scheme.lower() == "tel":
        return f"tel:{rest.partition(';')[0]}"
    user, at, where = rest.partition("@") if "@" in rest else ("", "", rest)
    where = where.partition("?")[0].partition(";")[0]
    return f"{scheme.lower()}:{user.partition(':')[0]}{at}{where}"


def _parties(headers: Headers, name: str) -> tuple[Party, ...]:
    return tuple(party(address) for address in _addresses(headers, name))


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    """The addresses of a header that can be read, in order; From is never a list (its name may hold a comma)."""
    found: list[Address] = []
    for value in headers.every(name):
        try:
            entries = (value,) if name == "from" else fields.split(value, ",")
        except WireError:
            continue
        for entry in entries:
            try:
                found.append(fields.address(entry))
            except WireError:
                continue
    return tuple(found)
