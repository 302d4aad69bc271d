"""Calls through the stand-in as a B2BUA: set up, refused, given up, ended, and what a phone may not do."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sipmessage import Response

from centre import SipServer, Timers
from tests.centre.unit.conftest import FAST
from tests.centre.unit.phone import PATIENCE, Phone, sdp, talk


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
    authorized = await alice.invite("1503")
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
    await customer.wait("ringing", within=PATIENCE)
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
        await customer.wait("answered", within=PATIENCE)
        bob.reply(await bob.next_request("CANCEL"), 200)
        bob.reply(first_invite, 487)
        await bob.next("ACK")


async def test_options_inside_and_outside_a_dialog(server: SipServer, alice: Phone, bob: Phone) -> None:
    assert "INVITE" in (await alice.ask(alice.request("OPTIONS"))).headers["Allow"]
    mine, ok, _, _ = await talk(alice, bob)
    assert (await alice.ask(alice.in_dialog("OPTIONS", mine, ok))).code == 200
    asking = asyncio.ensure_future(server.send_request("1502", "OPTIONS"))
    alice.reply(await alice.next_request("OPTIONS"), 200)
    assert [response.code for response in await asking] == [200]


async def test_a_reliable_provisional_with_sdp_is_repeated_until_prack(server: SipServer, alice: Phone) -> None:
    far = server.answering("2001", answer_after=None, early_media=True)
    authorized = await alice.invite("2001", headers={"Supported": "100rel"})
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


async def test_a_200_is_repeated_until_the_ack_and_a_lost_ack_ends_the_call(server: SipServer, alice: Phone) -> None:
    server.agent.settings = replace(server.settings, timers=Timers(t1=0.004, t2=0.02, t4=0.02))
    await alice.invite("9196")
    first, again = await alice.final("INVITE"), await alice.final("INVITE")
    assert first.code == again.code == 200
    alice.reply(await alice.next_request("BYE"), 200)
    assert server.calls_of("1502") == []


async def test_a_notify_goes_into_the_early_dialog_of_a_ringing_phone(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503")
    await bob.ring()
    await customer.wait("ringing", within=PATIENCE)
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
    authorized = await alice.invite("9408")
    ringing = await alice.next_response(180)
    alice.send(alice.in_dialog("BYE", authorized, ringing))
    assert {(await alice.final("BYE")).code, (await alice.final("INVITE")).code} == {200, 487}
    assert server.calls.live == []


async def test_an_unknown_required_option_is_refused(server: SipServer, alice: Phone) -> None:
    _, answer = await alice.call("9196", Require="teleport")
    assert (answer.code, answer.headers["Unsupported"]) == (420, "teleport")
