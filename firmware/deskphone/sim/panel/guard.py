"""Who may speak to the panel: its own page and programs on purpose, never another web site's page.

Law: one middleware and the answers of refusal. The page can hear the microphone and press keys, so a foreign
page must reach it neither by a forged request (Origin, Sec-Fetch-Site) nor by a name it points at this
machine's address (Host). There is no CORS: nothing is ever allowed to a foreign origin.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from deskphone.host_names import host_is_ours

Prepare = Callable[[web.Request, web.StreamResponse], Awaitable[None]]

BODY_LIMIT = 4096
"""Bytes of a request's body: a key, a hook or a line of text."""


def refusal(status: int, sentence: str) -> web.Response:
    """An error a person can read: `{"error": sentence}`."""
    return web.json_response({"error": sentence}, status=status)


def from_browser(request: web.Request) -> bool:
    """Whether a web page made this request (browsers always send one of these on a POST or a WebSocket)."""
    return any(name in request.headers for name in ("Origin", "Referer", "Sec-Fetch-Site"))


def origin_is_ours(request: web.Request) -> bool:
    """Whether the request comes from the panel's own page, or from a program that is no browser."""
    origin = request.headers.get("Origin")
    if origin is not None:
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and parts.netloc.lower() == request.headers["Host"].lower()
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site in ("none", "same-origin"):
        return True
    # Another site may link to the front page (a navigation), and to nothing else.
    return request.path == "/" and request.headers.get("Sec-Fetch-Mode") == "navigate"


def _headers(host: str) -> dict[str, str]:
    return {
        # ws: beside 'self' for browsers whose 'self' does not cover WebSockets (CSP level 2).
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; "
            f"connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Cache-Control": "no-cache",
    }


def guard(bound: str) -> tuple[Middleware, Prepare]:
    """The middleware for a panel bound to `bound`, and the signal that puts the headers on every answer."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        if not host_is_ours(host, bound):
            return refusal(403, f"Host {host[:80]!r} is no name of this phone; use its address or localhost")
        if not origin_is_ours(request):
            return refusal(403, "this request comes from another web site; only the panel's own page may ask")
        if request.method == "POST" and from_browser(request) and request.content_type != "application/json":
            return refusal(415, "send Content-Type: application/json")
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return refusal(413, f"the body is larger than {BODY_LIMIT} bytes")
        except web.HTTPNotFound:
            return refusal(404, f"no such page: {request.path[:80]}")
        except web.HTTPMethodNotAllowed as error:
            allowed = ", ".join(sorted(error.allowed_methods))
            return refusal(405, f"{request.path[:80]} takes {allowed}, not {request.method[:16]}")

    async def prepare(request: web.Request, response: web.StreamResponse) -> None:
        host = request.headers.get("Host", "")
        safe = host if host_is_ours(host, bound) and host.isascii() and ";" not in host else "localhost"
        for name, value in _headers(safe).items():
            response.headers.setdefault(name, value)

    return check, prepare
