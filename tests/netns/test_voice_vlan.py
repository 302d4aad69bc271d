"""The voice VLAN: a switch with two VLANs, by number and as it says itself by LLDP-MED (lldpd at both ends).

Where this machine's kernel has no VLANs the same tests run on one that has (`uml.py`): five minutes, so `make test`
leaves them out. By hand: `python -m pytest -m another_kernel tests/netns/test_voice_vlan.py`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.netns import uml
from tests.netns.lab import run
from tests.netns.port_lab import GATEWAY, VLAN, VOICE_GATEWAY, PortLab, cannot_tag, fixed

pytestmark = [
    pytest.mark.netns,
    pytest.mark.slow,
    pytest.mark.another_kernel,
    pytest.mark.timeout(600),  # the first waits for all of them where another kernel runs them
    pytest.mark.needs("lldpd", "lldpcli", "ip", "dnsmasq", "dhcpcd"),
]
MANUAL = ("network/lan/vlan/mode=MANUAL", f"network/lan/vlan/id={VLAN}", "network/lan/vlan/priority=5")
Test = Callable[[PortLab], None]


def tagged(test: Test) -> Callable[[Path, pytest.FixtureRequest], None]:
    """The test in a laboratory whose switch knows VLANs, on this kernel or on another."""

    @functools.wraps(test)
    def wrapped(tmp_path: Path, request: pytest.FixtureRequest) -> None:
        if uml.inside() or not cannot_tag():
            with PortLab(tmp_path, tagged=True) as lab:
                test(lab)
            return
        found, said = uml.results(str(Path(__file__).relative_to(request.config.rootpath)))
        assert found.get(request.node.name) == "PASSED", said[-12_000:]

    del wrapped.__wrapped__  # pytest looks there for the arguments
    return wrapped


@tagged
def test_by_number_the_phone_gets_its_address_there_and_marks_what_it_sends(lab: PortLab) -> None:
    lab.open_port(VLAN)
    lab.power_on(*MANUAL)
    lab.becomes("10.120.0.", "voice0 10.120.0.", said=f"vlan {VLAN} 5\n")
    assert lab.lease()["mac"] == "02:00:00:00:15:02"
    shown = run("ip", "-n", lab.phone, "-d", "link", "show", "voice0")
    assert f"id {VLAN}" in shown and all(f"{each}:5" in shown for each in range(8))
    sealed = "/proc/sys/net/ipv6/conf/eth0/disable_ipv6"
    assert run("ip", "netns", "exec", lab.phone, "cat", sealed).strip() == "1", "IPv6 of the other VLAN is not taken"


@tagged
def test_a_vlan_the_port_does_not_have_gives_way_to_none_until_the_cable_leads_to_another_port(lab: PortLab) -> None:
    lab.open_port()
    lab.power_on(*MANUAL)
    lab.becomes("10.77.0.", "eth0 10.77.0.", said=f"trouble VLAN {VLAN}: no DHCP server answers\n")
    lab.pull_cable()
    lab.open_port(VLAN)
    lab.plug_cable()
    lab.becomes("10.120.0.", "voice0 10.120.0.", said=f"vlan {VLAN} 5\n")


@tagged
def test_a_fixed_address_is_that_of_the_vlan_and_nobody_is_asked_for_another(lab: PortLab) -> None:
    lab.open_port(VLAN)
    lab.power_on(*MANUAL, *fixed("10.120.0.200", VOICE_GATEWAY, "primary_dns=10.120.0.1"))
    lab.becomes("10.120.0.200", "voice0 10.120.0.200/24", said=f"vlan {VLAN} 5\n")
    assert (lab.lease()["gateway"], lab.lease()["dns"]) == (VOICE_GATEWAY, "10.120.0.1")
    assert "DHCPDISCOVER" not in lab.log("dnsmasq")


@tagged
def test_a_fixed_address_there_whose_gateway_is_away_gives_way_until_it_answers(lab: PortLab) -> None:
    lab.open_port(VLAN)
    lab.power_on(*MANUAL, *fixed("10.120.0.200", "10.120.0.9"))
    lab.wait_said(lambda said: "trouble fixed IP: no gateway answers at 10.120.0.9\n" in said)
    lab.leased_by(GATEWAY)
    lab.gateway("10.120.0.9/24", "voice")
    lab.becomes("10.120.0.200", "voice0 10.120.0.200/24", said=f"vlan {VLAN} 5\n")


@tagged
def test_as_the_switch_says_by_lldp_med(lab: PortLab) -> None:
    lab.open_port(VLAN)
    conf = lab.folder / "switch.conf"
    conf.write_text(
        f"configure med policy application voice tagged vlan {VLAN} priority voice dscp 46\n"
        "configure lldp tx-interval 1\n"
    )
    lab.at_the_switch(
        "switch-lldpd", "unshare", "--mount", "sh", "-c",
        # lldpcli, which lldpd reads it with, has a user of its own
        f"mount -t tmpfs none /run && mkdir /run/lldpd && install -m 0644 {conf} /run/switch.conf &&"
        " exec lldpd -d -M 4 -I p1 -u /run/lldpd.socket -O /run/switch.conf",
    )  # fmt: skip
    lab.power_on("network/lan/vlan/mode=LLDP")
    lab.becomes("10.120.0.", "voice0 10.120.0.", said=f"vlan {VLAN} 5\n")
    lab.settings("network/lan/vlan/mode=DISABLE")
    lab.becomes("10.77.0.", "eth0 10.77.0.")
    assert not re.search(r"lldpd", run("ip", "netns", "exec", lab.phone, "ss", "-0", "-lp")), "nobody listens any more"
