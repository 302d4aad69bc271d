"""A real lease: dnsmasq names the place in every form, dhcpcd and its hook pass it on, the phone fetches the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deskphone.wire.dhcp import request_options
from tests.netns.lab import HTTP, SERVER, Lab, why_not

pytestmark = [pytest.mark.netns, pytest.mark.slow]
FILE = "020000001502.cfg"
WEB = f"http://{SERVER}:{HTTP}"


@pytest.fixture(scope="module")
def permitted() -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def lab(tmp_path: Path, permitted: None) -> Iterator[Lab]:
    with Lab(tmp_path) as made:
        tmp_path.chmod(0o755)
        made.put(FILE, "1001")
        made.put("own.cfg", "1002")
        made.put("best/" + FILE, "1003")
        made.put("vendor/" + FILE, "1004")
        yield made


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
    assert set(dict(request_options("", "", ""))[55]) <= numbers
    lab.logged("dhcpcd", "BOUND")
    wait_for = lab.folder / "60-dhcp.conf"
    lab.power_on()
    lab.has_number("1001")
    assert wait_for.read_text() == f"[Time]\nNTP={SERVER}\n"


def test_after_registration_the_server_knows_the_phone_by_its_number(lab: Lab) -> None:
    lab.serve()
    lab.plug_in()
    lab.logged("dnsmasq", "DHCPACK")
    lab.rename("1502")
    lab.logged("dnsmasq", "client provides name: 1502")
    lab.rename("$(reboot)")
    assert "$(reboot)" not in lab.log("dnsmasq")
