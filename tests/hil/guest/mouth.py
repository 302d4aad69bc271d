"""In the guest, at the far side of a sound card's cable: speak into the phone's microphone, listen at its ear.

usage: mouth.py CARD SPEECH RECORDING TIMES     files of 16-bit stereo samples, RATE a second; TIMES: JSON

Law: no judgement. Written down is what was spoken and heard, and which sample passed the cable at what time:
the guest's clock with what then lay in the buffer (snd_pcm_avail).
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import alsaaudio

RATE, PERIOD, PERIODS = 48_000, 960, 50  # a second of buffer: this side never runs dry on a busy machine
WIDE = 4  # bytes of a frame
Times = list[tuple[float, int]]


def open_pcm(kind: int, card: str) -> Any:
    """The far side of the cable: what a phone plays on the first device is recorded here, and the reverse."""
    return alsaaudio.PCM(
        type=kind, mode=alsaaudio.PCM_NORMAL, device=f"hw:CARD={card},DEV=1", channels=2, rate=RATE,
        format=alsaaudio.PCM_FORMAT_S16_LE, periodsize=PERIOD, periods=PERIODS,
    )  # fmt: skip


def speak(pcm: Any, speech: bytes, times: Times) -> None:
    """times: (second, frames that have left for the microphone)."""
    size = pcm.info()["buffer_size"]
    for at in range(0, len(speech), PERIOD * WIDE):
        pcm.write(speech[at : at + PERIOD * WIDE])
        free = pcm.avail()
        times.append((time.monotonic(), at // WIDE + PERIOD - (size - free)))


def listen(pcm: Any, file: Path, times: Times, over: threading.Event) -> None:
    """times: (second, frames that have come out of the ear)."""
    done = 0
    with file.open("wb") as out:
        while not over.is_set():
            count, data = pcm.read()
            if count <= 0:
                print(f"the recording broke off: {count}", file=sys.stderr)
                break
            out.write(data)
            done += count
            waiting = pcm.avail()
            times.append((time.monotonic(), done + waiting))


def main(card: str, speech: str, recording: str, times: str) -> None:
    """Speak it all and listen meanwhile."""
    mouth, ear = open_pcm(alsaaudio.PCM_PLAYBACK, card), open_pcm(alsaaudio.PCM_CAPTURE, card)
    print("open", flush=True)
    spoken: Times = []
    heard: Times = []
    over = threading.Event()
    listener = threading.Thread(target=listen, args=(ear, Path(recording), heard, over), daemon=True)
    listener.start()
    speak(mouth, Path(speech).read_bytes(), spoken)
    over.set()
    listener.join(2)
    Path(times).write_text(json.dumps({"spoken": spoken, "heard": heard}))


if __name__ == "__main__":
    main(*sys.argv[1:])
