"""Who calls, as the screen will show it."""

from __future__ import annotations

import pytest

from deskphone.core.events import Party
from deskphone.wire.identity import ANONYMOUS, Diverted, diversion, remote_party


def fields(*lines: str) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))


def caller(*lines: str, trusted: bool = True) -> Party:
    return remote_party(fields(*lines), trusted)


ASSERTED = 'P-Asserted-Identity: "Anna Miller" <sip:2001@h;user=phone>'
FROM = "From: Someone <sip:9@x>;tag=1"


def test_the_asserted_identity_comes_before_remote_party_id_before_from() -> None:
    remote = "Remote-Party-ID: Bob <sip:3@h>;party=calling;privacy=off;screen=yes"
    assert caller(FROM, remote, ASSERTED) == Party("2001", "Anna Miller", "sip:2001@h")
    assert caller(FROM, remote) == Party("3", "Bob", "sip:3@h")
    assert caller(FROM) == Party("9", "Someone", "sip:9@x")


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (("<sip:1502@h>;party=called", "<sip:7@h>;party=calling"), "7"),
        (("<sip:1502@h>;party=called, <sip:7@h>;party=calling",), "7"),
        (('<sip:1502@h>;Party="CALLED"', "<sip:7@h>;screen=yes"), "7"),
        (("<sip:1502@h>;party=called",), "9"),
        (("<sip:8@h>;party=forwarding", "<sip:7@h>;party=Calling"), "7"),
    ],
)
def test_only_the_calling_party_of_remote_party_ids_calls(lines: tuple[str, ...], number: str) -> None:
    assert caller(FROM, *(f"Remote-Party-ID: {line}" for line in lines)).number == number


def test_who_was_called_is_who_answers() -> None:
    called = fields("Remote-Party-ID: Anna <sip:7@h>;party=called")
    assert remote_party(called, calls=False) == Party("7", "Anna", "sip:7@h")


@pytest.mark.parametrize("port", [":0", ":", ":99999", ":x"])
def test_a_port_that_is_none_hides_nobody(port: str) -> None:
    assert caller(f'From: "Bob" <sip:2001@h{port};user=phone>;tag=1') == Party("2001", "Bob", "sip:2001@h")
    assert caller(f"From: <sip:2001@[::1{port}>;tag=1") == Party()


def test_an_untrusted_peer_only_has_its_from() -> None:
    assert caller(FROM, ASSERTED, "Remote-Party-ID: Bob <sip:3@h>", trusted=False) == Party("9", "Someone", "sip:9@x")


def test_a_tel_and_a_sip_identity_make_one_party() -> None:
    two = 'P-Asserted-Identity: <tel:+49-30-1234;phone-context=x>, "Anna" <sip:+49301234@h>'
    assert caller(two) == Party("+49301234", "Anna", "sip:+49301234@h")
    assert caller(two.partition(",")[0]) == Party("+49301234", "", "tel:+49-30-1234")


@pytest.mark.parametrize(
    "line",
    [
        'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', "From: <sip:anonymous@provider.example.com>",
        "From: <sip:c8oqz84zk7z@privacy.INVALID>", "From: Anna <sip:ANONYMOUS@h>",
        "Remote-Party-ID: Bob <sip:3@h>;privacy=full", "Remote-Party-ID: Bob <sip:3@h>;privacy=uri",
    ],
)  # fmt: skip
def test_who_wants_no_name_gets_none(line: str) -> None:
    assert caller(line) == ANONYMOUS == Party("", "", "", True)


@pytest.mark.parametrize("privacy", ["id", "user;id", "header", "ID ; critical", "id, critical", '"id"', "none,ID"])
def test_privacy_hides_even_an_asserted_identity(privacy: str) -> None:
    assert caller(ASSERTED, f"Privacy: {privacy}") == ANONYMOUS


def test_an_anonymous_from_with_an_asserted_identity_is_shown() -> None:
    assert caller("From: <sip:anonymous@anonymous.invalid>", ASSERTED, "Privacy: none").number == "2001"


@pytest.mark.parametrize(
    ("value", "party"),
    [
        ("sip:1502@h;tag=1", Party("1502", "", "sip:1502@h")),
        ('"1502" <sip:1502@h>', Party("1502", "", "sip:1502@h")),
        ("Miller, Anna <sip:1502@h>", Party("1502", "Miller, Anna", "sip:1502@h")),
        ('"J\\"ö\\"rg 王" <sips:1502:pw@[2001:db8::1]:5061;transport=tls?Subject=x>',
         Party("1502", 'J"ö"rg 王', "sips:1502@[2001:db8::1]:5061")),
        ("<sip:gateway.example.com>", Party("gateway.example.com", "", "sip:gateway.example.com")),
        ("<sip:%2A9%23@h>", Party("*9#", "", "sip:%2A9%23@h")),
        ("Anna <http://h/>", Party("", "Anna")),
        ('"Anna', Party()),
        ("", Party()),
    ],
)  # fmt: skip
def test_names_and_numbers_in_every_dress(value: str, party: Party) -> None:
    assert caller("From: " + value) == party


def test_a_broken_line_does_not_hide_the_good_one_after_it() -> None:
    assert caller('P-Asserted-Identity: "x', "P-Asserted-Identity: <>, <sip:7@h>", FROM).number == "7"
    assert diversion(fields("Diversion: <sip:2003@h>;privacy=OFF")) == Diverted(Party("2003", "", "sip:2003@h"))
    shown = "History-Info: <SIP:2001@h?Privacy=None>;index=1, <sip:1502@h>;index=1.1"
    assert diversion(fields(shown)) == Diverted(Party("2001", "", "sip:2001@h"))


def test_a_history_entry_nobody_can_read_is_not_shown() -> None:
    unreadable = "History-Info: <http://x?y>;index=1, <sip:1502@h>;index=1.1"
    assert diversion(fields(unreadable)) == Diverted(ANONYMOUS)


@pytest.mark.parametrize("nobody", ["2001@h", "<2001@h>", "<urn:service:sos>", '"Anna" <http://h/>', "Anna"])
def test_an_identity_without_an_address_hides_no_caller(nobody: str) -> None:
    assert caller(f"P-Asserted-Identity: {nobody}", FROM) == Party("9", "Someone", "sip:9@x")
    assert caller(f"Remote-Party-ID: {nobody}", FROM) == Party("9", "Someone", "sip:9@x")
    assert caller(f"Remote-Party-ID: {nobody}", "Remote-Party-ID: <sip:3@h>", FROM).number == "3"
    assert diversion(fields(f"Diversion: {nobody}", "Diversion: <sip:2003@h>")) == Diverted(
        Party("2003", "", "sip:2003@h")
    )


def test_an_unreadable_identity_falls_back_to_the_next_one() -> None:
    assert caller('P-Asserted-Identity: "x', "Remote-Party-ID: <>", FROM).number == "9"
    assert caller() == Party()


def test_the_last_diversion_is_told_with_its_reason() -> None:
    found = diversion(fields(
        'Diversion: "Desk 3" <sip:2003@h>;reason=No-Answer;counter=1, <sip:2001@h>;reason=unconditional'
    ))  # fmt: skip
    assert found == Diverted(Party("2003", "Desk 3", "sip:2003@h"), "no-answer")
    assert diversion(fields("Diversion: <sip:2003@h>;privacy=full")) == Diverted(ANONYMOUS)


def test_the_first_of_several_history_entries_is_who_was_called() -> None:
    history = "History-Info: <sip:2001@h?Reason=SIP%3Bcause%3D302>;index=1, <sip:1502@h>;index=1.1"
    assert diversion(fields(history)) == Diverted(Party("2001", "", "sip:2001@h"))
    assert diversion(fields("History-Info: <sip:1502@h>;index=1")) is None
    hidden = "History-Info: <sip:2001@h?Privacy=history>;index=1, <sip:1502@h>;index=1.1"
    assert diversion(fields(hidden)) == Diverted(ANONYMOUS)
    assert diversion(fields("Diversion: <>")) is None
