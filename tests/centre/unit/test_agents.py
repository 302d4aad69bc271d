"""The agent at the stand-in: subscriptions, log in by nonce and proof, states both ways, features, misbehaviour."""

from __future__ import annotations

import re

import pytest

from centre import SipServer
from centre.agents import Roster
from centre.dnoptions import checked
from centre.quirks import Quirks
from centre.report import state_of
from tests.centre.unit.agentphone import (
    AS_FEATURE,
    HOTELING,
    AgentDialog,
    dialogs,
    set_agent_state,
    set_do_not_disturb,
    set_forwarding,
    set_hoteling,
)
from tests.centre.unit.phone import Phone


@pytest.fixture
def centre(server: SipServer) -> SipServer:
    """Agents, and DNs whose phones may log them in."""
    server.agents.add("7001", "1234", "Ada Agent")
    server.agents.add("7002")
    for dn in ("1502", "1503"):
        server.set_option(dn, "enable-agentlogin-subscribe", "true")
    return server


def guest(name: str) -> tuple[str, ...]:
    """What hoteling tells of who sits there."""
    return (f"HotelingEvent guestAddress={name}",)


async def nonce_of(hoteling: AgentDialog) -> str:
    (said,) = await hoteling.notified()
    challenge = re.fullmatch("HotelingEvent nonce=([0-9a-f]{16}) algorithm=MD5", said)
    assert challenge, said
    return challenge[1]


async def log_in(hoteling: AgentDialog, feature: AgentDialog, agent: str = "7001", password: str = "1234") -> None:
    assert (await hoteling.send(set_hoteling(agent))).code == 200
    nonce = await nonce_of(hoteling)
    assert (await hoteling.send(set_hoteling(agent, nonce, password))).code == 200
    assert await hoteling.notified() == guest(agent)
    assert await feature.notified() == (f"AgentLoggedOnEvent device=1502 agentID={agent}",)
    assert await feature.notified() == (f"AgentNotReadyEvent device=1502 agentID={agent}",)


async def test_without_the_option_the_packages_are_unknown(server: SipServer, alice: Phone) -> None:
    assert (await AgentDialog(alice, AS_FEATURE).begin()).code == 489
    assert (await AgentDialog(alice, HOTELING).begin()).code == 489


async def test_the_full_state_comes_at_once(centre: SipServer, alice: Phone) -> None:
    hoteling, feature = await dialogs(alice)
    assert hoteling.said == guest("")
    assert feature.said[:2] == ("AgentLoggedOffEvent device=1502", "DoNotDisturbEvent device=1502 doNotDisturbOn=false")
    assert feature.said[2:] == tuple(
        f"ForwardingEvent device=1502 forwardingType={kind} forwardStatus=false forwardTo= ringCount="
        for kind in ("forwardImmediate", "forwardBusy", "forwardNoAns")
    )
    assert feature.state == "active;expires=600"


async def test_log_in_ready_and_log_out(centre: SipServer, alice: Phone) -> None:
    hoteling, feature = await dialogs(alice)
    await log_in(hoteling, feature)
    assert centre.agents.at("1502").agent == "7001"
    await feature.send(set_agent_state("ready"))
    assert await feature.notified() == ("AgentReadyEvent device=1502 agentID=7001",)
    await feature.send(set_agent_state("notReady", "501"))
    assert await feature.notified() == ("AgentNotReadyEvent device=1502 agentID=7001 AgentNotReadyReasonValue=501",)
    await feature.send(set_agent_state("workingAfterCall"))
    assert await feature.notified() == ("AgentWorkingAfterCallEvent device=1502 agentID=7001",)
    await feature.send(set_agent_state("loggedOff"))
    assert await feature.notified() == ("AgentLoggedOffEvent device=1502",)
    assert centre.agents.at("1502").guest == "7001"
    await hoteling.send(set_hoteling(""))
    assert await hoteling.notified() == guest("")
    assert centre.agents.at("1502").guest == "" and centre.agents.where("7001") == ""


async def test_an_agent_without_a_password_is_not_asked(centre: SipServer, alice: Phone) -> None:
    hoteling, _ = await dialogs(alice)
    await hoteling.send(set_hoteling("7002"))
    assert await hoteling.notified() == guest("7002")


@pytest.mark.parametrize("how", ["silence", "empty", "same nonce", "new nonce"])
async def test_a_wrong_password(centre: SipServer, alice: Phone, how: str) -> None:
    centre.quirks.set("on_wrong_password", how)
    hoteling, _ = await dialogs(alice)
    await hoteling.send(set_hoteling("7001"))
    nonce = await nonce_of(hoteling)
    assert (await hoteling.send(set_hoteling("7001", nonce, "4321"))).code == 200
    if how == "silence":
        centre.agents.log_in("7002", "1502")  # so that there is something to wait for
        assert await hoteling.notified() == guest("7002")
    elif how == "empty":
        assert await hoteling.notified() == guest("")
    else:
        assert (await nonce_of(hoteling) == nonce) is (how == "same nonce")
    assert centre.agents.where("7001") == "" and centre.hoteling.failures == 1


async def test_a_proof_is_good_only_once(centre: SipServer, alice: Phone) -> None:
    centre.quirks.set("on_wrong_password", "empty")
    hoteling, _feature = await dialogs(alice)
    await hoteling.send(set_hoteling("7001"))
    used = set_hoteling("7001", await nonce_of(hoteling), "1234")
    await hoteling.send(used)
    await hoteling.notified()
    centre.desktop("1502").log_out()
    await hoteling.notified()
    await hoteling.send(used)
    assert await hoteling.notified() == guest("")


async def test_a_log_in_at_the_desktop_needs_no_password_here(centre: SipServer, alice: Phone) -> None:
    hoteling, feature = await dialogs(alice)
    desktop = centre.desktop("1502")
    with pytest.raises(ValueError, match="wrong"):
        desktop.log_in("7001", "0000")
    desktop.log_in("7001", "1234")
    assert await hoteling.notified() == guest("7001")
    await feature.notified()
    await feature.notified()
    desktop.ready()
    assert await feature.notified() == ("AgentReadyEvent device=1502 agentID=7001",)
    await hoteling.send(set_hoteling("7001"))
    assert await hoteling.notified() == guest("7001")
    desktop.log_out()
    assert await feature.notified() == ("AgentLoggedOffEvent device=1502",)
    assert await hoteling.notified() == guest("")
    with pytest.raises(ValueError, match="nobody"):
        desktop.ready()


async def test_an_agent_sits_at_one_place(centre: SipServer, alice: Phone) -> None:
    centre.desktop("1503").log_in("7001")
    hoteling, feature = await dialogs(alice)
    await log_in(hoteling, feature)
    assert centre.agents.where("7001") == "1502" and centre.agents.at("1503").guest == ""


async def test_two_sites_share_their_agents() -> None:
    roster = Roster()
    async with SipServer(dns={"1502": "a"}, roster=roster) as one, SipServer(dns={"1502": "a"}, roster=roster) as two:
        roster.add("7001", "1234")
        one.desktop("1502").log_in("7001")
        two.desktop("1502").log_in("7001")
        assert one.agents.where("7001") == "" and two.agents.where("7001") == "1502"


async def test_calls_go_to_the_site_where_the_agent_is(centre: SipServer, alice: Phone) -> None:
    async with SipServer(dns={"1502": "secret"}, roster=centre.agents.roster, timers=centre.settings.timers) as other:
        centre.other_site = other
        async with Phone("1502", other.port) as there:
            await there.register()
            other.desktop("1502").log_in("7001")
            centre.set_option("1502", "dr-forward", "no-agent")
            centre.call("1502")
            await there.ring()
            centre.desktop("1502").log_in("7001")
            centre.call("1502", from_number="2002")
            await alice.ring()


async def test_features_both_ways(centre: SipServer, alice: Phone) -> None:
    (feature,) = await dialogs(alice, [AS_FEATURE])
    await feature.send(set_do_not_disturb(True))
    assert await feature.notified() == ("DoNotDisturbEvent device=1502 doNotDisturbOn=true",)
    await feature.send(set_forwarding("forwardNoAns", "2424", 3))
    told = "ForwardingEvent device=1502 forwardingType=forwardNoAns forwardStatus={} forwardTo={} ringCount={}"
    assert await feature.notified() == (told.format("true", "2424", "3"),)
    assert centre.features.to_dict("1502") == {"dnd": True, "forward": {"forwardNoAns": "2424"}}
    centre.desktop("1502").forward("no_reply", "")
    assert await feature.notified() == (told.format("false", "", ""),)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"<SetAgentState/>", "text/plain", 415),
        (b"<SetHoteling", "application/x-broadworks-hoteling+xml", 400),
        (b"<Nonsense/>", "application/x-broadworks-hoteling+xml", 400),
        (set_do_not_disturb(True), "application/x-broadworks-hoteling+xml", 415),
    ],
)  # fmt: skip
async def test_bodies_that_are_refused(
    centre: SipServer, alice: Phone, body: str | bytes, kind: str, code: int
) -> None:
    (hoteling,) = await dialogs(alice, [HOTELING])
    assert (await hoteling.send(body, kind)).code == code
    assert (await hoteling.send()).code == 200


async def test_a_name_of_any_letters_is_told(centre: SipServer, alice: Phone) -> None:
    centre.agents.add("J\u00f6rg <&>")
    (feature,) = await dialogs(alice, [AS_FEATURE])
    centre.desktop("1502").log_in("J\u00f6rg <&>")
    assert await feature.notified() == ("AgentLoggedOnEvent device=1502 agentID=J\u00f6rg <&>",)


async def test_deaf_and_mute(centre: SipServer, alice: Phone) -> None:
    (feature,) = await dialogs(alice, [AS_FEATURE])
    centre.quirks.deaf = True
    assert (await feature.send(set_do_not_disturb(True))).code == 200
    assert not centre.features.of("1502").dnd and len(centre.features.heard) == 1
    centre.quirks.deaf = False
    centre.quirks.mute = True
    assert (await feature.send(set_do_not_disturb(True))).code == 200
    assert centre.features.of("1502").dnd
    centre.quirks.mute = False
    await feature.send()
    assert "DoNotDisturbEvent device=1502 doNotDisturbOn=true" in await feature.notified()


async def test_a_notify_before_its_200(centre: SipServer, alice: Phone) -> None:
    centre.quirks.notify_first = True
    alice.absorb = False
    alice.send(alice.request("SUBSCRIBE", headers={"Event": HOTELING, "Expires": "600"}))
    first = await alice.next_request("NOTIFY")
    alice.reply(first, 200)
    assert (await alice.next_response(200)).cseq.method == "SUBSCRIBE"


async def test_faults_may_mean_one_package(centre: SipServer, alice: Phone) -> None:
    centre.fail_next("SUBSCRIBE", 423, (("Min-Expires", "900"),), event=AS_FEATURE)
    assert (await AgentDialog(alice, HOTELING).begin()).code == 200
    answer = await AgentDialog(alice, AS_FEATURE).begin()
    assert answer.code == 423 and answer.headers["Min-Expires"] == "900"


@pytest.mark.parametrize("reason", ["deactivated", "timeout", "probation", "giveup", "rejected", "noresource"])
async def test_the_server_ends_a_subscription(centre: SipServer, alice: Phone, reason: str) -> None:
    (feature,) = await dialogs(alice, [AS_FEATURE])
    assert centre.end_subscriptions(AS_FEATURE, reason, 7 if reason == "probation" else None) == 1
    await feature.notified()
    assert feature.state == f"terminated;reason={reason}" + (";retry-after=7" if reason == "probation" else "")
    await centre.wait_until(lambda: not centre.notifier.all)


async def test_passwords_are_nowhere_to_be_seen(centre: SipServer, alice: Phone) -> None:
    hoteling, feature = await dialogs(alice)
    await log_in(hoteling, feature)
    assert "1234" not in repr(state_of(centre)) + repr(centre.agents.roster.logins)
    assert all(f"<response>{'*' * 3}" in m.text for m in centre.messages if "<response>" in m.text)


def test_an_unknown_quirk_or_option_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of"):
        Quirks().set("moody", True)
    with pytest.raises(ValueError, match="expected one of"):
        Quirks().set("on_wrong_password", "wrong")
    with pytest.raises(ValueError, match="expected one of"):
        checked([("sip-cti-controll", "talk")])
    with pytest.raises(ValueError, match="talk or hold, with commas"):
        checked([("sip-cti-control", "talk,shout")])
    assert checked([("sip-cti-control", " talk, hold ")]) == {"sip-cti-control": "talk, hold"}
