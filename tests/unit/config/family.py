"""What the tests of the family's files begin with: an account, and how a file is read."""

from __future__ import annotations

from deskphone.config.layers import Layers
from deskphone.config.reader import read
from deskphone.config.result import ReadResult

S = "voip/signalling/sip"
ACCOUNT = f"""\
voip/line/0/enabled=1
voip/line/0/id=4101
voip/line/0/auth_name=4101
voip/line/0/auth_password=example-1
{S}/use_proxy=1
{S}/proxy_address=127.0.0.1
"""


def reading(text: str | bytes, base: Layers | None = None) -> ReadResult:
    return read(text.encode() if isinstance(text, str) else text, "a.cfg", base)


def with_account(text: str) -> ReadResult:
    """What comes of an account and these lines: the account is in force whatever they are."""
    result = reading(f"{ACCOUNT}{text}\n")
    assert result.settings is not None and result.serverless == "", result.report()
    assert result.settings.line[0].id == "4101" and result.settings.proxy.address == "127.0.0.1"
    return result


def phone_with_account() -> Layers:
    """A phone that has its account."""
    layers = reading(ACCOUNT).layers
    assert layers is not None
    return layers
