"""One whole check: where to look, the configuration, certificates, firmware; as events for the phone.

Law: everything a check may do to the world goes through `Means`; it holds no time and no chance.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from deskphone.config.layers import Layers
from deskphone.config.lines import Unit
from deskphone.config.settings import Settings
from deskphone.core.events import Event, FirmwareOffered, Provisioned, SettingsLoaded, SettingsRejected
from deskphone.drivers.ports import Post
from deskphone.net.lease import Lease
from deskphone.provision import certificates, directory, firmware, known, multicast, reading, sources, typed_login
from deskphone.provision.address import Login, address
from deskphone.provision.fetcher import Fetcher
from deskphone.provision.options import Options
from deskphone.provision.problem import QUIET, Outcome, Problem, strip_login, without_login
from deskphone.provision.reading import Found
from deskphone.provision.sink import CONFIGURATION_SECONDS
from deskphone.trust.certificates import trust
from deskphone.trust.signature import KEYRING
from deskphone.wire import provisioning_url
from deskphone.wire.errors import WireError
from deskphone.wire.provisioning_url import Device, Place

log = logging.getLogger("deskphone.provisioning")
STAGES = 4  # places in a row of which each names the next


@dataclass(frozen=True, slots=True)
class Means:
    """What a check needs of the phone.

    mac: of the interface, "" until there is one. settings: those in force. layers: those a file is laid over. keep:
    stores what was accepted (OSError where that fails). kept: whether some are there that the next start of the program
    can begin with. under: what would be in force with that file, whatever
    lies over it. static: the URL of the command line. keyring: who may sign firmware. refused: bundles that were the
    wrong ones. directory: what was told of the company's directory.
    """

    mac: str
    version: str
    data: Path
    settings: Callable[[], Settings]
    layers: Callable[[], Layers]
    keep: Callable[[Layers, bytes], None]
    kept: Callable[[], bool]
    unix: Callable[[], int]
    static: str = ""
    keyring: Path = KEYRING
    seconds: float = CONFIGURATION_SECONDS
    refused: firmware.Memory = field(default_factory=dict)
    under: Callable[[Layers], Settings] = lambda layers: layers.settings
    directory: directory.Memory = field(default_factory=directory.Memory)


def user_agent(settings: Settings, version: str, mac: str) -> str:
    """Ends with `model; MAC)`: provisioning servers read the MAC from there."""
    tail = f"; {mac.upper()}" if settings.provisioning.mac_in_header else ""
    product = settings.provisioning.user_agent or f"deskphone/{version}"
    return f"{product} ({settings.system.model}{tail})"


async def check(means: Means, lease: Lease | None, post: Post) -> None:
    """One whole check. Posts SettingsLoaded or SettingsRejected where there is a file, Provisioned in any case, and
    FirmwareOffered where firmware is looked for. Raises nothing that is a Problem."""
    settings = means.settings()
    mac = lease.mac if lease is not None and lease.mac else means.mac
    try:
        device = provisioning_url.device(settings.system.model, mac.lower())
    except WireError as error:
        post(Provisioned("", means.unix(), Outcome.FAILED, str(error)))
        return
    choice = await _choose(means, settings, lease, device)
    for problem in choice.problems:
        log.warning("%s", without_login(problem))
    if choice.place is None:
        off = settings.provisioning.method.value == "DISABLE" and not choice.problems
        detail = "; ".join(choice.problems)
        post(Provisioned("", means.unix(), Outcome.OFF if off else Outcome.NO_SOURCE, without_login(detail)))
        return
    asked, loaded, base = list[str](), list[Event](), means.layers()
    while choice.place is not None:
        asked.append(strip_login(choice.place.configurations[0]))
        stage = await _stage(means, settings, choice, device, base)
        news: list[Event] = [event for event in stage.events if isinstance(event, SettingsLoaded)]
        loaded = news or loaded
        following = sources.next_stage(settings, stage.settings, device, means.static)
        if following.place is None or strip_login(following.place.configurations[0]) in asked or not news:
            break
        if len(asked) == STAGES:
            log.warning("the file names another place once more: expected at most %d in a row", STAGES)
            break
        settings, choice, base = stage.settings, following, stage.layers
    for event in (*loaded, *(event for event in stage.events if event not in loaded)):
        post(event)
    await _directory(means, stage, post)
    if stage.firmware:
        await _firmware(means, stage.settings, stage.firmware, stage.fetcher, post)


@dataclass(frozen=True, slots=True)
class _Stage:
    """One place asked. layers: the file's, as far as they have come; settings: those that would be in force with it.
    source: of the configuration."""

    source: str
    events: list[Event]
    layers: Layers
    settings: Settings
    firmware: str
    fetcher: Fetcher


async def _stage(means: Means, settings: Settings, choice: sources.Choice, device: Device, base: Layers) -> _Stage:
    """Ask one place, keep what is accepted, and fetch the certificates it names: the next place may need them."""
    assert choice.place is not None
    log.info("asking %s", without_login(choice.place.configurations[0]))
    typed = _typed(means, settings, choice.place)
    place = _without_logins(choice.place) if typed is not None else choice.place
    fetcher = await _fetcher(means, settings, device, typed or _login(settings, place))
    reader = reading.Reader(base, Unit(device.mac, device.model))
    found = await reading.configuration(place.configurations, fetcher, _known(means), reader)
    if typed is not None and found.outcome is Outcome.LOGIN:
        await asyncio.to_thread(_forget, means)
    events = await asyncio.to_thread(_events, means, found, choice.named_by)  # it waits for the card
    now = means.under(found.layers) if found.layers is not None else settings
    for problem in await certificates.refresh(now, means.data, fetcher):
        log.warning("certificate: %s", problem)
    return _Stage(found.source, events, found.layers or base, now, place.firmware, fetcher)


async def _choose(means: Means, settings: Settings, lease: Lease | None, device: Device) -> sources.Choice:
    choice = sources.choose(settings, lease, device, means.static)
    if choice.place is not None or choice.problems or settings.provisioning.method.value != "DYNAMIC":
        return choice
    if settings.provisioning.multicast:
        try:
            url = await multicast.ask(_question(means, settings, device))
        except OSError as error:
            log.warning("multicast: %s", error.strerror or error)
            url = ""
        if url:
            return sources.from_text(url, sources.MULTICAST, device)
    return sources.redirect(settings, device)


def _question(means: Means, settings: Settings, device: Device) -> multicast.Question:
    prov = settings.provisioning
    version = prov.multicast_version or means.version
    agent = user_agent(settings, means.version, device.mac)
    return multicast.Question(device, version, "", prov.multicast_vendor, agent)


async def _fetcher(means: Means, settings: Settings, device: Device, login: Login | None) -> Fetcher:
    prov = settings.provisioning
    trusted = await asyncio.to_thread(trust, means.data, prov.verify_server)  # reads all the system trusts
    for problem in trusted.problems:
        log.error("certificate: %s", problem)
    agent = user_agent(settings, means.version, device.mac)
    only_tls = trusted.owned and not prov.plain_allowed
    return Fetcher(Options(agent, trusted.context, login, only_tls), means.seconds)


def _typed(means: Means, settings: Settings, place: Place) -> Login | None:
    """What a person typed for this very server; it wins over the logins of URL and settings, which were refused."""
    if not settings.provisioning.ask_on_screen:
        return None
    typed = typed_login.load(means.data)
    try:
        here = address(place.configurations[0]).origin
    except Problem:
        return None
    return typed if typed is not None and typed.origin == here else None


def _without_logins(place: Place) -> Place:
    return Place(strip_login(place.firmware), tuple(map(strip_login, place.configurations)))


def _forget(means: Means) -> None:
    try:
        typed_login.forget(means.data)
    except OSError as error:
        log.error("a login that is wrong cannot be removed: %s", error)


def _login(settings: Settings, place: Place) -> Login | None:
    """The login of the settings is for the server that was named, and for no other it may point to."""
    prov = settings.provisioning
    if not prov.user_name:
        return None
    try:
        return Login(address(place.configurations[0]).origin, prov.user_name, prov.password)
    except Problem:
        return None


def _known(means: Means) -> known.Known:
    """What is known of the last good download: nothing where the settings it led to are gone, or another version of
    the program read them."""
    found = known.load(means.data)
    return found if means.kept() and found.version == means.version else known.Known()


def _events(means: Means, found: Found, named_by: str) -> list[Event]:
    # What looks like a path may be a password that forgot its %2F, so a URL is told less exactly than it was fetched.
    at, source = means.unix(), without_login(found.source)
    detail = found.errors[0] if found.errors else ""
    over = Provisioned(source, at, found.outcome, detail, named_by)
    if found.layers is not None:
        idle = found.known.idle
        over = replace(over, refused=found.errors, idle=idle, detail="")
        for doubt in found.doubts[:100]:
            log.warning("%s", doubt)
        try:
            means.keep(found.layers, found.written)
            known.save(means.data, replace(found.known, at=at, version=means.version))
        except OSError as error:  # full or read-only: the settings count until the next power-off
            why = f"{means.data}: cannot be written: {error.strerror}"
            return [
                SettingsLoaded(found.layers, source, refused=found.errors, idle=idle),
                replace(over, outcome=Outcome.NOT_KEPT, detail=why),
            ]
        return [SettingsLoaded(found.layers, source, kept=True, refused=found.errors, idle=idle), over]
    if found.outcome is Outcome.UNCHANGED:
        return [replace(over, detail="", refused=found.errors, idle=found.known.idle)]
    if found.outcome in QUIET:
        return [over]
    return [SettingsRejected(source, found.errors), over]


async def _directory(means: Means, stage: _Stage, post: Post) -> None:
    """The company's directory and the speed dials, where a setting names them."""
    news, problems = await directory.refresh(stage.settings, stage.source, stage.fetcher, means.directory)
    for event in news:
        post(event)
    for problem in problems:
        log.warning("directory: %s", problem)


async def _firmware(means: Means, settings: Settings, url: str, fetcher: Fetcher, post: Post) -> None:
    if not means.keyring.exists():
        log.info("no firmware is looked for: %s is not there", means.keyring)
        return
    model = settings.system.model
    try:
        bundle = await firmware.look(
            url,
            fetcher,
            means.data,
            means.keyring,
            model=model,
            version=means.version,
            memory=means.refused,
        )
    except firmware.Refused as refused:
        post(FirmwareOffered(refused.version, refused.verdict, str(refused)))
        return
    if bundle is None:
        post(FirmwareOffered("", firmware.Verdict.NONE))
    else:
        post(FirmwareOffered(bundle.manifest.version, firmware.Verdict.VERIFIED))
