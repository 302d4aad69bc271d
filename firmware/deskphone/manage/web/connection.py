"""One connection of the web server, as aiohttp's: what it answers to what is no HTTP, and what every answer says.

Law: who sends no request learns nothing from the answer, neither what serves nor what was sent, and fills no journal.
Who sends more than is being answered is cut off before it takes memory.
"""

from __future__ import annotations

from aiohttp import web

from deskphone.manage.web.api import error

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser says Origin: null of our own forms (Fetch 4.1)
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(), camera=(), geolocation=()",
    "Server": "deskphone",
}
MOST_AHEAD = 16  # requests that may wait behind the one that is being answered; browsers send none
PIECE = 16_384  # bytes that are read before these are counted: some 400 of the shortest


class Connection(web.RequestHandler):
    """aiohttp's protocol of a connection; a body is taken as it is, not unpacked."""

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        """asyncio.Protocol: requests and their bodies. aiohttp keeps all that comes ahead of its turn (before 3.14) and
        what comes behind a wish to speak WebSocket, which nobody here does: the connection of such a guest ends.
        Of nothing: aiohttp (from 3.14 on) goes on with what it has, as the end of a body at which it had paused."""
        for at in range(0, max(1, len(data)), PIECE):
            super().data_received(data[at : at + PIECE])
            if len(self._messages) > MOST_AHEAD or self._message_tail:
                self._message_tail = b""
                self.force_close()
                if self.transport is not None:
                    self.transport.abort()
                return

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The answer to what is no request (400), and to a bug of ours, which the journal tells; that a guest went away
        in the middle is none. ConnectionError: an answer has begun already."""
        if isinstance(exc, UnicodeEncodeError) and "Expect" in request.headers:
            status = 400  # an Expect that is no text: aiohttp stumbles over it in its own refusal, before our code runs
        if status >= 500 and not isinstance(exc, ConnectionError):
            self.log_exception("%s %s raised", request.method, request.path, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun")
        words = "this is no request" if status < 500 else "the web interface could not answer; its journal says why"
        answer = error(status, words, **HEADERS)
        answer.force_close()
        return answer


async def prepare(request: web.Request, response: web.StreamResponse) -> None:
    """aiohttp's on_response_prepare: what every answer says."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = HEADERS["Server"]
    response.headers.setdefault("Cache-Control", "no-store")
