"""Power-on, configuration, clock, network and failing parts.

Law: what concerns the phone as a whole and no single noun.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.config.schema.words import HostNameUpdate
from deskphone.core.agent import kept as agent_kept
from deskphone.core.agent import pages as agent_pages
from deskphone.core.calls import calllog
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import MoveTo, SetHostName
from deskphone.core.events import (
    ClockTicked,
    DriverFailed,
    DriverRecovered,
    FirmwareOffered,
    LanPortTold,
    MessageWaiting,
    NetworkChanged,
    PowerOn,
    Provisioned,
    Registered,
)
from deskphone.core.lines import fallback, line
from deskphone.core.moment import NEVER
from deskphone.core.phone import checksync, light, settings, update
from deskphone.core.phone.state import Mailbox
from deskphone.core.screen import directory
from deskphone.core.turn import IllegalEvent, Turn

HANDS_OFF = 60.0  # seconds without a key after which nobody is taken to be in the middle of something


def power_on(turn: Turn, event: PowerOn) -> None:
    """The first event: settings and stored sections are restored, lines register. IllegalEvent for a second one."""
    if turn.phone.powered:
        raise IllegalEvent("the phone is on already")
    turn.set(powered=True, version=event.version, mac=event.mac)
    turn.set(source=event.source, accepted=event.accepted)
    checksync.begin(turn)
    settings.restore(turn, event)
    for section, text in event.stored:
        _restore(turn, section, text)
    agent_kept.unlocked(turn, event.session)
    line.start(turn)
    wake(turn)


def _restore(turn: Turn, section: str, text: str) -> None:
    loaders: dict[str, Callable[[], None]] = {
        "calls": lambda: calllog.load(turn, text),
        "contacts": lambda: directory.load(turn, text),
        directory.COMPANY: lambda: directory.load_company(turn, text),
        directory.SPEED_DIALS: lambda: directory.load_dials(turn, text),
        fallback.SECTION: lambda: fallback.load(turn, text),
        checksync.SECTION: lambda: checksync.load(turn, text),
        agent_kept.SECTION: lambda: agent_kept.load(turn, text),
        "login": lambda: agent_pages.load(turn, text),
    }
    if section not in loaders:
        return
    try:
        loaders[section]()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        turn.note(f"stored section {section!r} cannot be read ({error!r}); it starts empty", "warning")


def provisioned(turn: Turn, event: Provisioned) -> None:
    """A check is over. An unchanged file is the one in force, so nothing is wrong with it."""
    turn.set(provisioned=event, checked=turn.now.mono)
    if event.outcome == "unchanged":
        turn.set(config_errors=(), lines_refused=event.refused, idle_names=event.idle, source=event.source)
    told = f"provisioning from {event.source or 'nowhere'}{_named_by(event)}: {event.outcome}"
    fine = event.outcome in ("updated", "unchanged", "off")
    turn.note(f"{told}: {event.detail}" if event.detail else told, "info" if fine else "warning")


def _named_by(event: Provisioned) -> str:
    named = event.named_by
    return f" ({'DHCP option ' if named.isdecimal() else ''}{named})" if named else ""


def firmware_offered(turn: Turn, event: FirmwareOffered) -> None:
    """Another firmware lies ready, or was refused; what comes of it is update.py's."""
    if event.outcome == "none":
        turn.set(firmware=None)
        return
    turn.set(firmware=event)
    told = f"firmware {event.version or 'offered'}: {event.outcome}"
    level = "info" if event.outcome == "verified" else "error"
    turn.note(f"{told}: {event.detail}" if event.detail else told, level)


def announce(turn: Turn, _: Registered) -> None:
    """In service: the DHCP server may know the phone by its number (network/lan/dhcp/update_hostname_after_reg)."""
    name = line.number(turn.phone)
    wanted = turn.phone.settings.network.dhcp.host_name_update is HostNameUpdate.PHONE_NUMBER
    if wanted and name and name != turn.phone.host_name:
        turn.set(host_name=name)
        turn.do(SetHostName(name))


def clock_ticked(turn: Turn, event: ClockTicked) -> None:
    """Date and time of day, for the screen."""
    turn.set(clock=event)


def network_changed(turn: Turn, event: NetworkChanged) -> None:
    """The address came, changed or went. SIP Servers that DHCP named stay known while the cable is out."""
    before, now = turn.phone.network, event.network
    turn.set(mac=event.mac or turn.phone.mac, network=replace(now, sip_servers=before.sip_servers))
    if now.address:
        # None where DHCP changed its mind back during a call: then none is to be taken after it.
        changed = now.sip_servers != before.sip_servers
        turn.set(sip_servers_waiting=now.sip_servers if changed else None)
        _take_sip_servers(turn)
    if now.address and now.address != before.address:
        turn.do(MoveTo(now.address))
        line.quickly(turn)


def lan_port_told(turn: Turn, event: LanPortTold) -> None:
    """Voice VLAN and 802.1X, for the status page."""
    turn.set(lan_port=event)


def _take_sip_servers(turn: Turn) -> None:
    """Other SIP Servers of DHCP count when no call is up, and only for a phone that has none of its own."""
    waiting = turn.phone.sip_servers_waiting
    if waiting is None or turn.phone.calls:
        return
    before = line.accounts(turn.phone)
    turn.set(network=replace(turn.phone.network, sip_servers=waiting), sip_servers_waiting=None)
    if line.accounts(turn.phone) != before:
        turn.note(f"SIP Servers named by DHCP (option 120): {', '.join(waiting) or 'none'}")
        line.start(turn, before)


def driver_failed(turn: Turn, event: DriverFailed) -> None:
    """The phone goes on without an optional part, and the screen says so."""
    others = tuple(part for part in turn.phone.failed_parts if part[0] != event.name)
    turn.set(failed_parts=(*others, (event.name, event.detail)))
    turn.note(f"{event.name} failed: {event.detail}", "error")


def driver_recovered(turn: Turn, event: DriverRecovered) -> None:
    """The part works again: the screen says no more of it."""
    turn.set(failed_parts=tuple(part for part in turn.phone.failed_parts if part[0] != event.name))
    turn.note(f"{event.name} works again")


def message_waiting(turn: Turn, event: MessageWaiting) -> None:
    """The message-summary of one server takes the place of its last one (RFC 3842)."""
    others = tuple(each for each in turn.phone.mail if each[0] != event.server)
    turn.set(mail=(*others, (event.server, Mailbox(event.waiting, event.new, event.old))))


def wake(turn: Turn) -> None:
    """Full brightness, somebody is here, and the deadlines of both anew."""
    light.on(turn)
    turn.set(touched=True, hands_off_at=turn.after(HANDS_OFF))


def synchronise(turn: Turn) -> None:
    """After each event: what waited for an idle phone, if it is idle now: new settings, what check-sync asked for."""
    if settings.occupied(turn.phone):
        return
    settings.take_waiting(turn)
    _take_sip_servers(turn)
    checksync.carry_out(turn)
    update.carry_out(turn)


def _hands_off(turn: Turn, _: None) -> None:
    turn.set(touched=False, hands_off_at=NEVER)


DEADLINES = (
    Deadline("rest", lambda phone: ((phone.rest_until, None),), checksync.rested),
    Deadline("hands off", lambda phone: ((phone.hands_off_at, None),), _hands_off),
)
