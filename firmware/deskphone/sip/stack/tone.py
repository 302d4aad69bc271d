"""Call-progress tones and in-band DTMF into the conference bridge.

Law: SIP thread only. Which frequencies a tone has is `view.tones`' business; here they become pjmedia's.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import wave
from typing import Any

import pjsua2 as pj

from deskphone.sip.stack.endpoint import CLOCK_RATE
from deskphone.sip.stack.loop import Loop, Timer
from deskphone.view.tone_pcm import render
from deskphone.view.tone_shapes import Segments, Tone
from deskphone.view.tones import tone

FULL_SCALE_DBM0 = 3.14
MOST_SEGMENTS = 32  # PJMEDIA_TONEGEN_MAX_DIGITS
DTMF_ON_MS, DTMF_OFF_MS = 120, 80


def amplitude(level_dbm0: float) -> int:
    """Peak of one sinusoid as pjmedia counts it: 32767 is full scale, which is 3.14 dBm0 (ITU-T G.711)."""
    return max(1, min(32_767, round(32_767 * 10 ** ((level_dbm0 - FULL_SCALE_DBM0) / 20))))


def simple(tone: Tone) -> bool:
    """Whether pjmedia's generator can make it: two frequencies at most, unmodulated, few segments."""
    every = tone.lead + tone.segments * max(1, tone.repeat)
    return len(every) <= MOST_SEGMENTS and all(len(s.frequencies) <= 2 and not s.modulated_hz for s in every)


def descriptions(segments: Segments, level_dbm0: float) -> Any:
    """pjmedia's tone descriptions of segments."""
    vector = pj.ToneDescVector()
    for segment in segments:
        each = pj.ToneDesc()
        each.freq1, each.freq2 = (*segment.frequencies, 0)[:2]
        each.on_msec, each.off_msec = segment.on_ms or 1000, segment.off_ms
        # A steady tone is one second again and again: a negative volume keeps it from fading at the seams.
        each.volume = amplitude(level_dbm0) * (1 if segment.on_ms else -1)
        vector.append(each)
    return vector


class TonePlayer:
    """The one tone a person hears. `media` is its source in the bridge, None in silence."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._playing = ("", "")
        self._then: Timer | None = None
        self._file = ""
        self.media: Any = None

    def play(self, country: str, name: str) -> bool:
        """Play this tone from now on, "" for none. True where `media` changed."""
        if (country, name) == self._playing or (not name and not self._playing[1]):
            return False
        self.stop()
        self._playing = (country, name)
        if name:
            self._start(tone(country, name))
        return True

    def stop(self) -> None:
        """Silence; the generator is given back to the bridge."""
        if self._then is not None:
            self._then.cancel()
        self._playing, self._then, self.media = ("", ""), None, None
        if self._file:
            with contextlib.suppress(OSError):
                os.unlink(self._file)
            self._file = ""

    def _start(self, what: Tone) -> None:
        if not simple(what):
            self.media = self._rendered(what)
            return
        generator = pj.ToneGenerator()
        generator.createToneGenerator(CLOCK_RATE)
        self.media = generator
        for_ever = what.repeat == 0
        loop = descriptions(what.segments * max(1, what.repeat), what.level_dbm0)
        if not what.lead:
            generator.play(loop, for_ever)
            return
        generator.play(descriptions(what.lead, what.level_dbm0), False)
        lead = sum(segment.on_ms + segment.off_ms for segment in what.lead) / 1000

        def go_on() -> None:
            if self.media is generator:
                generator.stop()
                generator.play(loop, for_ever)

        self._then = self._loop.after(lead, go_on)

    def _rendered(self, what: Tone) -> Any:
        """Modulated and four-frequency tones as samples, from a file that the player repeats."""
        pcm = render(what, CLOCK_RATE)
        descriptor, self._file = tempfile.mkstemp(prefix="deskphone-tone-", suffix=".wav")
        os.close(descriptor)
        with wave.open(self._file, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(CLOCK_RATE)
            file.writeframes(pcm.lead + pcm.loop * max(1, pcm.repeat))
        player = pj.AudioMediaPlayer()
        player.createPlayer(self._file, pj.PJMEDIA_FILE_NO_LOOP if pcm.repeat else 0)
        return player


class DialTones:
    """DTMF as tones into one call's media; digits pressed meanwhile follow those that still sound."""

    def __init__(self, into: Any) -> None:
        self._generator = pj.ToneGenerator()
        self._generator.createToneGenerator(CLOCK_RATE)
        self._generator.startTransmit(into)

    def play(self, digits: str, level: int) -> None:
        """Add digits. level: -dBm of each of the two frequencies."""
        vector = pj.ToneDigitVector()
        for digit in digits:
            each = pj.ToneDigit()
            each.digit = digit
            each.on_msec, each.off_msec = DTMF_ON_MS, DTMF_OFF_MS
            each.volume = amplitude(-level)
            vector.append(each)
        self._generator.playDigits(vector, False)

    @property
    def busy(self) -> bool:
        """Whether digits still sound."""
        return bool(self._generator.isBusy())
