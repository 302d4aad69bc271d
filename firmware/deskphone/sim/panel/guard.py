"""Who may use the panel: its own page and programs on purpose, never another web site's page.

Law: one question, the headers of every answer, and the answers of refusal. The page can hear the microphone and press
keys, so a foreign page must reach it neither by a forged request (CSRF: Origin, Sec-Fetch-Site) nor by a name it
points at this machine's address (DNS rebinding: Host). There is no CORS: nothing is ever allowed to a foreign origin.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from deskphone.host_names import host_is_ours, origin_is
from deskphone.sim.panel.http import Request, Response


def refusal(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error a person can read: `{"error": sentence}`."""
    return Response(status, json.dumps({"error": sentence}).encode(), headers=headers or {})


def from_browser(request: Request) -> bool:
    """Whether a web page made this request (browsers always send one of these on a POST or a WebSocket)."""
    return any(name in request.headers for name in ("origin", "referer", "sec-fetch-site"))


def origin_is_ours(request: Request) -> bool:
    """Whether the request comes from the panel's own page, or from a program that is no browser."""
    origin = request.headers.get("origin")
    if origin is not None:
        return origin_is(origin, request.headers.get("host", ""), ("http", "https"))
    site = request.headers.get("sec-fetch-site", "none")
    if site in ("none", "same-origin"):
        return True
    # Another site may link to the front page (a navigation), and to nothing else.
    return request.path == "/" and request.headers.get("sec-fetch-mode") == "navigate"


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


def objection(request: Request, bound: str) -> Response | None:
    """Why a panel bound to `bound` does not take this request; None where it does."""
    host = request.headers.get("host", "")
    if not host_is_ours(host, bound):
        return refusal(403, f"Host {host[:80]!r} is no name of this phone; use its address or localhost")
    if not origin_is_ours(request):
        return refusal(403, "this request comes from another web site; only the panel's own page may ask")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and from_browser(request) and kind != "application/json":
        return refusal(415, "send Content-Type: application/json")
    return None


def headers(request: Request | None, bound: str) -> dict[str, str]:
    """What stands on every answer of a panel bound to `bound`, whatever was asked."""
    host = request.headers.get("host", "") if request is not None else ""
    safe = host_is_ours(host, bound) and host.isascii() and ";" not in host
    return _headers(host if safe else "localhost")
