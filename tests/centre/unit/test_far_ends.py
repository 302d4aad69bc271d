"""The stand-in's own far ends: customers who call the phone, and numbers that it calls."""

from __future__ import annotations

import asyncio

import pytest

from centre import SipServer
from tests.centre.unit.phone import PATIENCE, Phone, sdp


async def test_a_phones_reliable_183_is_pracked_and_its_early_media_taken(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503", media="none")
    invite = await bob.next_request("INVITE")
    assert "100rel" in invite.headers["Supported"]
    bob.reply(invite, 183, body=sdp(bob.rtp_port), headers={"Require": "100rel", "RSeq": "44"})
    prack = await bob.next_request("PRACK")
    assert prack.headers["RAck"] == "44 1 INVITE"
    bob.reply(prack, 200)
    await customer.wait("ringing", within=PATIENCE)
    assert customer.remote is not None and customer.remote.port == bob.rtp_port


async def test_our_ack_is_repeated_for_a_repeated_200(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503")
    invite = await bob.ring()
    await bob.pick_up(invite)
    await customer.wait("answered", within=PATIENCE)
    bob.absorb = False
    bob.reply(invite, 200, body=sdp(bob.rtp_port))
    assert (await bob.next_request("ACK")).cseq.sequence == 1


async def test_several_customers_at_once_make_call_waiting(server: SipServer, bob: Phone) -> None:
    first, second = server.call("1503", from_number="2001"), server.call("1503", from_number="2002")
    invites = [await bob.ring(), await bob.ring()]
    assert {invite.from_address.uri.user for invite in invites} == {"2001", "2002"}
    await bob.pick_up(invites[0])
    await first.wait("answered", within=PATIENCE)
    await second.wait("ringing", within=PATIENCE)


async def test_a_private_customer_shows_no_number(server: SipServer, bob: Phone) -> None:
    server.call("1503", from_number="0301234567", name="Annabella", private=True)
    invite = await bob.next_request("INVITE")
    assert invite.headers["From"].startswith('"Anonymous" <sip:anonymous@anonymous.invalid>')
    assert invite.headers["Privacy"] == "id"
    assert b"0301234567" not in bytes(invite) and b"Annabella" not in bytes(invite)  # longer than a tag's chance


async def test_extra_headers_reach_the_phone(server: SipServer, bob: Phone) -> None:
    server.call("1503", headers=(("Call-Info", "<sip:x>;answer-after=0"), ("Alert-Info", "<urn:alert>;info=internal")))
    invite = await bob.next_request("INVITE")
    assert invite.headers["Call-Info"] == "<sip:x>;answer-after=0"


async def test_a_customer_without_sdp_takes_the_phones_offer(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503", without_sdp=True)
    invite = await bob.ring()
    assert invite.body == b""
    bob.reply(invite, 200, body=sdp(bob.rtp_port))
    ack = await bob.next_request("ACK")
    assert b"m=audio" in ack.body
    await customer.wait("answered", within=PATIENCE)


async def test_a_customer_gives_up_after_its_patience(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503", ring_for=0.01)
    invite = await bob.ring()
    bob.reply(await bob.next_request("CANCEL"), 200)
    bob.reply(invite, 487)
    await customer.wait("ended", within=PATIENCE)
    assert customer.end_reason == "gave up waiting"
    with pytest.raises(AssertionError, match="expected answered, but it ended: gave up waiting"):
        await customer.wait("answered", within=PATIENCE)


async def test_a_far_end_is_held_and_retrieved_and_holds_the_phone(server: SipServer, alice: Phone) -> None:
    far = server.answering("2001", media="none")
    mine, ok = await alice.call("2001")
    await far.wait("answered", within=PATIENCE)
    for direction, state in (("sendonly", "held"), ("sendrecv", "retrieved")):
        change = alice.in_dialog("INVITE", mine, ok)
        change.body = sdp(alice.rtp_port, direction)
        answer = await alice.ask(change)
        assert answer.code == 200, answer
        alice.ack(change, answer)
        await far.wait(state, within=PATIENCE)
    holding = asyncio.ensure_future(far.hold())
    seen = await alice.next_request("INVITE")
    assert b"a=sendonly" in seen.body
    alice.reply(seen, 200, body=sdp(alice.rtp_port, "recvonly"))
    assert (await holding).ok
    await alice.next("ACK")
    asking = asyncio.ensure_future(far.renegotiate(without_sdp=True))
    seen = await alice.next_request("INVITE")
    assert seen.body == b""
    alice.reply(seen, 200, body=sdp(alice.rtp_port))
    assert (await asking).ok
    assert b"m=audio" in (await alice.next_request("ACK")).body


async def test_a_far_end_rings_until_it_accepts_or_declines(server: SipServer, alice: Phone) -> None:
    far = server.answering("2001", answer_after=None)
    calling = asyncio.ensure_future(alice.call("2001"))
    await far.wait("ringing", within=PATIENCE)
    far.decline(486)
    assert (await calling)[1].code == 486
    assert far.state == "ended" and far.outcome is not None and far.outcome.code == 486
    assert (await alice.call("2001"))[1].code == 486, "nobody waits on that number any more"
    far = server.answering("2001", answer_after=None)
    calling = asyncio.ensure_future(alice.call("2001"))
    await far.wait("ringing", within=PATIENCE)
    far.accept()
    assert (await calling)[1].code == 200
    far.leave()
    alice.reply(await alice.next_request("BYE"), 200)
