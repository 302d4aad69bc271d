"""The ring tones: the files are what the script makes, and sound as a ring tone should."""

from __future__ import annotations

import importlib.util
import wave
from array import array
from math import cos, pi, sqrt
from pathlib import Path
from types import ModuleType

import pytest

from deskphone.sounds import ring
from deskphone.view.ring_tones import BEEP, DEFAULT, RING_TONES, STEADY, RingTone, ring_tone
from deskphone.view.words import Words

FILES = Path(ring.__file__).parent
SCRIPT = Path(__file__).resolve().parents[3] / "firmware" / "sounds" / "synthesise.py"
SOUNDING = [t for t in (*RING_TONES, BEEP) if t.file]
FIRST_NOTE = {  # Hz
    "classic": 1318.5,
    "double": 1108.7,
    "marimba": 587.33,
    "digital": 987.77,
    "chime": 783.99,
    "pulse": 880.0,
    "vibes": 392.0,
    "attention": 293.66,
    "beep": 1000.0,
}


def load(tone: RingTone) -> tuple[array[int], float]:
    with wave.open(str(FILES / tone.file)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        samples = array("h")
        samples.frombytes(file.readframes(file.getnframes()))
    return samples, len(samples) / 16_000


def goertzel(signal: array[int], hz: float) -> float:
    a = b = 0.0
    factor = 2 * cos(2 * pi * hz / 16_000)
    for value in signal:
        a, b = value + factor * a - b, a
    return 2 * sqrt(max(0.0, a * a + b * b - factor * a * b)) / len(signal)


@pytest.fixture(scope="module")
def synthesise() -> ModuleType:
    spec = importlib.util.spec_from_file_location("synthesise", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_script_makes_the_committed_files_byte_for_byte(synthesise: ModuleType, tmp_path: Path) -> None:
    made = {path.name: path.read_bytes() for path in synthesise.write(tmp_path)}
    kept = {path.name: path.read_bytes() for path in FILES.glob("*.wav")}
    assert sorted(made) == sorted(kept) == sorted(t.file for t in (*SOUNDING, STEADY))
    assert [name for name in made if made[name] != kept[name]] == []


def test_all_sounds_together_stay_under_a_megabyte_and_a_half() -> None:
    assert sum(path.stat().st_size for path in FILES.glob("*.wav")) < 1_500_000


@pytest.mark.parametrize("tone", SOUNDING, ids=lambda t: t.name)
def test_a_ring_tone_is_loud_and_does_not_clip(tone: RingTone) -> None:
    samples, seconds = load(tone)
    peak = max(map(abs, samples))
    assert peak == 23_197
    assert 0.09 * 32_768 < sqrt(sum(s * s for s in samples) / len(samples)) < 0.5 * 32_768
    if tone is not BEEP:
        assert 2.0 <= seconds <= 6.0


@pytest.mark.parametrize("tone", SOUNDING, ids=lambda t: t.name)
def test_a_ring_tone_loops_without_a_click(tone: RingTone) -> None:
    samples, _ = load(tone)
    assert abs(samples[0]) < 300 and abs(samples[-1]) < 300
    assert abs(sum(samples) / len(samples)) < 20  # no direct current into the loudspeaker


@pytest.mark.parametrize("tone", [t for t in SOUNDING if t is not BEEP], ids=lambda t: t.name)
def test_a_ring_tone_rests_before_it_comes_again(tone: RingTone) -> None:
    samples, seconds = load(tone)
    last = samples[-round(0.25 * seconds * 16_000) :]
    assert sqrt(sum(s * s for s in last) / len(last)) < 0.1 * 23_197


@pytest.mark.parametrize("tone", SOUNDING, ids=lambda t: t.name)
def test_a_ring_tone_opens_with_the_note_it_should(tone: RingTone) -> None:
    samples, _ = load(tone)
    note, own = samples[:800], FIRST_NOTE[tone.name]  # 50 ms: before a second note begins
    levels = {ratio: goertzel(note, own * ratio) for ratio in (0.75, 0.85, 1.0, 1.15, 1.25)}
    assert all(levels[1.0] > 3 * level for ratio, level in levels.items() if ratio != 1.0), levels


def test_a_person_can_choose_between_at_least_six_ring_tones_and_silence() -> None:
    assert len([t for t in RING_TONES if t.file]) >= 6
    assert ring_tone("silent").file == ""
    titles = [Words("ENGLISH")(f"ring_{t.name}") for t in RING_TONES]
    assert len(set(titles)) == len(RING_TONES)
    assert all(len(title) <= 16 and not title.startswith("ring_") for title in titles)  # a row of the menu


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Ring01", "classic"),
        ("ring04", "digital"),
        ("Marimba", "marimba"),
        ("", DEFAULT),
        ("Ring11", "double"),
        ("../../etc/passwd", DEFAULT),
    ],
)
def test_a_configuration_names_a_ring_tone_as_the_420hd_does_or_by_our_name(word: str, name: str) -> None:
    assert ring_tone(word).name == name


def test_what_beeps_are_cut_from_is_one_tone_as_long_as_the_longest_beep() -> None:
    samples, seconds = load(STEADY)
    assert seconds == 5.0
    whole = goertzel(samples[800:-1600], 1000.0)
    assert whole > 0.9 * max(samples)
    for at in range(800, len(samples) - 3200, 8000):
        assert abs(goertzel(samples[at : at + 1600], 1000.0) - whole) < 0.05 * whole
