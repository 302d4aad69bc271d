"""The shapes a desktop's calls take on the wire, through the real phone: RFC 3725 flows and consultations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

from centre.desktop import Desktop
from centre.farend import FarEnd
from tests.stories.bench import Story
from tests.stories.bench_sip import NUMBER, SipBench, SipCustomer

pytestmark = pytest.mark.sip

TARGET = "2424"
HEARD = 5  # packets
DIGIT = 15  # packets of 20 ms: a digit lasts 250 ms


class Floor:
    """One phone at the stand-in, its desktop, and a number that answers."""

    def __init__(self, bench: SipBench, settings: Mapping[str, str] = MappingProxyType({}), **options: str) -> None:
        self.bench = bench
        self.phone = Story(bench)
        dn = bench.server.dns[NUMBER]
        dn.options.update({name.replace("_", "-"): value for name, value in options.items()})
        self.target: FarEnd = bench.do(lambda: bench.server.answering(TARGET))
        self.phone.power_on(voip__talk_event__enabled="1", voip__auto_answer__enabled="1", **settings)
        self.phone.registered()

    @property
    def desktop(self) -> Desktop:
        desktop: Desktop = self.bench.do(lambda: self.bench.server.desktop(NUMBER))
        return desktop

    def hears_digits(self, digits: str) -> None:
        """The keys of the phone reach the target, to their end: the voice path leads there.

        Pressed when its voice does: a late packet of the first party makes pjmedia send there for 0.2 s more
        (docs/interop.md).
        """
        ear = self.target.ear
        self.bench.run(self.target.wait_until(lambda: ear.packets > HEARD, 10, "the agent's voice"))
        self.phone.press(*digits)
        self.bench.run(self.target.wait_until(lambda: ear.digits == digits, 10, f"digits {digits}"))
        begun = ear.packets
        self.bench.run(self.target.wait_until(lambda: ear.packets > begun + DIGIT, 10, "the last one's end"))


@pytest.fixture
def bench() -> Iterator[SipBench]:
    """A phone that is off."""
    with SipBench() as made:
        yield made
        assert made.illegal() == 0, made.journal()
        assert "Traceback" not in made.journal(), made.journal()


@pytest.mark.parametrize("flow", ["1", "2"])
def test_a_call_of_the_desktop_by_invite(bench: SipBench, flow: str) -> None:
    floor = Floor(bench, refer_enabled="false", make_call_rfc3725_flow=flow)
    bench.run(floor.desktop.make_call(TARGET))
    bench.run(floor.target.wait("answered"))
    floor.phone.in_call()
    floor.phone.wait("voice", lambda state: [bool(each["codec"]) for each in state["calls"]] == [True])
    floor.phone.wait("nobody on hold", lambda state: not any(each["remote_hold"] for each in state["calls"]))
    floor.hears_digits("17")
    bench.do(floor.target.leave)
    floor.phone.idle()


@pytest.mark.parametrize("flow", ["1", "2"])
@pytest.mark.parametrize("marking", ["", "info=alert-autoanswer"])
def test_the_persons_services_leave_a_call_of_the_desktop_alone(bench: SipBench, flow: str, marking: str) -> None:
    floor = Floor(
        bench, refer_enabled="false", make_call_rfc3725_flow=flow, sip_alert_info=marking,
        settings={
            "voip__line__0__call_forward__active": "1",
            "voip__line__0__call_forward__type": "UNCONDITIONAL",
            "voip__line__0__call_forward__destination": "2424",
            "voip__proactive_mute__enabled": "1",
        },
    )  # fmt: skip
    bench.run(floor.desktop.make_call(TARGET))
    bench.run(floor.target.wait("answered"))
    floor.phone.in_call()
    assert floor.phone.state()["audio"]["muted"] is False
    floor.hears_digits("17")
    bench.do(floor.target.leave)
    floor.phone.idle()


def consulting(floor: Floor) -> SipCustomer:
    """A customer whose call was answered at the desktop, and who waits while it asks another."""
    customer = floor.phone.customer()
    assert isinstance(customer, SipCustomer)
    customer.call()
    floor.phone.shows("Incoming call")
    floor.bench.run(floor.desktop.answer())
    customer.answered()
    floor.bench.run(floor.desktop.consult(TARGET))
    return customer


def test_a_consultation_in_a_second_dialog_is_completed_at_the_desktop(bench: SipBench) -> None:
    floor = Floor(bench, refer_enabled="false", dual_dialog_enabled="true")
    customer = consulting(floor)
    floor.phone.in_call(2)
    floor.phone.wait("the customer on hold", lambda state: [c["local_hold"] for c in state["calls"]] == [True, False])
    floor.hears_digits("3")
    bench.run(floor.desktop.complete_transfer())
    floor.phone.idle()
    customer.hang_up()
    bench.run(floor.target.wait("ended"))


def test_a_consultation_in_the_only_dialog_leads_back_to_the_customer(bench: SipBench) -> None:
    floor = Floor(bench, refer_enabled="false", dual_dialog_enabled="false")
    customer = consulting(floor)
    bench.run(floor.target.wait("answered"))
    floor.phone.in_call(1)
    floor.hears_digits("3")
    bench.run(floor.desktop.reconnect())
    bench.run(floor.target.wait("ended"))
    floor.phone.in_call(1)
    agent, ear = floor.target.ear.ssrc, customer.there.ear
    bench.run(customer.there.wait_until(lambda: ear.ssrc == agent, 10, "the agent's voice in place of the music"))
    floor.phone.press("4")
    bench.run(customer.there.wait_until(lambda: customer.digits.endswith("4"), 10, "the digit"))
    assert customer.digits == "4", "and none that was meant for the other"
    customer.hang_up()
    floor.phone.idle()
