"""The code by which the first password of the web pages is set: drawn here, shown on the display, brought by the page.

Law: time is an argument. A code lives LIFE seconds and TRIES attempts, and after its end no other is drawn until PAUSE
seconds after it was drawn: six guesses a minute at 100 million codes, were nobody to notice the display.
"""

from __future__ import annotations

import hmac
import secrets

LIFE = 300.0  # seconds
TRIES = 3
PAUSE = 30.0  # seconds from one code to the next
DIGITS = 8


class FirstPassword:
    """At most one code at a time. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._code, self._until, self._left, self._next = "", 0.0, 0, 0.0

    def over(self, now: float) -> bool:
        """Whether there is no code that could be right."""
        return not self._code or now >= self._until

    def draw(self, now: float) -> str:
        """The code to show: the one that lives, else a new one; "" where it is too soon for one (`pause`)."""
        if not self.over(now):
            return self._code
        if now < self._next:
            return ""
        self._code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
        self._until, self._left, self._next = now + LIFE, TRIES, now + PAUSE
        return self._code

    def pause(self, now: float) -> float:
        """Seconds until another code may be drawn."""
        return max(0.0, self._next - now)

    def life(self, now: float) -> float:
        """Seconds that the code has left."""
        return max(0.0, self._until - now)

    def takes(self, code: str, now: float) -> bool:
        """Whether it is the code; each wrong one costs one of TRIES, and the right one is over with it."""
        if self.over(now):
            return False
        self._left -= 1
        good = hmac.compare_digest(code.replace(" ", "").encode("utf-8", "replace"), self._code.encode())
        if good or not self._left:
            self._code = ""
        return good
