"""Newer firmware: who signed it, for whom, how new, and whether it came whole. Installing is not told here."""

from __future__ import annotations

import codecs
import hashlib
import re
import ssl
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from deskphone.config.layers import Layers
from deskphone.config.settings import Settings
from deskphone.core.events import Event, FirmwareOffered
from deskphone.net.lease import Lease
from deskphone.provision import firmware
from deskphone.provision.check import Means, check
from deskphone.provision.fetcher import Fetcher
from deskphone.provision.firmware import Bundle, Refused, Verdict
from deskphone.provision.options import Options
from deskphone.trust import manifest, signature
from tests.unit.provisioning.authority import RSA, Authority, openssl
from tests.unit.provisioning.conftest import Serve

IMAGE = bytes(range(256)) * 4_000  # a megabyte


def text(version: str = "0.2.0", model: str = "420HD", image: bytes = IMAGE) -> bytes:
    digest = hashlib.sha256(image).hexdigest()
    return f"# firmware\nmodel={model}\nversion={version}\nsize={len(image)}\nsha256={digest}\n".encode()


class Server:
    """420HD.img and its manifest; counts what is asked for."""

    def __init__(self, cms: bytes, image: bytes = IMAGE) -> None:
        self.found = {"420HD.img.cms": cms, "420HD.img": image}
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.asked.append(path)
        if path not in self.found:
            return web.Response(status=404)
        return web.Response(body=self.found[path])


async def look(url: str, data: Path, owner: Authority, version: str = "0.1.0") -> Bundle | None:
    fetcher = Fetcher(Options("test", ssl.create_default_context()))
    return await firmware.look(url + "/420HD.img", fetcher, data, owner.certificate, model="420HD", version=version)


async def test_a_newer_firmware_is_fetched_and_waits(serve: Serve, owner: Authority, tmp_path: Path) -> None:
    server = Server(owner.sign(text()))
    async with serve(server.answer) as url:
        bundle = await look(url, tmp_path, owner)
        assert bundle is not None
        assert bundle.path.read_bytes() == IMAGE
        assert bundle.manifest.version == "0.2.0"
        again = await look(url, tmp_path, owner)
    assert again == bundle
    assert server.asked.count("420HD.img") == 1
    assert await firmware.kept(tmp_path, owner.certificate, version="0.1.0") == bundle


@pytest.mark.parametrize(
    "use", ["", "serverAuth", "clientAuth,emailProtection", "anyExtendedKeyUsage", "1.3.6.1.4.1.9.9"]
)
async def test_only_a_certificate_for_signing_code_signs(owner: Authority, use: str) -> None:
    with pytest.raises(ValueError, match="expected a certificate for code signing"):
        await signature.signed_text(owner.sign(text(), use=use), owner.certificate)


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha224"])
async def test_a_digest_that_can_be_matched_signs_nothing(owner: Authority, digest: str) -> None:
    with pytest.raises(ValueError, match="signature: expected"):
        await signature.signed_text(owner.sign(text(), digest=digest, keys=RSA), owner.certificate)


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
async def test_the_owner_may_choose_among_the_strong_ones(owner: Authority, digest: str) -> None:
    use = "serverAuth,codeSigning"
    assert await signature.signed_text(owner.sign(text(), use=use, digest=digest), owner.certificate) == text()


@pytest.mark.parametrize("version", ["0.1.0", "0.1"])
async def test_the_firmware_that_runs_is_not_fetched(
    serve: Serve, owner: Authority, tmp_path: Path, version: str
) -> None:
    server = Server(owner.sign(text(version)))
    async with serve(server.answer) as url:
        assert await look(url, tmp_path, owner) is None
    assert server.asked == ["420HD.img.cms"]


async def test_an_older_firmware_is_refused_though_it_is_signed(serve: Serve, owner: Authority, tmp_path: Path) -> None:
    server = Server(owner.sign(text("0.0.9")))
    why = await refused(serve, server, tmp_path, owner, Verdict.OLDER)
    assert "a version after 0.1.0, got 0.0.9" in why
    assert server.asked == ["420HD.img.cms"]


async def test_an_older_firmware_is_fetched_where_its_signer_means_that_and_only_once(
    serve: Serve, owner: Authority, tmp_path: Path
) -> None:
    server = Server(owner.sign(text("0.0.9") + b"downgrade=1\n"))
    async with serve(server.answer) as url:
        bundle = await look(url, tmp_path, owner)
        assert bundle is not None and bundle.manifest.version == "0.0.9"
        assert await look(url, tmp_path, owner, version="0.0.9") is None, "what it went back to, it does not take again"
    assert server.asked.count("420HD.img") == 1


async def test_no_manifest_means_no_firmware(serve: Serve, owner: Authority, tmp_path: Path) -> None:
    server = Server(b"")
    del server.found["420HD.img.cms"]
    async with serve(server.answer) as url:
        assert await look(url, tmp_path, owner) is None
    assert server.asked == ["420HD.img.cms"]


async def refused(serve: Serve, server: Server, data: Path, owner: Authority, verdict: Verdict) -> str:
    async with serve(server.answer) as url:
        with pytest.raises(Refused) as raised:
            await look(url, data, owner)
    assert raised.value.verdict is verdict, raised.value
    assert await firmware.kept(data, owner.certificate, version="0.1.0") is None
    assert not (data / firmware.FOLDER / firmware.BUNDLE).exists()
    return str(raised.value)


async def test_a_firmware_of_a_stranger_is_refused(
    serve: Serve, owner: Authority, stranger: Authority, tmp_path: Path
) -> None:
    server = Server(stranger.sign(text()))
    why = await refused(serve, server, tmp_path, owner, Verdict.BAD_SIGNATURE)
    assert "by the owner of this phone" in why
    assert server.asked == ["420HD.img.cms"]


async def test_the_systems_own_authorities_do_not_count(
    serve: Serve, owner: Authority, stranger: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "system"
    folder.mkdir()
    (folder / "stranger.pem").write_bytes(stranger.certificate.read_bytes())
    openssl("rehash", str(folder))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.certificate))
    await refused(serve, Server(stranger.sign(text())), tmp_path, owner, Verdict.BAD_SIGNATURE)


async def test_a_changed_manifest_is_refused(serve: Serve, owner: Authority, tmp_path: Path) -> None:
    cms = owner.sign(text()).replace(b"version=0.2.0", b"version=9.2.0")
    why = await refused(serve, Server(cms), tmp_path, owner, Verdict.BAD_SIGNATURE)
    assert "signature" in why


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (IMAGE[:-1] + b"x", (Verdict.CHANGED, "that were signed")),
        (IMAGE[:-1], (Verdict.INCOMPLETE, "that were signed")),
        (IMAGE + b"x", (Verdict.CHANGED, "at most")),
    ],
    ids=["changed", "short", "long"],
)
async def test_another_bundle_than_the_signed_one_is_refused(
    serve: Serve, owner: Authority, tmp_path: Path, image: bytes, expected: tuple[Verdict, str]
) -> None:
    verdict, words = expected
    assert words in await refused(serve, Server(owner.sign(text()), image), tmp_path, owner, verdict)


async def test_a_firmware_for_another_model_is_refused(serve: Serve, owner: Authority, tmp_path: Path) -> None:
    assert "for 420HD, got one for 450HD" in await refused(
        serve, Server(owner.sign(text(model="450HD"))), tmp_path, owner, Verdict.WRONG_MODEL
    )


@pytest.mark.parametrize("cms", [b"", b"<html>Sign in</html>", b"0" * 100, bytes(200_000)])
async def test_what_is_no_cms_is_refused(serve: Serve, owner: Authority, tmp_path: Path, cms: bytes) -> None:
    verdict = Verdict.UNFETCHED if len(cms) > signature.SIZE else Verdict.BAD_SIGNATURE
    await refused(serve, Server(cms), tmp_path, owner, verdict)


async def test_a_bundle_whose_connection_breaks_is_refused(serve: Serve, owner: Authority, tmp_path: Path) -> None:
    server = Server(owner.sign(text()))

    async def cut(request: web.Request) -> web.StreamResponse:
        if request.path.endswith(".cms"):
            return await server.answer(request)
        response = web.StreamResponse()
        response.content_length = len(IMAGE)
        await response.prepare(request)
        await response.write(IMAGE[:1_000])
        assert request.transport is not None
        request.transport.close()
        return response

    async with serve(cut) as url:
        with pytest.raises(Refused) as raised:
            await look(url, tmp_path, owner)
    assert raised.value.verdict is Verdict.INCOMPLETE
    assert list((tmp_path / firmware.FOLDER).iterdir()) == []


async def test_a_bundle_the_card_has_no_room_for_is_refused(
    serve: Serve, owner: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firmware, "SPARE", 10**18)
    server = Server(owner.sign(text()))
    assert "bytes of room" in await refused(serve, server, tmp_path, owner, Verdict.NO_ROOM)
    assert server.asked == ["420HD.img.cms"]


async def test_a_wrong_bundle_is_not_fetched_at_every_check_but_named_at_each(
    serve: Serve, owner: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, memory = Server(owner.sign(text()), IMAGE[:-1] + b"x"), firmware.Memory()
    fetcher = Fetcher(Options("test", ssl.create_default_context()))

    async def verdict(url: str) -> Verdict:
        try:
            await firmware.look(
                url + "/420HD.img", fetcher, tmp_path, owner.certificate, model="420HD", version="0.1.0", memory=memory
            )
        except Refused as wrong:
            return wrong.verdict
        return Verdict.VERIFIED

    async with serve(server.answer) as url:
        assert [await verdict(url) for _ in range(3)] == [Verdict.CHANGED] * 3
        assert server.asked.count("420HD.img") == 1
        server.found["420HD.img.cms"] = owner.sign(text("0.3.0"))
        server.found["420HD.img"] = IMAGE
        assert await verdict(url) is Verdict.VERIFIED, "another manifest is another bundle"
        memory.clear()
        monkeypatch.setattr(firmware, "AGAIN", 0.0)
        server.found |= {"420HD.img.cms": owner.sign(text("0.4.0")), "420HD.img": IMAGE[:-1]}
        assert await verdict(url) is Verdict.INCOMPLETE
        server.found["420HD.img"] = IMAGE
        assert await verdict(url) is Verdict.VERIFIED, "after a while a mended bundle is found"


async def test_a_bundle_changed_after_it_was_kept_is_not_handed_out(
    serve: Serve, owner: Authority, tmp_path: Path
) -> None:
    async with serve(Server(owner.sign(text())).answer) as url:
        bundle = await look(url, tmp_path, owner)
    assert bundle is not None
    bundle.path.write_bytes(IMAGE[:-1] + b"x")
    assert await firmware.kept(tmp_path, owner.certificate, version="0.1.0") is None


async def test_once_it_runs_it_is_no_longer_waiting(serve: Serve, owner: Authority, tmp_path: Path) -> None:
    async with serve(Server(owner.sign(text())).answer) as url:
        await look(url, tmp_path, owner)
    assert await firmware.kept(tmp_path, owner.certificate, version="0.2.0") is None


async def test_a_newer_one_takes_the_place_of_the_one_that_waits(
    serve: Serve, owner: Authority, tmp_path: Path
) -> None:
    for version in ("0.2.0", "0.3.0"):
        async with serve(Server(owner.sign(text(version))).answer) as url:
            bundle = await look(url, tmp_path, owner)
            assert bundle is not None
            assert bundle.manifest.version == version
    assert sorted(path.name for path in (tmp_path / firmware.FOLDER).iterdir()) == ["bundle.img", "bundle.img.cms"]


async def test_without_openssl_nothing_is_good(owner: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    cms = owner.sign(text())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ValueError, match="openssl"):
        await signature.signed_text(cms, owner.certificate)


async def test_the_status_page_hears_of_good_and_bad_firmware(
    serve: Serve, owner: Authority, stranger: Authority, tmp_path: Path
) -> None:
    for signer, outcome in ((owner, Verdict.VERIFIED), (stranger, Verdict.BAD_SIGNATURE)):
        server, events = Server(signer.sign(text())), list[Event]()
        server.found["00908f3bbcba.cfg"] = b"voip/line/0/id=1502\n"
        means = Means(
            mac="00:90:8f:3b:bc:ba", version="0.1.0", data=tmp_path, settings=Settings, layers=Layers,
            keep=lambda layers, written: None,
            kept=lambda: False, unix=lambda: 0, keyring=owner.certificate,
        )  # fmt: skip
        async with serve(server.answer) as url:
            await check(means, Lease({160: f"{url}/".encode()}), events.append)
        offered = [each for each in events if isinstance(each, FirmwareOffered)]
        assert [each.outcome for each in offered] == [outcome]


# --- manifest --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "word"),
    [("size=0", "size"), ("size=999999999999", "at most"), ("sha256=abc", "sha256"), ("version=1.0-rc1", "version"),
     ("model=../..", "model")],
)  # fmt: skip
def test_a_manifest_says_what_is_wrong_with_it(line: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        manifest.parse(text() + line.encode())


def test_a_manifest_may_come_from_a_machine_with_windows() -> None:
    lines = text().replace(b"\n", b"\r\n").split(b"sha256=")
    written = codecs.BOM_UTF8 + lines[0] + b"sha256=" + lines[1].upper()
    assert manifest.parse(written) == manifest.parse(text())


@given(st.binary(max_size=2_000))
def test_no_bytes_break_the_manifest(data: bytes) -> None:
    try:
        manifest.parse(data)
    except ValueError as error:
        assert "manifest" in str(error)


@given(
    st.lists(st.integers(0, 99_999), min_size=1, max_size=4), st.lists(st.integers(0, 99_999), min_size=1, max_size=4)
)
def test_of_two_versions_at_most_one_is_newer(first: list[int], second: list[int]) -> None:
    one, other = (".".join(map(str, each)) for each in (first, second))
    assert not (manifest.newer(one, other) and manifest.newer(other, one))
    assert not manifest.newer(one, one)


def test_versions_compare_by_number_and_not_by_letter() -> None:
    assert manifest.newer("0.10.0", "0.9.9")
    assert not manifest.newer("0.2", "0.2.0")
    assert not manifest.newer("1.0", "unknown")


def test_the_largest_bundle_fits_its_slot_and_the_data_of_the_card() -> None:
    """image/genimage.cfg says how large both are, for ever."""
    card = (Path(__file__).parents[3] / "image/genimage.cfg").read_text("utf-8")
    slots = [int(size) << 20 for size in re.findall(r"partition root-[ab] \{[^}]*?size = (\d+)M", card)]
    data = int(re.findall(r"image data\.ext4 \{.*?\n\tsize = (\d+)M", card, re.S)[0]) << 20
    usable = data * 9 // 10  # the rest is ext4's own: journal, inodes
    assert len(slots) == 2
    assert min(slots) == manifest.SIZE
    assert usable - firmware.SPARE >= manifest.SIZE
    text = f"model=420HD\nversion=2.0\nsize={min(slots) + 1}\nsha256={'0' * 64}\n".encode()
    with pytest.raises(ValueError, match="at most"):
        manifest.parse(text)
