"""The agent desktop at the stand-in: talk and hold, calls by INVITE and REFER, transfers, conference; by DN options."""

from __future__ import annotations

import asyncio

import pytest
from sipmessage import Request, Response

from centre import FarEnd, SipServer
from centre.call import Call
from centre.thirdparty import Refused
from tests.centre.unit.phone import Phone, sdp


def options(server: SipServer, dn: str = "1502", **values: str) -> None:
    for name, value in values.items():
        server.set_option(dn, name.replace("_", "-"), value)


async def talking(server: SipServer, alice: Phone) -> FarEnd:
    """A customer in a call with alice."""
    customer = server.call("1502", name="Ann")
    await alice.pick_up(await alice.ring())
    return await customer.wait("answered")


async def answer_offer(phone: Phone, direction: str = "") -> Request:
    """The next re-INVITE, answered; its request."""
    invite = await phone.next_request("INVITE")
    phone.reply(invite, 200, body=sdp(phone.rtp_port))
    await phone.next("ACK")
    return invite


async def test_answer_is_a_notify_talk_where_the_option_says_so(server: SipServer, alice: Phone) -> None:
    desktop = server.desktop("1502")
    customer = server.call("1502")
    invite = await alice.ring()
    await customer.wait("ringing")
    with pytest.raises(Refused, match="sip-cti-control=talk"):
        await desktop.answer()
    options(server, sip_cti_control="talk")
    asked = asyncio.create_task(desktop.answer())
    notify = await alice.next_request("NOTIFY")
    assert notify.headers["Event"] == "talk" and notify.headers["Call-ID"] == invite.headers["Call-ID"]
    assert "tag=phone" in notify.headers["To"]
    alice.reply(notify, 200)
    assert (await asked).code == 200


async def test_hold_and_retrieve_by_notify(server: SipServer, alice: Phone) -> None:
    options(server, sip_cti_control="talk,hold")
    await talking(server, alice)
    held = asyncio.create_task(server.desktop("1502").hold())
    notify = await alice.next_request("NOTIFY")
    alice.reply(notify, 200)
    await held
    assert notify.headers["Event"] == "hold"


async def test_without_the_option_the_server_holds_both_sides_itself(server: SipServer, alice: Phone) -> None:
    customer = await talking(server, alice)
    desktop = server.desktop("1502")
    held = asyncio.create_task(desktop.hold())
    invite = await answer_offer(alice)
    await held
    assert b"c=IN IP4 0.0.0.0" in invite.body and b"a=inactive" in invite.body
    assert [each["state"] for each in desktop.to_dict()["calls"]] == ["held"]  # type: ignore[attr-defined]
    back = asyncio.create_task(desktop.retrieve())
    invite = await answer_offer(alice)
    await back
    assert b"0.0.0.0" not in invite.body and customer.state == "answered"


@pytest.mark.parametrize("flow", ["1", "2"])
async def test_a_call_by_invite(server: SipServer, alice: Phone, flow: str) -> None:
    options(server, refer_enabled="false", make_call_rfc3725_flow=flow)
    target = server.answering("2424")
    made = asyncio.create_task(server.desktop("1502").originate("2424"))
    invite = await alice.ring()
    assert (b"0.0.0.0" in invite.body) is (flow == "2") and bool(invite.body) is (flow == "2")
    alice.reply(invite, 200, body=sdp(alice.rtp_port))
    ack = await alice.next_request("ACK")
    if flow == "1":
        assert ack.body.startswith(b"v=0")
    else:
        assert (await answer_offer(alice)).body.startswith(b"v=0")
    call = await made
    await target.wait("answered")
    assert isinstance(call, Call) and [party.label for party in call.parties] == ["1502", "2424"]


async def test_a_call_to_nobody_lets_the_phone_go(server: SipServer, alice: Phone) -> None:
    options(server, refer_enabled="false")
    made = asyncio.create_task(server.desktop("1502").originate("99999"))
    alice.reply(await alice.ring(), 200, body=sdp(alice.rtp_port))
    bye = await alice.next_request("BYE")
    alice.reply(bye, 200)
    with pytest.raises(Refused, match="404"):
        await made


async def test_the_phone_is_made_to_answer_its_desktops_call(server: SipServer, alice: Phone) -> None:
    options(server, refer_enabled="false", sip_cti_control="talk")
    made = asyncio.create_task(server.desktop("1502").originate("9196"))
    invite = await alice.ring()
    notify = await alice.next_request("NOTIFY")
    assert notify.headers["Event"] == "talk" and notify.headers["Call-ID"] == invite.headers["Call-ID"]
    alice.reply(notify, 200)
    alice.reply(invite, 200, body=sdp(alice.rtp_port))
    await made


async def test_sip_alert_info_marks_each_invite(server: SipServer, alice: Phone) -> None:
    options(server, sip_alert_info="info=alert-autoanswer", refer_enabled="false")
    server.call("1502")
    invite = await alice.ring()
    assert invite.headers["Call-Info"].endswith(">;info=alert-autoanswer")
    assert invite.headers["Alert-Info"].endswith(">;info=alert-autoanswer")
    made = asyncio.create_task(server.desktop("1502").originate("9196"))
    own = await alice.ring()
    assert own.headers["Call-Info"] == invite.headers["Call-Info"]
    made.cancel()


async def refer_reports(phone: Phone, refer: Request, accepted: Response, codes: list[int]) -> None:
    """What a phone says of the call it was told to make."""
    for code in codes:
        state = "terminated;reason=noresource" if code >= 200 else "active"
        notify = phone.in_dialog_back("NOTIFY", refer, accepted, Event="refer", Subscription_State=state)
        notify.headers.set("Content-Type", "message/sipfrag")
        notify.body = f"SIP/2.0 {code} X\r\n".encode()
        assert (await phone.ask(notify)).code == 200


@pytest.mark.parametrize("before", [False, True])
async def test_a_call_by_refer_is_reported(server: SipServer, alice: Phone, before: bool) -> None:
    desktop = server.desktop("1502")
    made = asyncio.create_task(desktop.make_call("2424"))
    refer = await alice.next_request("REFER")
    assert refer.headers["Refer-To"] == f"<sip:2424@{server.address}>" and "1502" in refer.headers["Referred-By"]
    if before:  # a NOTIFY may overtake the 202
        accepted = Response(202, "x")
        accepted.headers.set("To", refer.headers["To"] + ";tag=phone")
        await refer_reports(alice, refer, accepted, [100])
        accepted = alice.reply(refer, 202)
    else:
        accepted = alice.reply(refer, 202)
        await refer_reports(alice, refer, accepted, [100])
    await made
    await refer_reports(alice, refer, accepted, [180, 200])
    assert desktop.reports == [(100, False), (180, False), (200, True)]


async def test_a_refused_refer_says_so(server: SipServer, alice: Phone) -> None:
    desktop = server.desktop("1502")
    made = asyncio.create_task(desktop.make_call("2424", quiet=True))
    refer = await alice.next_request("REFER")
    assert refer.headers["Refer-Sub"] == "false"
    alice.reply(refer, 486)
    with pytest.raises(Refused, match="486"):
        await made
    assert desktop.reports == [(486, True)]


async def test_a_consultation_by_refer_is_inside_the_call(server: SipServer, alice: Phone) -> None:
    await talking(server, alice)
    asked = asyncio.create_task(server.desktop("1502").consult("2424"))
    refer = await alice.next_request("REFER")
    assert "tag=phone" in refer.headers["To"]
    accepted = alice.reply(refer, 202)
    await asked
    await refer_reports(alice, refer, accepted, [100, 200])
    assert server.desktop("1502").reports[-1] == (200, True)


async def test_single_step_transfer(server: SipServer, alice: Phone) -> None:
    customer = await talking(server, alice)
    target = server.answering("2424")
    asked = asyncio.create_task(server.desktop("1502").transfer("2424"))
    alice.reply(await alice.next_request("BYE"), 200)
    await asked
    await target.wait("answered")
    assert customer.state == "answered"
    with pytest.raises(Refused, match="no call"):
        await server.desktop("1502").transfer("2424")


async def consulting(server: SipServer, alice: Phone, number: str) -> None:
    """alice's second dialog, to `number`, by INVITE flow 1; the server holds the first call itself."""
    options(server, refer_enabled="false")
    asked = asyncio.create_task(server.desktop("1502").consult(number))
    await answer_offer(alice)
    invite = await alice.ring()
    alice.reply(invite, 200, body=sdp(alice.rtp_port), tag="second")
    if server.dns.get(number) is None:
        await alice.next_request("ACK")
    await asked


async def test_two_step_transfer(server: SipServer, alice: Phone) -> None:
    customer = await talking(server, alice)
    target = server.answering("2424")
    await consulting(server, alice, "2424")
    await target.wait("answered")
    asked = asyncio.create_task(server.desktop("1502").complete_transfer())
    for _ in range(2):
        alice.reply(await alice.next_request("BYE"), 200)
    await asked
    assert [party.label for party in server.calls.live[0].parties] == ["2001", "2424"] and len(server.calls.live) == 1
    assert customer.state == target.state == "answered"
    assert customer.call is target.call


async def test_a_blind_transfer_needs_the_option_of_the_target(server: SipServer, alice: Phone, bob: Phone) -> None:
    customer = await talking(server, alice)
    await consulting(server, alice, "1503")
    await bob.ring()
    with pytest.raises(Refused, match="blind-transfer-enabled"):
        await server.desktop("1502").complete_transfer()
    options(server, "1503", blind_transfer_enabled="true")
    asked = asyncio.create_task(server.desktop("1502").complete_transfer())
    await bob.next_request("CANCEL")
    await bob.pick_up(await bob.ring())
    await asked
    assert customer.state == "answered"


async def test_back_to_the_first_call(server: SipServer, alice: Phone) -> None:
    await talking(server, alice)
    target = server.answering("2424")
    await consulting(server, alice, "2424")
    await target.wait("answered")
    asked = asyncio.create_task(server.desktop("1502").reconnect())
    alice.reply(await alice.next_request("BYE"), 200)
    await answer_offer(alice)
    await asked
    assert target.state == "ended"
    assert [each["state"] for each in server.desktop("1502").to_dict()["calls"]] == ["talking"]  # type: ignore[attr-defined]


async def test_a_consultation_with_one_dialog_only(server: SipServer, alice: Phone) -> None:
    options(server, refer_enabled="false", dual_dialog_enabled="false")
    customer = await talking(server, alice)
    target = server.answering("2424")
    asked = asyncio.create_task(server.desktop("1502").consult("2424"))
    await answer_offer(alice)
    await asked
    await target.wait("answered")
    assert len(server.desktop("1502").legs) == 1
    asked = asyncio.create_task(server.desktop("1502").complete_transfer())
    alice.reply(await alice.next_request("BYE"), 200)
    await asked
    assert customer.call is target.call and customer.state == "answered"


async def test_one_dialog_goes_back_by_itself_where_nobody_answers(server: SipServer, alice: Phone) -> None:
    options(server, refer_enabled="false", dual_dialog_enabled="false")
    await talking(server, alice)
    asked = asyncio.create_task(server.desktop("1502").consult("9486"))
    await answer_offer(alice)
    await asked
    assert [each["with"] for each in server.desktop("1502").to_dict()["calls"]] == ["2001"]  # type: ignore[attr-defined]


async def test_a_conference_of_three(server: SipServer, alice: Phone) -> None:
    customer = await talking(server, alice)
    target = server.answering("2424", media="tone:700")
    await consulting(server, alice, "2424")
    await target.wait("answered")
    asked = asyncio.create_task(server.desktop("1502").complete_conference())
    alice.reply(await alice.next_request("BYE"), 200)
    await answer_offer(alice)  # retrieved
    invite = await alice.next_request("INVITE")
    assert not invite.body
    alice.reply(invite, 200, body=sdp(alice.rtp_port))
    assert (await alice.next_request("ACK")).body
    await asked
    room = server.conferences[0]
    assert [party.label for party in room.parties] == ["1502", "2001", "2424"]
    await customer.hear(700)
    target.leave()
    assert [party.label for party in room.parties] == ["1502", "2001"]
    customer.leave()
    await alice.next_request("BYE")
    assert not room.alive


async def test_what_is_not_there_is_said(server: SipServer, alice: Phone) -> None:
    desktop = server.desktop("1502")
    options(server, sip_cti_control="talk,hold")
    for wish in (desktop.answer, desktop.hold, desktop.retrieve, desktop.complete_transfer, desktop.reconnect):
        with pytest.raises(Refused):
            await wish()
    with pytest.raises(Refused, match="no phone"):
        await server.desktop("1503").make_call("1")
    with pytest.raises(ValueError, match="no such DN"):
        server.desktop("4711")
    with pytest.raises(Refused, match="always"):
        desktop.forward("sometimes", "1")
