"""HTTP to an ACS: logins, certificates, redirects, cookies, and answers that are too much; against real servers."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

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
            return web.Response(status=302 if left % 2 else 307, headers={"Location": f"/{left - 1}"})
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
