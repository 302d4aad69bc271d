"""The writer: `Settings` to the text of a configuration file.

One `name=value` line a setting, in alphabetical order as the 420HD exports them. Secrets are masked unless asked for.
"""

from __future__ import annotations

import re

from deskphone.config.kind import MASKED_USER, Url
from deskphone.config.registry import slots_of, value_at
from deskphone.config.secret import Secret
from deskphone.config.settings import Settings

_USER_IN_URL = re.compile(r"://.*@")  # to the last one, for a password with an unescaped slash is still one


def dump(settings: Settings, secrets: bool = False, only_changed: bool = False) -> str:
    """The configuration as text. secrets: in clear. only_changed: leave out what equals the default."""
    default = Settings()
    lines = []
    for name, slot in sorted(slots_of(Settings).items()):
        value = value_at(settings, slot.path)
        if only_changed and value == value_at(default, slot.path):
            continue
        text = value.reveal() if secrets and isinstance(value, Secret) else slot.option.kind.format(value)
        if isinstance(slot.option.kind, Url) and not secrets:
            text = _USER_IN_URL.sub(MASKED_USER, text, count=1)
        lines.append(f"{name}={text}\n")
    return "".join(lines)
