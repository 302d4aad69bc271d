"""REFER, Replaces, Reason and check-sync: orders from a server."""

from __future__ import annotations

import pytest

from deskphone.core.events import Party
from deskphone.wire import checksync, referto
from deskphone.wire.errors import WireError
from deskphone.wire.message import parse_event
from deskphone.wire.referto import Refer
from deskphone.wire.replaces import Reason, Replaces, answered_elsewhere, parse_replaces, reasons, replaces


def fields(*lines: str) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))


# --- Replaces (RFC 3891) and Reason (RFC 3326) -----------------------------------------------------------


def test_replaces_names_a_dialog() -> None:
    wanted = Replaces("425928@bobster.example.org", "7743", "6472", True)
    assert parse_replaces("425928@bobster.example.org;to-tag=7743;from-tag=6472;early-only") == wanted
    assert parse_replaces(wanted.value) == wanted
    assert replaces(fields("Replaces: a@b ; From-Tag=2 ;to-tag= 1")) == Replaces("a@b", "1", "2")
    assert replaces(fields("From: <sip:a@b>")) is None


@pytest.mark.parametrize(
    "value",
    ["", "a@b", "a@b;to-tag=1", "a@b;from-tag=1", "a b;to-tag=1;from-tag=2", ";to-tag=1;from-tag=2",
    "x" * 300 + ";to-tag=1;from-tag=2",
     "a@b;to-tag=1;from-tag=<2>", 'a@b;to-tag="x y";from-tag=2', 'a@b;to-tag="1'],
)  # fmt: skip
def test_a_replaces_without_a_dialog_is_an_error(value: str) -> None:
    with pytest.raises(WireError):
        parse_replaces(value)


def test_two_replaces_are_an_error() -> None:
    line = "Replaces: a@b;to-tag=1;from-tag=2"
    with pytest.raises(WireError, match="at most one"):
        replaces(fields(line, line))


def test_a_cancel_says_that_another_phone_answered() -> None:
    cancel = fields('Reason: SIP;cause=200;text="Call completed elsewhere", Q.850;cause=16')
    assert reasons(cancel) == (Reason("SIP", 200, "Call completed elsewhere"), Reason("Q.850", 16, ""))
    assert answered_elsewhere(cancel)
    for other in (
        "Reason: SIP;cause=487",
        "Reason: Q.850;cause=200",
        "Reason: SIP",
        "Reason: ;;",
        "Reason: SIP;cause=x",
    ):
        assert not answered_elsewhere(fields(other))
    assert answered_elsewhere(fields('Reason: "broken', "Reason: sip ;cause=200"))


@pytest.mark.parametrize(
    "line",
    ['SIP;cause=200;text="Call completed', 'SIP;cause=200;text=Call "completed" elsewhere, now',
     "Q.850;cause=x, SIP;cause=200", "a b;cause=1, Q.850;cause=26", 'Q.850;text="16, SIP;cause=200'],
)  # fmt: skip
def test_a_text_that_cannot_be_read_hides_no_cause(line: str) -> None:
    assert answered_elsewhere(fields("Reason: " + line))


# --- REFER (RFC 3515, 3892, 4488) ------------------------------------------------------------------------


def test_click_to_dial() -> None:
    found = referto.parse(
        fields("Refer-To: <sip:2001@sips-a.example.com>", "Referred-By: <sip:1502@sips-a.example.com>")
    )
    assert found == Refer("sip:2001@sips-a.example.com", None, Party("1502", "", "sip:1502@sips-a.example.com"))


def test_an_attended_transfer_carries_the_dialog_escaped() -> None:
    refer_to = "Refer-To: <sip:2001@h;method=INVITE?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>"
    assert referto.parse(fields(refer_to)) == Refer("sip:2001@h", Replaces("a@b", "1", "2"))


def test_norefersub_suppresses_the_notifies() -> None:
    for extra in ("Refer-Sub: false", "Refer-Sub: FALSE ;x=y", "Require: norefersub"):
        assert referto.parse(fields("Refer-To: sip:2001@h", extra)).silent
    for extra in ("Refer-Sub: true", "Supported: norefersub", "Refer-Sub: maybe"):
        assert not referto.parse(fields("Refer-To: sip:2001@h", extra)).silent
    assert not referto.parse(fields("Refer-To: sip:2001@h", "Refer-Sub: true", "Require: norefersub")).silent


@pytest.mark.parametrize(
    ("refer_to", "target"),
    [
        ("tel:+49-30-1234", "tel:+49-30-1234"),
        ('"Anna" <sips:2001@h:5061;transport=TLS;maddr=1.2.3.4>', "sips:2001@h:5061;transport=tls"),
        ("<sip:%2a9#@h>", "sip:*9#@h"), ("<sip:J%c3%b6rg%40x@h>", "sip:J%C3%B6rg%40x@h"), ("<sip:h>", "sip:h"),
        ("<sip:2001:secret@h>", "sip:2001@h"),
    ],
)  # fmt: skip
def test_the_target_is_written_anew_from_what_was_read(refer_to: str, target: str) -> None:
    assert referto.parse(fields("Refer-To: " + refer_to)).target == target


@pytest.mark.parametrize(
    ("refer_to", "target"),
    [
        ("<sip:127.0.0.8;line=sr-N6IAzBFw?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>", "sip:127.0.0.8;line=sr-N6IAzBFw"),
        ("<sip:2001@h;gr=urn:uuid:f81d-4fae>", "sip:2001@h;gr=urn:uuid:f81d-4fae"),
        ("<sip:2001@h;ob;lr;ttl=1;did=5%2B;transport=TCP>", "sip:2001@h;transport=tcp;ob;did=5%2B"),
        ("<sip:2001@h;x={};%0d%0ay=1;user=phone>", "sip:2001@h;user=phone"),
        (f"<sip:{'😀' * 128}@h{';d='.ljust(200, '1') * 3}>", f"sip:{'%F0%9F%98%80' * 128}@h"),
    ],
)  # fmt: skip
def test_the_target_keeps_what_its_server_knows_it_by(refer_to: str, target: str) -> None:
    """A server that hides its topology names the other call's far end by a URI parameter of its own."""
    assert referto.parse(fields("Refer-To: " + refer_to)).target == target


@pytest.mark.parametrize(
    "lines",
    [
        (), ("Refer-To: ",), ("Refer-To: <sip:a@b>", "Refer-To: <sip:c@d>"), ("Refer-To: <http://h>",),
        ("Refer-To: <sip:a@b;method=BYE>",), ("Refer-To: <sip:a@b?Replaces=x>",),
        ("Refer-To: <sip:a@b?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2%0d%0aVia:%20x>",),
        ("Refer-To: <sip:a%0d%0ab@h>",), ("Refer-To: <sip:a@b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&replaces=b>",),
        ("Refer-To: <sip:" + "1" * 200 + "@h>",),
    ],
)  # fmt: skip
def test_a_refer_to_nowhere_or_with_smuggled_lines_is_an_error(lines: tuple[str, ...]) -> None:
    with pytest.raises(WireError):
        referto.parse(fields(*lines))


def test_an_unreadable_referrer_does_not_spoil_the_order() -> None:
    assert referto.parse(fields("Refer-To: <sip:a@b>", 'Referred-By: "x')).referred_by is None


# --- check-sync ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "reboot"),
    [
        ("check-sync;reboot=true", True), ("check-sync;reboot=false", False), ("check-sync", None),
        ("Check-Sync ; Reboot = TRUE", True), ("check-sync;reboot=maybe", None), ("check-sync;reboot", None),
        ("check-sync;reboot=1", True), ("check-sync;reboot=no", False), ("check-sync;reboot=ON", True),
        ("check-sync;reboot=off", False), ('check-sync;id=7;reboot="true"', True),
        ("resync", False), ("reboot", True), ("reboot;reboot=false", True),
    ],
)  # fmt: skip
def test_a_server_asks_for_a_check(event: str, reboot: bool | None) -> None:
    assert checksync.read(parse_event(event)) == checksync.Sync(reboot)


def test_another_package_is_no_check_sync() -> None:
    for event in ("talk", "check-synchro", "x;check-sync"):
        assert checksync.read(parse_event(event)) is None
    with pytest.raises(WireError):
        parse_event(";reboot=true")
