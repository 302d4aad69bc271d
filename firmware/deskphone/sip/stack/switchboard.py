"""Who hears whom: the wanted connections of the conference bridge from `Audio`, made and undone by difference.

Law: `wanted` is pure and says what should be; `Switchboard` (SIP thread only) makes it so. Names of ends:
`microphone`, `loudspeaker`, `browser`, `tone`, and `call:ID`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from deskphone.core.voice_path import VoicePath
from deskphone.sip.options import Sound
from deskphone.sip.stack.bridge import BrowserPort, Listener
from deskphone.sip.stack.loop import Loop, Timer
from deskphone.sip.stack.sound import SoundDevices
from deskphone.sip.stack.tone import TonePlayer
from deskphone.view.outputs import Audio

LOG = logging.getLogger("deskphone.useragent")

MICROPHONE = "microphone"
LOUDSPEAKER = "loudspeaker"
BROWSER = "browser"
TONE = "tone"
LINGER = 1.0
"""Seconds the sound device stays open after the last connection: between a tone and a call it is not closed."""

RETRY_S = (5.0, 5.0, 5.0, 10.0, 30.0)
"""Seconds until a card that failed is tried again, and again: a loose plug is put back soon or not at all, and each
try opens every device that ALSA lists, on the SIP thread.
"""

Pair = tuple[str, str]


def call_end(call: str) -> str:
    """The name of a call's end of the bridge."""
    return f"call:{call}"


def wanted(audio: Audio, has_microphone: bool, browser: bool) -> frozenset[Pair]:
    """The connections (from, to) that `audio` means.

    With a browser attached its microphone speaks, unless the phone has one of its own (a WAV file, a card).
    Muting is a level, not a missing connection: silence must go on flowing to the far end.
    """
    if audio.path is VoicePath.NONE:
        return frozenset(_between(audio.calls))
    speaks = BROWSER if browser and not has_microphone else MICROPHONE
    ears = [LOUDSPEAKER, BROWSER] if browser else [LOUDSPEAKER]
    heard = [call_end(call) for call in (*audio.calls, *audio.listening)] + ([TONE] if audio.tone else [])
    pairs = {(source, ear) for source in heard for ear in ears}
    pairs |= {(speaks, call_end(call)) for call in audio.calls}
    return frozenset(pairs | _between(audio.calls))


def _between(calls: tuple[str, ...]) -> set[Pair]:
    """A local conference: every call hears every other."""
    return {(call_end(one), call_end(other)) for one in calls for other in calls if one != other}


def gain(volume: int, normal: int, step_db: float) -> float:
    """Factor of a volume of 0 to 10: 1.0 at `normal`, `step_db` a step."""
    return float(10 ** ((volume - normal) * step_db / 20))


class Switchboard:
    """The bridge as the phone means it to be."""

    def __init__(self, ep: Any, loop: Loop, sound: Sound, trouble: Callable[[str], None]) -> None:
        self._loop = loop
        self._sound = sound
        self._devices = SoundDevices(ep, sound, trouble)
        self._tone = TonePlayer(loop)
        self._audio = Audio()
        self._calls: dict[str, Any] = {}
        self._dialled: set[str] = set()
        self._made: dict[Pair, tuple[Any, Any]] = {}
        self._browser: BrowserPort | None = None
        self._closing: Timer | None = None
        self._retrying: Timer | None = None
        self._retries = 0
        self.normal_volume = 6
        self.step_db = 3.0

    def feed(self, pcm: bytes) -> None:
        """One frame of a browser's microphone (any thread)."""
        browser = self._browser
        if browser is not None:
            browser.put(pcm)

    def set(self, audio: Audio) -> None:
        """Connect calls, card and tones as the outputs say from now on."""
        self._audio = audio
        self._apply()

    def attach(self, listener: Listener | None) -> None:
        """Give the voice to a browser, or take it back."""
        if self._browser is None:
            if listener is None:
                return
            self._browser = BrowserPort()
        self._browser.attach(listener)
        self._apply()

    def call_media(self, call: str, media: Any) -> None:
        """A call's stream began, changed (new `media`) or ended (None).

        The connections of the old one went with its port, or are the same in the new one: nothing to undo.
        """
        for pair in [pair for pair in self._made if call_end(call) in pair]:
            del self._made[pair]
        if media is None:
            self._calls.pop(call, None)
            self._dialled.discard(call_end(call))
        else:
            self._calls[call] = media
        self._apply()

    def dialled_into(self, call: str, on: bool) -> None:
        """Tones go into this call as digits: nobody speaks into it until they are over."""
        (self._dialled.add if on else self._dialled.discard)(call_end(call))
        self._apply()

    def media_of(self, call: str) -> Any:
        """The bridge's port of a call, None without media."""
        return self._calls.get(call)

    def levels(self) -> tuple[float, float]:
        """Microphone and loudspeaker now, 0.0 to 1.0."""
        if self._browser is not None and self._browser.attached:
            return self._browser.spoken, self._browser.heard
        if not self._devices.is_open:
            return 0.0, 0.0
        try:
            return self._devices.microphone.getTxLevel() / 100, self._devices.loudspeaker.getRxLevel() / 100
        except pj.Error:
            return 0.0, 0.0

    def card_lost(self, direction: int, number: int) -> None:
        """pjmedia can read or write (`direction`) the card with its `number` no more."""
        self._devices.lost(direction, number)
        self._retry_later()

    def close(self) -> None:
        """Let everything go, before libDestroy: the clock first, for it calls into the browser's port."""
        for pair in tuple(self._made):
            self._disconnect(pair)
        self._devices.finish()
        self._tone.stop()
        self._calls.clear()
        self._browser = None

    # --- making it so ------------------------------------------------------------------------------

    def _apply(self) -> None:
        audio = self._audio
        if self._tone.play(audio.country, audio.tone if audio.path is not VoicePath.NONE else ""):
            self._drop(TONE)  # the last reference to the old generator goes with its connections
        browser = self._browser is not None and self._browser.attached
        pairs = wanted(audio, self._sound.source != "" or self._sound.kind == "alsa", browser)
        if pairs:
            self._keep_open()
        pairs = frozenset(pair for pair in pairs if pair[1] not in self._dialled)
        pairs = frozenset(pair for pair in pairs if all(self._media(end) is not None for end in pair))
        for pair in tuple(self._made):
            if pair not in pairs:
                self._disconnect(pair)
        for pair in sorted(pairs - self._made.keys()):
            self._connect(pair)
        if self._devices.is_open:
            self._level()
        if not pairs and self._devices.is_open and self._closing is None:
            self._closing = self._loop.after(LINGER, self._close_idle)

    def _keep_open(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        self._devices.open(self._audio.path)
        self._retry_later()

    def _retry_later(self) -> None:
        if not self._devices.failing:
            if self._retrying is not None:  # else the next failure would wait for the rest of an old, long pause
                self._retrying.cancel()
            self._retrying, self._retries = None, 0
        elif self._retrying is None:
            pause = RETRY_S[min(self._retries, len(RETRY_S) - 1)]
            self._retrying = self._loop.after(pause, self._retry)

    def _retry(self) -> None:
        self._retrying = None
        self._retries += 1
        try:
            self._devices.again()
        finally:  # else the first exception would be the last try
            self._retry_later()

    def _close_idle(self) -> None:
        self._closing = None
        if not self._made:
            self._devices.close()

    def _level(self) -> None:
        microphone = 0.0 if self._audio.muted else 1.0
        ear = gain(self._audio.volume, self.normal_volume, self.step_db) if self._devices.gains else 1.0
        # pjsua2 names levels as the port sees them: a microphone transmits (Tx) into the bridge.
        self._devices.microphone.adjustTxLevel(microphone)
        self._devices.loudspeaker.adjustRxLevel(ear)
        if self._browser is not None:
            self._browser.adjustTxLevel(microphone)
            self._browser.adjustRxLevel(ear)

    def _media(self, end: str) -> Any:
        if end == MICROPHONE:
            return self._devices.microphone
        if end == LOUDSPEAKER:
            return self._devices.loudspeaker
        if end == BROWSER:
            return self._browser
        return self._tone.media if end == TONE else self._calls.get(end.removeprefix("call:"))

    def _connect(self, pair: Pair) -> None:
        source, sink = self._media(pair[0]), self._media(pair[1])
        try:
            source.startTransmit(sink)
        except pj.Error as error:
            LOG.warning("bridge: cannot connect %s to %s: %s", *pair, error.reason)
            return
        self._made[pair] = (source, sink)

    def _disconnect(self, pair: Pair) -> None:
        source, sink = self._made.pop(pair)
        with contextlib.suppress(pj.Error):  # the port of a call that ended has left the bridge already
            source.stopTransmit(sink)

    def _drop(self, end: str) -> None:
        """The connections of an end whose media is another now."""
        for pair in tuple(self._made):
            if end in pair:
                self._disconnect(pair)
