"""Thousands of generated configuration files, good, bad and as the family writes them: the reader never raises, a bad
line costs that line, and no line costs a phone its account."""

from __future__ import annotations

import re
from collections import Counter
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.config import servers
from deskphone.config.kind import Choice, Clock, Codes, Flag, Integer, Kind, SecretText, Text
from deskphone.config.known import KNOWN
from deskphone.config.layers import Layers
from deskphone.config.places import Address, Host, Url
from deskphone.config.reader import read
from deskphone.config.registry import slots_of
from deskphone.config.result import ReadResult, Verdict
from deskphone.config.rules import RULES
from deskphone.config.settings import Settings
from deskphone.config.writer import dump, dump_file
from tests import chance

NAMES = sorted(slots_of(Settings))
PLACE = re.compile(r"[^\n]+:\d+: [^\n]+: [^\n]+\Z")
ACCOUNT = """\
voip/line/0/enabled=1
voip/line/0/id=4101
voip/line/0/auth_name=4101
voip/line/0/auth_password=example-1
voip/signalling/sip/use_proxy=1
voip/signalling/sip/proxy_address=sip.example
"""
GOOD = read(ACCOUNT.encode()).layers or Layers()

COUNTS = Counter[str]()

pytestmark = pytest.mark.slow

fuzz = chance.fuzz(200)
printable = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)


def _valid(kind: Kind) -> st.SearchStrategy[str]:
    """Texts that a kind must read."""
    match kind:
        case Flag():
            return st.sampled_from(["0", "1", "Enable", "disable", "ON", "false", "NONE"])
        case Integer(low, high):
            return st.integers(low, high).flatmap(lambda number: st.sampled_from([str(number), f" {number} "]))
        case Choice(words):
            return st.sampled_from([text for word in words for text in (word.value, word.value.lower())])
        case Host():
            names = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{1,5}){0,3}", fullmatch=True)
            return st.one_of(st.ip_addresses().map(str), names, st.just("0.0.0.0"))
        case Address(mask):
            masks = st.integers(1, 32).map(lambda bits: str(IPv4Network(f"0.0.0.0/{bits}").netmask))
            return masks if mask else st.ip_addresses(v=4).map(str)
        case Url(schemes):
            paths = st.lists(st.sampled_from(["a", "/", ".", "<MAC>", "<model>", "cfg", "_"]), max_size=8).map("".join)
            return st.builds("{}://h.example/{}".format, st.sampled_from(schemes), paths)
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
def good_lines(draw: st.DrawFn, names: tuple[str, ...] = tuple(NAMES)) -> str:
    """One line the reader must accept, with a comment behind it at times."""
    name = draw(st.sampled_from(names))
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
    """What holds for every result: nothing is taken without a reason, what is taken fits, each message says where."""
    nothing = result.verdict in (Verdict.REFUSED, Verdict.NO_CONFIGURATION)
    assert (result.settings is None) == nothing
    assert bool(result.errors) == (result.verdict is not Verdict.TAKEN)
    assert (result.refused > 0) == (result.verdict in (Verdict.PARTLY, Verdict.REFUSED))
    for item in (*result.errors, *result.warnings, *result.unknown):
        assert PLACE.match(str(item)), str(item)
    for error in result.errors:
        assert "expected " in error.message and (", got " in error.message or "more than" in error.message), str(error)
    if result.settings is not None and not result.partial:  # what is not read yet may keep the rule
        assert [rule.message for rule in RULES if rule.fatal and rule.broken(result.settings)] == []


@fuzz
@given(st.lists(good_lines(), max_size=12))
def test_lines_that_are_each_good_are_refused_only_by_a_rule_between_them(lines: list[str]) -> None:
    result = read("\n".join((*lines, "voip/line/0/enabled=1")).encode(), "good.cfg", GOOD)
    if result.verdict is Verdict.REFUSED:
        assert any("system/type" in line or "strict" in line for line in lines)
        return
    held(result)
    assert not result.unknown
    rules = {rule.message for rule in RULES if rule.fatal}
    assert {error.message.rpartition(", kept ")[0] for error in result.errors} <= rules
    COUNTS[result.verdict] += 1
    if result.layers is not None:
        again = read(dump_file(result.layers).encode(), "last-good.cfg")
        assert again.layers == result.layers or not result.layers.file, again.report()


def test_most_of_those_files_were_taken_whole() -> None:
    taken, partly = COUNTS[Verdict.TAKEN], COUNTS[Verdict.PARTLY]
    assert taken > 3 * partly or not COUNTS
    assert partly or taken < 1000, "a rule between good lines is rare: a short run may not meet it"


@fuzz
@given(files, files, files)
def test_any_text_is_read_or_refused_and_never_raises(main: bytes, a: bytes, b: bytes) -> None:
    before = dump(GOOD.settings, secrets=True)
    shelf = {"a.cfg": a, "b.cfg": b}

    def fetch(reference: str) -> bytes:
        if reference not in shelf:
            raise FileNotFoundError(2, "No such file", reference)
        return shelf[reference]

    result = read(main, "main.cfg", GOOD, fetch)
    held(result)
    assert dump(GOOD.settings, secrets=True) == before
    in_force = result.settings or GOOD.settings
    short = dump(in_force, secrets=True, only_changed=True) + "voip/line/0/nothing=1"
    assert (read(short.encode(), "dump.cfg").settings or Settings()) == in_force


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


# --- the family's habits ------------------------------------------------------------------------------

ABOUT_THE_ACCOUNT = re.compile(
    r"voip/line/|voip/signalling/sip/(use_proxy|proxy_|sip_registrar|sip_outbound|redundant|secondary|port|tls_port)|"
    r"system/(type|login_sk)|deskphone/provisioning|system/user_name|system/password"
)
ASIDE = tuple(name for name in NAMES if not ABOUT_THE_ACCOUNT.match(name))
HABITS = ("", "DISABLE", "NONE", "ENABLE", "-1", "0", "0.0.0.0", "4101", "G723", "G722_8000", "65535", "not_set",
          "null", "Jos\xe9 \xa0\u200fDesk", '"quoted"', "18", "http://h", "x.T|[2-9]x", "a;b", " ; c")  # fmt: skip
NOTES = ("// old", "! old", "[VOIP]", "; note", "# note", "", "\ufeff", "\x1a", "%%%", "a b c")
OTHERS = ("include gone.cfg", "include <MAC>-user.cfg", "some/thing/else=1", "x=y", "=", "voip/")
as_case = st.sampled_from([str, str.upper, str.lower, str.title])


@st.composite
def habits(draw: st.DrawFn) -> bytes:
    """A line as exports, templates and hands write them; none of them speaks of the account."""
    kind = draw(st.integers(0, 9))
    if kind < 6:
        known = st.sampled_from(sorted(KNOWN)).map(lambda name: name.replace("/N", "/1"))
        name = draw(as_case)(draw(st.sampled_from(["", "", "/"])) + draw(st.one_of(st.sampled_from(ASIDE), known)))
        line = name + draw(st.sampled_from(["=", " = ", "=\t"])) + draw(st.sampled_from(HABITS))
    else:
        line = draw(st.sampled_from(NOTES if kind < 8 else OTHERS))
    return line.encode(draw(st.sampled_from(["utf-8", "utf-8", "cp1252"])), "replace")


@fuzz
@given(st.lists(habits(), max_size=25), st.lists(habits(), max_size=25), line_ends, st.integers(0, 3))
def test_whatever_stands_beside_it_an_account_is_never_lost(
    above: list[bytes], below: list[bytes], end: str, nuls: int
) -> None:
    account = [line.encode() for line in ACCOUNT.splitlines()]
    result = read(end.encode().join((*above, *account, *below)) + b"\0" * nuls, "main.cfg")
    held(result)
    assert result.settings is not None and result.serverless == "", result.report()
    line = result.settings.line[0]
    assert (line.enabled, line.id, line.auth_name, line.auth_password.reveal()) == (True, "4101", "4101", "example-1")
    assert [each.registrar for each in servers.named(result.settings)] == [("sip.example", 5060)]


@fuzz
@given(st.lists(habits(), max_size=25), st.sampled_from(["\n", "\r\n"]))
def test_nor_does_a_file_without_one_take_it_from_a_phone_that_has_it(lines: list[bytes], end: str) -> None:
    result = read(end.encode().join(lines), "main.cfg", GOOD)
    held(result)
    in_force = result.settings or GOOD.settings
    assert (in_force.line[0].id, in_force.proxy.address) == ("4101", "sip.example")
