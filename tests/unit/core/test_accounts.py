"""Where the phone registers: the registrar of its own, the outbound proxy and the second server, by the settings."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from deskphone.config.schema.words import RedundancyMode, Transport
from deskphone.config.settings import Settings
from deskphone.core.lines.line import accounts
from deskphone.core.state import Phone
from tests.layers import of_file

FILE = Settings()
BASE = replace(
    FILE,
    line=(replace(FILE.line[0], id="1502"), *FILE.line[1:]),
    proxy=replace(FILE.proxy, use_proxy=True, address="sips-a", port=5060),
    registrar=replace(FILE.registrar, address="registrar", port=5070),
    outbound=replace(FILE.outbound, address="edge", port=5080),
    secondary=replace(FILE.secondary, address="sips-b", port=5061),
)


@pytest.mark.parametrize(("enabled", "as_proxy", "both"), tuple(product((False, True), repeat=3)))
def test_a_registrar_of_its_own_takes_the_first_registration_only(enabled: bool, as_proxy: bool, both: bool) -> None:
    mode = RedundancyMode.SIMULTANEOUS if both else RedundancyMode.DISABLE
    settings = replace(
        BASE, registrar=replace(BASE.registrar, enabled=enabled, use_proxy=as_proxy),
        redundant=replace(BASE.redundant, mode=mode, enabled=both),
    )  # fmt: skip
    found = accounts(Phone(layers=of_file(settings)))
    first = "sip:registrar:5070" if enabled and not as_proxy else "sip:sips-a:5060"
    assert [each.registrar for each in found] == [first, "sip:sips-b:5061"][: 2 if both else 1]
    assert [each.proxy for each in found] == ["sip:sips-a:5060", "sip:sips-b:5061"][: 2 if both else 1]
    assert [each.server for each in found] == [0, 1][: 2 if both else 1]


@pytest.mark.parametrize(("enabled", "address"), tuple(product((False, True), ("", "edge"))))
def test_the_outbound_proxy_is_the_first_hop_where_it_is_on_and_named(enabled: bool, address: str) -> None:
    settings = replace(BASE, outbound=replace(BASE.outbound, enabled=enabled, address=address))
    [account] = accounts(Phone(layers=of_file(settings)))
    assert account.proxy == ("sip:edge:5080" if enabled and address else "sip:sips-a:5060")
    assert (account.aor, account.registrar) == ("sip:1502@sips-a", "sip:sips-a:5060")


@pytest.mark.parametrize("domain", ["example.com", "2001:db8::1"])
def test_the_domain_of_the_phones_address_is_the_gateways_and_the_way_the_proxys(domain: str) -> None:
    both = replace(BASE.redundant, mode=RedundancyMode.SIMULTANEOUS)
    settings = replace(BASE, proxy=replace(BASE.proxy, domain=domain), redundant=both)
    found = accounts(Phone(layers=of_file(settings)))
    shown = f"[{domain}]" if ":" in domain else domain
    assert [each.aor for each in found] == [f"sip:1502@{shown}"] * 2
    assert [each.proxy for each in found] == ["sip:sips-a:5060", "sip:sips-b:5061"]


def test_without_a_number_or_a_server_there_is_none() -> None:
    assert accounts(Phone(layers=of_file(replace(BASE, line=FILE.line)))) == ()
    assert accounts(Phone(layers=of_file(replace(BASE, proxy=replace(BASE.proxy, use_proxy=False))))) == ()


@pytest.mark.parametrize(("transport", "sips"), tuple(product(Transport, (False, True))))
def test_sips_addresses_go_with_tls_only(transport: Transport, sips: bool) -> None:
    settings = replace(BASE, sip=replace(BASE.sip, transport=transport, sips=sips))
    [account] = accounts(Phone(layers=of_file(settings)))
    scheme = "sips" if sips and transport is Transport.TLS else "sip"
    addresses = (account.aor, account.registrar, account.proxy)
    assert addresses == (f"{scheme}:1502@sips-a", f"{scheme}:sips-a:5060", f"{scheme}:sips-a:5060")
