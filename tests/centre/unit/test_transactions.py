"""Retransmission and absorption at the stand-in, and what hostile bytes do to it: nothing."""

from __future__ import annotations

import random
import time

import pytest
from sipmessage import Request

from centre import SipServer, Timers
from centre.message import MAX_BYTES, Malformed, credentials, parse, tag_of, uri_text
from tests.centre.unit.phone import PATIENCE, Phone, sdp


async def test_a_repeated_request_is_answered_again_and_not_handled_twice(server: SipServer) -> None:
    async with Phone("1502", server.port) as phone:
        request = phone.request("REGISTER")
        first, second = await phone.ask(request), await phone.ask(request)
        assert bytes(first) == bytes(second)


async def test_a_request_is_repeated_until_the_phone_answers(server: SipServer, alice: Phone) -> None:
    alice.absorb = False
    server.notify_mwi("1502", new=1)
    first = await alice.next_request("NOTIFY")
    again = await alice.next_request("NOTIFY")
    assert bytes(first) == bytes(again)
    alice.reply(again, 200)


async def test_an_invite_to_a_dead_phone_ends_with_a_word() -> None:
    dns = {"1502": "secret", "1503": "secret"}
    async with (
        SipServer(dns=dns, timers=Timers(0.004, 0.02, 0.02)) as server,
        Phone("1502", server.port) as caller,
        Phone("1503", server.port) as dead,
    ):
        await dead.register()
        await caller.register()
        dead.transport.close()
        _, answer = await caller.call("1503")
        assert (answer.code, answer.phrase) == (480, "No Answer From Phone")


async def test_an_error_to_an_invite_is_repeated_until_its_ack(server: SipServer, alice: Phone) -> None:
    invite = alice.request("INVITE", "9486", body=sdp())
    alice.send(invite)
    first, again = await alice.final("INVITE"), await alice.final("INVITE")
    assert first.code == again.code == 401
    alice.ack(invite, again)
    assert (await alice.ask(alice.request("OPTIONS"))).code == 200


async def test_a_repeated_invite_makes_one_call(server: SipServer, alice: Phone, bob: Phone) -> None:
    authorized = await alice.invite("1503")
    alice.send(authorized)
    await bob.ring()
    await alice.next(180)
    alice.send(authorized)
    await alice.next(180)
    assert len(server.calls.live) == 1


async def test_a_cancel_of_nothing_gets_481(server: SipServer, alice: Phone) -> None:
    assert (await alice.ask(alice.request("CANCEL", "1503"))).code == 481


async def test_a_client_behind_another_address_is_answered_where_it_is(server: SipServer) -> None:
    async with Phone("1502", server.port) as phone:
        request = phone.request("OPTIONS")
        request.headers.set("Via", "SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bKnat;rport")
        answer = await phone.ask(request)
        via = answer.via[0]
        assert (via.parameters["received"], via.parameters["rport"]) == ("127.0.0.1", str(phone.port))


async def test_too_many_transactions_are_refused_and_it_recovers() -> None:
    timers = Timers(0.02, 0.08, 0.1)  # the first five are remembered for 64 * T1
    async with (
        SipServer(dns={"1502": "secret"}, max_transactions=5, timers=timers) as server,
        Phone("1502", server.port) as phone,
    ):
        for _ in range(7):  # all at once, so that all seven come within that time
            phone.send(phone.request("OPTIONS"))
        codes = [(await phone.final("OPTIONS")).code for _ in range(7)]
        assert codes == [200] * 5 + [503] * 2
        await server.wait_until(lambda: len(server.agent.transactions) == 0, within=PATIENCE)
        assert (await phone.ask(phone.request("OPTIONS"))).code == 200


async def test_too_many_calls_are_refused(server: SipServer) -> None:
    async with (
        SipServer(dns={"1502": "secret"}, max_calls=1, timers=server.settings.timers) as small,
        Phone("1502", small.port) as phone,
    ):
        assert (await phone.call("9196"))[1].code == 200
        refused = (await phone.call("9196"))[1]
        assert (refused.code, refused.headers["Retry-After"]) == (503, "10")


async def test_an_unknown_method_and_a_spent_hop_count(server: SipServer, alice: Phone) -> None:
    assert (await alice.ask(alice.request("DANCE"))).code == 405
    assert (await alice.ask(alice.request("SUBSCRIBE", headers={"Max-Forwards": "0"}))).code == 483


GOOD = (
    b"OPTIONS sip:1502@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\r\n\r\n", b"\r\n"),
        (b"Via: ", b"Vio: "),
        (b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE"),
        (b"CSeq: 1", b"CSeq: " + b"9" * 5000),
        (b"CSeq: 1", b"CSeq: 2147483648"),
        (b"Content-Length: 0", b"Content-Length: 5"),
        (b"Content-Length: 0", b"Content-Length: -1"),
        (b"Content-Length: 0", b"Content-Length: many"),
        (b"Content-Length: 0", b"Expires: soon"),
        (b"To: <sip:c@d>", b"To: <sip:c@d>;self=1"),
        (b"To: <sip:c@d>", b"To: <http://c>"),
        (b"Call-ID: x", b"\xff\xfe: x"),
        (b"Call-ID: x", b"no colon"),
        (b"Call-ID: x", b"Call-ID: " + b"x" * 9000),
        (b"Call-ID: x", b"X: y\r\n" * 300 + b"Call-ID: x"),
        (b"OPTIONS sip:", b"OPTIONS  sip:"),
        (b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"),
    ],
)
def test_malformed_messages_are_named_as_such(old: bytes, new: bytes) -> None:
    assert isinstance(parse(GOOD), Request)
    with pytest.raises(Malformed):
        parse(GOOD.replace(old, new, 1))


def test_legal_oddities_are_understood() -> None:
    odd = GOOD.replace(b"Call-ID: x", b"Call-ID \t:\r\n  x").replace(b"From:", b"f :").replace(b"To:", b"t:")
    message = parse(odd.replace(b"Content-Length: 0\r\n", b"") + b"body")
    assert (message.call_id, message.body, message.from_address.uri.user) == ("x", b"body", "a")
    assert tag_of('"a;tag=wrong" <sip:x;tag=no@y>;x=1;Tag = right') == "right"
    assert uri_text('"<no>" <sip:x@y?Replaces=1>') == "sip:x@y?Replaces=1"


def test_a_message_over_the_bound_is_refused() -> None:
    with pytest.raises(Malformed, match="expected at most"):
        parse(GOOD + b"x" * MAX_BYTES)


def test_credentials_made_to_be_slow_are_refused_at_once() -> None:
    request = parse(GOOD)
    assert isinstance(request, Request)
    request.headers.set("Authorization", "Digest " + ", ".join(['a=""'] * 500) + " !@")
    started = time.process_time()
    assert credentials(request) is None
    assert time.process_time() - started < 0.5


async def test_two_thousand_mutated_messages_do_not_disturb_it(server: SipServer, alice: Phone) -> None:
    rng = random.Random(4)
    seeds = [bytes(m) for m in (alice.request("INVITE", "9196", body=sdp()), alice.request("REGISTER"))]
    seeds += [bytes(alice.request("SUBSCRIBE", headers={"Event": "message-summary"})), GOOD]
    receive = server.agent._receive
    peer = next(iter(server.registrations["1502"])).peer
    for number in range(2000):
        data = bytearray(seeds[number % len(seeds)])
        for _ in range(rng.randint(1, 6)):
            place = rng.randrange(len(data))
            action = rng.randrange(3)
            if action == 0:
                data[place] = rng.randrange(256)
            elif action == 1:
                del data[place : place + rng.randint(1, 20)]
            else:
                data[place:place] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 8)))
        receive(bytes(data), peer)
    assert server.agent.errors == 0
    assert server.agent.malformed > 500
    alice.seen.clear()
    assert (await alice.ask(alice.request("OPTIONS"))).code == 200
