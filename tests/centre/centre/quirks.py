"""How the event packages of this server misbehave: switches a story turns. All off is a polite server.

Values only; `notifier`, `agentpackage` and `hoteling` look here each time they act.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

ON_WRONG_PASSWORD = ("silence", "empty", "same nonce", "new nonce")


@dataclass(slots=True)
class Quirks:
    """deaf: a command gets its 200 and nothing happens. mute: a 200, and no NOTIFY ever.

    notify_first: the NOTIFY before the 200 of its SUBSCRIBE. on_wrong_password: one of ON_WRONG_PASSWORD.
    """

    deaf: bool = False
    mute: bool = False
    notify_first: bool = False
    on_wrong_password: str = "silence"

    def set(self, name: str, value: object) -> None:
        """One switch by name; ValueError where there is no such switch or value."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        if name not in known:
            raise ValueError(f"quirk {name!r}: expected one of {', '.join(known)}")
        expected: tuple[object, ...] = ON_WRONG_PASSWORD if name == "on_wrong_password" else (True, False)
        if value not in expected or isinstance(value, bool) != isinstance(known[name], bool):
            raise ValueError(f"quirk {name} {value!r}: expected one of {expected}")
        setattr(self, name, value)
