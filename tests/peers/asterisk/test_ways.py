"""The ways to Asterisk: every transport over IPv4 and IPv6, every codec, and SRTP as each side wants it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.asterisk.conftest import CODECS, ENCRYPTION
from tests.peers.asterisk.instance import TONE, Asterisk
from tests.peers.asterisk.office import ALICE, Desk

PEER = "Asterisk 22"
pytestmark = [pytest.mark.peer, pytest.mark.slow]
MakeDesk = Callable[..., Desk]
NAMES = {"G722": "G722/16000", "PCMA": "PCMA/8000", "PCMU": "PCMU/8000", "OPUS": "opus/48000"}
MODES = {"plain": "DONOTSUPPORTENCRYPTION", "offered": "SUPPORTENCRYPTION", "required": "REQUIREENCRYPTION"}
FAULTS = {
    "IPv6": [pytest.mark.xfail(strict=True, reason="the phone opens no IPv6 transport")],
    "TLS": [pytest.mark.xfail(strict=True, reason="the site's own CA counts for files only, not for SIP")],
}
HOSTS = {"IPv4": "127.0.0.1", "IPv6": "::1"}


def talk(desk: Desk, asterisk: Asterisk) -> list[str]:
    """A call out and a call in, each heard both ways by its echo; the codecs the phone shows."""
    codecs = []
    desk.story.dial("9196")
    desk.story.in_call(within=10)
    desk.ear.hears(ALICE)
    codecs.append(desk.phone.state()["calls"][0]["codec"])
    desk.story.press("cancel")
    desk.story.idle(within=10)
    asterisk.call(desk.number, "echo")
    desk.answer()
    desk.ear.hears(ALICE)
    codecs.append(desk.phone.state()["calls"][0]["codec"])
    asterisk.hang_up(desk.number)
    desk.story.idle(within=10)
    assert desk.troubles() == []
    return codecs


@pytest.mark.parametrize(
    ("transport", "family"),
    [
        pytest.param(
            transport,
            family,
            marks=[
                pytest.mark.proves(f"register and call, {transport}, {family}", PEER),
                *FAULTS.get(family, FAULTS.get(transport, [])),
            ],
        )
        for transport in ("UDP", "TCP", "TLS")
        for family in HOSTS
    ],
)
def test_registers_and_calls(make_desk: MakeDesk, asterisk: Asterisk, trust: Path, transport: str, family: str) -> None:
    settings = {"voip__signalling__sip__transport_protocol": transport}
    if transport == "TLS":
        settings["security__ca_certificate__0__uri"] = ""
    server = asterisk.tls if transport == "TLS" else asterisk.port
    desk = make_desk("1400", server, host=HOSTS[family], **settings)
    desk.registered()
    contact = asterisk.contact("1400")
    assert (HOSTS[family] in contact) and (transport == "UDP" or f"transport={transport}" in contact), contact
    talk(desk, asterisk)


@pytest.mark.parametrize(
    "codec", [pytest.param(codec, marks=pytest.mark.proves(f"codec {codec}", PEER)) for codec in CODECS]
)
def test_each_codec_carries_voice(make_desk: MakeDesk, asterisk: Asterisk, codec: str) -> None:
    desk = make_desk(f"15{list(CODECS).index(codec):02}", asterisk.port)
    desk.registered()
    assert talk(desk, asterisk) == [NAMES[codec]] * 2


@pytest.mark.parametrize("asterisks", ENCRYPTION)
@pytest.mark.parametrize("ours", MODES)
@pytest.mark.proves("SRTP, 3 x 3", PEER)
def test_encryption_is_what_both_sides_allow(
    make_desk: MakeDesk, asterisk: Asterisk, ours: str, asterisks: str
) -> None:
    """Encrypted where one wants it and the other can; refused where one requires it and the other has none.

    Asterisk's "optimistic" offer is RTP/AVP with keys beside it: plain voice for who requires encryption (RFC 4568 has
    keys with RTP/SAVP only), so that it is refused, while the same phone's own call there is encrypted.
    """
    number = f"16{list(ENCRYPTION).index(asterisks):02}"
    desk = make_desk(number, asterisk.port, voip__media__srtp__mode=MODES[ours])
    desk.registered()
    if {ours, asterisks} == {"plain", "required"}:
        desk.story.dial("9664")
        desk.story.shows("488", within=10)
        since = asterisk.mark()
        asterisk.call(number, "tone")
        assert asterisk.answered("INVITE", since) == 488
        return
    secure = "plain" not in (ours, asterisks)
    desk.story.dial("9664")
    desk.story.in_call(within=10)
    desk.ear.hears(TONE)
    assert desk.phone.state()["calls"][0]["secure"] is secure
    desk.story.press("cancel")
    desk.story.idle(within=10)
    since = asterisk.mark()
    asterisk.call(number, "tone")
    if (ours, asterisks) == ("required", "offered"):
        assert asterisk.answered("INVITE", since) == 488
        return
    desk.answer()
    desk.ear.hears(TONE)
    assert desk.phone.state()["calls"][0]["secure"] is secure
