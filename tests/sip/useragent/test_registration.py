"""Registrations on the wire, with a far end that says what a test tells it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.config.schema.words import RedundancyMode
from deskphone.core.effects import Attach, Dial, Hangup, Hold, KeepAlive, Register, Subscribe, Unregister
from deskphone.core.events import (
    CallEnded,
    CallIncoming,
    CallProgress,
    HoldFailed,
    MessageWaiting,
    Registered,
    RegistrationFailed,
    ServerHeard,
    ServerSilent,
    Unregistered,
)
from deskphone.sip.options import UserAgentOptions
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, account_at, address_of, granting, settings_for, talk_out, wait_for
from tests.sip.useragent.peer import Dialog, Peer, Rtp, sdp

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]
CHALLENGE = (("WWW-Authenticate", 'Digest realm="site", nonce="n1", algorithm=MD5, qop="auth"'),)


def test_a_line_registers_and_says_which_events_it_understands(phone: Phone, peer: Peer) -> None:
    register = next(message for message in peer.seen)
    assert "talk" in register.headers.get("allow-events")
    assert register.headers.get("expires") == "300"


def test_a_challenge_is_answered_with_the_password(make_phone: Make, peer: Peer) -> None:
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 401, "Unauthorized", CHALLENGE)
    second = peer.request("REGISTER")
    assert 'username="1502"' in second.headers.get("authorization")
    assert "secret" not in second.headers.get("authorization")
    peer.reply(second, 200, "OK", (("Contact", second.headers.get("contact")), ("Expires", "120")))
    event = phone.expect(Registered)
    assert event == Registered(0, 120, f"127.0.0.1:{peer.port}")


def test_more_service_routes_than_the_stack_has_room_for(make_phone: Make, peer: Peer) -> None:
    """A registrar names twelve (RFC 3608); release 2.17 wrote past the end of its array of eight."""
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    request = peer.request("REGISTER")
    routes = tuple(("Service-Route", f"<sip:edge{number}.example.test;lr>") for number in range(12))
    peer.reply(request, 200, "OK", (("Contact", request.headers.get("contact")), ("Expires", "120"), *routes))
    assert phone.expect(Registered) == Registered(0, 120, f"127.0.0.1:{peer.port}")


def test_a_wrong_password_is_reported_once_and_not_repeated(make_phone: Make, peer: Peer) -> None:
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer, password="wrong")))
    peer.reply(peer.request("REGISTER"), 401, "Unauthorized", CHALLENGE)
    peer.reply(peer.request("REGISTER"), 401, "Unauthorized", CHALLENGE)
    assert phone.expect(RegistrationFailed).code == 401
    peer.nothing("REGISTER")


def test_a_refusal_comes_with_its_reason_and_the_time_to_wait(make_phone: Make, peer: Peer) -> None:
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 503, "Maintenance", (("Retry-After", "120 (soon)"),))
    assert phone.expect(RegistrationFailed) == RegistrationFailed(0, 503, "Maintenance", 120)


def test_no_server_can_send_the_phone_away_for_longer_than_an_hour(make_phone: Make, peer: Peer) -> None:
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 503, "Maintenance", (("Retry-After", "604800"),))
    assert phone.expect(RegistrationFailed).retry_after == 3600


def test_an_order_to_register_while_the_stack_refreshes_by_itself_goes_out(
    make_phone: Make, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    """pjsip's safety net has its REGISTER pending: PJSIP_EBUSY is no name of pjsua2, and no reason to fail."""
    granting(peer, 5)  # pjsip refreshes at 1 s, we at 5
    phone = make_phone(settings_for(registration={"refresh_percent": 100}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    del peer.automatic["REGISTER"]
    first = peer.request("REGISTER")
    phone.do(Register(account_at(peer)))
    second = peer.request("REGISTER")
    assert second.call_id != first.call_id
    peer.reply(second, 200, "OK", (("Contact", second.headers.get("contact")), ("Expires", "90")))
    assert phone.expect(Registered).expires == 90
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("registered", [False, True])
def test_a_stop_while_a_register_is_pending_is_no_error(
    make_phone: Make, peer: Peer, caplog: pytest.LogCaptureFixture, registered: bool
) -> None:
    phone = make_phone()
    caplog.clear()  # of how it started
    if registered:
        phone.do(Register(account_at(peer)))
        phone.expect(Registered)
    del peer.automatic["REGISTER"]
    phone.do(Register(account_at(peer)))
    peer.request("REGISTER")
    phone.stop()
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


@pytest.mark.parametrize("kept", [False, True])
def test_a_stop_gives_the_binding_back_unless_it_is_to_outlive_a_restart(
    make_phone: Make, peer: Peer, kept: bool
) -> None:
    phone = make_phone(settings_for(registration={"keep_at_restart": kept}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    del peer.automatic["REGISTER"]
    phone.stop()
    if kept:
        peer.nothing("REGISTER", 0.3)
    else:
        assert peer.request("REGISTER").headers.get("expires") == "0"


def test_a_binding_is_given_back_although_a_refresh_is_pending(phone: Phone, peer: Peer) -> None:
    """RFC 3261 section 10.2: no REGISTER beside a pending one; the un-REGISTER follows its answer."""
    del peer.automatic["REGISTER"]
    phone.do(Register(account_at(peer)))
    pending = peer.request("REGISTER")
    phone.do(Unregister(0))
    peer.nothing("REGISTER", 0.2)
    peer.reply(pending, 200, "OK", (("Contact", pending.headers.get("contact")), ("Expires", "90")))
    last = peer.request("REGISTER")
    assert last.headers.get("expires") == "0"
    peer.reply(last, 200, "OK")
    phone.expect(Unregistered, server=0)


def test_a_late_answer_to_an_abandoned_register_confuses_nobody(make_phone: Make, peer: Peer) -> None:
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    first = peer.request("REGISTER")
    phone.do(Register(account_at(peer)))  # the core gave up waiting
    second = peer.request("REGISTER")
    peer.reply(first, 403, "Too late")
    phone.nothing(RegistrationFailed, 0.2)
    peer.reply(second, 200, "OK", (("Contact", second.headers.get("contact")), ("Expires", "60")))
    assert phone.expect(Registered).expires == 60


def test_two_servers_are_two_registrations(phone: Phone, peer: Peer) -> None:
    other = Peer()
    granting(other, 90)
    phone.do(Register(account_at(other, 1)))
    assert phone.expect(Registered) == Registered(1, 90, f"127.0.0.1:{other.port}")
    phone.do(Unregister(0))
    phone.expect(Unregistered, server=0)
    phone.nothing(Unregistered, 0.1)
    phone.stop()
    other.close()


def test_an_account_may_be_known_without_a_registration(phone: Phone, peer: Peer) -> None:
    """An ACD server of its own, and a primary proxy that is only asked whether it lives."""
    other = Peer()
    other.automatic["OPTIONS"] = lambda options: other.reply(options, 200, "OK")
    phone.do(Attach(account_at(other, 2)), KeepAlive(2))
    assert phone.expect(ServerHeard) == ServerHeard(2, 200)
    phone.do(Subscribe(2, "as-feature-event", ("application/x-as-feature-event+xml",), 300))
    assert other.request("SUBSCRIBE").uri.endswith(f":{other.port}")
    assert not [each for each in other.seen if each.method == "REGISTER"]
    peer.nothing("SUBSCRIBE", 0.1)
    other.close()


def test_a_line_given_back_is_gone_and_may_come_again(phone: Phone, peer: Peer) -> None:
    phone.do(Unregister(0))
    assert phone.expect(Unregistered).server == 0
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)


def test_a_dead_port_is_a_failure_with_a_code(make_phone: Make, peer: Peer) -> None:
    gone = Peer()
    account = account_at(gone, transport="tcp")
    gone.close()
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account))
    assert phone.expect(RegistrationFailed).code == 503


def test_any_answer_to_options_is_life_and_silence_a_suspicion(phone: Phone, peer: Peer) -> None:
    peer.automatic["OPTIONS"] = lambda options: peer.reply(options, 404, "Nobody")
    phone.do(KeepAlive(0))
    assert phone.expect(ServerHeard) == ServerHeard(0, 404)
    del peer.automatic["OPTIONS"]
    phone.do(KeepAlive(0))
    peer.request("OPTIONS")
    assert phone.expect(ServerSilent) == ServerSilent(0, "no answer to OPTIONS")
    phone.nothing(ServerSilent, 0.5)


def test_whatever_the_server_leaves_unanswered_makes_it_suspect(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    peer.request("INVITE")
    assert phone.expect(ServerSilent).what == "no answer to INVITE"
    phone.do(Subscribe(0, "as-feature-event", ("application/x-as-feature-event+xml",), 300))
    peer.request("SUBSCRIBE")
    assert phone.expect(ServerSilent).what == "no answer to SUBSCRIBE"
    del peer.automatic["REGISTER"]
    phone.do(Register(account_at(peer)))
    peer.request("REGISTER")
    assert phone.expect(ServerSilent).what == "no answer to REGISTER"


def test_icmp_says_soon_that_nobody_is_there(phone: Phone, peer: Peer) -> None:
    peer.close()
    phone.do(KeepAlive(0))
    assert phone.expect(ServerSilent, within=1.4) == ServerSilent(0, "unreachable (ICMP)")
    phone.nothing(ServerSilent, 1.0)


def test_a_server_that_hesitates_gets_an_empty_line_and_no_more(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    assert phone.expect(ServerSilent).what == "no answer to INVITE"
    peer.reply(invite, 100, "Trying")
    assert phone.expect(CallProgress).code == 100


def test_a_request_that_is_only_being_worked_on_makes_nobody_suspect(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 100, "Trying")
    assert phone.expect(CallProgress).code == 100
    phone.nothing(ServerSilent, 2.0)


def test_a_call_nobody_has_answered_a_word_to_is_over_when_the_person_hangs_up(phone: Phone, peer: Peer) -> None:
    """No CANCEL leaves before a provisional answer (RFC 3261 section 9.1), and a dead server sends none."""
    phone.do(Dial("out-1", 0, "2001"))
    peer.request("INVITE")
    phone.do(Hangup("out-1"))
    assert phone.expect(CallEnded, within=1.0).code == 487


def test_with_two_servers_a_request_is_sent_again_after_t1_of_the_two(make_phone: Make, peer: Peer) -> None:
    phone = make_phone(settings_for(redundant={"mode": RedundancyMode.SIMULTANEOUS, "dual_t1": 20}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    sent: list[Request] = []
    peer.automatic["OPTIONS"] = sent.append
    phone.do(KeepAlive(0))
    phone.expect(ServerSilent)
    assert len(sent) >= 6, "0, 20, 60, 140, 300, 620, 1260 ms"


def test_a_registration_is_refreshed_at_part_of_its_life(make_phone: Make, peer: Peer) -> None:
    granting(peer, 2)
    phone = make_phone(settings_for(registration={"refresh_percent": 20}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    phone.expect(Registered, within=10.0)


def test_a_taken_port_ends_the_driver_with_a_sentence(peer: Peer) -> None:
    phone = Phone(UserAgentOptions(address="127.0.0.1", sip_port=peer.port), settings_for())
    wait_for(lambda: phone.failure is not None, "the end of the driver")
    assert isinstance(phone.failure, OSError)
    assert f"127.0.0.1 port {peer.port}" in str(phone.failure)
    phone.stop()


@pytest.mark.parametrize("method", ["NOTIFY", "INVITE"])
def test_a_server_may_speak_before_its_200(make_phone: Make, peer: Peer, method: str) -> None:
    """A new binding is used at once; what a server sends then may come before its answer to the REGISTER."""
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    register = peer.request("REGISTER")
    if method == "NOTIFY":
        peer.send("NOTIFY", Dialog("early", "<sip:server@127.0.0.1>;tag=a", "<sip:1502@127.0.0.1>", address_of(phone)),
                  (("Event", "message-summary"),), b"Messages-Waiting: yes\r\n",
                  kind="application/simple-message-summary")  # fmt: skip
        assert peer.response(200, "NOTIFY")
        assert phone.expect(MessageWaiting).waiting
    else:
        peer.invite(address_of(phone), (), sdp(40_000))
        assert phone.expect(CallIncoming).trusted
    granting(peer)
    peer.reply(register, 200, "OK", (("Contact", register.headers.get("contact")), ("Expires", "300")))
    phone.expect(Registered)


def test_a_stranger_may_not_speak_meanwhile(make_phone: Make, peer: Peer) -> None:
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.request("REGISTER")
    stranger = Peer("127.0.0.2")
    stranger.phone = peer.phone
    stranger.invite(address_of(phone), (), sdp(40_000))
    phone.nothing(CallIncoming)
    assert stranger.seen == []
    granting(peer)
    stranger.close()


def test_a_binding_that_is_not_recognised_is_refreshed_before_the_shortest_that_can_be_ours(
    make_phone: Make, peer: Peer
) -> None:
    """A NAT has rewritten the port, and somebody else's binding lives much longer."""

    def grant(request: Request) -> None:
        lines = (("Contact", "<sip:1502@127.0.0.1:9>;expires=2"), ("Contact", "<sip:1502@10.0.0.9:5060>;expires=3500"))
        peer.reply(request, 200, "OK", lines)

    peer.automatic["REGISTER"] = grant
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    assert phone.expect(Registered).expires == 2
    assert phone.expect(Registered).expires == 2, "refreshed"


def test_an_endless_row_of_challenges_has_an_end(make_phone: Make, peer: Peer) -> None:
    count = [0]

    def challenge(request: Request) -> None:
        count[0] += 1
        realm = f'Digest realm="r{count[0]}", nonce="n{count[0]}", algorithm=MD5, qop="auth"'
        peer.reply(request, 401, "Unauthorized", (("WWW-Authenticate", realm),))

    peer.automatic["REGISTER"] = challenge
    phone = make_phone(settings_for(registration={"auth_retries": 4}))
    phone.do(Register(account_at(peer)))
    assert phone.expect(RegistrationFailed).code == 401
    assert count[0] == 5
    peer.nothing("REGISTER", 0.2)


def test_a_far_end_behind_the_server_gets_no_proof_of_ours(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    """It challenges our BYE, or our re-INVITE in a realm of its own; the password would be its to crack."""
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 401, "Unauthorized", CHALLENGE)
    proved = peer.request("REGISTER")
    peer.reply(proved, 200, "OK", (("Contact", proved.headers.get("contact")), ("Expires", "120")))
    phone.expect(Registered)
    peer.phone = ("127.0.0.1", phone.agent.address[1])
    talk_out(phone, peer, rtp)
    phone.do(Hold("out-1"))
    evil = (("WWW-Authenticate", 'Digest realm="evil", nonce="mine", algorithm=MD5, qop="auth"'),)
    peer.reply(peer.request("INVITE"), 401, "Unauthorized", evil)
    peer.request("ACK")
    assert phone.expect(HoldFailed).code == 401
    phone.do(Hangup("out-1"))
    peer.reply(peer.request("BYE"), 401, "Unauthorized", CHALLENGE)  # not even in the server's own realm
    peer.nothing("BYE", 0.3)
    sent = [each for each in peer.seen if isinstance(each, Request) and each.method != "REGISTER"]
    assert not [each.method for each in sent if each.headers.get("authorization")]


def test_a_server_that_failed_may_be_back_as_one_that_does_not_keep_our_contact(phone: Phone, peer: Peer) -> None:
    """Held to what it showed before, it would never ring here again."""
    plain = address_of(phone).partition(";")[0]
    peer.invite(address_of(phone), (), sdp(20_000))
    phone.expect(CallIncoming, call="in-1")
    peer.invite(plain, (), sdp(20_000))
    phone.nothing(CallIncoming)
    del peer.automatic["REGISTER"]
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 503, "Service Unavailable")
    phone.expect(RegistrationFailed)
    granting(peer)
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    peer.invite(plain, (), sdp(20_000))
    phone.expect(CallIncoming, call="in-2")
