"""The company's directory and the speed dials that the settings name, fetched for the core.

Law: fetches at each check; an old one stays in force where the new one is not to be had or is none; it goes with the
setting that named it, which is the core's. What has not changed is not told again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from deskphone.config.lines import resolve
from deskphone.config.settings import Settings
from deskphone.core.events import DirectoryLoaded, Event
from deskphone.provision.fetcher import Fetcher
from deskphone.provision.problem import Problem, strip_login
from deskphone.wire import phone_book

Pairs = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Memory:
    """What was told last: the company's directory (False) and the speed dials (True); of each the URL it was read from
    last, and the ETag there."""

    told: dict[bool, Pairs] = field(default_factory=dict)
    etags: dict[bool, tuple[str, str]] = field(default_factory=dict)


async def refresh(
    settings: Settings, beside: str, fetcher: Fetcher, memory: Memory
) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """What changed, and the problems. beside: the URL of the configuration, for a file that is named without a
    place."""
    prov = settings.provisioning
    events, problems = list[Event](), list[str]()
    wanted: tuple[tuple[str, Callable[[bytes], Pairs], bool], ...] = (
        (prov.directory_url, phone_book.directory, False),
        (prov.speed_dial_url, phone_book.speed_dials, True),
    )
    for name, read, speed_dials in wanted:
        if not name:
            memory.told.pop(speed_dials, None)
            memory.etags.pop(speed_dials, None)
            continue
        try:
            found = await _look(resolve(name, beside), read, fetcher, memory.etags, speed_dials)
        except (Problem, ValueError) as error:  # a WireError is one
            problems.append(str(error) if isinstance(error, Problem) else f"{strip_login(name)}: {error}")
            continue
        if found is not None and memory.told.get(speed_dials) != found:
            memory.told[speed_dials] = found
            events.append(DirectoryLoaded(found, speed_dials))
    return tuple(events), tuple(problems)


async def _look(
    url: str, read: Callable[[bytes], Pairs], fetcher: Fetcher, etags: dict[bool, tuple[str, str]], speed_dials: bool
) -> Pairs | None:
    """The entries, None where the server says that they are the ones read last."""
    known, etag = etags.get(speed_dials, ("", ""))
    file = await fetcher.get(url, etag if known == url else "")
    if file.unchanged:
        return None
    found = read(file.data)
    etags[speed_dials] = (url, file.etag)
    return found
