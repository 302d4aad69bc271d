"""PjsuaUserAgent: the port `UserAgent` on pjsua2. Effects in by `perform`, events out by `post`.

Law: translates, decides nothing. `perform`, `sound` and `voice` may be used from any thread; everything else runs
on the one SIP thread that owns every pj object.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

import deskphone_sipext as sipext

from deskphone.config.schema.words import Transport
from deskphone.config.settings import Settings
from deskphone.core import effects
from deskphone.core.events import DriverFailed, DriverRecovered, Event, RegistrationFailed
from deskphone.drivers.ports import Part, Post
from deskphone.drivers.worker import STUCK
from deskphone.sip.options import UserAgentOptions
from deskphone.sip.stack.account import Registration
from deskphone.sip.stack.call import Leg
from deskphone.sip.stack.calls import Calls
from deskphone.sip.stack.doors import Doors
from deskphone.sip.stack.endpoint import PjEndpoint, set_timers
from deskphone.sip.stack.gate import Gate
from deskphone.sip.stack.loop import Loop
from deskphone.sip.stack.names import Names
from deskphone.sip.stack.quality import CallQuality
from deskphone.sip.stack.referral import Referrals
from deskphone.sip.stack.registrations import Registrations
from deskphone.sip.stack.subscription import Subscriptions
from deskphone.sip.stack.switchboard import Switchboard
from deskphone.sip.stack.voice import VoiceBridge
from deskphone.view.outputs import Audio, Outputs

LOG = logging.getLogger("deskphone.useragent")

IDLE = 0.2
IN_CALL = 0.05  # DTMF comes from a media thread and waits for the next poll
SAMPLE_EVERY = 1.0
GOODBYE = 1.5
"""Seconds a shutdown waits for servers and far ends to answer BYE and REGISTER."""


class PjsuaUserAgent(Part):
    """One a process: pjsua2 has one endpoint. The endpoint begins with the first `Configure`."""

    name = "useragent"
    performs: ClassVar[tuple[type[effects.Effect], ...]] = (effects.UserAgentOrder,)

    def __init__(self, options: UserAgentOptions | None = None) -> None:
        self.options = options or UserAgentOptions()
        self.voice = VoiceBridge(lambda: self.board, self.later)
        self.board: Switchboard | None = None
        self.address = ("", 0)
        """Host and port of the SIP transport, once it is open."""
        self._loop = Loop(IDLE)
        self._post: Post = _nobody
        self._endpoint: PjEndpoint | None = None
        self._fatal: BaseException | None = None
        self._own = ""  # the address the core told last
        self._settings = Settings()
        self._registrations = Registrations(self.options, self._loop, self._say, self._invited)
        self._calls = calls = Calls(self._registrations, self._say)
        self._referrals = Referrals(calls.keep, self._loop)
        calls.reported = self._referrals.answered
        self._subscriptions = Subscriptions(self._say)
        self._gate = Gate(
            self._loop, self._say, self.options.only_servers, registrations=self._registrations, calls=calls,
            subscriptions=self._subscriptions, referrals=self._referrals,
        )  # fmt: skip
        self._doors = Doors(self._registrations, self._gate, time.monotonic)
        self._audio = Audio()  # what the SIP thread knows of `_shown`, the loop's
        self._shown: Audio | None = None
        self._orders: dict[type[effects.Effect], Callable[[Any], None]] = {
            effects.Configure: self._configure,
            effects.Register: self._register,
            effects.Attach: self._attach,
            effects.Unregister: self._unregister,
            effects.MoveTo: self._move,
            effects.KeepAlive: self._registrations.keep_alive,
            effects.Dial: calls.dial,
            effects.Ring: lambda order: calls.act(order.call, lambda leg: leg.ring(order.queued)),
            effects.Answer: lambda order: calls.act(order.call, Leg.accept),
            effects.Reject: calls.reject,
            effects.Hangup: lambda order: calls.act(order.call, Leg.end),
            effects.Hold: lambda order: calls.act(order.call, lambda leg: leg.hold(True)),
            effects.Retrieve: lambda order: calls.act(order.call, lambda leg: leg.hold(False)),
            effects.SendDtmf: lambda order: calls.act(order.call, lambda leg: leg.digits(order.digits, order.method)),
            effects.Transfer: calls.transfer,
            effects.NotifyRefer: self._referrals.notify,
            effects.Subscribe: self._subscribe,
            effects.Resubscribe: self._subscriptions.resubscribe,
        }

    # --- any thread --------------------------------------------------------------------------------

    async def run(self, post: Post) -> None:
        """Live until cancelled; raises what killed the SIP thread."""
        self._post = post
        running = asyncio.get_running_loop()
        done: asyncio.Future[None] = running.create_future()

        def ended(error: BaseException | None) -> None:
            if not done.done():
                done.set_exception(error) if error else done.set_result(None)

        def main() -> None:
            error: BaseException | None = None
            try:
                self._main()
            except BaseException as caught:
                error = caught
            running.call_soon_threadsafe(ended, error)

        thread = threading.Thread(target=main, name="sip", daemon=True)
        thread.start()
        try:
            await asyncio.shield(done)
            raise RuntimeError("the SIP thread ended by itself")
        except asyncio.CancelledError:
            self._loop.post(self._loop.end)
            await done
            raise

    def perform(self, effect: effects.Effect) -> None:
        """Carry out a user-agent effect. Returns at once; LookupError for an effect that is another driver's."""
        order = self._orders.get(type(effect))
        if order is None:
            raise LookupError(f"user agent: {type(effect).__name__} is no effect of the user agent")
        self._loop.post(lambda: order(effect))

    def show(self, outputs: Outputs) -> None:
        """Connect calls, microphone, loudspeaker and tone as `outputs.audio` says."""
        audio = outputs.audio
        if audio == self._shown:
            return
        self._shown = audio

        def work() -> None:
            self._audio = audio
            if self.board is not None:
                self.board.set(audio)

        self._loop.post(work)

    def alive(self) -> bool:
        """Whether the SIP thread goes round: a card that never comes back from a call of ours stops it."""
        return self._loop.stuck_for() < STUCK

    def later(self, work: Callable[[Switchboard], None]) -> None:
        """Do something with the switchboard on the SIP thread, once it is there."""

        def with_board() -> None:
            if self.board is not None:
                work(self.board)

        self._loop.post(with_board)

    def quality(self, call: str) -> CallQuality | None:
        """The numbers of a call's voice, at most a second old; those of ended calls are gone."""
        return self._calls.qualities.get(call)

    # --- the SIP thread ----------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            self._loop.run(self._poll, self._tidy)
        finally:
            self._shut_down()
        if self._fatal is not None:
            raise self._fatal

    def _poll(self, milliseconds: int) -> None:
        if self._endpoint is None:
            self._loop.doze(milliseconds)
        else:
            self._endpoint.ep.libHandleEvents(milliseconds)

    def _say(self, event: Event) -> None:
        self._post(event)

    def _tidy(self) -> None:
        """Between polls: let ended calls, subscriptions and accounts go; the doors stand as the registrations do."""
        if self._endpoint is not None and self._fatal is None:
            self._doors.tidy()
            self._registrations.listen()
        self._calls.tidy()
        self._subscriptions.tidy()
        self._registrations.tidy(leg.account for leg in self._calls.legs.values())
        self._loop.idle = IN_CALL if self._calls.legs else IDLE

    # --- configuration and registration ------------------------------------------------------------

    def _configure(self, order: effects.Configure) -> None:
        self._settings = order.settings
        self._gate.configure(order.settings)
        self._registrations.configure(order.settings)
        if self._endpoint is not None:
            self._endpoint.apply_codecs(order.settings)
            set_timers(order.settings)
            self._doors.configure(order.settings)
        else:
            self._begin(order.settings)
        board = self.board
        if board is None:
            return
        board.step_db = float(order.settings.volume.step)
        self._calls.configure(order.settings, self._loop, board)

    def _begin(self, settings: Settings) -> None:
        """The endpoint. A port that is taken ends the driver: systemd tries again, the journal says why."""
        try:
            endpoint = self._endpoint = PjEndpoint(
                settings, self.options, self._registrations.connection, self._card_lost
            )
            endpoint.init()
            self._gate.datagrams = settings.sip.transport == Transport.UDP
            sipext.start(self._gate.hook)
            set_timers(settings)
            self._doors.open(endpoint.name, settings)
            Names(self._loop).install()
            self.address = endpoint.start()
            self._loop.ring_at(*self.address)
        except BaseException as error:
            # Without its frames: they hold the endpoint, which must go on this thread before anybody reads the error.
            self._fatal = error.with_traceback(None)
            self._fatal.__context__ = None
            self._loop.end()
            return
        self.board = Switchboard(endpoint.ep, self._loop, self.options.sound, self._sound_trouble)
        self.board.set(self._audio)
        self._loop.after(SAMPLE_EVERY, self._sample)

    def _card_lost(self, direction: int, number: int) -> None:
        if self.board is not None:
            self.board.card_lost(direction, number)

    def _sound_trouble(self, detail: str) -> None:
        self._say(DriverFailed("audio", detail) if detail else DriverRecovered("audio"))

    def _sample(self) -> None:
        self._loop.after(SAMPLE_EVERY, self._sample)
        self._calls.sample()

    def _register(self, order: effects.Register) -> None:
        if self._endpoint is None:
            self._say(RegistrationFailed(order.account.server, 503, "not configured"))
            return
        self._endpoint.renew()
        self._registrations.register(order, self._settings)

    def _attach(self, order: effects.Attach) -> None:
        if self._endpoint is not None:
            self._registrations.attach(order, self._settings)

    def _move(self, order: effects.MoveTo) -> None:
        """Another address: bindings first, for their answers show the way to the calls."""
        before, self._own = self._own, order.address
        if self._endpoint is None or self.options.address or before in ("", order.address):
            return
        LOG.info("the phone's address is %s, no longer %s", order.address, before)
        self._endpoint.leave_connections()
        self._registrations.move()
        self._calls.move()

    def _invited(self, account: Registration, prm: Any) -> None:
        self._calls.invited(account, prm)

    def _unregister(self, order: effects.Unregister) -> None:
        self._subscriptions.drop(order.server)
        self._registrations.unregister(order.server)

    def _subscribe(self, order: effects.Subscribe) -> None:
        self._subscriptions.subscribe(order, self._registrations.accounts.get(order.server))

    # --- the end -----------------------------------------------------------------------------------

    def _shut_down(self) -> None:
        """Hook, subscriptions, calls, registrations, sound, then the library: nothing outlives what it needs."""
        endpoint = self._endpoint
        self._loop.silence()
        if endpoint is None:
            return
        try:
            if self._fatal is None:
                self._say_goodbye(endpoint)
        finally:
            self._loop.clear()
            self._referrals.clear()
            self._calls.clear()
            self._registrations.clear()
            if self.board is not None:
                self.board.close()
                self.board = None
            gc.collect()
            endpoint.destroy()
            self._endpoint = None

    def _say_goodbye(self, endpoint: PjEndpoint) -> None:
        self._referrals.goodbye()
        sipext.stop(500)
        self._calls.goodbye()
        settings = self._settings
        if settings.registration.keep_at_restart:
            return
        self._registrations.goodbye()
        until = time.monotonic() + GOODBYE
        while time.monotonic() < until and self._registrations.registered:
            endpoint.ep.libHandleEvents(20)


def _nobody(_event: Event) -> None:
    """Before `run` nobody listens."""
