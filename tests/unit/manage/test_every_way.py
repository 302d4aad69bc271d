"""Every setting by every way: file, CLI and REST (`Layers.set_all`), web page, ACS. They agree on each value, and what
one shows another reads back."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from deskphone.config.kind import BadValue, Choice, Clock, Codes, Flag, Integer, SecretText, Text
from deskphone.config.layers import Layer, Layers
from deskphone.config.places import Address, Host, Url
from deskphone.config.reader import read
from deskphone.config.registry import Slot, changed, slots_of, value_at
from deskphone.config.rules import RULES
from deskphone.config.secret import MASK
from deskphone.config.settings import Settings, Value
from deskphone.config.writer import dump_file, dump_origins, shown
from deskphone.manage.cwmp.table import out, vendor_path
from deskphone.manage.web.forms import Row, section
from deskphone.manage.web.sections import SECTIONS
from tests.unit.manage.cwmp import server
from tests.unit.manage.cwmp.desk import Desk

OTHER = "deskphone/volume/ring"


def firsts() -> list[Slot]:
    """Each setting, of a row of equals the first."""
    names = [name for name in slots_of(Settings) if name != OTHER and not re.search(r"/[1-9]\d*(/|$)", name)]
    return [slots_of(Settings)[name] for name in names]


def good(slot: Slot) -> Iterator[str]:
    """Values it may have, as people write them: both ends, every word, the longest text."""
    match slot.option.kind:
        case Flag():
            yield from ("0", "1", "Enable", "off")
        case Integer() as kind:
            yield from (str(kind.low), str(kind.high), f"+{kind.high}" if kind.high > 0 else str(kind.high))
            yield from map(str, kind.also)
        case Choice() as kind:
            yield from (each.value for each in kind.words)
            yield from (each.value.title().replace("_", " ") for each in kind.words)
            yield from kind.synonyms
        case Text() as kind if kind.shape is None and slot.name != "system/type":
            yield from ("x" * kind.longest, "B\u00fcro 7; a=b # c", "'a' \"b\"", "\u05e9\u05dc\u05d5\u05dd")
        case SecretText() as kind:
            yield from ("x" * kind.longest, '"p;a=s#s"', "\\'<>&%\u00e9")
        case Host():
            yield from ("192.0.2.1", "pbx.example.com", "2001:db8::1", "[2001:db8::1]", "192.168.001.005", "0.0.0.0")
        case Address() as kind:
            yield from ("255.255.255.0", "/24") if kind.mask else ("192.0.2.1", "192.168.001.005")
        case Url() as kind:
            yield from (f"{scheme}://h.example:80/{{mac}}/a%20b.cfg?x=1&y=2" for scheme in kind.schemes)
        case Clock():
            yield from ("00:00", "23:59", "7:05")
        case Codes():
            yield from ("404,503", "300 699")


def wrong(slot: Slot) -> Iterator[str]:
    """Values it may not have."""
    match slot.option.kind:
        case Flag() | Choice():
            yield from ("bogus", "77")
        case Integer() as kind:
            yield from (str(each) for each in (kind.low - 1, kind.high + 1) if each not in kind.also)
            yield from ("many", "1e3", "9" * 300, "0x", "\u0663\u0663x")
        case Text() | SecretText() as kind if slot.name != "system/type":
            yield "x" * (kind.longest + 1)
        case Host():
            yield from ("256.1.1.1", "1.2.3", "-a.b", "a..b", "x" * 300, "a/b")
        case Address():
            yield from ("256.1.1.1", "1.2.3", "pbx.example.com", "0.0.0.255.1")
        case Url():
            yield from ("gopher://h/", "http://", "http://h:99999/", "http://h/^", "http://a..b/")
        case Clock():
            yield from ("24:00", "7", "7:60")
        case Codes():
            yield from ("200", "40", "404,x")


def by_file(slot: Slot, text: str) -> tuple[Value | None, list[str]]:
    """The value after a file that says so between two other lines, and its errors."""
    result = read(f"{OTHER}=7\n{slot.name}={text}\n{OTHER}=7\n".encode(), "a.cfg")
    assert result.settings is not None and result.settings.get(OTHER) == 7, result.report()
    value: Value = value_at(result.settings, slot.path)
    return value, [str(each) for each in result.errors]


def by_set(slot: Slot, text: str) -> Value:
    """The value of the CLI, REST, a form, MQTT. BadValue."""
    layers, _ = Layers().set(Layer.ADMINISTRATOR, slot.name, text)
    value: Value = value_at(layers.settings, slot.path)
    return value


def by_acs(slot: Slot, text: str) -> Value | None:
    """The value of an ACS, None where it is refused."""
    desk = Desk()
    said = desk.ask(server.put({vendor_path(slot.name): text}))
    assert bool(said.fault) is not bool(desk.set), "refused and set, or neither"
    return None if said.fault else by_set(slot, desk.set[0][slot.name])


def breaks_a_rule(slot: Slot, value: Value) -> bool:
    """Whether it needs another setting beside it, by the rules between them."""
    after = changed(Settings(), {slot.path: value})
    return any(rule.fatal and rule.broken(after) for rule in RULES)


def field_of(slot: Slot, text: str) -> str:
    """What the field of a setting holds on its page."""
    page = section(SECTIONS[0], [Row(slot, text, "administrator")], "token", "").text
    inside = page.partition('<div class="field"')[2]
    held = re.search(r'<option value="([^"]*)" selected|<input value="([^"]*)"', inside)
    return html.unescape(held[1] or held[2] or "") if held else ""


@pytest.mark.parametrize("slot", firsts(), ids=lambda slot: str(slot.name))
def test_every_way_takes_what_a_setting_may_be_and_shows_what_all_the_others_read(slot: Slot) -> None:
    secret = isinstance(slot.option.kind, SecretText)
    for text in good(slot):
        value = by_set(slot, text)
        written, errors = by_file(slot, text)
        lone = breaks_a_rule(slot, value)
        assert (written == value and errors == []) or (lone and len(errors) == 1), (text, errors)
        assert by_acs(slot, text) == value, text
        told = shown(slot, value, secrets=False)
        assert told == (MASK if secret and value else slot.option.kind.format(value))
        assert field_of(slot, told) == ("" if secret else told)
        if not secret:
            assert by_set(slot, field_of(slot, told)) == value, "the page's field, sent back as it is"
            assert value in (by_acs(slot, out(slot, told)), Settings().get(slot.name)), "what an ACS read"
        layers, _ = Layers().set(Layer.ADMINISTRATOR, slot.name, text)
        for export in (dump_file(Layers().with_file({slot.name: value})), dump_origins(layers, True, True)):
            again = read(f"{OTHER}=7\n{export}".encode(), "export.cfg")
            assert again.settings is not None
            assert value_at(again.settings, slot.path) == value or lone, again.report()
        assert not secret or text not in dump_origins(layers, only_changed=True)


@pytest.mark.parametrize("slot", firsts(), ids=lambda slot: str(slot.name))
def test_every_way_refuses_what_it_may_not_be_and_the_file_says_where(slot: Slot) -> None:
    for text in wrong(slot):
        with pytest.raises(BadValue) as refused:
            by_set(slot, text)
        assert str(refused.value).startswith(f"{slot.name}: expected ") and len(str(refused.value)) < 600
        assert by_acs(slot, text) is None, text
        value, errors = by_file(slot, text)
        if getattr(slot.option.kind, "unknown", None) is None:
            assert value == Settings().get(slot.name) and len(errors) == 1, (text, errors)
            assert errors[0].startswith(f"a.cfg:2: {slot.name}: expected ") and "kept " in errors[0]
        if isinstance(slot.option.kind, SecretText):
            assert text not in errors[0] + str(refused.value)


def test_there_is_something_to_try_for_nearly_every_setting() -> None:
    untried = [slot.name for slot in firsts() if not list(good(slot)) or not list(wrong(slot))]
    assert len(firsts()) > 450 and len(untried) < 20, untried
