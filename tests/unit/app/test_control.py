"""The control socket: who is served, what bounds a connection, and that an answer says what the phone will do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from deskphone.app import control as control_module
from deskphone.app.control import Control
from deskphone.app.control_requests import dialable
from deskphone.app.diagnostics import Diagnostics, Sources
from deskphone.app.refused import Refused
from deskphone.app.runtime import Runtime
from deskphone.app.store import Store
from deskphone.config.layers import Layers
from deskphone.core import effects as fx
from deskphone.core.events import CallEstablished, Registered
from deskphone.drivers.capture import Capture
from tests.unit.app.control_bench import Bench, bench

__all__ = ["bench"]  # pytest finds the fixture by its name here
RING = "deskphone/volume/ring"
SECRET = "voip/line/0/auth_password"


async def test_the_socket_is_for_its_owner_only(bench: Bench) -> None:
    assert stat.S_IMODE(bench.path.stat().st_mode) == 0o600


async def test_a_value_is_set_for_the_administrator_and_taken_back(bench: Bench) -> None:
    async with bench.guest() as guest:
        answer = await guest.ask("set", values={RING: "3"})
        assert answer["settings"] == [{"name": RING, "value": "3", "layer": "administrator", "restart": False}]
        assert bench.runtime.phone.volume("ring") == 3, "it is in force before the answer is out"
        shown = (await guest.ask("show", names=[RING]))["settings"][0]
        assert (shown["value"], shown["layer"]) == ("3", "administrator")
        answer = await guest.ask("set", values={RING: None})
        assert answer["settings"][0]["layer"] == "factory" and bench.runtime.phone.volume("ring") == 6
    assert bench.runtime.counters.illegal == 0


@pytest.mark.parametrize(("fields", "kind", "words"), [
    ({"values": {RING: "99"}}, "value", "0 to 10"), ({"values": {RING: 3}}, "value", "expected a text"),
    ({"values": {"deskphone/time/zone": "Mars/Olympus"}}, "value", "deskphone/time/zone: expected a zone"),
    ({"values": {"no/such": "1"}}, "unknown", "no/such"), ({"values": {}}, "request", "1 to 1000"),
    ({"values": []}, "request", "1 to 1000"), ({"values": {SECRET: "***"}}, "value", "mask"),
    ({"values": {SECRET: " ***"}}, "value", "mask"), ({"values": {SECRET: "********"}}, "value", "mask"),
    ({"values": {SECRET: "\u2022" * 8}}, "value", "mask"),
    ({"values": {"provisioning/configuration/url": "https://***@h/x"}}, "value", "mask"),
    ({"values": {RING: "3", SECRET: "a\nb"}}, "value", "not shown"),
])  # fmt: skip
async def test_what_does_not_fit_sets_nothing_and_says_why(
    bench: Bench, fields: dict[str, Any], kind: str, words: str
) -> None:
    before = bench.runtime.phone.layers
    async with bench.guest() as guest:
        answer = await guest.ask("set", **fields)
    assert (answer["ok"], answer["kind"]) == (False, kind) and words in answer["error"]
    assert bench.runtime.phone.layers is before and bench.runtime.counters.illegal == 0


async def test_no_answer_shows_a_secret(bench: Bench) -> None:
    async with bench.guest() as guest:
        settings = (await guest.ask("show"))["settings"]
        said = json.dumps([settings, await guest.ask("set", values={SECRET: "othersecret"}), await guest.ask("log")])
    assert len(settings) > 900
    assert not any(word in said for word in ("topsecret", "u:pw", "othersecret"))


async def test_a_dial_that_cannot_be_says_why(bench: Bench) -> None:
    async with bench.guest() as guest:
        answer = await guest.ask("call", verb="dial", number="9196")
        assert (answer["kind"], answer["error"]) == ("refused", "not dialled: not registered")
        assert (await guest.ask("call", verb="hold"))["kind"] == "unknown"
        assert (await guest.ask("call", verb="explode"))["kind"] == "request"
    assert bench.runtime.counters.illegal == 0


async def test_a_program_dials_holds_and_hangs_up(bench: Bench) -> None:
    async with bench.guest() as guest:
        line = {"voip/line/0/id": "1502", "voip/signalling/sip/use_proxy": "1",
                "voip/signalling/sip/proxy_address": "127.0.0.1"}  # fmt: skip
        assert (await guest.ask("set", values=line))["ok"]
        bench.runtime.post(Registered(0, 300, "127.0.0.1:5060"))
        call = (await guest.ask("call", verb="dial", number="030 1234"))["call"]
        dialled = [each for each in bench.desk.orders if isinstance(each, fx.Dial)]
        assert [(each.call, each.target) for each in dialled] == [(call, "0301234")]
        assert (await guest.ask("call", verb="dial", number="5"))["error"] == "not dialled: call under way"
        bench.runtime.post(CallEstablished(call))
        assert (await guest.ask("state"))["state"]["calls"][0]["state"] == "established"
        assert (await guest.ask("call", verb="hold"))["call"] == call
        assert (await guest.ask("call", verb="hang_up", call=call))["call"] == call
    assert [type(each) for each in bench.desk.orders if isinstance(each, fx.Hold | fx.Hangup)] == [fx.Hold, fx.Hangup]
    assert bench.runtime.counters.illegal == 0


@pytest.mark.parametrize(("written", "dialled"), [
    ("030 123-4567", "0301234567"), ("+49 (30) 12.34", "+49301234"), ("*21*5#", "*21*5#"), ("anna", "anna"),
    ("sip:anna@h.example", "sip:anna@h.example"), ("a@h.example:5070;transport=tcp", "a@h.example:5070;transport=tcp"),
])  # fmt: skip
def test_a_number_is_dialled_as_people_write_it(written: str, dialled: str) -> None:
    assert dialable(written) == dialled


@pytest.mark.parametrize(
    "written", ["", "  ", "1\r\nX: y", "a b", "<sip:a@b>", "1" * 90, "ünï", "sip:a@b\r\nTo: x", '"x"']
)
def test_what_is_no_number_is_not_dialled(written: str) -> None:
    with pytest.raises(Refused):
        dialable(written)


@pytest.mark.parametrize(
    "line", [b"{\n", b"[]\n", b"7\n", b'"x"\n', b"[" * 5000 + b"\n", b'{"request": []}\n', b"\xff\n"]
)
async def test_a_line_that_is_no_request_is_answered_and_the_next_one_counts(bench: Bench, line: bytes) -> None:
    async with bench.guest() as guest:
        assert (await guest.say(line))["kind"] == "request"
        assert (await guest.ask("state"))["ok"]


async def test_a_line_too_long_ends_its_connection_and_no_other(bench: Bench) -> None:
    async with bench.guest() as other, bench.guest() as guest:
        guest.writer.write(b"x" * (3 * control_module.LONGEST))
        with contextlib.suppress(ConnectionResetError):  # of what it never read
            assert await asyncio.wait_for(guest.reader.read(), 10) == b""
        assert (await other.ask("state"))["ok"]


async def test_half_a_line_ends_its_connection_after_a_while(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "PATIENCE", 0.05)
    async with bench.guest() as guest:
        guest.writer.write(b'{"request": "st')
        assert await asyncio.wait_for(guest.reader.read(), 10) == b""


async def test_an_answer_that_nobody_takes_ends_its_connection(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "PATIENCE", 0.05)
    async with bench.guest() as guest, bench.guest() as other:
        guest.writer.transport.pause_reading()  # type: ignore[attr-defined]
        guest.writer.write(b'{"request": "show"}\n' * 60)
        async with asyncio.timeout(20):
            while len(bench.control._guests) > 1:
                assert (await other.ask("state"))["ok"], "the others are served meanwhile"
                await asyncio.sleep(0.05)


async def test_one_connection_too_many_is_refused(bench: Bench) -> None:
    guests = [await bench.guest().__aenter__() for _ in range(control_module.MOST)]
    assert all([(await each.ask("state"))["ok"] for each in guests])
    async with bench.guest() as last:
        answer = json.loads(await asyncio.wait_for(last.reader.readline(), 10))
        assert "connections are open" in answer["error"]
    for each in guests:
        await each.__aexit__()
    async with bench.guest() as again, asyncio.timeout(10):
        while not (await again.ask("state"))["ok"]:
            pass


async def test_who_asks_too_fast_waits(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "BURST", 5.0)
    monkeypatch.setattr(control_module, "RATE", 50.0)
    loop = asyncio.get_running_loop()
    async with bench.guest() as guest:
        began = loop.time()
        guest.writer.write(b'{"request": "log", "lines": 1}\n' * 30)
        for _ in range(30):
            assert json.loads(await guest.reader.readline())["ok"]
        assert loop.time() - began > 0.4, "25 beyond the burst at 50 a second take half a second"


async def test_a_long_answer_costs_as_much_as_many_short_ones(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "BURST", 5.0)
    loop = asyncio.get_running_loop()
    async with bench.guest() as guest:
        assert len((await guest.ask("show"))["settings"]) > 900
        began = loop.time()
        assert (await guest.ask("log", lines=1))["ok"]
        assert loop.time() - began > 0.2, "some 20 pieces beyond the burst at 50 a second"


async def test_a_restart_does_not_take_a_call_out_of_a_persons_hands(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deskphone.app.control_requests.occupied", lambda phone: True)
    async with bench.guest() as guest:
        assert (await guest.ask("restart"))["kind"] == "refused"
        assert (await guest.ask("state"))["ok"]
        assert (await guest.ask("restart", now=True))["ok"]


async def test_the_secrets_of_tr_069_are_told_to_its_client_while_it_is_configured(bench: Bench) -> None:
    async with bench.guest() as guest:
        await guest.ask("set", values={"management/tr069/password": "theirs"})
        assert (await guest.ask("acs"))["acs"] == {}
        url = "https://u:pw@acs.example/"
        await guest.ask("set", values={"management/tr069/acs_url": url, "management/tr069/enabled": "1"})
        told = (await guest.ask("acs"))["acs"]
    assert (told["url"], told["password"], told["private_key"]) == (url, "theirs", "")


async def test_factory_settings_take_the_administrators_values_away_and_fetch_the_owners_file(bench: Bench) -> None:
    async with bench.guest() as guest:
        await guest.ask("set", values={RING: "3", "voip/line/0/id": "7"})
        assert (await guest.ask("factory_reset"))["reset"] == 2
        assert (await guest.ask("factory_reset"))["reset"] == 0, "once more harms nothing"
    assert bench.runtime.phone.layers.administrator == () and bench.runtime.phone.volume("ring") == 6
    assert [type(each) for each in bench.desk.orders].count(fx.FetchSettings) == 2
    assert bench.runtime.counters.illegal == 0


async def test_provision_now_is_an_order_to_whoever_fetches(bench: Bench) -> None:
    async with bench.guest() as guest:
        assert (await guest.ask("provision", by="web"))["ok"]
    assert [each.why for each in bench.desk.orders if isinstance(each, fx.FetchSettings)] == ["asked for by web"]


@pytest.mark.parametrize("by", ["web\nERROR of mine", 7, None, ["web"]])
async def test_who_asks_for_a_capture_writes_one_line_of_the_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, by: object
) -> None:
    capture = Capture(tmp_path / "word", tmp_path)
    diagnostics = Diagnostics(Runtime(Store(tmp_path / "data")), Sources(capture=capture, address="192.0.2.9"))
    assert await diagnostics.table["capture"]({"seconds": 5, "by": by}) == {"seconds": 5}
    assert [each.message for each in caplog.records] == [
        "the control socket has the packets at 192.0.2.9 captured for 5 s"
    ]


async def test_the_longest_file_of_the_web_pages_fits_into_one_request(bench: Bench) -> None:
    rules = ";".join(f"4{number:03}=B\u00fcro{number}" + "\u00fc" * 200 for number in range(150))
    assert 30_000 < len(rules) <= 32_768
    async with bench.guest() as guest:
        answer = await guest.ask("set", values={"voip/signalling/sip/number_rules": rules})
        assert answer["settings"][0]["value"] == rules
        answer = await guest.ask("set", values={RING: "\ud800"})
    assert (answer["kind"], answer["error"]) == ("value", f"{RING}: expected a text, got one that is no UTF-8")


async def test_a_second_phone_does_not_take_the_socket_of_the_first(bench: Bench) -> None:
    with pytest.raises(OSError, match="another phone listens there"):
        Control(bench.path, bench.runtime).open()


def test_what_a_killed_phone_left_is_no_hindrance_and_another_file_stays(tmp_path: Path) -> None:
    runtime = Runtime(Store(tmp_path / "data"))
    path = tmp_path / "control"
    for _ in range(2):
        first = Control(path, runtime)
        first.open()
        assert first._listening is not None
        first._listening.close()
    path.unlink()
    path.write_text("mine")
    with pytest.raises(OSError, match="another kind"):
        Control(path, runtime).open()
    assert path.read_text() == "mine"


def test_a_group_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no such group"):
        Control(tmp_path / "control", Runtime(Store(tmp_path / "data")), "nobodys-group")


async def test_another_user_is_refused_by_the_kernels_word(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    class Peer:
        @staticmethod
        def unpack(_: bytes) -> tuple[int, int, int]:
            return os.getpid(), 54_321, 54_321

        size = control_module._PEER.size

    monkeypatch.setattr(control_module, "_PEER", Peer)
    async with bench.guest() as guest:
        answer = json.loads(await asyncio.wait_for(guest.reader.readline(), 10))
        assert answer == {"ok": False, "kind": "refused", "error": "this user may not manage the phone"}
        assert await guest.reader.read() == b""


async def test_a_phone_that_is_not_on_yet_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.control.open()
    life = asyncio.create_task(bench.runtime.run([bench.desk, bench.control], []))
    async with bench.guest() as guest:
        assert (await guest.ask("state"))["error"] == "the phone is not on yet"
    bench.runtime.stop()
    await life
    assert Layers() == bench.runtime.phone.layers
