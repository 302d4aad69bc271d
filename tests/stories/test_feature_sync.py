"""Do-not-disturb and forwarding kept equal with the server, both directions, without loops."""

from __future__ import annotations

import pytest

from deskphone.core.documents import AS_FEATURE, ForwardingType, SetDoNotDisturb, SetForwarding
from tests.stories.agent import ACD, log_in
from tests.stories.bench import Story

SYNC = {"system__feature_key_synchronization__enabled": "1"}


@pytest.fixture
def ready(phone: Story) -> Story:
    """A phone in service that shares its feature keys."""
    phone.power_on(**SYNC)
    phone.registered()
    phone.pass_time(0.2)
    return phone


def forward_always(phone: Story, number: str) -> None:
    phone.press("soft4", "ok", "ok", *number, "soft1")


def test_dnd_of_the_phone_reaches_the_server_once(ready: Story) -> None:
    ready.press("soft3")
    ready.shows("DnD")
    ready.pass_time(5)
    assert ready.agent_server().dnd
    assert ready.agent_server().heard == [SetDoNotDisturb("1502", True)]
    ready.press("soft3")
    ready.pass_time(1)
    assert not ready.agent_server().dnd
    assert len(ready.agent_server().heard) == 2


def test_dnd_of_the_server_is_in_force_here_and_not_sent_back(ready: Story) -> None:
    ready.desktop.do_not_disturb(True)
    ready.wait("DnD", lambda state: "DnD" in state["marks"])
    customer = ready.customer()
    customer.call()
    assert customer.ended() == 603
    ready.desktop.do_not_disturb(False)
    ready.wait("no DnD", lambda state: "DnD" not in state["marks"])
    assert ready.agent_server().heard == []


def test_forwarding_of_the_phone_reaches_the_server(ready: Story) -> None:
    forward_always(ready, "2424")
    ready.shows("Fwd 2424")
    ready.pass_time(5)
    server = ready.agent_server()
    assert server.forward == {"always": "2424"}
    assert server.heard == [SetForwarding("1502", ForwardingType.IMMEDIATE, True, "2424")]


def test_one_kind_at_a_time_the_old_one_is_taken_back(ready: Story) -> None:
    forward_always(ready, "2424")
    ready.pass_time(1)
    ready.press("soft4", "ok", "3", *["soft3"] * 4, *"2525", "soft1")
    ready.pass_time(1)
    assert ready.agent_server().forward == {"no_reply": "2525"}
    last = ready.agent_server().heard[-1]
    assert isinstance(last, SetForwarding) and last.rings is not None and 1 <= last.rings <= 100
    ready.press("soft4", "ok", "4")
    ready.pass_time(1)
    assert ready.agent_server().forward == {}


def test_forwarding_of_the_server_is_in_force_here(ready: Story) -> None:
    ready.desktop.forward("always", "2626")
    ready.shows("Fwd 2626")
    customer = ready.customer()
    customer.call()
    assert customer.ended() == 302
    ready.desktop.forward("always", "")
    ready.wait("no forward", lambda state: "2626" not in str(state["rows"]))
    assert ready.agent_server().heard == []


@pytest.mark.parametrize("address", ["sip:2626@site;user=phone", '"Desk" <sip:2626;x=y@site>;tag=1', "tel:2626"])
def test_of_an_address_the_number_is_shown(ready: Story, address: str) -> None:
    ready.desktop.forward("always", address)
    ready.wait("the number alone", lambda state: "Fwd 2626" in state["rows"])


def test_after_a_start_the_servers_state_wins(phone: Story) -> None:
    phone.agent_server().dnd = True
    phone.agent_server().forward["busy"] = "2727"
    phone.agent_server().forward["always"] = "2828"
    phone.power_on(**SYNC)
    phone.wait("DnD", lambda state: "DnD" in state["marks"])
    phone.shows("Fwd 2828")
    phone.pass_time(1)
    assert phone.agent_server().heard == []


@pytest.mark.bench("core")
def test_the_servers_state_is_not_sent_back_to_it_later(phone: Story) -> None:
    phone.agent_server().dnd = True
    phone.power_on(**SYNC)
    phone.wait("DnD", lambda state: "DnD" in state["marks"])
    phone.pass_time(2000)
    assert phone.agent_server().heard == []


@pytest.mark.bench("core")
def test_a_server_without_the_package_leaves_the_local_switch_working(phone: Story) -> None:
    phone.server_answers(f"SUBSCRIBE {AS_FEATURE}", 489, "Bad Event", times=9)
    phone.power_on(**SYNC)
    phone.registered()
    phone.pass_time(1)
    phone.press("soft3")
    phone.wait("DnD", lambda state: "DnD" in state["marks"])
    phone.pass_time(4000)
    phone.wait("DnD", lambda state: "DnD" in state["marks"])
    assert phone.agent_server().dialogs == [(AS_FEATURE, 3600)]
    assert phone.agent_server().heard == []


def test_while_it_is_off_nothing_is_shared(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("soft3")
    phone.pass_time(5)
    assert phone.agent_server().dialogs == []


def test_it_goes_together_with_the_agent_login(phone: Story) -> None:
    phone.agents(agent7001="")
    phone.power_on(**SYNC, voip__services__ACD__enabled="1")
    phone.large("Logged Out")
    phone.desktop.log_in("agent7001")
    phone.large("Not Ready")
    phone.desktop.do_not_disturb(True)
    phone.wait("DnD", lambda state: "DnD" in state["marks"])
    phone.press("soft1")
    phone.large("Ready")


@pytest.mark.bench("core")  # pjsip gives the dialog up at a 491; commands that would wait 7 s for a new one are dropped
def test_a_wish_that_is_given_up_takes_no_do_not_disturb_along(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.power_on(**SYNC, **ACD, voip__services__sub__response491__retry_timeout="7")
    phone.registered()
    phone.large("Logged Out")
    log_in(phone)
    phone.large("Not Ready")
    phone.server_answers(f"SUBSCRIBE {AS_FEATURE}", 491, "Request Pending", times=1)
    phone.press("soft4", "down", "ok")
    phone.wait("DnD here", lambda state: "DnD" in state["marks"])
    phone.press("soft1")
    phone.press("soft4", "down", "ok")
    phone.wait("no DnD here", lambda state: "DnD" not in state["marks"])
    phone.shows("Not accepted", within=6)

    def orders() -> list[SetDoNotDisturb]:
        return [each for each in phone.agent_server().heard if isinstance(each, SetDoNotDisturb)]

    both = [SetDoNotDisturb("1502", True), SetDoNotDisturb("1502", False)]
    phone.wait("both at the server", lambda state: orders() == both, within=12)
