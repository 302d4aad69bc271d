"""HTTP and HTTPS: one GET with a bounded answer, our own redirects, Digest (RFC 7616) or Basic when asked.

Law: fetches, judges nothing. A redirect never leads from https to http, and never carries a login to another origin.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import ssl
import zlib
from urllib.parse import quote, urljoin

import aiohttp

from deskphone import http_challenge
from deskphone.provision import answer_head
from deskphone.provision.address import Address, Login, address
from deskphone.provision.options import Options
from deskphone.provision.problem import Outcome, Problem
from deskphone.provision.sink import Sink

REDIRECTS = (301, 302, 303, 307, 308)
MAX_REDIRECTS = 5
WHOLE = (200, 203)  # 203: a proxy touched it
MISSING = (404, 410)
DENIED = (401, 403, 407)
CONNECT = 10.0  # seconds for the TCP connection
PIECE = 65_536  # bytes read at once
HEADER_LIMIT = 8_190  # bytes of one header line
ANSWERS = 3  # requests at most: without a login, with one, and again where the nonce was stale (RFC 7616)
CODINGS = ("br", "zstd", "dcb", "dcz", "compress", "x-compress", "exi", "aes128gcm", "pack200-gzip", "bzip2", "xz")
"""What we cannot undo, of IANA's list and beside it. Servers write more into Content-Encoding for a file as it is:
identity, none, binary, the name of a character set."""
ZIPPED = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's window bits
RAW_DEFLATE = -15  # what some servers mean by deflate (RFC 1951 without RFC 1950)
_TAG = re.compile(r"[ -~\xa0-\xff]{1,256}")  # RFC 9110 section 8.8.3, loosely: what may be sent back
_EIGHT_BITS = re.compile(r"[^\x00-\x7f]+")
_RANGE = re.compile(r"bytes 0-(\d{1,10})/(\d{1,10})", re.IGNORECASE | re.ASCII)


async def fetch(place: Address, sink: Sink, options: Options, etag: str = "") -> tuple[str, str]:
    """GET into the sink; the ETag of the answer, or "" where it has none, and the URL that gave it after all redirects.
    An unchanged file (304) gives `etag`.

    Problem for everything that is not the whole file.
    """
    timeout = aiohttp.ClientTimeout(sock_connect=CONNECT, sock_read=sink.stall)
    try:
        async with (
            asyncio.timeout(sink.seconds),
            aiohttp.ClientSession(
                connector=answer_head.mending(aiohttp.TCPConnector(ssl=options.tls, limit=2, force_close=True)),
                cookie_jar=aiohttp.CookieJar(unsafe=True),  # of this visit alone; unsafe: of addresses too
                headers={"User-Agent": options.user_agent, "Accept-Encoding": "identity"},
                timeout=timeout,
                auto_decompress=False,
                max_line_size=HEADER_LIMIT,
                max_field_size=HEADER_LIMIT,
            ) as session,
        ):
            return await _follow(session, place, sink, options, etag)
    except aiohttp.ClientError as error:  # before TimeoutError: some are both
        raise _problem(error, sink) from error
    except TimeoutError:
        raise _timed_out(sink) from None


def _timed_out(sink: Sink) -> Problem:
    return sink.slow() if sink.taken else Problem(Outcome.TIMED_OUT, sink.url, "an answer in time", "silence")


async def _follow(
    session: aiohttp.ClientSession, place: Address, sink: Sink, options: Options, etag: str
) -> tuple[str, str]:
    # A login in the URL is meant for the server it names; it wins over the one of the settings.
    login = place.login or options.login
    here = place
    for _ in range(MAX_REDIRECTS + 1):
        # One that a server puts into a redirect is its own, for the place it names.
        mine = here.login or (login if login is not None and login.origin == here.origin else None)
        async with await _get(session, here, mine, etag if here is place else "") as answer:
            if answer.status not in REDIRECTS:
                return await _take(answer, sink, mine is not None, etag), here.url
            here = _next(here, answer.headers.get("Location", ""), sink)
    raise Problem(Outcome.REDIRECTS, sink.url, f"at most {MAX_REDIRECTS} redirects", "another one")


def _escaped(match: re.Match[str]) -> str:
    """Letters beyond ASCII as a URL has them (RFC 3986 section 2.1), of whatever character set they are."""
    return quote(match[0].encode("utf-8", "surrogateescape"))


def _next(here: Address, location: str, sink: Sink) -> Address:
    if not location:
        raise Problem(Outcome.REDIRECTS, sink.url, "a redirect with a Location", "one without it")
    try:
        there = address(urljoin(here.url, _EIGHT_BITS.sub(_escaped, location).replace("\\", "/")))
    except ValueError:
        raise Problem(Outcome.REDIRECTS, sink.url, f"a redirect to {here.scheme}", "another text") from None
    if there.scheme not in ("http", "https") or (here.scheme == "https" and there.scheme == "http"):
        raise Problem(Outcome.REDIRECTS, sink.url, f"a redirect to {here.scheme}", f"one to {there.scheme}")
    return there


async def _get(session: aiohttp.ClientSession, here: Address, login: Login | None, etag: str) -> aiohttp.ClientResponse:
    headers = {"If-None-Match": etag} if _TAG.fullmatch(etag) else {}
    answer = await session.get(here.url, headers=headers, allow_redirects=False)
    if login is None or answer.status != 401:
        return answer
    if ":" in login.user:
        answer.close()
        raise Problem(Outcome.LOGIN, here.url, "a user name without a colon (RFC 7616, RFC 7617)", "one with it")
    for times in range(1, ANSWERS):
        asked = http_challenge.best(http_challenge.read(answer.headers.getall("WWW-Authenticate", ())))
        if answer.status != 401 or asked is None or (times > 1 and not asked.stale):
            break
        uri = answer.request_info.url.raw_path_qs
        answer.close()
        headers["Authorization"] = http_challenge.answer(
            asked, login.user, login.password.reveal(), uri, secrets.token_hex(16)
        )
        answer = await session.get(here.url, headers=headers, allow_redirects=False)
    return answer


async def _take(answer: aiohttp.ClientResponse, sink: Sink, asked: bool, etag: str) -> str:
    status = f"{answer.status} {answer.reason or ''}".strip()
    if answer.status == 304 and etag:
        return etag
    if answer.status in MISSING:
        raise Problem(Outcome.NOT_FOUND, sink.url, "a file", status)
    if answer.status in DENIED:
        why = "the login to be accepted" if asked else "a file that needs no login"
        raise Problem(Outcome.LOGIN, sink.url, why, status)
    if answer.status not in WHOLE and not _all_of_it(answer):
        raise Problem(Outcome.SERVER_ERROR, sink.url, "200 OK", status)
    codings = [word.strip().lower() for word in answer.headers.get("Content-Encoding", "").split(",")]
    coded = [word for word in codings if word in ZIPPED or word in CODINGS]
    if len(coded) > 1 or (coded and coded[0] not in ZIPPED):
        raise Problem(Outcome.SERVER_ERROR, sink.url, "the file as it is, or by gzip", f"content coding {coded[0]}")
    if coded:
        await _unzip(answer, sink, ZIPPED[coded[0]])
        return _tag(answer)
    if answer.content_length is not None:
        sink.announce(answer.content_length)
    async for piece in answer.content.iter_chunked(PIECE):
        sink.take(piece)
    return _tag(answer)


def _tag(answer: aiohttp.ClientResponse) -> str:
    """The ETag; "" for one that no request may have, which aiohttp would refuse to send at each later visit."""
    tag = answer.headers.get("ETag", "").strip()
    return tag if _TAG.fullmatch(tag) else ""


def _all_of_it(answer: aiohttp.ClientResponse) -> bool:
    """Whether a 206, which was not asked for, brings the whole file (RFC 9110 section 14.4)."""
    ranged = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    return answer.status == 206 and ranged is not None and int(ranged[1]) + 1 == int(ranged[2])


async def _unzip(answer: aiohttp.ClientResponse, sink: Sink, bits: int) -> None:
    """The sink's limit is that of the file itself: a small answer cannot become a large one in memory. Of gzip several
    members may follow each other (RFC 1952 section 2.2), and zeros that fill up a block."""
    unzip, first, came = zlib.decompressobj(bits), True, 0
    try:
        async for piece in answer.content.iter_chunked(PIECE):
            if first and bits == ZIPPED["deflate"] and piece[0] & 0x0F != zlib.DEFLATED:
                unzip = zlib.decompressobj(RAW_DEFLATE)
            first = False  # a head may come alone: what gave nothing yet is no sign
            came += len(piece)
            sink.announce(came - PIECE)  # members that are empty and zeros behind them fill no file, and have no end
            while piece:
                if unzip.eof:
                    piece = piece.lstrip(b"\0") if bits == ZIPPED["gzip"] else b""  # noqa: PLW2901 - what is left of it
                    if not piece:
                        break
                    unzip = zlib.decompressobj(bits)
                sink.take(unzip.decompress(piece, PIECE))
                piece = unzip.unconsumed_tail or unzip.unused_data  # noqa: PLW2901 - what did not fit yet
    except zlib.error:
        raise Problem(Outcome.SERVER_ERROR, sink.url, "what Content-Encoding says", "other bytes") from None
    if not unzip.eof:
        raise Problem(Outcome.INCOMPLETE, sink.url, "the whole file", f"{sink.taken} bytes, then the end")


def _problem(error: aiohttp.ClientError, sink: Sink) -> Problem:
    """What aiohttp says, in our words."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Problem(Outcome.UNREACHABLE, sink.url, "an answer", "silence")
    if isinstance(error, aiohttp.ServerTimeoutError):
        return _timed_out(sink)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
        return Problem(Outcome.UNTRUSTED, sink.url, "a certificate this phone trusts", reason)
    if isinstance(error, aiohttp.ClientSSLError):
        return Problem(Outcome.UNTRUSTED, sink.url, "TLS with a good certificate", str(error.os_error))
    if isinstance(error, aiohttp.ClientPayloadError):
        return Problem(Outcome.INCOMPLETE, sink.url, "the whole file", f"{sink.taken} bytes, then the end")
    if isinstance(error, aiohttp.ClientConnectorError):
        number, said = error.os_error.errno or 0, error.os_error.strerror  # of a name server: below zero, or none
        known = os.strerror(number) if number > 0 else said
        return Problem(Outcome.UNREACHABLE, sink.url, "an answer", known or str(error.os_error))
    if isinstance(error, aiohttp.ClientOSError) and isinstance(error.__cause__, ssl.SSLError):
        # TLS 1.3: a server that wants another client certificate says so after the handshake, by an alert.
        alert = (error.__cause__.reason or str(error.__cause__)).replace("_", " ").lower()
        return Problem(Outcome.UNTRUSTED, sink.url, "our certificate to be accepted", alert)
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
        return Problem(Outcome.UNREACHABLE, sink.url, "an answer", "a closed connection")
    if isinstance(error, aiohttp.ClientResponseError):
        said = " ".join(line.strip() for line in error.message.splitlines()[:2])
        return Problem(Outcome.SERVER_ERROR, sink.url, "an answer in HTTP", said.rstrip(" :") or "other bytes")
    return Problem(Outcome.SERVER_ERROR, sink.url, "an answer in HTTP", f"{type(error).__name__} {error}")
