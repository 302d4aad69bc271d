"""HTTP to an ACS: logins, certificates, redirects, cookies, and answers that are too much; against real servers."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
import ssl
import subprocess
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from multidict import CIMultiDict

from deskphone.manage.cwmp import http
from deskphone.manage.cwmp.http import Http, HttpError
from deskphone.manage.papers import Papers

PLAIN = ssl.create_default_context()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server on loopback; its URL by a name that a certificate can have."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"{'https' if context else 'http'}://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of the owner's, a server's certificate and a phone's, by openssl(1)."""
    folder = Path(tmp_path_factory.mktemp("pki"))

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30")
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=owner")
    for name in ("server", "phone"):
        extra = ("-addext", "subjectAltName=DNS:localhost", "-CA", "ca.pem", "-CAkey", "ca.key")
        openssl("req", "-x509", *curve, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}", *extra)
    return folder


def server_context(pki: Path, wants_phone: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.pem", pki / "server.key")
    if wants_phone:
        context.load_verify_locations(pki / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def papers(pki: Path, own: bool = False) -> Papers:
    text = [
        (pki / name).read_text() if own or name == "ca.pem" else "" for name in ("ca.pem", "phone.pem", "phone.key")
    ]
    return Papers(*text)


async def ask(  # noqa: PLR0917
    url: str, context: ssl.SSLContext = PLAIN, user: str = "", password: str = "", times: int = 1, most: int = 1000
) -> bytes:
    async with Http(user, password, context) as http:
        for _ in range(times):
            body = await http.send("POST", url, most, b"hello", Content_Type="text/xml")
    return body


async def ok(request: web.Request) -> web.StreamResponse:
    return web.Response(body=await request.read())


def test_a_server_of_the_owners_authority_is_believed_and_no_other_and_the_phone_shows_its_own(pki: Path) -> None:
    async def story() -> None:
        async with served(ok, server_context(pki)) as url:
            assert await ask(url, papers(pki).context()) == b"hello"
            with pytest.raises(HttpError, match="not trusted"):
                await ask(url)
        async with served(ok, server_context(pki, wants_phone=True)) as url:
            assert await ask(url, papers(pki, own=True).context()) == b"hello"
            with pytest.raises(HttpError, match=r"no answer|ended"):
                await ask(url, papers(pki).context())

    asyncio.run(story())
    with pytest.raises(ssl.SSLError):
        Papers("no PEM").context()


def test_a_server_that_falls_silent_is_given_up_long_before_a_large_file_must_be_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "STALL", 0.2)

    async def story() -> None:
        over = asyncio.Event()

        async def half(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Length": "9"})
            await answer.prepare(request)
            await over.wait()
            return answer

        async with served(half) as url, asyncio.timeout(30), Http("", "", PLAIN, 1800.0) as client:
            asyncio.get_running_loop().call_later(20, over.set)
            with pytest.raises(HttpError, match="no answer"):
                await client.send("GET", url, 100)
            over.set()

    asyncio.run(story())


def test_a_password_leaves_by_basic_over_tls_only(pki: Path) -> None:
    seen: list[str] = []

    async def basic(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        if seen[-1] == "Basic dTpw":
            return web.Response(body=b"in")
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    async def story() -> None:
        async with served(basic, server_context(pki)) as url:
            assert await ask(url, papers(pki).context(), "u", "p", times=3) == b"in"
            assert len(seen) == 4, "asked for once"
            with pytest.raises(HttpError, match="401"):
                await ask(url, papers(pki).context(), "u", "wrong")
        seen.clear()
        async with served(basic) as url:
            with pytest.raises(HttpError, match="401"):
                await ask(url, user="u", password="p")
        assert seen == [""]

    asyncio.run(story())


def test_who_is_on_the_way_in_the_clear_gets_no_password_by_leading_to_a_server_of_their_own(pki: Path) -> None:
    seen: list[str] = []

    async def basic(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    async def story() -> None:
        async with served(basic, server_context(pki)) as safe:

            async def lead(request: web.Request) -> web.StreamResponse:
                return web.Response(status=302, headers={"Location": f"{safe}/x"})

            async with served(lead) as clear:
                with pytest.raises(HttpError, match="401"):
                    await ask(clear, papers(pki).context(), "u", "p")
                assert seen == [""]
                with pytest.raises(HttpError, match="no login in a URL"):
                    await ask(clear.replace("://", "://u:p@"))

    asyncio.run(story())


def test_redirects_are_followed_as_they_are_meant_and_five_of_them(pki: Path) -> None:
    asked: list[str] = []

    async def moving(request: web.Request) -> web.StreamResponse:
        asked.append(f"{request.method} {request.path}")
        left = int(request.path.rpartition("/")[2] or 0)
        if left:
            return web.Response(status=(301, 302, 307, 308)[left % 4], headers={"Location": f"/{left - 1}"})
        return web.Response(body=await request.read())

    async def away(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": request.query.get("to", "")})

    async def story() -> None:
        async with served(moving) as url:
            assert await ask(f"{url}/5", times=2) == b"hello"
            assert asked == [f"POST /{left}" for left in (5, 4, 3, 2, 1, 0)] + ["POST /0"], "it has moved for good"
            with pytest.raises(HttpError, match="redirects"):
                await ask(f"{url}/6")
            async with served(away, server_context(pki)) as safe:
                for place in (f"{url}/0", "ftp://x/", "", "file:///etc/passwd"):
                    with pytest.raises(HttpError):
                        await ask(f"{safe}/?to={place}", papers(pki).context())
        assert len(asked) == 13, "nothing was asked in the clear"

    asyncio.run(story())


def test_cookies_are_kept_for_the_session_and_the_answer_is_bounded() -> None:
    seen: list[str] = []

    async def counts(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Cookie", ""))
        return web.Response(body=b"x" * 1000, headers={"Set-Cookie": "session=7; Path=/"})

    async def cut(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"x")
        assert request.transport is not None
        request.transport.abort()
        return answer

    async def story() -> None:
        async with served(counts) as url:
            await ask(url, times=2)
            await ask(url)
            with pytest.raises(HttpError, match="at most") as error:
                await ask(url, most=999)
            assert error.value.cut
        assert seen[:3] == ["", "session=7", ""]
        async with served(cut) as url:
            with pytest.raises(HttpError):
                await ask(url)
        with pytest.raises(HttpError, match="no answer"):
            await ask(url)

    asyncio.run(story())


@pytest.mark.parametrize("challenges", [
    ['Basic realm="r"', 'Digest realm="r", nonce="{}", qop="auth"'],
    ['Basic realm="r", Digest realm="r", nonce="{}", qop="auth", algorithm=SHA-256'],
    ['Digest realm="r", nonce="{}", qop="auth,auth-int", stale=true'], ['Digest realm="r", nonce="{}"'],
    ['Digest realm="r", nonce="{}", qop="auth-int", algorithm=MD5-sess, opaque="o"'],
])  # fmt: skip
def test_digest_as_vendors_offer_it_and_a_nonce_that_has_grown_old(challenges: list[str]) -> None:
    """The server lets each nonce count twice, in order, and checks by RFC 7616."""
    nonces: dict[str, int] = {}
    asked: list[str] = []

    async def digest(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', request.headers.get("Authorization", "")))
        asked.append(said.get("nonce", ""))
        count = nonces.get(said.get("nonce", ""), 2)
        if count < 2 and said["response"] == _proof(said, request.method, body, challenges[-1]):
            assert "qop" not in said or int(said["nc"], 16) == count + 1
            nonces[said["nonce"]] = count + 1
            return web.Response(body=body)
        assert said.get("nonce") not in nonces or count == 2, "what is proved wrong"
        nonce = f"n{len(nonces)}"
        nonces[nonce] = 0
        heads = CIMultiDict([("WWW-Authenticate", each.format(nonce)) for each in challenges])
        return web.Response(status=401, headers=heads)

    async def story() -> None:
        async with served(digest) as url:
            assert await ask(f"{url}/acs?a=1", user="phone", password="word", times=4) == b"hello"

    asyncio.run(story())
    assert asked == ["", "n0", "n0", "n0", "n1", "n1"], "proved beforehand as long as it counts"


def _proof(said: dict[str, str], method: str, body: bytes, challenge: str) -> str:
    def hashed(text: str) -> str:
        return hashlib.new("sha256" if "SHA-256" in challenge else "md5", text.encode()).hexdigest()

    first = hashed("phone:r:word")
    if "-sess" in challenge:
        first = hashed(f"{first}:{said['nonce']}:{said['cnonce']}")
    inner = f":{hashed(body.decode())}" if said.get("qop") == "auth-int" else ""
    second = hashed(f"{method}:{said['uri']}{inner}")
    middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}" if "qop" in said else said["nonce"]
    return hashed(f"{first}:{middle}:{second}")


@pytest.mark.parametrize("late", [False, True])
def test_a_server_that_closes_its_connection_without_a_word_is_asked_over_another(late: bool) -> None:
    """Behind its answer, or when the next request is on its way; who never answered is not asked twice."""
    asked: list[int] = []

    async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.findall(rb"Content-Length: (\d+)", head)[0]))
            asked.append(number)
            if number or b"/never" in head:
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
            if not late:
                break
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(closes, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            assert await ask(f"{url}/acs", times=3) == b"ok"
            asked.clear()
            with pytest.raises(HttpError, match="no answer"):
                await ask(f"{url}/never")
            assert asked == [0]

    asyncio.run(story())


def test_an_answer_in_chunks_is_one() -> None:
    async def chunks(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        for part in (b"he", b"l", b"lo"):
            await answer.write(part)
        return answer

    async def story() -> bytes:
        async with served(chunks) as url:
            return await ask(url)

    assert asyncio.run(story()) == b"hello"


@pytest.mark.parametrize(("coding", "body"), [
    ("gzip", gzip.compress(b"hello")), ("X-GZIP", gzip.compress(b"hello")), ("deflate", zlib.compress(b"hello")),
    ("identity", b"hello"), ("utf-8", b"hello"),
], ids=["gzip", "X-GZIP", "deflate", "identity", "no coding"])  # fmt: skip
def test_a_server_that_packs_unasked_is_read(coding: str, body: bytes) -> None:
    async def story() -> bytes:
        async with served(packed(coding, body)) as url:
            return await ask(url)

    assert asyncio.run(story()) == b"hello"


@pytest.mark.parametrize(("body", "words"), [
    (gzip.compress(bytes(30_000_000)), "at most"), (gzip.compress(b"hello") + bytes(2_000_000), "at most"),
    (gzip.compress(b"hello")[:-9], "ended early"), (b"hello", "not what"),
], ids=["bomb", "tail", "cut", "plain"])  # fmt: skip
def test_what_is_packed_is_bounded_and_whole(body: bytes, words: str) -> None:
    async def story() -> None:
        async with served(packed("gzip", body)) as url:
            with pytest.raises(HttpError, match=words):
                await ask(url)

    asyncio.run(story())


def packed(coding: str, body: bytes) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": coding})

    return answer
