"""A file changes only what it names: partial files one after another, as sites keep them, on a phone in service."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from deskphone.config.layers import Layer, Layers
from deskphone.config.lines import Elsewhere
from deskphone.config.reader import read
from deskphone.config.result import ReadResult, Verdict
from tests.unit.config.family import S, phone_with_account

WHOLE = "deskphone/provisioning/whole_file"
TALK = "voip/talk_event/enabled=1\n"


def given(base: Layers, text: str | bytes, beside: Mapping[str, str] | None = None) -> ReadResult:
    """What comes of a file, with these others on its server."""

    def fetch(reference: str) -> bytes:
        name = reference.rpartition("/")[2]
        if beside is None or name not in beside:
            raise OSError(2, "No such file or directory")
        return beside[name].encode()

    return read(text.encode() if isinstance(text, str) else text, "http://prov.example/a.cfg", base, fetch)


def in_force(result: ReadResult, base: Layers) -> tuple[str, str, bool]:
    """Number, server and the talk event of the phone after the file."""
    settings = (result.layers or base).settings
    return settings.line[0].id, settings.proxy.address, settings.talk_event.enabled


@pytest.mark.parametrize(
    ("text", "number", "talk"),
    [
        ("voip/line/0/description=New desk\n", "4101", False),
        ("voip/line/1/enabled=0\nvoip/line/1/id=\n", "4101", False),
        ("voip/line/0/enabled=\n", "4101", False),
        ("system/type=420HD\n", "4101", False),
        ("system/type=\n" + TALK, "4101", True),
        ("VOIP/TALK_EVENT/ENABLED = 1\n", "4101", True),
        ("voip/talk_event/enabled=1\r\rvoip/line/0/id=4104\r", "4104", True),
        ("voip/talk_event/enabled=0\n" + TALK, "4101", True),
        ("network/lan/port_mode=AUTO\n", "4101", False),
        ("include more.cfg\n", "4101", True),
        ("include empty.cfg\n", "4101", False),
        ("include comments.cfg\n" + TALK, "4101", True),
        ("include page.cfg\n" + TALK, "4101", True),
        ("include gone.cfg\n" + TALK, "4101", True),
        ("voip/line/0/id=***\nvoip/line/0/id=4101\nvoip/line/0/auth_password=***\n", "4101", False),
        ("voip/line/0/id={$ID}\n" + TALK, "4101", True),
        ("voip/line/N/id=9\n" + TALK, "4101", True),
        ("{{ macro }}\n" + TALK, "4101", True),
    ],
)
def test_what_it_does_not_name_is_as_it_was(text: str, number: str, talk: bool) -> None:
    base = phone_with_account()
    beside = {"more.cfg": TALK, "empty.cfg": "", "comments.cfg": "; later\n", "page.cfg": "<html>x</html>"}
    result = given(base, text, beside)
    assert in_force(result, base) == (number, "127.0.0.1", talk)
    assert (result.layers or base).settings.line[0].auth_password.reveal() == "example-1"


@pytest.mark.parametrize("text", ["; later\n", "\n\n", "foo/bar=1\n", "voip/line/0/id\n", "voip/line/0/id: 7\n"])
def test_a_file_that_names_nothing_is_none(text: str) -> None:
    result = given(phone_with_account(), text)
    assert result.verdict is Verdict.NO_CONFIGURATION and result.layers is None


def test_partial_files_add_up_and_the_later_one_wins() -> None:
    phone = phone_with_account()
    for text in (f"{S}/proxy_port=5070\n", TALK, f"{S}/proxy_port=5072\n", "voip/line/0/description=A\n"):
        after = given(phone, text).layers
        assert after is not None
        phone = after
    assert (phone.settings.proxy.port, phone.settings.talk_event.enabled) == (5072, True)
    assert (phone.settings.line[0].id, phone.settings.line[0].description) == ("4101", "A")
    emptied = given(phone, f"{S}/proxy_port=\n").layers
    assert emptied is not None and emptied.settings.proxy.port == 5060, "an empty value ends what an older file said"
    assert emptied.origin(f"{S}/proxy_port") is Layer.FACTORY and emptied.settings.line[0].description == "A"


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("provisioning/configuration/url=http://h/<MAC>.cfg\n", "provisioning/method=STATIC\n"),
        ("network/lan/vlan/id=120\n", "network/lan/vlan/mode=MANUAL\n"),
        ("system/syslog/server_address=10.1.1.9\n", "system/syslog/mode=NETWORK\n"),
        ("network/lan/fixed_ip/ip_address=10.1.1.7\nnetwork/lan/fixed_ip/netmask=255.255.255.0\n",
         "network/lan_type=STATIC\n"),
        (f"{S}/secondary_proxy/address=b.example\n", f"{S}/redundant_proxy/mode=SIMULTANEOUS\n"),
    ],
)  # fmt: skip
def test_a_switch_counts_with_what_an_older_file_said(before: str, text: str) -> None:
    older = given(phone_with_account(), before).layers
    assert older is not None
    assert given(older, text).verdict is Verdict.TAKEN
    alone = given(phone_with_account(), text + TALK)
    assert alone.verdict is Verdict.PARTLY and in_force(alone, Layers()) == ("4101", "127.0.0.1", True)


def test_of_two_lines_of_a_name_a_bad_one_leaves_the_other_in_force() -> None:
    for text in (f"{S}/proxy_port=5070\n{S}/proxy_port=lots\n", f"{S}/proxy_port=lots\n{S}/proxy_port=5070\n"):
        result = given(phone_with_account(), text)
        assert result.refused == 1 and result.settings is not None and result.settings.proxy.port == 5070


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f"{WHOLE}=1\n{TALK}", ""),
        (f"{TALK}{WHOLE}=1\n", ""),
        (f"{WHOLE}=Yes ; from now on\n{TALK}", ""),
        (f"{WHOLE}=1\n{WHOLE}=0\n{TALK}", "4101"),
        (f"include on.cfg\n{TALK}", ""),
        (f"{WHOLE}=1\ninclude off.cfg\n{TALK}", "4101"),
        (f"{WHOLE}=1\nvoip/line/0/id=4102\nvoip/line/0/enabled=perhaps\n{TALK}", "4102"),
        (f"{WHOLE}=perhaps\n{TALK}", "4101"),
    ],
)
def test_the_whole_truth_is_what_the_last_word_of_the_files_says(text: str, number: str) -> None:
    result = given(phone_with_account(), text, {"on.cfg": f"{WHOLE}=1\n", "off.cfg": f"{WHOLE}=0\n"})
    assert result.settings is not None and result.settings.line[0].id == number
    assert result.settings.talk_event.enabled


@pytest.mark.parametrize("text", [f"{WHOLE}=1\ninclude gone.cfg\n{TALK}", f"{WHOLE}=1\ninclude page.cfg\n{TALK}"])
def test_a_whole_truth_of_which_a_part_cannot_be_had_changes_nothing(text: str) -> None:
    assert given(phone_with_account(), text, {"page.cfg": "<html>x</html>"}).verdict is Verdict.REFUSED


def test_a_part_that_only_the_phone_can_fetch_is_no_fault_of_the_file() -> None:
    def fetch(reference: str) -> bytes:
        raise Elsewhere("a URL")

    result = read(f"include http://h/x.cfg\n{TALK}".encode(), "a.cfg", phone_with_account(), fetch)
    assert result.verdict is Verdict.TAKEN and result.partial
