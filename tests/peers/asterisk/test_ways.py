"""The ways to Asterisk: every transport over IPv4 and IPv6, every codec, and SRTP as each side wants it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.asterisk import trust as certificates
from tests.peers.asterisk.conftest import CODECS, ENCRYPTION
from tests.peers.asterisk.instance import TONE, Asterisk
from tests.peers.asterisk.office import ALICE, Desk

PEER = "Asterisk 22"
pytestmark = [pytest.mark.peer, pytest.mark.slow]
MakeDesk = Callable[..., Desk]
NAMES = {"G722": "G722/16000", "PCMA": "PCMA/8000", "PCMU": "PCMU/8000", "OPUS": "opus/48000"}
TLS = {"voip__signalling__sip__transport_protocol": "TLS"}
MODES = {"plain": "DONOTSUPPORTENCRYPTION", "offered": "SUPPORTENCRYPTION", "required": "REQUIREENCRYPTION"}
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
            marks=pytest.mark.proves(f"register and call, {transport}, {family}", PEER),
        )
        for transport in ("UDP", "TCP", "TLS")
        for family in HOSTS
    ],
)
def test_registers_and_calls(make_desk: MakeDesk, asterisk: Asterisk, trust: Path, transport: str, family: str) -> None:
    server = asterisk.tls if transport == "TLS" else asterisk.port
    settings = {"voip__signalling__sip__transport_protocol": transport}
    desk = make_desk("1400", server, host=HOSTS[family], authority=trust, **settings)
    desk.registered()
    contact = asterisk.contact("1400")
    assert (HOSTS[family] in contact) and (transport == "UDP" or f"transport={transport}" in contact), contact
    talk(desk, asterisk)


@pytest.mark.proves("IPv4 and IPv6 at once", PEER)
def test_two_servers_one_of_each_family(make_desk: MakeDesk, asterisk: Asterisk) -> None:
    desk = make_desk(
        "1401", asterisk.port, voip__signalling__sip__redundant_proxy__mode="SIMULTANEOUS",
        voip__signalling__sip__secondary_proxy__address="::1",
        voip__signalling__sip__secondary_proxy__port=str(asterisk.port),
    )  # fmt: skip
    desk.story.wait("both registrations", lambda state: [each["registered"] for each in state["servers"]] == [True] * 2)
    for host in HOSTS.values():
        contact = next(each for each in asterisk.contacts("1401") if host in each)
        asterisk.manager.action(
            "Originate", Channel=f"PJSIP/1401/{contact}", Context="far", Exten="echo", Priority="1", Async="true"
        )
        desk.answer()
        desk.ear.hears(ALICE)
        asterisk.hang_up("1401")
        desk.story.idle(within=10)
    assert desk.troubles() == []


@pytest.mark.proves("TLS by the site's own authority", PEER)
def test_a_certificate_that_comes_later_counts_at_the_next_try(
    make_desk: MakeDesk, asterisk: Asterisk, trust: Path
) -> None:
    desk = make_desk("1400", asterisk.tls, **TLS)
    desk.story.shows("Certificate: not", "trusted", within=10)
    certificates.believe(desk.data, trust)
    desk.registered()


@pytest.mark.proves("TLS by the site's own authority", PEER)
def test_a_certificate_of_another_name_is_refused_in_words(
    make_desk: MakeDesk, asterisk: Asterisk, trust: Path
) -> None:
    desk = make_desk("1400", asterisk.wrong, authority=trust, **TLS)
    desk.story.shows("Certificate: wrong", "name", within=10)


@pytest.mark.proves("TLS with a certificate of the phone", PEER)
def test_a_server_that_asks_who_we_are_is_told(make_desk: MakeDesk, asterisk: Asterisk, trust: Path) -> None:
    nobody = make_desk("1400", asterisk.mutual, authority=trust, **TLS)
    nobody.story.shows("No secure connection", within=10)
    desk = make_desk("1400", asterisk.mutual, authority=trust, client=True, **TLS)
    desk.registered()
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
