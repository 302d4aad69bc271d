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
from dataclasses import replace
from typing import Any

import deskphone_sipext as sipext

from deskphone.config.settings import Settings
from deskphone.core import effects
from deskphone.core.events import (
    CallEnded,
    CallIncoming,
    DriverFailed,
    DriverRecovered,
    Event,
    RegistrationFailed,
    Unregistered,
)
from deskphone.drivers.ports import Post
from deskphone.drivers.useragent import headers, policy
from deskphone.drivers.useragent.account import Registration, request_uri
from deskphone.drivers.useragent.bridge import Listener
from deskphone.drivers.useragent.call import Leg, Surroundings
from deskphone.drivers.useragent.endpoint import PjEndpoint
from deskphone.drivers.useragent.loop import Loop
from deskphone.drivers.useragent.options import UserAgentOptions
from deskphone.drivers.useragent.quality import CallQuality
from deskphone.drivers.useragent.referral import Referrals
from deskphone.drivers.useragent.subscription import Subscriptions
from deskphone.drivers.useragent.switchboard import Switchboard
from deskphone.view.outputs import Audio
from deskphone.wire.alerting import answer_hint
from deskphone.wire.errors import WireError
from deskphone.wire.message import Request, parse_request

LOG = logging.getLogger("deskphone.useragent")

IDLE = 0.2
IN_CALL = 0.05  # DTMF comes from a media thread and waits for the next poll
SAMPLE_EVERY = 1.0
GOODBYE = 1.5
"""Seconds a shutdown waits for servers and far ends to answer BYE and REGISTER."""


class VoiceBridge:
    """The end of the bridge a web page talks to (any thread): see `sim.panel.voice.AudioBridge`."""

    def __init__(self, agent: PjsuaUserAgent) -> None:
        self._agent = agent
        self._levels = (0.0, 0.0)
        self._asked = 0.0

    def feed(self, pcm: bytes) -> None:
        """One 20 ms frame of 16 kHz 16-bit mono from the microphone of the page."""
        board = self._agent.board
        if board is not None:
            board.feed(pcm)

    def attach(self, listener: Listener | None) -> None:
        """Frames for the loudspeaker go to `listener`, called on the bridge's clock thread; None ends it."""
        self._agent.later(lambda board: board.attach(listener))

    def levels(self) -> tuple[float, float]:
        """Microphone and loudspeaker, 0.0 to 1.0, as they were a moment ago."""
        now = time.monotonic()
        if now - self._asked > 0.05:
            self._asked = now
            self._agent.later(self._read)
        return self._levels

    def _read(self, board: Switchboard) -> None:
        self._levels = board.levels()


class PjsuaUserAgent:
    """One a process: pjsua2 has one endpoint. The endpoint begins with the first `Configure`."""

    name = "useragent"

    def __init__(self, options: UserAgentOptions | None = None) -> None:
        self.options = options or UserAgentOptions()
        self.voice = VoiceBridge(self)
        self.board: Switchboard | None = None
        self.address = ("", 0)
        """Host and port of the SIP transport, once it is open."""
        self._loop = Loop(IDLE)
        self._post: Post = _nobody
        self._endpoint: PjEndpoint | None = None
        self._around: Surroundings | None = None
        self._fatal: BaseException | None = None
        self._settings = Settings()
        self._accounts: dict[int, Registration] = {}
        self._leaving: set[int] = set()
        self._legs: dict[str, Leg] = {}
        self._dialogs: dict[str, policy.Dialog] = {}
        self._referrals = Referrals(self._report_in_call)
        self._subscriptions = Subscriptions(self._say)
        self._qualities: dict[str, CallQuality] = {}
        self._incoming = 0
        self._audio = Audio()
        self._orders: dict[type[effects.Effect], Callable[[Any], None]] = {
            effects.Configure: self._configure,
            effects.Register: self._register,
            effects.Unregister: self._unregister,
            effects.KeepAlive: self._keep_alive,
            effects.Dial: self._dial,
            effects.Ring: lambda order: self._with(order.call, Leg.ring),
            effects.Answer: lambda order: self._with(order.call, Leg.accept),
            effects.Reject: self._reject,
            effects.Hangup: lambda order: self._with(order.call, Leg.end),
            effects.Hold: lambda order: self._with(order.call, lambda leg: leg.hold(True)),
            effects.Retrieve: lambda order: self._with(order.call, lambda leg: leg.hold(False)),
            effects.SendDtmf: lambda order: self._with(order.call, lambda leg: leg.digits(order.digits, order.method)),
            effects.Transfer: self._transfer,
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

    def sound(self, audio: Audio) -> None:
        """Connect calls, microphone, loudspeaker and tone as `audio` says."""

        def work() -> None:
            self._audio = audio
            if self.board is not None:
                self.board.set(audio)

        self._loop.post(work)

    def later(self, work: Callable[[Switchboard], None]) -> None:
        """Do something with the switchboard on the SIP thread, once it is there."""

        def with_board() -> None:
            if self.board is not None:
                work(self.board)

        self._loop.post(with_board)

    def quality(self, call: str) -> CallQuality | None:
        """The numbers of a call's voice, at most a second old; those of ended calls are gone."""
        return self._qualities.get(call)

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

    def _tell(self, events: tuple[Event, ...]) -> None:
        for event in events:
            self._post(event)

    def _tidy(self) -> None:
        """Between polls: let ended calls, subscriptions and accounts go.

        An ended call waits while a new one has its number in pjsip (16 calls in one poll): pjsua2's destructor would
        take the new one for itself, hang it up and cut it off from its events.
        """
        taken = {leg.getId() for leg in self._legs.values() if not leg.over}
        for name in [name for name, leg in self._legs.items() if leg.over and leg.getId() not in taken]:
            leg = self._legs.pop(name)
            self._dialogs.pop(leg.call_id, None)
            self._qualities.pop(name, None)
            del leg  # here, on this thread and outside every callback: the last reference
        self._subscriptions.tidy()
        for server in tuple(self._leaving):
            account = self._accounts[server]
            if not account.registered and not any(leg.account is account for leg in self._legs.values()):
                self._leaving.discard(server)
                del self._accounts[server]
                account.shutdown()
                del account
        self._loop.idle = IN_CALL if self._legs else IDLE

    # --- configuration and registration ------------------------------------------------------------

    def _configure(self, order: effects.Configure) -> None:
        self._settings = order.settings
        if self._endpoint is not None:
            self._endpoint.apply_codecs(order.settings)
            for account in self._accounts.values():
                account.settings = order.settings
        else:
            self._begin(order.settings)
        board = self.board
        if board is None:
            return
        board.step_db = float(order.settings.volume.step)
        self._around = Surroundings(order.settings, self._loop, board, self._say, self._replaced, self._learn)

    def _begin(self, settings: Settings) -> None:
        """The endpoint. A port that is taken ends the driver: systemd tries again, the journal says why."""
        try:
            endpoint = self._endpoint = PjEndpoint(settings, self.options, self._connection)
            endpoint.init()
            sipext.start(self._hook, policy.METHODS)
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

    def _sound_trouble(self, detail: str) -> None:
        self._say(DriverFailed("audio", detail) if detail else DriverRecovered("audio"))

    def _connection(self, up: bool) -> None:
        for account in self._accounts.values():
            account.connection(up)

    def _register(self, order: effects.Register) -> None:
        server = order.account.server
        if self._endpoint is None:
            self._say(RegistrationFailed(server, 503, "not configured"))
            return
        account = self._accounts.get(server)
        if account is None:
            account = Registration(self._settings, self.options, self._loop, self._say, self._invited)
            self._accounts[server] = account
        self._leaving.discard(server)
        account.register(order.account)

    def _unregister(self, order: effects.Unregister) -> None:
        account = self._accounts.get(order.server)
        if account is None:
            self._say(Unregistered(order.server))
            return
        self._subscriptions.drop(order.server)
        self._leaving.add(order.server)
        account.unregister()

    def _keep_alive(self, order: effects.KeepAlive) -> None:
        account = self._accounts.get(order.server)
        if account is not None:
            account.keep_alive()

    def _subscribe(self, order: effects.Subscribe) -> None:
        self._subscriptions.subscribe(order, self._accounts.get(order.server))

    # --- calls -------------------------------------------------------------------------------------

    def _dial(self, order: effects.Dial) -> None:
        account = self._accounts.get(order.server)
        if account is None or account.account is None or self._around is None:
            self._say(CallEnded(order.call, 503, "no account", by_remote=False))
            return
        leg = self._legs[order.call] = Leg(self._around, order.call, account)
        leg.dial(account.target(order.target), order.headers)

    def _reject(self, order: effects.Reject) -> None:
        def refuse(leg: Leg) -> None:
            contact = order.contact
            if contact and leg.account.account is not None:
                contact = request_uri(contact, leg.account.account)
            leg.refuse(order.code, contact)

        self._with(order.call, refuse)

    def _transfer(self, order: effects.Transfer) -> None:
        consultation = self._legs.get(order.consultation)

        def refer(leg: Leg) -> None:
            if consultation is not None:
                leg.transfer_to(consultation)
            else:
                leg.transfer(leg.account.target(order.target))

        self._with(order.call, refer)

    def _report_in_call(self, call: str, fragment: bytes, final: bool) -> None:
        self._with(call, lambda leg: leg.notify_refer(fragment, final))

    def _with(self, call: str, action: Callable[[Leg], None]) -> None:
        leg = self._legs.get(call)
        if leg is None or leg.over:
            LOG.debug("order for call %s, which has ended", call)
            return
        action(leg)

    def _invited(self, account: Registration, prm: Any) -> None:
        """A new INVITE; pjsip has sent 100."""
        assert self._around is not None
        leg = self._new_incoming(account, prm.callId)
        leg.call_id = str(leg.getInfo().callIdString)
        self._announce(leg, str(prm.rdata.wholeMsg), str(prm.rdata.srcAddress), "")

    def _replaced(self, old: Leg, prm: Any) -> None:
        """INVITE with Replaces of `old`: pjsip will answer 200 for the new call and end the old one."""
        leg = self._new_incoming(old.account, -1)
        leg.outgoing, leg.automatic = False, True
        prm.newCall = leg
        self._announce(leg, str(prm.rdata.wholeMsg), str(prm.rdata.srcAddress), old.name)

    def _new_incoming(self, account: Registration, pj_id: int) -> Leg:
        assert self._around is not None
        self._incoming += 1
        name = f"in-{self._incoming}"
        leg = self._legs[name] = Leg(self._around, name, account, pj_id)
        return leg

    def _announce(self, leg: Leg, text: str, source: str, replaces: str) -> None:
        message = headers.message_of(headers.whole(text))
        if message is None:
            leg.refuse(400, "")
            return
        scene = self._scene()
        server = scene.server(source)
        leg.server = leg.server if server is None else server
        leg.call_id = leg.call_id or message.headers.get("call-id")
        leg.remote = headers.caller(message.headers)
        self._learn(leg.call_id, policy.Dialog(leg.name, message.from_tag, cseq=message.cseq[0]))
        self._say(
            CallIncoming(
                leg.name, leg.server, leg.remote, headers.acted_on(message.headers),
                trusted=server is not None, has_offer=bool(message.body), replaces=replaces,
                hint=answer_hint(message.headers.fields),
            )
        )  # fmt: skip

    def _learn(self, call_id: str, dialog: policy.Dialog) -> None:
        if dialog.call in self._legs:
            known = self._dialogs.get(call_id)
            same = known is not None and known.call == dialog.call
            self._dialogs[call_id] = known.learnt(dialog) if known is not None and same else dialog

    def _sample(self) -> None:
        self._loop.after(SAMPLE_EVERY, self._sample)
        for name, leg in tuple(self._legs.items()):
            if not leg.over:
                leg.sample()
                if leg.quality is not None:
                    self._qualities[name] = leg.quality

    # --- requests before pjsip sees them -----------------------------------------------------------

    def _hook(self, raw: bytes, host: str, port: int, _transport: str) -> sipext.Answer | None:
        try:
            request = parse_request(raw)
            verdict = policy.judge(request, f"{host}:{port}", self._scene())
        except WireError as error:
            LOG.info("a request of %s is refused: %s", host, error)
            return None if raw.startswith((b"ACK ", b"CANCEL ")) else (400, "", ())
        self._count(request)
        answer = verdict.answer
        reply = None if answer is None else (answer.code, answer.reason, answer.headers)
        if verdict.refer is not None:
            refer = verdict.refer
            if refer.call:
                self._referrals.begin_in_call(refer.refer, refer.call)
            else:
                reply = self._referrals.accept(refer.refer, self._accounts[refer.server].getId())
                if reply is not None:
                    return reply
        if verdict.events:  # after the answer is out, which is when this returns
            self._loop.post(lambda: self._tell(verdict.events))
        return reply

    def _count(self, request: Request) -> None:
        """Remember the CSeq of a request in the dialog of a call."""
        dialog = self._dialogs.get(request.call_id)
        if dialog is not None and dialog.matches(request):
            self._dialogs[request.call_id] = dialog.learnt(replace(dialog, cseq=request.cseq[0]))

    def _scene(self) -> policy.Scene:
        servers: dict[str, int] = {}
        for number in sorted(self._accounts, reverse=True):
            for source in self._accounts[number].sources:
                servers[source] = servers[policy.host_of(source)] = number
        return policy.Scene(
            servers, self._dialogs, self._subscriptions.packages, self._subscriptions.call_ids,
            talk=self._settings.talk_event.enabled, click_to_dial=self._settings.click_to_dial.enabled,
            only_servers=self.options.only_servers and self._settings.calls.trusted_only,
        )  # fmt: skip

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
            self._legs.clear()
            self._accounts.clear()
            self._around = None
            if self.board is not None:
                self.board.close()
                self.board = None
            gc.collect()
            endpoint.destroy()
            self._endpoint = None

    def _say_goodbye(self, endpoint: PjEndpoint) -> None:
        sipext.stop(500)
        for leg in self._legs.values():
            if not leg.over:
                leg.end()
        for account in self._accounts.values():
            if account.registered:
                account.unregister()
        until = time.monotonic() + GOODBYE
        while time.monotonic() < until and any(account.registered for account in self._accounts.values()):
            endpoint.ep.libHandleEvents(20)


def _nobody(_event: Event) -> None:
    """Before `run` nobody listens."""
