"""<MAC> in the spellings of other makers' servers: in option 160, in a setting and in an include."""

from __future__ import annotations

import pytest

from deskphone.config.lines import Unit
from deskphone.config.reader import read
from deskphone.wire.provisioning_url import device, from_server, from_url
from tests.unit.config.family import with_account

MAC = "00908f3bbcba"
DEVICE = device("420HD", MAC)
SPELLINGS = [
    "<MAC>", "<Mac>", "%3CMAC%3E", "%3cmac%3e", "{mac}", "${MAC}", "{{ mac }}", "$(mac)", "$MAC", "%MAC%", "[mac]",
    "<mac-address>", "$mac_address", "{macaddr}",
    "%253CMAC%253E", "&lt;MAC&gt;", "#{mac}", "{$mac}", "%%MAC%%", "__MAC__", "$mac$",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_phone_asks_for_its_own_file(spelling: str) -> None:
    wanted = f"http://h.example/p/{MAC}.cfg"
    assert from_url(f"http://h.example/p/{spelling}.cfg", DEVICE).configurations[0] == wanted
    assert from_url(f"http://h.example/p/;{spelling}.cfg", DEVICE).configurations[0] == wanted
    assert from_server("h.example", f"x.img;{spelling}.cfg", DEVICE).configurations[0] == f"tftp://h.example/{MAC}.cfg"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_setting_and_an_include_mean_the_same(spelling: str) -> None:
    settings = with_account(f"provisioning/configuration/url=http://h.example/{spelling}.cfg").settings
    assert settings is not None and settings.provisioning.configuration_url == "http://h.example/<MAC>.cfg"
    asked = list[str]()

    def fetch(reference: str) -> bytes:
        asked.append(reference)
        return b"voip/line/0/id=4101\n"

    read(f"include {spelling}.cfg\n".encode(), "http://h.example/a.cfg", None, fetch, Unit(MAC))
    assert asked == [f"http://h.example/{MAC}.cfg"]


def test_a_file_may_have_the_mac_for_its_whole_name() -> None:
    asked = list[str]()

    def fetch(reference: str) -> bytes:
        asked.append(reference)
        return b"voip/line/0/id=4101\n"

    read(b"include <MAC>\ninclude <MODEL>\n", "http://h.example/a.cfg", None, fetch, Unit(MAC))
    assert asked == [f"http://h.example/{MAC}", "http://h.example/420HD"]


@pytest.mark.parametrize(
    "name", ["machine.cfg", "$machine.cfg", "mac.cfg", "model/mac.cfg", "a$b.cfg", "%41.cfg", "a__mac__b.cfg"]
)
def test_a_name_of_its_own_stays(name: str) -> None:
    assert from_url(f"http://h.example/;{name}", DEVICE).configurations[0] == f"http://h.example/{name}"
