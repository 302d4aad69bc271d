"""What the phone is, as the panel, the control socket and the REST interface tell it: state and outputs to JSON values.

Law: pure. The fields are an interface that outside tools use: fields may be added; a renamed or removed one is a
CHANGELOG entry.
"""

from __future__ import annotations

from typing import Any

from deskphone.core.calls.state import Call
from deskphone.core.screen import lookup
from deskphone.core.screen.commands import softkeys
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.screen.state import Mode
from deskphone.core.screen.status import provisioning_report
from deskphone.core.state import Phone
from deskphone.view.outputs import Outputs

Json = dict[str, Any]


def state_json(phone: Phone, outputs: Outputs) -> Json:
    """The whole state as JSON values, the body of `GET /panel/state`. Volumes are 0 to 10, `since` is in unix seconds,
    0 before the call is answered."""
    screen, audio, ringing = outputs.screen, outputs.audio, outputs.ringing
    return {
        "title": screen.title,
        "rows": list(screen.words()),
        "softkeys": list(screen.softkeys),
        "lamps": {
            name: str(getattr(outputs.lamps, name)) for name in ("ring", "message", "mute", "headset", "speaker")
        },
        "tone": audio.tone or (ringing.name if ringing else ""),
        "audio": {"path": str(audio.path), "volume": audio.volume, "muted": audio.muted},
        "hook_off": phone.sound.hook_off,
        "servers": [
            {
                "address": line.address,
                "registered": line in phone.registered,
                "status": str(line.status),
                "code": line.code,
                "reason": line.reason,
            }
            for line in phone.lines
        ],
        "calls": [_call(call, phone) for call in phone.calls],
        "agent": {
            "id": phone.agent.id,
            "state": str(phone.agent.presence),
            "reason": phone.agent.reason,
            "wanted": str(phone.agent.wanted),
        },
        "softkey_commands": [str(command) for command in softkeys(phone)],
        "screen": screen.name,
        "marks": [mark.text for mark in screen.marks],
        "clock": screen.clock,
        "bright": screen.bright,
        "ringing": ({"name": ringing.name, "volume": ringing.volume, "once": ringing.once} if ringing else None),
        "call_tone": audio.tone,
        "typing": typing(phone),
        "version": phone.version,
        "provisioning": provisioning_report(phone),
    }


def _call(call: Call, phone: Phone) -> Json:
    return {
        "id": call.id,
        "state": str(call.state),
        "direction": str(call.direction),
        "number": call.remote.number,
        "name": call.remote.name,
        "local_hold": call.local_hold,
        "remote_hold": call.remote_hold,
        "focus": call.id == phone.focus,
        "since": int(phone.now.unix - (phone.now.mono - call.since)) if call.since else 0,
        "codec": call.codec,
        "secure": call.secure,
    }


def typing(phone: Phone) -> str:
    """What a keyboard's letters mean now: "text" (they are typed), "digits" (a number is being dialled), "".

    A person with a keyboard types letters into any form and looks names up by them; on the dialling screen letters
    stay shortcuts until the A/a/1 softkey asks for letters.
    """
    where = situation(phone)
    if where is Situation.FORM or (where is Situation.PAGE and lookup.by_name(phone.pages[-1])):
        return "text"
    if where is Situation.DIALLING and phone.dialling is not None:
        return "digits" if phone.dialling.entry.mode is Mode.DIGITS else "text"
    return ""
