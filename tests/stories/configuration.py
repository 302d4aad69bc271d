"""The configuration file of a story's phone.

Law: the usual settings once, for every bench; a story names only what it changes (`voip__dialing__timeout="5"`).
"""

from __future__ import annotations

from functools import lru_cache

from deskphone.config.layers import Layers
from deskphone.config.reader import read
from tests.layers import of_file


def configuration(number: str = "1502", password: str = "secret", **settings: str) -> bytes:
    """The usual settings of a story's phone, as a configuration file."""
    lines = {
        "voip/line/0/enabled": "1",
        "voip/line/0/id": number,
        "voip/line/0/auth_name": number,
        "voip/line/0/auth_password": password,
        "voip/signalling/sip/use_proxy": "1",
        "voip/signalling/sip/proxy_address": "127.0.0.1",
        "voip/signalling/sip/proxy_timeout": "300",
        "deskphone/time/zone": "UTC",
    }
    lines |= {name.replace("__", "/"): value for name, value in settings.items()}
    return "".join(f"{name}={value}\n" for name, value in lines.items()).encode()


@lru_cache(maxsize=256)  # most stories begin with the same file, and reading it takes as long as the story
def file_of(text: bytes) -> Layers:
    """Its layers, as the phone would have read them."""
    result = read(text, "story.cfg")
    assert result.settings is not None, result.report()
    return of_file(result.settings)
