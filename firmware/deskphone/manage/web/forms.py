"""What a person sees: the frame with the guide's tree, log-in, status, and the form of a section.

Law: pure, from frozen values and answers to `Markup`. What a field may be, its help and its default are the schema's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from deskphone.config import without_effect
from deskphone.config.kind import Choice, Flag, Integer, SecretText
from deskphone.config.registry import Slot, value_at
from deskphone.config.settings import Settings
from deskphone.manage.web.html import Markup, tag
from deskphone.manage.web.labels import SHOWN_WHEN, heading, label, of_many, word
from deskphone.manage.web.sections import Section
from deskphone.manage.web.sessions import Session
from deskphone.manage.web.tree import tree

Json = dict[str, Any]
OfWords = Callable[[str], Markup]  # a form, with what is said above it
LONGEST_WORD = 12  # characters
WORDS = {"0": "Disable", "1": "Enable"}


@dataclass(frozen=True, slots=True)
class Row:
    """One field. value: in force; layer: whose; typed: what somebody wrote instead; error: what is wrong with it."""

    slot: Slot
    value: str
    layer: str
    typed: str | None = None
    error: str = ""


def differs(text: str, found: Json, slot: Slot) -> bool:
    """Whether a field says something else than what is in force; an empty secret says nothing."""
    return bool(text) if isinstance(slot.option.kind, SecretText) else text.strip() != found["value"]


def frame(
    title: str, body: Markup, here: Section | None, session: Session | None, sections: Sequence[Section]
) -> Markup:
    """The document around a page; without a session it has no tree. sections: those of the tree."""
    path = tag("p", " > ".join(here.path), class_="path") if here is not None else None
    inside = [tag("main", tag("h1", title), path, body, id="main", tabindex="-1")]
    if session is not None:
        inside.insert(0, _beside(here, session, sections))
    return tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", f"{title} - deskphone"),
            tag("link", rel="stylesheet", href="/style.css"),
        ),
        tag("body", tag("a", "To the page", href="#main", class_="skip"), *inside),
        lang="en",
    )


def _beside(here: Section | None, session: Session, sections: Sequence[Section]) -> Markup:
    """The tree, and the way out. On a small screen it is shown when asked for: a link to it, and style.css."""
    leave = tag("form", token_field(session.csrf), tag("button", "Log out"), method="post", action="/logout")
    return tag(
        "div",
        tag("p", tag("a", "Pages", href="#pages"), class_="to-pages"),
        tag("nav", tree(here, session.administrator, sections), leave, id="pages", aria_label="Pages"),
        class_="beside",
    )


def token_field(csrf: str) -> Markup:
    """What makes a form one of its session."""
    return tag("input", type="hidden", name="csrf", value=csrf)


def login(said: str) -> Markup:
    """The log-in form. said: why the last attempt failed, "" before one."""
    return tag(
        "form",
        tag("p", said, role="alert") if said else None,
        tag("label", "User", for_="user"),
        tag("input", id="user", name="user", autocomplete="username", required=True),
        tag("label", "Password", for_="password"),
        tag("input", id="password", name="password", type="password", autocomplete="current-password", required=True),
        tag("button", "Log in"),
        method="post",
        action="/login",
    )


def first(said: str) -> Markup:
    """The form of the first password. said: why the last attempt failed, "" before one."""
    return tag(
        "form",
        tag("p", said, role="alert") if said else None,
        tag("p", "No password is set yet. The display of the phone shows a code for five minutes."),
        tag("label", "Code on the display", for_="code"),
        tag("input", id="code", name="code", inputmode="numeric", autocomplete="one-time-code", required=True),
        tag("label", "New password, 8 characters or more", for_="password"),
        tag("input", id="password", name="password", type="password", autocomplete="new-password", required=True),
        tag("label", "The same again", for_="again"),
        tag("input", id="again", name="again", type="password", autocomplete="new-password", required=True),
        tag("button", "Set it"),
        method="post",
        action="/first",
    )


def configuration(session: Session, said: str, lines: Sequence[str], bad: bool = False) -> Markup:
    """Down- and upload of the configuration. said: what came of an upload; lines: its faults and doubts."""
    return tag(
        "div",
        tag("p", said, role="alert" if bad else "status") if said else None,
        tag("ul", *(tag("li", line) for line in lines)) if lines else None,
        tag("h2", "Download"),
        tag("p", tag("a", "420HD.cfg", href="/420HD.cfg", download=True)),
        tag("p", "Every setting in force. Secrets are left out; an upload leaves them as they are.", class_="help"),
        tag("h2", "Upload"),
        tag(
            "form",
            token_field(session.csrf),
            tag("label", "Configuration file", for_="file"),
            tag("input", id="file", name="file", type="file", required=True),
            tag("button", "Upload"),
            tag("p", "A file with a fault sets nothing. What it sets is the administrator's.", class_="help"),
            method="post",
            action="/configuration",
            enctype="multipart/form-data",
        ),
    )


def status(found: Json) -> Markup:
    """The tables of the status page from the answer to `status`: network, servers, agent and calls."""
    state = found["state"]
    agent = state["agent"]
    rows = [
        ("Model", found["model"]), ("Version", found["version"]), ("MAC address", found["mac"] or "-"),
        ("IP address", found["address"] or "-"),
        *(("VLAN", text) for text in (found.get("vlan", ""),) if text),
        *(("802.1X", text) for text in (found.get("port_access", ""),) if text),
        ("Configuration", found["source"] or "-"),
        *((("Settings", "wait until the phone is idle"),) if found.get("settings_wait") else ()),
        ("Agent", f"{agent['id']} {agent['state']} {agent['reason']}".strip() or "nobody is logged in"),
        *(("Out of order", part) for part in found["failed_parts"]),
    ]  # fmt: skip
    servers = [(each["address"], each["status"], f"{each['code'] or ''} {each['reason']}") for each in state["servers"]]
    calls = [(each["direction"], each["state"], each["number"], each["name"]) for each in state["calls"]]
    return tag(
        "div",
        tag("table", *(tag("tr", tag("th", label, scope="row"), tag("td", str(text))) for label, text in rows)),
        _table("Servers", ("Address", "Status", "Last answer"), servers, "No server is configured."),
        _table("Calls", ("Direction", "State", "Number", "Name"), calls, "No call."),
        tag("p", _voice(found["figures"]["voice"])) if calls else None,
    )


def _voice(figures: Json) -> str:
    """How the worst of the calls of now is heard (RTCP, RFC 3550)."""
    return (
        f"Voice: jitter {figures['jitter_ms']:.0f} ms, lost {figures['loss_percent']:.1f} %, "
        f"round trip {figures['round_trip_ms']:.0f} ms."
    )


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> Markup:
    if not rows:
        return tag("div", tag("h2", title), tag("p", nothing))
    top = tag("tr", *(tag("th", head, scope="col") for head in heads))
    return tag("div", tag("h2", title), tag("table", top, *(tag("tr", *map(_cell, row)) for row in rows)))


def _cell(text: str) -> Markup:
    """A cell; a single word is not broken where the screen is small."""
    return tag("td", text, class_="word" if text.isalpha() and len(text) <= LONGEST_WORD else None)


def section(here: Section, rows: Sequence[Row], csrf: str, said: str) -> Markup:
    """The form of a section. csrf: the session's token; said: what came of the last attempt, "" for nothing."""
    alert = "alert" if any(row.error for row in rows) else "status"
    return tag(
        "form",
        tag("p", said, role=alert) if said else None,
        token_field(csrf),
        tag("button", "Save", class_="save"),
        *_fields(rows, here.title),
        tag("button", "Save", class_="save"),
        tag("script", src="/form.js", defer=True),
        method="post",
        action=f"/settings/{here.slug}",
    )


def _fields(rows: Sequence[Row], said: str) -> list[Markup]:
    """The fields in their order, each group of the schema under its heading, unless that is what was said last; further
    ones of a row of equals are folded away where nobody set one of them."""
    values, made = {row.slot.name: row.value if row.typed is None else row.typed for row in rows}, []
    for (title, many), some in groupby(rows, lambda row: (heading(row.slot), of_many(row.slot.name))):
        group = list(some)
        if title != said:
            made.append(tag("h2", title))
        said = title
        fields = [_field(row, _hidden(row.slot.name, values)) for row in group]
        if many:
            unfold = any(row.error or row.layer != "factory" for row in group)
            words = tag("summary", f"{len(group)} more of this kind")
            fields = [tag("details", words, *fields, open=unfold)]
        made += fields
    return made


def _hidden(name: str, values: dict[str, str]) -> bool:
    """Whether the guide displays this setting only with another value of another one, which the page has, too."""
    other, value = SHOWN_WHEN.get(name, ("", ""))
    return other in values and values[other] != value


def _field(row: Row, hidden: bool = False) -> Markup:
    """One setting: label, field, what it may be, whose the value is, and the way back to the layer below."""
    name = row.slot.name
    key = name.replace("/", "-")
    other, wanted = SHOWN_WHEN.get(name, ("", ""))
    described = f"{key}-help" + (f" {key}-error" if row.error else "")
    back = row.layer == "administrator"
    return tag(
        "div",
        tag("label", label(row.slot), tag("code", name), for_=key),
        _input(row, key, described),
        tag("span", row.layer, class_=f"layer {row.layer}"),
        tag("button", "Back to the file's", name="reset", value=name, formnovalidate=True) if back else None,
        tag("p", row.error, id=f"{key}-error", class_="error") if row.error else None,
        tag("p", _help(row.slot), id=f"{key}-help", class_="help"),
        class_="field",
        hidden=hidden and not row.error,
        data_shown_when=other or None,
        data_shown_value=wanted or None,
    )


def _help(slot: Slot) -> str:
    """What the schema says of a setting, as far as label and field do not say it already."""
    option, kind = slot.option, slot.option.kind
    default = kind.format(value_at(Settings(), slot.path))
    words = "" if option.doc == label(slot) else f"{option.doc}. "
    if isinstance(kind, Flag | Choice):
        words += f"Default: {WORDS.get(default, word(default))}."
    else:
        words += f"Expected: {kind.expects()}. Default: {default or 'empty'}."
    words += " Counts from the next start on." if option.restart else ""
    why = without_effect.reason(option.name)
    return words + ("" if option.behaviour else f" Read and kept, without effect here{f': {why}' if why else ''}.")


def _input(row: Row, key: str, described: str) -> Markup:
    kind, value = row.slot.option.kind, row.value if row.typed is None else row.typed
    common: Json = {
        "id": key, "name": row.slot.name, "aria_describedby": described, "aria_invalid": "true" if row.error else None,
    }  # fmt: skip
    if isinstance(kind, Flag | Choice) and not row.error:
        words = ("0", "1") if isinstance(kind, Flag) else tuple(each.value for each in kind.words)
        labels = WORDS if isinstance(kind, Flag) else {}
        options = (tag("option", labels.get(each, word(each)), value=each, selected=each == value) for each in words)
        return tag("select", *options, **common)
    if isinstance(kind, SecretText):
        placeholder = "set; empty leaves it" if row.value else "not set"
        return tag("input", type="password", autocomplete="new-password", placeholder=placeholder, **common)
    return tag("input", value=value, inputmode="numeric" if isinstance(kind, Integer) else None, **common)
