"""The HTTP control API, the scripted customers and the command line of the stand-in."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from centre import SipServer
from centre.__main__ import main
from centre.command import parser
from centre.control import Control
from centre.customer import start_customers
from tests.centre.unit.phone import PATIENCE, Phone, sdp


@pytest.fixture
async def api(server: SipServer) -> AsyncIterator[aiohttp.ClientSession]:
    control = Control(server, "127.0.0.1", 0)
    await control.start()
    async with aiohttp.ClientSession(control.url) as session:
        yield session
    await control.stop()


async def post(api: aiohttp.ClientSession, name: str, body: object) -> tuple[int, dict[str, object]]:
    async with api.post(f"/server/{name}", json=body) as answer:
        return answer.status, await answer.json()


async def test_a_tool_sees_the_state_and_places_a_call(
    server: SipServer, api: aiohttp.ClientSession, bob: Phone
) -> None:
    status, far_end = await post(
        api, "call", {"dn": "1503", "from": "2001", "name": "Zo\u00eb", "headers": {"X-A": "1"}}
    )
    assert (status, far_end["state"]) == (200, "calling")
    invite = await bob.ring()
    assert invite.headers["X-A"] == "1" and invite.from_address.name == "Zo\u00eb"
    await bob.pick_up(invite)
    await server.far_ends[0].wait("answered", within=PATIENCE)
    state = await (await api.get("/server/state")).json()
    assert state["dns"]["1503"][0]["contact"] == f"sip:1503@127.0.0.1:{bob.port}"
    assert [(c["state"], c["parties"]) for c in state["calls"]] == [("answered", ["2001", "1503"])]
    status, _ = await post(api, "farend", {"id": far_end["id"], "do": "leave"})
    assert status == 200
    bob.reply(await bob.next_request("BYE"), 200)


async def test_events_stream_as_they_happen(server: SipServer, api: aiohttp.ClientSession, bob: Phone) -> None:
    async with api.get("/server/events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readline() == b": hello\n"
        await post(api, "mwi", {"dn": "1503", "new": 2})
        lines: list[bytes] = []
        while not any(line.startswith(b"data:") for line in lines):
            lines.append(await stream.content.readline())
        event = json.loads(lines[-1].partition(b":")[2])
        assert (event["kind"], event["dn"], event["new"]) == ("mwi", "1503", 2)
    bob.reply(await bob.next_request("NOTIFY"), 200)


async def test_messages_hide_the_digest_proof(server: SipServer, api: aiohttp.ClientSession, bob: Phone) -> None:
    listed = await (await api.get("/server/messages", params={"method": "REGISTER", "limit": "2"})).json()
    assert [(m["direction"], m["code"]) for m in listed] == [("in", None), ("out", 200)]
    assert 'response="***"' in listed[0]["text"]


async def test_failures_and_silence_are_ordered(server: SipServer, api: aiohttp.ClientSession, bob: Phone) -> None:
    await post(api, "fail", {"method": "OPTIONS", "code": 503, "headers": [["Retry-After", "3"]]})
    answer = await bob.ask(bob.request("OPTIONS"))
    assert (answer.code, answer.headers["Retry-After"]) == (503, "3")
    await post(api, "silence", {"on": True})
    assert server.agent.transport.silent
    await post(api, "silence", {"on": False})
    await post(api, "dn", {"dn": "1503", "busy": True})
    assert server.dns["1503"].busy


async def test_a_number_answered_by_order(server: SipServer, api: aiohttp.ClientSession, bob: Phone) -> None:
    _, far_end = await post(api, "answering", {"number": "2001", "answer_after": None})
    calling = asyncio.ensure_future(bob.call("2001"))
    await server.far_ends[0].wait("ringing", within=PATIENCE)
    await post(api, "farend", {"id": far_end["id"], "do": "decline", "code": 486})
    assert (await calling)[1].code == 486


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("call", {}, "dn: expected a string"),
        ("call", {"dn": "1503", "ring_for": "long"}, "ring_for: expected seconds"),
        ("call", {"dn": "1503", "media": "noise"}, "media 'noise'"),
        ("call", {"dn": "1503", "headers": {"X": "a\r\nInjected: 1"}}, "headers: expected"),
        ("call", {"dn": "1503\r\n"}, "dn: expected a string"),
        ("fail", {"method": "INVITE", "code": 100}, "expected 300 to 699"),
        ("farend", {"id": 0, "do": "leave"}, "no such far end"),
        ("dn", {"dn": "1"}, "no such DN"),
        ("mwi", [1], "expected a JSON object"),
    ],
)
async def test_bad_orders_are_refused_with_words(
    server: SipServer, api: aiohttp.ClientSession, name: str, body: object, words: str
) -> None:
    status, answer = await post(api, name, body)
    assert status == 400 and words in str(answer["error"])


async def test_a_web_page_cannot_post(server: SipServer, api: aiohttp.ClientSession) -> None:
    async with api.post("/server/silence", data="{}", headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415
    assert not server.agent.transport.silent


async def test_a_customer_calls_an_idle_phone_and_the_next_one_after_the_call(server: SipServer, bob: Phone) -> None:
    customers = start_customers(server, after=0.01)
    invite = await bob.ring()
    assert invite.from_address.name == "Zo\u00eb M\u00fcller"
    assert customers.placed[0].state in ("calling", "ringing")
    bob.reply(invite, 486)
    await bob.next("ACK")
    second = await bob.ring()
    assert second.from_address.uri.user == "+442079460123"


async def test_no_customer_calls_a_phone_that_talks(server: SipServer, bob: Phone) -> None:
    await bob.call("9196")
    customers = start_customers(server, after=0.0)
    await server.wait_until(lambda: bool(server.calls_of("1503")), within=PATIENCE)
    for _ in range(20):
        await asyncio.sleep(0)
    assert customers.placed == []


def test_the_command_describes_its_numbers_and_refuses_bad_options(capsys: pytest.CaptureFixture[str]) -> None:
    args = parser().parse_args(["--sip-port", "0", "--dn", "7:pw:Ann B", "--control", "127.0.0.1:0"])
    assert (args.dn[0].name, args.control) == ("Ann B", ("127.0.0.1", 0))
    for bad in (["--sip-port", "70000"], ["--control", "80"], ["--dn", ":x"], ["--customer-after", "0"]):
        with pytest.raises(SystemExit):
            parser().parse_args(bad)
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    assert "9196  echo" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "code"), [(None, os.EX_NOINPUT), ("no certificate\n", os.EX_DATAERR)])
def test_a_certificate_that_cannot_be_shown_is_named(
    text: str | None, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.pem"
    for each in (file, file.with_suffix(".key")) if text else ():
        each.write_text(text or "")
    assert main(["--certificate", str(file), "--sip-port", "0"]) == code
    told = capsys.readouterr().err
    assert told.startswith(f"deskphone-centre: --certificate {file}: expected PEM") and told.count("\n") == 1


@pytest.mark.slow
async def test_the_program_says_where_it_is_and_when_its_port_is_taken(server: SipServer) -> None:
    program = [sys.executable, "-m", "centre"]
    taken = await asyncio.create_subprocess_exec(
        *program, "--sip-port", str(server.port), stderr=asyncio.subprocess.PIPE
    )
    _, words = await taken.communicate()
    assert taken.returncode == os.EX_UNAVAILABLE
    [line] = words.decode().splitlines()
    assert line.startswith(f"deskphone-centre: cannot listen on 127.0.0.1:{server.port}: ")
    assert os.strerror(errno.EADDRINUSE).lower() in line.lower()
    wrong = await asyncio.create_subprocess_exec(*program, "--sip-port", "x", stderr=asyncio.subprocess.PIPE)
    await wrong.communicate()
    assert wrong.returncode == os.EX_USAGE
    good = await asyncio.create_subprocess_exec(
        *program, "--sip-port", "0", "--dn", "1502:secret", stdout=asyncio.subprocess.PIPE
    )
    assert good.stdout is not None
    first = (await good.stdout.readline()).decode()
    port = int(first.split()[3].rpartition(":")[2])
    async with Phone("1502", port) as phone:
        assert (await phone.register()).code == 200
        assert (await phone.call("9196", body=sdp(phone.rtp_port)))[1].code == 200
    good.send_signal(signal.SIGTERM)
    assert await good.wait() == 0
