"""The audio stream of a call, once an offer was answered: onto the switchboard, and what is told of it.

Law: SIP thread only. A call has one voice, whatever lines its description has.
"""

from __future__ import annotations

import weakref
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj

from deskphone.core.events import CallMedia
from deskphone.sip.stack.description import Descriptions
from deskphone.sip.stack.surroundings import Surroundings

RUNNING = (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_LOCAL_HOLD, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)


class Streams:
    """Of one call. The call is held weakly, as in `holding`."""

    def __init__(self, leg: Any, around: Surroundings) -> None:
        self._leg = weakref.ref(leg)
        self._around = around

    def look(self, descriptions: Descriptions) -> CallMedia | None:
        """Connect the voice as pjsua has made it, or nothing; what to tell of it, None where none runs."""
        leg = self._leg()
        if leg is None:
            return None
        info = leg.getInfo()  # held: its media list points into it
        audio = [(place, each) for place, each in enumerate(info.media) if each.type == pj.PJMEDIA_TYPE_AUDIO]
        # The accepted line, wherever it stands: those of other profiles or kinds before it are refused one by one.
        running = [(place, each) for place, each in audio if each.status in RUNNING]
        for place, each in (running or audio)[:1]:
            return self._audio(leg, descriptions, place, each)
        return None

    def _audio(self, leg: Any, descriptions: Descriptions, place: int, stream: Any) -> CallMedia | None:
        """place: in pjsua's list of media, which leaves out what it has no code for; the stream's index: in the SDP."""
        index, status, direction = int(stream.index), int(stream.status), int(stream.dir)
        running = status in RUNNING
        self._around.board.call_media(leg.name, leg.getAudioMedia(place) if running and direction else None)
        if not running:
            return None
        codec, secure = "", False
        if direction:
            agreed = leg.getStreamInfo(index)
            codec = f"{agreed.codecName}/{agreed.codecClockRate}"
            secure = sipext.encrypted(leg.getId(), index)
            descriptions.plain = not secure
        local_hold = status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD
        remote_hold = not direction & pj.PJMEDIA_DIR_ENCODING
        if local_hold and self._around.settings.media.silent_on_hold:
            sipext.stop_sending(leg.getId())  # silence beside a server's music would tear it
        return CallMedia(leg.name, bool(remote_hold), local_hold, codec, secure)
