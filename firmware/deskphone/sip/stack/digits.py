"""DTMF of one call: telephone-event, INFO, or tones in the voice.

Law: SIP thread only. Falling back from telephone-event to tones is protocol: the far end offered nothing else.
"""

from __future__ import annotations

import logging
import weakref

import pjsua2 as pj

from deskphone.sip.stack.surroundings import PjCall, Surroundings
from deskphone.sip.stack.tone import DialTones

LOG = logging.getLogger("deskphone.useragent")
OFFERED = 2.0
"""Seconds that digits wait for the answer to our offer; it comes in the ACK (RFC 3261, 14.2)."""
CHECKED = 0.2
"""Seconds between looks whether the last tone has sounded."""


class Digits:
    """What one call sends. The call is held weakly, as in `holding`."""

    def __init__(self, leg: PjCall, around: Surroundings) -> None:
        self._leg = weakref.ref(leg)
        self._name = leg.name
        self._around = around
        self._tones: DialTones | None = None
        self._held: list[tuple[str, str]] | None = None  # None: they go at once

    def hold(self) -> None:
        """The far end asked for an offer: the stream is about to be made anew, and would take a digit along."""
        if self._held is None:
            self._held = []
            self._around.loop.after(OFFERED, self.go)

    def go(self) -> None:
        """The stream is there, or nothing came: what waited goes."""
        held, self._held = self._held or (), None
        for text, method in held:
            self.send(text, method)

    def send(self, text: str, method: str) -> None:
        """By rfc4733, info or inband; rfc4733 falls back to tones where the far end has no telephone-event."""
        if self._held is not None:
            self._held.append((text, method))
            return
        if method == "inband":
            self._inband(text)
            return
        prm = pj.CallSendDtmfParam()
        prm.digits = text
        prm.duration = self._around.settings.dtmf.duration
        prm.method = pj.PJSUA_DTMF_METHOD_SIP_INFO if method == "info" else pj.PJSUA_DTMF_METHOD_RFC2833
        leg = self._leg()
        if leg is None:
            return
        try:
            leg.sendDtmf(prm)
        except pj.Error as error:
            LOG.info("call %s: DTMF by %s: %s; sent as tones", self._name, method, error.reason)
            self._inband(text)

    def silence(self) -> None:
        """The call is over: give the tone generator back."""
        self._tones = self._held = None

    def _inband(self, text: str) -> None:
        media = self._around.board.media_of(self._name)
        if media is None:
            return
        if self._tones is None:
            self._tones = DialTones(media)
            self._around.board.dialled_into(self._name, True)
            self._around.loop.after(CHECKED, self._tones_over)
        self._tones.play(text, self._around.settings.audio.gain.dtmf_level)

    def _tones_over(self) -> None:
        """Give the generator back when its last digit has sounded."""
        if self._tones is not None and self._tones.busy:
            self._around.loop.after(CHECKED, self._tones_over)
        else:
            self._tones = None
            self._around.board.dialled_into(self._name, False)
