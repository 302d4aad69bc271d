"""The certificates that the settings name by URL, fetched for the room `trust` to keep.

Law: fetches; what a certificate is good for, and where it lies, is `trust`'s.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from deskphone.config.settings import Settings
from deskphone.provision.fetcher import Fetcher
from deskphone.provision.problem import Problem
from deskphone.trust import certificates


async def refresh(settings: Settings, data: Path, fetcher: Fetcher) -> tuple[str, ...]:
    """Fetch the certificates the settings name; an old one stays where the new one is none. Returns the problems.

    Their names count from now on; whoever may write the configuration chooses whom the phone trusts anyway.
    """
    problems = list(await asyncio.to_thread(certificates.forget, data, settings))
    for name, url in certificates.wanted(settings).items():
        try:
            file = await fetcher.get(url, size=certificates.SIZE)
            await asyncio.to_thread(certificates.keep, data, name, file.data)
        except (Problem, ValueError) as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(f"{name}: cannot be kept: {error.strerror}")
    return tuple(problems)
