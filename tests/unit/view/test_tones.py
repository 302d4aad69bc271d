"""The tones: what a person hears in each country, measured in the samples and not in the table."""

from __future__ import annotations

from array import array
from itertools import pairwise
from math import cos, pi, sqrt

import pytest

from deskphone.view import tones
from deskphone.view.tone_countries import COUNTRIES
from deskphone.view.tone_pcm import Pcm, render
from deskphone.view.tone_shapes import Cadence, Segment, Tone, pulses, steady

RATE = 16_000
NETWORK_HZ = (350, 400, 425, 440, 450, 480, 620, 950, 1400, 1800, 2060, 2450, 2600)


def samples(pcm: bytes) -> array[int]:
    out = array("h")
    out.frombytes(pcm)
    return out


def goertzel(signal: array[int], hz: float, rate: int = RATE) -> float:
    """Amplitude of the sinusoid at `hz` in the signal."""
    a = b = 0.0
    factor = 2 * cos(2 * pi * hz / rate)
    for value in signal:
        a, b = value + factor * a - b, a
    return 2 * sqrt(max(0.0, a * a + b * b - factor * a * b)) / len(signal)


def on_off(pcm: bytes, rate: int = RATE) -> list[int]:
    """Milliseconds of sound, silence, sound ... in 5 ms steps."""
    signal, step = samples(pcm), rate // 200
    loud = [max(map(abs, signal[i : i + step])) > 200 for i in range(0, len(signal), step)]
    runs: list[int] = []
    for i, here in enumerate(loud):
        if i and here == loud[i - 1]:
            runs[-1] += 5
        else:
            runs.append(5)
    return runs


def heard(country: str, name: str) -> Pcm:
    return render(tones.tone(country, name), RATE)


@pytest.mark.parametrize(
    ("country", "present", "absent"),
    [("US", (350, 440), (425, 480)), ("DE", (425,), (350, 440)), ("GB", (350, 440), (400,)), ("FR", (440,), (350,))],
)
def test_lifting_the_handset_gives_the_dial_tone_of_the_country(
    country: str, present: tuple[int, ...], absent: tuple[int, ...]
) -> None:
    pcm = heard(country, "dial")
    signal = samples(pcm.loop)
    assert pcm.repeat == 0 and pcm.lead == b""
    for hz in present:
        assert goertzel(signal, hz) == pytest.approx(32767 * 10 ** ((-16 - 3.14) / 20), rel=0.01)
    for hz in absent:
        assert goertzel(signal, hz) < 5


@pytest.mark.parametrize(
    ("country", "name", "hz", "milliseconds"),
    [
        ("US", "ringback", (440, 480), [2000, 4000]),
        ("US", "busy", (480, 620), [500, 500]),
        ("US", "congestion", (480, 620), [250, 250]),
        ("GB", "ringback", (400, 450), [400, 200, 400, 2000]),
        ("GB", "congestion", (400,), [400, 350, 225, 525]),
        ("DE", "ringback", (425,), [1000, 4000]),
        ("DE", "busy", (425,), [480, 480]),
        ("IT", "dial", (425,), [200, 200, 600, 1000]),
        ("IL", "ringback", (414,), [1000, 3000]),
        ("CN", "busy", (450,), [350, 350]),
        ("AU", "ringback", (413, 438), [400, 200, 400, 2000]),
        ("US", "howler", (1400, 2060, 2450, 2600), [100, 100]),
    ],
)
def test_a_tone_has_the_frequencies_and_the_cadence_of_its_network(
    country: str, name: str, hz: tuple[int, ...], milliseconds: list[int]
) -> None:
    pcm = heard(country, name)
    assert on_off(pcm.loop) == pytest.approx(milliseconds, abs=5)
    burst = samples(pcm.loop)[: min(milliseconds[0], 200) * RATE // 1000]
    others = {f for f in NETWORK_HZ if min(abs(f - h) for h in hz) > 10}
    assert max(goertzel(burst, f) for f in others) < 0.5 * min(goertzel(burst, f) for f in hz)
    levels = [goertzel(burst, f) for f in hz]
    assert min(levels) > 0.85 * max(levels)


def test_a_waiting_message_makes_the_dial_tone_stutter_ten_times_and_then_stay() -> None:
    pcm = heard("US", "stutter")
    assert on_off(pcm.lead) == pytest.approx([100] * 20, abs=5)
    assert pcm.loop == heard("US", "dial").loop


def test_japanese_ringback_is_modulated_at_16_hz() -> None:
    burst = samples(heard("JP", "ringback").loop)[:RATE]
    assert goertzel(burst, 400) > 3 * goertzel(burst, 350)
    assert goertzel(burst, 416) == pytest.approx(goertzel(burst, 384), rel=0.05)
    assert goertzel(burst, 416) == pytest.approx(0.45 * goertzel(burst, 400), rel=0.05)


def test_a_steady_tone_repeats_without_a_seam() -> None:
    signal = samples(heard("AU", "dial").loop)
    step = max(abs(a - b) for a, b in pairwise(signal))
    assert abs(signal[-1] - signal[0]) <= step


@pytest.mark.parametrize("name", tones.NAMES)
def test_every_country_has_every_tone_and_none_clips(name: str) -> None:
    for tone in {tones.tone(code, name) for code in COUNTRIES}:
        pcm = render(tone, 8000)
        loudest = max(map(abs, samples(pcm.lead + pcm.loop)))
        assert 800 < loudest < 32_100, tone
        milliseconds = sum(s.on_ms + s.off_ms for s in tone.segments) or 1000
        assert len(pcm.loop) / 2 / 8 == pytest.approx(milliseconds, abs=1), tone


def test_there_are_at_least_twelve_countries_and_they_do_not_sound_alike() -> None:
    assert len(COUNTRIES) >= 12
    sounds = {(tones.tone(c, "dial"), tones.tone(c, "ringback"), tones.tone(c, "busy")) for c in COUNTRIES}
    assert len(sounds) >= 15


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("USA", "US"),
        ("usa", "US"),
        ("UK", "GB"),
        ("United_Kingdom", "GB"),
        ("israel", "IL"),
        ("DEU", "DE"),
        ("  new   zealand ", "NZ"),
    ],
)
def test_a_country_may_be_called_by_code_or_by_name(word: str, code: str) -> None:
    assert tones.country_code(word) == code


@pytest.mark.parametrize("word", ["", "Atlantis", "XX", "../../etc"])
def test_an_unknown_country_has_the_tones_of_the_default_country(word: str) -> None:
    assert tones.tone(word, "busy") == tones.tone(tones.DEFAULT_COUNTRY, "busy")


def test_no_two_countries_claim_the_same_name() -> None:
    words = [w.upper() for code, c in COUNTRIES.items() for w in (code, c.name, *c.names)]
    assert sorted(words) == sorted(set(words))


def test_asking_for_a_tone_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(LookupError, match=r"'dail'; expected one of dial, secondary"):
        tones.tone("US", "dail")


def test_beeps_end_by_themselves_and_network_tones_do_not() -> None:
    ends = {name for name in tones.NAMES if tones.tone("DE", name).repeat}
    assert ends == {"confirmation", "error", "auto_answer", "key_click"}


@pytest.mark.parametrize("digit", list("0123456789*#ABCD"))
def test_an_in_band_digit_is_its_q23_pair_and_nothing_else(digit: str) -> None:
    low, high = tones.DTMF[digit]
    burst = samples(render(tones.dtmf(digit), 8000).loop)[:800]
    found = {f for f in (697, 770, 852, 941, 1209, 1336, 1477, 1633) if goertzel(burst, f, 8000) > 4000}
    assert found == {low, high}


def test_the_sixteen_digits_are_sixteen_pairs() -> None:
    assert len(set(tones.DTMF.values())) == 16
    assert tones.DTMF["5"] == (770, 1336) and tones.DTMF["#"] == (941, 1477)  # ITU-T Q.23 table 1
    with pytest.raises(LookupError, match="expected one of"):
        tones.dtmf("E")


@pytest.mark.parametrize(
    "broken",
    [
        lambda: Segment((), 100),
        lambda: Segment((1, 2, 3, 4, 5), 100),
        lambda: Segment((4000,), 100),
        lambda: Segment((425,), -1),
        lambda: Segment((425,), 0, 100),
        lambda: Segment((425,), 100, 100, 900),
        lambda: pulses((425,), 100),
        lambda: Cadence(()),
        lambda: Cadence(steady(425) + pulses((425,), 100, 100)),
        lambda: render(Tone("x", steady(425)), 7000),
    ],
)
def test_a_tone_that_cannot_sound_cannot_exist(broken: object) -> None:
    assert callable(broken)
    with pytest.raises(ValueError, match=r"expected|steady"):
        broken()
