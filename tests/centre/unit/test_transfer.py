"""Transfers that a phone orders with REFER, and INVITE with Replaces, through the stand-in."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from sipmessage import Request, Response

from centre import FarEnd, SipServer
from tests.centre.unit.phone import PATIENCE, Phone, sdp, talk


async def customer_talks(server: SipServer, phone: Phone) -> tuple[FarEnd, Request, Response]:
    customer = server.call(phone.dn, media="none")
    invite = await phone.ring()
    answer = await phone.pick_up(invite)
    await customer.wait("answered", within=PATIENCE)
    return customer, invite, answer


def sipfrag(notify: Request) -> bytes:
    return notify.body.strip()


async def test_blind_transfer_of_a_customer_to_another_agent(server: SipServer, alice: Phone, bob: Phone) -> None:
    customer, invite, answer = await customer_talks(server, alice)
    refer = alice.in_dialog_back("REFER", invite, answer, Refer_To=f"<sip:1503@{server.address}>")
    alice.send(refer)
    assert (await alice.next_response(202)).cseq.method == "REFER"
    trying = await alice.next_request("NOTIFY")
    assert sipfrag(trying) == b"SIP/2.0 100 Trying" and trying.headers["Subscription-State"].startswith("active")
    alice.reply(trying, 200)
    seen = await bob.next_request("INVITE")
    assert seen.body == b"" and seen.from_address.uri.user == customer.label
    bob.reply(seen, 180)
    ringing = await alice.next_request("NOTIFY")
    assert sipfrag(ringing).startswith(b"SIP/2.0 180")
    alice.reply(ringing, 200)
    bob.reply(seen, 200, body=sdp(bob.rtp_port))
    assert b"m=audio" in (await bob.next_request("ACK")).body
    done = await alice.next_request("NOTIFY")
    assert sipfrag(done) == b"SIP/2.0 200 OK" and "terminated" in done.headers["Subscription-State"]
    alice.reply(done, 200)
    alice.reply(await alice.next_request("BYE"), 200)
    assert customer.remote is not None and customer.remote.port == bob.rtp_port
    assert customer.state == "answered"
    assert customer.call is not None and [p.label for p in customer.call.parties] == ["2001", "1503"]
    customer.leave()
    bob.reply(await bob.next_request("BYE"), 200)


async def test_a_blind_transfer_that_fails_leaves_the_call_as_it_was(server: SipServer, alice: Phone) -> None:
    customer, invite, answer = await customer_talks(server, alice)
    alice.send(alice.in_dialog_back("REFER", invite, answer, Refer_To=f"<sip:9486@{server.address}>"))
    alice.reply(await alice.next_request("NOTIFY"), 200)
    failed = await alice.next_request("NOTIFY")
    assert sipfrag(failed).startswith(b"SIP/2.0 486")
    alice.reply(failed, 200)
    assert customer.state == "answered" and [p.label for p in server.calls_of("1502")[0].parties] == ["2001", "1502"]


async def test_a_transferor_who_hangs_up_early_still_gets_the_customer_through(
    server: SipServer, alice: Phone, bob: Phone
) -> None:
    customer, invite, answer = await customer_talks(server, alice)
    alice.send(alice.in_dialog_back("REFER", invite, answer, Refer_To="sip:1503@x", Refer_Sub="false"))
    accepted = await alice.next_response(202)
    assert accepted.headers["Refer-Sub"] == "false"
    seen = await bob.next_request("INVITE")
    alice.send(alice.in_dialog_back("BYE", invite, answer))
    assert (await alice.final("BYE")).code == 200
    assert customer.state == "answered"
    bob.reply(seen, 200, body=sdp(bob.rtp_port))
    await bob.next("ACK")
    await server.wait_until(
        lambda: customer.remote is not None and customer.remote.port == bob.rtp_port, within=PATIENCE
    )
    assert not [m for m in alice.seen if isinstance(m, Request) and m.method == "NOTIFY"], "Refer-Sub: false"


async def test_attended_transfer_joins_the_customer_with_the_consulted_agent(
    server: SipServer, alice: Phone, bob: Phone
) -> None:
    customer, invite, answer = await customer_talks(server, alice)
    mine, ok, _, _ = await talk(alice, bob)
    theirs = ok.headers["To"].split("tag=")[1]
    ours = mine.headers["From"].split("tag=")[1]
    replaces = quote(f"{mine.headers['Call-ID']};to-tag={theirs};from-tag={ours}", safe="")
    target = f"<sip:1503@{server.address}?Replaces={replaces}>"
    alice.send(alice.in_dialog_back("REFER", invite, answer, Refer_To=target))
    alice.reply(await alice.next_request("NOTIFY"), 200)
    seen = await bob.next_request("INVITE")
    assert seen.body == b"", "the consulted agent is asked for an offer"
    bob.reply(seen, 200, body=sdp(bob.rtp_port))
    assert b"m=audio" in (await bob.next_request("ACK")).body
    ended = {"BYE": 0, "NOTIFY": 0}
    for _ in range(3):
        request = await alice.inbox.get()
        assert isinstance(request, Request)
        ended[request.method] += 1
        alice.reply(request, 200)
        if request.method == "NOTIFY":
            assert sipfrag(request) == b"SIP/2.0 200 OK"
    assert ended == {"BYE": 2, "NOTIFY": 1}, "both dialogs of the transferor end"
    assert customer.remote is not None and customer.remote.port == bob.rtp_port
    assert [call.state for call in server.calls.live] == ["answered"]


async def test_a_replaces_of_no_call_is_reported_as_481(server: SipServer, alice: Phone) -> None:
    _, invite, answer = await customer_talks(server, alice)
    target = "<sip:1503@x?Replaces=nobody%3Bto-tag%3Da%3Bfrom-tag%3Db>"
    alice.send(alice.in_dialog_back("REFER", invite, answer, Refer_To=target))
    alice.reply(await alice.next_request("NOTIFY"), 200)
    assert sipfrag(await alice.next_request("NOTIFY")).startswith(b"SIP/2.0 481")


async def test_the_customer_hangs_up_while_he_is_transferred(server: SipServer, alice: Phone, bob: Phone) -> None:
    customer, invite, answer = await customer_talks(server, alice)
    alice.send(alice.in_dialog_back("REFER", invite, answer, Refer_To="sip:1503@x"))
    alice.reply(await alice.next_request("NOTIFY"), 200)
    seen = await bob.ring()
    customer.leave()
    bob.reply(await bob.next_request("CANCEL"), 200)
    bob.reply(seen, 487)
    alice.reply(await alice.next_request("BYE"), 200)
    assert server.calls.live == []


async def test_invite_with_replaces_takes_a_call_over(
    server: SipServer, alice: Phone, bob: Phone, carol: Phone
) -> None:
    mine, ok, _, _ = await talk(alice, bob)
    tags = f"to-tag={ok.headers['To'].split('tag=')[1]};from-tag={mine.headers['From'].split('tag=')[1]}"
    taking = asyncio.ensure_future(carol.call("1502", Replaces=f"{mine.headers['Call-ID']};{tags}"))
    seen = await bob.next_request("INVITE")
    assert seen.body == sdp(carol.rtp_port)
    bob.reply(seen, 200, body=sdp(bob.rtp_port))
    assert (await taking)[1].body == sdp(bob.rtp_port)
    alice.reply(await alice.next_request("BYE"), 200)
    [call] = server.calls.live
    assert {p.label for p in call.parties} == {"1503", "1504"}
    assert (await carol.call("1502", Replaces="x;to-tag=a;from-tag=b"))[1].code == 481
