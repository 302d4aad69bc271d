"""What the phone's settings change in the DHCP client: the classes it sends, and the options it no longer takes."""

from __future__ import annotations

import pytest

from tests.netns.lab import DHCP, FILE, SERVER, WEB, Lab, wait

pytestmark = [pytest.mark.netns, pytest.mark.slow]
OFFER = (f"160,{WEB}/", f"42,{SERVER}", "2,00:00:2a:30", "15,desks.test")
LEASED = "leased 10.77.0."


def has_lease(lab: Lab, *, times: int, saying: str = "") -> str:
    """The lease as the phone reads it, once the client has had so many and the hook has left it."""
    wait(lambda: lab.log("dhcpcd").count(LEASED) == times and lab.lease.exists() and saying in lab.lease.read_text(),
         lambda: f"{times} leases\n{lab.log('dhcpcd')}")  # fmt: skip
    return lab.lease.read_text()


def last_request(lab: Lab) -> str:
    """What dnsmasq heard and said when it gave the last lease: its lines begin with the number of the exchange."""
    lines = lab.log("dnsmasq").splitlines()
    number = next(line.split()[1] for line in reversed(lines) if "DHCPACK" in line)
    return "\n".join(line for line in lines if line.split()[1:2] == [number])


def asked(lab: Lab) -> set[int]:
    """The numbers of the options asked for with it."""
    lines = [line for line in last_request(lab).splitlines() if "requested options" in line]
    words = " ".join(line.partition("requested options:")[2] for line in lines).replace(",", " ").split()
    return {int(word.partition(":")[0]) for word in words if word.partition(":")[0].isdigit()}


def test_other_classes_are_sent_as_soon_as_they_are_in_force_and_from_the_first_packet_after_a_restart(
    lab: Lab,
) -> None:
    lab.put(FILE, "1501", "deskphone/dhcp/vendor_class=Desk, floor 3", "deskphone/dhcp/user_class=agents")
    lab.serve(*OFFER)
    lab.plug_in()
    has_lease(lab, times=1)
    assert "vendor class: 420HD" in last_request(lab)
    lab.power_on()
    lab.has_number("1501")
    lab.carry_out("deskphone/dhcp/vendor_class=Desk, floor 3")
    has_lease(lab, times=2)
    assert "vendor class: Desk, floor 3" in last_request(lab)
    assert "user class: agents" in last_request(lab)
    lab.carry_out()
    lab.unplug()
    before = len(lab.log("dnsmasq"))
    lab.plug_in()
    has_lease(lab, times=1)
    assert "vendor class: 420HD" not in lab.log("dnsmasq")[before:]
    assert "vendor class: Desk, floor 3" in lab.log("dnsmasq")[before:]


def test_an_empty_class_is_not_sent(lab: Lab) -> None:
    lab.put(FILE, "1501", "deskphone/dhcp/vendor_class=", "deskphone/dhcp/user_class=")
    lab.serve(*OFFER)
    lab.plug_in()
    has_lease(lab, times=1)
    lab.power_on()
    lab.has_number("1501")
    lab.carry_out("deskphone/dhcp/vendor_class=", "deskphone/dhcp/user_class=")
    has_lease(lab, times=2)
    assert "vendor class" not in last_request(lab)
    assert "user class" not in last_request(lab)
    assert "client provides name: 420hd-020000001502" in last_request(lab)


def test_what_is_switched_off_is_neither_asked_for_nor_taken(lab: Lab) -> None:
    lab.put(FILE, "1501")
    lab.serve(*OFFER)
    lab.plug_in()
    lease = has_lease(lab, times=1)
    assert "domain desks.test\n" in lease
    assert "\noption_42 0a4d0001\n" in lease
    assert "\noption_2 00002a30\n" in lease
    drop_in = lab.lease.parent / "60-dhcp.conf"
    wait(drop_in.exists, lambda: "time servers")
    assert drop_in.read_text() == f"[Time]\nNTP={SERVER}\n"
    assert asked(lab) >= {2, 15, 42}
    off = [f"network/lan/dhcp/{name}/enabled=0" for name in ("ntp/server_list", "ntp/gmt_offset", "domain_name")]
    lab.put(FILE, "1502", *off)
    lab.power_on()
    lab.has_number("1502")
    lab.carry_out(*off)
    lease = has_lease(lab, times=2, saying="domain \n")
    assert "option_42" not in lease, "dnsmasq sends it unasked (dhcp-option-force)"
    assert "option_2 " not in lease
    assert "option_160" in lease
    # Of the network only its routers are left to ask.
    wait(lambda: "\nNTP=" not in (drop_in.read_text() if drop_in.exists() else ""), lambda: "no time servers any more")
    assert asked(lab) & {2, 15, 42} == set()
    assert 160 in asked(lab)


@pytest.mark.parametrize(
    "bad", ['x"; script /bin/false', "x\\nscript /bin/false", "01:02:03#", "$(touch pwned)", "a;b"]
)
def test_a_phone_that_was_taken_over_gets_nothing_else_into_the_clients_configuration(lab: Lab, bad: str) -> None:
    lab.data.mkdir()
    lab.wish.write_text(f"deskphone/dhcp/vendor_class={bad}\ndeskphone/dhcp/user_class={bad}\n")
    lab.serve(*OFFER)
    lab.plug_in()
    has_lease(lab, times=1)
    assert "vendor class: 420HD" in last_request(lab)
    made = (lab.lease.parent / "dhcpcd.conf").read_text()
    assert sorted(made.splitlines()) == sorted((DHCP / "dhcpcd.conf").read_text().splitlines())
