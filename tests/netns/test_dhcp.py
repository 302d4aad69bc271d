"""A real lease: dnsmasq names the place in every form, dhcpcd and its hook pass it on, the phone fetches the file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deskphone.wire.dhcp import ASKED
from tests.netns.lab import FILE, MAC, SERVER, WEB, Lab, wait

pytestmark = [pytest.mark.netns, pytest.mark.slow]


@pytest.fixture
def lab(lab: Lab) -> Lab:
    """A file in each place that DHCP may name, each with another number."""
    lab.put(FILE, "1001")
    lab.put("own.cfg", "1002")
    lab.put("best/" + FILE, "1003")
    lab.put("vendor/" + FILE, "1004")
    return lab


def tlv(url: str) -> str:
    """Sub-option 1 of option 43 as dnsmasq takes raw bytes."""
    return bytes([1, len(url), *url.encode()]).hex(":")


OFFERS = {
    "66 is a URL": (("66," + WEB + "/best/",), "1003"),
    "66 is an address": ((f"66,{SERVER}",), "1001"),
    "66 is a host": (("66,prov.test",), "1001"),
    "66 is a host and 67 names the files": ((f"66,{SERVER}", "67,fw.img;own.cfg"), "1002"),
    "66 is a URL and 67 names the files": ((f"66,{WEB}", "67,;own.cfg"), "1002"),
    "43 holds a URL": ((f"43,{tlv(WEB + '/vendor/')}",), "1004"),
    "160 is a URL": ((f"160,{WEB}/best/",), "1003"),
    "160 names the file": ((f"160,tftp://{SERVER}/fw.img;own.cfg",), "1002"),
    "160 wins over 66, 67 and 43": (
        (f"160,{WEB}/best/", f"66,{SERVER}", "67,fw.img;own.cfg", f"43,{tlv(WEB + '/vendor/')}"),
        "1003",
    ),
    "66 wins over 43": ((f"66,{SERVER}", f"43,{tlv(WEB + '/vendor/')}"), "1001"),
    "a broken 160 leaves it to 66": (("160,gopher://nobody", f"66,{SERVER}"), "1001"),
}


@pytest.mark.parametrize("offer", OFFERS)
def test_the_phone_finds_its_file(lab: Lab, offer: str) -> None:
    options, number = OFFERS[offer]
    lab.serve(*options)
    lab.plug_in()
    lab.power_on()
    lab.has_number(number)


def test_the_client_may_leave_the_address_to_another_one(lab: Lab) -> None:
    lab.serve(f"160,{WEB}/best/", f"66,{SERVER}")
    lab.plug_in(inform=True)
    lab.logged("dnsmasq", "DHCPINFORM")
    lab.power_on()
    lab.has_number("1003")


def test_the_client_says_what_it_is_and_asks_for_what_it_needs(lab: Lab) -> None:
    lab.serve(f"42,{SERVER}", f"160,{WEB}/")
    lab.plug_in()
    lab.logged("dnsmasq", "DHCPACK")
    said = lab.log("dnsmasq")
    assert "vendor class: 420HD" in said
    assert "user class: 420HD" in said
    assert "client provides name: 420hd-020000001502" in said
    asked = " ".join(line for line in said.splitlines() if "requested options" in line).replace(",", " ")
    numbers = {int(word.partition(":")[0]) for word in asked.split() if word.partition(":")[0].isdigit()}
    assert set(ASKED) <= numbers
    lab.logged("dhcpcd", "BOUND")
    wait_for = lab.lease.parent / "60-dhcp.conf"
    lab.power_on()
    lab.has_number("1001")
    assert wait_for.read_text() == f"[Time]\nNTP={SERVER}\n"


def test_after_registration_the_server_knows_the_phone_by_its_number(lab: Lab) -> None:
    sip = lab.sip_server()
    lab.put(
        FILE, "1502", "voip/line/0/auth_name=1502", "voip/line/0/auth_password=secret",
        "voip/signalling/sip/use_proxy=1", "voip/signalling/sip/proxy_address=127.0.0.1",
        f"voip/signalling/sip/proxy_port={sip}", "network/lan/dhcp/update_hostname_after_reg=PHONE_NUMBER",
    )  # fmt: skip
    lab.serve(f"160,{WEB}/")
    lab.plug_in()
    lab.logged("dnsmasq", "client provides name: 420hd-020000001502")
    lab.power_on()
    wait(lab.name_file.exists, lambda: f"a host name wished for\n{lab.log('phone')}")
    assert lab.name_file.read_text() == "1502\n"
    assert [each["registered"] for each in lab.panel()["servers"]] == [True]
    lab.carry_out()
    lab.logged("dnsmasq", "client provides name: 1502")
    lab.press("menu", "4", "1")
    lab.shows("Network Status", "Host name  1502", "DHCP server", SERVER)
    wait(lambda: lab.log("dhcpcd").count("leased 10.77.0.") == 2, lambda: "the running client asked anew")


def test_by_default_the_name_of_a_registered_phone_stays(lab: Lab) -> None:
    sip = lab.sip_server()
    lab.put(
        FILE, "1502", "voip/line/0/auth_name=1502", "voip/line/0/auth_password=secret",
        "voip/signalling/sip/use_proxy=1", "voip/signalling/sip/proxy_address=127.0.0.1",
        f"voip/signalling/sip/proxy_port={sip}",
    )  # fmt: skip
    lab.serve(f"160,{WEB}/")
    lab.plug_in()
    lab.power_on()
    lab.logged("phone", "line 0 registered")
    assert not lab.name_file.exists()


def test_a_name_that_is_none_is_not_announced(lab: Lab) -> None:
    lab.serve()
    lab.plug_in()
    lab.logged("dnsmasq", "DHCPACK")
    lab.rename("1502")
    lab.logged("dnsmasq", "client provides name: 1502")
    lab.rename("$(reboot)")
    lab.logged("dnsmasq", "client provides name: 420hd-020000001502")
    assert "$(reboot)" not in lab.log("dnsmasq")


def test_time_and_sip_servers_of_dhcp_reach_the_phone(lab: Lab) -> None:
    sip = lab.sip_server()
    lab.put(
        FILE, "1502", "voip/line/0/auth_name=1502", "voip/line/0/auth_password=secret",
        f"voip/signalling/sip/proxy_port={sip}",
    )  # fmt: skip
    lab.serve(f"160,{WEB}/", f"42,{SERVER}", "2,00:00:2a:30", "120,01:7f:00:00:01", "15,desks.test")
    lab.plug_in()
    lab.power_on()
    lab.logged("phone", f"line 0 registered at 127.0.0.1:{sip}")
    lab.press("menu", "4", "1")
    now = [datetime.now(UTC) + timedelta(hours=3, minutes=late) for late in (-1, 0, 1)]
    assert lab.panel()["clock"] in {f"{each:%H:%M}" for each in now}, "UTC and the offset of option 2"
    lab.shows("DHCP option  160", SERVER, "127.0.0.1", "desks.test", "Time server", "SIP server", MAC)


# --- bad input -------------------------------------------------------------------------------------

NUL, LONG, PLACE = b"http://10.77.0.1/\0x", b"http://10.77.0.1/" + b"x" * 1_100, f"{WEB}/best/".encode()
BAD = {
    "empty": ({160: b""}, ""),
    "NUL inside": ({160: NUL}, "DHCP option 160: value: 19 bytes that are not all text"),
    "no URL": ({160: b"\x0b\x4d\x01"}, "DHCP option 160: value: 3 bytes that are not all text"),
    "an address of nobody": ({160: b"\x00\x4d\x00\x01"}, "DHCP option 160: value: address 0.77.0.1"),
    "another protocol": (
        {160: b"gopher://desk:geheim@10.77.0.1/"},
        "DHCP option 160: provisioning URL: scheme 'gopher'",
    ),
    "time servers of five bytes": ({42: b"\x0a\x4d\x00\x01\x05"}, "DHCP option 42: value: 5 bytes"),
    "a time offset of two bytes": ({2: b"\x00\x01"}, "DHCP option 2: value: 2 bytes"),
    "a host name with blanks": ({12: b"my desk"}, "DHCP option 12: value: 'my desk'"),
    "SIP servers of no encoding": ({120: b"\x07abcd"}, "DHCP option 120: value: encoding 07"),
    "SIP servers with a pointer": ({120: b"\x00\xc0\x0c"}, "DHCP option 120: value: a pointer forwards"),
    "vendor options without a URL": ({43: b"\xff\xff\xff"}, "DHCP option 43: value: 3 bytes without a URL or host"),
    "all of them": (
        {160: NUL, 42: b"\x01", 2: b"", 12: b"\xff\xfe", 120: b"", 43: b"\x01\x80a", 125: b"\xff" * 255, 67: b"\0\1\2"},
        "DHCP option 42: value: 1 bytes",
    ),
}
"""What the server sends beside a good option 66, and what the journal must say of it. dhcpcd drops an empty option."""


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_option_is_named_and_costs_no_other(lab: Lab, bad: str) -> None:
    options, words = BAD[bad]
    lab.serve_bytes(options | {66: PLACE})
    lab.plug_in()
    lab.power_on()
    lab.has_number("1003")
    lab.logged("phone", words)
    lab.press("menu", "4", "6")
    lab.shows("New settings", "DHCP option  66")
    assert "geheim" not in lab.log("phone")
    assert "illegal" not in lab.log("phone")


def test_an_overlong_option_is_named_by_the_client_and_costs_no_other(lab: Lab) -> None:
    lab.serve_bytes({160: LONG, 66: PLACE})
    lab.plug_in()
    lab.power_on()
    lab.has_number("1003")
    lab.logged("dhcpcd", "dhcp_envoption 160")


def test_an_option_in_two_parts_is_one(lab: Lab) -> None:
    folder = "d" * 250
    lab.put(f"{folder}/{FILE}", "1005")
    lab.serve_bytes({160: f"{WEB}/{folder}/".encode(), 66: PLACE})
    lab.plug_in()
    lab.power_on()
    lab.has_number("1005")


def test_a_text_that_ends_with_nul_as_windows_sends_it_counts(lab: Lab) -> None:
    lab.serve_bytes({160: PLACE + b"\0", 12: b"desk\0"})
    lab.plug_in()
    lab.power_on()
    lab.has_number("1003")


def test_where_every_option_is_bad_the_phone_says_so(lab: Lab) -> None:
    lab.serve_bytes({160: NUL, 66: b"\xff\xff", 43: b"\x01\x02\x00\x01"})
    lab.plug_in()
    lab.power_on()
    lab.logged("phone", "DHCP option 160: value: 19 bytes")
    lab.logged("phone", "DHCP option 66: value: 2 bytes")
    lab.press("menu", "4", "6")
    lab.shows("No server named", "DHCP option 160:")


def test_a_full_card_does_not_keep_the_settings_from_the_phone(lab: Lab) -> None:
    lab.serve(f"160,{WEB}/best/")
    lab.plug_in()
    lab.power_on(full=True)
    lab.logged("phone", "not_kept")
    lab.shows("1003")
    lab.press("menu", "4", "6")
    lab.shows("Result", "Cannot be kept")
    lab.press("down", "down", "down")
    lab.shows("written:", "No space")
    assert "illegal event" not in lab.log("phone")
