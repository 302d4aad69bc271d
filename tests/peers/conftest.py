"""The site the tests of this folder share; every test must leave it idle and clean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.baresip import CODECS
from tests.peers.site import Site, open_site


@pytest.fixture(scope="module", params=list(CODECS))
def codec_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """One site for each codec: (its name, the site)."""
    with open_site(tmp_path_factory.mktemp(f"site-{request.param}"), request.param) as site:
        yield request.param, site


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for everything that does not depend on the codec."""
    with open_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """The shared site, looked at again after the test."""
    yield shared_site
    shared_site.quiet()
