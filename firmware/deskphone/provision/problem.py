"""Why a file could not be had, in a word for the screen and a line for the journal.

Law: every failure of a download leaves this folder as a Problem. No text holds a user or password of a URL.
"""

from __future__ import annotations

import re
from enum import StrEnum

from deskphone.config import url_secrets
from deskphone.config.diagnostic import one_line

LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")  # RFC 3986 section 3.2.1, as far as the last @
_WORD = re.compile(r"\S+")


class Outcome(StrEnum):
    """What came of a check; the words of the screen are `outcome:<value>` in view/words/."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OFF = "off"
    NO_SOURCE = "no_source"
    NOT_FOUND = "not_found"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    TOO_LARGE = "too_large"
    INCOMPLETE = "incomplete"
    REDIRECTS = "redirects"
    PLAIN = "plain"
    UNTRUSTED = "untrusted"
    LOGIN = "login"
    SERVER_ERROR = "server_error"
    REFUSED = "refused"
    NOT_KEPT = "not_kept"
    FAILED = "failed"


QUIET = (Outcome.NOT_FOUND, Outcome.UNREACHABLE)
"""A server that is away or has no file for this phone: on the status page, but nothing was refused."""


class Problem(Exception):
    """A download that failed. `str()` is one line: where, what was expected, what came instead."""

    def __init__(self, outcome: Outcome, url: str, expected: str, got: str) -> None:
        self.outcome = outcome
        where = "".join(char if char.isprintable() else "_" for char in url)  # a redirect may say anything
        super().__init__(without_login(f"{where}: expected {expected}, got {one_line(got)}"))


def strip_login(url: str) -> str:
    """The URL itself without `user:password@`; it still means the same file."""
    return LOGIN.sub("", url, count=1)


def without_login(text: str) -> str:
    """A text for people: no user and password in any URL in it, `***@` for what might be one, and `***` for what a
    query may hold."""
    return url_secrets.in_text(_WORD.sub(_doubtful, LOGIN.sub("", text)))


def _doubtful(word: re.Match[str]) -> str:
    """A word with a URL in it, without what is before its last @: of a file's name, or of a password that forgot its
    %2F."""
    scheme, mark, rest = word[0].partition("://")
    return f"{scheme}://***@{rest.rpartition('@')[2]}" if mark and "@" in rest else word[0]
