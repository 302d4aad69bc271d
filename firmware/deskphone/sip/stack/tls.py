"""TLS of SIP: whom it trusts, who it says it is, and what a failure of the handshake is called.

Law: the certificates are those of the room `trust`, the same as for files, read again before each listener is opened.
OpenSSL's words never reach the screen: each kind of failure has a name, and the name its words.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pjsua2 as pj

from deskphone.config.settings import Settings
from deskphone.sip.options import UserAgentOptions
from deskphone.trust import certificates

LOG = logging.getLogger("deskphone.useragent")

HANDSHAKE_MS = 5_000
"""Milliseconds in which a handshake must be done, either way; pjsip of itself waits for ever, a handle each."""
FAILED = "tls:failed"
"""The name of a failure nobody can say more of: another protocol, a server that wants a certificate of ours."""
_TROUBLES = (  # pjlib's bits (ssl_sock.h): the most telling first
    (1 << 30, "tls:wrong_name"),
    (1 << 2, "tls:not_valid_now"),
    (1 << 7, "tls:revoked"),
    (1 << 0 | 1 << 1 | 1 << 5 | 1 << 8, "tls:untrusted"),
    (1 << 3 | 1 << 4 | 1 << 6 | 1 << 9, "tls:bad_certificate"),
)


def credentials(options: UserAgentOptions) -> certificates.Credentials:
    """What counts now: the system's authorities and the site's, and our own certificate."""
    if options.data is None:
        return certificates.Credentials(options.ca_file and Path(options.ca_file).read_text("ascii", "replace"))
    return certificates.credentials(options.data, Path(options.ca_file))


def configure(tls: Any, settings: Settings, mine: certificates.Credentials) -> None:
    """pjsua2's TlsConfig. By value, because pjsip takes one file of authorities and we have several."""
    own = settings.sip.tls
    for problem in mine.problems:
        LOG.warning("certificate: %s", problem)
    tls.CaBuf = mine.authorities
    tls.certBuf, tls.privKeyBuf = mine.certificate, mine.private_key
    tls.verifyServer = own.verify_server
    tls.msecTimeout = HANDSHAKE_MS
    tls.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_3 | (0 if own.method == "TLS_1_3" else pj.PJ_SSL_SOCK_PROTO_TLS1_2)


def trouble(status: int, established: bool) -> str:
    """What was wrong with a connection that is lost: by pjlib's verify status (pjsip looks at it behind the handshake),
    `tls:failed` for a handshake that failed otherwise, "" for a connection that was good.
    """
    return next((name for bits, name in _TROUBLES if status & bits), "" if established else FAILED)
