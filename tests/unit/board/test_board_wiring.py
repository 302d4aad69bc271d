"""What is made from the board files, or has to agree with them."""

from __future__ import annotations

import importlib.util
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

from deskphone.drivers.board import KEYS, PATHS
from deskphone.drivers.board_file import load_board

ROOT = Path(__file__).resolve().parents[3]
BOARD = ROOT / "board"


@pytest.fixture(scope="module")
def wiring() -> ModuleType:
    spec = importlib.util.spec_from_file_location("wiring", BOARD / "wiring.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_wiring_pages_are_up_to_date(wiring: ModuleType) -> None:
    for name, text in wiring.pages().items():
        assert (ROOT / "docs" / name).read_text("utf-8") == text, "run .venv/bin/python board/wiring.py"


def test_the_drawing_shows_every_pin_and_every_contact(wiring: ModuleType) -> None:
    texts = [node.text for node in ET.fromstring(wiring.pages()["wiring.svg"]).iter() if node.tag.endswith("text")]
    assert all(str(pin) in texts for pin in range(1, 41))
    assert all(wiring.TITLES.get(key, key) in texts for key in (*KEYS, "hook"))


def test_alsa_reads_our_configuration_down_to_the_amplifier() -> None:
    """Without the card, ALSA has to fail at the card: everything above it was understood."""
    program = (
        "import alsaaudio\n"
        "alsaaudio.PCM(type=alsaaudio.PCM_PLAYBACK, device='speaker', rate=16000, channels=1,"
        " format=alsaaudio.PCM_FORMAT_S16_LE, periodsize=320)"
    )
    path = f"/usr/share/alsa/alsa.conf:{BOARD / 'asound.conf'}"
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={"ALSA_CONFIG_PATH": path},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "sndrpigooglevoi" in run.stderr, run.stderr
    assert "Unknown PCM" not in run.stderr and "Unknown field" not in run.stderr, run.stderr


def test_the_microphone_is_one_channel_with_thirty_decibels() -> None:
    """With a file for the card: `mic` is the left channel, 30 dB louder, and full scale at the most."""
    conf = (BOARD / "asound.conf").read_text()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "card.raw"
        frames = [(1 << 20, 7 << 20), (-(1 << 20), 0), (1 << 30, 0), (0, 1 << 30)] * 480
        source.write_bytes(b"".join(struct.pack("<ii", *frame) for frame in frames))
        card = f'{{ type file slave.pcm {{ type null }} file "/dev/null" infile "{source}" format "raw" }}'
        made = conf.replace('pcm "plughw:CARD=sndrpigooglevoi"', f"pcm {card}")
        assert made != conf
        (Path(folder) / "asound.conf").write_text(made)
        program = (
            "import alsaaudio, sys; mic = alsaaudio.PCM(type=alsaaudio.PCM_CAPTURE, device='mic', rate=48000,"
            " channels=1, format=alsaaudio.PCM_FORMAT_S16_LE, periodsize=480); sys.stdout.buffer.write(mic.read()[1])"
        )
        path = f"/usr/share/alsa/alsa.conf:{folder}/asound.conf"
        run = subprocess.run(
            [sys.executable, "-c", program],
            env={"ALSA_CONFIG_PATH": path},
            capture_output=True,
            timeout=30,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    heard = struct.unpack(f"<{len(run.stdout) // 2}h", run.stdout)[:4]
    assert heard[0] == pytest.approx((1 << 20) * 31.6 / 65536, abs=2)
    assert heard[1] == pytest.approx(-(1 << 20) * 31.6 / 65536, abs=2)
    assert heard[2] == 32767 and heard[3] == 0


def test_every_playback_name_is_a_card_or_defined_in_our_alsa_configuration() -> None:
    audio, defined = load_board(BOARD / "handset.toml").audio, (BOARD / "asound.conf").read_text()
    for path in PATHS:
        card = audio.card(path)
        for pcm in (card.playback, card.capture):
            assert f"CARD={card.card}" in pcm or f"pcm.{pcm} {{" in defined
    assert f'name "{audio.speaker.control}"' in defined and f'card "{audio.speaker.card}"' in defined
