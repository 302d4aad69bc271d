"""Where to look, best first: a fixed URL, DHCP (160, 66/67, 43), multicast, the redirect server.

Law: settings and a lease in, one place out; it fetches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.schema.words import ProvisioningMethod
from deskphone.config.settings import Settings
from deskphone.net.lease import Lease
from deskphone.wire import provisioning_url
from deskphone.wire.dhcp import ProvisioningOffer, read_offer
from deskphone.wire.errors import WireError
from deskphone.wire.provisioning_url import Device, Place

COMMAND_LINE, CONFIGURATION, MULTICAST, REDIRECT = "command_line", "configuration", "multicast", "redirect"
NAMES = (COMMAND_LINE, CONFIGURATION, MULTICAST, REDIRECT)
"""Who may name a place beside DHCP, whose option is named by its number."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The one place to ask, None where there is none; who named it (NAMES); what was wrong with the rest."""

    place: Place | None
    named_by: str = ""
    problems: tuple[str, ...] = ()


def choose(settings: Settings, lease: Lease | None, device: Device, static: str = "") -> Choice:
    """The best place. static: the URL of the command line, which wins over everything.

    A better source that is named is the only one asked: a phone never falls back to a place its owner did not mean.
    """
    prov = settings.provisioning
    if static:
        return _fixed(static, "", COMMAND_LINE, device)
    if prov.method is ProvisioningMethod.DISABLE:
        return Choice(None)
    if prov.method is ProvisioningMethod.STATIC:
        if not prov.configuration_url:
            return Choice(None, problems=("provisioning/configuration/url: expected a URL with STATIC, got nothing",))
        return _fixed(prov.configuration_url, prov.firmware_url, CONFIGURATION, device)
    offer = read_offer(lease.options, device, prov.dhcp_option) if lease is not None else ProvisioningOffer()
    if offer.sources:
        best = offer.sources[0]
        return Choice(best.place, str(best.option), offer.problems)
    return Choice(None, problems=offer.problems)


def next_stage(before: Settings, after: Settings, device: Device, static: str = "") -> Choice:
    """Where the file just read sends the phone on to; nowhere where it says nothing new of that.

    A first file that all phones get by DHCP names the place of their own (STATIC); it is followed at once and stays.
    """
    was, now = before.provisioning, after.provisioning
    if static or now.method is not ProvisioningMethod.STATIC or not now.configuration_url:
        return Choice(None)
    if (was.method, was.configuration_url) == (now.method, now.configuration_url):
        return Choice(None)
    return choose(after, None, device)


def redirect(settings: Settings, device: Device) -> Choice:
    """The redirect server: asked when nobody named another place."""
    url = settings.provisioning.redirect_url
    return from_text(url, REDIRECT, device) if url else Choice(None)


def from_text(url: str, named_by: str, device: Device) -> Choice:
    """A place from one of the printed forms of option 160."""
    try:
        return Choice(provisioning_url.from_url(url, device), named_by)
    except WireError as error:
        return Choice(None, named_by, (f"{named_by}: {error}",))


def _fixed(configuration: str, firmware: str, named_by: str, device: Device) -> Choice:
    """Whole URLs: whatever the last word looks like, it is the configuration. A directory gets the usual names."""
    scheme, _, rest = configuration.partition("://")
    host, _, path = rest.partition("/")
    two = bool(provisioning_url.parted(configuration)[1])
    if two or not path or path.endswith("/"):
        found = from_text(configuration, named_by, device)
    else:
        found = from_text(f"{scheme}://{host}/;{configuration}", named_by, device)
    if found.place is None or two:
        return found
    image = from_text(firmware, named_by, device).place if firmware else None
    return Choice(Place(image.firmware if image else "", found.place.configurations), named_by, found.problems)
