"""Fields of a JSON request body, each with its kind; what is wrong is said in the words of the person who sent it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Json = dict[str, Any]
Action = Callable[[Json], Awaitable[Any]]


class BadField(ValueError):
    """A field of the JSON body that is missing or of the wrong kind."""


def text(body: Json, name: str, default: str | None = None) -> str:
    """A string on one line; only `body` may have several."""
    value = body.get(name, default)
    if not isinstance(value, str) or "\r" in value or (name != "body" and "\n" in value):
        raise BadField(f"{name}: expected a string, got {value!r}")
    return value


def whole(body: Json, name: str, default: int | None = None) -> int:
    """A whole number."""
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadField(f"{name}: expected a whole number, got {value!r}")
    return value


def a_switch(body: Json, name: str, default: bool) -> bool:
    """true or false."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise BadField(f"{name}: expected true or false, got {value!r}")
    return value


def seconds(body: Json, name: str, default: float | None = None) -> float | None:
    """Seconds, or null."""
    value = body.get(name, default)
    if value is not None and (not isinstance(value, (int, float)) or isinstance(value, bool) or value < 0):
        raise BadField(f"{name}: expected seconds or null, got {value!r}")
    return value


def headers(body: Json) -> tuple[tuple[str, str], ...]:
    """SIP headers: an object of strings, or a list of [name, value]."""
    value = body.get("headers", {})
    pairs = list(value.items()) if isinstance(value, dict) else value
    if not isinstance(pairs, list) or not all(
        len(pair) == 2 and all(isinstance(part, str) and not set(part) & set("\r\n") for part in pair) for pair in pairs
    ):
        raise BadField("headers: expected an object of strings, or a list of [name, value]")
    return tuple((name, value) for name, value in pairs)
