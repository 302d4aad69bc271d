"""Webhooks: who may be called, how an order is signed, and what becomes of one that is not taken."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from deskphone.manage.client import AsyncPhone
from deskphone.manage.feed import LOST, MOST, Feed, Listener
from deskphone.manage.report.broker import NAMES as BROKER_NAMES
from deskphone.manage.report.broker import Wish as Broker
from deskphone.manage.report.broker import wish as broker_wish
from deskphone.manage.report.hooks import Hooks, Wish, signed, wish
from deskphone.manage.report.keep_alive import KeepAlive
from deskphone.manage.report.keep_alive import Wish as Report
from deskphone.manage.report.receiver import Elsewhere, may_be_named

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_signature_is_that_of_standard_webhooks() -> None:
    headers = signed(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "their documentation's"
    assert "webhook-signature" not in signed("", "msg_1", 1, b"")


@pytest.mark.parametrize(("url", "hosts", "allowed"), [
    ("https://crm.example/hook", "crm.example", True), ("https://CRM.example/", "other.example; crm.EXAMPLE", True),
    ("https://crm.example/hook", "", False), ("https://crm.example.evil/", "crm.example", False),
    ("https://crm.example@evil.example/", "crm.example", False), ("", "crm.example", False),
])  # fmt: skip
def test_only_a_host_of_the_list_is_called(url: str, hosts: str, allowed: bool) -> None:
    assert Wish(url, hosts=wish_of(hosts)).allowed is allowed


@pytest.mark.parametrize(
    ("url", "user", "found"),
    [("mqtts://b.example", "u", ("u", "p")), ("mqtts://desk:a%40b@b.example", "", ("desk", "a@b")),
     ("mqtts://desk:a%40b@b.example:18883", "u", ("u", "p")), ("mqtts://desk@b.example", "", ("desk", ""))],
)  # fmt: skip
def test_the_login_of_a_broker_may_stand_in_its_url(url: str, user: str, found: tuple[str, str]) -> None:
    values = dict.fromkeys(BROKER_NAMES, "") | {"deskphone/mqtt/user_name": user}
    wished = broker_wish(values, {"url": url, "password": "p", "authorities": "", "certificate": "", "private_key": ""})
    assert (wished.user, wished.password) == found and wished.place[0] == "b.example"


@pytest.mark.parametrize("teller", [Wish(events=("call.", "dnd")).wants, Broker(events=("call.", "dnd")).tells])
def test_who_wants_some_happenings_is_told_of_these_and_that_some_are_lost(teller: Callable[[str], bool]) -> None:
    events = ("call.incoming", "dnd.off", "agent.state", "recall.x", LOST["event"])
    assert [event for event in events if teller(event)] == ["call.incoming", "dnd.off", "lost"]


def wish_of(hosts: str) -> tuple[str, ...]:
    values = {
        "deskphone/hooks/url": "", "deskphone/hooks/events": "", "system/action_url/hosts": hosts,
        "system/action_url/send_timeout": "10", "system/action_url/check_certificate": "1",
        "deskphone/hooks/secret": "",
    }  # fmt: skip
    return wish(values).hosts


def test_a_listener_that_is_behind_loses_the_oldest_and_is_told() -> None:
    async def story() -> list[Any]:
        listener = Listener()
        for number in range(MOST + 3):
            listener.put({"event": "call.incoming", "number": number})
        return [await listener.next() for _ in range(MOST)]

    found = asyncio.run(story())
    assert found[0] == LOST and found[-1]["number"] == MOST + 2


class Crm:
    """An HTTP server that answers what it is told, and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        code = self.answers.pop(0) if self.answers else 204
        more = {"Location": "/elsewhere"} if code == 302 else {"Set-Cookie": f"a{len(self.got)}=b"}
        return web.Response(status=code, headers=more)


@asynccontextmanager
async def crm() -> AsyncIterator[tuple[Crm, str]]:
    """Such a server on loopback, and its URL."""
    there = Crm()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", there.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield there, f"http://localhost:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def until(true: Any) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what is waited for is a server's, which has no event for it
            await asyncio.sleep(0.01)


def play(answers: list[int], happenings: list[str], sent: int, lost: int, **wished: Any) -> list[Any]:
    """Have these told while the server answers so; what it got, once so many were sent and lost."""

    async def story() -> list[Any]:
        async with crm() as (there, url):
            there.answers = answers
            feed = Feed(AsyncPhone("/nowhere", "test"))
            hooks = Hooks(feed, lambda: {"mac": "00"}, (0.01, 0.02))
            await hooks.obey(Wish(url, hosts=("localhost",), **wished))
            await until(lambda: feed.listeners == 1)
            for number, word in enumerate(happenings):
                feed.tell({"event": word, "number": number})
            await until(lambda: (hooks.sent, hooks.lost) == (sent, lost))
            await hooks.close()
            await feed.close()
            return there.got

    return asyncio.run(story())


def test_an_order_is_signed_and_tried_again_under_the_same_id_until_it_is_taken() -> None:
    got = play([500, 503], ["call.incoming"], 1, 0, secret=SECRET)
    assert len(got) == 3 and len({head["webhook-id"] for head, _ in got}) == 1
    for head, body in got:
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        text = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
        good = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        assert head["webhook-signature"] == f"v1,{good}"
        assert json.loads(body)["data"] == {"event": "call.incoming", "number": 0, "phone": {"mac": "00"}}


def test_what_is_refused_for_good_is_not_tried_again_and_the_next_follows_in_order() -> None:
    got = play([403], ["call.incoming", "call.ended", "agent.state"], 1, 1, events=("call.",))
    assert [json.loads(body)["type"] for _, body in got] == ["call.incoming", "call.ended"]


def test_who_never_takes_it_is_given_up_and_a_redirect_is_not_followed() -> None:
    assert len(play([500, 500, 500], ["call.incoming"], 0, 1)) == 3
    assert len(play([302], ["call.incoming"], 0, 1)) == 1


@pytest.mark.parametrize("host", ["a%3Ab:c@localhost", "xn--", "0x7f.1"])
def test_an_address_of_this_machine_by_another_word_is_not_called_and_is_no_bug(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> list[Any]:
        async with crm() as (there, url):
            feed = Feed(AsyncPhone("/nowhere", "test"))
            hooks = Hooks(feed, dict, (0.01,))
            name = (urlsplit(f"//{host}").hostname or "").casefold()
            await hooks.obey(Wish(url.replace("localhost", host), hosts=(name,)))
            await until(lambda: feed.listeners == 1)
            feed.tell({"event": "call.incoming"})
            await until(lambda: hooks.lost == 1)
            await hooks.close()
            await feed.close()
            return there.got

    assert asyncio.run(story()) == [] and "Traceback" not in caplog.text


@pytest.mark.parametrize("host", ["127.1", "2130706433", "127.0.0.1.", "0.0"])
def test_an_address_that_is_not_four_numbers_is_told_and_nothing_is_sent(host: str) -> None:
    assert "four numbers" in Wish(f"http://{host}/", hosts=(host,)).trouble
    assert Wish("http://127.0.0.1/", hosts=("127.0.0.1",)).wanted


@pytest.mark.parametrize(("address", "may"), [
    ("192.0.2.1", True), ("10.1.2.3", True), ("fd00::1", True), ("2001:db8::1", True), ("127.0.0.1", False),
    ("127.9.9.9", False), ("0.0.0.0", False), ("169.254.169.254", False), ("224.0.0.1", False), ("::1", False),
    ("::", False), ("fe80::1%eth0", False), ("ff02::1", False), ("::ffff:127.0.0.1", False), ("2002:7f00:1::", False),
    ("::ffff:169.254.169.254", False), ("::ffff:10.1.2.3", True), ("64:ff9b::7f00:1", False), ("::127.0.0.1", False),
])  # fmt: skip
def test_which_addresses_a_name_may_have(address: str, may: bool) -> None:
    assert may_be_named(address) is may


class Changing(AbstractResolver):
    """A name server that changes its mind."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:  # type: ignore[override]
        address = self._answers.pop(0)
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


def test_a_name_that_leads_elsewhere_the_second_time_leads_nowhere() -> None:
    async def story() -> None:
        elsewhere = Elsewhere(Changing("192.0.2.1", "169.254.169.254"))
        assert [each["host"] for each in await elsewhere.resolve("crm.example", 80)] == ["192.0.2.1"]
        with pytest.raises(OSError, match="beyond this machine"):
            await elsewhere.resolve("crm.example", 80)

    asyncio.run(story())


@pytest.mark.parametrize(("head", "more"), [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n", bytes(65536)),
    (b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n" * 8000), (b"HTTP/1.1 200 ", b"x" * 65536),
    (b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x" * 65536),
])  # fmt: skip
def test_a_receiver_without_an_end_costs_neither_memory_nor_time(head: bytes, more: bytes) -> None:
    most = 0

    async def guest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        await reader.read(1000)
        writer.write(head)
        with suppress(OSError):
            for number in range(4000):
                writer.write(more)
                await writer.drain()
                most = max(most, number * len(more))
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(guest, "127.0.0.1", 0)
        feed = Feed(AsyncPhone("/nowhere", "test"))
        hooks = Hooks(feed, dict, (0.01,))
        place = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await hooks.obey(Wish(place, hosts=("127.0.0.1",), timeout=5.0))
        await until(lambda: feed.listeners == 1)
        feed.tell({"event": "call.incoming"})
        await until(lambda: hooks.sent + hooks.lost == 1)
        await hooks.close()
        await feed.close()
        server.close()

    asyncio.run(story())
    assert most < 20_000_000, "what the kernels of both sides keep"


def test_a_report_by_a_user_with_a_colon_is_not_made_and_is_no_bug(caplog: pytest.LogCaptureFixture) -> None:
    reports = KeepAlive(AsyncPhone("/nowhere", "test"))
    asyncio.run(reports.obey(Report("http://127.0.0.1:9/", 1.0, "a:b", "c")))
    assert not reports.wanted and "ems_server/user_name" in caplog.text


@pytest.mark.parametrize(
    "secret", ["whsec_", "whsec_====", "whsec_abcde", "whsec_pass word", "whsec_-_-_", "whsec_\u00e9"]
)
def test_a_secret_that_is_no_base64_posts_nothing_and_says_so(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    hooks = Hooks(Feed(AsyncPhone("/nowhere", "test")), dict)
    asyncio.run(hooks.obey(Wish("https://crm.example/", secret, hosts=("crm.example",))))
    assert not hooks.wanted and "deskphone/hooks/secret" in caplog.text and secret not in caplog.text.split()


def test_no_cookie_of_a_receiver_is_kept() -> None:
    got = play([204, 204], ["call.incoming", "call.ended"], 2, 0)
    assert len(got) == 2 and not any("Cookie" in head for head, _ in got)
