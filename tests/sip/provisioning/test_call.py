"""New settings and check-sync while a person talks: the real process, a real call, a real provisioning server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.stories.bench import Story
from tests.stories.bench_sip import SipBench
from tests.stories.configuration import configuration

pytestmark = [pytest.mark.sip, pytest.mark.slow]


class Files:
    """The provisioning server: one file, whatever is asked for; counts how often."""

    def __init__(self) -> None:
        self.body, self.asked = b"", 0
        files = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                files.asked += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(files.body)))
                self.end_headers()
                self.wfile.write(files.body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/"

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(5)


class Desk:
    """A phone that found its settings by DHCP, and the two servers it knows."""

    def __init__(self, bench: SipBench, files: Files) -> None:
        self.bench, self.files, self.phone = bench, files, Story(bench)
        self.gives()
        lease = bench.folder / "lease"
        lease.write_text(f"address 127.0.0.1\nmac 00:90:8f:3b:bc:ba\noption_160 {files.url.encode().hex()}\n")
        bench.start("--provision", "--lease", str(lease))
        self.phone.registered()

    def gives(self, **settings: str) -> None:
        """From now on the file has these settings, too."""
        port = str(self.bench.server.port)
        self.files.body = configuration(
            voip__signalling__sip__proxy_port=port, provisioning__random_provisioning_time="0", **settings
        )

    def check_sync(self, event: str = "check-sync;reboot=false", stranger: bool = False) -> list[int]:
        """NOTIFY from the SIP Server, or from one the phone does not know; the codes of the answers."""
        server = self.phone.stranger() if stranger else self.bench.server
        return [each.code for each in self.bench.run(server.send_notify("1502", event))]

    def in_call(self) -> None:
        self.customer = self.phone.customer()
        self.customer.call()
        self.phone.wait("a call that rings", lambda state: bool(state["calls"]))
        self.phone.press("soft1")
        self.phone.in_call()

    def journals(self, words: str, within: float = 15) -> None:
        self.phone.wait(f"{words!r} in the journal", lambda _: words in self.bench.journal(), within)


@pytest.fixture
def desk() -> Iterator[Desk]:
    files = Files()
    try:
        with SipBench() as bench:
            yield Desk(bench, files)
            assert bench.illegal() == 0, bench.journal()
    finally:
        files.close()


def test_check_sync_fetches_and_the_new_settings_count_at_once(desk: Desk) -> None:
    desk.gives(system__display__message_on_screen="Hello")
    assert desk.check_sync() == [200]
    desk.phone.shows("Hello")
    assert desk.files.asked == 2


def test_check_sync_of_a_stranger_is_refused_and_asks_nobody(desk: Desk) -> None:
    desk.gives(system__display__message_on_screen="Evil")
    for event in ("check-sync;reboot=true", "check-sync", "resync", "reboot"):
        assert desk.check_sync(event, stranger=True) == [401], "a challenge it cannot answer"
    assert desk.check_sync("check-sync;reboot=false") == [200]
    desk.phone.shows("Evil")
    assert desk.files.asked == 2, "the stranger's four were not obeyed late either"
    assert desk.bench.journal().count("check-sync from server") == 1


def test_of_many_check_syncs_in_a_minute_one_is_obeyed_at_once(desk: Desk) -> None:
    desk.gives(system__display__message_on_screen="Hello")
    assert [desk.check_sync() for _ in range(5)] == [[200]] * 5
    desk.phone.shows("Hello")
    desk.gives(system__display__message_on_screen="Again")
    desk.check_sync()
    desk.phone.pass_time(3)
    assert desk.files.asked == 2
    assert desk.phone.screen().text.count("Hello") == 1


def test_a_call_is_not_disturbed_by_check_sync_nor_by_new_settings(desk: Desk) -> None:
    desk.in_call()
    desk.gives(number="1777", voip__line__0__auth_name="1777")
    assert desk.check_sync() == [200]
    desk.phone.pass_time(2)
    assert desk.files.asked == 1, "a fetch asked for by the server waits for the end of the call"
    assert desk.phone.state()["calls"][0]["state"] == "established"
    assert desk.phone.lines() == {"1502"}
    desk.customer.hang_up()
    desk.phone.shows("1777", within=15)
    desk.phone.wait("the other line", lambda _: desk.phone.lines() == {"1777"}, 15)


def test_a_reboot_that_a_server_asks_for_waits_for_the_end_of_the_call_and_of_the_first_minute(desk: Desk) -> None:
    desk.in_call()
    assert desk.check_sync("check-sync;reboot=true") == [200]
    desk.journals("restart when idle")
    desk.phone.pass_time(1)
    assert desk.phone.state()["calls"][0]["state"] == "established"
    desk.customer.hang_up()
    desk.phone.idle()
    assert desk.bench.process is not None
    assert desk.bench.process.poll() is None
    assert desk.bench.process.wait(65) == 0
    assert "restart asked for: check-sync" in desk.bench.journal()
