"""Subscriptions at the stand-in, with message-summary as the package."""

from __future__ import annotations

import asyncio

import pytest
from sipmessage import Request, Response

from centre import SipServer
from centre.mwi import Mailbox
from tests.centre.unit.phone import PATIENCE, Phone

MWI = {"Event": "message-summary", "Accept": "application/simple-message-summary", "Expires": "600"}


async def subscribe(phone: Phone, **changes: str) -> tuple[Request, Response, Request]:
    request = phone.request("SUBSCRIBE", headers={**MWI, **changes})
    answer = await phone.ask(request)
    assert answer.code == 200
    notify = await phone.next_request("NOTIFY")
    phone.reply(notify, 200)
    return request, answer, notify


async def test_a_subscription_is_answered_with_the_state_of_the_mailbox(server: SipServer, alice: Phone) -> None:
    _, answer, notify = await subscribe(alice)
    assert answer.headers["Expires"] == "600"
    assert notify.headers["Subscription-State"] == "active;expires=600"
    assert notify.headers["Content-Type"] == "application/simple-message-summary"
    assert notify.body.startswith(b"Messages-Waiting: no\r\n")
    server.notify_mwi("1502", new=2, old=8)
    notify = await alice.next_request("NOTIFY")
    alice.reply(notify, 200)
    assert b"Messages-Waiting: yes\r\n" in notify.body and b"Voice-Message: 2/8 (0/0)\r\n" in notify.body
    assert f"sip:1502@{server.address}".encode() in notify.body


async def test_a_refresh_prolongs_it_and_zero_ends_it(server: SipServer, alice: Phone) -> None:
    request, answer, _ = await subscribe(alice)
    refresh = alice.in_dialog("SUBSCRIBE", request, answer, Expires="900")
    assert (await alice.ask(refresh)).headers["Expires"] == "900"
    alice.reply(await alice.next_request("NOTIFY"), 200)
    end = alice.in_dialog("SUBSCRIBE", request, answer, Expires="0")
    assert (await alice.ask(end)).code == 200
    last = await alice.next_request("NOTIFY")
    assert last.headers["Subscription-State"] == "terminated;reason=timeout"
    alice.reply(last, 200)
    await server.wait_until(lambda: not server.notifier.all, within=PATIENCE)
    gone = alice.in_dialog("SUBSCRIBE", request, answer, Expires="60")
    assert (await alice.ask(gone)).code == 481


async def test_a_one_time_fetch_leaves_nothing_behind(server: SipServer, alice: Phone) -> None:
    _, answer, notify = await subscribe(alice, Expires="0")
    assert answer.headers["Expires"] == "0" and notify.headers["Subscription-State"].startswith("terminated")
    await server.wait_until(lambda: not server.notifier.all, within=PATIENCE)
    assert not server.agent.dialogs


async def test_it_ends_by_itself_when_nobody_refreshes(server: SipServer, alice: Phone) -> None:
    await subscribe(alice)
    server.notifier.all[0].prolong(0)
    last = await alice.next_request("NOTIFY")
    assert last.headers["Subscription-State"] == "terminated;reason=timeout"


async def test_the_server_may_end_it_with_retry_after(server: SipServer, alice: Phone) -> None:
    await subscribe(alice)
    server.notifier.all[0].terminate("probation", retry_after=9)
    last = await alice.next_request("NOTIFY")
    assert last.headers["Subscription-State"] == "terminated;reason=probation;retry-after=9"


async def test_a_phone_that_answers_481_is_no_subscriber_any_more(server: SipServer, alice: Phone) -> None:
    await subscribe(alice)
    server.notify_mwi("1502", new=1)
    alice.reply(await alice.next_request("NOTIFY"), 481)
    await server.wait_until(lambda: not server.notifier.all, within=PATIENCE)


async def test_notifies_come_one_after_the_other(server: SipServer, alice: Phone) -> None:
    await subscribe(alice)
    server.notify_mwi("1502", new=1)
    server.notify_mwi("1502", new=2)
    first = await alice.next_request("NOTIFY")
    alice.reply(first, 200)
    second = await alice.next_request("NOTIFY")
    assert second.cseq.sequence == first.cseq.sequence + 1
    assert second.body.count(b"2/0") == 1
    alice.reply(second, 200)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"Event": "winter"}, 489), ({"Event": ""}, 489), ({"From": "<sip:9999@x>;tag=a"}, 403)],
)
async def test_what_cannot_be_subscribed(server: SipServer, alice: Phone, changes: dict[str, str], code: int) -> None:
    answer = await alice.ask(alice.request("SUBSCRIBE", headers={**MWI, **changes}))
    assert answer.code == code
    if code == 489:
        assert "message-summary" in answer.headers["Allow-Events"]


async def test_a_body_no_package_understands_and_an_old_sequence_number(server: SipServer, alice: Phone) -> None:
    request, answer, _ = await subscribe(alice)
    command = alice.in_dialog("SUBSCRIBE", request, answer, Content_Type="text/plain")
    command.body = b"do it"
    assert (await alice.ask(command)).code == 415
    old = alice.in_dialog("SUBSCRIBE", request, answer, CSeq="1 SUBSCRIBE")
    assert (await alice.ask(old)).phrase == "CSeq Too Small"
    assert len(server.notifier.all) == 1


async def test_a_phone_without_a_subscription_is_told_unsolicited(server: SipServer, alice: Phone) -> None:
    server.notify_mwi("1502", new=3)
    notify = await alice.next_request("NOTIFY")
    assert notify.headers["Event"] == "message-summary"
    assert notify.headers.get("Subscription-State") is None
    assert b"Voice-Message: 3/0" in notify.body
    alice.reply(notify, 200)


async def test_check_sync_goes_out_of_dialog_to_every_phone_of_the_dn(server: SipServer, alice: Phone) -> None:
    sending = asyncio.ensure_future(server.send_notify("1502", "check-sync;reboot=false"))
    notify = await alice.next_request("NOTIFY")
    assert notify.headers["Event"] == "check-sync;reboot=false"
    alice.reply(notify, 403)
    assert [response.code for response in await sending] == [403]


def test_a_mailbox_is_written_as_rfc_3842_says() -> None:
    assert Mailbox(2, 8, 0, 2).summary("sip:alice@vmail.example.com") == (
        b"Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\nVoice-Message: 2/8 (0/2)\r\n"
    )
