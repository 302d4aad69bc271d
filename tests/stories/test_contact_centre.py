"""The whole story of `make run`, by the stand-in's queue and desktop: log in, Ready, a customer, talk, a reason."""

from __future__ import annotations

from typing import Any

import pytest

from centre.queue import Queue
from tests.stories.agent import ACD, log_in
from tests.stories.bench import Story
from tests.stories.bench_sip import NUMBER, SipBench

pytestmark = pytest.mark.bench("sip")

SETTINGS = {
    **ACD,
    "voip__services__ACD__unavailable_reason__0__code": "500",
    "voip__services__ACD__unavailable_reason__0__name": "Lunch break",
    "voip__talk_event__enabled": "1",
}


@pytest.fixture
def bench(phone: Story) -> SipBench:
    """A phone of a contact centre with a queue; the agent is logged in on the phone, Not Ready."""
    found = phone.bench
    assert isinstance(found, SipBench)
    found.do(lambda: found.server.add_queue("5000", no_answer=2.0))
    found.agents(**{"7001": "1234"})
    found.power_on(**SETTINGS)
    phone.registered()
    phone.large("Logged Out", "Login")
    log_in(phone, "7001")
    phone.large("Not Ready", "7001")
    return found


def queue(bench: SipBench) -> Queue:
    return bench.server.queue


def customer(bench: SipBench, name: str = "Jane Customer") -> Any:
    """Somebody calls the queue."""
    return bench.do(lambda: bench.server.call("5000", from_number="0301234567", name=name))


def desktop(bench: SipBench, what: str, *arguments: Any) -> None:
    """Something at the agent's desktop that takes its time."""
    bench.run(getattr(bench.server.desktop(NUMBER), what)(*arguments))


def answer(bench: SipBench) -> None:
    """The desktop answers as soon as it sees the call: the phone may show it before its 180 is at the server."""
    its = bench.server.desktop(NUMBER)
    bench.run(bench.server.wait_until(lambda: any(its.state_of(leg) == "ringing" for leg in its.legs), what="ringing"))
    bench.run(its.answer())


def test_log_in_ready_a_customer_talk_and_not_ready_with_a_reason(phone: Story, bench: SipBench) -> None:
    queue(bench).after_call_work = None
    first = customer(bench)
    phone.press("soft1")
    phone.shows("Incoming call", "Jane Customer")
    phone.lift()
    bench.run(first.wait("answered"))
    phone.shows("Talking", "Jane Customer")
    phone.put_down()
    bench.run(first.wait("ended"))
    phone.large("After-Call Work")
    phone.press("soft2", "ok")
    phone.large("Not Ready", "Lunch break")
    phone.server_sees("7001", "not ready", "500")
    second = customer(bench, "Otto Second")
    bench.run(second.wait("ringing"))
    assert [call.invitation.name for call in queue(bench).waiting] == ["Otto Second"]
    phone.idle()


def test_an_agent_who_does_not_answer_is_made_not_ready(phone: Story, bench: SipBench) -> None:
    phone.press("soft1")
    phone.large("Ready")
    waiting = customer(bench)
    phone.shows("Incoming call")
    phone.large("Not Ready", within=6)
    assert waiting.state == "ringing" and len(queue(bench).waiting) == 1


def test_the_desktop_answers_holds_retrieves_and_hangs_up(phone: Story, bench: SipBench) -> None:
    phone.desktop.ready()
    phone.large("Ready")
    waiting = customer(bench)
    phone.shows("Incoming call")
    answer(bench)
    phone.shows("Talking", "Jane Customer")
    desktop(bench, "hold")
    phone.shows("On hold", "Resume")
    bench.run(waiting.wait("held"))
    desktop(bench, "retrieve")
    phone.shows("Talking", "Hold")
    bench.do(lambda: bench.server.desktop(NUMBER).release())
    phone.idle()


# The second flow (RFC 3725) is one of calls by INVITE alone.
@pytest.mark.parametrize(("refer", "flow"), [("true", "1"), ("false", "1"), ("false", "2")])
def test_the_desktop_makes_a_call(phone: Story, bench: SipBench, refer: str, flow: str) -> None:
    bench.do(lambda: bench.server.set_option(NUMBER, "refer-enabled", refer))
    bench.do(lambda: bench.server.set_option(NUMBER, "make-call-rfc3725-flow", flow))
    desktop(bench, "make_call", "9664")
    phone.shows("Talking", "9664")
    milliwatt = [call for call in bench.server.calls.live if call.second is not None]
    assert [party.label for party in milliwatt[0].parties] == [NUMBER, "9664"]


@pytest.mark.parametrize("refer", ["true", "false"])
@pytest.mark.parametrize("end", ["transfer", "conference", "back"])
def test_the_desktop_consults(phone: Story, bench: SipBench, refer: str, end: str) -> None:
    bench.do(lambda: bench.server.set_option(NUMBER, "refer-enabled", refer))
    target = bench.do(lambda: bench.server.answering("2424", name="Second Line", media="tone:700"))
    phone.press("soft1")
    waiting = customer(bench)
    phone.shows("Incoming call")
    answer(bench)
    phone.shows("Talking")
    desktop(bench, "consult", "2424")
    bench.run(target.wait("answered"))
    phone.in_call(2)
    phone.wait("one call held", lambda state: sorted(each["local_hold"] for each in state["calls"]) == [False, True])
    if end == "transfer":
        desktop(bench, "complete_transfer")
        phone.idle()
        assert waiting.call is target.call
        bench.run(waiting.hear(700))
    elif end == "conference":
        desktop(bench, "complete_conference")
        phone.in_call(1)
        bench.run(waiting.hear(700))
        assert [party.label for party in bench.server.conferences[0].parties] == [NUMBER, "0301234567", "2424"]
    else:
        desktop(bench, "reconnect")
        phone.in_call(1)
        phone.shows("Talking", "Jane Customer")
        assert target.state == "ended"


def test_a_single_step_transfer(phone: Story, bench: SipBench) -> None:
    target = bench.do(lambda: bench.server.answering("2424"))
    phone.press("soft1")
    waiting = customer(bench)
    phone.shows("Incoming call")
    answer(bench)
    phone.shows("Talking")
    desktop(bench, "transfer", "2424")
    phone.idle()
    assert waiting.call is target.call


def test_without_the_option_the_server_holds_by_itself(phone: Story, bench: SipBench) -> None:
    bench.do(lambda: bench.server.set_option(NUMBER, "sip-cti-control", "talk"))
    phone.press("soft1")
    waiting = customer(bench)
    phone.shows("Incoming call")
    answer(bench)
    phone.shows("Talking")
    desktop(bench, "hold")
    phone.wait("held by the far end", lambda state: state["calls"][0]["remote_hold"])
    desktop(bench, "retrieve")
    phone.wait("talking", lambda state: not state["calls"][0]["remote_hold"])
    assert waiting.state == "answered"


def test_sip_alert_info_answers_by_itself(phone: Story, bench: SipBench) -> None:
    bench.do(lambda: bench.server.set_option(NUMBER, "sip-alert-info", "info=alert-autoanswer"))
    phone.press("soft1")
    customer(bench)
    phone.shows("Incoming call")  # the phone's own switch is off
    assert "answered automatically" not in phone.journal()
