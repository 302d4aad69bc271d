"""Nothing a person can meet is without a picture, and nothing is without a word.

What the phone can show is read from its own tables and, for notices and words, from its source: a new page, notice
or word that nobody drew or wrote fails here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from deskphone.config.layers import SECTIONS
from deskphone.config.ring_tones import RING_TONES
from deskphone.config.schema.words import SPOKEN
from deskphone.core.agent.session import WHY
from deskphone.core.agent.state import Presence
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.events import Party
from deskphone.core.lines.state import LineStatus
from deskphone.core.lines.subscription_table import Stage
from deskphone.core.phone.update_state import UpdateStep
from deskphone.core.screen import forms, pages
from deskphone.core.screen.command import Command
from deskphone.core.screen.confirm import CONFIRM
from deskphone.core.screen.marks import Mark
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.state import Phone, Sound
from deskphone.core.voice_path import VoicePath
from deskphone.provision.firmware import Verdict
from deskphone.provision.problem import Outcome
from deskphone.provision.sources import NAMES
from deskphone.view import call_screens, screens
from deskphone.view import render as render_room
from deskphone.view.render import render
from deskphone.view.words import ENGLISH, LANGUAGES, Words
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.trees import tree
from tests.unit.view.walks import WALKS

ROOM = Path(screens.__file__).parents[1]
NOT_DRAWN = {
    "call_end": "a call on its way out is nobody's focus: the screen is the one behind it",
    "call_incoming": "a ringing call has the screen `incoming`",
}
"""Screens that no picture shows, each with its reason."""
DIRECT = {"starting", "volume", "idle", "incoming", "dialling"}  # screens that are one function, one name


@cache
def drawn() -> tuple[frozenset[str], frozenset[Situation], frozenset[str]]:
    """Of all golden pictures: the screens' names, the situations, and the words asked for that do not exist."""
    names, situations, asked = set(), set(), set()
    with pytest.MonkeyPatch.context() as patch:
        plain = Words.__call__

        def noting(words: Words, key: str) -> str:
            asked.add(key)
            return plain(words, key)

        patch.setattr(Words, "__call__", noting)
        for go in WALKS.values():
            bench = CoreBench()
            go(Story(bench))
            names.add(render(bench.phone).screen.name)
            situations.add(situation(bench.phone))
    return frozenset(names), frozenset(situations), frozenset(asked - set(ENGLISH))


def trees(*rooms: str) -> Iterator[ast.AST]:
    for room in rooms:
        for path in sorted((ROOM / room).rglob("*.py")):
            yield tree(path)


def calls(source: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Calls of these functions, by bare name or as a method of that name's object (`words.first`)."""
    for node in ast.walk(source):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in names:
            yield node


def keys(node: ast.expr) -> Iterator[str]:
    """The texts an expression can be; what is computed in an f-string stands as {}."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.IfExp(body=body, orelse=orelse):
            yield from keys(body)
            yield from keys(orelse)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="failure"), attr="word")):
            yield "failure:{}"


def notices() -> set[str]:
    """The titles of all notices in the core; a title that cannot be read from the source is an error."""
    found = set()
    for source in trees("core"):
        for node in calls(source, "Notice"):
            titles = set(keys(node.args[0]))
            assert titles, f"a notice whose title this test cannot read: {ast.unparse(node)}"
            found |= titles
    return found


def call_words() -> set[str]:
    """The states of a call that the screen names, over every combination of what a call can be, with somebody at the
    phone or nobody."""
    found = set()
    paths = (VoicePath.NONE, VoicePath.SPEAKER)
    for direction, state, local, remote, joined, room, partner, transfer, joins, path in product(
        Direction, CallState, *[(False, True)] * 4, ("", "y"), ("", "2001"), ("", "z"), paths
    ):
        call = Call("x", 0, direction, state, Party(), local_hold=local, remote_hold=remote, conference=joined,
                    partner=partner, transfer=transfer, room=room, joins=joins)  # fmt: skip
        found.add(call_screens.call_word(call, Phone(calls=(call,), focus="x", sound=Sound(path=path))))
    return found


def possible() -> set[str]:
    """Every screen's name the view can produce."""
    failures = {key.replace(":", "_") for key in ENGLISH if key.startswith("failure:")}
    titles = notices()
    plain = {f"notice_{title}" for title in titles if "{}" not in title}
    assert {title for title in titles if "{}" in title} == {"failure:{}"}
    return (
        DIRECT
        | {f"call_{word}" for word in call_words()}
        | {f"form_{name}" for name in forms.FORMS}
        | {f"page_{name}" for name in (*pages.LISTS, *CONFIRM)}
        | plain
        | {f"notice_{failure}" for failure in failures}
    )


def test_every_screen_has_a_golden_picture_or_a_reason() -> None:
    missing = possible() - drawn()[0] - set(NOT_DRAWN)
    assert not missing, f"no golden picture: {sorted(missing)}"


def test_the_list_of_possible_screens_is_whole_and_its_reasons_stand() -> None:
    names = drawn()[0]
    assert names <= possible(), "the view has a screen this test does not know"
    assert not set(NOT_DRAWN) & names, "drawn after all: take it from the list"
    assert set(NOT_DRAWN) <= possible(), "gone: take it from the list"


def test_every_situation_has_a_screen_and_a_picture() -> None:
    assert set(screens.BY_SITUATION) == set(Situation)
    assert drawn()[1] == set(Situation)


def test_every_drawing_function_is_counted() -> None:
    functions = {draw for _, draw in render_room.SCREENS} | set(screens.BY_SITUATION.values())
    named = {
        screens.form,
        screens.listing,
        screens.notice,
        call_screens.in_call,
        call_screens.confirm,
        screens.by_situation,
    }
    assert {draw.__name__ for draw in functions - named} == DIRECT


# --- words -----------------------------------------------------------------------------------------

FAMILIES: dict[str, tuple[str, ...]] = {
    "{}_state": tuple(each for each in Presence if each),
    "failure:{}": tuple(key.partition(":")[2] for key in ENGLISH if key.startswith("failure:")),
    "line:{}": ("423",),
    "stage:{}": tuple(Stage),
    "outcome:{}": tuple(each for each in Outcome if each is not Outcome.FAILED),  # Failed is the family's own word
    "firmware:{}": tuple(each for each in Verdict if each is not Verdict.NONE),
    "named_by:{}": tuple(NAMES),
    "set_by:{}": tuple(SECTIONS),
    "volume_{}": ("ring", "handset", "speaker", "headset"),
    "forward_{}": ("always", "busy", "no_reply"),
    "forwarding_{}": ("always", "busy", "no_reply"),
    "mark:{}": tuple(Mark),
    "why:{}": (*{*WHY.values(), "here"} - {""},),
    "update:{}": tuple(each for each in UpdateStep if each is not UpdateStep.NONE),
    "legend:{}": tuple(Mark),
    "ring_{}": tuple(RING_TONES),
    "language_{}": tuple(each.lower() for each in SPOKEN),
    "dialling_{}": ("transfer", "consultation", "pickup"),
    "{}_means": tuple(CONFIRM),
}
"""Words whose key is computed, and what can stand in the gap."""
OPTIONAL = {"row:{}", "list:{}", "title:{}", "{}_to"}  # words.first: used where they exist


def asked_in_source() -> set[str]:
    """Every word's key that stands in the source of core and view, families spread out."""
    found = {str(each) for each in Command if each}
    for source in trees("core", "view"):
        for node in calls(source, "words", "self", "words.first", "_link", "_switch", "Notice"):
            for argument in node.args if ast.unparse(node.func) == "words.first" else node.args[:1]:
                found |= set(keys(argument))
        for node in calls(source, "Item"):
            told = {each.arg: each.value for each in node.keywords}
            literal = told.get("literal") or (node.args[3] if len(node.args) > 3 else None)
            if literal is None:
                found |= set(keys(node.args[0]))
            if "word" in told and len(node.args) > 1:
                found |= set(keys(node.args[1])) - {"-", ""}
    for form in forms.FORMS.values():
        found |= {*form.labels, form.opens} - {""}
    families = {key for key in found if "{}" in key} - OPTIONAL
    assert families <= set(FAMILIES), f"no list of what can stand in {families - set(FAMILIES)}"
    plain = {str(key) for key in found if "{}" not in key}
    return plain | {family.replace("{}", str(each)) for family in families for each in FAMILIES[family]}


def test_every_word_the_source_asks_for_exists() -> None:
    asked = asked_in_source()
    assert len(asked) > 150
    assert not asked - set(ENGLISH)


def test_every_word_that_computed_values_ask_for_exists() -> None:
    states = {
        call_screens.call_word(Call("x", 0, Direction.OUT, state, Party()), Phone()) for state in CallState
    } | call_words()
    lines = {str(status) for status in LineStatus} - {"registered", "failed"}  # these two have sentences of their own
    assert not (states | lines) - set(ENGLISH)
    names = {*pages.LISTS, *forms.FORMS}
    untitled = {name for name in names if not {f"title:{name}", f"{name}_to", name} & set(ENGLISH)}
    assert not untitled


def test_the_golden_screens_ask_for_no_word_that_does_not_exist() -> None:
    assert drawn()[2] <= {"-", ""}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language: str) -> None:
    words = LANGUAGES[language]
    assert set(words) == set(ENGLISH)
    assert all(words.values())
    assert (len(words["days"].split()), len(words["months"].split())) == (7, 12)


def test_no_word_is_left_over() -> None:
    """A word is asked for, heads an open page, or stands quoted in some room's source."""
    source = " ".join(path.read_text() for path in sorted(ROOM.rglob("*.py")) if path.parent.name != "words")
    known = asked_in_source() | call_words() | {str(each) for each in LineStatus}
    known |= {family.replace("{}", str(each)) for family, values in FAMILIES.items() for each in values}
    for name in (*pages.LISTS, *forms.FORMS):
        known |= {name, f"title:{name}", f"{name}_to"}
    known |= {f"{where}:{key}" for key in known for where in ("row", "list")} | {key.partition(":")[0] for key in known}
    assert not [key for key in ENGLISH if key not in known and f'"{key}"' not in source]
