"""One CWMP session, without a network: what the ACS said goes in, what is to be posted comes out (TR-069 3.7).

Law: pure; one message is under way at a time. The phone speaks first (Inform), tells what it has to tell, posts
nothing, and answers then what it is asked until the ACS has nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deskphone.manage.cwmp import orders, parameters, soap, table
from deskphone.manage.cwmp.cpe import Cpe, Snapshot
from deskphone.manage.cwmp.faults import RETRY, TEXTS, Fault, Row
from deskphone.manage.cwmp.memory import TRANSFERRED, Events, Transfer
from deskphone.manage.cwmp.parameters import Apply
from deskphone.manage.cwmp.xml import Element, tag

MOST_MESSAGES = 2000  # of one session
MOST_REPEATS = 3  # of one message that the ACS wants again (fault 8005)


@dataclass(frozen=True, slots=True)
class Send:
    """Post this; an empty body is the empty post."""

    body: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The session is over. why: where it failed, so that it is tried again."""

    good: bool
    why: str = ""


Step = Send | Apply | End
Handler = Callable[[Cpe, Element, float], str | Apply]


def _plain(handler: Callable[[Cpe, Element], str | Apply]) -> Handler:
    return lambda cpe, arguments, unix: handler(cpe, arguments)


def _methods(cpe: Cpe, arguments: Element) -> str:
    rows = [f"<string>{each}</string>" for each in METHODS]
    return soap.method("GetRPCMethodsResponse", soap.array("MethodList", "xsd:string", rows))


METHODS: dict[str, Handler] = {
    "GetRPCMethods": _plain(_methods),
    "SetParameterValues": _plain(parameters.set_values),
    "GetParameterValues": _plain(parameters.get_values),
    "GetParameterNames": _plain(parameters.get_names),
    "SetParameterAttributes": _plain(parameters.set_attributes),
    "GetParameterAttributes": _plain(parameters.get_attributes),
    "AddObject": _plain(parameters.add_object),
    "DeleteObject": _plain(parameters.add_object),
    "Reboot": orders.reboot,
    "Download": orders.download,
    "Upload": orders.upload,
    "FactoryReset": orders.factory_reset,
    "ScheduleInform": orders.schedule_inform,
}


def stamp(unix: float) -> str:
    """A moment as XML schema writes it, in UTC; 0 is the unknown time."""
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if unix > 0 else orders.UNKNOWN


class Session:
    """A session of this phone. url: of the ACS; retries: sessions that failed since the last good one."""

    def __init__(self, cpe: Cpe, url: str, retries: int = 0) -> None:
        self.cpe, self._url, self._retries = cpe, url, retries
        self._events: Events = ()
        self._waits_for = "Inform"  # whose answer; "" for a request of the ACS
        self._last = b""
        self._number = self._messages = self._repeats = 0
        self._hold = False
        self._told: Transfer | None = None
        self._asked: soap.Message | None = None
        self._wish: Apply | None = None

    def begin(self, unix: float) -> Send:
        """The Inform."""
        memory = self.cpe.memory
        ended = [(f"M {each.verb}", each.key) for each in memory.ended]
        self._events = memory.events
        events = (*memory.events, *([(TRANSFERRED, "")] if ended else []), *ended)[:64]
        facts = self.cpe.snapshot.facts
        who = "".join(
            tag(name, facts.get(fact, "")[:64])
            for name, fact in (("Manufacturer", "manufacturer"), ("OUI", "oui"), ("ProductClass", "model"),
                               ("SerialNumber", "serial"))
        )  # fmt: skip
        rows = [f"<EventStruct>{tag('EventCode', code)}{tag('CommandKey', key)}</EventStruct>" for code, key in events]
        always = [self.cpe.tree.parameters[path] for path in table.ALWAYS if path in self.cpe.tree.parameters]
        news = [each for each in self.cpe.news() if each not in always]
        body = soap.method(
            "Inform", f"<DeviceId>{who}</DeviceId>", soap.array("Event", "cwmp:EventStruct", rows),
            "<MaxEnvelopes>1</MaxEnvelopes>", tag("CurrentTime", stamp(unix)),
            tag("RetryCount", str(self._retries)), soap.values(self.cpe.rows([*always, *news])),
        )  # fmt: skip
        versions = (
            f'<cwmp:SupportedCWMPVersions soap-env:mustUnderstand="0">{soap.VERSIONS}</cwmp:SupportedCWMPVersions>'
        )
        return self._ours("Inform", body, versions)

    def received(self, data: bytes, unix: float) -> Step:
        """What the ACS answered to the last post; b"" for nothing (204)."""
        self._messages += 1
        if self._messages > MOST_MESSAGES:
            return End(False, f"expected at most {MOST_MESSAGES} messages")
        if not data.strip():
            return self._nothing()
        try:
            message = soap.read(data)
        except soap.NotUnderstood as error:
            self._hold = error.message.hold
            return self._answer(error.message, soap.not_understood(str(error)))
        except soap.BadMessage as error:
            return End(False, str(error))
        self._hold = message.hold
        if self._waits_for:
            return self._answered(message)
        if message.name == "Fault":
            return End(False, "the ACS answers an answer with a fault")
        return self._request(message, unix)

    def applied(self, snapshot: Snapshot, refusal: str = "", waits: bool = False, code: int = 9002) -> Step:
        """The settings of an Apply are set, or not: `refusal` is why, for a person. snapshot: the phone afterwards."""
        wish, asked = self._wish, self._asked
        assert wish is not None and asked is not None
        self._wish, self.cpe.snapshot = None, snapshot
        if refusal:
            name = refusal.partition(":")[0]
            row = (Row(wish.paths[name], 9007, refusal),) if name in wish.paths else ()
            return self._answer(asked, soap.fault(Fault(9003 if row else code, refusal, row)))
        self.cpe.memory = self.cpe.memory.with_own(wish.key, wish.own)
        self.cpe.set_by_acs(wish.settings, wish.own)
        return self._answer(asked, soap.method("SetParameterValuesResponse", f"<Status>{int(waits)}</Status>"))

    # --- what the phone asks ---------------------------------------------------------------------------

    def _ours(self, name: str, inner: str, headers: str = "") -> Send:
        self._number += 1
        self._waits_for, self._repeats = name, 0
        self._last = soap.write(soap.OURS, str(self._number), inner, headers)
        return Send(self._last)

    def _nothing(self) -> Step:
        """The ACS has nothing to say."""
        self._hold = False
        if self._waits_for:
            return End(False, f"no answer to {self._waits_for}")
        if self.cpe.memory.ended:
            return self._next()
        return End(True)

    def _next(self) -> Send:
        """The next thing to tell, or the empty post."""
        if self.cpe.memory.ended and not self._hold:
            self._told = self.cpe.memory.ended[0]
            return self._ours("TransferComplete", _complete(self._told))
        self._waits_for = ""
        return Send(b"")

    def _answered(self, message: soap.Message) -> Step:
        """An answer to what the phone asked."""
        if message.name == "Fault" and message.fault_code == RETRY and self._repeats < MOST_REPEATS:
            self._repeats += 1
            return Send(self._last)
        if message.name not in ("Fault", f"{self._waits_for}Response"):
            return End(False, f"expected an answer to {self._waits_for}, got {message.name[:40]}")
        if self._waits_for == "Inform":
            if message.name == "Fault":
                return End(False, f"the ACS refuses the Inform: {message.fault_code}")
            self.cpe.memory = replace(self.cpe.memory.without(self._events), acs=self._url)
            self.cpe.all_told()
        elif self._told is not None:  # whatever it says of it: it is told once
            left = tuple(each for each in self.cpe.memory.transfers if each is not self._told)
            self.cpe.memory = replace(self.cpe.memory, transfers=left)
        return self._next()

    # --- what the ACS asks -----------------------------------------------------------------------------

    def _request(self, message: soap.Message, unix: float) -> Step:
        handler = METHODS.get(message.name)
        if handler is None:
            return self._answer(message, soap.fault(Fault(9000, message.name[:64])))
        try:
            found = handler(self.cpe, message.body, unix)
        except Fault as wrong:
            return self._answer(message, soap.fault(wrong))
        if isinstance(found, Apply):
            self._wish, self._asked = found, message
            return found
        return self._answer(message, found)

    def _answer(self, message: soap.Message, inner: str) -> Send:
        return Send(soap.write(message.namespace, message.id, inner))


def _complete(each: Transfer) -> str:
    text = each.text or (TEXTS.get(each.code, "") if each.code else "")
    fault = f"<FaultStruct>{tag('FaultCode', str(each.code))}{tag('FaultString', text)}</FaultStruct>"
    times = tag("StartTime", stamp(each.started)) + tag("CompleteTime", stamp(each.ended))
    return soap.method("TransferComplete", tag("CommandKey", each.key), fault, times)
