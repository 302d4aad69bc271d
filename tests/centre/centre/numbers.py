"""The one table of service numbers: what a phone on this server can dial to try itself. --help prints it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceNumber:
    """How a number behaves.

    `ring` seconds of 180 (or of early media) before the final answer; None = until cancelled; 0 = none.
    `early` plays the medium in a 183 before the answer. `code` is the final answer.
    """

    number: str
    help: str
    media: str = "silence"
    code: int = 200
    ring: float | None = 0.0
    early: bool = False
    redirect_to: str = ""
    headers: tuple[tuple[str, str], ...] = ()


TABLE: tuple[ServiceNumber, ...] = (
    ServiceNumber("9180", "early media: 183 with a tone, answers after 2 s", media="milliwatt", ring=2.0, early=True),
    ServiceNumber("9196", "echo: every RTP packet comes back, any codec", media="echo"),
    ServiceNumber("9302", "moved: 302 to 9196", code=302, redirect_to="9196"),
    ServiceNumber("9404", "404 Not Found", code=404),
    ServiceNumber("9408", "no answer: rings until cancelled", ring=None),
    ServiceNumber("9486", "busy: 486 Busy Here", code=486),
    ServiceNumber("9500", "500 Server Internal Error", code=500),
    ServiceNumber("9503", "503 Service Unavailable with Retry-After: 5", code=503, headers=(("Retry-After", "5"),)),
    ServiceNumber("9603", "603 Decline", code=603),
    ServiceNumber("9664", "milliwatt: 1004 Hz at 0 dBm0 (PCMU, PCMA)", media="milliwatt"),
)

SERVICE_NUMBERS = {row.number: row for row in TABLE}


def help_text() -> str:
    """The table as lines for --help."""
    return "service numbers:\n" + "\n".join(f"  {row.number}  {row.help}" for row in TABLE)
