"""How the event packages of this server misbehave: switches a story turns. All off is a polite server.

Values only; `notifier`, `asfeature`, `hoteling` and `documents` look here each time they act.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

NAMESPACES = {
    "right": "http://www.ecma-international.org/standards/ecma-323/csta/ed3",
    "misprint": "http://www.ecmainternational.org/standards/ecma-323/csta/ed3",  # really sent by some servers
    "other": "urn:example:something-else",
    "none": "",
}
ENCODINGS = ("UTF-8", "ISO-8859-1")
WORDS: dict[str, tuple[str, ...]] = {
    "on_wrong_password": ("silence", "empty", "same nonce", "new nonce"),
    "on_unknown_agent": ("silence", "empty"),
    "nonce": ("fresh", "same"),
    "encoding": ENCODINGS,
    "namespace": tuple(NAMESPACES),
    "full_state": ("multipart", "one by one"),
}


@dataclass(slots=True)
class Quirks:
    """deaf: a command gets its 200 and nothing happens. mute: a 200, and no NOTIFY ever.

    notify_first: the NOTIFY before the 200 of its SUBSCRIBE. repeat_notify: each NOTIFY comes twice, byte by byte.
    nonce "same": each challenge of a DN has the same nonce. device: documents name the DN.
    """

    deaf: bool = False
    mute: bool = False
    notify_first: bool = False
    repeat_notify: bool = False
    on_wrong_password: str = "silence"
    on_unknown_agent: str = "empty"
    nonce: str = "fresh"
    encoding: str = "UTF-8"
    namespace: str = "right"
    full_state: str = "multipart"
    device: bool = True

    def set(self, name: str, value: object) -> None:
        """One switch by name; ValueError where there is no such switch or value."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        if name not in known:
            raise ValueError(f"quirk {name!r}: expected one of {', '.join(known)}")
        expected: tuple[object, ...] = WORDS.get(name, (True, False))
        if value not in expected or isinstance(value, bool) != isinstance(known[name], bool):
            raise ValueError(f"quirk {name} {value!r}: expected one of {expected}")
        setattr(self, name, value)
