"""The phone and baresip hear each other through Kamailio, in every codec both have."""

from __future__ import annotations

import statistics

import pytest

from tests.peers import baresip, sound
from tests.peers.site import SPOKEN, SPOKEN_LEVEL, Site

PROVES = pytest.mark.proves("voice: levels and loss by codec", "Kamailio 5.6 with baresip 1.0")
pytestmark = [pytest.mark.peer, pytest.mark.slow, PROVES]

TALK = 6.0  # seconds of voice that are measured
SETTLE = 0.5  # seconds a codec and a jitter buffer take to settle
WRONG = 700  # Hertz nobody plays
MARGIN = 20  # dB of the wanted tone over any other
MOST_LOSS = 1.0  # percent of the RTP packets
GAP = 10  # dB below the usual level: a window of 20 ms without sound
MOST_GAPS = 5.0  # percent of the windows
TOLERANCE = {"G722": 2.0, "PCMA": 2.0, "opus": 2.0}  # dB between what is said and what is heard
NAMES = {"G722": "G722/16000", "PCMA": "PCMA/8000", "opus": "opus/48000"}


def check_tone(who: str, heard: sound.Recording, wanted: int, unwanted: int) -> float:
    """The wanted tone is there, far above its own echo and above a tone nobody plays; its level."""
    level = heard.level(wanted)
    for other in (unwanted, WRONG):
        assert level - heard.level(other) >= MARGIN, f"{who}: {wanted} Hz at {level:.1f} dB, {other} Hz too"
    windows = heard.windows(wanted)
    usual = statistics.median(windows)
    gaps = 100 * sum(each < usual - GAP for each in windows) / len(windows)
    assert gaps <= MOST_GAPS, f"{who}: {gaps:.1f} % of the windows are without the tone"
    return level


@pytest.mark.parametrize("direction", ["out", "in"])
def test_both_hear_each_other(codec_site: tuple[str, Site], direction: str) -> None:
    codec, site = codec_site
    site.call_out() if direction == "out" else site.call_in()
    assert [call["codec"] for call in site.phone.state()["calls"]] == [NAMES[codec]]
    site.listen(SETTLE)
    heard = site.listen(TALK)
    site.hang_up()
    answered = sound.read(site.baresip.recording("dec"))
    spoken = sound.Recording(answered.rate, answered.samples[int(SETTLE * answered.rate) : int(TALK * answered.rate)])

    sent = sound.read(site.baresip.recording("enc")).level(baresip.TONE)
    phone_level = check_tone("the phone hears", heard, baresip.TONE, SPOKEN)
    peer_level = check_tone("baresip hears", spoken, SPOKEN, baresip.TONE)
    assert abs(phone_level - sent) < TOLERANCE[codec], f"the phone hears {phone_level:.1f} dB of {sent:.1f} dB"
    assert abs(peer_level - SPOKEN_LEVEL) < TOLERANCE[codec], f"baresip hears {peer_level:.1f} of {SPOKEN_LEVEL} dB"
    summary = site.baresip.summary()
    assert summary.heard > TALK * 40, summary
    assert summary.worst_loss <= MOST_LOSS, summary
    said = f"phone hears {phone_level:.1f} of {sent:.1f} dB, baresip {peer_level:.1f} of {SPOKEN_LEVEL} dB"
    print(f"{codec} {direction}: {said}, {summary}")
    site.quiet()
