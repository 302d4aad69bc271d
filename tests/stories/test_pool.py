"""A pool of SIP Proxies behind one name: the next address when one is dead, and staying with the one that works."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Register, Resolve
from deskphone.core.events import Resolved, ServerSilent
from tests.stories.bench import Story
from tests.stories.bench_core import core

pytestmark = pytest.mark.bench("core")
POOL = {"voip__signalling__sip__proxy_address": "pool.example", "voip__signalling__sip__proxy_port": "5060"}
KEEP_ALIVE = {
    "voip__signalling__sip__registrar_ka__enabled": "1",
    "voip__signalling__sip__registrar_ka__timeout": "40",
}
A, B, C = "10.0.0.1:5060", "10.0.0.2:5060", "10.0.0.3:5060"


def world(phone: Story, *targets: str) -> None:
    phone.bench.server.names["pool.example"] = targets


def dead(phone: Story, *hops: str) -> None:
    phone.bench.server.dead_hops = set(hops)


def hop(phone: Story) -> str:
    return [each.account.hop for each in phone.bench.effects if isinstance(each, Register)][-1]


def test_the_uris_keep_the_name_and_the_packets_go_to_an_address(phone: Story) -> None:
    world(phone, A, B)
    phone.power_on(**POOL)
    phone.registered()
    account = [each.account for each in phone.bench.effects if isinstance(each, Register)][-1]
    assert (account.aor, account.registrar) == ("sip:1502@pool.example", "sip:pool.example:5060")
    assert (account.hop, account.pool) == (A, (A, B)), "each address of the pool may speak for it"


def test_a_dead_address_is_passed_over_within_five_seconds(phone: Story) -> None:
    world(phone, A, B)
    dead(phone, A)
    phone.power_on(**POOL)
    phone.registered(within=5)
    assert hop(phone) == B


def test_an_address_that_dies_in_service_is_left_and_the_line_stays_in_service(phone: Story) -> None:
    world(phone, A, B)
    phone.power_on(**POOL, **KEEP_ALIVE)
    phone.registered()
    dead(phone, A)
    phone.pass_time(44)
    assert hop(phone) == B
    assert phone.state()["servers"][0]["registered"]
    dead(phone)
    phone.pass_time(600)
    assert hop(phone) == B, "the one that works is kept"


def test_the_servers_page_tells_which_address_of_how_many_and_the_last_answer(phone: Story) -> None:
    world(phone, A, B)
    phone.power_on(**POOL, **KEEP_ALIVE)
    phone.registered()
    phone.press("menu", "4", "3")
    phone.shows("SIP servers", "10.0.0.1", "1/2")
    dead(phone, A, B)
    phone.pass_time(60)
    phone.press("up")
    phone.shows("Last answer")


def test_a_503_is_the_next_one_s_business_and_a_403_is_not(phone: Story) -> None:
    world(phone, A, B, C)
    phone.server_answers("REGISTER", 503, "Maintenance")
    phone.power_on(**POOL)
    phone.registered(within=1)
    assert hop(phone) == B
    phone.server_answers("REGISTER", 403, "No")
    phone.pass_time(1)


def test_with_the_whole_pool_dead_the_screen_says_so_and_the_phone_tries_on(phone: Story) -> None:
    world(phone, A, B)
    dead(phone, A, B)
    phone.power_on(**POOL)
    phone.shows("No answer from server", within=10)
    dead(phone, B)
    phone.registered(within=80)
    assert hop(phone) == A


def test_a_name_that_changes_its_addresses_takes_the_phone_along(phone: Story) -> None:
    world(phone, A)
    phone.power_on(**POOL)
    phone.registered()
    world(phone, B)
    phone.pass_time(62)
    assert hop(phone) == B
    assert phone.state()["servers"][0]["registered"]


def test_a_dead_name_server_changes_nothing_for_who_knows_the_address(phone: Story) -> None:
    world(phone, A)
    phone.power_on(**POOL)
    phone.registered()
    world(phone)
    phone.pass_time(3600)
    assert phone.state()["servers"][0]["registered"]
    asked = sum(isinstance(each, Resolve) for each in phone.bench.effects)
    assert 60 <= asked <= 130, "it is asked on, twice a minute"


def test_a_dead_name_server_at_power_on_is_named_and_waited_for(phone: Story) -> None:
    world(phone)
    phone.power_on(**POOL)
    phone.shows("No answer from server")
    world(phone, A)
    phone.registered(within=60)


def test_an_address_in_the_file_asks_nobody(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.pass_time(600)
    assert not any(isinstance(each, Resolve) for each in phone.bench.effects)


def test_a_dead_pool_whose_answer_is_renewed_all_the_while_is_out_of_service_too(phone: Story) -> None:
    pool = tuple(f"10.0.0.{number}:5060" for number in range(1, 13))
    world(phone, *pool)
    phone.bench.server.life = 10
    phone.power_on(**POOL, **KEEP_ALIVE)
    phone.registered()
    dead(phone, *pool)
    phone.pass_time(40)
    phone.wait("out of service", lambda state: not state["servers"][0]["registered"], within=60)


def test_an_address_that_joins_the_pool_may_speak_for_it_and_one_that_left_may_not(phone: Story) -> None:
    def spoken_for() -> tuple[str, ...]:
        return [each.account.pool for each in phone.bench.effects if isinstance(each, Register)][-1]

    world(phone, A, B)
    phone.power_on(**POOL)
    phone.registered()
    world(phone, B, A)
    phone.pass_time(62)
    asked = sum(isinstance(each, Register) for each in phone.bench.effects)
    assert asked == 1, "another order of the same addresses is no news"
    world(phone, A, C)
    phone.pass_time(62)
    assert hop(phone) == A
    assert set(spoken_for()) == {A, C}
    assert phone.state()["servers"][0]["registered"]


def test_a_name_server_that_lies_leads_back_to_the_address_that_worked(phone: Story) -> None:
    world(phone, A)
    phone.power_on(**POOL)
    phone.registered()
    dead(phone, B, C)
    world(phone, B, C)
    phone.pass_time(62 + 5)
    assert hop(phone) == A
    assert phone.state()["servers"][0]["registered"]
    asked = sum(isinstance(each, Register) for each in phone.bench.effects)
    phone.pass_time(600)
    assert sum(isinstance(each, Register) for each in phone.bench.effects) == asked, "the same lie again is no news"
    dead(phone, A)
    phone.bench.post(ServerSilent(0, "no answer"))
    phone.pass_time(10)
    assert hop(phone) == B, "the name was right in the end"
    assert phone.state()["servers"][0]["registered"]


def test_a_name_that_leads_to_a_server_that_says_no_leads_back_too(phone: Story) -> None:
    world(phone, A)
    phone.power_on(**POOL)
    phone.registered()
    world(phone, B)
    phone.server_answers("REGISTER", 403, "No")
    phone.pass_time(63)
    assert hop(phone) == A
    assert phone.state()["servers"][0]["registered"]


def test_a_question_to_the_name_server_whose_answer_is_lost_is_asked_again(phone: Story) -> None:
    world(phone, A)
    phone.power_on(**POOL)
    core(phone).drop(lambda event: isinstance(event, Resolved))
    phone.pass_time(20)
    assert not phone.state()["servers"][0]["registered"]
    phone.registered(within=20)
    core(phone).server.life = 40
    phone.pass_time(100)
    phone.wait("a question", lambda state: any(isinstance(each[2], Resolved) for each in core(phone)._due), within=100)
    core(phone).drop(lambda event: isinstance(event, Resolved))
    world(phone, B)
    phone.wait("the new address", lambda state: hop(phone) == B, within=40)


def test_an_answer_that_says_it_is_good_for_68_years_is_asked_about_again_within_a_day(phone: Story) -> None:
    """One forged answer would hold as long."""
    world(phone, A)
    phone.bench.server.life = 2**31 - 1
    phone.power_on(**POOL)
    phone.registered()
    world(phone, B)
    phone.pass_time(90_000)
    assert hop(phone) == B
