"""RFC 3725 by sippy: the agent's phone and a customer joined by a third party, each flow heard by the agent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers import sound
from tests.peers.b2bua.desktop import Controller
from tests.peers.baresip import TONE, Baresip
from tests.peers.ear import Ear
from tests.peers.phone import PeerPhone
from tests.stories.bench import Story

pytestmark = [pytest.mark.peer, pytest.mark.slow]
PEER = "sippy 2.5"
SPOKEN = 1000


@dataclass
class Floor:
    """A phone (1502) and baresip (2001) at sippy."""

    controller: Controller
    customer: Baresip
    phone: PeerPhone
    story: Story
    ear: Ear

    def customer_answers(self) -> None:
        """baresip rings and answers."""
        seen = len([each for each in self.customer.events if each.get("type") == "CALL_ESTABLISHED"])
        self.customer.event("CALL_INCOMING")
        self.customer.command("accept")
        assert seen == 0
        self.customer.event("CALL_ESTABLISHED")

    def ends(self) -> None:
        """The agent hangs up, and everybody is free."""
        self.story.press("cancel")
        self.story.idle(within=10)
        self.customer.event("CALL_CLOSED")
        assert self.phone.troubles() == []


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    sound.write_tone(tmp_path / "spoken.wav", SPOKEN)
    with contextlib.ExitStack() as ends:
        controller = Controller(tmp_path)
        ends.callback(controller.stop)
        customer = Baresip(tmp_path / "baresip", controller.port)
        ends.callback(customer.stop)
        audio = ("--audio", f"wav:{tmp_path / 'spoken.wav'},{tmp_path / 'heard.wav'}")
        phone = ends.enter_context(PeerPhone(tmp_path / "phone", controller.port, *audio))
        phone.story().registered(within=10)
        yield Floor(controller, customer, phone, phone.story(), Ear("the phone", lambda: tmp_path / "heard.wav"))


@pytest.mark.parametrize(
    "flow",
    [
        pytest.param("one", marks=pytest.mark.proves("RFC 3725 flow I", PEER)),
        pytest.param("three", marks=pytest.mark.proves("RFC 3725 flow III", PEER)),
    ],
)
def test_a_third_party_joins_agent_and_customer(floor: Floor, flow: str) -> None:
    floor.controller.order(f"{flow} 1502 2001")
    floor.story.shows("Incoming call", "Desktop", within=10)
    floor.story.press("ok")
    floor.customer_answers()
    floor.story.in_call(within=10)
    floor.ear.hears(TONE)
    floor.ends()


@pytest.mark.proves("click to dial: REFER in a held call", PEER)
def test_an_agent_referred_in_a_call_reaches_the_customer(floor: Floor) -> None:
    """sippy ends the call it referred in with a BYE at once; the referral outlives it."""
    floor.controller.order("refer 1502 2001")
    floor.story.shows("Incoming call", "Desktop", within=10)
    floor.story.press("ok")
    floor.customer_answers()
    floor.story.wait("one call", lambda state: [call["state"] for call in state["calls"]] == ["established"], 10)
    floor.ear.hears(TONE)
    floor.ends()


@pytest.mark.proves("call through a B2BUA", PEER)
def test_a_call_of_the_agent_goes_through(floor: Floor) -> None:
    floor.story.dial("2001")
    floor.customer_answers()
    floor.story.in_call(within=10)
    floor.ear.hears(TONE)
    floor.story.press("hold")
    floor.story.wait("hold", lambda state: state["calls"][0]["local_hold"], 10)
    floor.story.press("hold")
    floor.story.wait("no hold", lambda state: not state["calls"][0]["local_hold"], 10)
    floor.ear.hears(TONE)
    floor.ends()
