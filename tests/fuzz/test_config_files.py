"""A thousand generated configuration files, good and broken: the reader never raises and never half accepts."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskphone.config.checks import RULES
from deskphone.config.kind import Choice, Clock, Codes, Flag, Host, Integer, Kind, SecretText, Text, Url
from deskphone.config.reader import ReadResult, read
from deskphone.config.registry import changed, slots_of
from deskphone.config.settings import Settings
from deskphone.config.writer import dump

NAMES = sorted(slots_of(Settings))
PLACE = re.compile(r"[^\n]+:\d+: [^\n]+: [^\n]+\Z")
GOOD = changed(Settings(), {("line", 0, "id"): "1502", ("proxy", "address"): "a.example", ("proxy", "use_proxy"): True})

COUNTS = Counter[str]()

pytestmark = pytest.mark.slow

fuzz = settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
printable = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)


def _valid(kind: Kind) -> st.SearchStrategy[str]:
    """Texts that a kind must read."""
    match kind:
        case Flag():
            return st.sampled_from(["0", "1", "Enable", "disable"])
        case Integer(low, high):
            return st.integers(low, high).flatmap(lambda number: st.sampled_from([str(number), f" {number} "]))
        case Choice(words):
            return st.sampled_from([text for word in words for text in (word.value, word.value.lower())])
        case Host():
            names = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{1,5}){0,3}", fullmatch=True)
            return st.one_of(st.ip_addresses().map(str), names, st.just("0.0.0.0"))
        case Url(schemes):
            return st.builds(
                "{}://h.example/{}".format, st.sampled_from(schemes), st.from_regex(r"[a-z/<>]{0,20}", fullmatch=True)
            )
        case Clock():
            return st.times().map(lambda time: f"{time:%H:%M}")
        case Codes():
            return st.lists(st.integers(300, 699), max_size=5).map(lambda codes: ", ".join(map(str, codes)))
        case Text(longest, shape) if shape is not None:
            return st.from_regex(shape, fullmatch=True).filter(lambda text: _readable(text, longest))
        case Text(longest) | SecretText(longest):
            return printable.filter(lambda text: _readable(text, longest) and text.strip() != "***")
    raise AssertionError(f"no texts for {kind}")


def _readable(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable() and not re.search(r"\s;|^;", text)


@st.composite
def good_lines(draw: st.DrawFn) -> str:
    """One line the reader must accept, with a comment behind it at times."""
    name = draw(st.sampled_from(NAMES))
    value = draw(_valid(slots_of(Settings)[name].option.kind))
    blank = draw(st.sampled_from(["", " ", "\t"]))
    return f"{blank}{name}{blank}={blank}{value}" + draw(st.sampled_from(["", " ; a comment", "\t;"]))


any_line = st.one_of(
    good_lines(),
    st.builds("{}={}".format, st.sampled_from(NAMES), printable),
    st.builds("{}={}".format, printable, printable),
    st.builds(
        "include {}".format, st.one_of(printable, st.sampled_from(["a.cfg", "b.cfg", "http://h/x", "file:///x"]))
    ),
    st.sampled_from(
        ["", "; comment", "# comment", "=", "include", "\ufeff", "system/user_name=admin", "system/password=x"]
    ),
    printable,
)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
files = st.builds(lambda lines, end: end.join(lines).encode(), st.lists(any_line, max_size=15), line_ends)


def held(result: ReadResult) -> None:
    """What holds for every result: all or nothing, and each message says where."""
    assert (result.settings is None) == bool(result.errors)
    for item in (*result.errors, *result.warnings, *result.unknown):
        assert PLACE.match(str(item)), str(item)
    for error in result.errors:
        assert "expected " in error.message and ", got " in error.message, str(error)


@fuzz
@given(st.lists(good_lines(), max_size=12))
def test_lines_that_are_each_good_are_refused_only_by_a_rule_between_them(lines: list[str]) -> None:
    result = read("\n".join(lines).encode(), "good.cfg", GOOD)
    held(result)
    assert not result.unknown
    rules = {(rule.keys[0], rule.message) for rule in RULES if rule.fatal}
    assert {(error.key, error.message) for error in result.errors} <= rules
    COUNTS["accepted" if result.settings else "refused"] += 1
    if result.settings is not None:
        again = read(dump(result.settings, secrets=True).encode(), "dump.cfg")
        assert again.settings == result.settings, again.report()


def test_most_of_those_files_were_accepted() -> None:
    assert COUNTS["accepted"] > 3 * COUNTS["refused"] > 0 or not COUNTS


@fuzz
@given(files, files, files)
def test_any_text_is_read_or_refused_and_the_last_good_configuration_is_kept(main: bytes, a: bytes, b: bytes) -> None:
    before = dump(GOOD, secrets=True)
    shelf = {"a.cfg": a, "b.cfg": b}

    def fetch(reference: str, base: str) -> bytes:
        if reference not in shelf:
            raise FileNotFoundError(2, "No such file", reference)
        return shelf[reference]

    result = read(main, "main.cfg", GOOD, fetch)
    held(result)
    assert dump(GOOD, secrets=True) == before
    in_force = result.settings or GOOD
    assert read(dump(in_force, secrets=True).encode(), "dump.cfg").settings == in_force


@fuzz
@given(files, st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255), st.booleans()), min_size=1, max_size=20))
def test_flipped_and_cut_bytes_never_raise(good: bytes, damage: list[tuple[int, int, bool]]) -> None:
    data = bytearray(good)
    for where, byte, cut in damage:
        if cut:
            del data[where:]
        elif data:
            data[where % len(data)] = byte
    held(read(bytes(data), "main.cfg", GOOD))


@fuzz
@given(st.binary(max_size=600))
def test_bytes_that_were_never_a_configuration_never_raise(data: bytes) -> None:
    held(read(data, "main.cfg", GOOD))
