"""Which of several audio lines is taken, in which profile, and that the others are refused one by one (RFC 3264)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from deskphone.config.schema.words import SrtpMode
from deskphone.core.effects import Answer, Dial, Hold, Register, Retrieve, Ring
from deskphone.core.events import CallEnded, CallEstablished, CallIncoming, CallMedia, HoldFailed, Registered
from deskphone.core.voice_path import VoicePath
from deskphone.view.outputs import Audio
from deskphone.wire.message import Request, Response
from tests.sip.useragent.conftest import Phone, account_at, address_of, settings_for, wait_for
from tests.sip.useragent.peer import Dialog, Fields, Peer, Rtp, direction_of, sdp

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]
FINGERPRINT = b"a=fingerprint:sha-256 " + b":".join([b"AB"] * 32) + b"\r\na=setup:actpass\r\n"
KEY = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + b"A" * 40 + b"\r\n"
DTLS = b"m=audio 40000 UDP/TLS/RTP/SAVPF 0\r\n" + FINGERPRINT
STRANGE = {
    "dtls": DTLS,
    "dtls-savp": DTLS.replace(b"SAVPF", b"SAVP"),
    "dtls over tcp": DTLS.replace(b"UDP/TLS", b"TCP/DTLS"),
    "dtls with keys": DTLS + KEY,
    "two of dtls": DTLS + DTLS.replace(b"40000", b"40002"),
    "savp without keys": b"m=audio 40000 RTP/SAVP 0\r\n",
    "savp of another suite": b"m=audio 40000 RTP/SAVP 0\r\na=crypto:1 AEAD_AES_256_GCM_8 inline:" + b"A" * 60 + b"\r\n",
    "video by dtls": DTLS.replace(b"audio", b"video").replace(b"SAVPF 0", b"SAVPF 96"),
}


def lines(message: Request | Response) -> list[tuple[int, str]]:
    """Port and profile of each media line."""
    return [(int(port), profile) for port, profile in re.findall(r"(?m)^m=\w+ (\d+) (\S+)", message.body.decode())]


def registered(make_phone: Make, peer: Peer, mode: SrtpMode) -> Phone:
    """A phone with SRTP as `mode` says, in service at the peer."""
    settings = settings_for()
    media = replace(settings.media, srtp=replace(settings.media.srtp, mode=mode))
    phone = make_phone(replace(settings, media=media))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    peer.phone = ("127.0.0.1", phone.agent.address[1])
    return phone


def answered(phone: Phone, peer: Peer, body: bytes) -> tuple[Dialog, Response]:
    """A call with this offer, answered; the answer."""
    dialog = peer.invite(address_of(phone), (), body)
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"), Answer("in-1"))
    answer = peer.response(200, "INVITE")
    peer.ack(dialog, answer)
    phone.expect(CallEstablished)
    return dialog, answer


CASES = [
    *((strange, SrtpMode.SUPPORTENCRYPTION, first) for strange in STRANGE for first in (True, False)),
    *(("dtls", mode, True) for mode in SrtpMode if mode is not SrtpMode.SUPPORTENCRYPTION),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{what}-{mode}-{first}" for what, mode, first in CASES])
def test_a_line_of_another_world_costs_itself_and_not_the_call(
    make_phone: Make, peer: Peer, rtp: Rtp, case: tuple[str, SrtpMode, bool]
) -> None:
    strange, mode, first = case
    phone = registered(make_phone, peer, mode)
    good = sdp(rtp.port)
    if mode is SrtpMode.REQUIREENCRYPTION:
        good = good.replace(b"RTP/AVP", b"RTP/SAVP") + KEY
    place = good.index(b"m=audio")
    other = STRANGE[strange]
    body = good[:place] + other + good[place:] if first else good + other
    _, answer = answered(phone, peer, body)
    said = lines(answer)
    live = [each for each in said if each[0]]
    assert len(said) == 1 + other.count(b"m=")
    assert [profile for _, profile in live] == ["RTP/SAVP" if mode is SrtpMode.REQUIREENCRYPTION else "RTP/AVP"]
    assert said.index(live[0]) == (other.count(b"m=") if first else 0)
    assert phone.expect(CallMedia).codec == "PCMU/8000"


@pytest.mark.parametrize("secret", [False, True], ids=["AVPF", "SAVPF"])
def test_a_far_end_that_wants_feedback_is_answered_and_asked_in_its_profile(
    make_phone: Make, peer: Peer, rtp: Rtp, secret: bool
) -> None:
    phone = registered(make_phone, peer, SrtpMode.SUPPORTENCRYPTION)
    profile, rest = ("RTP/SAVPF", KEY) if secret else ("RTP/AVPF", b"")
    offer = sdp(rtp.port).replace(b"RTP/AVP", profile.encode()) + b"a=rtcp-fb:* nack\r\n" + rest
    _, answer = answered(phone, peer, offer)
    assert [each for _, each in lines(answer)] == [profile]
    assert phone.expect(CallMedia).secure is secret
    phone.do(Hold("in-1"))
    ours = peer.request("INVITE")
    assert [each for _, each in lines(ours)] == [profile]
    held = sdp(rtp.port, "recvonly").replace(b"RTP/AVP", profile.encode()) + rest
    peer.reply(ours, 200, "OK", (), held)
    assert phone.expect(CallMedia).local_hold


def demanding(peer: Peer, invite: Request, code: int, fields: Fields, body: bytes) -> None:
    """Refuse an offer, and take the ACK."""
    peer.reply(invite, code, "Not Acceptable Here", fields, body)
    peer.request("ACK")


INCOMPATIBLE = (("Warning", '302 site "Incompatible transport protocol"'),)
FEEDBACK = sdp(40_000).replace(b"RTP/AVP", b"RTP/AVPF")


REFUSALS: dict[str, tuple[int, Fields, bytes, bool]] = {
    "of anything": (488, (), b"", True),
    "of the transport protocol": (606, INCOMPATIBLE, b"", True),
    "of it among others": (488, (("Warning", '399 site "x"'), *INCOMPATIBLE), b"", True),
    "with the profile wanted": (488, (), FEEDBACK, True),
    "of the format": (488, (("Warning", '305 site "Incompatible media format"'),), b"", False),
    "with our profile": (488, (), sdp(40_000, codec="18 G729/8000"), False),
    "of the call": (486, INCOMPATIBLE, b"", False),
    "of the bandwidth": (606, (("Warning", "370 site"),), b"", False),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_tells_whether_it_may_be_of_the_profile(
    phone: Phone, peer: Peer, refusal: tuple[int, Fields, bytes, bool]
) -> None:
    code, fields, body, again = refusal
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    assert [each for _, each in lines(invite)] == ["RTP/AVP"]
    demanding(peer, invite, code, fields, body)
    assert phone.expect(CallEnded).feedback is again


@pytest.mark.parametrize("mode", SrtpMode)
def test_an_offer_with_feedback_is_answered_and_kept(make_phone: Make, peer: Peer, rtp: Rtp, mode: SrtpMode) -> None:
    settings = settings_for()
    media = replace(settings.media, srtp=replace(settings.media.srtp, mode=mode))
    phone = make_phone(replace(settings, media=media))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    profile, rest = ("RTP/SAVPF", KEY) if mode is SrtpMode.REQUIREENCRYPTION else ("RTP/AVPF", b"")
    phone.do(Dial("out-1", 0, "2001", (), True))
    invite = peer.request("INVITE")
    assert [each for _, each in lines(invite)] == [profile]
    assert (b"a=crypto:" in invite.body) is bool(rest)  # it may have been the keys that the far end refused
    peer.reply(invite, 200, "OK", (), sdp(rtp.port).replace(b"RTP/AVP", profile.encode()) + rest)
    peer.request("ACK")
    assert phone.expect(CallMedia).codec == "PCMU/8000"
    phone.do(Hold("out-1"))
    assert [each for _, each in lines(peer.request("INVITE"))] == [profile]


def test_who_refuses_both_profiles_is_not_asked_a_third_time(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001", (), True))
    demanding(peer, peer.request("INVITE"), 488, (), b"")
    assert not phone.expect(CallEnded).feedback


@pytest.mark.parametrize("hold", [True, False], ids=["hold", "retrieve"])
@pytest.mark.parametrize(
    "change", [(b"AVP 0 101", b"AVP 18"), (b"AVP 0 101", b"AVP 101"), (b"RTP/AVP", b"UDP/TLS/RTP/SAVPF"),
               (b"IP4 127.0.0.1", b"IP6 ::1"), (b"IP4 127.0.0.1", b"IP4 nowhere.invalid")],
    ids=["no codec of ours", "digits alone", "DTLS", "another family", "a name"],
)  # fmt: skip
def test_a_hold_answered_with_media_that_we_do_not_speak_is_refused_and_the_call_goes_on(
    make_phone: Make, peer: Peer, rtp: Rtp, change: tuple[bytes, bytes], hold: bool
) -> None:
    """An answer cannot be refused, but what was agreed on before still holds: nobody loses his customer for a key."""
    phone = registered(make_phone, peer, SrtpMode.DONOTSUPPORTENCRYPTION)
    phone.do(Dial("out-1", 0, "1000"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port))
    peer.request("ACK")
    phone.expect(CallMedia, local_hold=False)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    wait_for(lambda: len(rtp.packets) > 5, "the voice")
    if not hold:
        phone.do(Hold("out-1"))
        peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port, "recvonly"))
        peer.request("ACK")
        phone.expect(CallMedia, local_hold=True)
    wish = Hold("out-1") if hold else Retrieve("out-1")
    phone.do(wish)
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port, "recvonly" if hold else "").replace(*change))
    peer.request("ACK")
    assert phone.expect(HoldFailed).code == 488
    anew = peer.request("INVITE")
    assert direction_of(anew) == "sendrecv"
    peer.reply(anew, 200, "OK", (), sdp(rtp.port))
    phone.expect(CallMedia, local_hold=False, codec="PCMU/8000")
    before = len(rtp.packets)
    wait_for(lambda: len(rtp.packets) > before + 5, "the voice again")
    phone.nothing(CallEnded, 0.1)
    phone.do(Hold("out-1"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port, "recvonly"))
    phone.expect(CallMedia, local_hold=True)


def test_who_answers_even_that_with_nothing_we_speak_is_said_goodbye(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    phone.do(Dial("out-1", 0, "1000"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port))
    peer.request("ACK")
    phone.do(Hold("out-1"))
    for _ in range(2):
        peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port).replace(b"AVP 0 101", b"AVP 18"))
        peer.request("ACK")
    peer.reply(peer.request("BYE"), 200)
    assert phone.expect(CallEnded).code == 488


@pytest.mark.parametrize("secret", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("caller", ["they call", "we call"])
def test_a_running_call_is_held_in_the_profile_it_has(
    make_phone: Make, peer: Peer, rtp: Rtp, secret: bool, caller: str
) -> None:
    """FreeSWITCH answers 488 to keys in a line of RTP/AVP (RFC 4568 has them with RTP/SAVP): hold failed there."""
    phone = registered(make_phone, peer, SrtpMode.SUPPORTENCRYPTION)
    theirs = sdp(rtp.port)
    theirs = theirs.replace(b"RTP/AVP", b"RTP/SAVP") + KEY if secret else theirs
    name = "in-1"
    if caller == "they call":
        answered(phone, peer, theirs)
    else:
        name = "out-1"
        phone.do(Dial(name, 0, "1000"))
        ours = peer.request("INVITE")
        keys = KEY if secret else b""
        peer.reply(ours, 200, "OK", (), sdp(rtp.port) + keys)
        peer.request("ACK")
    assert phone.expect(CallMedia).secure is secret
    phone.do(Hold(name))
    offer = peer.request("INVITE")
    assert (b"a=crypto:" in offer.body) is secret
    profile = "RTP/SAVP" if secret and caller == "they call" else "RTP/AVP"
    assert [each for _, each in lines(offer)] == [profile]
    held = sdp(rtp.port, "recvonly").replace(b"RTP/AVP", profile.encode()) + (KEY if secret else b"")
    peer.reply(offer, 200, "OK", (), held)
    assert phone.expect(CallMedia).local_hold
