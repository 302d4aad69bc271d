"""Files by HTTP and HTTPS: who is trusted, who logs in, and every way a server can be bad."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from aiohttp import ClientConnectorDNSError, web
from aiohttp.client_reqrep import ConnectionKey

from deskphone.config.secret import Secret
from deskphone.provision.address import Login, address
from deskphone.provision.options import Options
from deskphone.provision.problem import Outcome, Problem
from deskphone.provision.sink import Sink
from deskphone.provision.web import _problem as problem_of
from deskphone.provision.web import fetch
from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.bad_answers import dripping
from tests.unit.provisioning.conftest import Serve

AGENT = "deskphone/0.1.0 (420HD; 00908F3BBCBA)"
FILE = b"system/type=420HD\n"


async def get(url: str, *, size: int = 1_000, seconds: float = 5.0, etag: str = "", tls: ssl.SSLContext | None = None,
              login: Login | None = None) -> bytes:  # fmt: skip
    data = bytearray()
    place = address(url)
    options = Options(AGENT, tls or ssl.create_default_context(), login)
    await fetch(place, Sink(place.url, data.extend, size, seconds), options, etag)
    return bytes(data)


async def outcome(url: str, **how: object) -> tuple[Outcome, str]:
    with pytest.raises(Problem) as raised:
        await get(url, **how)  # type: ignore[arg-type]
    return raised.value.outcome, str(raised.value)


def login(url: str, password: str = "geheim") -> Login:
    return Login(address(url).origin, "desk", Secret(password))


async def give_file(request: web.Request) -> web.StreamResponse:
    return web.Response(body=FILE)


async def test_a_file_is_fetched_and_the_phone_says_who_it_is(serve: Serve) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers["User-Agent"])
        return web.Response(body=FILE)

    async with serve(answer) as url:
        assert await get(url + "/a.cfg") == FILE
    assert seen == [AGENT]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, Outcome.NOT_FOUND),
        (410, Outcome.NOT_FOUND),
        (403, Outcome.LOGIN),
        (500, Outcome.SERVER_ERROR),
        (204, Outcome.SERVER_ERROR),
        (206, Outcome.SERVER_ERROR),
    ],
)
async def test_a_status_that_is_no_file_is_named(serve: Serve, status: int, expected: Outcome) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    async with serve(answer) as url:
        found, text = await outcome(url + "/a.cfg")
    assert found is expected
    assert str(status) in text


async def test_nobody_there() -> None:
    found, text = await outcome("http://127.0.0.1:9/a.cfg")
    assert (found, "refused" in text.lower()) == (Outcome.UNREACHABLE, True)


@pytest.mark.parametrize("error", [OSError(None, "Domain name not found"), OSError(-2, "Domain name not found")])
def test_a_name_that_there_is_not_is_told_without_numbers(error: OSError) -> None:
    key = ConnectionKey("nobody.example", 80, False, True, None, None, None)
    told = problem_of(ClientConnectorDNSError(key, error), Sink("http://nobody.example/", lambda _: None))
    assert str(told) == "http://nobody.example/: expected an answer, got Domain name not found"


@pytest.mark.parametrize("announced", [True, False])
async def test_ten_megabytes_are_refused_before_they_fill_the_memory(serve: Serve, announced: bool) -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        if announced:
            response.content_length = 10_000_000
        await response.prepare(request)
        for _ in range(10_000):
            await response.write(bytes(1_000))
            sent += 1_000
        return response

    async with serve(answer) as url:
        found, text = await outcome(url + "/a.cfg", size=1_000_000)
    assert (found, "1000000" in text) == (Outcome.TOO_LARGE, True)
    assert sent < 10_000_000


@pytest.mark.parametrize("chunked", [True, False])
async def test_half_a_file_is_no_file(serve: Serve, chunked: bool) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if not chunked:
            response.content_length = 2 * len(FILE)
        await response.prepare(request)
        await response.write(FILE)
        assert request.transport is not None
        request.transport.close()
        return response

    async with serve(answer) as url:
        found, text = await outcome(url + "/a.cfg")
    assert (found, f"{len(FILE)} bytes" in text) == (Outcome.INCOMPLETE, True)


async def test_a_server_that_drips_is_left_in_time(serve: Serve) -> None:
    async with serve(dripping(0.01)) as url:
        found, text = await outcome(url + "/a.cfg", seconds=0.2)
    assert (found, "0.2 s" in text) == (Outcome.TIMED_OUT, True)


async def test_a_server_that_never_answers_is_left_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    found, text = await outcome(f"http://127.0.0.1:{port}/a.cfg", seconds=0.2)
    server.close()
    assert (found, "silence" in text) == (Outcome.TIMED_OUT, True)


async def test_what_is_no_http_is_named_as_such() -> None:
    async def telnet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"login: \r\n\r\n")
        await reader.readline()
        writer.close()

    server = await asyncio.start_server(telnet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    found, _ = await outcome(f"http://127.0.0.1:{port}/a.cfg")
    server.close()
    assert found is Outcome.SERVER_ERROR


# --- redirects -------------------------------------------------------------------------------------


def redirector(count: int) -> object:
    async def answer(request: web.Request) -> web.StreamResponse:
        step = int(request.query.get("step", "0"))
        if step >= count:
            return web.Response(body=FILE)
        raise web.HTTPFound(f"/a.cfg?step={step + 1}")

    return answer


async def test_five_redirects_are_followed(serve: Serve) -> None:
    async with serve(redirector(5)) as url:
        assert await get(url + "/a.cfg") == FILE


@pytest.mark.parametrize("count", [6, 1_000_000])
async def test_redirects_without_end_are_not(serve: Serve, count: int) -> None:
    async with serve(redirector(count)) as url:
        found, text = await outcome(url + "/a.cfg")
    assert (found, "at most 5 redirects" in text) == (Outcome.REDIRECTS, True)


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/a", "tftp://127.0.0.1/a"])
async def test_a_redirect_to_another_protocol_is_refused(serve: Serve, target: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(target)

    async with serve(answer) as url:
        found, _ = await outcome(url + "/a.cfg")
    assert found is Outcome.REDIRECTS


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", "\u00e4" * 60 + ".example"])
async def test_a_redirect_to_a_host_that_no_resolver_takes_is_refused(serve: Serve, host: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"http://{host}/a.cfg"})

    async with serve(answer) as url:
        found, text = await outcome(url + "/a.cfg")
    assert (found, "names of 1 to 63 characters" in text) == (Outcome.FAILED, True)


async def test_a_redirect_to_what_is_no_url_is_refused(serve: Serve) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://[/a.cfg"})

    async with serve(answer) as url:
        found, text = await outcome(url + "/a.cfg")
    assert (found, "another text" in text) == (Outcome.REDIRECTS, True)


async def test_a_redirect_never_leads_out_of_https(serve: Serve, owner: Authority) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://127.0.0.1:9/a.cfg")

    trusting = ssl.create_default_context(cafile=str(owner.certificate))
    async with serve(answer, owner.server()) as url:
        found, text = await outcome(url + "/a.cfg", tls=trusting)
    assert (found, "a redirect to https" in text) == (Outcome.REDIRECTS, True)


async def test_the_login_does_not_follow_a_redirect_to_another_server(serve: Serve) -> None:
    told: list[str | None] = []

    async def other(request: web.Request) -> web.StreamResponse:
        told.append(request.headers.get("Authorization"))
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    async with serve(other) as elsewhere:

        async def answer(request: web.Request) -> web.StreamResponse:
            raise web.HTTPFound(elsewhere + "/a.cfg")

        async with serve(answer) as url:
            found, _ = await outcome(url + "/a.cfg", login=login(url))
    assert found is Outcome.LOGIN
    assert told == [None]


async def test_a_login_that_a_redirect_brings_is_for_the_place_it_names(serve: Serve) -> None:
    async def leads(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(elsewhere.replace("://", "://desk:geheim@") + "/a.cfg")

    async with serve(basic) as elsewhere, serve(leads) as url:
        assert await get(url + "/a.cfg") == FILE
        assert await get(url + "/a.cfg", login=login(url)) == FILE


# --- logins ----------------------------------------------------------------------------------------


async def basic(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Authorization") == "Basic ZGVzazpnZWhlaW0=":  # desk:geheim
        return web.Response(body=FILE)
    return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="phones"'})


def digest_server(algorithm: str = "SHA-256") -> object:
    """RFC 7616, written from its section 3.4, with qop=auth."""
    name = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}[algorithm]

    def h(text: str) -> str:
        return hashlib.new(name, text.encode()).hexdigest()

    async def answer(request: web.Request) -> web.StreamResponse:
        header = request.headers.get("Authorization", "")
        if header.startswith("Digest "):
            pairs = (part.strip().partition("=") for part in header[7:].split(","))
            given = {name: value.strip('"') for name, _, value in pairs}
            secret = h("desk:phones:geheim")
            wanted = h(
                f"{secret}:{given['nonce']}:{given['nc']}:{given['cnonce']}:auth:{h('GET:' + given['uri'])}"
            )  # fmt: skip
            if given["response"] == wanted and given["nonce"] == "n0nce":
                return web.Response(body=FILE)
        challenge = f'Digest realm="phones", nonce="n0nce", qop="auth", algorithm={algorithm}'
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    return answer


@pytest.mark.parametrize("handler", [basic, digest_server(), digest_server("MD5")], ids=["basic", "sha256", "md5"])
@pytest.mark.parametrize("place", ["settings", "url"])
async def test_a_login_is_given_when_asked_for(serve: Serve, handler: object, place: str) -> None:
    async with serve(handler) as url:
        if place == "settings":
            assert await get(url + "/a.cfg", login=login(url)) == FILE
        else:
            assert await get(url.replace("://", "://desk:geheim@") + "/a.cfg") == FILE


@pytest.mark.parametrize("handler", [basic, digest_server()], ids=["basic", "digest"])
async def test_a_wrong_login_is_named_and_the_password_is_not(serve: Serve, handler: object) -> None:
    async with serve(handler) as url:
        found, text = await outcome(url.replace("://", "://desk:falsch@") + "/a.cfg")
    assert (found, "login to be accepted" in text) == (Outcome.LOGIN, True)
    assert "falsch" not in text


async def test_no_login_where_one_is_wanted(serve: Serve) -> None:
    async with serve(basic) as url:
        found, text = await outcome(url + "/a.cfg")
    assert (found, "needs no login" in text) == (Outcome.LOGIN, True)


async def test_the_login_of_another_server_is_not_given(serve: Serve) -> None:
    async with serve(basic) as url:
        found, _ = await outcome(url + "/a.cfg", login=login("http://127.0.0.1:9"))
    assert found is Outcome.LOGIN


# --- certificates ----------------------------------------------------------------------------------


async def test_the_owners_authority_is_trusted(serve: Serve, owner: Authority) -> None:
    async with serve(give_file, owner.server()) as url:
        assert await get(url + "/a.cfg", tls=ssl.create_default_context(cafile=str(owner.certificate))) == FILE


async def test_a_foreign_certificate_is_refused(serve: Serve, owner: Authority, stranger: Authority) -> None:
    async with serve(give_file, stranger.server()) as url:
        found, text = await outcome(url + "/a.cfg", tls=ssl.create_default_context(cafile=str(owner.certificate)))
    assert (found, "certificate this phone trusts" in text) == (Outcome.UNTRUSTED, True)


async def test_a_certificate_for_another_name_is_refused(serve: Serve, owner: Authority) -> None:
    async with serve(give_file, owner.server()) as url:
        place = url.replace("127.0.0.1", "127.0.0.2")
        context = ssl.create_default_context(cafile=str(owner.certificate))
        assert (await outcome(place + "/a.cfg", tls=context))[0] in (Outcome.UNTRUSTED, Outcome.UNREACHABLE)
        local = url.replace("127.0.0.1", "ip6-localhost")
        assert (await outcome(local + "/a.cfg", tls=context))[0] in (Outcome.UNTRUSTED, Outcome.UNREACHABLE)


async def test_the_phone_shows_its_own_certificate(serve: Serve, owner: Authority) -> None:
    context = ssl.create_default_context(cafile=str(owner.certificate))
    context.load_cert_chain(*owner.issue("phone"))
    async with serve(give_file, owner.server(client=owner)) as url:
        assert await get(url + "/a.cfg", tls=context) == FILE


@pytest.mark.parametrize("own", ["none", "foreign"])
async def test_a_server_that_does_not_like_our_certificate_is_named(
    owner: Authority, stranger: Authority, own: str
) -> None:
    context = ssl.create_default_context(cafile=str(owner.certificate))
    if own == "foreign":
        context.load_cert_chain(*stranger.issue("phone"))
    with refusing(owner.server(client=owner)) as port:
        found, text = await outcome(f"https://127.0.0.1:{port}/a.cfg", tls=context)
    assert (found, "certificate" in text) == (Outcome.UNTRUSTED, True), text


@contextmanager
def refusing(tls: ssl.SSLContext) -> Iterator[int]:
    """A server of blocking sockets, which sends the alert that asyncio's own server forgets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client.dup() as lingering, suppress(OSError):
                        with suppress(ssl.SSLError):
                            tls.wrap_socket(client, server_side=True).recv(1)
                        lingering.shutdown(socket.SHUT_WR)
                        while lingering.recv(4_096):
                            pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


async def test_an_unchanged_file_is_not_sent_again(serve: Serve) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304)
        return web.Response(body=FILE, headers={"ETag": '"v1"'})

    async with serve(answer) as url:
        assert await get(url + "/a.cfg") == FILE
        assert await get(url + "/a.cfg", etag='"v1"') == b""
