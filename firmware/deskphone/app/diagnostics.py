"""What the control socket answers to who looks for a fault: the SIP trace, a packet capture, the recording.

Law: secrets are written over before an answer leaves this process. What takes long is done in pieces or in a thread: a
key may be waiting. A capture is made by another user's unit; here it is asked for, and where it lies is told.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from deskphone.app.refused import Refused, asked_by
from deskphone.app.runtime import Runtime
from deskphone.drivers.capture import LONGEST, Capture
from deskphone.sip.stack.quality import CallQuality
from deskphone.sip.stack.trace import Passed, passed
from deskphone.wire.masking import masked

Json = dict[str, Any]
log = logging.getLogger("deskphone")
MOST = 400  # messages of one answer
MOST_RECORDING = 6_000_000  # characters


@dataclass(frozen=True, slots=True)
class Sources:
    """Where it comes from. trace: the messages after a number; capture: None on a machine without;
    address: the phone's, where no network tells it (on a laptop); quality: a call's
    voice; keyring: who may sign firmware, None for the image's."""

    trace: Callable[[int], Iterable[Passed]] = passed
    capture: Capture | None = None
    address: str = ""
    quality: Callable[[str], CallQuality | None] = lambda call: None
    keyring: Path | None = None


class Diagnostics:
    """The requests, as rows for the table of `control_requests`."""

    def __init__(self, runtime: Runtime, sources: Sources) -> None:
        self._runtime, self._sources = runtime, sources
        self.table: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "trace": self._trace,
            "capture": self._capture,
            "capture_state": self._capture_state,
            "recording": self._recording,
        }

    async def _trace(self, request: Json) -> Json:
        """The SIP messages after a number, at most the newest `most`, masked."""
        after, most = request.get("after", 0), request.get("most", MOST)
        if not _number(after, 2**63) or not _number(most, MOST):
            raise Refused("request", f"after and most: expected numbers, most up to {MOST}")
        found = list(self._sources.trace(after))[-most:] if most else []
        messages = []
        for each in found:
            await asyncio.sleep(0)  # masking one takes a part of a millisecond
            text = masked(each.text).decode("utf-8", "replace")
            messages.append({**each._asdict(), "text": text})
        return {"messages": messages}

    async def _capture(self, request: Json) -> Json:
        """Begin a capture of so many seconds at the phone's own address."""
        seconds = request.get("seconds", 60)
        if not _number(seconds, LONGEST) or not seconds:
            raise Refused("value", f"seconds: expected 1 to {LONGEST}")
        address = self._runtime.phone.network.address or self._sources.address
        if self._sources.capture is None or not address:
            raise Refused("refused", "no packet capture on this machine" if address else "the phone has no address")
        try:
            await asyncio.to_thread(self._sources.capture.ask, seconds, str(ip_address(address)))
        except (ValueError, OSError) as error:
            raise Refused("refused", getattr(error, "strerror", None) or str(error)) from error
        log.warning("%s has the packets at %s captured for %d s", asked_by(request), address, seconds)
        return {"seconds": seconds}

    async def _capture_state(self, request: Json) -> Json:
        """What became of the capture, and the file of the last one, "" for none."""
        capture = self._sources.capture
        if capture is None:
            return {"capture": {"step": "none"}, "file": ""}
        state, file = await asyncio.to_thread(lambda: (capture.state(), capture.file))
        return {"capture": state, "file": str(file or "")}

    async def _recording(self, request: Json) -> Json:
        """The recorder's ring as the text of its file."""
        recorder, phone = self._runtime.recorder.copy(), self._runtime.phone
        text = await asyncio.to_thread(lambda: json.dumps(recorder.dump(phone)))
        if len(text) > MOST_RECORDING:
            raise Refused("refused", "the recording is too large for an answer")
        return {"recording": text}


def _number(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
