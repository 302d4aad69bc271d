"""The options of a DN, named as SIP Server's configuration names them: one table, and the questions asked of it. Pure.

An option nobody set has its default; a name or a value the table does not know is refused when the DN is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from centre.settings import DN

_BOOLEAN = ("true", "false")
_TEXT = re.compile(r"[ -~]{0,200}")


@dataclass(frozen=True, slots=True)
class DnOption:
    """One row. `words` are the values it takes ((): any text); `many`: several of them, with commas."""

    name: str
    default: str
    help: str
    words: tuple[str, ...] = ()
    many: bool = False


TABLE: tuple[DnOption, ...] = (
    DnOption("enable-agentlogin-subscribe", "false", "agents log in and change state at the phone", _BOOLEAN),
    DnOption("sip-cti-control", "", "what the desktop does by NOTIFY: talk, or talk,hold", ("talk", "hold"), many=True),
    DnOption("authenticate-requests", "", "requests that need the password: register,invite; unset: as the server",
             ("register", "invite"), many=True),
    DnOption("password", "", "the password for them"),
    DnOption("sip-alert-info", "", "marking of each INVITE to the DN, such as info=alert-autoanswer"),
    DnOption("gvm_mailbox", "", "the voice mailbox whose messages the DN is told of; unset: its own number"),
    DnOption("refer-enabled", "true", "a desktop's call: true = REFER, the phone dials; false = INVITE", _BOOLEAN),
    DnOption("make-call-rfc3725-flow", "1", "the shape of a call made by INVITE", ("1", "2")),
    DnOption("dual-dialog-enabled", "true", "a consultation is a second dialog with the phone", _BOOLEAN),
    DnOption("blind-transfer-enabled", "false", "a transfer to this DN may complete while it rings", _BOOLEAN),
    DnOption("dr-forward", "off", "when calls go to the other site: oos = no phone here, no-agent = nobody logged in",
             ("off", "oos", "no-agent")),
)  # fmt: skip

_ROWS = {row.name: row for row in TABLE}


def checked(options: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The options, values without blanks round them; ValueError names the first that the table does not know."""
    found: dict[str, str] = {}
    for name, text in options:
        row = _ROWS.get(name)
        if row is None:
            raise ValueError(f"DN option {name!r}: expected one of {', '.join(_ROWS)}")
        given = text.strip()
        parts = {word.strip() for word in given.split(",")} if row.many else {given}
        if not _TEXT.fullmatch(given) or (row.words and given and not parts <= set(row.words)):
            expected = (" or ".join(row.words) if row.words else "plain text") + (", with commas" if row.many else "")
            raise ValueError(f"DN option {name}={given!r}: expected {expected}")
        found[name] = given
    return found


def value(dn: DN, name: str) -> str:
    """The value, or the default."""
    return dn.options.get(name, "") or _ROWS[name].default


def is_on(dn: DN, name: str) -> bool:
    """A true/false option."""
    return value(dn, name) == "true"


def words(dn: DN, name: str) -> frozenset[str]:
    """An option with several values."""
    return frozenset(word.strip() for word in value(dn, name).split(",") if word.strip())


def alert_headers(dn: DN, host: str) -> tuple[tuple[str, str], ...]:
    """The headers of sip-alert-info: the guide names Call-Info, phones of the same maker read Alert-Info; so both."""
    marking = value(dn, "sip-alert-info")
    if not marking:
        return ()
    return (("Call-Info", f"<sip:{host}>;{marking}"), ("Alert-Info", f"<http://127.0.0.1>;{marking}"))


def help_text() -> str:
    """The table as lines for --help."""
    return "DN options:\n" + "\n".join(f"  {row.name}={row.default}  {row.help}" for row in TABLE)
