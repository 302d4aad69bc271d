"""What a SIP Server stand-in is told before it starts: addresses, lives, digest, timers, its DNs.

Plain values only; nothing here does anything. A DN is one directory number of the switch (Genesys' word):
the phone's own address, its password and its options.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Timers:
    """RFC 3261 section 17 base timers, seconds. Tests shorten them; the derived timers follow."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def give_up(self) -> float:
        """Timers B, F, H, J, L: 64 * T1."""
        return 64 * self.t1


@dataclass(slots=True)
class DN:
    """One directory number. Mutable: stories change passwords and options while the server runs."""

    number: str
    password: str = ""
    name: str = ""
    auth_name: str = ""
    busy: bool = False
    max_calls: int = 8
    options: dict[str, str] = field(default_factory=dict)

    @property
    def digest_user(self) -> str:
        """The user name expected in Authorization: the DN unless told otherwise."""
        return self.auth_name or self.number


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one server; every time in seconds."""

    host: str = "127.0.0.1"
    port: int = 0
    realm: str = "deskphone"
    product: str = "deskphone-sipserver"
    certificate: str = ""  # file with the key beside it (.pem, .key): TLS on the next port; "" for none
    # Digest. One challenge per algorithm, in this order (RFC 8760: strongest first).
    algorithms: tuple[str, ...] = ("MD5",)
    authenticate: frozenset[str] = frozenset({"REGISTER", "INVITE"})
    nonce_life: float = 300.0
    guests: bool = False  # may callers that are no DN of ours place calls without a password
    # Registration.
    default_expires: int = 300
    min_expires: int = 1
    max_expires: int = 7200
    # Calls.
    ring_limit: float = 180.0
    shutdown_sip_reject_code: int = 603  # 300 to 302: with the address of the other site
    session_expires: int = 1800  # 0 = no session timer of ours
    min_se: int = 90
    timers: Timers = Timers()
    # Bounds: what is over is refused with 503 or dropped, never queued.
    max_transactions: int = 4000
    max_calls: int = 200
    max_subscriptions: int = 500
    max_connections: int = 100
    max_bindings: int = 10
    message_ring: int = 2000

    @property
    def tls_context(self) -> ssl.SSLContext | None:
        """What TLS is served with; None without a certificate. OSError for files that are not there."""
        if not self.certificate:
            return None
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.certificate, self.certificate.removesuffix(".pem") + ".key")
        return made
