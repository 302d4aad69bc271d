"""The connection request: who is let in, how often, and what a stranger gets."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import time
from typing import Any

import pytest

from deskphone.manage.cwmp.knock import GUESTS, TAKEN, Doorman, Listener
from deskphone.manage.cwmp.wish import Door
from deskphone.trust.attempts import FREE

DOOR = Door(7547, "acs", "secret")
ACS, STRANGER = "192.0.2.1", "192.0.2.66"


def challenge(doorman: Doorman, now: float = 0.0) -> str:
    status, text = doorman.answer("GET", DOOR.path, "", now)
    found = re.search('nonce="([0-9a-f]+)"', text)
    assert status == 401 and found
    return found[1]


def login(
    nonce: str, user: str = "acs", password: str = "secret", qop: bool = True, path: str = DOOR.path, **more: str
) -> str:
    """RFC 2617 section 3.2.2, written anew."""
    fields = {"username": user, "realm": "deskphone", "nonce": nonce, "uri": DOOR.path, **more}
    first = _md5(f"{user}:deskphone:{password}")
    second = _md5(f"GET:{path}")
    if qop:
        fields |= {"qop": "auth", "nc": "00000001", "cnonce": "c"}
        fields |= {"response": _md5(f"{first}:{nonce}:00000001:c:auth:{second}"), **more}
    else:
        fields |= {"response": _md5(f"{first}:{nonce}:{second}")}
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in fields.items())


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@pytest.mark.parametrize("qop", [True, False])
def test_who_knows_the_password_is_let_in_once_a_nonce(qop: bool) -> None:
    doorman = Doorman(DOOR)
    said = login(challenge(doorman), qop=qop)
    assert doorman.answer("GET", DOOR.path, said, 1.0)[0] == 200
    assert doorman.answer("GET", DOOR.path, said, 2.0)[0] == 401, "said again by who listened"


@pytest.mark.parametrize("target", [DOOR.path, f"http://10.0.0.7:7547{DOOR.path}", f"HTTP://phone{DOOR.path}"])
@pytest.mark.parametrize("uri", [DOOR.path, f"http://10.0.0.7:7547{DOOR.path}"])
def test_one_who_knocks_by_way_of_a_proxy_names_the_whole_url(target: str, uri: str) -> None:
    doorman = Doorman(DOOR)
    said = login(challenge(doorman), path=uri, uri=uri)
    assert doorman.answer("GET", target, said, 1.0)[0] == 200
    assert doorman.answer("GET", "http://10.0.0.7:7547/other", said, 1.0)[0] == 404


@pytest.mark.parametrize(("what", "status"), [
    ({"password": "wrong"}, 401), ({"user": "other"}, 401), ({"realm": "other"}, 401), ({"uri": "/"}, 401),
    ({"nonce": "made up"}, 401), ({"qop": "auth-int"}, 401), ({"response": ""}, 401), ({"response": "\u00e9"}, 401),
])  # fmt: skip
def test_anything_else_is_not(what: dict[str, Any], status: int) -> None:
    doorman = Doorman(DOOR)
    nonce = challenge(doorman)
    if what.get("qop") == "auth-int":
        said = login(nonce).replace('qop="auth"', 'qop="auth-int"')
    else:
        said = login(what.pop("nonce", nonce), **what)
    assert doorman.answer("GET", DOOR.path, said, 1.0)[0] == status


def test_basic_and_rubbish_are_no_login_and_a_nonce_grows_old() -> None:
    doorman = Doorman(DOOR)
    for said in ("Basic YWNzOnNlY3JldA==", "Digest", 'Digest =,,"', "x" * 5000):
        assert doorman.answer("GET", DOOR.path, said, 0.0)[0] == 401
    assert doorman.answer("GET", DOOR.path, login(challenge(doorman)), 61.0)[0] == 401
    assert doorman.answer("POST", DOOR.path, "", 0.0)[0] == 405 and doorman.answer("GET", "/", "", 0.0)[0] == 404


def test_only_of_a_nonce_that_does_not_count_it_is_said_that_it_is_stale() -> None:
    doorman = Doorman(DOOR)
    said = login(challenge(doorman))
    assert doorman.answer("GET", DOOR.path, said, 1.0) == (200, "")
    for dead in (said, login("made up"), login(challenge(Doorman(DOOR)))):
        assert doorman.answer("GET", DOOR.path, dead, 2.0)[1].endswith(", stale=true")
    for wrong in ("", login(challenge(doorman), password="wrong"), "Basic YWNzOnNlY3JldA=="):
        assert "stale" not in doorman.answer("GET", DOOR.path, wrong, 2.0)[1]


def test_knocks_are_bounded() -> None:
    doorman = Doorman(DOOR)
    for _ in range(TAKEN):
        assert doorman.answer("GET", DOOR.path, login(challenge(doorman)), 0.0)[0] == 200
    assert doorman.answer("GET", DOOR.path, "", 59.0) == (503, "60")
    assert doorman.answer("GET", DOOR.path, "", 60.0)[0] == 401


def test_a_nonce_that_was_used_is_never_good_again() -> None:
    doorman, used = Doorman(DOOR), list[str]()
    for now in (float(each) for each in range(0, 60, 6)):
        used.append(login(challenge(doorman, now)))
        assert doorman.answer("GET", DOOR.path, used[-1], now)[0] == 200
    for now in (60.0, 66.0, 72.0):
        assert {doorman.answer("GET", DOOR.path, each, now)[0] for each in used} == {401}, (
            "as long as any of them lives"
        )
        assert doorman.answer("GET", DOOR.path, login(challenge(doorman, now)), now)[0] == 200


def test_a_guess_makes_its_own_address_wait_and_not_the_acs() -> None:
    doorman = Doorman(DOOR)
    assert doorman.answer("GET", DOOR.path, login(challenge(doorman)), 0.0, ACS)[0] == 200
    said = [
        doorman.answer("GET", DOOR.path, login(challenge(doorman), password=f"{each}"), 1.0, STRANGER)
        for each in range(200)
    ]
    assert [status for status, _ in said].count(401) == FREE and said[-1] == (503, "2")
    for each in range(200):
        doorman.answer("GET", DOOR.path, login(challenge(doorman), password="x"), 1.0, f"198.51.100.{each}")
    assert doorman.answer("GET", DOOR.path, login(challenge(doorman)), 1.0, "203.0.113.9")[0] == 503, "all together"
    assert doorman.answer("GET", DOOR.path, login(challenge(doorman)), 1.0, ACS)[0] == 200


def test_neither_rubbish_nor_questions_without_end_keep_the_acs_out() -> None:
    doorman = Doorman(DOOR)
    first = challenge(doorman)
    for said in ("", "Digest x", login("made up"), login(first[:-1] + ("0" if first[-1] != "0" else "1"))):
        for _ in range(1000):
            assert doorman.answer("GET", DOOR.path, said, 0.5, STRANGER)[0] == 401
    assert doorman.answer("GET", DOOR.path, login(first), 1.0, ACS)[0] == 200


@pytest.mark.parametrize("door", [Door(0, "a", "b"), Door(7547, "", "b"), Door(7547, "a", "")])
def test_without_port_user_and_password_nothing_listens(door: Door) -> None:
    async def story() -> int:
        listener = Listener(lambda: None, lambda: 0.0)
        await listener.obey(door)
        assert listener.url("192.0.2.1") == ""
        return listener.port

    assert not door.open and asyncio.run(story()) == 0


def test_one_small_request_a_connection_is_answered_and_the_rest_cut_off() -> None:
    async def story() -> tuple[list[bytes], int]:
        knocks: list[int] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        door = Door(port, "acs", "secret")
        listener = Listener(lambda: knocks.append(1), lambda: 0.0)
        await listener.obey(door)
        assert listener.url("2001:db8::1") == f"http://[2001:db8::1]:{port}{door.path}"

        async def say(text: bytes) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(text)
                async with asyncio.timeout(30):
                    return await reader.read()
            except ConnectionError:
                return b""
            finally:
                writer.close()

        head = f"GET {door.path} HTTP/1.1\r\nHost: x\r\n"
        nonce = re.search(rb'nonce="(\w+)"', await say(f"{head}\r\n".encode()))
        assert nonce
        good = login(nonce[1].decode())
        heard = [await say(f"{head}Authorization: {good}\r\n\r\n".encode())]
        heard += [await say(b"\0\1\2\r\n\r\n"), await say(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 5000)]
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(GUESTS)]
        await asyncio.sleep(0)
        heard.append(await say(f"{head}\r\n".encode()))
        for _, writer in silent:
            writer.close()
        listener.close()
        return heard, len(knocks)

    heard, knocks = asyncio.run(story())
    good, rubbish, long, crowded = heard
    assert good.startswith(b"HTTP/1.1 200") and knocks == 1
    assert (
        not rubbish.startswith(b"HTTP/1.1 2")
        and not long.startswith(b"HTTP/1.1 2")
        and crowded.startswith(b"HTTP/1.1 401")
    )


@pytest.mark.parametrize("piece", ["a", "a=", 'a="', 'a="\\', " ", "="])
def test_a_head_full_of_anything_takes_no_time(piece: str) -> None:
    doorman = Doorman(DOOR)
    before = time.process_time()
    for _ in range(10):
        assert doorman.answer("GET", DOOR.path, "Digest " + piece * (8000 // len(piece)), 1.0)[0] == 401
    assert time.process_time() - before < 2.0
