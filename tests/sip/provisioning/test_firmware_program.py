"""The whole program and firmware: what is good waits in the data folder, what is not is named on Status > Firmware."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from deskphone import VERSION
from deskphone.provision import firmware
from tests.sip.provisioning.program import FILE, GOOD, running, yesterday
from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.conftest import owner, serve, stranger  # noqa: F401 - fixtures
from tests.unit.provisioning.test_firmware import IMAGE, text

pytestmark = [pytest.mark.sip, pytest.mark.slow]


@dataclass(frozen=True)
class Offer:
    """A bundle, its manifest, who signed it (owner or stranger), and the words of screen and journal."""

    word: str
    journal: str
    manifest: bytes = text("9.0.0")
    image: bytes = IMAGE
    signer: str = "owner"
    spoil: Callable[[bytes], bytes] = lambda cms: cms


OFFERS = {
    "good": Offer("Signature good", "firmware 9.0.0: verified"),
    "of a stranger": Offer("Bad signature", "expected one by the owner of this phone", signer="stranger"),
    "manifest changed after it was signed": Offer(
        "Bad signature", "signature:", spoil=lambda cms: cms.replace(b"version=9.0.0", b"version=9.9.9")
    ),
    "no signature at all": Offer("Bad signature", "signature:", spoil=lambda cms: b"<html>404</html>"),
    "for another model": Offer("Wrong model", "expected firmware for 420HD, got one for 450HD", text("9.0.0", "450HD")),
    "older": Offer("Older version", f"expected a version after {VERSION}, got 0.0.1", text("0.0.1")),
    "truncated": Offer("Cut off", "bytes that were signed", image=IMAGE[:-1_000]),
    "tampered with": Offer("File changed", "bytes that were signed", image=b"x" + IMAGE[1:]),
    "longer than signed": Offer("File changed", "bytes", image=IMAGE + b"x"),
}


@pytest.mark.parametrize("name", OFFERS)
async def test_a_firmware_is_kept_or_refused_by_name(
    serve: Any,  # noqa: F811
    tmp_path: Path,
    owner: Authority,  # noqa: F811
    stranger: Authority,  # noqa: F811
    name: str,
) -> None:
    offer, data = OFFERS[name], yesterday(tmp_path)
    signer = owner if offer.signer == "owner" else stranger
    found = {FILE: GOOD.encode(), "420HD.img": offer.image, "420HD.img.cms": offer.spoil(signer.sign(offer.manifest))}

    async def answer(request: web.Request) -> web.StreamResponse:
        body = found.get(request.match_info["path"])
        return web.Response(status=404) if body is None else web.Response(body=body)

    async with serve(answer) as url, running(data, url + "/", "--keyring", str(owner.certificate)) as program:
        await program.journals("INFO deskphone: firmware " if name == "good" else "ERROR deskphone: firmware ")
        line = next(each for each in program.said if "deskphone: firmware " in each)
        assert offer.journal in line, line
        await program.press("menu", "4", "2", "down")  # the word may have a row of its own, below the fourth
        await program.shows("Firmware Status", offer.word)
    kept = await firmware.kept(data, owner.certificate, version=VERSION)
    waiting = {path.name for path in data.glob("firmware/*")}
    if name == "good":
        assert kept is not None
        assert kept.path.read_bytes() == IMAGE
        assert waiting == {firmware.BUNDLE, firmware.CMS}
    else:
        assert kept is None
        assert waiting == set()
