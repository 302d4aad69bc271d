"""How this phone asks a provisioning server: its name, whom it trusts, its login.

Law: values only; `check` makes them, the protocols read them.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from deskphone.provision.address import Login


@dataclass(frozen=True, slots=True)
class Options:
    """user_agent ends with `model; MAC)`. login: of the settings, for the origin it names. only_tls: nothing is asked
    for in the clear, whoever named the place."""

    user_agent: str
    tls: ssl.SSLContext
    login: Login | None = None
    only_tls: bool = False
