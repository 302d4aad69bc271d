"""Two sites of one contact centre, played in full: one shuts down in order, starts anew, switches over to its backup.

Law: told with the real servers only: what they do is theirs, and the phone is told nothing of it.
"""

from __future__ import annotations

import pytest

from deskphone.core.documents import SetHoteling
from tests.stories.agent import ACD, READY_AFTER, TWO_SERVERS, log_in
from tests.stories.bench import Story
from tests.stories.bench_sip import NUMBER, SipBench
from tests.stories.test_two_sites import two

pytestmark = [pytest.mark.bench("sip"), pytest.mark.slow]
TCP = {"voip__signalling__sip__transport_protocol": "TCP"}
OFTEN = {
    "voip__signalling__sip__redundant_proxy__mode": "PRIMARY_FALLBACK",
    "voip__signalling__sip__redundant_proxy__address": "127.0.0.9",
    "voip__signalling__sip__redundant_proxy__keepalive_period": "2",
}


def bench_of(phone: Story) -> SipBench:
    assert isinstance(phone.bench, SipBench)
    return phone.bench


def claims(phone: Story) -> int:
    """How often the phone asked for a seat, at either site."""
    heard = [each for server in (0, 1) for each in phone.agent_server(server).heard]
    return sum(isinstance(each, SetHoteling) and bool(each.guest) for each in heard)


def test_a_site_that_shuts_down_logs_the_agent_out_and_the_phone_does_not_fight_it(phone: Story) -> None:
    two(phone)
    bench = bench_of(phone)
    asked = claims(phone)
    bench.run(bench.servers[0].shut_down())
    phone.large("Logged Out", "Login")
    phone.dial("2001")  # its INVITE is sent on to the other site by 302
    phone.in_call()
    assert phone.call_server() == 1
    phone.press("cancel")
    phone.idle()
    phone.desktop.log_in("agent7001", server=1)  # as desktops do
    phone.large("Not Ready", "agent7001")
    assert claims(phone) == asked, "the phone itself asked for no seat"
    assert phone.state()["servers"][0]["registered"]


def test_a_restart_that_lost_all_is_noticed_by_the_keep_alive_and_the_state_is_asked_for_anew(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.power_on(**ACD, **READY_AFTER, **OFTEN)
    phone.large("Logged Out", "Login")
    log_in(phone)
    phone.large("Ready", "agent7001")
    bench = bench_of(phone)
    bench.run(bench.server.restart())
    phone.large("Logged Out", within=15)
    bench.run(bench.server.wait_registered(NUMBER, 10))
    phone.desktop.log_in("agent7001")
    phone.large("Not Ready", "agent7001")


def test_the_backup_of_a_site_goes_on_in_the_subscriptions_from_another_address(phone: Story) -> None:
    two(phone)
    bench = bench_of(phone)
    dialogs = phone.agent_server(0).dialogs
    bench.run(bench.servers[0].switch_over("127.0.0.3"))
    phone.desktop.not_ready("501")
    phone.large("Not Ready", "501")
    phone.press("soft1")
    phone.large("Ready")
    phone.server_sees("agent7001", "ready", server=0)
    assert phone.agent_server(0).dialogs == dialogs


def test_the_backup_of_a_site_over_tcp_is_subscribed_to_anew(phone: Story) -> None:
    two(phone, **TCP)
    bench = bench_of(phone)
    before = len(phone.agent_server(0).dialogs)
    bench.run(bench.servers[0].switch_over())
    bench.run(bench.servers[0].wait_until(lambda: len(phone_dialogs(bench)) >= before + 2, 15, "new subscriptions"))
    phone.desktop.not_ready("501")
    phone.large("Not Ready", "501")
    phone.server_sees("", "logged off", server=1)


def phone_dialogs(bench: SipBench) -> set[str]:
    """Call-IDs of the subscriptions that were ever begun at the first site. In the server's thread."""
    return {each.message.call_id for each in bench.servers[0].messages
            if each.direction == "in" and each.method == "SUBSCRIBE"}  # fmt: skip


def test_the_agent_of_a_killed_site_is_at_the_other_in_the_same_state_and_no_key_was_pressed(phone: Story) -> None:
    two(phone, **TCP)
    phone.desktop.not_ready("501")
    phone.large("Not Ready", "501")
    phone.server_dies(0)
    phone.server_sees("agent7001", "not ready", "501", server=1)
    phone.wait("the first site out of service", lambda state: not state["servers"][0]["registered"])
    phone.large("Not Ready", "501", within=15)  # first the screen says which server it is now


def test_a_site_that_thaws_rings_nobody_for_a_call_that_went_on_at_the_other(phone: Story) -> None:
    """It has the INVITE in its queue, and rings; the CANCEL that waited for its first word follows at once."""
    phone.power_on(**TWO_SERVERS)
    phone.wait("both sites", lambda state: [each["registered"] for each in state["servers"]] == [True, True], 15)
    bench = bench_of(phone)
    bench.do(lambda: bench.server.set_option(NUMBER, "authenticate-requests", "register"))  # no challenge in the way
    rung = [bench.do(lambda at=at, after=after: at.answering("2077", answer_after=after))
            for at, after in zip(bench.servers, (None, 0.2), strict=True)]  # fmt: skip
    phone.server_freezes(0)
    phone.dial("2077")
    phone.in_call(within=5)
    assert phone.call_server() == 1
    phone.wait("the first site out of service", lambda state: not state["servers"][0]["registered"], within=10)
    phone.server_lives(0)
    bench.run(rung[0].wait("ended", 10))
    assert rung[0].outcome is None or rung[0].outcome.code != 200
    phone.in_call()


def test_an_acd_server_that_is_named_has_the_agent(phone: Story) -> None:
    """Named, so that the phone has to look it up; it is the same program, which takes agents at whatever name."""
    port = bench_of(phone)._start(bench_of(phone).server).port
    phone.agents(agent7001="1234")
    phone.power_on(
        **ACD, **READY_AFTER, voip__services__ACD__server_use_sip_server="0",
        voip__services__ACD__server_address="localhost", voip__services__ACD__server_port=str(port),
    )  # fmt: skip
    phone.large("Logged Out", "Login", within=10)
    log_in(phone)
    phone.large("Ready", "agent7001")
    phone.desktop.not_ready("501")
    phone.large("Not Ready", "501")
    asked = [each.message for each in bench_of(phone).server.messages if each.method == "SUBSCRIBE"]
    assert {str(each.uri) for each in asked if "tag=" not in each.headers["To"]} == {"sip:1502@localhost"}
