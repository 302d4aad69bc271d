"""aiohttp imported without a trust of its own.

Law: imported before aiohttp, and nothing else happens here. aiohttp makes a TLS context for clients that bring none
when it is imported, with every certificate the machine trusts: 40 to 100 ms and 2.5 MB that nobody uses, for whoever
asks for https here brings a context. aiohttp's own finds none, so a client that brought none would refuse every https
address rather than trust a wrong one.
"""

from __future__ import annotations

import os

_WHERE = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where OpenSSL looks instead of the places it was built with (SSL_CTX_load_verify_locations(3))."""

_before = {name: os.environ.get(name) for name in _WHERE}
os.environ.update(dict.fromkeys(_WHERE, os.devnull))
try:
    import aiohttp  # noqa: F401 - for what its import does
finally:
    for _name, _value in _before.items():
        if _value is None:
            del os.environ[_name]
        else:
            os.environ[_name] = _value
