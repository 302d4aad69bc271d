"""The phone's check against file servers that are not ours: what each serves, refuses, packs and sends elsewhere."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deskphone.core.events import DirectoryLoaded
from tests.peers import file_servers
from tests.peers.file_servers import PASSWORD, USER, Server
from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench

pytestmark = [pytest.mark.peer, pytest.mark.slow]
LOGIN = f"provisioning/configuration/http_auth/user_name={USER}\nprovisioning/configuration/http_auth/password="
LARGE = GOOD + b"; a note of a line's length, and again and again\n" * 6_000
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="this server gives up root's rights itself")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One that the servers' own users may enter: pytest's are for their owner only."""
    with TemporaryDirectory(prefix="deskphone-servers-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def nginx(folder: Path) -> Iterator[Server]:
    with file_servers.nginx(folder / "web") as server:
        yield server


@pytest.fixture(scope="module")
def owner(folder: Path) -> Authority:
    return Authority(folder / "owner", "owner")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def knows(bench: Bench, authority: Authority, client: bool = False) -> Bench:
    """The phone trusts this authority, and has a certificate of it."""
    certificates = bench.data / "certificates"
    certificates.mkdir()
    (certificates / "authority-site.pem").write_bytes(authority.certificate.read_bytes())
    if client:
        for name, path in zip(("client.pem", "client.key"), authority.issue("phone", use="clientAuth"), strict=True):
            (certificates / name).write_bytes(path.read_bytes())
    return bench


# --- nginx -------------------------------------------------------------------------------------------


async def test_nginx_gives_the_file_once_and_says_unchanged_then(nginx: Server, bench: Bench) -> None:
    nginx.put(f"once/{NAME}", GOOD)
    assert await bench.check(nginx.url("http", "once/")) == "updated"
    assert bench.settings.line[0].id == "1502"
    assert await bench.check(nginx.url("http", "once/")) == "unchanged"
    told = [line for line in nginx.said().splitlines() if "/once/" in line]
    assert ["200" in told[0], "304" in told[1]] == [True, True], told
    assert "(420HD; 00908F3BBCBA)" in told[0], "what server scripts read the MAC from"


async def test_capitals_are_asked_where_nginx_has_no_small_letters(nginx: Server, bench: Bench) -> None:
    nginx.put(f"capitals/{NAME.replace('bc', 'BC').replace('f', 'F').upper()[:12]}.cfg", GOOD)
    assert await bench.check(nginx.url("http", "capitals/")) == "updated"
    assert await bench.check(nginx.url("http", "nothing/")) == "not_found"
    assert await bench.check(nginx.url("http", "busy/")) == "server_error"


@pytest.mark.parametrize(
    ("password", "outcome"), [(PASSWORD, "updated"), ("falsch", "login"), ("", "login")], ids=["right", "wrong", "none"]
)
async def test_nginx_wants_a_login(nginx: Server, tmp_path: Path, password: str, outcome: str) -> None:
    nginx.put(f"private/{NAME}", GOOD)
    bench = Bench(tmp_path, f"{LOGIN}{password}\n" if password else "")
    assert await bench.check(nginx.url("http", "private/")) == outcome
    assert password not in bench.told or not password


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_nginx_sends_elsewhere_and_includes_are_looked_for_there(nginx: Server, bench: Bench, code: int) -> None:
    nginx.put(f"there/{NAME}", b"include site.cfg\n")
    nginx.put("there/site.cfg", GOOD)
    assert await bench.check(nginx.url("http", f"moved/{code}/there/")) == "updated"
    assert bench.settings.line[0].id == "1502"


async def test_nginx_sends_round_in_a_circle(nginx: Server, bench: Bench) -> None:
    assert await bench.check(nginx.url("http", "round/")) == "redirects"


async def test_nginx_has_the_file_packed_only(nginx: Server, bench: Bench) -> None:
    nginx.put(f"zipped/{NAME}.gz", gzip.compress(LARGE))
    assert await bench.check(nginx.url("http", "zipped/")) == "updated"
    assert [line.split()[-1] for line in nginx.said().splitlines() if "/zipped/" in line] == ["gzip"]
    nginx.put(f"zipped/{NAME}.gz", gzip.compress(bytes(50_000_000), 1))
    assert await bench.check(nginx.url("http", "zipped/")) == "too_large"


async def test_the_companys_directory_from_nginx(nginx: Server, bench: Bench) -> None:
    nginx.put(f"book/{NAME}", GOOD + b"provisioning/corporate_directory_uri=people.csv\n")
    nginx.put("book/people.csv", "Jörg Müller;2001\n".encode("cp1252"))
    assert await bench.check(nginx.url("http", "book/")) == "updated"
    assert bench.all_of(DirectoryLoaded) == [DirectoryLoaded((("Jörg Müller", "2001"),))]


async def test_nginx_by_https_is_believed_where_its_authority_is_known(
    folder: Path, owner: Authority, tmp_path: Path
) -> None:
    with file_servers.nginx(folder / "https", tls=owner.issue("web")) as server:
        server.put(NAME, GOOD)
        assert await Bench(tmp_path / "a").check(server.url("https")) == "untrusted"
        (tmp_path / "b").mkdir()
        assert await knows(Bench(tmp_path / "b"), owner).check(server.url("https")) == "updated"


async def test_nginx_wants_the_phones_own_certificate(folder: Path, owner: Authority, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with file_servers.nginx(folder / "mutual", tls=owner.issue("mutual"), client=owner.certificate) as server:
        server.put(NAME, GOOD)
        without, having = knows(Bench(tmp_path / "a"), owner), knows(Bench(tmp_path / "b"), owner, client=True)
        assert await without.check(server.url("https")) == "server_error"
        assert "400" in without.told
        assert await having.check(server.url("https")) == "updated"


# --- two stages --------------------------------------------------------------------------------------


def names(place: str, more: str = "") -> bytes:
    """A file that sends the phone on."""
    return f"provisioning/method=STATIC\nprovisioning/configuration/url={place}\n{more}".encode()


@ROOT
async def test_tftpd_sends_to_nginx_and_nginx_to_vsftpd_where_the_phone_stays(
    folder: Path, nginx: Server, bench: Bench
) -> None:
    first, last = file_servers.tftpd(folder / "tftp-stage"), file_servers.vsftpd(folder / "ftp-stage", anonymous=True)
    with first as tftp, last as ftp:
        tftp.put(NAME, names(nginx.url("http", "private/stage/<MAC>.cfg"), f"{LOGIN}{PASSWORD}\n"))
        nginx.put(f"private/stage/{NAME}", names(ftp.url("ftp", "own/"), "include common.cfg\n"))
        nginx.put("private/stage/common.cfg", b"deskphone/volume/ring=3\r\n")
        ftp.put(f"own/{NAME}", GOOD)
        assert await bench.check(tftp.url("tftp")) == "updated", bench.told
        assert (bench.settings.line[0].id, bench.settings.volume.ring) == ("1502", 3)
        assert await bench.check(tftp.url("tftp")) == "unchanged"
        ftp.put(f"own/{NAME}", GOOD.replace(b"1502", b"1503"))
        assert await bench.check() == "updated", "without any DHCP option"
    assert await bench.check(nginx.url("http", "once/")) == "unreachable", "nobody else is asked while it is away"
    assert (bench.settings.line[0].id, bench.settings.volume.ring) == ("1503", 3)


# --- lighttpd: Digest --------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_lighttpd_wants_a_digest(folder: Path, tmp_path: Path, algorithm: str) -> None:
    with file_servers.lighttpd(folder, algorithm) as server:
        server.put(NAME, GOOD)
        right, wrong = Bench(tmp_path, f"{LOGIN}{PASSWORD}\n"), Bench(tmp_path, f"{LOGIN}falsch\n")
        assert await wrong.check(server.url("http")) == "login"
        assert await right.check(server.url("http")) == "updated"
        assert await Bench(tmp_path).check(server.url("http", login=f"{USER}:{PASSWORD}@")) == "updated"


# --- vsftpd, tftpd-hpa -------------------------------------------------------------------------------


@ROOT
async def test_vsftpd_gives_files_to_everybody(folder: Path, bench: Bench) -> None:
    with file_servers.vsftpd(folder / "ftp", anonymous=True) as server:
        server.put(f"phones/{NAME}", LARGE)
        assert await bench.check(server.url("ftp", "phones/")) == "updated"
        assert await bench.check(server.url("ftp", "phones/")) == "unchanged"
        assert await bench.check(server.url("ftp", "nothing/")) == "not_found"


@ROOT
async def test_vsftpd_wants_a_login(folder: Path, tmp_path: Path) -> None:
    with file_servers.vsftpd(folder / "ftp-login", anonymous=False) as server:
        server.put(NAME, GOOD)
        named = Bench(tmp_path)
        assert await named.check(server.url("ftp", login=f"{USER}:{PASSWORD}@")) == "updated", named.told
        assert await Bench(tmp_path, f"{LOGIN}{PASSWORD}\n").check(server.url("ftp")) == "updated"
        assert await Bench(tmp_path, f"{LOGIN}falsch\n").check(server.url("ftp")) == "login"
        assert await Bench(tmp_path).check(server.url("ftp")) == "login"


@ROOT
@pytest.mark.parametrize("options", [(), ("-r", "blksize", "-r", "tsize")], ids=["RFC 2348", "no options"])
async def test_tftpd_gives_files(folder: Path, bench: Bench, options: tuple[str, ...]) -> None:
    with file_servers.tftpd(folder / f"tftp{len(options)}", *options) as server:
        server.put(NAME, LARGE)
        server.put(f"phones/{NAME.upper()[:12]}.cfg", GOOD.replace(b"1502", b"1503"))
        assert await bench.check(server.url("tftp")) == "updated"
        assert await bench.check(server.url("tftp", "phones/")) == "updated"
        assert bench.settings.line[0].id == "1503"
        assert await bench.check(server.url("tftp", "nothing/")) == "not_found"
