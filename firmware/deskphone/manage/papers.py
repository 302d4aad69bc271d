"""TLS to a server of the owner's: whom the phone believes there, and what it shows of itself.

Law: PEM texts of an answer of the phone; no key lies in a file.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Papers:
    """PEM texts: the owner's authorities besides the system's, the phone's certificate and its key; "" for none."""

    authorities: str = ""
    certificate: str = ""
    private_key: str = field(default="", repr=False)

    @staticmethod
    def of(secrets: dict[str, Any]) -> Papers:
        """Those of an answer of the phone."""
        return Papers(secrets["authorities"], secrets["certificate"], secrets["private_key"])

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or later to a server that is checked. ssl.SSLError where a text is none."""
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.authorities:
            context.load_verify_locations(cadata=self.authorities)
        if self.certificate:
            load(context, self.certificate + "\n" + self.private_key)
        return context


def load(context: ssl.SSLContext, text: str) -> None:
    """Show a certificate with its key (PEM). ssl.SSLError where the text is none. The ssl module reads one from a file
    only: from one that has no name and is no disk's."""
    handle = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        os.write(handle, text.encode())
        context.load_cert_chain(f"/proc/self/fd/{handle}", password="")
    finally:
        os.close(handle)


async def trusted(url: str) -> ssl.SSLContext | bool:
    """For aiohttp's `ssl`: TLS by the system's authorities, made only where a URL is one of https: it takes 2.5 MB."""
    return await asyncio.to_thread(Papers().context) if urlsplit(url).scheme.lower() == "https" else True
