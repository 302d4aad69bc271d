"""A whole check against real servers: what the phone is told, what is kept, what a bad file changes (nothing)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from deskphone.config.reader import read
from deskphone.config.settings import Settings
from deskphone.core.events import Event, Provisioned, SettingsLoaded, SettingsRejected
from deskphone.drivers.provisioning import known
from deskphone.drivers.provisioning.check import Means, check
from deskphone.drivers.provisioning.lease import Lease
from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.conftest import Serve
from tests.unit.provisioning.fileservers import FtpFiles, TftpFiles, ftp_server, tftp_server

MAC = "00:90:8f:3b:bc:ba"
NAME = "00908f3bbcba.cfg"
GOOD = b"voip/line/0/id=1502\n"


class Bench:
    """A phone's half of a check: its settings, what it keeps, what it is told."""

    def __init__(self, data: Path, text: str = "") -> None:
        self.data, self.events = data, list[Event]()
        settings = read(text.encode()).settings
        assert settings is not None
        self.settings, self.kept, self.full = settings, list[Settings](), False

    def means(self, **other: object) -> Means:
        def keep(settings: Settings) -> None:
            if self.full:
                raise OSError(28, "No space left on device")
            self.kept.append(settings)

        means = Means(
            mac=MAC,
            version="0.1.0",
            data=self.data,
            settings=lambda: self.settings,
            keep=keep,
            kept=lambda: bool(self.kept),
            unix=lambda: 1_700_000_000,
            keyring=self.data / "none",
            seconds=3.0,
        )
        return replace(means, **other)  # type: ignore[arg-type]

    async def check(self, url: str = "", option: int = 160, **other: object) -> str:
        """One check with this URL in a DHCP option; the outcome, or "" where none was told."""
        self.events.clear()
        lease = Lease({option: url.encode()} if url else {})
        await check(self.means(**other), lease, self.take)
        ended = [each for each in self.events if isinstance(each, Provisioned)]
        assert len(ended) == 1
        return ended[0].outcome

    def take(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, SettingsLoaded):
            self.settings = event.settings

    def all_of(self, kind: type) -> list[Event]:
        return [each for each in self.events if isinstance(each, kind)]

    @property
    def told(self) -> str:
        return " ".join(str(each) for each in self.events)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def files(found: dict[str, bytes], asked: list[str] | None = None) -> object:
    async def answer(request: web.Request) -> web.StreamResponse:
        if asked is not None:
            asked.append(request.match_info["path"])
        data = found.get(request.match_info["path"])
        return web.Response(status=404) if data is None else web.Response(body=data)

    return answer


async def test_a_good_file_is_taken_and_kept(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD})) as url:
        assert await bench.check(url + "/") == "updated"
        assert bench.settings.line[0].id == "1502"
        assert len(bench.kept) == 1
        assert known.load(bench.data).source == f"{url}/{NAME}"


async def test_the_same_file_again_does_nothing(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD})) as url:
        await bench.check(url + "/")
        assert await bench.check(url + "/") == "unchanged"
        assert len(bench.events) == 1
        assert len(bench.kept) == 1


async def test_a_changed_file_is_taken_again(serve: Serve, bench: Bench) -> None:
    found = {NAME: GOOD}
    async with serve(files(found)) as url:
        await bench.check(url + "/")
        found[NAME] = b"voip/line/0/id=1777\n"
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1777"


async def test_a_change_in_an_included_file_is_noticed(serve: Serve, bench: Bench) -> None:
    found = {NAME: b"include common.cfg\n", "common.cfg": GOOD}
    async with serve(files(found)) as url:
        assert await bench.check(url + "/") == "updated"
        assert await bench.check(url + "/") == "unchanged"
        found["common.cfg"] = b"voip/line/0/id=1777\n"
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1777"


async def test_an_etag_of_a_file_with_includes_is_not_believed(serve: Serve, bench: Bench) -> None:
    common = [GOOD]

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.match_info["path"] == NAME:
            if "If-None-Match" in request.headers:
                return web.Response(status=304)
            return web.Response(body=b"include common.cfg\n", headers={"ETag": '"1"'})
        return web.Response(body=common[0])

    async with serve(answer) as url:
        await bench.check(url + "/")
        common[0] = b"voip/line/0/id=1777\n"
        assert await bench.check(url + "/") == "updated"


async def test_the_mac_is_tried_in_capitals_where_small_letters_find_nothing(serve: Serve, bench: Bench) -> None:
    asked: list[str] = []
    async with serve(files({"00908F3BBCBA.cfg": GOOD}, asked)) as url:
        assert await bench.check(url + "/") == "updated"
    assert asked == [NAME, "00908F3BBCBA.cfg"]


async def test_a_missing_include_takes_nothing(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD + b"include gone.cfg\n"})) as url:
        assert await bench.check(url + "/") == "refused"
    assert bench.kept == []
    assert "gone.cfg" in bench.told


async def test_the_login_of_the_url_serves_its_includes_and_is_told_to_nobody(serve: Serve, bench: Bench) -> None:
    found = {NAME: b"include common.cfg\n", "common.cfg": GOOD + b"nonsense\n"}

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Basic ZGVzazpnZWhlaW0=":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        return web.Response(body=found[request.match_info["path"]])

    async with serve(answer) as url:
        assert await bench.check(url.replace("://", "://desk:geheim@") + "/") == "refused"
        assert "geheim" not in bench.told
        found["common.cfg"] = GOOD
        assert await bench.check(url.replace("://", "://desk:geheim@") + "/") == "updated"
        assert "geheim" not in bench.told
        assert "geheim" not in (bench.data / known.NAME).read_text()


@pytest.mark.parametrize("url", ["http://u5er:99/s3cret@127.0.0.1:9/x/", "http://user:?s3cret@127.0.0.1/x",
                                 "http://127.0.0.1:9/s3cret@x/", "http://user:99#s3cret@127.0.0.1:9/x/"])  # fmt: skip
async def test_a_password_that_looks_like_port_and_path_is_told_to_nobody(
    bench: Bench, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    caplog.set_level(logging.DEBUG)
    await bench.check(url)
    assert "s3cret" not in bench.told + caplog.text


@pytest.mark.parametrize(("text", "outcome"), [(GOOD, "updated"), (b"", "refused"), (b"no setting\n", "refused")])
async def test_nor_where_there_is_a_file_behind_it(
    serve: Serve, bench: Bench, caplog: pytest.LogCaptureFixture, text: bytes, outcome: str
) -> None:
    caplog.set_level(logging.DEBUG, "deskphone")
    async with serve(files({f"s3cret@x/{NAME}": text})) as url:
        assert await bench.check(f"{url}/s3cret@x/") == outcome
        if outcome == "updated":
            assert await bench.check(f"{url}/s3cret@x/") == "unchanged", "told less, but known exactly"
    assert "s3cret" not in bench.told + caplog.text


async def test_the_login_of_the_settings_is_used(serve: Serve, tmp_path: Path) -> None:
    bench = Bench(
        tmp_path,
        "provisioning/configuration/http_auth/user_name=desk\nprovisioning/configuration/http_auth/password=geheim\n",
    )

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Basic ZGVzazpnZWhlaW0=":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        return web.Response(body=GOOD)

    async with serve(answer) as url:
        assert await bench.check(url + "/") == "updated"


# --- bad input -------------------------------------------------------------------------------------


async def endless(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.path)


async def ten_megabytes(request: web.Request) -> web.StreamResponse:
    return web.Response(body=bytes(10_000_000))


async def login_page(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<!doctype html><title>Sign in</title>", content_type="text/html")


async def cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = 1_000
    await response.prepare(request)
    await response.write(GOOD)
    assert request.transport is not None
    request.transport.close()
    return response


async def slow(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b";")
        await asyncio.sleep(0.01)


async def broken(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"voip/line/0/id=1777\nvoip/signalling/sip/proxy_port=lots\n")


async def misprint(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"voip/line/0/id=1777\n\x00\x01\x02")


@pytest.mark.parametrize(
    ("handler", "expected", "words"),
    [
        (endless, "redirects", "at most 5 redirects"),
        (ten_megabytes, "too_large", "at most 1000000 bytes"),
        (login_page, "refused", "login page"),
        (cut_off, "incomplete", "then the end"),
        (slow, "timed_out", "within 0.3 s"),
        (broken, "refused", "proxy_port"),
        (misprint, "refused", "binary"),
    ],
    ids=["endless redirect", "10 MB", "login page", "half file", "slow server", "bad value", "binary"],
)
async def test_a_bad_file_changes_nothing_and_is_named(
    serve: Serve, bench: Bench, handler: Callable[..., object], expected: str, words: str
) -> None:
    async with serve(files({NAME: GOOD})) as url:
        await bench.check(url + "/")
    before, remembered = bench.settings, known.load(bench.data)
    async with serve(handler) as url:
        assert await bench.check(url + "/", seconds=0.3 if handler is slow else 3.0) == expected
    assert bench.all_of(SettingsRejected), bench.told
    assert words in bench.told
    assert bench.settings is before
    assert len(bench.kept) == 1
    assert known.load(bench.data) == remembered


@pytest.mark.parametrize(("url", "expected"), [("http://127.0.0.1:9/", "unreachable"), ("", "no_source")])
async def test_a_server_that_is_away_is_no_bad_configuration(bench: Bench, url: str, expected: str) -> None:
    assert await bench.check(url) == expected
    assert bench.all_of(SettingsRejected) == []


async def test_a_file_that_is_not_there_is_no_bad_configuration(serve: Serve, bench: Bench) -> None:
    async with serve(files({})) as url:
        assert await bench.check(url + "/") == "not_found"
    assert bench.all_of(SettingsRejected) == []


@pytest.mark.parametrize("option", [b"", b"\x00\x00", b"x" * 2_000, b"\xff\xfe\x00\x01", b"gopher://host/", b"http://"])
async def test_a_bad_option_is_no_source_and_no_crash(bench: Bench, option: bytes) -> None:
    await check(bench.means(), Lease({160: option, 66: option, 43: option}), bench.take)
    assert [each.outcome for each in bench.events if isinstance(each, Provisioned)] in (["no_source"], ["unreachable"])
    assert bench.all_of(SettingsRejected) == []


async def test_a_full_disk_does_not_keep_the_settings_from_the_phone(serve: Serve, bench: Bench) -> None:
    bench.full = True
    async with serve(files({NAME: GOOD})) as url:
        assert await bench.check(url + "/") == "not_kept"
    assert bench.settings.line[0].id == "1502"


async def test_where_the_kept_settings_are_gone_the_file_is_taken_again(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD})) as url:
        await bench.check(url + "/")
        bench.kept.clear()
        assert await bench.check(url + "/") == "updated"


async def test_what_another_version_of_the_program_read_is_read_anew(serve: Serve, bench: Bench) -> None:
    """It may have known fewer settings: the same file says more to this one."""
    async with serve(files({NAME: GOOD})) as url:
        await bench.check(url + "/")
        assert await bench.check(url + "/") == "unchanged"
        assert await bench.check(url + "/", version="0.2.0") == "updated"
        assert await bench.check(url + "/", version="0.2.0") == "unchanged"


async def test_a_folder_nobody_can_write_to_loses_no_settings_and_leaves_nothing(serve: Serve, bench: Bench) -> None:
    bench.full = True
    async with serve(files({NAME: GOOD})) as url:
        assert await bench.check(url + "/") == "not_kept"
        bench.full = False
        assert await bench.check(url + "/") == "updated", "not known, so fetched and kept as soon as there is room"
    assert len(bench.kept) == 1


async def test_the_phone_is_told_which_option_named_the_place(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD})) as url:
        for option in (160, 66, 43):
            await bench.check(url + "/", option=option)
            assert [each.named_by for each in bench.events if isinstance(each, Provisioned)] == [str(option)]
        await bench.check(static=url + "/" + NAME)
        assert [each.named_by for each in bench.events if isinstance(each, Provisioned)] == ["command_line"]


async def test_provisioning_that_is_off_asks_nobody(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "provisioning/method=DISABLE\n")
    assert await bench.check("http://127.0.0.1:9/") == "off"


async def test_the_url_of_the_command_line_needs_no_dhcp(serve: Serve, bench: Bench) -> None:
    async with serve(files({"own.cfg": GOOD})) as url:
        assert await bench.check(static=url + "/own.cfg") == "updated"


# --- other protocols, certificates -----------------------------------------------------------------


async def test_by_tftp_as_option_66_says_it(bench: Bench) -> None:
    async with tftp_server(TftpFiles({NAME: b"include common.cfg\n", "common.cfg": GOOD})) as server:
        assert await bench.check(f"127.0.0.1:{server.port}", option=66) == "updated"
        assert await bench.check(f"tftp://127.0.0.1:{server.port}/", option=66) == "unchanged"
    assert bench.settings.line[0].id == "1502"


async def test_by_ftp_below_a_folder(bench: Bench) -> None:
    async with ftp_server(FtpFiles({f"phones/{NAME}": GOOD})) as server:
        assert await bench.check(f"ftp://127.0.0.1:{server.port}/phones/") == "updated"


async def test_an_authority_named_by_the_settings_is_fetched_and_trusted_next_time(
    serve: Serve, bench: Bench, owner: Authority
) -> None:
    async with serve(files({"ca.pem": owner.certificate.read_bytes()})) as plain:
        text = GOOD + f"security/ca_certificate/0/uri={plain}/ca.pem\n".encode()
        async with serve(files({NAME: text}), owner.server()) as secure:
            assert await bench.check(secure + "/") == "untrusted"
            async with serve(files({NAME: text})) as first:
                assert await bench.check(first + "/") == "updated"
            assert await bench.check(secure + "/") == "updated"
            kept = bench.data / "certificates" / "authority-0.pem"
            assert kept.stat().st_mode & 0o777 == 0o600
            async with serve(files({NAME: GOOD})) as first:
                assert await bench.check(first + "/") == "updated"
            assert not kept.exists(), "no longer named, no longer trusted"
            assert await bench.check(secure + "/") == "untrusted"


async def test_a_client_certificate_named_by_the_settings_is_shown_next_time(
    serve: Serve, bench: Bench, owner: Authority
) -> None:
    certificate, key = owner.issue("desk")
    (bench.data / "certificates").mkdir()
    (bench.data / "certificates" / "authority-owner.pem").write_bytes(owner.certificate.read_bytes())
    async with serve(files({"desk.pem": certificate.read_bytes(), "desk.key": key.read_bytes()})) as plain:
        text = (
            f"{GOOD.decode()}security/autoupdate_certificate_uri={plain}/desk.pem\n"
            f"security/autoupdate_private_key_uri={plain}/desk.key\n"
        ).encode()
        async with serve(files({NAME: text}), owner.server("strict", client=owner)) as strict:
            assert await bench.check(strict + "/") in ("untrusted", "unreachable"), "it has none to show yet"
            assert bench.kept == []
            async with serve(files({NAME: text})) as first:
                assert await bench.check(first + "/") == "updated"
            assert await bench.check(strict + "/") == "updated"
    for name in ("client.pem", "client.key"):
        assert (bench.data / "certificates" / name).stat().st_mode & 0o777 == 0o600


async def test_verification_is_on_until_the_settings_say_otherwise(
    serve: Serve, tmp_path: Path, stranger: Authority
) -> None:
    async with serve(files({NAME: GOOD}), stranger.server()) as url:
        assert await Bench(tmp_path).check(url + "/") == "untrusted"
        off = Bench(tmp_path, "security/provisioning/verify_server_certificate=0\n")
        assert await off.check(url + "/") == "updated"


async def test_the_phone_names_itself_at_the_end_of_its_user_agent(serve: Serve, bench: Bench) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers["User-Agent"])
        return web.Response(body=GOOD)

    async with serve(answer) as url:
        await bench.check(url + "/")
        bench.settings = replace(bench.settings, provisioning=replace(bench.settings.provisioning, mac_in_header=False))
        await bench.check(url + "/")
    assert seen == ["deskphone/0.1.0 (420HD; 00908F3BBCBA)", "deskphone/0.1.0 (420HD)"]
