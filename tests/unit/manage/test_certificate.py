"""What HTTPS shows of the phone: the site's certificate, else its own, and another one from the next connection on."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from pathlib import Path

import pytest

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


def test_what_is_no_certificate_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shown = Shown(tmp_path, None)
    for _ in range(3):
        shown.take("", "", ("web.pem: expected a certificate and its key",))
    assert caplog.text.count("web.pem: expected") == 1
