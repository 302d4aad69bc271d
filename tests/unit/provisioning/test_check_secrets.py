"""The log in at a provisioning server and the certificates of both sides: used, and told to nobody."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from aiohttp import web

from deskphone.provision import known
from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench, files, for_desk_only
from tests.unit.provisioning.conftest import Serve


async def test_the_login_of_the_url_serves_its_includes_and_is_told_to_nobody(serve: Serve, bench: Bench) -> None:
    found = {NAME: b"include common.cfg\n", "common.cfg": GOOD + b"system/type=405HD\n"}
    async with serve(for_desk_only(found)) as url:
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
    async with serve(for_desk_only({NAME: GOOD})) as url:
        assert await bench.check(url + "/") == "updated"


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
            assert kept.exists(), "a file changes only what it names"
            async with serve(files({NAME: GOOD + b"security/ca_certificate/0/uri=\n"})) as first:
                assert await bench.check(first + "/") == "updated"
            assert not kept.exists(), "named empty, no longer trusted"
            assert await bench.check(secure + "/") == "untrusted"


async def test_a_client_certificate_named_by_the_settings_is_shown_next_time(
    serve: Serve, bench: Bench, owner: Authority
) -> None:
    certificate, key = owner.issue("desk")
    (bench.data / "certificates").mkdir()
    (bench.data / "certificates" / "authority-site.pem").write_bytes(owner.certificate.read_bytes())
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


@pytest.fixture
def owned(bench: Bench, owner: Authority) -> Bench:
    """A phone that was handed out with its owner's authority on the card."""
    (bench.data / "certificates").mkdir()
    (bench.data / "certificates" / "authority-owner.pem").write_bytes(owner.certificate.read_bytes())
    return bench


async def test_an_owned_phone_takes_nothing_in_the_clear(serve: Serve, owned: Bench) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=GOOD)

    async with serve(answer) as url:
        assert await owned.check(url + "/") == "plain"
        assert await owned.check(url.replace("http:", "ftp:") + "/") == "plain"
        assert await owned.check(url.replace("http:", "tftp:") + "/") == "plain"
    assert owned.kept == [] and asked == []


async def test_an_owned_phone_includes_nothing_in_the_clear(serve: Serve, owned: Bench, owner: Authority) -> None:
    async with serve(files({"more.cfg": b"voip/line/0/id=1777\n"})) as plain:
        text = GOOD + f"include {plain}/more.cfg\n".encode()
        async with serve(files({NAME: text}), owner.server()) as secure:
            await owned.check(secure + "/")
    assert "expected https" in owned.told and "1777" not in repr(owned.kept)


async def test_the_owner_may_allow_it(serve: Serve, owned: Bench, owner: Authority, tmp_path: Path) -> None:
    allowing = Bench(tmp_path / "b", "deskphone/provisioning/plain_allowed=1\n")
    (allowing.data / "certificates").mkdir(parents=True)
    (allowing.data / "certificates" / "authority-owner.pem").write_bytes(owner.certificate.read_bytes())
    async with serve(files({NAME: GOOD})) as url:
        assert await allowing.check(url + "/") == "updated"
