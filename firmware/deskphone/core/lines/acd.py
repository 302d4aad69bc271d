"""The ACD server of its own (`server_use_sip_server=0`): its account, and which of its addresses is in use.

Law: owns the ACD's fields of `Sites`. It is no registrar: an address fails when a SUBSCRIBE there finds no answer.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core.effects import Account
from deskphone.core.lines import line, way
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

SERVER = 2  # its number, behind the two SIP Servers
SILENT = (408, 503)
TOGETHER = 5.0  # seconds in which the packages' failures are one failure of the address


def account(phone: Phone) -> Account | None:
    """The account there, with the address in use where it is named; None without such a server."""
    acd = phone.settings.acd
    if not acd.enabled or acd.use_sip_server or not acd.address:  # asked after every event
        return None
    where, known = f"sip:{line.place_of((acd.address, acd.port))}", line.candidates(phone)
    if not known:
        return None
    user = known[0].aor.partition("@")[0]
    there = replace(known[0], server=SERVER, aor=f"{user}@{line.host_of(acd.address)}", registrar=where, proxy=where,
                    direct_register=False)  # fmt: skip
    return way.routed(there, phone.sites.acd)


def ready(there: Account) -> bool:
    """Whether it can be asked: its name, where it has one, has an address."""
    return bool(there.hop) or way.named(there) is None


def failed(turn: Turn, code: int) -> None:
    """A SUBSCRIBE there failed: where nobody answers the next one goes to the next address, if there is one."""
    known = turn.phone.sites.acd
    if code not in SILENT or len(known.targets) < 2 or turn.now.mono - turn.phone.sites.acd_left_at < TOGETHER:
        return
    following = replace(known, at=(known.at + 1) % len(known.targets))
    turn.note(f"ACD server at {known.hop}: {code}; {following.hop} is next", "warning")
    turn.set(sites=replace(turn.phone.sites, acd=following, acd_left_at=turn.now.mono))
