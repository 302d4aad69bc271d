"""A phone that has Wi-Fi only (Zero 2 W): the network is named by a file on the boot partition.

The image's own units, with a radio of the kernel's (mac80211_hwsim), Debian's wpa_supplicant, and hostapd as the access
point the cable hangs at. What is not exercised: a real chip with its firmware, and the image's build of wpa_supplicant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.hil.rig import network
from tests.hil.rig.image import Device, switched_on
from tests.stories.bench_sip import NUMBER

pytestmark = [pytest.mark.hil, pytest.mark.timeout(600)]
WIFI_LEVEL = 3.0  # of `systemd-analyze security`: it changes the network, as root
SECRET = "sehr geheimes Wort"
# As somebody brings it along who had Raspberry Pi OS before, from an editor that marks the byte order.
WPA_SUPPLICANT = f"""\ufeffctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev
update_config=1
country=DE
network={{
    ssid="contact centre"
    psk="{SECRET}"
}}
"""
HOSTAPD = f"""interface=wlan1
bridge=br0
driver=nl80211
ssid=contact centre
hw_mode=g
channel=6
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase={SECRET}
"""


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """Switched on for the first time, with the file on its card."""
    folder = tmp_path_factory.mktemp("radio")
    share = folder / "share"
    share.mkdir()
    (share / "hostapd.conf").write_text(HOSTAPD)
    named = folder / "wpa_supplicant.conf"
    named.write_text(WPA_SUPPLICANT, encoding="utf-8", newline="\r\n")
    with switched_on(folder, named, air=True) as device:
        device.registered()
        yield device


def test_it_comes_up_by_radio_alone(device: Device) -> None:
    assert "eth0" not in device.run("ls /sys/class/net")
    assert network.PHONE in device.run("ip -4 -o address show wlan0")
    assert "SSID: contact centre" in device.run("iw dev wlan0 link")
    assert device.server.lines() == {NUMBER}


def test_the_chip_does_not_sleep_between_packets_of_voice(device: Device) -> None:
    device.run("iw dev wlan0 set power_save on; systemctl restart wifi.service")
    assert device.run("iw dev wlan0 get power_save") == "Power save: off"


def test_the_password_stays_where_it_is(device: Device) -> None:
    assert SECRET not in device.run("journalctl -b --no-pager")
    assert device.run("stat -c %a:%U /run/wifi /run/wifi/wpa_supplicant.conf").split() == ["700:root", "600:root"]


def test_it_stays_in_its_sandbox(device: Device) -> None:
    said = device.run("systemd-analyze security --no-pager wifi.service | tail -n 1")
    level = re.search(r"exposure level for wifi.service: ([0-9.]+)", said)
    assert level is not None, said
    assert float(level[1]) <= WIFI_LEVEL
    assert device.run("systemctl --failed --no-legend; echo $?") == "0"


def test_the_access_point_goes_and_comes_back(device: Device) -> None:
    """A call is taken by radio again, without a hand being laid on."""
    device.run("systemctl stop rig-access-point.service")
    device.run("until iw dev wlan0 link | grep -q Not.connected; do sleep 0.2; done")
    device.run("systemctl start rig-access-point.service")
    device.run("until iw dev wlan0 link | grep -q SSID; do sleep 0.2; done")
    device.registered()
    customer = device.answers(within=30)
    device.copper.open("hook")
    assert customer.ended() == 200
