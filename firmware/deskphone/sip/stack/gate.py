"""Every request before pjsip sees it: the verdict of `policy`, carried out.

Law: called by the hook, inside a poll: it must return at once. What a request means is the policy's; here it gets
its answer, and what the core has to know is posted after that.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

import deskphone_sipext as sipext

from deskphone.config.settings import Settings
from deskphone.core.events import Event
from deskphone.sip.policy import content, requests
from deskphone.sip.policy.challenge import Challenger, Proof
from deskphone.sip.policy.media import Speaks
from deskphone.sip.policy.rate import Rate
from deskphone.sip.policy.sender import Sender
from deskphone.sip.stack.account_config import least_interval
from deskphone.sip.stack.calls import Calls
from deskphone.sip.stack.loop import Loop
from deskphone.sip.stack.often import OncePerMinute
from deskphone.sip.stack.referral import Referrals
from deskphone.sip.stack.registrations import Registrations
from deskphone.sip.stack.subscription import Subscriptions
from deskphone.wire.errors import TooLong, WireError, bounded
from deskphone.wire.message import Request, parse_request

LOG = logging.getLogger("deskphone.gate")
LOG.addFilter(OncePerMinute())

DATAGRAM = 16_384
"""Bytes of one that pjsip's buffer holds (PJSIP_MAX_PKT_LEN)."""
TOO_LARGE = (513, "Message Too Large")
DOUBTFUL_INVITES = (2.0, 10.0)
"""A second, and at once: each is a call while it rings, and half a minute of memory when it is refused."""


class Gate:
    """`settings` are those of the newest Configure. only_servers: False opens the phone whatever they
    say. datagrams: whether requests come by UDP; a datagram bears any sender, and a phone on TCP takes none.
    """

    def __init__(
        self, loop: Loop, post: Callable[[Event], None], only_servers: bool, *, registrations: Registrations,
        calls: Calls, subscriptions: Subscriptions, referrals: Referrals,
    ) -> None:  # fmt: skip
        self.configure(Settings())
        self.datagrams = True
        self._only_servers = only_servers
        self._loop = loop
        self._post = post
        self._registrations = registrations
        self._calls = calls
        self._subscriptions = subscriptions
        self._referrals = referrals
        self._doubtful = Rate(*DOUBTFUL_INVITES)
        self._challenger = Challenger(secrets.token_bytes(32))

    def configure(self, settings: Settings) -> None:
        """Take over the settings now in force, and what each request is judged by of them."""
        self.settings = settings
        self._speaks = Speaks.of(settings)
        self._least_interval = least_interval(settings)
        self.extensions = content.extensions(prack=settings.sip.prack, timers=bool(settings.sip.session_timer))

    def hook(self, raw: bytes, host: str, port: int, transport: str) -> sipext.Answer | None:
        """The answer to a request; None leaves it to pjsip."""
        source = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if transport.upper().startswith("UDP") and not self.datagrams:
            return "drop"
        try:
            if transport.upper().startswith("UDP"):  # what fills the buffer has lost its end, and may look whole
                bounded(len(raw), DATAGRAM - 1, "SIP message")
            request = parse_request(raw)
            sender = self._registrations.judged(request, source)
            # Of a stranger, and of who may only have written a server's address, nothing is kept: a transaction each
            # would be memory, and a refusal sent again a reflector's.
            stateless = not sender.trusted or sender.doubtful
            if sender.doubtful and request.method == "INVITE" and not self._doubtful.admits(time.monotonic()):
                return "drop"
            verdict = requests.judge(request, sender, self._scene(transport))
            self._registrations.spoke(sender)
            self._calls.heard(request)
            self._calls.passing = request, sender
            if verdict.asked:
                verdict = self._prove(request, sender, transport)
        except WireError as error:
            LOG.info("a request of %s is refused: %s", host, error)
            return self._unreadable(raw, source, TOO_LARGE if isinstance(error, TooLong) else (400, ""))
        if verdict.silent:
            LOG.info("%s of %s is ignored: no server of this phone", request.method, host)
            return "drop"
        answer = verdict.answer
        reply: sipext.Answer | None = None
        if answer is not None:
            kept = answer.code < 300 and request.method != "OPTIONS"
            reply = (answer.code, answer.reason, answer.headers, stateless and not kept)
        if answer is not None and answer.code >= 400:
            LOG.info("%s of %s is refused: %d", request.method, host, answer.code)
        if verdict.refer is not None:
            refer = verdict.refer
            if refer.call:
                self._referrals.begin_in_call(refer.refer, refer.call, self._calls.dialogs.of(request))
            else:
                reply = self._referrals.accept(refer.refer, self._registrations.accounts[refer.server].getId())
                if reply is not None:
                    return reply
        if verdict.events:  # after the answer is out, which is when this returns
            self._loop.post(lambda: self._tell(verdict.events))
        return reply

    def _unreadable(self, raw: bytes, source: str, said: tuple[int, str]) -> sipext.Answer | None:
        """The code and reason said, without a transaction: one of an unreadable request may not be possible (CSeq of
        another method). Nothing of a stranger's INVITE is answered, readable or not."""
        if raw.startswith((b"ACK ", b"CANCEL ")):
            return None
        silent = self.only_servers and not self.settings.sip.answer_strangers and raw.startswith(b"INVITE ")
        return "drop" if silent and not self._registrations.sender(source).trusted else (*said, (), True)

    @property
    def only_servers(self) -> bool:
        """Whether only registered servers may ring."""
        return self._only_servers and self.settings.calls.trusted_only

    def _prove(self, request: Request, sender: Sender, transport: str) -> requests.Verdict:
        """The verdict on a sender that knows the line's password; a challenge to who has not shown it yet."""
        host = sender.host
        account = self._registrations.secret()
        if account is None:
            return requests.FORBIDDEN  # a password that is not there cannot be asked for
        proof = self._challenger.judge(request, account, host, time.monotonic())
        if proof is Proof.GOOD:
            return requests.judge(request, sender.with_proof(), self._scene(transport))
        if proof in (Proof.WRONG, Proof.BLOCKED):
            LOG.warning("%s of %s: %s digest answer", request.method, host, proof.value)
            return requests.FORBIDDEN
        headers = self._challenger.headers(
            account, host, time.monotonic(), secrets.token_hex(16), stale=proof is Proof.STALE
        )
        return requests.Verdict(requests.Answer(401, "", headers))

    def _tell(self, events: tuple[Event, ...]) -> None:
        for event in events:
            self._post(event)

    def _scene(self, transport: str) -> requests.Scene:
        return requests.Scene(
            self._calls.dialogs, self._referrals.dialogs, self._subscriptions.packages,
            self._subscriptions.call_ids, self._referrals.call_ids, talk=self.settings.talk_event.enabled,
            click_to_dial=self.settings.click_to_dial.enabled,
            only_servers=self.only_servers, answer_strangers=self.settings.sip.answer_strangers,
            least_interval=self._least_interval, secure=transport.upper().startswith("TLS"),
            challenge=self.settings.check_sync.challenge, speaks=self._speaks, extensions=self.extensions,
        )  # fmt: skip
