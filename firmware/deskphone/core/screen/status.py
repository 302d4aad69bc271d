"""The Status pages: what the phone knows of itself, in rows a person can read over the telephone.

Law: rows only, no actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deskphone.config.layers import SECTIONS
from deskphone.config.schema.words import EapType, VlanMode
from deskphone.core import failure
from deskphone.core.agent import hot_seat
from deskphone.core.deadlines import Deadline
from deskphone.core.lines import line, sites
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.moment import NEVER
from deskphone.core.phone import update
from deskphone.core.phone.update_state import UpdateStep
from deskphone.core.screen.item import Age, Item, Wait
from deskphone.core.screen.marks import Mark
from deskphone.core.state import Phone

Rows = Callable[[Phone, str], tuple[Item, ...]]


def _network(phone: Phone, argument: str) -> tuple[Item, ...]:
    net = phone.network
    named = phone.provisioned.named_by if phone.provisioned is not None else ""
    rows = [
        ("ip_address", net.address or "-"),
        ("netmask", net.netmask or "-"),
        ("gateway", net.gateway or "-"),
        ("vlan", vlan(phone)),
        *(("dns", server) for server in net.dns),
        ("domain", net.domain),
        ("dhcp_server", net.dhcp_server),
        ("dhcp_option", named if named.isdecimal() else ""),
        *(("time_server", server) for server in net.time_servers),
        *(("sip_server", server) for server in net.sip_servers),
        ("host_name", net.host_name),
        ("mac", phone.mac or "-"),
    ]
    access = port_access(phone)
    return (
        *(Item(label, value) for label, value in rows if value),
        *((Item("port_access", access, word=True),) if access else ()),
    )


def vlan(phone: Phone) -> str:
    """The voice VLAN in force and its priority, `-` where one is asked for and none is in force, "" for none wanted."""
    port = phone.lan_port
    if port.vlan:
        return f"{port.vlan} ({port.priority})"
    return "-" if phone.settings.network.vlan.mode in (VlanMode.MANUAL, VlanMode.LLDP, VlanMode.CDP_LLDP) else ""


def port_access(phone: Phone) -> str:
    """Whether the switch let the phone in by 802.1X, "" where the settings do not ask for it."""
    wanted = phone.settings.network.port_access.type is not EapType.DISABLE
    return ("yes" if phone.lan_port.authorized else "no") if wanted else ""


def _firmware(phone: Phone, argument: str) -> tuple[Item, ...]:
    rows = [Item("model", phone.settings.system.model), Item("version", phone.version or "-")]
    offered = phone.firmware
    if offered is not None:
        rows += [Item("offered", offered.version or "-"), Item("result", f"firmware:{offered.outcome}", word=True)]
        rows.append(_sentence(offered.detail))
    return (*rows, *_update(phone))


def _update(phone: Phone) -> Iterator[Item]:
    """How far the update is, with a bar while it is being written; why it failed, or what its trial lacks."""
    now = phone.update
    if now.step is not UpdateStep.NONE:
        yield Item("update", f"update:{now.step}", word=True)
        yield Item("update_to", now.version or "-")
    if now.step is UpdateStep.INSTALLING:
        yield Item(bar(now.percent), f"{now.percent} %", literal=True)
    if now.detail:
        yield _sentence(now.detail)
    if now.wanted:
        yield Item("applied_at_idle")


def bar(percent: int, cells: int = 14) -> str:
    """A progress bar in characters."""
    full = cells * max(0, min(100, percent)) // 100
    return "\u2588" * full + "\u2591" * (cells - full)


def _sip(phone: Phone, argument: str) -> tuple[Item, ...]:
    """Each server: in service since when; or why not, since when, and when it is tried again."""
    rows = [
        row
        for each in phone.lines
        for row in (Item(each.address, literal=True), *_line(phone, each), *_way(phone, each))
    ]
    return tuple(rows) or (Item(why_no_account(phone)),)


def _line(phone: Phone, of: Line) -> tuple[Item, ...]:
    since = Age(phone.now.mono - of.since)
    if of.status is LineStatus.REGISTERED:
        return (Item("registered_since", since),)
    if not of.failures:
        return (Item(str(of.status)),)
    silent = failure.of_tls(of.reason) or of.code == failure.NO_ANSWER
    why = Item(failure.word_of_line(of.code, of.reason), "" if silent else str(of.code))
    wait = Item("next_try", Wait(of.register_at - phone.now.mono)) if of.register_at < NEVER else Item("registering")
    return (why, Item("out_since", since), wait)


def _way(phone: Phone, of: Line) -> Iterator[Item]:
    """Of two servers whether calls go here; of a name its address in use, and how many there are; the last answer."""
    if len(phone.lines) > 1 and sites.serving(phone) == of.server:
        yield Item("calls_go_here")
    if of.way.targets:
        yield Item(of.way.hop, literal=True)
        yield Item("address_of", f"{of.way.at + 1}/{len(of.way.known)}")
    if of.heard_at and of.status is not LineStatus.REGISTERED:
        yield Item("last_answer", Age(phone.now.mono - of.heard_at))


def why_no_account(phone: Phone) -> str:
    """The word for why a phone has no account: nobody sits here, or no file came that names one."""
    if hot_seat.waiting(phone):
        return "sign_in_please"
    last = phone.provisioned
    failed = last is not None and last.outcome not in ("updated", "unchanged", "off")
    return f"outcome:{last.outcome}" if last is not None and failed else "no_account"


def _next_second(phone: Phone) -> Iterator[tuple[float, int]]:
    """When the seconds until the next try are others, as long as somebody looks at them."""
    if phone.pages and phone.pages[-1].name == "sip_status":
        for each in phone.lines:
            left = each.register_at - phone.now.mono
            if 0 < left < NEVER:
                yield each.register_at - Wait(left).whole + 1, each.server


DEADLINES = (Deadline("seconds on the page of the servers", _next_second, lambda turn, server: None),)


def _audio(phone: Phone, argument: str) -> tuple[Item, ...]:
    call = phone.focused
    rows = [
        Item("codec", call.codec if call else "-"),
        Item("encrypted", "yes" if call and call.secure else "no", word=True),
    ]
    rows += [Item("failed_part", name) for name, _detail in phone.failed_parts]
    return tuple(rows)


def _provisioning(phone: Phone, argument: str) -> tuple[Item, ...]:
    """What came of the last check, why in whole sentences, and which file is in force."""
    last, rows = phone.provisioned, []
    if last is not None:
        rows = [
            Item("result", f"outcome:{last.outcome}", word=True),
            Item("last_check", Age(phone.now.mono - phone.checked)),
        ]
    if phone.settings_waiting is not None:
        rows.append(Item("applied_at_idle"))
    reasons = phone.config_errors[:20] or ((last.detail,) if last is not None and last.detail else ())
    reasons += phone.lines_refused[:20]
    rows += [_sentence(reason, last.source if last is not None else "") for reason in reasons]
    if last is not None and last.source and last.source != phone.source:
        rows += [Item("asked"), _sentence(last.source)]
    if last is not None and last.named_by.isdecimal():
        rows.append(Item("dhcp_option", last.named_by))
    elif last is not None and last.named_by:
        rows.append(Item("named", f"named_by:{last.named_by}", word=True))
    rows += [Item("source", "" if phone.source else "-"), _sentence(phone.source)]
    rows += [Item("in_force", Age(phone.now.unix - phone.accepted))] if phone.accepted else []
    rows += [Item("without_effect", str(phone.idle_names))] if phone.idle_names else []
    for layer in SECTIONS:
        over = phone.layers.written(layer)
        rows += [Item(f"set_by:{layer}", str(len(over)))] if over else []
        rows += [_sentence("/".join(written.name.split("/")[-2:])) for written in over]
    return tuple(rows)


def _sentence(text: str, place: str = "") -> Item:
    """Text as it is. Of `place`, a URL that the text names, only the file's name is kept."""
    return Item(text.replace(place, place.rpartition("/")[2]) if place else text, literal=True)


def _legend(phone: Phone, argument: str) -> tuple[Item, ...]:
    """What each mark of the status bar means."""
    return tuple(Item(f"legend:{mark}", mark=mark) for mark in Mark)


def provisioning_report(phone: Phone) -> dict[str, object]:
    """The last check and the settings in force as plain values (JSON types), for machines; no secret is among them.

    at and in_force_since: unix time, 0 where it never happened. errors: every mistake of a refused file. lines_refused:
    of the file in force.
    """
    last, offered = phone.provisioned, phone.firmware
    return {
        "outcome": last.outcome if last is not None else "",
        "detail": last.detail if last is not None else "",
        "asked": last.source if last is not None else "",
        "named_by": last.named_by if last is not None else "",
        "at": last.at if last is not None else 0,
        "errors": list(phone.config_errors),
        "lines_refused": list(phone.lines_refused),
        "without_effect": phone.idle_names,
        "waits_for_idle": phone.settings_waiting is not None,
        "in_force_from": phone.source,
        "in_force_since": phone.accepted,
        "firmware": {"version": offered.version, "outcome": offered.outcome, "detail": offered.detail}
        if offered
        else None,
        "update": update.report(phone) if phone.update.there else None,
    }


def service_line(phone: Phone) -> str:
    """One line for `systemctl status`: number, registrations, and what the last check came to, with its reason."""
    number, last = line.number(phone), phone.provisioned
    parts = [number or "no account", f"registered at {len(phone.registered)} of {len(phone.lines)}"]
    if last is not None:
        reason = phone.config_errors[0] if phone.config_errors else last.detail
        parts.append(f"provisioning {last.outcome}" + (f": {reason}" if reason else ""))
    return "; ".join(parts)


PAGES: dict[str, Rows] = {
    "network_status": _network,
    "firmware_status": _firmware,
    "sip_status": _sip,
    "audio_status": _audio,
    "provisioning_status": _provisioning,
    "legend": _legend,
}
