"""What in a URL may be a secret: user and password (RFC 3986 section 3.2.1), and the values of its query, where servers
look for tokens, keys and signatures.

Law: text in, text for people out, the same when it is given again. A value of a query is shown only where its name says
that it is none, or where it is a place holder or of three characters; the path is shown, for without it nobody finds
the file.
"""

from __future__ import annotations

import re

from deskphone.config.secret import MASK

MASKED_USER = f"://{MASK}@"
_LOGIN = re.compile(r"://[^/?#\s]*@")
_QUERY = re.compile(r"(://(?:[^\s?#\"'<>:]|:(?!//)|<\w{1,8}>){0,1024})([?#])([^\s\"']*)")
_SHOWN = frozenset(
    ("mac", "model", "file", "filename", "type", "version", "ver", "v", "lang", "format", "vendor", "site")
)
_PART = re.compile(r"([?#&;])([^?#&;=\s]{0,128}=)?([^&;#\s\"']*)")
_OPEN = re.compile(
    r"(?:[\w.-]{1,3}|<\w{1,8}>|[0-9A-Fa-f]{12}|(?:<\w{1,8}>|[\w-]{1,64})\.(?:cfg|txt|php|img))?", re.IGNORECASE
)
_HIDDEN = re.compile(r"[?#&;=]" + re.escape(MASK) + r"(?![^&;#])")


def masked(url: str) -> str:
    """One URL: `***` for user and password, to the last @, and for each value of its query."""
    return _QUERY.sub(lambda found: _hidden(found, ""), _without_user(url))


def _without_user(url: str) -> str:
    """To the last @, for a password with an unescaped slash is still one."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{MASKED_USER}{rest.rpartition('@')[2]}" if mark and "@" in rest else url


def in_text(text: str) -> str:
    """A text with URLs in it: the values of their queries as `***`, and user and password as far as they are told from
    the rest."""
    if "://" not in text:
        return text
    return _QUERY.sub(lambda found: _hidden(found, ":.,)"), _LOGIN.sub(MASKED_USER, text))


def of_a_fault(text: str) -> str:
    """What may be told of a text that should have been a URL: nothing before its last @, no value of a query."""
    rest = text.rpartition("@")[2]
    return masked(rest) if "://" in rest else masked(f"://{rest}")[3:]


def holds_one(url: str) -> bool:
    """Whether a URL has what `masked` hides."""
    return "@" in url or masked(url) != url


def is_masked(url: str) -> bool:
    """Whether it is a URL as `masked` gives it back: its secrets are not in it."""
    return MASKED_USER in url or ("://" in url and _HIDDEN.search(url) is not None)


def values(url: str) -> tuple[str, ...]:
    """The secrets in the query of a URL, as they stand there."""
    found = _QUERY.search(_without_user(url))
    if found is None:
        return ()
    return tuple(each[3] for each in _PART.finditer(found[2] + found[3]) if not _is_open(each[2], each[3]))


def _is_open(name: str | None, value: str) -> bool:
    return (name or "").rstrip("=").lower() in _SHOWN or value.startswith(MASK) or _OPEN.fullmatch(value) is not None


def _hidden(found: re.Match[str], signs: str) -> str:
    """A URL as far as its query, and that with `***` for its values. signs: that end a sentence, and no value."""

    def hide(part: re.Match[str]) -> str:
        value = part[3].rstrip(signs)
        return part[0] if _is_open(part[2], value) else f"{part[1]}{part[2] or ''}{MASK}{part[3][len(value) :]}"

    return found[1] + _PART.sub(hide, found[2] + found[3])
