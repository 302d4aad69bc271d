"""The whole program and a bad server: words on the idle screen and on Status > Provisioning, a line in the journal,
and the last good configuration in force."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.sip.provisioning.program import FILE, GOOD, NUMBER, leftovers, running, yesterday
from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.bad_answers import cut_off, dripping, endless, login_page, ten_megabytes
from tests.unit.provisioning.check_bench import Handler
from tests.unit.provisioning.conftest import owner, serve, stranger  # noqa: F401 - fixtures

pytestmark = [pytest.mark.sip, pytest.mark.slow]
REFUSED = "Configuration refused"


@dataclass(frozen=True)
class Bad:
    """What the server does; the word of the status page; what the journal must hold; seconds it may take."""

    handler: Handler
    word: str
    journal: str
    within: float = 15.0


def gives(body: bytes, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers=headers)

    return answer


async def silent(request: web.Request) -> web.StreamResponse:
    """Headers, then nothing."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"voip/line/0/id=1777\n")
    await asyncio.sleep(60)
    return response


async def round_and_round(request: web.Request) -> web.StreamResponse:
    """The file includes another one, which includes the first."""
    return web.Response(text=f"include {'other.cfg' if request.path.endswith(FILE) else FILE}\n")


async def headers_without_end(request: web.Request) -> web.StreamResponse:
    return web.Response(text=GOOD, headers={f"X-{number}": "x" * 100 for number in range(2_000)})


async def locked(request: web.Request) -> web.StreamResponse:
    return web.Response(status=401, headers={"WWW-Authenticate": 'Digest realm="phones", nonce="n", qop="auth"'})


BAD = {
    "10 MB": Bad(ten_megabytes, "File too large", "expected at most 1000000 bytes"),
    "a login page": Bad(login_page, "File refused", "got an HTML page"),
    "half a file": Bad(cut_off, "File cut off", "bytes, then the end"),
    "endless redirect": Bad(endless, "Redirect refused", "expected at most 5 redirects"),
    "slow loris": Bad(dripping(1), "Too slow", "expected the file within 30 s", 45.0),
    "a server that falls silent": Bad(silent, "Too slow", "expected the file within 30 s", 30.0),
    "a gzip bomb": Bad(
        gives(gzip.compress(bytes(50_000_000)), **{"Content-Encoding": "gzip"}),
        "File too large",
        "expected at most 1000000 bytes, got more",
    ),
    "an empty file": Bad(gives(b""), "File refused", "got an empty file"),
    "comments only": Bad(gives(b"; to be done\n"), "File refused", "got a file of comments"),
    "binary rubbish": Bad(gives(bytes(range(256)) * 40), "File refused", "got binary data"),
    "another phone's file": Bad(
        gives(b"system/type=405HD\nvoip/line/0/id=1777\n"), "File refused", "system/type: expected 420HD, got '405HD'"
    ),
    "an include loop": Bad(round_and_round, "File refused", "include: expected no loop"),
    "a value out of range where it is strict": Bad(
        gives(b"voip/signalling/sip/proxy_port=70000\ndeskphone/provisioning/strict=1\n"),
        "File refused",
        "proxy_port: expected",
    ),
    "headers without end": Bad(headers_without_end, "Server error", "expected an answer in HTTP"),
    "a login nobody gave us": Bad(locked, "Login refused", "got 401 Unauthorized"),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A phone with yesterday's configuration, which trusts its owner's authority."""
    return yesterday(tmp_path)


async def refused(data: Path, url: str, bad: Bad) -> None:
    """Screen text, journal line, last good configuration in force; the phone works on."""
    good = data / "last-good.cfg"
    before = (good.read_bytes(), good.stat().st_mtime_ns)
    async with running(data, url + "/") as program:
        await program.shows(NUMBER, REFUSED, within=bad.within)
        await program.journals(f"configuration refused: {url}/")
        refusal = next(line for line in program.said if "configuration refused" in line)
        assert bad.journal in refusal, refusal
        await program.press("menu", "4", "6")
        await program.shows("Provisioning", "Result", bad.word)
        rows = await program.whole_page(60)
        assert any("Last check  now" in row for row in rows) and any("DHCP option  160" in row for row in rows), rows
        report = (await program.state())["provisioning"]
        assert bad.journal in report["errors"][0]
        assert (report["named_by"], report["asked"].startswith(url)) == ("160", True)
        assert "illegal event" not in program.journal
        assert program.process.returncode is None
    assert (good.read_bytes(), good.stat().st_mtime_ns) == before
    assert leftovers(data) == []
    async with running(data, "") as program:
        await program.shows(NUMBER)


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_file_changes_nothing_and_is_told(serve: Any, data: Path, name: str) -> None:  # noqa: F811
    async with serve(BAD[name].handler) as url:
        await refused(data, url, BAD[name])


async def test_a_bad_line_costs_that_line_and_is_told(serve: Any, data: Path) -> None:  # noqa: F811
    text = b"voip/line/0/id=1777\nvoip/signalling/sip/proxy_port=70000\nnonsense\nvoip/talk_event/enabled=1\n"
    async with serve(gives(text)) as url, running(data, url + "/") as program:
        await program.shows("1777", "Settings: 2 lines", "refused")
        await program.journals(f"line refused: {url}/{FILE}:2: voip/signalling/sip/proxy_port: expected")
        report = (await program.state())["provisioning"]
        assert [line.rpartition(", ")[2] for line in report["lines_refused"]] == [
            "kept 5060",
            "got a line of another form",
        ]
    kept = (data / "last-good.cfg").read_text()
    assert "voip/line/0/id=1777\n" in kept and "voip/talk_event/enabled=1\n" in kept and "proxy_port" not in kept
    assert "provisioning/random_provisioning_time=0\n" in kept, "what the file does not name stays"


FROM, TO = "20240101000000Z", "20990101000000Z"
CERTIFICATES = {
    "of an unknown authority": ("", "", "", "unable to get local issuer certificate"),
    "for another host": (FROM, TO, "DNS:other.example.com", "IP address mismatch"),
    "expired": (FROM, "20240201000000Z", "IP:127.0.0.1", "certificate has expired"),
    "not yet valid": ("20980101000000Z", TO, "IP:127.0.0.1", "certificate is not yet valid"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
async def test_a_bad_certificate_changes_nothing_and_is_told(
    serve: Any,  # noqa: F811
    data: Path,
    owner: Authority,  # noqa: F811
    stranger: Authority,  # noqa: F811
    name: str,
) -> None:
    start, end, address, words = CERTIFICATES[name]
    (data / "certificates").mkdir()
    (data / "certificates" / "authority-owner.pem").write_bytes(owner.certificate.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = owner.issue_for("bad", start=start, end=end, address=address) if start else stranger.issue("server")
    context.load_cert_chain(*pair)
    async with serve(gives(GOOD.encode()), context) as url:
        await refused(data, url, Bad(login_page, "Bad certificate", words))


async def test_the_owners_authority_makes_the_same_server_good(
    serve: Any,  # noqa: F811
    data: Path,
    owner: Authority,  # noqa: F811
) -> None:
    """So that the four above are refused for what is wrong with them, and not for TLS as such."""
    (data / "certificates").mkdir()
    (data / "certificates" / "authority-owner.pem").write_bytes(owner.certificate.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*owner.issue_for("good", start=FROM, end=TO))
    async with serve(gives(GOOD.replace("1502", "1777").encode()), context) as url, running(data, url + "/") as program:
        await program.shows("1777")


@pytest.mark.parametrize("name", ["self-signed"])
async def test_a_certificate_that_vouches_for_itself_is_refused(
    serve: Any,  # noqa: F811
    data: Path,
    tmp_path: Path,
    name: str,
) -> None:
    itself = Authority(tmp_path / name, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(itself.certificate, itself.key)
    async with serve(gives(GOOD.encode()), context) as url:
        await refused(data, url, Bad(login_page, "Bad certificate", "self-signed certificate"))


@pytest.mark.parametrize("what", ["nobody there", "not there"])
async def test_a_server_without_a_file_is_told_without_alarm(serve: Any, data: Path, what: str) -> None:  # noqa: F811
    async def missing(request: web.Request) -> web.StreamResponse:
        return web.Response(status=404)

    async with serve(missing) as url:
        away = what == "nobody there"
        async with running(data, "http://127.0.0.1:9/" if away else url + "/") as program:
            await program.journals("Connection refused" if away else "404")
            await program.press("menu", "4", "6")
            await program.shows("No answer" if away else "File not found")
            await program.press("cancel", "cancel", "cancel")
            await program.shows(NUMBER)
            assert REFUSED not in str(await program.state())
    assert (data / "last-good.cfg").read_text() == GOOD
