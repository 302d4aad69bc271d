"""What an offer of ours says: payload types as the settings name them, the profile as the far end has it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from deskphone.config.settings import Settings
from deskphone.sip.policy.payloads import renumbered, without_keys
from deskphone.sip.stack.call import Leg
from deskphone.sip.stack.description import Descriptions
from deskphone.wire.message import Headers, Request

OFFER = """m=audio 4000 RTP/AVP 9 8 96 120 121\r
a=rtpmap:9 G722/8000\r
a=rtpmap:96 opus/48000/2\r
a=fmtp:96 useinbandfec=1\r
a=rtpmap:120 telephone-event/8000\r
a=fmtp:120 0-16\r
a=rtpmap:121 telephone-event/48000\r
a=fmtp:121 0-16\r
"""


def test_opus_and_events_get_the_numbers_of_the_settings() -> None:
    changed = renumbered(OFFER, 111, 101)
    assert changed.startswith("m=audio 4000 RTP/AVP 9 8 111 101 121\r\n")
    assert "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n" in changed
    assert "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n" in changed
    assert "a=rtpmap:121 telephone-event/48000\r\n" in changed


def test_a_number_that_is_taken_moves_away() -> None:
    changed = renumbered(OFFER, 120, 121)
    assert changed.startswith("m=audio 4000 RTP/AVP 9 8 120 121 97\r\n")
    assert "a=rtpmap:97 telephone-event/48000\r\na=fmtp:97 0-16\r\n" in changed


def test_one_number_for_both_changes_nothing() -> None:
    assert renumbered(OFFER, 101, 101) == OFFER


def test_an_offer_without_them_stays() -> None:
    assert renumbered("m=audio 4000 RTP/AVP 0\r\n", 111, 101) == "m=audio 4000 RTP/AVP 0\r\n"


@pytest.mark.parametrize("profile", ["RTP/AVP", "RTP/AVPF"])
def test_an_offer_is_of_the_profile_of_the_far_ends_last_one(profile: str) -> None:
    leg: Any = Leg.__new__(Leg)  # no stack: only what it heard and what it writes
    leg.around, leg.descriptions = SimpleNamespace(settings=Settings()), Descriptions()
    leg.descriptions.feedback = profile == "RTP/AVP"
    theirs = OFFER.replace("RTP/AVP", profile).encode()
    kind = (("content-type", "application/sdp"),)
    leg.descriptions.heard(Request(method="INVITE", uri="sip:1502@here", headers=Headers(kind), body=theirs))
    leg.descriptions.heard(Request(method="INVITE", uri="sip:1502@here", headers=Headers(()), body=b""))  # says nothing
    ours = SimpleNamespace(sdp=SimpleNamespace(wholeSdp=OFFER), remSdp=SimpleNamespace(wholeSdp=""))
    leg.onCallSdpCreated(ours)
    assert ours.sdp.wholeSdp.startswith(f"m=audio 4000 {profile} ")


def test_keys_go_with_lines_of_srtp_only() -> None:
    key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\n"
    plain, secret = f"m=audio 4000 RTP/AVP 0\r\n{key}{key}a=sendonly\r\n", f"m=audio 4002 RTP/SAVP 0\r\n{key}"
    assert without_keys(f"v=0\r\n{plain}{secret}") == f"v=0\r\nm=audio 4000 RTP/AVP 0\r\na=sendonly\r\n{secret}"
    assert without_keys(OFFER) == OFFER
