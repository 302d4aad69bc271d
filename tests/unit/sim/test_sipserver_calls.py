"""Calls through the stand-in as a B2BUA: two phones made of sockets, or one phone and a far end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sipmessage import Request, Response

from deskphone.sim.sipserver import SipServer, Timers
from deskphone.sim.sipserver.sessiontimer import SessionTimer
from tests.unit.sim.conftest import FAST
from tests.unit.sim.phone import Phone, sdp


async def talk(alice: Phone, bob: Phone) -> tuple[Request, Response, Request, Response]:
    """Alice calls Bob and he answers: her INVITE and its 200, his INVITE and his 200."""
    calling = asyncio.ensure_future(alice.call("1503"))
    invite = await bob.ring()
    answer = await bob.pick_up(invite)
    mine, ok = await calling
    assert ok.code == 200
    return mine, ok, invite, answer


async def test_a_call_between_two_phones_passes_the_sdp_unchanged(server: SipServer, alice: Phone, bob: Phone) -> None:
    mine, ok, invite, _ = await talk(alice, bob)
    assert invite.body == sdp(alice.rtp_port)
    assert ok.body == sdp(bob.rtp_port)
    assert invite.headers["Call-ID"] != mine.headers["Call-ID"], "a B2BUA has its own dialog on each side"
    assert '"Agent Desk" <sip:1502@' in invite.headers["From"]
    assert '"Agent Desk" <sip:1502@' in invite.headers["P-Asserted-Identity"]
    [call] = server.calls_of("1502")
    assert call.state == "answered"
    alice.send(alice.in_dialog("BYE", mine, ok))
    bob.reply(await bob.next_request("BYE"), 200)
    assert (await alice.final("BYE")).code == 200
    assert call.state == "ended" and server.calls_of("1502") == []


async def test_an_invite_without_the_password_is_challenged(server: SipServer, alice: Phone) -> None:
    answer = await alice.ask(alice.request("INVITE", "9196", body=sdp()))
    assert answer.code == 401


async def test_a_stranger_may_not_call_unless_guests_are_allowed(server: SipServer) -> None:
    async with Phone("guest", server.port) as guest:
        assert (await guest.call("9196"))[1].code == 403
    async with SipServer(guests=True, timers=FAST) as open_server, Phone("guest", open_server.port) as guest:
        assert (await guest.call("9196"))[1].code == 200


@pytest.mark.parametrize(("number", "code"), [("1599", 404), ("1504", 480)])
async def test_unknown_and_unregistered_numbers(server: SipServer, alice: Phone, number: str, code: int) -> None:
    assert (await alice.call(number))[1].code == code


async def test_a_busy_dn(server: SipServer, alice: Phone, bob: Phone) -> None:
    server.dns["1503"].busy = True
    assert (await alice.call("1503"))[1].code == 486


async def test_the_called_phone_declines_with_its_own_words(server: SipServer, alice: Phone, bob: Phone) -> None:
    calling = asyncio.ensure_future(alice.call("1503"))
    invite = await bob.ring()
    bob.reply(invite, 486, headers={"Retry-After": "60"})
    await bob.next("ACK")
    _, answer = await calling
    assert (answer.code, answer.headers["Retry-After"]) == (486, "60")


async def test_cancel_reaches_the_ringing_phone(server: SipServer, alice: Phone, bob: Phone) -> None:
    invite = alice.request("INVITE", "1503", body=sdp())
    challenge = await alice.ask(invite)
    alice.ack(invite, challenge)
    authorized = alice.authorized(invite, challenge)
    alice.send(authorized)
    ringing = await bob.ring()
    await alice.next(180)
    cancel = alice.again(authorized)
    cancel.method, cancel.body = "CANCEL", b""
    cancel.headers.set("Via", authorized.headers["Via"])
    cancel.headers.set("CSeq", f"{authorized.cseq.sequence} CANCEL")
    alice.send(cancel)
    assert (await alice.final("CANCEL")).code == 200
    assert (await alice.final("INVITE")).code == 487
    bob.reply(await bob.next_request("CANCEL"), 200)
    bob.reply(ringing, 487)
    await bob.next("ACK")
    assert server.calls_of("1503") == []


async def test_an_answer_that_crosses_the_cancel_is_ended(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503")
    invite = await bob.ring()
    await customer.wait("ringing", within=1)
    customer.leave()
    await bob.next_request("CANCEL")
    bob.reply(invite, 200, body=sdp(bob.rtp_port))
    await bob.next("ACK")
    bob.reply(await bob.next_request("BYE"), 200)
    assert customer.state == "ended"


async def test_the_first_of_two_phones_of_a_dn_wins(server: SipServer, alice: Phone, bob: Phone) -> None:
    async with Phone("1503", server.port) as second:
        await second.register()
        customer = server.call("1503")
        first_invite, second_invite = await bob.ring(), await second.ring()
        await second.pick_up(second_invite)
        await customer.wait("answered", within=1)
        bob.reply(await bob.next_request("CANCEL"), 200)
        bob.reply(first_invite, 487)
        await bob.next("ACK")


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


async def test_options_inside_and_outside_a_dialog(server: SipServer, alice: Phone, bob: Phone) -> None:
    assert "INVITE" in (await alice.ask(alice.request("OPTIONS"))).headers["Allow"]
    mine, ok, _, _ = await talk(alice, bob)
    assert (await alice.ask(alice.in_dialog("OPTIONS", mine, ok))).code == 200
    asking = asyncio.ensure_future(server.send_options("1502"))
    alice.reply(await alice.next_request("OPTIONS"), 200)
    assert [response.code for response in await asking] == [200]


async def test_a_reliable_provisional_with_sdp_is_repeated_until_prack(server: SipServer, alice: Phone) -> None:
    far = server.answering("2001", answer_after=None, early_media=True)
    invite = alice.request("INVITE", "2001", body=sdp(alice.rtp_port), headers={"Supported": "100rel"})
    challenge = await alice.ask(invite)
    alice.ack(invite, challenge)
    authorized = alice.authorized(invite, challenge)
    alice.send(authorized)
    first = await alice.next_response(183)
    again = await alice.next_response(183)
    assert first.headers["Require"] == "100rel" and first.headers["RSeq"] == again.headers["RSeq"]
    assert b"m=audio" in first.body
    wrong = alice.in_dialog("PRACK", authorized, first, RAck="1 1 INVITE")
    assert (await alice.ask(wrong)).code == 481
    far.accept()  # decided now, but the 200 must wait for the PRACK
    rack = f"{first.headers['RSeq']} {authorized.cseq.sequence} INVITE"
    assert (await alice.ask(alice.in_dialog("PRACK", authorized, first, RAck=rack))).code == 200
    ok = await alice.final("INVITE")
    assert ok.code == 200
    alice.ack(authorized, ok)
    order = [m.cseq.method for m in alice.seen if isinstance(m, Response) and m.code == 200][-2:]
    assert order == ["PRACK", "INVITE"]


async def test_a_phones_reliable_183_is_pracked_and_its_early_media_taken(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503", media="none")
    invite = await bob.next_request("INVITE")
    assert "100rel" in invite.headers["Supported"]
    bob.reply(invite, 183, body=sdp(bob.rtp_port), headers={"Require": "100rel", "RSeq": "44"})
    prack = await bob.next_request("PRACK")
    assert prack.headers["RAck"] == "44 1 INVITE"
    bob.reply(prack, 200)
    await customer.wait("ringing", within=1)
    assert customer.remote is not None and customer.remote.port == bob.rtp_port


async def test_a_200_is_repeated_until_the_ack_and_a_lost_ack_ends_the_call(server: SipServer, alice: Phone) -> None:
    server.agent.settings = replace(server.settings, timers=Timers(t1=0.004, t2=0.02, t4=0.02))
    invite = alice.request("INVITE", "9196", body=sdp(alice.rtp_port))
    challenge = await alice.ask(invite)
    alice.ack(invite, challenge)
    authorized = alice.authorized(invite, challenge)
    alice.send(authorized)
    first, again = await alice.final("INVITE"), await alice.final("INVITE")
    assert first.code == again.code == 200
    alice.reply(await alice.next_request("BYE"), 200)
    assert server.calls_of("1502") == []


async def test_our_ack_is_repeated_for_a_repeated_200(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503")
    invite = await bob.ring()
    await bob.pick_up(invite)
    await customer.wait("answered", within=1)
    bob.absorb = False
    bob.reply(invite, 200, body=sdp(bob.rtp_port))
    assert (await bob.next_request("ACK")).cseq.sequence == 1


async def test_the_session_timer_the_phone_proposes_is_agreed_and_too_short_refused(
    server: SipServer, alice: Phone
) -> None:
    _, ok = await alice.call("9196", Session_Expires="100", Supported="timer")
    assert ok.headers["Session-Expires"] == "100;refresher=uac"
    assert "timer" in ok.headers["Require"]
    _, refused = await alice.call("9196", Session_Expires="30", Supported="timer")
    assert (refused.code, refused.headers["Min-SE"]) == (422, "90")


async def test_the_server_refreshes_with_update_when_that_is_its_part(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503")
    invite = await bob.ring()
    bob.reply(invite, 200, body=sdp(bob.rtp_port), headers={"Session-Expires": "90;refresher=uac"})
    await bob.next("ACK")
    await customer.wait("answered", within=1)
    [leg] = server.calls.legs_of("1503")
    assert (leg.timer.interval, leg.timer.ours) == (90, True)
    leg.timer.start(0, ours=True)  # half of nothing: due now
    update = await bob.next_request("UPDATE")
    assert update.body == b""
    bob.reply(update, 200, headers={"Session-Expires": "90;refresher=uac"})
    await server.wait_until(lambda: leg.timer.interval == 90, within=1)


async def test_a_phone_that_does_not_refresh_loses_its_call(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503")
    invite = await bob.ring()
    bob.reply(invite, 200, body=sdp(bob.rtp_port), headers={"Session-Expires": "90;refresher=uas"})
    await bob.next("ACK")
    await customer.wait("answered", within=1)
    [leg] = server.calls.legs_of("1503")
    assert leg.timer.ours is False
    leg.timer.start(0, ours=False)
    bye = await bob.next_request("BYE")
    assert "session timer expired" in bye.headers["Reason"]
    await customer.wait("ended", within=1)


async def test_a_session_timer_expires_before_the_peer_gives_up() -> None:
    timer = SessionTimer(lambda: None, lambda: None)
    timer.start(90, ours=False)
    assert timer._handle is not None
    left = timer._handle.when() - asyncio.get_running_loop().time()
    assert 59 < left <= 60  # RFC 4028 section 10: a third, at most 32 s, before the end
    timer.stop()


async def test_several_customers_at_once_make_call_waiting(server: SipServer, bob: Phone) -> None:
    first, second = server.call("1503", from_number="2001"), server.call("1503", from_number="2002")
    invites = [await bob.ring(), await bob.ring()]
    assert {invite.from_address.uri.user for invite in invites} == {"2001", "2002"}
    await bob.pick_up(invites[0])
    await first.wait("answered", within=1)
    await second.wait("ringing", within=1)


async def test_a_private_customer_shows_no_number(server: SipServer, bob: Phone) -> None:
    server.call("1503", from_number="2001", name="Ann", private=True)
    invite = await bob.next_request("INVITE")
    assert invite.headers["From"].startswith('"Anonymous" <sip:anonymous@anonymous.invalid>')
    assert invite.headers["Privacy"] == "id"
    assert b"2001" not in bytes(invite) and b"Ann" not in bytes(invite).replace(b"Anonymous", b"")


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
    await customer.wait("answered", within=1)


async def test_a_customer_gives_up_after_its_patience(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503", ring_for=0.01)
    invite = await bob.ring()
    bob.reply(await bob.next_request("CANCEL"), 200)
    bob.reply(invite, 487)
    await customer.wait("ended", within=1)
    assert customer.end_reason == "gave up waiting"
    with pytest.raises(AssertionError, match="expected answered, but it ended: gave up waiting"):
        await customer.wait("answered", within=1)


async def test_a_far_end_is_held_and_retrieved_and_holds_the_phone(server: SipServer, alice: Phone) -> None:
    far = server.answering("2001", media="none")
    mine, ok = await alice.call("2001")
    await far.wait("answered", within=1)
    for direction, state in (("sendonly", "held"), ("sendrecv", "retrieved")):
        change = alice.in_dialog("INVITE", mine, ok)
        change.body = sdp(alice.rtp_port, direction)
        answer = await alice.ask(change)
        assert answer.code == 200, answer
        alice.ack(change, answer)
        await far.wait(state, within=1)
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
    await far.wait("ringing", within=1)
    far.decline(486)
    assert (await calling)[1].code == 486
    assert far.state == "ended" and far.outcome is not None and far.outcome.code == 486
    assert (await alice.call("2001"))[1].code == 486, "nobody waits on that number any more"
    far = server.answering("2001", answer_after=None)
    calling = asyncio.ensure_future(alice.call("2001"))
    await far.wait("ringing", within=1)
    far.accept()
    assert (await calling)[1].code == 200
    far.leave()
    alice.reply(await alice.next_request("BYE"), 200)


async def test_a_notify_goes_into_the_early_dialog_of_a_ringing_phone(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503")
    await bob.ring()
    await customer.wait("ringing", within=1)
    sending = asyncio.ensure_future(server.send_notify("1503", "talk", in_dialog=True))
    notify = await bob.next_request("NOTIFY")
    assert notify.headers["Event"] == "talk" and "tag=phone" in notify.headers["To"]
    bob.reply(notify, 200)
    assert [response.code for response in await sending] == [200]


async def test_a_lower_sequence_number_and_an_unknown_dialog_are_refused(
    server: SipServer, alice: Phone, bob: Phone
) -> None:
    mine, ok, _, _ = await talk(alice, bob)
    old = alice.in_dialog("INFO", mine, ok, CSeq="1 INFO")
    assert (await alice.ask(old)).phrase == "CSeq Too Small"
    lost = alice.in_dialog("INFO", mine, ok, Call_ID="nobody")
    assert (await alice.ask(lost)).code == 481


async def test_a_number_with_odd_letters_cannot_break_out_of_a_header(
    server: SipServer, alice: Phone, bob: Phone
) -> None:
    assert (await alice.call("1503%0d%0aX-Evil:%201"))[1].code == 404
    server.call("1503", from_number='7>\r\nX-Evil: 1 "@', name='Ann "the\r\nX-Evil: 1" \\')
    invite = await bob.next_request("INVITE")
    assert invite.headers.get("X-Evil") is None
    assert invite.from_address.uri.user == '7>\r\nX-Evil: 1 "@'


async def test_a_bye_in_the_early_dialog_ends_the_call(server: SipServer, alice: Phone, bob: Phone) -> None:
    invite = alice.request("INVITE", "9408", body=sdp())
    challenge = await alice.ask(invite)
    alice.ack(invite, challenge)
    authorized = alice.authorized(invite, challenge)
    alice.send(authorized)
    ringing = await alice.next_response(180)
    alice.send(alice.in_dialog("BYE", authorized, ringing))
    assert {(await alice.final("BYE")).code, (await alice.final("INVITE")).code} == {200, 487}
    assert server.calls.live == []


async def test_an_unknown_required_option_is_refused(server: SipServer, alice: Phone) -> None:
    _, answer = await alice.call("9196", Require="teleport")
    assert (answer.code, answer.headers["Unsupported"]) == (420, "teleport")
