"""Where to look: who wins over whom, and what the URLs become."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.config.reader import read
from deskphone.config.schema.words import ProvisioningMethod
from deskphone.config.settings import Settings
from deskphone.net.lease import Lease
from deskphone.provision import sources
from deskphone.provision.address import address
from deskphone.provision.problem import Problem, strip_login, without_login
from deskphone.wire.errors import WireError
from deskphone.wire.provisioning_url import Device, device

PHONE = device("420HD", "00:90:8f:3b:bc:ba")
LOWER, UPPER = "00908f3bbcba", "00908F3BBCBA"
ALL = {
    160: b"https://one.example.com/",
    66: b"two.example.com",
    67: b"fw.img;<MODEL>_<MAC>.cfg",
    43: b"\x01\x19http://three.example.com/",
}


def settings(text: str) -> Settings:
    found = read(text.encode()).settings
    assert found is not None
    return found


def asked(choice: sources.Choice) -> tuple[str, ...]:
    return choice.place.configurations if choice.place is not None else ()


def by_dhcp(*options: int) -> sources.Choice:
    return sources.choose(Settings(), Lease({option: ALL[option] for option in options}), PHONE)


def test_option_160_wins_over_66_and_66_over_43() -> None:
    assert asked(by_dhcp(160, 66, 67, 43)) == (f"https://one.example.com/{LOWER}.cfg",
                                               f"https://one.example.com/{UPPER}.cfg")  # fmt: skip
    assert asked(by_dhcp(66, 67, 43))[0] == f"tftp://two.example.com/420HD_{LOWER}.cfg"
    assert asked(by_dhcp(43))[0] == f"http://three.example.com/{LOWER}.cfg"
    assert by_dhcp().place is None


def test_the_settings_may_name_another_option() -> None:
    phone = settings("provisioning/url_option_value=161\n")
    lease = Lease({160: b"http://wrong.example.com/", 161: b"http://right.example.com/"})
    assert "right.example.com" in asked(sources.choose(phone, lease, PHONE))[0]


def test_a_bad_option_costs_itself_and_not_the_next() -> None:
    lease = Lease({160: b"\x00\x01\x02", 66: b"10.0.0.1"})
    choice = sources.choose(Settings(), lease, PHONE)
    assert asked(choice)[0] == f"tftp://10.0.0.1/{LOWER}.cfg"
    assert "option 160" in choice.problems[0]


def test_static_asks_nobody_else() -> None:
    phone = settings(
        "provisioning/method=Static\nprovisioning/configuration/url=https://own.example.com/get?mac=<MAC>\n"
    )
    choice = sources.choose(phone, Lease(ALL), PHONE)
    assert asked(choice)[0] == f"https://own.example.com/get?mac={LOWER}"
    assert choice.place is not None
    assert choice.place.firmware == ""


def test_static_with_a_firmware_of_its_own() -> None:
    phone = settings(
        "provisioning/method=STATIC\nprovisioning/configuration/url=https://own.example.com/phones/\n"
        "provisioning/firmware/url=https://own.example.com/<MODEL>.img\n"
    )
    choice = sources.choose(phone, None, PHONE)
    assert asked(choice)[0] == f"https://own.example.com/phones/{LOWER}.cfg"
    assert choice.place is not None
    assert choice.place.firmware == "https://own.example.com/420HD.img"


@pytest.mark.parametrize("url", ["https://a.example/get?site=1;mac=7", "https://u:p;w@a.example/get"])
def test_a_semicolon_within_a_url_parts_nothing(url: str) -> None:
    phone = settings(f"provisioning/method=STATIC\nprovisioning/configuration/url={url}\n")
    choice = sources.choose(phone, None, PHONE)
    assert choice.place is not None and (choice.place.configurations, choice.place.firmware) == ((url,), "")


def test_static_without_a_url_is_a_problem_and_no_guess() -> None:
    phone = replace(Settings(), provisioning=replace(Settings().provisioning, method=ProvisioningMethod.STATIC))
    choice = sources.choose(phone, Lease(ALL), PHONE)
    assert choice.place is None
    assert "provisioning/configuration/url" in choice.problems[0]


def test_disabled_means_nobody_is_asked() -> None:
    assert sources.choose(settings("provisioning/method=Disable\n"), Lease(ALL), PHONE).place is None


def test_the_url_of_the_command_line_wins_even_then() -> None:
    phone = settings("provisioning/method=Disable\n")
    assert asked(sources.choose(phone, Lease(ALL), PHONE, "http://x/a.cfg")) == ("http://x/a.cfg",)


def test_the_redirect_server_is_off_until_it_is_named() -> None:
    assert sources.redirect(Settings(), PHONE).place is None
    phone = settings("provisioning/redirect_server_url=https://redirect.example.com/\n")
    assert asked(sources.redirect(phone, PHONE))[0] == f"https://redirect.example.com/{LOWER}.cfg"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_whatever_stands_in_an_option_becomes_a_url_that_can_be_fetched_or_a_problem(text: str) -> None:
    choice = sources.choose(Settings(), Lease({160: text.encode()}), PHONE)
    for url in asked(choice):
        assert url.isprintable()
        assert " " not in url
        assert address(url).host


@given(
    st.sampled_from(["http", "https", "ftp", "tftp"]),
    st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z]{2,5}){0,2}", fullmatch=True),
    st.one_of(st.none(), st.integers(1, 65535)),
    st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True), max_size=3),
    st.sampled_from(["", "phone.cfg", "<MAC>.cfg", "<model>_<mac>.cfg"]),
)
def test_a_well_formed_url_leads_to_its_own_server(
    scheme: str, host: str, port: int | None, folders: list[str], file: str
) -> None:
    colon = f":{port}" if port else ""
    url = f"{scheme}://{host}{colon}/" + "".join(f"{each}/" for each in folders) + (f";{file}" if file else "")
    for found in asked(sources.from_text(url, "test", PHONE)):
        place = address(found)
        assert (place.scheme, place.host) == (scheme, host)
        assert port is None or place.port == port
        assert "<" not in found
        assert found.endswith(".cfg")


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_login_ever_stands_in_a_message(user: str, rest: str) -> None:
    text = f"https://u{user}:hunter2@host/{rest}".replace("/hunter2", "")
    if any(char in user for char in "/@") or any(char.isspace() for char in user):
        return
    assert "hunter2" not in without_login(text)


@given(st.text(max_size=100))
def test_an_address_is_read_or_refused(text: str) -> None:
    try:
        found = address(text)
    except Problem:
        return
    assert found.host
    assert found.scheme in ("http", "https", "ftp", "tftp")


@pytest.mark.parametrize("url", ["http://[fe80::1%25eth0]:81/a%25.cfg", "http://u:p@[fe80::1%25eth0]:81/a%25.cfg"])
def test_the_interface_of_an_ipv6_address_is_no_escape(url: str) -> None:
    found = address(url)
    assert (found.host, found.url) == ("fe80::1%eth0", "http://[fe80::1%eth0]:81/a%25.cfg")


def test_a_device_without_a_mac_is_none() -> None:
    try:
        device("420HD", "xx")
    except WireError as error:
        assert "twelve" in str(error)
    assert Device("420HD", LOWER) == PHONE


@pytest.mark.parametrize(
    "text",
    [
        "http://desk:ge@heim@host/a.cfg: expected this, got that",
        "http://desk:ge/heim@host/a.cfg",
        "http://desk:ge?heim@host/",
        "http://desk:ge#heim@host/",
        "see ftp://a:heim@b/ and https://c:heim@d/",
    ],
)
def test_no_part_of_a_password_is_left_in_a_text_for_people(text: str) -> None:
    told = without_login(text)
    assert "heim" not in told
    assert "ge" not in told.replace("got", "").replace("expected", "")


@pytest.mark.parametrize(
    "url", ["http://desk:ge#heim@host/", "http://desk:ge/heim@host:x/", "gopher://desk:heim@host/"]
)
def test_what_is_no_url_is_told_without_what_may_be_a_password(url: str) -> None:
    with pytest.raises(Problem) as raised:
        address(url)
    assert "heim" not in str(raised.value)


def test_a_url_without_its_login_means_the_same_file() -> None:
    assert strip_login("https://desk:ge@heim@host:8443/a@b.cfg?c=d@e") == "https://host:8443/a@b.cfg?c=d@e"
    found = address("https://desk:ge@heim@host/a.cfg")
    assert found.login is not None
    assert (found.host, found.login.user, found.login.password.reveal()) == ("host", "desk", "ge@heim")
