"""What HTTPS shows of the phone: the site's certificate, else its own, and another one from the next connection on."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from deskphone.manage import addresses, certificate
from deskphone.manage.certificate import FILE, Shown, own_certificate
from tests.unit.provisioning.authority import RSA, Authority


def shown_at(shown: Shown) -> str:
    """The certificate a guest sees, in PEM."""
    here, there = socket.socketpair()
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE

    def answer() -> None:
        with there, shown.context.wrap_socket(there, server_side=True) as secure:
            secure.recv(1)

    thread = threading.Thread(target=answer)
    thread.start()
    with here, asking.wrap_socket(here) as guest:
        found = guest.getpeercert(binary_form=True)
        guest.send(b".")
    thread.join()
    assert found is not None
    return ssl.DER_cert_to_PEM_cert(found)


def test_the_sites_takes_the_place_of_the_phones_own_and_gives_it_back(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path, "site").issue("pages", keys=RSA)  # its own has a key of another kind
    shown = Shown(tmp_path / "own", None)
    shown.take("", "")
    own = shown_at(shown)
    assert own in (tmp_path / "own" / FILE).read_text()
    shown.take(certificate.read_text(), key.read_text())
    assert shown_at(shown).strip() in certificate.read_text()
    shown.take("", "")
    assert shown_at(shown) == own


def test_one_of_its_own_that_is_none_any_more_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good = own_certificate(tmp_path).read_bytes()
    assert own_certificate(tmp_path).read_bytes() == good
    (tmp_path / FILE).write_bytes(good[: len(good) // 2])
    caplog.set_level(logging.WARNING)
    assert own_certificate(tmp_path).read_bytes() not in (good, good[: len(good) // 2])
    assert "another is made" in caplog.text
    Shown(tmp_path, None).take("", "")


@pytest.mark.needs("openssl")
def test_its_own_holds_what_a_browser_is_pointed_at_and_is_made_anew_with_the_same_key(tmp_path: Path) -> None:
    shown = Shown(tmp_path, None)
    asked = ("420hd-00908f000001", "420hd-00908f000001.example.org", "192.0.2.7", "2001:db8::7")
    shown.take("", "", (), asked)
    file, first = tmp_path / FILE, shown_at(shown)
    by_name = (*asked[:2], "localhost", "420HD-00908F000001")
    by_address = (*asked[2:], "127.0.0.1", "::1")
    for kind, name in [("-checkhost", each) for each in by_name] + [("-checkip", each) for each in by_address]:
        said = openssl("x509", "-noout", kind, name, "-in", str(file))
        assert "does match" in said, (name, said)
    assert "does NOT" in openssl("x509", "-noout", "-checkhost", "other.example.org", "-in", str(file))

    # Fewer names, or the same in another process: nothing is made; another one: a new certificate, the old key.
    shown.take("", "", (), asked[:1])
    Shown(tmp_path, None).take("", "", (), asked)
    assert shown_at(shown) == first
    shown.take("", "", (), ("new-name", "192.0.2.8"))
    assert shown_at(shown) != first
    keys = {openssl("x509", "-noout", "-pubkey", given=each) for each in (first, shown_at(shown))}
    assert len(keys) == 1 and file.stat().st_mode & 0o777 == 0o600

    # Who has the file (curl --cacert) believes it, by the names of now and by no other.
    for name, good in (("new-name", True), ("192.0.2.8", True), ("420hd-00908f000001", False)):
        assert believes(shown, name, file) is good, name


def test_what_dhcp_says_is_a_name_or_left_out(tmp_path: Path) -> None:
    bad = ("a,DNS:b.example", "x\nsubjectAltName=DNS:c", "@section", "*.example.org", "", "a" * 64, "é.example", "a..b")
    path = own_certificate(tmp_path, (*bad, "good.example"))
    said = openssl("x509", "-noout", "-ext", "subjectAltName", "-in", str(path))
    assert "good.example" in said and not [each for each in ("b.example", "DNS:c", "*", "aaa") if each in said]


@pytest.mark.needs("openssl")
def test_one_made_while_the_clock_was_wrong_is_made_anew_with_the_same_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, clock, now = own_certificate(tmp_path), time.time, time.time()
    first = file.read_bytes()
    keys = [openssl("x509", "-noout", "-pubkey", "-in", str(file))]
    for wrong in (now - 86_400, now + 11 * 365 * 86_400):  # it is from tomorrow; it is eleven years old
        monkeypatch.setattr(time, "time", lambda wrong=wrong: wrong)
        assert own_certificate(tmp_path).read_bytes() != first
        keys.append(openssl("x509", "-noout", "-pubkey", "-in", str(file)))
        monkeypatch.setattr(time, "time", clock)  # which goes on: openssl writes the second it has by then
    assert len(set(keys)) == 1
    assert (again := own_certificate(tmp_path).read_bytes()) and own_certificate(tmp_path).read_bytes() == again


@pytest.mark.needs("openssl")
def test_where_no_other_one_can_be_made_the_old_one_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(tmp_path, None)
    shown.take("", "", (), ("first",))
    before = shown_at(shown)

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(certificate, "write_whole", full)
    shown.take("", "", (), ("second",))
    assert shown_at(shown) == before
    with pytest.raises(OSError, match="No space"):
        own_certificate(tmp_path / "other")


def test_the_lasting_addresses_of_ipv6_are_read_as_the_kernel_has_them(tmp_path: Path) -> None:
    file = tmp_path / "if_inet6"
    file.write_text(
        "00000000000000000000000000000001 01 80 10 80       lo\n"
        "20010db8007700000000000000000007 02 40 00 00     eth0\n"
        "20010db80077000000000000deadbeef 02 40 00 01     eth0\n"  # for privacy
        "20010db80078000000000000000000aa 02 40 00 20     eth0\n"  # of a router that has gone
        "20010db8007900000000000000000007 02 40 00 48     eth0\n"  # somebody else has it
        "fd000000000000000000000000000002 04 40 00 82     eth0\n"
        "fe8000000000000000fc00fffe000001 04 40 20 80     eth0\nnonsense\n\n"
    )
    assert addresses.lasting(file) == ("2001:db8:77::7", "fd00::2")
    assert addresses.lasting(tmp_path / "none") == ()


def openssl(*words: str, given: str = "") -> str:
    return subprocess.run(["openssl", *words], input=given, capture_output=True, text=True, check=True).stdout


def believes(shown: Shown, name: str, authority: Path) -> bool:
    """Whether a client that believes this file alone is content with what is shown to who asks by a name."""
    here, there = socket.socketpair()

    def answer() -> None:
        with there, suppress(OSError), shown.context.wrap_socket(there, server_side=True) as secure:
            secure.recv(1)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        asking = ssl.create_default_context(cafile=str(authority))
        with here, asking.wrap_socket(here, server_hostname=name) as guest:
            guest.send(b".")
    except ssl.SSLCertVerificationError:
        return False
    finally:
        here.close()
        thread.join()
    return True


def test_what_is_no_certificate_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shown = Shown(tmp_path, None)
    for _ in range(3):
        shown.take("", "", ("web.pem: expected a certificate and its key",))
    assert caplog.text.count("web.pem: expected") == 1
