"""Whom SIP over TLS trusts: the system, the site's authorities, and our own certificate, out of the data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskphone.config.reader import read
from deskphone.config.settings import Settings
from deskphone.trust import certificates
from tests.unit.provisioning.authority import Authority


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("owner"), "owner")


@pytest.fixture
def system(tmp_path: Path, owner: Authority) -> Path:
    path = tmp_path / "system.pem"
    path.write_bytes(Authority(tmp_path / "world", "world").certificate.read_bytes())
    return path


def keep(data: Path, name: str, content: bytes) -> None:
    (data / "certificates").mkdir(exist_ok=True)
    (data / "certificates" / name).write_bytes(content)


def test_without_any_the_system_alone_counts(tmp_path: Path, system: Path) -> None:
    found = certificates.credentials(tmp_path, system)
    assert found == certificates.Credentials(system.read_text())


def test_the_sites_authorities_count_beside_the_systems(tmp_path: Path, system: Path, owner: Authority) -> None:
    keep(tmp_path, "authority-3.pem", owner.certificate.read_bytes())
    found = certificates.credentials(tmp_path, system)
    assert system.read_text() in found.authorities and owner.certificate.read_text() in found.authorities
    assert found.problems == ()


def test_a_file_that_is_none_is_named_and_stops_nothing(tmp_path: Path, system: Path, owner: Authority) -> None:
    keep(tmp_path, "authority-0.pem", b"-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----\n")
    keep(tmp_path, "authority-1.pem", owner.certificate.read_bytes())
    keep(tmp_path, "client.pem", b"neither")
    found = certificates.credentials(tmp_path, system)
    assert owner.certificate.read_text() in found.authorities and "not one" not in found.authorities
    assert found.certificate == found.private_key == ""
    assert [problem.partition(":")[0] for problem in found.problems] == ["authority-0.pem", "client.pem"]


@pytest.mark.parametrize("names", [("client.pem", "client.key"), ("sip-client.pem", "sip-client.key")])
def test_our_own_certificate_is_shown_with_its_key(
    tmp_path: Path, system: Path, owner: Authority, names: tuple[str, str]
) -> None:
    certificate, key = owner.issue("phone")
    for name, file in zip(names, (certificate, key), strict=True):
        keep(tmp_path, name, file.read_bytes())
    found = certificates.credentials(tmp_path, system)
    assert (found.certificate, found.private_key) == (certificate.read_text(), key.read_text())


def test_the_one_for_sip_comes_before_the_one_for_files(tmp_path: Path, system: Path, owner: Authority) -> None:
    for kind in ("client", "sip-client"):
        certificate, key = owner.issue(kind)
        keep(tmp_path, f"{kind}.pem", certificate.read_bytes() + key.read_bytes())
    found = certificates.credentials(tmp_path, system)
    assert found.certificate == (tmp_path / "certificates" / "sip-client.pem").read_text()


def test_the_pages_show_the_one_that_is_named_for_them_or_none(tmp_path: Path, owner: Authority) -> None:
    certificate, key = owner.issue("pages")
    keep(tmp_path, "client.pem", certificate.read_bytes() + key.read_bytes())
    assert certificates.of_web(tmp_path) == certificates.Credentials(), "that of files is not for guests"
    keep(tmp_path, "web.pem", certificate.read_bytes() + owner.certificate.read_bytes())
    assert certificates.of_web(tmp_path).problems, "a key is missing"
    keep(tmp_path, "web.key", owner.issue("another")[1].read_bytes())
    assert certificates.of_web(tmp_path).certificate == "" and certificates.of_web(tmp_path).problems
    keep(tmp_path, "web.key", key.read_bytes())
    found = certificates.of_web(tmp_path)
    assert (found.private_key, found.problems) == (key.read_text(), ())
    assert found.certificate == certificate.read_text() + owner.certificate.read_text(), "with its chain"


def test_what_is_named_for_the_pages_is_fetched_and_goes_with_its_name(tmp_path: Path) -> None:
    named = read(b"deskphone/web/certificate_uri=https://h/web.pem\ndeskphone/web/private_key_uri=https://h/web.key\n")
    assert named.settings is not None
    assert certificates.wanted(named.settings) == {"web.pem": "https://h/web.pem", "web.key": "https://h/web.key"}
    for name in ("web.pem", "web.key"):
        certificates.keep(tmp_path, name, b"-----BEGIN CERTIFICATE-----")
    assert certificates.forget(tmp_path, named.settings) == ()
    assert len(list((tmp_path / "certificates").iterdir())) == 2
    assert certificates.forget(tmp_path, Settings()) == () and not list((tmp_path / "certificates").iterdir())
