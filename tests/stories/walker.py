"""Somebody who presses any key while anything happens: the random walk of `test_random_walk`.

Law: the words of the stories only; which one comes next is drawn from a seed, so that a walk can be walked again. What
the world does is what it could do: nobody hangs up twice, no server answers while it is down.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from deskphone.core import events as ev
from deskphone.core.screen.keys import KEYS
from deskphone.core.screen.situation import Situation, situation
from tests.stories.agent import ACD, READY_AFTER, REASONS, TWO_SERVERS
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.configuration import configuration, file_of
from tests.stories.far_end_core import CoreCustomer

CHOICES: tuple[dict[str, str], ...] = (
    ACD,
    REASONS,
    READY_AFTER,
    TWO_SERVERS,
    {"system__feature_key_synchronization__enabled": "1"},
    {"voip__proactive_mute__enabled": "1"},
    {"voip__talk_event__enabled": "1"},
    {"voip__services__ACD__logged_out_message_timer": "5"},
    {"voip__block_non_numeric_key": "1"},
)
RARE: tuple[dict[str, str], ...] = (
    {"system__login_sk_before_signed_in": "1", "voip__line__0__id": "", "voip__line__0__auth_password": ""},
    {"deskphone__acd__keep_session": "1"},
    {"voip__services__conference__mode": "REMOTE", "voip__services__conference__conf_ms_addr": "9664"},
    {"voip__advanced_auto_answer__activated": "1", "voip__advanced_auto_answer__timeout": "3"},
    {"voip__beep_to_ringing_device__enabled": "1"},
    {"voip__onhook_disconnect_when_held__enabled": "1"},
    {"voip__drop_from_3wc_when_on_hook": "1"},
    {"voip__number_of_calls_per_line": "2"},
    {"voip__services__call_waiting__enabled": "0"},
    {"voip__auto_answer__enabled": "1", "voip__auto_answer__speakerphone_beep__enabled": "1"},
    {"voip__signalling__sip__registrar_ka__enabled": "1", "voip__signalling__sip__registrar_ka__timeout": "40"},
    {"voip__line__0__call_forward__enabled": "0"},
    {"deskphone__hold_reminder__after": "5"},
    {"voip__answer_device": "HEADSET"},
    {"personal_settings__soft_keys__incoming_call__sk_reject__enable": "0"},
    {"system__semi_attended__enable": "0"},
    {"system__dnd__show_softkey": "0"},
    {"voip__dialing__auto_dialing__enabled": "1", "voip__dialing__auto_dialing__destination": "9486"},
    {"personal_settings__language": "GERMAN"},
    {"system__ntp__time_display_format": "12HOUR"},
    {
        "voip__services__ACD__unavailable_reason__0__name": "دوام",
        "voip__services__ACD__unavailable_reason__0__code": "9",
    },
)
AGENTS = {"agent7001": "1234", "a7002": "", "7003": "99"}
NUMBERS = ("9196", "9180", "9302", "9404", "9408", "9486", "2001", "007", "+49", "sip:9196@127.0.0.1")
CALLERS = (
    ("0301234567", "Jane Customer"),
    ("0409876", "Otto Second"),
    ("", ""),
    ("4" * 60, "N" * 80),
    ("1502", ""),
    ("0301", "王小明"),
    ("0302", "محمد أحمد"),
    ("", "राम"),
)
HEADERS = ((), (), (("call-info", "<sip:x>;answer-after=0"),), (("call-info", "<sip:x>;answer-after=3"),),
           (("alert-info", "ring answer"),), (("diversion", "<sip:2000@127.0.0.1>;reason=no-answer"),))  # fmt: skip
OFTEN = ("soft1", "soft2", "soft3", "soft4", "ok", "cancel", "hold", "transfer", "down")
PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0, 11.0, 35.0, 130.0)


class Walker:
    """A phone on the core bench and all that happens to it. done: what was done so far, for who reads a failure."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.bench = CoreBench()
        self.phone = Story(self.bench)
        self.settings = self._some(CHOICES, 0.6) | self._some(RARE, 0.1)
        self.people: list[CoreCustomer] = []
        self.done: list[str] = []
        self.phone.agents(**AGENTS)
        self.phone.power_on(**self.settings)
        self.phone.pass_time(3)
        self.acts: tuple[tuple[Callable[[], str], float], ...] = (
            (self._key, 34), (self._pause, 18), (self._customer, 8), (self._callee, 4), (self._far_end, 8),
            (self._log_in, 4), (self._desktop, 8), (self._server, 5), (self._handset, 4), (self._type, 3),
            (self._clock, 1), (self._mail, 1), (self._new_file, 1), (self._power_cut, 0.2), (self._twice, 4),
            (self._finger_stays, 2), (self._flicker, 1), (self._slow, 1), (self._part, 1), (self._form, 3),
            (self._directory, 1),
        )  # fmt: skip

    def _some(self, choices: tuple[dict[str, str], ...], share: float) -> dict[str, str]:
        return {name: value for each in choices if self.draw.random() < share for name, value in each.items()}

    @property
    def servers(self) -> int:
        """How many servers the phone has."""
        return 2 if TWO_SERVERS.keys() <= self.settings.keys() else 1

    def step(self) -> bool:
        """One thing that somebody does; whether it was the person."""
        acts, weights = zip(*self.acts, strict=True)
        (act,) = self.draw.choices(acts, weights)
        self.done.append(act())
        self.bench.effects.clear()
        self.bench.effects_at.clear()
        others = (self._pause, self._customer, self._callee, self._far_end, self._desktop, self._server, self._clock,
                  self._mail, self._directory, self._new_file, self._slow, self._part)  # fmt: skip
        return act not in others

    # --- the person ----------------------------------------------------------------------------------

    def _key(self) -> str:
        key = self.draw.choice(OFTEN if self.draw.random() < 0.7 else sorted(KEYS))
        if self.draw.random() < 0.05:
            self.bench.hold_down(key, 1.0)
        else:
            self.phone.press(key)
        return key

    def _twice(self) -> str:
        """The same key, or its neighbour, 50 ms later."""
        key = self.draw.choice(OFTEN)
        after = key if self.draw.random() < 0.6 else self.draw.choice(OFTEN)
        for each in (key, after):
            if each not in self.bench.phone.keys_down:
                self.bench.turn(ev.KeyDown(each))
                self.bench.pass_time(0.02)
                self.bench.turn(ev.KeyUp(each))
                self.bench.pass_time(0.03)
        return f"{key} and {after} at once"

    def _finger_stays(self) -> str:
        """A key goes down, something happens, and it comes up."""
        key = self.draw.choice(sorted(KEYS))
        self.bench.turn(ev.KeyDown(key))
        what = self.draw.choice((self._customer, self._far_end, self._desktop, self._pause))()
        if key in self.bench.phone.keys_down:
            self.bench.turn(ev.KeyUp(key))
        return f"{key} down, {what}, up"

    def _flicker(self) -> str:
        """The hook's contact bounces longer than the driver takes for a bounce."""
        for _ in range(self.draw.choice((2, 4))):
            self._handset()
            self.phone.pass_time(0.05)
        return "the hook flickers"

    def _form(self) -> str:
        """Somebody begins to fill something in."""
        if situation(self.bench.phone) is Situation.IDLE:
            self.phone.press(*self.draw.choice((("contacts", "up", "ok"), ("menu", "5"), ("soft1",), ("2", "4"))))
            self.phone.type(self.draw.choice(("Anna", "12", "007")))
            self.phone.press(*self.draw.choice(((), ("left",), ("down",))))
        return "a form"

    def _handset(self) -> str:
        (self.phone.put_down if self.bench.phone.sound.hook_off else self.phone.lift)()
        return "handset"

    def _type(self) -> str:
        text = self.draw.choice((*NUMBERS, *AGENTS, "é%ß", ""))
        self.phone.type(text)
        return f"type {text}"

    def _log_in(self) -> str:
        user, password = self.draw.choice(list(AGENTS.items()))
        if situation(self.bench.phone) is Situation.IDLE and self.phone.screen().softkeys[0] == "Login":
            self.phone.press("soft1", *["soft3"] * 12)
            self.phone.type(user)
            self.phone.press("down")
            self.phone.type(password if self.draw.random() < 0.8 else "wrong")
            self.phone.press("soft1")
        return f"log in {user}"

    def _pause(self) -> str:
        seconds = self.draw.choice(PAUSES)
        self.phone.pass_time(seconds)
        return f"{seconds} s"

    # --- the others ----------------------------------------------------------------------------------

    def _customer(self) -> str:
        number, name = self.draw.choice(CALLERS)
        customer = self.bench.customer(number, name)
        taken = [
            each for each in self.people if each.call_id.startswith("in-") and each.leg is not None and each.leg.up
        ]
        old = self.draw.choice(taken) if taken and self.draw.random() < 0.1 else None
        customer.call(
            anonymous=self.draw.random() < 0.1, offer=self.draw.choice(("live", "live", "live", "nowhere", "none")),
            headers=self.draw.choice(HEADERS), trusted=self.draw.random() < 0.95, replaces=old,
        )  # fmt: skip
        self.people.append(customer)
        return f"{name or '?'} calls" + (f" in place of {old.name}" if old is not None else "")

    def _callee(self) -> str:
        number, rings = self.draw.choice(NUMBERS), self.draw.choice((0.2, None))
        code = self.draw.choice((200, 200, 486, 603, 480)) if rings is not None else 200
        self.people.append(self.bench.callee(number, after=rings, code=code))
        return f"{number} answers {code} after {rings}"

    def _far_end(self) -> str:
        there = [each for each in self.people if each.leg is not None and not each.leg.unheard]
        there = [each for each in there if self.bench.phone.call(each.call_id)]
        if not there:
            return "nobody is there"
        who, leg = (each := self.draw.choice(there)), each.leg
        assert leg is not None
        if leg.number and not leg.up:
            self.phone.pass_time(0.1)  # its ringing is on the way
            if who.leg is not None and not who.leg.up:
                self.bench.server._up(who.call_id, 0.01)
            return f"{leg.number} answers"
        if leg.up and self.draw.random() < 0.4:
            who._remote_hold(not leg.remote_hold)
            return f"{who.name} holds or retrieves"
        who.hang_up()
        return f"{who.name} hangs up"

    def _desktop(self) -> str:
        desktop = self.phone.desktop
        seated = [each for each in self.bench.server.agents.values() if each.guest and each.state != "logged off"]
        there = [each for each in self.people if each.leg is not None and each.call_id.startswith("in-")]
        acts: list[Callable[[], None]] = [
            lambda: desktop.do_not_disturb(self.draw.random() < 0.3),
            lambda: desktop.forward(self.draw.choice(("always", "busy", "no_reply")), self.draw.choice(("", "2424"))),
            lambda: desktop.make_call("9196"),
        ]
        if seated:
            acts += [desktop.ready, desktop.after_call_work, desktop.log_out,
                     lambda: desktop.not_ready(self.draw.choice(("", "0", "501", "999")))]  # fmt: skip
        elif not self.bench.server.agents[0].down:
            acts.append(lambda: desktop.log_in("agent7001"))
        if there:
            who = self.draw.choice(there)
            acts += [lambda: desktop.answer(who), lambda: desktop.hold(who), lambda: desktop.retrieve(who),
                     lambda: desktop.make_call("2001", who)]  # fmt: skip
        self.draw.choice(acts)()
        return "the desktop"

    def _server(self) -> str:
        number = self.draw.randrange(self.servers)
        agents = self.bench.agent_server(number)
        what = self.draw.choice(("back", "back", "back", "dies", "freezes", "ends", "refuses", "hold waits", "deaf"))
        if what == "back":
            self.heal(number)
        elif what in ("dies", "freezes"):
            getattr(self.phone, f"server_{what}")(number)
        elif what == "ends" and agents.open:
            reason = self.draw.choice(("deactivated", "probation", "timeout", "rejected", ""))
            self.phone.ends_subscription(sorted(agents.open)[0], reason, self.draw.choice((0, 3)), server=number)
        elif what == "refuses":
            method = self.draw.choice(("SUBSCRIBE", "REGISTER", "INVITE", "REFER", "re-INVITE"))
            self.phone.server_answers(method, self.draw.choice((403, 481, 488, 500, 503)), "No", 1, 5)
        elif what == "hold waits":
            self.phone.hold_waits()
        else:
            agents.deaf = True
        return f"server {number} {what}"

    def _slow(self) -> str:
        """What that server says comes later than the phone waits, or at once again."""
        number = self.draw.randrange(self.servers)
        self.bench.agent_server(number).slow = late = self.draw.choice((0.0, 0.0, 3.0, 6.0, 12.0))
        return f"server {number} takes {late} s"

    def _part(self) -> str:
        """A headset is pulled out, or plugged in; the display's bus hangs."""
        name = self.draw.choice(("audio", "lamps", "display", "ringer"))
        failed = any(each == name for each, _ in self.bench.phone.failed_parts)
        self.bench.turn(ev.DriverRecovered(name) if failed else ev.DriverFailed(name, "gone"))
        return f"{name} {'is back' if failed else 'fails'}"

    def _clock(self) -> str:
        forward = self.draw.choice((3600.0, -3600.0, 86_400.0 * 400, -0.5))
        self.bench.set_clock(forward)
        return f"the clock goes {forward} s"

    def _mail(self) -> str:
        new = self.draw.choice((0, 3, 99_999))
        self.bench.turn(ev.MessageWaiting(self.draw.randrange(self.servers), new > 0, new, 0))
        return f"{new} voice messages"

    def _directory(self) -> str:
        """The company's directory comes, or another one."""
        names = self.draw.sample(("Ada", "Ben", "Émile", "王小明", "محمد", "Z" * 64), self.draw.randrange(7))
        self.bench.turn(ev.DirectoryLoaded(tuple((name, f"20{place:02}") for place, name in enumerate(names))))
        return f"a directory of {len(names)}"

    def _new_file(self) -> str:
        """A configuration that comes while the phone is on: in force when nobody's hands are on it."""
        self.settings = {**self._some(CHOICES, 0.7), **self._some(RARE, 0.05)}
        number = self.draw.choice(("1502", "1502", "1503"))
        text = configuration(**{"number": number, **self.settings})
        self.bench.turn(ev.SettingsLoaded(file_of(text), "http://files/phone.cfg"))
        return f"new file for {number}"

    def _power_cut(self) -> str:
        self.phone.power_cut()
        self.bench.server.legs.clear()  # the servers find out by themselves
        self.phone.power_on(**self.settings)
        return "power cut"

    def heal(self, number: int) -> None:
        """That server works again."""
        agents = self.bench.agent_server(number)
        self.phone.server_lives(number)
        agents.deaf = agents.mute = False
        agents.slow = 0.0
