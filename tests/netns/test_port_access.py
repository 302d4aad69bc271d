"""802.1X at the phone's port: a switch whose port is closed until hostapd lets the phone in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import needs
from tests.netns.port_lab import MAC, PortLab

pytestmark = [pytest.mark.netns, pytest.mark.slow]
EAP = "network/lan/_802_1x"
IDENTITY, PASSWORD = "desk 7 {floor}", 'a"b}\\ c'
MD5 = (f"{EAP}/eap_type=EAP_MD5", f"{EAP}/md5_identity={IDENTITY}", f"{EAP}/md5_password={PASSWORD}")
TLS = (f"{EAP}/eap_type=EAP_TLS", f"{EAP}/tls_identity=desk-7")


class Guard:
    """hostapd at the port, with an EAP server of its own."""

    def __init__(self, lab: PortLab, users: str, *more: str) -> None:
        self.lab = lab
        (lab.folder / "users").write_text(users)
        conf = (
            "interface=p1", "driver=wired", "ieee8021x=1", "eap_server=1", f"eap_user_file={lab.folder}/users",
            "eapol_version=2", "use_pae_group_addr=1", "logger_stdout=-1", "logger_stdout_level=0", *more,
        )  # fmt: skip
        (lab.folder / "hostapd.conf").write_text("".join(f"{line}\n" for line in conf))
        lab.at_the_switch("hostapd", "hostapd", str(lab.folder / "hostapd.conf"))
        lab.logged("hostapd", "AP-ENABLED")

    def lets_in(self) -> None:
        """Wait until the phone is let in, then open the port, as a switch does."""
        self.lab.logged("hostapd", f"AP-STA-CONNECTED {MAC}")
        self.lab.open_port()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[PortLab]:
    needs("hostapd", "wpa_supplicant", "openssl")
    with PortLab(tmp_path) as made:
        yield made


def certify(folder: Path, name: str, ca: str, subject: str) -> None:
    """A key and a certificate of that authority (its own where ca is its name)."""
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={subject}")
    signed = () if ca == name else ("-CA", f"{ca}.pem", "-CAkey", f"{ca}.key")
    command = ("openssl", "req", "-x509", "-days", "30", *key, *signed)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_with_md5_it_is_let_in_and_gets_an_address(lab: PortLab) -> None:
    guard = Guard(lab, f'"{IDENTITY}" MD5 {PASSWORD.encode().hex()}\n')
    lab.power_on(*MD5)
    guard.lets_in()
    lab.becomes("10.77.0.", "eth0 10.77.0.", said="802.1X authorized\n")
    words = lab.log("deskphone-8021x.service") + lab.log("deskphone-lan.service")
    assert PASSWORD not in words and PASSWORD.encode().hex() not in words


def test_with_a_wrong_password_it_says_so_and_is_on_the_network_where_the_port_lets_everybody_in(lab: PortLab) -> None:
    Guard(lab, f'"{IDENTITY}" MD5 "another"\n')
    lab.open_port()
    lab.power_on(*MD5)
    lab.becomes("10.77.0.", "eth0 10.77.0.", said="trouble 802.1X: the switch does not let the phone in\n")


def test_with_tls_it_is_let_in_by_the_certificates_that_came_later(lab: PortLab) -> None:
    place = lab.folder / "pki"
    place.mkdir()
    certify(place, "ca", "ca", "Authority of the test")
    certify(place, "server", "ca", "radius.site.test")
    certify(place, "client", "ca", "desk-7")
    names = {"ca_cert": "ca.pem", "server_cert": "server.pem", "private_key": "server.key"}
    guard = Guard(lab, "* TLS\n", *(f"{name}={place}/{file}" for name, file in names.items()))
    lab.power_on(*TLS)
    lab.wait_said(lambda said: "trouble 802.1X" in said)
    for name, file in (("client.pem", ".pem"), ("client.key", ".key"), ("ca.pem", "-authority.pem")):
        (lab.folder / "data" / "certificates" / f"ieee802_1x{file}").write_bytes((place / name).read_bytes())
    guard.lets_in()
    lab.becomes("10.77.0.", "eth0 10.77.0.", said="802.1X authorized\n")


def test_with_tls_a_stranger_who_plays_the_switch_is_not_believed(lab: PortLab) -> None:
    place = lab.folder / "pki"
    place.mkdir()
    for ca in ("ca", "other"):
        certify(place, ca, ca, f"Authority {ca}")
    certify(place, "server", "other", "radius.site.test")
    certify(place, "client", "ca", "desk-7")
    names = {"ca_cert": "ca.pem", "server_cert": "server.pem", "private_key": "server.key"}
    Guard(lab, "* TLS\n", *(f"{name}={place}/{file}" for name, file in names.items()))
    for name, file in (("client.pem", ".pem"), ("client.key", ".key"), ("ca.pem", "-authority.pem")):
        (lab.folder / "data" / "certificates" / f"ieee802_1x{file}").write_bytes((place / name).read_bytes())
    lab.power_on(*TLS)
    lab.logged("deskphone-8021x.service", "Certificate verification failed")
    lab.wait_said(lambda said: "trouble 802.1X" in said)
    assert "AP-STA-CONNECTED" not in lab.log("hostapd")
