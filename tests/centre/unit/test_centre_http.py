"""The contact centre over HTTP: agents, desktops, queues, options, quirks; the desktop's page; the command line."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from centre import SipServer
from centre.command import parser, run
from centre.control import PAGE, Control
from tests.centre.unit.agentphone import AS_FEATURE, dialogs
from tests.centre.unit.phone import Phone


@pytest.fixture
async def api(server: SipServer) -> AsyncIterator[aiohttp.ClientSession]:
    server.set_option("1502", "enable-agentlogin-subscribe", "true")
    server.set_option("1502", "sip-cti-control", "talk,hold")
    control = Control(server, "127.0.0.1", 0)
    await control.start()
    async with aiohttp.ClientSession(control.url) as session:
        yield session
    await control.stop()


async def post(api: aiohttp.ClientSession, action: str, /, **body: object) -> dict[str, object]:
    async with api.post(f"/server/{action}", json=body) as answer:
        said: dict[str, object] = await answer.json()
        assert answer.status == (400 if "error" in said else 200)
        return said


async def test_an_agents_day(server: SipServer, api: aiohttp.ClientSession, alice: Phone) -> None:
    assert await post(api, "agent", agent="7001", password="1234", name="Ada") == {"agent": "7001", "name": "Ada"}
    await post(api, "queue", queue="5000", after_call_work=None, no_answer=9)
    assert server.queue.after_call_work is None and server.queue.no_answer == 9
    wrong = await post(api, "desktop", dn="1502", do="log_in", agent="7001", password="0")
    assert "wrong" in str(wrong["error"])
    seen = await post(api, "desktop", dn="1502", do="log_in", agent="7001", password="1234")
    assert (seen["state"], seen["name"]) == ("not ready", "Ada")
    await post(api, "desktop", dn="1502", do="ready")
    called = await post(api, "queue", queue="5000", do="call", **{"from": "2001", "name": "Ann"})
    assert called["state"] == "calling"
    invite = await alice.ring()
    await server.wait_until(lambda: bool(server.desktop("1502").legs))
    asked = asyncio.create_task(post(api, "desktop", dn="1502", do="answer"))
    alice.reply(await alice.next_request("NOTIFY"), 200)
    await asked
    await alice.pick_up(invite)
    await server.wait_until(lambda: server.desktop("1502").to_dict()["calls"][0]["state"] == "talking")  # type: ignore[index]
    state = await (await api.get("/server/state")).json()
    (call,) = state["desktops"]["1502"]["calls"]
    assert (call["state"], call["with"], call["queue"]) == ("talking", "2001", "5000")
    assert state["queues"][0]["talking"] == ["1502"] and state["agents"][0]["dn"] == "1502"
    assert "1234" not in str(state)
    await post(api, "desktop", dn="1502", do="release", call=call["call"])
    alice.reply(await alice.next_request("BYE"), 200)
    await server.wait_until(lambda: str(server.agents.at("1502").state) == "after-call work")
    seen = await post(api, "desktop", dn="1502", do="not_ready", reason="500")
    assert (seen["state"], seen["reason"]) == ("not ready", "500")
    assert (await post(api, "desktop", dn="1502", do="log_out"))["agent"] == ""


async def test_features_options_quirks_and_ends(server: SipServer, api: aiohttp.ClientSession, alice: Phone) -> None:
    (feature,) = await dialogs(alice, [AS_FEATURE])
    assert (await post(api, "desktop", dn="1502", do="dnd", on=True))["dnd"] is True
    await feature.notified()
    seen = await post(api, "desktop", dn="1502", do="forward", kind="always", number="2424")
    assert seen["forward"] == {"forwardImmediate": "2424"}
    await feature.notified()
    await post(api, "option", dn="1502", name="refer-enabled", value="false")
    assert server.dns["1502"].options["refer-enabled"] == "false"
    await post(api, "quirk", notify_first=True, on_wrong_password="empty")
    assert server.quirks.notify_first and server.quirks.on_wrong_password == "empty"
    assert await post(api, "subscription", event=AS_FEATURE, reason="deactivated") == {"ended": 1}
    await feature.notified()
    assert feature.state == "terminated;reason=deactivated"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("desktop", {"dn": "9", "do": "ready"}, "no such DN"),
        ("desktop", {"dn": "1502", "do": "dance"}, "expected one of"),
        ("desktop", {"dn": "1502", "do": "ready"}, "nobody is logged in"),
        ("desktop", {"dn": "1502", "do": "answer"}, "no ringing call"),
        ("desktop", {"dn": "1502", "do": "answer", "call": "x"}, "whole number"),
        ("desktop", {"dn": "1502", "do": "dnd", "on": 1}, "true or false"),
        ("desktop", {"dn": "1502", "do": "complete", "as": "friend"}, "transfer or conference"),
        ("desktop", {"dn": "1502", "do": "make_call", "number": "1"}, "no phone"),
        ("queue", {"queue": "5", "do": "call"}, "no such queue"),
        ("agent", {"agent": ""}, "expected a name"),
        ("option", {"dn": "9", "name": "refer-enabled", "value": "true"}, "no such DN"),
        ("option", {"dn": "1502", "name": "color", "value": "red"}, "expected one of"),
        ("quirk", {"deaf": "yes"}, "expected one of"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_said(
    api: aiohttp.ClientSession, name: str, body: dict[str, object], words: str
) -> None:
    assert words in str((await post(api, name, **body))["error"])


async def test_the_desktops_page_is_served_with_all_it_needs(api: aiohttp.ClientSession) -> None:
    for path in ("/", "/desktop"):
        page = await api.get(path)
        text = await page.text()
        assert page.status == 200 and page.content_type == "text/html"
        for name in re.findall(r'(?:href|src)="(/desktop/[^"]+)"', text):
            assert (await api.get(name)).status == 200, name
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert 'style="' not in text and "http://" not in text and "https://" not in text
    for name in ("__init__.py", "..%2fcontrol.py", "nothing.js"):
        assert (await api.get(f"/desktop/{name}")).status == 404
    ids = set(re.findall(r'id="([^"]+)"', text))
    script = (PAGE / "desktop.js").read_text("utf-8")
    assert set(re.findall(r'\$\("([^"]+)"\)', script)) <= ids


async def test_another_web_site_may_not_speak_here(api: aiohttp.ClientSession) -> None:
    answer = await api.get("/server/state", headers={"Host": "evil.example"})
    assert answer.status == 403
    answer = await api.post("/server/desktop", json={}, headers={"Origin": "http://evil.example"})
    assert answer.status == 403


def parsed(*words: str) -> argparse.Namespace:
    return parser().parse_args(words)


def test_the_command_line_of_a_contact_centre(capsys: pytest.CaptureFixture[str]) -> None:
    args = parsed(
        "--agent", "7001:1234:Ada", "--queue", "5000", "--reason", "500:Lunch", "--option", "1502:dr-forward=oos"
    )
    assert args.agent == [("7001", "1234", "Ada")] and args.reason == [("500", "Lunch")]
    assert args.option == [("1502", "dr-forward", "oos")]
    for wrong in (["--agent", ":x"], ["--option", "novalue"], ["--option", ":a=b"], ["--reason", "lunch"]):
        with pytest.raises(SystemExit):
            parsed(*wrong)
    assert run(parsed("--option", "nonsense=1")) == 64
    assert run(parsed("--option", "99:dr-forward=oos")) == 64
    assert "no such DN" in capsys.readouterr().err
