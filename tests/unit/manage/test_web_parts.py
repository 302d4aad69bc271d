"""The parts of the web interface that need no network: sessions, attempts, HTML, the tree, metrics."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from deskphone.app.figures import Figures
from deskphone.config.settings import Settings
from deskphone.host_names import host_is_ours
from deskphone.manage.client import AsyncPhone, Gone
from deskphone.manage.feed import Feed
from deskphone.manage.web import sessions, stream
from deskphone.manage.web.entry import Entry, Refused
from deskphone.manage.web.forms import Row, differs, section
from deskphone.manage.web.html import tag
from deskphone.manage.web.labels import label
from deskphone.manage.web.metrics import metrics
from deskphone.manage.web.openapi import document
from deskphone.manage.web.sections import SECTIONS, Section, pages_of, slots_by_section
from deskphone.manage.web.server import Server
from deskphone.manage.web.sessions import Sessions
from deskphone.trust import attempts as attempts_
from deskphone.trust.attempts import Attempts

HERE, THERE = "192.0.2.1", "192.0.2.2"


async def test_a_stranger_does_not_have_the_display_by_asking_for_the_code_of_the_first_password(
    tmp_path: Path,
) -> None:
    asked = list[bytes]()

    async def phone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            asked.append(line)
            writer.write(b'{"ok": true}\n')
        writer.close()

    place, now = str(tmp_path / "control"), [0.0]
    async with await asyncio.start_unix_server(phone, place):
        there = AsyncPhone(place, "test")
        entry = Entry(there, lambda: now[0])
        found = [await entry.ask_for_code(HERE) for _ in range(5)]
        assert found == ["", "", "", *[Refused("too many attempts", 1.0)] * 2] and len(asked) == 3
        assert await entry.ask_for_code(THERE) == "", "another person may"
        now[0] = 1.0
        assert await entry.ask_for_code(HERE) == ""
        assert await entry.ask_for_code(HERE) == Refused("too many attempts", 2.0)
        await there.close()


async def test_a_listener_whose_phone_is_gone_has_a_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PING", 0.05)
    feed, words = Feed(AsyncPhone("/nowhere", "test")), [True, True]

    async def still(request: web.Request) -> bool:
        if not words:
            raise Gone("the phone does not answer")
        return words.pop()

    app = web.Application()
    app.add_routes(stream.Stream(feed, still, lambda request: None).routes())
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{runner.addresses[0][1]}{stream.PATH}") as answer,
    ):
        assert (await answer.text()).endswith(": nothing new\n\n")
    assert feed.listeners == 0
    await runner.cleanup()
    await feed.close()


def test_a_session_ends_when_nobody_used_it_and_not_before() -> None:
    known = Sessions()
    token = known.open("admin", 0)
    assert known.find(token, 500, 600) is not None
    assert known.find(token, 1000, 600) is not None, "each use begins the time anew"
    assert known.find(token, 1601, 600) is None and known.find(token, 1000, 600) is None


def test_a_page_that_looks_by_itself_does_not_keep_a_session_open() -> None:
    known = Sessions()
    token = known.open("admin", 0)
    assert known.find(token, 500, 600, used=False) is not None
    assert known.find(token, 601, 600, used=False) is None


def test_sessions_are_bounded_and_the_oldest_goes() -> None:
    known = Sessions()
    tokens = [known.open("admin", now) for now in range(sessions.MOST_SESSIONS + 1)]
    assert known.find(tokens[0], 50, 600) is None and known.find(tokens[1], 50, 600) is not None
    few = known.open("user", 40, administrator=False)
    known.close_all(administrator=True)
    assert all(known.find(token, 50, 600) is None for token in tokens) and known.find(few, 50, 600) is not None


def test_each_failure_doubles_the_pause_of_its_address_only() -> None:
    attempts, now, pauses = Attempts(), 0.0, []
    for _ in range(12):
        attempts.failed(HERE, now)
        pauses.append(attempts.pause(HERE, now))
        now += pauses[-1]
    assert pauses[:6] == [0, 0, 1, 2, 4, 8] and pauses[-1] == attempts_.LONGEST_PAUSE
    assert attempts.pause(THERE, now) == 0
    attempts.succeeded(HERE)
    assert attempts.pause(HERE, now) == 0


def test_many_addresses_together_make_everybody_wait_but_not_for_long() -> None:
    attempts = Attempts()
    for number in range(3000):
        attempts.failed(f"198.51.100.{number}", 1.0)
    assert 0 < attempts.pause(THERE, 1.0) <= attempts_.LONGEST_FOR_ALL
    assert len(attempts._rows) <= attempts_.MOST_ADDRESSES


def test_guesses_of_many_strangers_do_not_keep_out_who_was_in_before() -> None:
    attempts = Attempts()
    attempts.succeeded(HERE)
    for number in range(3000):
        attempts.failed(f"198.51.100.{number}", 1.0)
    assert attempts.pause(HERE, 1.0) == 0 < attempts.pause(THERE, 1.0)
    for _ in range(attempts_.FREE):
        attempts.failed(HERE, 1.0)
    assert attempts.pause(HERE, 1.0) > 0, "whose own guesses cost as before"
    for number in range(attempts_.MOST_KNOWN):
        attempts.succeeded(f"203.0.113.{number}")
    assert len(attempts._known) == attempts_.MOST_KNOWN and HERE not in attempts._known


def test_text_never_becomes_markup() -> None:
    made = tag("p", "<b>&", title='" onload="x')
    assert made.text == '<p title="&quot; onload=&quot;x">&lt;b&gt;&amp;</p>'
    assert tag("input", value="<").text == '<input value="&lt;">'
    with pytest.raises(ValueError, match="attribute"):
        tag("p", **{"x onload=y": "1"})


def test_every_setting_stands_on_exactly_one_page_and_no_page_is_empty() -> None:
    pages = slots_by_section()
    names = [slot.name for slug, slots in pages.items() for slot in slots if slug != "quick"]
    assert sorted(names) == sorted(Settings.slots())
    assert tuple(slot.name for slot in pages["quick"]) == SECTIONS[0].also
    assert all(pages[each.slug] for each in SECTIONS)


@pytest.mark.parametrize("here", SECTIONS, ids=lambda each: each.slug)
def test_every_page_has_a_labelled_field_for_each_of_its_settings(here: Section) -> None:
    slots = slots_by_section()[here.slug]
    text = section(here, [Row(slot, "", "factory") for slot in slots], "token", "").text
    for slot in slots:
        key = slot.name.replace("/", "-")
        assert f'for="{key}"' in text and f'id="{key}"' in text and f'name="{slot.name}"' in text
    assert text.count('<div class="field"') == len(slots) and "style=" not in text
    assert text.count("<script") == 1 and '<script src="/form.js" defer></script>' in text


def test_an_empty_secret_says_nothing_and_an_empty_text_does() -> None:
    slots = Settings.slots()
    assert not differs("", {"value": "***"}, slots["voip/line/0/auth_password"])
    assert differs("x", {"value": "***"}, slots["voip/line/0/auth_password"])
    assert differs("", {"value": "Desk"}, slots["voip/line/0/description"])
    assert not differs(" Desk ", {"value": "Desk"}, slots["voip/line/0/description"])


def test_the_guides_tables_give_the_words_of_their_pages() -> None:
    shown = {slug: [label(slot) for slot in slots] for slug, slots in slots_by_section().items()}
    assert shown["acd"][:9] == [
        "Active", "Server Type", "Use SIP Server As ACD Server", "Server Address", "Server Port", "User Name",
        "Password", "State After Login", "Expire Time",
    ]  # fmt: skip
    table_2 = {
        "Use SIP Proxy", "Proxy IP Address or Host Name", "Proxy Port", "Enable Registrar Keep Alive",
        "Registrar Keep Alive Period", "Maximum Number of Authentication Retries", "Registration Failed Expires",
        "Use SIP Registrar", "Use SIP Proxy IP and Port for Registration", "Registrar IP Address or Host Name",
        "Registrar Port", "Use SIP Outbound Proxy", "Outbound Proxy IP Address or Host Name", "Outbound Proxy Port",
        "Redundant Proxy Mode", "Secondary Proxy Address", "Secondary Proxy Port",
    }  # fmt: skip
    assert table_2 <= set(shown["proxy"])
    assert shown["line"][:5] == [
        "Activate", "User ID", "Display Name", "Authentication User Name", "Authentication Password",
    ]  # fmt: skip
    assert "Line 2: Activate" in shown["line"]


@pytest.mark.parametrize(("slug", "name", "switch", "shown", "hidden"), [
    ("acd", "voip/services/ACD/server_address", "voip/services/ACD/server_use_sip_server", "0", "1"),
    ("acd", "voip/services/ACD/server_port", "voip/services/ACD/server_use_sip_server", "0", "1"),
    ("proxy", "voip/signalling/sip/secondary_proxy/address", "voip/signalling/sip/redundant_proxy/mode",
     "SIMULTANEOUS", "DISABLE"),
    ("quick", "voip/signalling/sip/secondary_proxy/port", "voip/signalling/sip/redundant_proxy/mode", "SIMULTANEOUS",
     "PRIMARY_FALLBACK"),
    ("proxy", "voip/signalling/sip/redundant_proxy/address", "voip/signalling/sip/redundant_proxy/mode",
     "PRIMARY_FALLBACK", "SIMULTANEOUS"),
])  # fmt: skip
def test_a_field_is_displayed_only_when_the_guide_says(
    slug: str, name: str, switch: str, shown: str, hidden: str
) -> None:
    here = next(each for each in SECTIONS if each.slug == slug)

    def opening(value: str, error: str = "") -> str:
        rows = [
            Row(slot, value if slot.name == switch else "", "factory", error=error if slot.name == name else "")
            for slot in slots_by_section()[slug]
        ]
        text = section(here, rows, "token", "").text
        return text[text.rindex('<div class="field"', 0, text.index(f'for="{name.replace("/", "-")}"')) :].split(">")[0]

    assert " hidden" in opening(hidden) and " hidden" not in opening(shown)
    assert f'data-shown-when="{switch}"' in opening(shown) and f'data-shown-value="{shown}"' in opening(shown)
    assert " hidden" not in opening(hidden, "wrong"), "what is wrong is never hidden"


def test_the_access_list_takes_our_names_and_the_420hds() -> None:
    assert pages_of("css image tones.htm keys, call_log.htm ../x security.htm") == {"tones", "keys"}
    assert pages_of("") == frozenset()


def test_the_openapi_document_has_every_route_and_no_other() -> None:
    phone = AsyncPhone("/nowhere", "test")
    server = Server(phone, phone, Feed(phone), lambda: 0.0)
    there = {
        (route.method, re.sub(r":[^}]+", "", getattr(route.resource, "canonical", "")))
        for route in server.app.router.routes()
        if route.method != "HEAD"
    }
    document_paths = document("1")["paths"]
    written = {(method.upper(), path) for path, row in document_paths.items() for method in row}
    assert written == {row for row in there if row[1].startswith("/api/v1/")}


def test_the_openapi_document_leads_from_what_is_told_to_what_can_be_asked() -> None:
    paths = document("1")["paths"]
    names = [each["operationId"] for row in paths.values() for each in row.values()]
    assert len(set(names)) == len(names)
    dialled = paths["/api/v1/calls"]["post"]["responses"]["201"]["links"]
    assert dialled["delete_calls_call"] == {
        "operationId": "delete_calls_call", "parameters": {"call": "$response.body#/call"}
    }  # fmt: skip
    links = [
        (link, parameter)
        for row in paths.values() for each in row.values() for answer in each["responses"].values()
        for link in answer.get("links", {}).values() for parameter in link["parameters"]
    ]  # fmt: skip
    takes = {
        each["operationId"]: {of["name"] for of in each["parameters"]}
        for row in paths.values()
        for each in row.values()
    }
    assert len(links) == 7 and all(parameter in takes[link["operationId"]] for link, parameter in links)


def test_metrics_escape_what_a_server_is_called() -> None:
    server = {"address": 'a"\\\n', "registered": True}
    status = {
        "state": {"servers": [server], "calls": [{"direction": "in"}], "agent": {"state": "ready"}}, "version": "1",
        "model": "420HD", "mac": "", "up_seconds": 3, "failed_parts": ["lamps"],
        "counters": {"events": 5, "illegal": 0, "frames": 2, "waited": 0.5, "longest": 0.25},
        "figures": Figures().tell([]),
    }  # fmt: skip
    text = metrics(status)
    assert 'deskphone_registered{server="a\\"\\\\\\n"} 1\n' in text and 'deskphone_calls{direction="in"} 1\n' in text
    assert all(line.startswith(("#", "deskphone_", "process_")) for line in text.splitlines())
    assert "\ndeskphone_event_wait_seconds_max 0.25\n" in text


@pytest.mark.parametrize(("host", "ours"), [
    ("127.0.0.1:80", True), ("localhost", True), ("[::1]:8080", True), ("192.0.2.7", True),
    ("420hd-1.office.example", True), ("evil.example", False), ("127.0.0.1.evil.example", False), ("", False),
    ("[", False), ("420hd-1.office.example.evil", False), ("evil.example\\@127.0.0.1", False),
    ("evil.example@127.0.0.1", False), ("127.0.0.1/@evil.example", False), ("127.0.0.1#@evil.example:80", False),
    ("127.0.0.1:x", False), ("[fe80::1%eth0]:80", True), ("420HD-1.Office.Example.", True),
])  # fmt: skip
def test_a_host_name_is_ours_or_it_is_not(host: str, ours: bool) -> None:
    assert host_is_ours(host, "0.0.0.0", ("420hd-1.office.example", "")) is ours
