"""Three talk: joined by the person's word, held and taken back as one, titles true at each step."""

from __future__ import annotations

import pytest

from tests.stories.agent import TWO_SERVERS
from tests.stories.bench import Customer, Story
from tests.stories.bench_core import core
from tests.stories.in_service import on, talking


@pytest.fixture
def customer(phone: Story) -> Customer:
    """A customer, the agent and 2001 in a conference."""
    who = talking(on(phone))
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("soft2")
    phone.shows("Conference?", "Jane Customer", "2001", "All hear each other")
    phone.press("soft1")
    phone.shows("Conference", "2001", "Jane Customer", "Conf")
    holds(phone, False, False)
    return who


def holds(phone: Story, *calls: bool) -> None:
    phone.wait(f"holds {calls}", lambda state: [each["local_hold"] for each in state["calls"]] == list(calls))


@pytest.mark.parametrize("key", [pytest.param("hold", marks=pytest.mark.rig), "soft1"])
def test_hold_holds_all_and_resume_takes_all_back(phone: Story, customer: Customer, key: str) -> None:
    phone.press(key)
    holds(phone, True, True)
    phone.shows("Conference held", "2001", "Jane Customer", "On hold", "Resume")
    phone.lamp("ring", "slow")
    phone.press(key)
    holds(phone, False, False)
    phone.shows("Conference", "Conf", "Hold")


@pytest.mark.bench("core")
@pytest.mark.parametrize("refuser", [0, 1])
def test_who_refuses_to_be_held_with_the_others_hears_nothing_all_the_same(
    phone: Story, customer: Customer, refuser: int
) -> None:
    """Whoever is on the screen: what it says is what is heard."""
    if refuser:
        phone.press("down")
    calls = {each["name"] or each["number"]: each["id"] for each in phone.state()["calls"]}
    phone.server_answers("re-INVITE", 488, "Not Acceptable Here")  # of the one that began first: Jane
    phone.press("hold")
    phone.shows("Hold refused", "488")
    phone.pass_time(5)
    if refuser:  # she is on the screen: she talks on
        phone.shows("Conference", "Jane Customer", "2001  On hold", "Hold")
        assert core(phone).heard() == {calls["Jane Customer"]}
    else:
        phone.shows("Conference held", "2001", "Jane Customer  Waits", "Resume")
        assert not core(phone).heard()
        phone.press("soft1")
    phone.press(*["hold", "hold"] if refuser else [])
    phone.pass_time(1)
    phone.shows("Conference", "Hold")
    assert core(phone).heard() == set(calls.values())


@pytest.mark.bench("core")
def test_who_refuses_to_be_taken_back_leaves_the_screen_to_the_other(phone: Story, customer: Customer) -> None:
    phone.press("hold")
    phone.shows("Conference held")
    phone.press("down")
    phone.shows("Conference held", "Jane Customer", "2001  On hold")
    phone.server_answers("re-INVITE", 488, "Not Acceptable Here")
    phone.press("hold")
    phone.pass_time(6)
    phone.shows("Conference", "2001", "Jane Customer  On hold")
    assert len(core(phone).heard()) == 1


@pytest.mark.bench("core")
def test_whom_the_desktop_holds_leaves_the_screen_to_the_other(phone: Story) -> None:
    """It knows of no conference: the other one and the person talk on."""
    who = talking(on(phone, voip__talk_event__enabled="1"))
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("soft2", "soft1")
    phone.shows("Conference", "2001", "Jane Customer")
    phone.press("down")
    phone.desktop.hold(who)
    phone.shows("Conference", "2001", "Jane Customer  On hold")
    assert len(core(phone).heard()) == 1


def test_who_is_left_alone_is_in_no_conference(phone: Story, customer: Customer) -> None:
    customer.hang_up()
    phone.in_call(1)
    phone.shows("Talking", "2001", "Hold", "Trans")


def test_one_can_be_dropped_and_the_other_goes_on(phone: Story, customer: Customer) -> None:
    phone.press("soft4", "soft1")
    phone.in_call(1)
    phone.shows("Talking", "Jane Customer")


def test_end_ends_both(phone: Story, customer: Customer) -> None:
    phone.press("soft4", "soft3")
    assert customer.ended() == 200
    phone.idle()


def test_split_goes_on_with_the_one_that_is_shown(phone: Story, customer: Customer) -> None:
    phone.press("soft2")
    holds(phone, True, False)
    phone.shows("Talking", "2001", "Jane Customer", "On hold")


def test_a_third_caller_answered_meanwhile_holds_the_conference(phone: Story, customer: Customer) -> None:
    third = phone.customer("0409876", "Otto Third")
    third.call()
    phone.shows("Call waiting", "Otto Third")
    phone.press("soft1")
    third.answered()
    holds(phone, True, True, False)
    phone.shows("Talking 3/3", "Otto Third", "Swap")
    phone.press("soft1")
    holds(phone, False, False, True)
    phone.shows("Conference")


def test_before_a_conference_grows_all_are_named_who_will_hear_each_other(phone: Story, customer: Customer) -> None:
    for place, name in enumerate(("Otto Third", "Ida Fourth"), 3):
        another = phone.customer(f"040{place}", name)
        another.call()
        phone.shows("Call waiting", name)
        phone.press("soft1")
        another.answered()
        phone.shows(f"Talking {place}/{place}", name)
        phone.press("soft2")
        brought = ("Jane Customer",) if place == 3 else ("Jane Customer  +1",)
        phone.shows("Conference?", name, *brought, "All hear each other")
        phone.press("soft1")
        holds(phone, *[False] * place)


def test_whoever_of_them_holds_the_agent_is_shown(phone: Story, customer: Customer) -> None:
    customer.hold()
    phone.shows("Conference", "2001", "Jane Customer  Held", "Split")
    phone.press("down")
    phone.shows("Held by other side", "Jane Customer", "2001  Conf", "Split")
    phone.press("hold")
    phone.shows("Conference held")
    phone.press("hold")
    customer.retrieve()
    phone.shows("Conference", "Jane Customer", "2001  Conf")


def test_mute_cuts_the_microphone_for_both(phone: Story, customer: Customer) -> None:
    phone.press("mute")
    phone.shows("Conference", "MUTED")
    assert phone.state()["audio"]["muted"]


@pytest.mark.rig
def test_a_consultation_that_was_answered_merges_by_no_key_alone(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("soft2", "soft2", "transfer", "transfer")
    holds(phone, True, False)
    phone.shows("Conference?")


def test_one_after_the_other_leaves_and_the_phone_is_idle(phone: Story, customer: Customer) -> None:
    customer.hang_up()
    phone.shows("Talking", "2001")
    phone.press("cancel")
    phone.idle()
    phone.shows("1502", "Directory")


# --- the person leaves -------------------------------------------------------------------------------


def conference_on_the_handset(phone: Story, **settings: str) -> Customer:
    phone.power_on(**settings)
    phone.registered()
    who: Customer = phone.customer()
    who.call()
    phone.shows("Answer")
    phone.lift()
    who.answered()
    phone.in_call()
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("soft2", "soft1")
    holds(phone, False, False)
    return who


def test_who_puts_the_handset_down_leaves_the_two_with_each_other(phone: Story) -> None:
    who = conference_on_the_handset(phone)
    phone.put_down()
    phone.shows("Transferred", within=8)
    phone.idle()
    del who


@pytest.mark.bench("core")
def test_until_it_is_reported_that_they_are_connected_they_hear_each_other_here(phone: Story) -> None:
    conference_on_the_handset(phone)
    phone.server_reports_no_transfer()
    phone.put_down()
    phone.shows("Transferring")
    assert phone.heard() == {"in-2", "out-1"}
    phone.shows("Not transferred?", within=61)
    phone.shows("Conference", within=5)
    assert phone.heard() == {"in-2", "out-1"}
    phone.lift()
    phone.press("soft4", "soft3")
    phone.idle()


def test_putting_the_handset_down_ends_it_for_all_where_it_is_set_so(phone: Story) -> None:
    who = conference_on_the_handset(phone, voip__drop_from_3wc_when_on_hook="1")
    phone.put_down()
    assert who.ended() == 200
    phone.idle()


def test_a_held_conference_outlives_the_handset(phone: Story) -> None:
    conference_on_the_handset(phone, voip__drop_from_3wc_when_on_hook="1")
    phone.press("hold")
    holds(phone, True, True)
    phone.put_down()
    phone.shows("Conference held", "Resume")


# --- at a server (RFC 4579) --------------------------------------------------------------------------

REMOTE = {"voip__services__conference__mode": "REMOTE", "voip__services__conference__conf_ms_addr": "9196"}


def asked_in(phone: Story, first: int = 200, second: int = 200, focus: str = "") -> Customer:
    """A customer and 2001, asked into the conference; with which codes the server reports of them."""
    who = talking(on(phone, **REMOTE))
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.callee("9196", after=0.1)  # ours; then those of the two others
    for code in (first, second):
        phone.callee("9196", after=0.3, code=code, reason="Declined" if code > 300 else "")
    phone.press("soft2")
    phone.shows("Conference?", "Jane Customer", "2001")
    phone.press("soft1")
    return who


@pytest.mark.bench("core")
def test_in_a_conference_at_the_server_there_is_one_call(phone: Story) -> None:
    asked_in(phone)
    phone.wait("three calls", lambda state: len(state["calls"]) == 3)
    phone.shows("Conference", "9196")
    phone.in_call(1, within=8)
    phone.shows("Conference", "9196", "Hold")
    phone.press("hold")
    phone.shows("Conference held")
    phone.press("hold")
    phone.shows("Conference")
    phone.press("cancel")
    phone.idle()


@pytest.mark.bench("core")
def test_who_is_not_let_in_stays_on_hold_here(phone: Story) -> None:
    asked_in(phone, first=603)
    phone.shows("Not in conference", "603", within=8)
    phone.in_call(2, within=8)
    phone.shows("Conference", "9196", within=8)
    phone.shows("Jane Customer", "On hold")
    phone.press("soft1")
    phone.shows("Talking", "Jane Customer")


@pytest.mark.bench("core")
def test_a_conference_server_that_refuses_leaves_both_as_they_were(phone: Story) -> None:
    asked_in_when_refused(phone)
    phone.shows("Service unavailable", "503")
    phone.in_call(2)
    phone.press("soft1")
    phone.wait("one of them talks", lambda state: sum(not each["local_hold"] for each in state["calls"]) == 1)


def asked_in_when_refused(phone: Story) -> None:
    phone.power_on(**{**REMOTE, "voip__services__conference__conf_ms_addr": "9503"})
    phone.registered()
    who: Customer = phone.customer()
    who.call()
    phone.press("soft1")
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("soft2", "soft1")


@pytest.mark.bench("core")
def test_another_one_is_asked_into_the_running_conference(phone: Story) -> None:
    asked_in(phone)
    phone.in_call(1, within=8)
    phone.press("soft3", *"9664", "soft1")
    phone.in_call(2)
    phone.callee("9196", after=0.1)
    phone.press("soft2")
    phone.shows("Conference?")
    phone.press("soft1")
    phone.in_call(1, within=8)
    phone.shows("Conference", "9196", "Hold")


@pytest.mark.bench("core")
def test_what_answers_as_the_focus_is_the_conference(phone: Story) -> None:
    phone.conference_focus("9196", "sip:room-7@127.0.0.1;gruu")
    asked_in(phone)
    phone.pass_time(1)
    assert phone.referred_to() == ["sip:room-7@127.0.0.1;gruu"] * 2


@pytest.mark.bench("core")
@pytest.mark.parametrize("way", ["503", "silence", "redirect"])
def test_a_conference_that_is_found_elsewhere_takes_the_others_in_all_the_same(phone: Story, way: str) -> None:
    room = "9302" if way == "redirect" else "9196"
    phone.power_on(**{**REMOTE, **TWO_SERVERS, "voip__services__conference__conf_ms_addr": room})
    phone.registered_everywhere()
    who: Customer = phone.customer()
    who.call()
    phone.shows("Answer")
    phone.press("soft1")
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    if way == "503":
        phone.server_answers("INVITE", 503, "Overloaded")
    phone.press("soft2")
    if way == "silence":
        phone.server_freezes(0)
    phone.press("soft1")
    phone.pass_time(2)
    assert phone.referred_to() == ["sip:9196@127.0.0.1" if way == "redirect" else "9196"] * 2
    if way != "silence":  # the first site has the calls of the others
        phone.in_call(1, within=8)
    phone.shows("Conference")
