"""The sip bench: the real process with real pjsua2 on loopback, and the SIP Server stand-in.

Law: the phone is driven through its panel's HTTP interface only, the server through its own class in a thread.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any

from centre import DN
from centre.agents import Roster
from centre.farend import FarEnd
from centre.leg import Leg
from centre.server import SipServer
from centre.thirdparty import replaces_of
from tests.patience import patient
from tests.stories.agents_sip import SipAgentServer, SipDesktop, sees
from tests.stories.configuration import configuration
from tests.stories.phone_process import PhoneProcess

NUMBER = "1502"
OPTIONS = {"enable-agentlogin-subscribe": "true", "sip-cti-control": "talk,hold"}
SECOND_HOST, STRANGE_HOST = "127.0.0.2", "127.0.0.9"


class LoopThread:
    """An asyncio loop in a thread, for the server."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any], within: float = 15) -> Any:
        """Run a coroutine there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(within)

    def do(self, work: Any) -> Any:
        """Call a plain function there and wait for it."""

        async def call() -> Any:
            return work()

        return self.run(call())

    def stop(self) -> None:
        """End the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


class SipBench(PhoneProcess):
    """One phone process, one server; a second one where the phone's settings name it; a stranger where told."""

    def __init__(self, second_host: str = SECOND_HOST, strange_host: str = STRANGE_HOST, **server: Any) -> None:
        self._strange_host = strange_host
        self._thread = LoopThread()
        self._folder = tempfile.TemporaryDirectory(prefix="deskphone-story-")
        super().__init__(Path(self._folder.name))
        self._roster = Roster()
        self.servers: list[SipServer] = [
            self._thread.do(lambda: self._new_server(**server)),
            self._thread.do(lambda: self._new_server(**{**server, "host": second_host})),
        ]
        self._thread.do(lambda: self.servers[0].join(self.servers[1]))
        self.server = self.servers[0]
        self._running: list[SipServer] = []
        self._stranger: SipServer | None = None
        self._desktop = SipDesktop(self)

    def _new_server(self, **settings: Any) -> SipServer:
        """DNs for the phone and for who signs in at it, and a number that answers."""
        dns: dict[str, str | DN] = {each: DN(each, "secret", options=dict(OPTIONS)) for each in (NUMBER, "1777")}
        server = SipServer(dns=dns, roster=self._roster, shutdown_sip_reject_code=302, **settings)
        server.answering("2001", answer_after=0.2)
        return server

    def _start(self, server: SipServer) -> SipServer:
        if server not in self._running:
            self._thread.run(server.start())
            self._running.append(server)
        return server

    def __enter__(self) -> SipBench:
        self._start(self.server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        for server in self._running:
            self._thread.run(server.stop())
        self._thread.stop()
        self._folder.cleanup()

    # --- the process ---------------------------------------------------------------------------------

    def power_on(self, **settings: str) -> None:
        if settings.get("voip__signalling__sip__secondary_proxy__address") == SECOND_HOST:
            second = self._start(self.servers[1])
            settings = {"voip__signalling__sip__secondary_proxy__port": str(second.port), **settings}
        config = self.folder / "phone.cfg"
        config.write_bytes(configuration(**{"voip__signalling__sip__proxy_port": str(self.server.port), **settings}))
        self.start("--config", str(config))

    # --- the words of the stories ----------------------------------------------------------------------

    def customer(self, number: str = "0301234567", name: str = "Jane Customer") -> SipCustomer:
        return SipCustomer(self, number, name)

    def callee(
        self, number: str, name: str = "", after: float | None = 0.2, code: int = 200, reason: str = ""
    ) -> SipCallee:
        far_end = self.do(lambda: self.server.answering(number, name=name, answer_after=after, code=code))
        return SipCallee(self, number, name, far_end)

    def server_answers(self, method: str, code: int, reason: str = "", times: int = 1, retry_after: int = 0) -> None:
        headers = (("Retry-After", str(retry_after)),) if retry_after else ()
        name, _, event = method.partition(" ")
        self._thread.do(lambda: self.server.fail_next(name, code, headers, count=times, phrase=reason, event=event))

    def hold_waits(self) -> None:
        # Who was called may wait for next to nothing then (RFC 3261 section 14.1), so the answer takes a while, too.
        self._thread.do(lambda: self.server.fail_next("INVITE", 491, phrase="Request Pending", after=0.5))

    def server_silent(self, silent: bool) -> None:
        self._thread.do(lambda: self.server.silence(silent))

    def mailbox(self, new: int, old: int = 0) -> None:
        self._thread.do(lambda: self.server.notify_mwi(NUMBER, new, old))

    # --- agents ----------------------------------------------------------------------------------------

    def agents(self, **passwords: str) -> None:
        for agent, password in passwords.items():
            self.server.agents.add(agent, password)

    @property
    def desktop(self) -> SipDesktop:
        return self._desktop

    def agent_server(self, number: int = 0) -> SipAgentServer:
        return SipAgentServer(self, self.servers[number])

    def server_sees(self, agent: str, state: str, reason: str = "", server: int = 0) -> None:
        at = self.servers[server]
        try:
            self.run(at.wait_until(lambda: sees(at, agent, state, reason), patient(5), "the agent's state"))
        except TimeoutError:
            seat = at.agents.at(NUMBER)
            raise AssertionError(f"the server has {seat}, expected {agent!r} {state} {reason!r}") from None

    def server_freezes(self, server: int) -> None:
        self.run(self.servers[server].freeze())

    def server_dies(self, server: int) -> None:
        self.run(self.servers[server].kill())

    def server_lives(self, server: int) -> None:
        self.run(self.servers[server].revive())

    def ends_subscription(self, package: str, reason: str, retry_after: int = 0, server: int = 0) -> None:
        self.do(lambda: self.servers[server].end_subscriptions(package, reason, retry_after or None))

    def call_server(self) -> int:
        return next(number for number, server in enumerate(self.servers) if server.calls.live)

    def lines(self, server: int = 0) -> set[str]:
        return set(self.do(lambda: self.servers[server].registrations))

    def stranger(self) -> SipServer:
        """A SIP Server the phone knows nothing of, which has found out where the phone is."""
        if self._stranger is None:
            self._stranger = self._start(self.do(lambda: self._new_server(host=self._strange_host)))
        strange = self._stranger

        def learn() -> None:
            for binding in self.server.location.of(NUMBER):
                strange.location.add(binding)

        self.do(learn)
        return strange

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """For stories that are told to the server itself."""
        return self._thread.run(work)

    def do(self, work: Any) -> Any:
        """A plain function in the server's thread."""
        return self._thread.do(work)


class SipCustomer:
    """A far end of the stand-in."""

    def __init__(self, bench: SipBench, number: str, name: str) -> None:
        self.bench, self.number, self.name = bench, number, name
        self.far_end: FarEnd | None = None
        self._leg: Leg | None = None

    def call(
        self, anonymous: bool = False, trusted: bool = True, replaces: SipCustomer | None = None,
        headers: tuple[tuple[str, str], ...] = (), **how: Any,
    ) -> None:  # fmt: skip
        server = self.bench.server if trusted else self.bench.stranger()
        if replaces is not None:
            headers = (*headers, ("Replaces", replaces_of(replaces.leg)))
        self.far_end = self.bench.do(
            lambda: server.call(
                NUMBER, from_number=self.number, name=self.name, private=anonymous, headers=headers, **how
            )
        )

    @property
    def leg(self) -> Leg:
        """The server's dialog with the phone in this customer's call, as soon as there is one; also after its end."""
        if self._leg is None:
            self.bench.run(
                self.there.wait_until(lambda: self._find() is not None, patient(5), "a dialog with the phone")
            )
            self._leg = self._find()
        assert self._leg is not None
        return self._leg

    def _find(self) -> Leg | None:
        call = self.there.call
        return next((leg for leg in call.legs if leg.dialog), None) if call is not None else None

    @property
    def there(self) -> FarEnd:
        assert self.far_end is not None, "this customer has not called"
        return self.far_end

    def hang_up(self) -> None:
        self._leg = self._leg or self._find()  # kept for who still speaks in it
        self.bench.do(self.there.leave)

    def answered(self, within: float = 5) -> None:
        self.bench.run(self.there.wait("answered", patient(within)))

    def ended(self, within: float = 5) -> int:
        self.bench.run(self.there.wait("ended", patient(within)))
        code = self.there.outcome.code if self.there.outcome is not None else 0
        return int(code)

    def provisional(self) -> int:
        return int(getattr(self.leg, "provisional", 0))

    def hold(self) -> None:
        self.bench.run(self.there.hold())

    def retrieve(self) -> None:
        self.bench.run(self.there.retrieve())

    @property
    def digits(self) -> str:
        return str(self.there.ear.digits)


class SipCallee(SipCustomer):
    """Somebody at a number of the stand-in, called by the phone."""

    def __init__(self, bench: SipBench, number: str, name: str, far_end: FarEnd) -> None:
        super().__init__(bench, number, name)
        self.far_end = far_end

    def accept(self) -> None:
        self.bench.run(self.there.wait("ringing"))
        self.bench.do(self.there.accept)

    def decline(self, code: int = 603) -> None:
        self.bench.run(self.there.wait("ringing"))
        self.bench.do(lambda: self.there.decline(code))
