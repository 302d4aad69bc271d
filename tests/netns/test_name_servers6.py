"""IPv6 as the router says, by the image's DHCP client: addresses, and the name servers of both ways they are told."""

from __future__ import annotations

import pytest

from tests.netns.lab import CLIENT, DHCP, MAC, SERVER6, Lab, clear, end, run, wait

pytestmark = [pytest.mark.netns, pytest.mark.slow]
NETWORK = "2001:db8:77:"
NAMES6 = "2001:db8:77::53"
WAYS = {
    "by advertisements alone": ("::,constructor:s0,ra-only,64", f"{NETWORK}:ff:fe00:1502/64"),
    "by advertisements, the rest by DHCPv6": ("::,constructor:s0,ra-stateless,64", f"{NETWORK}:ff:fe00:1502/64"),
    "by DHCPv6": (f"{NETWORK}:1e9,{NETWORK}:1e9,64,1h", f"{NETWORK}:1e9/128"),
}


class Client:
    """dhcpcd as in the image, with its own hook for name servers."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        script = (
            "mount -t tmpfs none /run && mkdir -p /var/lib/dhcpcd && mount -t tmpfs none /var/lib/dhcpcd &&"
            f" mount --bind {DHCP}/dhcpcd.conf /etc/dhcpcd.conf &&"
            " touch /run/resolv.conf && mount --bind /run/resolv.conf /etc/resolv.conf &&"
            # as on the image: sysctl.d/50-deskphone.conf, and the unit, in which nothing of the kernel can be set
            " echo 1 >/proc/sys/net/ipv4/conf/eth0/promote_secondaries &&"
            " mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec dhcpcd -B -d --nodev"
        )
        self.process = lab._start(lab.phone, "dhcpcd", "unshare", "--mount", "--uts", "sh", "-c", script)

    def names(self) -> str:
        """The name servers and domains that the phone asks."""
        return run("nsenter", "-t", str(self.process.pid), "--mount", "cat", "/etc/resolv.conf")

    def addresses(self) -> str:
        """All but those of the link."""
        return run("ip", "-n", self._lab.phone, "addr", "show", "dev", "eth0", "scope", "global")

    def told(self) -> str:
        """For a failure."""
        return f"{self.addresses()}\n{self.names()}\n{self._lab.log('dhcpcd')[-3000:]}"


def router(lab: Lab, addresses: str) -> None:
    """Both families at the server's end of the cable; addresses: of IPv6, as dnsmasq's --dhcp-range has them."""
    run("ip", "-n", lab.server, "addr", "add", f"{SERVER6}/64", "dev", "s0", "nodad")
    lab._start(
        lab.server, "router", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--interface=s0",
        "--bind-interfaces", "--no-resolv", "--no-hosts", "--user=root", "--log-facility=-", "--enable-ra",
        f"--dhcp-leasefile={lab.folder}/leases", f"--dhcp-range={addresses}", f"--dhcp-range={CLIENT},{CLIENT},1h",
        f"--dhcp-option=option6:dns-server,[{NAMES6}]", "--dhcp-option=option:dns-server,10.77.0.53",
        "--dhcp-option=option6:domain-search,six.test",
    )  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_addresses_and_name_servers_of_both_families(lab: Lab, way: str) -> None:
    addresses, expected = WAYS[way]
    router(lab, addresses)
    client = Client(lab)
    wait(lambda: expected in client.addresses() and f"{CLIENT}/24" in client.addresses(), client.told)
    wait(lambda: {f"nameserver {NAMES6}", "nameserver 10.77.0.53"} <= set(client.names().splitlines()), client.told)
    assert "six.test" in client.names()
    assert "via fe80:" in run("ip", "-n", lab.phone, "-6", "route", "show", "default")


def test_after_each_power_up_the_phone_is_the_same_to_a_dhcpv6_server(lab: Lab) -> None:
    router(lab, f"{NETWORK}:1000,{NETWORK}:1fff,64,1h")
    leases = lab.folder / "leases"
    for _ in range(2):  # what the client kept went with its name space, as with the plug
        client = Client(lab)
        wait(lambda: f"{NETWORK}:1" in client.addresses(), client.told)  # noqa: B023 waited for in this round
        run("ip", "-n", lab.phone, "-6", "addr", "flush", "dev", "eth0", "scope", "global")
        end(client.process)
        clear(lab.phone)
    wait(lambda: NETWORK in leases.read_text(), leases.read_text)
    told = [line.split() for line in leases.read_text().splitlines() if NETWORK in line]
    assert [duid for *_, duid in told] == [f"00:03:00:01:{MAC}"]
