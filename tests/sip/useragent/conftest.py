"""The real user agent with a far end on loopback, for the tests of this folder."""

from __future__ import annotations

import asyncio
import gc
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from deskphone.config.secret import Secret
from deskphone.config.settings import Settings
from deskphone.core.effects import Account, Answer, Configure, Dial, Effect, Register, Ring
from deskphone.core.events import CallEstablished, CallIncoming, CallMedia, Event, Registered
from deskphone.sip.options import UserAgentOptions
from deskphone.sip.policy.sender import MARK
from deskphone.sip.stack.useragent import PjsuaUserAgent
from deskphone.view.outputs import Audio, Lamps, Outputs, Screen
from deskphone.wire.message import Request
from tests.sip.useragent.peer import Dialog, Peer, Rtp, answered, sdp

E = TypeVar("E", bound=Event)
PATIENCE = 40.0
"""Seconds for the transports: pjsip asks the resolver for our own name, and in a namespace nobody answers."""
TIMEOUT = 5.0


class Phone:
    """The user agent on a thread of its own, its events in a queue."""

    def __init__(self, options: UserAgentOptions, settings: Settings) -> None:
        self.agent = PjsuaUserAgent(options)
        self.settings = settings
        self.events: list[Event] = []
        self.failure: BaseException | None = None
        self._queue: queue.Queue[Event] = queue.Queue()
        self._kept: list[Event] = []
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        self.do(Configure(settings))
        wait_for(lambda: self.agent.address[1] > 0 or self.failure is not None, "the SIP transport", PATIENCE)

    def do(self, *effects: Effect) -> None:
        """Perform these."""
        for effect in effects:
            self.agent.perform(effect)

    def sound(self, audio: Audio) -> None:
        """Be heard and hear so."""
        self.agent.show(Outputs(Screen("call", ""), Lamps(), None, audio))

    def expect(self, kind: type[E], within: float = TIMEOUT, **fields: Any) -> E:
        """The next event of that kind with these fields; others are kept for later."""

        def fits(event: Event) -> bool:
            return isinstance(event, kind) and all(getattr(event, key) == value for key, value in fields.items())

        for event in self._kept:
            if fits(event):
                self._kept.remove(event)
                return event  # type: ignore[return-value]
        until = time.monotonic() + within
        while True:
            try:
                event = self._queue.get(timeout=max(0.001, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kind.__name__} {fields} within {within} s; kept: {self._kept}") from None
            if fits(event):
                return event  # type: ignore[return-value]
            self._kept.append(event)

    def nothing(self, kind: type[Event], within: float = 0.3) -> None:
        """No event of that kind for so long."""
        try:
            event = self.expect(kind, within)
        except AssertionError:
            return
        raise AssertionError(f"unexpected {event}")

    def stop(self) -> None:
        """Cancel `run` and wait for the SIP thread."""
        if self._task is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)
        assert not self._thread.is_alive(), "the user agent did not stop"

    def _live(self) -> None:
        def post(event: Event) -> None:
            self.events.append(event)
            self._queue.put(event)

        async def live() -> None:
            self._task = asyncio.ensure_future(self.agent.run(post))
            try:
                await self._task
            except asyncio.CancelledError:
                return
            except BaseException as error:
                self.failure = error

        self._loop.run_until_complete(live())
        self._loop.close()


def address_of(phone: Phone) -> str:
    """The Contact that the phone gave its server."""
    return f"sip:1502@127.0.0.1:{phone.agent.address[1]};{MARK}={phone.agent._registrations.mark}"


def talk_out(phone: Phone, peer: Peer, rtp: Rtp, name: str = "out-1", **body: Any) -> tuple[Request, Dialog]:
    """An established call from the phone; the INVITE, and the peer's side of the dialog."""
    phone.do(Dial(name, 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 180, "Ringing")
    peer.reply(invite, 200, "OK", (), sdp(rtp.port, **body))
    peer.request("ACK")
    phone.expect(CallEstablished, call=name)
    phone.expect(CallMedia, call=name)
    return invite, answered(invite)


def call_in(phone: Phone, peer: Peer, rtp: Rtp) -> Dialog:
    """An answered call from the peer."""
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    name = phone.expect(CallIncoming).call
    phone.do(Ring(name), Answer(name))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished, call=name)
    return dialog


def wait_for(condition: Callable[[], bool], what: str, within: float = TIMEOUT) -> None:
    """Until `condition`, or fail."""
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {within} s"
        time.sleep(0.005)


def granting(peer: Peer, expires: int = 300) -> None:
    """Have the peer say 200 to every REGISTER."""

    def grant(request: Request) -> None:
        asked = request.headers.get("expires") or "0"
        contact = request.headers.get("contact")
        seconds = 0 if asked == "0" or "expires=0" in contact else expires
        peer.reply(request, 200, "OK", (("Contact", contact), ("Expires", str(seconds))))

    peer.automatic["REGISTER"] = grant


def account_at(peer: Peer, server: int = 0, password: str = "secret", transport: str = "udp") -> Account:
    """Number 1502 at this peer."""
    place = f"{peer.host}:{peer.port}"
    return Account(
        server, f"sip:1502@{place}", "Desk", f"sip:{place}", f"sip:{place}", "1502", Secret(password), 300, transport
    )


def settings_for(**groups: dict[str, Any]) -> Settings:
    """The defaults with groups changed: settings_for(sip={"t1": 200})."""
    settings = Settings()
    for name, fields in groups.items():
        settings = replace(settings, **{name: replace(getattr(settings, name), **fields)})
    return settings


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A far end that grants registrations."""
    made = Peer()
    granting(made)
    yield made
    made.close()


@pytest.fixture
def rtp() -> Iterator[Rtp]:
    """The far end's media."""
    made = Rtp()
    yield made
    made.close()


@pytest.fixture
def make_phone(peer: Peer) -> Iterator[Callable[..., Phone]]:
    """Make user agents; all are stopped at the end, while the far end still answers."""
    phones: list[Phone] = []
    # The traceback of a test that failed before keeps its endpoint alive, and pjsua2 allows one a process.
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        if hasattr(sys, name):
            delattr(sys, name)
    gc.collect()

    def make(settings: Settings | None = None, **options: Any) -> Phone:
        chosen = replace(UserAgentOptions(address="127.0.0.1", sip_port=0, media_port=21_000), **options)
        phone = Phone(chosen, settings or settings_for(talk_event={"enabled": True}))
        phones.append(phone)
        return phone

    yield make
    granting(peer)  # so that the goodbye does not wait for a far end a test has silenced
    for phone in phones:
        phone.stop()


@pytest.fixture(autouse=True)
def nothing_failed_unseen(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The SIP thread survives its own exceptions, so a test must look for them; `failures_expected` allows them."""
    yield
    if "failures_expected" not in request.fixturenames:
        failed = [
            record for record in caplog.get_records("call") if record.name == "deskphone.useragent" and record.exc_info
        ]
        assert not failed, failed


@pytest.fixture
def failures_expected() -> None:
    """This test makes something fail on the SIP thread."""


@pytest.fixture
def phone(make_phone: Callable[..., Phone], peer: Peer) -> Phone:
    """A user agent registered at the peer as server 0."""
    made = make_phone()
    made.do(Register(account_at(peer)))
    made.expect(Registered)
    peer.phone = ("127.0.0.1", made.agent.address[1])
    return made
