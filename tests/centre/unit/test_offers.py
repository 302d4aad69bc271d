"""Offers and answers inside a call: hold, re-INVITE and UPDATE pass from phone to phone, also without SDP."""

from __future__ import annotations

import asyncio

from centre import SipServer
from tests.centre.unit.phone import Phone, sdp, talk


async def test_hold_and_retrieve_pass_through_in_both_directions(server: SipServer, alice: Phone, bob: Phone) -> None:
    mine, ok, invite, answer = await talk(alice, bob)
    hold = alice.in_dialog("INVITE", mine, ok)
    hold.body = sdp(alice.rtp_port, "sendonly")
    alice.send(hold)
    seen = await bob.next_request("INVITE")
    assert b"a=sendonly" in seen.body
    bob.reply(seen, 200, body=sdp(bob.rtp_port, "recvonly"))
    held = await alice.final("INVITE")
    assert b"a=recvonly" in held.body
    alice.ack(hold, held)
    await bob.next("ACK")
    back = bob.in_dialog_back("INVITE", invite, answer)
    back.body = sdp(bob.rtp_port, "sendrecv")
    back.headers.set("Content-Type", "application/sdp")
    bob.send(back)
    seen = await alice.next_request("INVITE")
    assert seen.body == back.body
    alice.reply(seen, 200, body=sdp(alice.rtp_port))
    ok = await bob.final("INVITE")
    assert ok.body == sdp(alice.rtp_port)
    bob.ack(back, ok)
    await alice.next("ACK")


async def test_a_reinvite_without_sdp_brings_the_other_sides_offer_and_the_ack_its_answer(
    server: SipServer, alice: Phone, bob: Phone
) -> None:
    mine, ok, _, _ = await talk(alice, bob)
    empty = alice.in_dialog("INVITE", mine, ok)
    empty.headers.remove("Content-Type")
    alice.send(empty)
    seen = await bob.next_request("INVITE")
    assert seen.body == b""
    bob.reply(seen, 200, body=sdp(7000))
    offer = await alice.final("INVITE")
    assert offer.body == sdp(7000)
    alice.ack(empty, offer, body=sdp(7002))
    ack = await bob.next_request("ACK")
    assert ack.body == sdp(7002)


async def test_a_first_invite_without_sdp_too(server: SipServer, alice: Phone, bob: Phone) -> None:
    calling = asyncio.ensure_future(alice.call("1503", body=b""))
    invite = await bob.ring()
    assert invite.body == b""
    bob.reply(invite, 200, body=sdp(7000))
    mine, ok = await calling
    assert ok.body == sdp(7000)
    alice.ack(mine, ok, body=sdp(7002))
    assert (await bob.next_request("ACK")).body == sdp(7002)


async def test_two_reinvites_at_once_get_491(server: SipServer, alice: Phone, bob: Phone) -> None:
    mine, ok, invite, answer = await talk(alice, bob)
    first = alice.in_dialog("INVITE", mine, ok)
    first.body = sdp(1)
    alice.send(first)
    passed = await bob.next_request("INVITE")
    crossing = bob.in_dialog_back("INVITE", invite, answer)
    crossing.body = sdp(2)
    bob.send(crossing)
    refused = await bob.final("INVITE")
    assert refused.code == 491
    bob.ack(crossing, refused)
    bob.reply(passed, 200, body=sdp(3))
    assert (await alice.final("INVITE")).code == 200


async def test_update_with_sdp_and_info_pass_through(server: SipServer, alice: Phone, bob: Phone) -> None:
    mine, ok, _, _ = await talk(alice, bob)
    update = alice.in_dialog("UPDATE", mine, ok)
    update.body = sdp(alice.rtp_port, "inactive")
    alice.send(update)
    seen = await bob.next_request("UPDATE")
    bob.reply(seen, 200, body=sdp(bob.rtp_port, "inactive"))
    assert b"inactive" in (await alice.final("UPDATE")).body
    info = alice.in_dialog("INFO", mine, ok, Content_Type="application/dtmf-relay")
    info.body = b"Signal=5\r\nDuration=160\r\n"
    alice.send(info)
    seen = await bob.next_request("INFO")
    assert seen.body == info.body and seen.headers["Content-Type"] == "application/dtmf-relay"
    bob.reply(seen, 200)
    assert (await alice.final("INFO")).code == 200
