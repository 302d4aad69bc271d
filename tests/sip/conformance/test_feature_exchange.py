"""Feature synchronisation and talk/hold as two open servers speak them, replayed in our own words.

OpenSIPS 3.6.8 and FreeSWITCH 1.11.3-dev were traced beside this phone. What they have beyond SIP Server's: parts
without or with a length of their own, a boundary with or without quotes, `active, 3600` (which no parser of RFC 6665
reads), a CSeq that jumps, a device that is not ours, and forwardTo as a URI.
"""

from __future__ import annotations

import pytest

from deskphone.wire.message import Request
from tests.sip.conformance.conftest import Wire, inside
from tests.sip.useragent.peer import Dialog, learn, sdp

pytestmark = pytest.mark.sip
PACKAGE = "as-feature-event"
KIND = "application/x-as-feature-event+xml"
XMLNS = 'xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed3"'
SYNC = {"system__feature_key_synchronization__enabled": "1", "voip__talk_event__enabled": "1"}
OPENSIPS, FREESWITCH = "OpenSIPS 3.6.8, traced", "FreeSWITCH 1.11.3, traced"


def document(name: str, *fields: tuple[str, str], device: str = "9995060044", indent: str = "") -> str:
    """One event as both write it."""
    lines = "".join(f"{indent}<{tag}>{text}</{tag}>{chr(10) if indent else ''}" for tag, text in fields)
    first = f"{indent}<device>{device}</device>{chr(10) if indent else ''}"
    end = "\n" if indent else ""
    return f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<{name} {XMLNS}>{end}{first}{lines}</{name}>{end}'


def forwarding(kind: str, to: str = "", rings: str = "", **how: str) -> str:
    """A ForwardingEvent; without a number it is off."""
    fields = [("forwardingType", kind), ("forwardStatus", "true" if to else "false")]
    fields += [("forwardTo", to)] if to else []
    fields += [("ringCount", rings)] if rings else []
    return document("ForwardingEvent", *fields, **how)


def do_not_disturb(on: bool, **how: str) -> str:
    """A DoNotDisturbEvent."""
    return document("DoNotDisturbEvent", ("doNotDisturbOn", "true" if on else "false"), **how)


def notify(wire: Wire, subscribe: Request, cseq: int, kind: str, body: str, *, state: str) -> None:
    """A NOTIFY in the phone's subscription, line by line, and its 200."""
    dialog = inside(subscribe)
    lines = (
        f"NOTIFY {dialog.target} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{wire.peer.port};branch=z9hG4bK{cseq:04x}.e799eb93.{cseq}",
        f"To: {dialog.remote}", f"From: {dialog.local}", f"CSeq: {cseq} NOTIFY", f"Call-ID: {dialog.call_id}",
        "Max-Forwards: 70", f"Content-Length: {len(body)}", "User-Agent: test", f"Event: {PACKAGE}",
        f"Contact: <sip:presence@127.0.0.1:{wire.peer.port}>", f"Subscription-State: {state}", f"Content-Type: {kind}",
    )  # fmt: skip
    wire.peer.raw(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    wire.peer.response(200, "NOTIFY")


def marks(wire: Wire, *wanted: str) -> None:
    """Exactly these of the marks of services are shown."""
    services = {"DnD", "Fwd>", "FwdB>", "FwdN>"}
    wire.phone.wait(f"marks {wanted}", lambda state: set(state["marks"]) & services == set(wanted))


def subscribed(wire: Wire) -> Request:
    """The phone's subscription, granted."""
    wire.power_on(**SYNC)
    subscribe = wire.asked(PACKAGE)
    wire.grant(subscribe)
    return subscribe


@pytest.mark.proves("feature synchronisation, replayed", OPENSIPS)
def test_opensips_tells_all_in_one_document_and_each_change_alone(wire: Wire) -> None:
    subscribe = subscribed(wire)
    parts = (do_not_disturb(False), forwarding("forwardImmediate"), forwarding("forwardBusy"),
             forwarding("forwardNoAns"))  # fmt: skip
    edge = "--OSS-unique-boundary-42"
    whole = "".join(f"{edge}\r\nContent-Type: {KIND}\r\n\r\n{part}\r\n" for part in parts) + f"{edge}--\r\n"
    notify(wire, subscribe, 1, f"multipart/mixed;boundary={edge[2:]}", whole, state="active;expires=3600")
    marks(wire)
    for number, (body, shown) in enumerate((
        (do_not_disturb(True), "DnD"), (do_not_disturb(False), ""),
        (forwarding("forwardImmediate", "sip:2005@127.0.0.1"), "Fwd>"), (forwarding("forwardImmediate"), ""),
        (forwarding("forwardBusy", "sip:2006@127.0.0.1"), "FwdB>"), (forwarding("forwardBusy"), ""),
        (forwarding("forwardNoAns", "sip:2007@127.0.0.1", "4"), "FwdN>"), (forwarding("forwardNoAns"), ""),
    )):  # fmt: skip
        notify(wire, subscribe, 2 + number, KIND, body, state=f"active;expires={3587 - number}")
        marks(wire, *filter(None, (shown,)))


@pytest.mark.proves("feature synchronisation, replayed", FREESWITCH)
def test_freeswitch_tells_all_with_lengths_and_a_state_that_is_a_list(wire: Wire) -> None:
    subscribe = subscribed(wire)
    parts = (
        ("i", forwarding("forwardImmediate", "2005", indent="  ", device="1502")),
        ("b", forwarding("forwardBusy", indent="  ", device="1502")),
        ("d", do_not_disturb(True, indent="  ", device="1502")),
    )
    edge = "UniqueFreeSWITCHBoundary"
    whole = "".join(
        f"--{edge}\r\nContent-Type: {KIND}\r\nContent-Length: {len(part)}\r\n"
        f"Content-ID: <1502{name}@127.0.0.1>\r\n\r\n{part}"
        for name, part in parts
    ) + f"--{edge}--\r\n"  # fmt: skip
    notify(wire, subscribe, 77_120_001, f'multipart/mixed; boundary="{edge}"', whole, state="active, 3600")
    marks(wire, "DnD", "Fwd>")
    notify(wire, subscribe, 77_120_009, KIND, do_not_disturb(False, indent="  ", device="1502"), state="active, 3541")
    marks(wire, "Fwd>")
    off = forwarding("forwardImmediate", indent="  ", device="1502")
    notify(wire, subscribe, 77_120_010, KIND, off, state="active, 3540")
    marks(wire)


@pytest.mark.parametrize(
    ("state", "jump"),
    [
        pytest.param("terminated", 7, marks=pytest.mark.proves("talk and hold, replayed", OPENSIPS)),
        pytest.param("active", 1, marks=pytest.mark.proves("talk and hold, replayed", FREESWITCH)),
    ],
    ids=["OpenSIPS", "FreeSWITCH"],
)
def test_talk_and_hold_inside_the_call(wire: Wire, state: str, jump: int) -> None:
    """Neither has subscribed to anything; the one ends what was never there, the other keeps it."""
    wire.power_on(**SYNC)
    wire.peer.reply(wire.peer.request("SUBSCRIBE"), 489, "Bad Event")  # who answers nothing at all is taken for dead
    dialog: Dialog = wire.peer.invite(wire.target, (), sdp(wire.rtp.port))
    learn(dialog, wire.peer.response(180))
    wire.phone.shows("Incoming call")

    def says(event: str) -> None:
        dialog.cseq += jump
        wire.peer.send("NOTIFY", dialog, (("Event", event), ("Subscription-State", state)))
        wire.peer.response(200, "NOTIFY")

    says("talk")
    wire.peer.ack(dialog, wire.peer.response(200, "INVITE"))
    wire.phone.in_call()
    says("hold")
    wire.is_held()
    says("talk")
    wire.peer.reply(wire.peer.request("INVITE"), 200, "OK", (), sdp(wire.rtp.port))
    wire.peer.request("ACK")
    wire.phone.wait("talking", lambda state: [call["local_hold"] for call in state["calls"]] == [False])
