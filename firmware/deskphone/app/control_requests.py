"""What can be asked at the control socket: one table from a request's name to what answers it.

Law: reads the runtime's snapshot and posts events; it decides nothing and holds nothing up. Whether an order would be
obeyed is asked of the reducer itself, which is pure, before the order is posted. Secrets are masked in every answer.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from deskphone.app.clock import moment
from deskphone.app.credentials import Credentials
from deskphone.app.diagnostics import Diagnostics, Sources
from deskphone.app.firmware_requests import FirmwareRequests
from deskphone.app.guests import Guests
from deskphone.app.happenings import Happenings
from deskphone.app.login_requests import LoginRequests
from deskphone.app.refused import Refused, asked_by
from deskphone.app.runtime import Runtime
from deskphone.app.server_requests import ServerRequests
from deskphone.config import url_secrets
from deskphone.config.kind import BadValue, SecretText, cleaned
from deskphone.config.layers import Layer, slot_of
from deskphone.config.registry import Slot, value_at
from deskphone.config.rules import RULES
from deskphone.config.secret import hidden
from deskphone.config.settings import Settings
from deskphone.config.writer import shown
from deskphone.config.zones import ZONE
from deskphone.core import effects as fx
from deskphone.core.calls.order import ORDERS, meant
from deskphone.core.events import CallOrder, Event, SettingsSet
from deskphone.core.phone.settings import occupied
from deskphone.core.reduce import reduce
from deskphone.core.screen.status import port_access, vlan
from deskphone.core.state import Phone
from deskphone.drivers.localtime import has_zone
from deskphone.view.state_json import state_json

Json = dict[str, Any]
MOST_NAMES = 2000  # that one `show` may ask for
MOST_VALUES = 1000  # that one `set` may set: all there are
AT_ONCE = 100  # settings that are put in words before the loop looks at what else there is
LOG_LINES = 500  # of the journal, kept in memory
_PLAIN = re.compile(r"[0-9*#+A-Za-z_.-]{1,64}", re.ASCII)
_URI = re.compile(r"(?:(?:sips?|tel):)?[0-9A-Za-z_.!~*'()&=+$,;?/%@:#\[\]-]{1,200}", re.ASCII)
log = logging.getLogger("deskphone")


class LogTail(logging.Handler):
    """The last lines of the journal, for whoever manages the phone."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, bounded in length and number."""
        self.lines.append(self.format(record)[:1000])


class Requests:
    """What answers each request. post_and_wait: posts an event and returns when the phone has taken it. sources: what
    who looks for a fault is told."""

    def __init__(
        self, runtime: Runtime, credentials: Credentials, post_and_wait: Callable[[Event], Awaitable[None]],
        sources: Sources,
    ) -> None:  # fmt: skip
        self._runtime, self._post = runtime, post_and_wait
        self._logins = LoginRequests(runtime, credentials, post_and_wait, self._order)
        self._quality = sources.quality
        self.tail = LogTail()
        self._began = moment().mono
        self.happenings = Happenings()
        self._firmware = FirmwareRequests(runtime, sources.keyring, post_and_wait)
        self.table: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "state": self._state,
            "status": self._status,
            "show": self._show,
            "set": self._set,
            "call": self._call,
            "provision": self._provision,
            "restart": self._restart,
            "log": self._log,
            "report_secrets": self._report_secrets,
            "happened": self._happened,
            **Diagnostics(runtime, sources).table,
            **ServerRequests(runtime, self._order).table,
            **self._firmware.table,
            **self._logins.table,
            **Guests().table,
        }

    async def answer(self, request: Json) -> Json:
        """The answer to one request, in JSON types. Refused: the kind of fault and a sentence for a person."""
        name = request.get("request")
        carry_out = self.table.get(name) if isinstance(name, str) else None
        if carry_out is None:
            raise Refused("request", f"expected a request of {', '.join(self.table)}")
        if not self._phone.powered and name not in ("log", "credentials"):
            raise Refused("refused", "the phone is not on yet")
        return await carry_out(request)

    @property
    def _phone(self) -> Phone:
        return self._runtime.phone

    def looked(self) -> None:
        """The phone has taken what waited: those who watch are told what is new."""
        self.happenings.look(self._phone, moment().unix)
        self._firmware.looked()

    # --- what the phone is -----------------------------------------------------------------------------

    async def _state(self, request: Json) -> Json:
        phone, outputs, _ = self._runtime.snapshot()
        return {"state": state_json(phone, outputs)}

    async def _status(self, request: Json) -> Json:
        """The state, and what a person who looks after many phones asks besides."""
        phone, outputs, _ = self._runtime.snapshot()
        counters = self._runtime.counters
        return {
            "state": state_json(phone, outputs),
            "version": phone.version,
            "model": phone.settings.system.model,
            "mac": phone.mac,
            "address": phone.network.address,
            "vlan": vlan(phone),
            "port_access": port_access(phone),
            "host_name": phone.network.host_name,
            "domain": phone.network.domain,
            "source": phone.source,
            "up_seconds": int(moment().mono - self._began),
            "settings_wait": phone.layers_waiting is not None or phone.settings_waiting is not None,
            "failed_parts": [name for name, _ in phone.failed_parts],
            "log": [asdict(each) for each in phone.log],
            "counters": asdict(counters),
            "firmware_checking": self._firmware.checking,
            "figures": self.happenings.figures.tell(self._quality(each.id) for each in phone.calls),
        }

    async def _happened(self, request: Json) -> Json:
        """What happened after a number of a run of the phone; waits for it up to `wait` seconds."""
        run, number, wait = (request.get(key, other) for key, other in (("run", ""), ("number", 0), ("wait", 0)))
        if not isinstance(run, str) or not isinstance(number, int) or not isinstance(wait, int | float):
            raise Refused("request", "run, number and wait: expected a text and two numbers")
        return await self.happenings.since(run, number, wait)

    # --- settings --------------------------------------------------------------------------------------

    async def _show(self, request: Json) -> Json:
        """Names (or with none, all): value as in a file, whose it is, what it may be."""
        names = request.get("names")
        if names is None:
            names = list(Settings.slots())
        if not isinstance(names, list) or len(names) > MOST_NAMES:
            raise Refused("request", f"names: expected a list of at most {MOST_NAMES} names")
        slots, layers = [_slot(name) for name in names], self._phone.layers
        origins = layers.origins() if len(slots) > 1 else {slot.name: layers.origin(slot.name) for slot in slots}
        rows = []
        for number, slot in enumerate(slots):
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)  # a key may be waiting
            rows.append({
                "name": slot.name,
                "value": shown(slot, value_at(layers.settings, slot.path), secrets=False),
                "layer": str(origins[slot.name]),
                "restart": slot.option.restart,
            })  # fmt: skip
        return {"settings": rows}

    async def _set(self, request: Json) -> Json:
        """Values by name, each as a text of a file; null takes the administrator's own away. All or none."""
        values = request.get("values")
        if not isinstance(values, dict) or not 0 < len(values) <= MOST_VALUES:
            raise Refused("request", f"values: expected 1 to {MOST_VALUES} names with their values")
        rows = [(_slot(name).name, _text(name, value)) for name, value in values.items()]
        if len({name for name, _ in rows}) < len(rows):
            raise Refused("request", "values: one setting stands there twice, under another spelling")
        before = layers = self._phone.layers
        try:
            layers, _ = layers.set_all(Layer.ADMINISTRATOR, {name: text for name, text in rows if text is not None})
        except BadValue as wrong:
            raise Refused("value", str(wrong)) from wrong
        for name, text in rows:
            if text is None:
                layers, _ = layers.reset(Layer.ADMINISTRATOR, name)
        if (
            layers.settings.telnet.enabled
            and not before.settings.telnet.enabled
            and not await self._logins.administrator()
        ):
            raise Refused("value", "management/telnet/enabled: expected a password first (`password set`)")
        doubts = _fit_together(layers.settings, before.settings)
        await self._order(SettingsSet(tuple(rows), asked_by(request)))
        doubts += await self._logins.follow(dict(rows), before.settings.web.admin_password)
        changes = [layers.change(name, before) for name, _ in rows]
        return {
            "waits": self._phone.layers_waiting is not None,
            "warnings": doubts,
            "settings": [
                {
                    "name": each.name,
                    "value": shown(slot := slot_of(each.name), value_at(layers.settings, slot.path), secrets=False),
                    "layer": str(each.layer),
                    "restart": each.restart,
                }
                for each in changes
            ],
        }

    # --- calls -----------------------------------------------------------------------------------------

    async def _call(self, request: Json) -> Json:
        """A key pressed by a program: verb, and a call's id or a number."""
        verb, call_id, number = (request.get(key, "") for key in ("verb", "call", "number"))
        if not isinstance(verb, str) or verb not in ORDERS:
            raise Refused("request", f"verb: expected one of {', '.join(ORDERS)}")
        if not isinstance(call_id, str) or not isinstance(number, str):
            raise Refused("value", "call and number: expected texts")
        order = CallOrder(verb, call_id, dialable(number) if verb == "dial" else "", asked_by(request))
        found = meant(self._phone, order)
        if verb != "dial" and found is None:
            raise Refused("unknown", f"no call {call_id[:40]!a}" if call_id else f"no call to {verb}")
        before = {each.id for each in self._phone.calls}
        after = await self._order(order)
        if verb != "dial":
            return {"call": found.id if found is not None else ""}
        new = [each.id for each in after.calls if each.id not in before]
        if not new:
            notice = after.notice.title if after.notice is not None else "not possible now"
            raise Refused("refused", f"not dialled: {notice.replace('_', ' ')}")
        return {"call": new[-1]}

    async def _order(self, event: Event) -> Phone:
        """Ask the reducer what it would do, and then have it done. Refused: it would not."""
        after, effects = reduce(self._phone, event, moment())
        for each in effects:
            if isinstance(each, fx.Illegal):
                raise Refused("refused", each.why)
        await self._post(event)
        return after

    # --- the phone as a program ------------------------------------------------------------------------

    async def _provision(self, request: Json) -> Json:
        self._runtime.perform(fx.FetchSettings(f"asked for by {asked_by(request)}"))
        return {}

    async def _restart(self, request: Json) -> Json:
        """End the program in order; systemd starts it again. Not while somebody talks or types, unless `now`."""
        if occupied(self._phone) and request.get("now") is not True:
            raise Refused("refused", "the phone is in use; ask for a restart now to end the call")
        log.warning("restart asked for by %s", asked_by(request))
        self._runtime.stop()
        return {}

    async def _log(self, request: Json) -> Json:
        lines = request.get("lines", 100)
        if not isinstance(lines, int) or isinstance(lines, bool) or not 0 < lines <= LOG_LINES:
            raise Refused("request", f"lines: expected 1 to {LOG_LINES}")
        return {"lines": list(self.tail.lines)[-lines:]}

    # --- reports to other hosts ------------------------------------------------------------------------

    async def _report_secrets(self, request: Json) -> Json:
        """The secrets that reports to other hosts need, in clear, and the URLs, which may have one in them; no other is
        ever told."""
        settings = self._phone.settings
        return {"secrets": {
            "deskphone/hooks/url": settings.hooks.url,
            "deskphone/hooks/secret": settings.hooks.secret.reveal(),
            "ems_server/provisioning/url": settings.device_manager.url,
            "ems_server/user_password": settings.device_manager.password.reveal(),
        }}  # fmt: skip


def dialable(number: str) -> str:
    """A number or SIP address as it is dialled: as people write it, without blanks and brackets. Refused otherwise."""
    text = number.strip()
    if re.fullmatch(r"[0-9*#+ ()/.-]{1,80}", text, re.ASCII):
        text = re.sub(r"[ ()/.-]", "", text)
    if not (_PLAIN.fullmatch(text) or ("@" in text and _URI.fullmatch(text))):
        raise Refused("value", f"number: expected a number or a SIP address, got {number[:60]!a}")
    return text


def _fit_together(after: Settings, before: Settings) -> list[str]:
    """Doubts about these settings that there were none of before. Refused: they break a rule that those of before did
    not, or name a time zone that there is not."""
    zone = after.time.zone
    if zone not in ("", before.time.zone) and not has_zone(zone):
        raise Refused("value", f"{ZONE}: expected a zone of the time zone database, as Europe/Berlin, got {zone!a}")
    broken = [rule for rule in RULES if rule.broken(after) and not rule.broken(before)]
    said = [f"{rule.keys[0]}: {rule.message}" for rule in broken]
    for rule, text in zip(broken, said, strict=True):
        if rule.fatal:
            raise Refused("value", text)
        log.warning("%s", text)
    return said


def _slot(name: object) -> Slot:
    try:
        return slot_of(name) if isinstance(name, str) else slot_of("")
    except KeyError:
        raise Refused("unknown", f"no setting {str(name)[:80]!a}") from None


def _text(name: str, value: object) -> str | None:
    """A value as a text of a file. Refused: it is none, or what stands for a secret in answers and on web pages."""
    if value is None or isinstance(value, str):
        masked = value is not None and (url_secrets.is_masked(value) or (hidden(cleaned(value)) and _is_secret(name)))
        if masked:
            raise Refused("value", f"{name}: expected the secret itself, got the mask that stands for it")
        if value is not None and not value.isprintable() and any("\ud800" <= each <= "\udfff" for each in value):
            raise Refused("value", f"{name}: expected a text, got one that is no UTF-8")
        return value
    raise Refused("value", f"{name}: expected a text, got {type(value).__name__}")


def _is_secret(name: str) -> bool:
    return isinstance(_slot(name).option.kind, SecretText)
