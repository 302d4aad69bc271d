"""What a call knows of the user agent around it, and what its parts know of the call.

Law: shapes only, so that `call` and its parts (`digits`, `holding`) need not import each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from deskphone.config.settings import Settings
from deskphone.core.events import Event
from deskphone.sip.policy.dialogs import Dialog
from deskphone.sip.policy.sender import Sender
from deskphone.sip.stack.loop import Loop
from deskphone.sip.stack.switchboard import Switchboard
from deskphone.wire.message import Response


class News:
    """What one call has told the core: nothing comes after its end, whichever answers are still to come.

    post: takes every event. `over`: the end is told.
    """

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self.over = False

    def tell(self, event: Event) -> None:
        """Post it, unless the end is told."""
        if not self.over:
            self._post(event)

    def end(self, event: Event) -> None:
        """Post the end, once."""
        self.tell(event)
        self.over = True


class Registered(Protocol):
    """What `holding` knows of the registration that a call lives on. moves: how often its Contact has changed."""

    moves: int


class PjCall(Protocol):
    """What `digits`, `holding` and `transfer` use of a `call.Leg`; the methods are pjsua2's."""

    name: str
    call_id: str
    around: Surroundings
    outgoing: bool
    over: bool
    news: News
    confirmed: bool

    @property
    def account(self) -> Registered: ...

    def setHold(self, prm: Any) -> None: ...

    def reinvite(self, prm: Any) -> None: ...

    def sendDtmf(self, prm: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every call needs of the user agent. unproved: Call-IDs whose newest challenge nobody answers.
    reported(call, answer): a NOTIFY of ours in the call's dialog was answered."""

    settings: Settings
    loop: Loop
    board: Switchboard
    post: Callable[[Event], None]
    replaced: Callable[[Any, Any], None]
    dialog: Callable[[Dialog], None]
    sender: Callable[[str], Sender]
    unproved: set[str]
    reported: Callable[[str, Response], None]
