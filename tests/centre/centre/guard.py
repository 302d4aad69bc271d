"""Who may speak to the control API: the desktop's own page and programs on purpose, never another web site's page.

Law: a page of another site must reach it neither by a forged request (Origin, Sec-Fetch-Site) nor by a name that its
owner points at this machine (Host: DNS rebinding). Nothing is ever allowed to another origin: there is no CORS.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def is_ours(netloc: str, bound: str) -> bool:
    """Whether a Host header names this machine: an address, localhost, or the name it is bound to."""
    try:
        name = urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return False
    if name in ("localhost", bound.lower()):
        return bool(name)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def same_origin(request: web.Request) -> bool:
    """Whether the request comes from our own page, or from a program that is no browser; anybody may link to "/"."""
    origin = request.headers.get("Origin")
    if origin is not None:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.netloc.lower() == request.headers.get("Host", "").lower()
    if request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
        return True
    return request.path == "/" and request.headers.get("Sec-Fetch-Mode") == "navigate"


def guard(bound: str) -> Middleware:
    """The middleware for a server bound to `bound`: 403 for whom it refuses."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        if not is_ours(host, bound):
            return web.json_response({"error": f"Host {host[:80]!r} is no name of this machine"}, status=403)
        if not same_origin(request):
            return web.json_response({"error": "this request comes from another web site"}, status=403)
        return await handler(request)

    return check


def prepare() -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """The signal that puts `HEADERS` on every answer, event streams too."""

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)

    return add
