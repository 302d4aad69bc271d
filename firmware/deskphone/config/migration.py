"""What an older version of the phone kept of the person's choices, taken once into the person's layer.

Law: reads three sections of the store in their old form, never raises, and overrides nothing that equals the
configured value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from deskphone.config.kind import BadValue
from deskphone.config.layers import Layer, Layers
from deskphone.config.ring_tones import RING_TONES, named
from deskphone.config.schema.words import ForwardType, LocalAnswer
from deskphone.config.settings import Value

SECTIONS = ("volumes", "ring_tone", "services")
VOLUMES = ("ring", "handset", "speaker", "headset")
LOUDEST = 10
FORWARDING = {
    "always": ForwardType.UNCONDITIONAL,
    "busy": ForwardType.BUSY,
    "no_reply": ForwardType.NO_REPLY,
}
_FORWARD = "voip/line/0/call_forward"
_AUTO = "voip/advanced_auto_answer"


def person(layers: Layers, stored: Mapping[str, str]) -> tuple[Layers, tuple[str, ...]]:
    """The layers with what the old sections hold in the person's layer, and a note on each that could not be read.

    layers: with the file's and the administrator's values in place, so that equal ones override nothing.
    stored: the store's sections by name; only SECTIONS are read.
    """
    notes = []
    readers: dict[str, Callable[[Layers, Any], dict[str, Value]]] = {
        "volumes": _volumes,
        "ring_tone": _ring_tone,
        "services": _services,
    }
    for section in SECTIONS:
        if section not in stored:
            continue
        try:
            layers, _ = layers.set_all(Layer.PERSON, readers[section](layers, json.loads(stored[section])))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
            why = str(wrong) if isinstance(wrong, BadValue) else type(wrong).__name__
            notes.append(f"{section}: not as it was written by an older version ({why}), dropped")
    return layers, tuple(notes)


def _volumes(layers: Layers, kept: Any) -> dict[str, Value]:
    good = {which: kept[which] for which in VOLUMES if isinstance(kept.get(which), int)}
    return {f"deskphone/volume/{which}": min(LOUDEST, max(0, int(value))) for which, value in good.items()}


def _ring_tone(layers: Layers, kept: Any) -> dict[str, Value]:
    """Nothing where the configured name means the kept tone (Ring01 and classic are one)."""
    if kept not in RING_TONES or named(layers.settings.audio.ring_tone) == kept:
        return {}
    return {"personal_settings/lines/0/ring_tone": kept}


def _services(layers: Layers, kept: Any) -> dict[str, Value]:
    forward, settings = kept["forward"], layers.settings
    kind, number = str(forward["kind"]), str(forward["number"])
    values: dict[str, Value] = {
        "voip/line/0/do_not_disturb/activated": bool(kept["dnd"]),
        "voip/services/call_waiting/enabled": bool(kept["call_waiting"]),
    }
    if kind in FORWARDING and number:
        values |= {
            f"{_FORWARD}/active": True,
            f"{_FORWARD}/type": FORWARDING[kind],
            f"{_FORWARD}/destination": number,
            f"{_FORWARD}/timeout": int(forward["after"]),
        }
    else:
        values[f"{_FORWARD}/active"] = False
    if "auto_answer" in kept and bool(kept["auto_answer"]) != settings.auto_answer.by_timer:
        on = bool(kept["auto_answer"])
        values |= {f"{_AUTO}/activated": True, f"{_AUTO}/type": LocalAnswer.TIMER} if on else {f"{_AUTO}/activated": on}
    return values
