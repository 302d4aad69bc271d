"""No other web site reaches the phone: neither by a forged request nor by a name of its own."""

from __future__ import annotations

import aiohttp
import pytest
from yarl import URL

from deskphone.host_names import host_is_ours, origin_is
from tests.unit.sim_panel.conftest import Desk

KEY = b'{"key": "5"}'


def host(desk: Desk) -> str:
    return URL(desk.panel.url).authority


async def press(desk: Desk, **headers: str) -> int:
    real = {name.replace("_", "-"): value for name, value in headers.items()}
    async with desk.http.post("/panel/key", data=KEY, headers=real) as answer:
        if answer.status != 200:
            assert "error" in await answer.json()
        return answer.status


async def test_the_panels_own_page_presses_a_key(desk: Desk) -> None:
    own = f"http://{host(desk)}"
    assert await press(desk, Origin=own, Sec_Fetch_Site="same-origin", Content_Type="application/json") == 200
    assert len(desk.posted) == 2


async def test_a_program_that_is_no_browser_presses_a_key(desk: Desk) -> None:
    assert await press(desk, Content_Type="application/x-www-form-urlencoded") == 200  # curl -d


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": "file://"},
        {"Origin": "http://["},  # no URI at all
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
async def test_a_foreign_page_presses_nothing(desk: Desk, headers: dict[str, str]) -> None:
    assert await press(desk, Content_Type="application/json", **headers) == 403
    assert desk.posted == []


async def test_a_form_of_a_page_presses_nothing(desk: Desk) -> None:
    assert await press(desk, Origin=f"http://{host(desk)}", Content_Type="text/plain") == 415
    assert await press(desk, Referer="http://x/", Content_Type="text/plain") == 415
    assert desk.posted == []


@pytest.mark.parametrize("path", ["/", "/panel/state", "/panel/screen.png", "/panel/events", "/panel/audio"])
async def test_a_rebound_name_reads_nothing(desk: Desk, path: str) -> None:
    async with desk.http.get(path, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("path", ["/panel/state", "/panel/screen.png", "/panel/events", "/panel/audio"])
async def test_a_foreign_page_reads_nothing(desk: Desk, path: str) -> None:
    async with desk.http.get(path, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403


async def test_a_foreign_page_does_not_hear_the_microphone(desk: Desk) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await desk.http.ws_connect("/panel/audio", headers={"Origin": "http://evil.example"})
    assert refused.value.status == 403
    assert desk.bridge.listeners == []


async def test_another_site_may_link_to_the_front_page(desk: Desk) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with desk.http.get("/", headers=headers) as answer:
        assert answer.status == 200


async def test_nothing_is_allowed_to_foreign_origins_and_nobody_frames_the_page(desk: Desk) -> None:
    for path in ("/", "/panel/state", "/page/panel.js", "/panel/none"):
        async with desk.http.get(path) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert f"ws://{host(desk)}" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("netloc", "ours"),
    [
        ("127.0.0.1:8080", True),
        ("localhost", True),
        ("LOCALHOST:80", True),
        ("phone.localhost:80", True),
        ("[::1]:8080", True),
        ("192.0.2.7:8080", True),
        ("bench:8080", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        (":8080", False),
        ("[::1", False),
        ("user@evil.example", False),
    ],
)
def test_which_host_names_are_the_phones(netloc: str, ours: bool) -> None:
    assert host_is_ours(netloc, bound="bench") is ours


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("http://phone:8080", True), ("http://PHONE:8080", True), ("https://phone:8080", False),
        ("http://phone", False), ("http://phone:8080.evil.example", False), ("http://phone:8080@evil.example", False),
        ("null", False), ("", False), ("http://[", False), ("http://]:8080", False), ("phone:8080", False),
    ],
)  # fmt: skip
def test_the_origin_of_a_page_of_ours(origin: str, ours: bool) -> None:
    assert origin_is(origin, "phone:8080", ("http",)) is ours
