"""A phone in service on the rig, who speaks into it and who listens: the words of the tests of sound."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.hil.rig.ear import HANDSET, HEADSET, LISTEN_RATE, LOUDSPEAKER, Microphone
from tests.hil.rig.mouth import Mouth
from tests.patience import patient
from tests.peers.sound import Recording, decibel
from tests.stories.bench import Story
from tests.stories.bench_hil import HilBench
from tests.stories.bench_sip import SipCustomer

MOUTH_HZ, FAR_HZ = 1000, 1400
SAID = -12.0  # dB below a full-scale sine, as Mouth says it
FAR = decibel(0.35)  # of the stand-in's tones
NEAR = 2.0  # dB: a lost packet in a window, a filter's ripple
SILENT = -60.0
CARDS = {"handset": (HANDSET, "Handset"), "headset": (HEADSET, "Headset"), "speaker": (LOUDSPEAKER, "sndrpigooglevoi")}


class Room(Story):
    """A phone in service, who speaks and who listens."""

    def __init__(self, bench: HilBench) -> None:
        super().__init__(bench)
        self.power_on()
        self.registered(within=15)
        self.ear, self.shell = bench.place.ear, bench.place.shell
        self.mouth = Mouth(self.shell, bench.place.folder)
        self.ear.listen(HEADSET)
        self.customers: list[SipCustomer] = []

    def until(self, what: str, test: Callable[[], bool], told: Callable[[], object], within: float = 10) -> None:
        """Wait for something that is no state of the phone."""
        within = patient(within)
        deadline = time.monotonic() + within
        while not test():
            assert time.monotonic() < deadline, f"waited {within} s for {what}: {told()}"
            time.sleep(0.05)

    def level(self, where: Microphone, hertz: int) -> float:
        """Usual level of a frequency in the last second heard there."""
        samples = self.ear.samples(where, 1.0)
        return Recording(LISTEN_RATE, samples).level(hertz) if len(samples) > LISTEN_RATE // 2 else -120.0

    def hears_at(self, where: Microphone, hertz: int, level: float) -> None:
        """Wait for a tone at a level."""
        self.until(
            f"{hertz} Hz at {level:.0f} dB in the {where.name}",
            lambda: abs(self.level(where, hertz) - level) < NEAR,
            lambda: f"{self.level(where, hertz):.1f} dB",
        )

    def far_hears(self, customer: SipCustomer, level: float | None) -> None:
        """Wait until the far end has had half a second of MOUTH_HZ at this level, or of silence (None)."""
        ear = customer.there.ear
        customer.bench.do(ear.forget)

        def there() -> float:
            return float(customer.bench.do(lambda: ear.level(MOUTH_HZ) if ear.seconds > 0.5 else 100.0))

        def right() -> bool:
            now = there()
            return now < SILENT if level is None else abs(now - level) < NEAR

        self.until(f"the far end to hear {level} dB", right, lambda: f"{there():.1f} dB")

    def called(self, **how: Any) -> SipCustomer:
        """A customer who calls; answer as you like."""
        customer: SipCustomer = self.customer()
        self.customers.append(customer)
        customer.call(**how)
        self.shows("Incoming call", within=10)
        return customer

    def tidy(self) -> None:
        """End all calls, from the far side where there is one: a key may get lost on a machine that is too busy."""
        for customer in self.customers:
            if customer.there.state != "ended":
                customer.hang_up()
        self.customers.clear()
        for _, card in CARDS.values():
            self.shell.run(f"kill -- -$(cat /run/mouth-{card}.pid); rm /run/mouth-{card}.pid")
        self.put_down()
        deadline = time.monotonic() + 10
        while self.do(self.bench._calls):  # type: ignore[attr-defined]
            assert time.monotonic() < deadline, "a call that does not end"
            self.press("cancel")
            time.sleep(0.5)
