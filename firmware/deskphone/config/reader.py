"""The reader: bytes of a configuration file over the layers in force, line by line, as the 420HD reads.

Law: a bad value costs its line, is named with what is kept in its place, and the rest is applied; with
`deskphone/provisioning/strict=1` it costs the file. A file changes only what it names; with
`deskphone/provisioning/whole_file=1` what it does not name is the default. Later lines win. Line syntax and limits are
in `lines.py`, the settings in `schema/`, rules between settings in `rules.py`.
"""

from __future__ import annotations

import re

from deskphone.config import checks, servers, url_secrets, without_effect
from deskphone.config.diagnostic import Diagnostic, Place, Unknown
from deskphone.config.kind import BadValue, SecretText
from deskphone.config.kind import Text as FreeText
from deskphone.config.known import is_known
from deskphone.config.layers import Layers, bare
from deskphone.config.lines import NO_UNIT, SIZE_LIMIT, Assignment, Fetch, Text, Unit
from deskphone.config.meant import MODEL, fitting, meant, signs_about
from deskphone.config.places import Url
from deskphone.config.reading import Reading
from deskphone.config.registry import Slot, is_beyond, names_of, slots_of
from deskphone.config.result import ReadResult, Verdict
from deskphone.config.secret import MASK, hidden
from deskphone.config.settings import Settings
from deskphone.config.zones import HasZone

LIKE = {
    "registration_expires": "voip/signalling/sip/proxy_timeout",
    "register_expires": "voip/signalling/sip/proxy_timeout",
    "ntp_server": "system/ntp/primary_server_address",
    "sip_server": "voip/signalling/sip/proxy_address",
}
"""What other makers call a setting, by the last word of their name."""
SUGGESTION_LIMIT = 50  # unknown names for which a like one is looked up; it costs milliseconds each
UNKNOWN_LIMIT = 2_000  # unknown names kept
IDLE_SHOWN = 5  # names without effect that the one warning about them lists

# The 420HD guide binds these to the agent, the 420HD's own parameter list to the web administrator.
USER_NAME = "system/user_name"
PASSWORD = "system/password"
_ACCOUNT = re.compile(
    r"voip/line/\d/(id|enabled)|voip/signalling/sip/(use_proxy|proxy_address|sip_registrar/addr|sip_outbound_proxy/addr)"
)

_RENAMED = ("system/ntp/daylight_saving/", "system/daylight_saving/")  # older firmware's name (manual 1.4.1)
_ADMINISTRATOR = ("deskphone/web/admin_user_name", "deskphone/web/admin_password")


def read(  # noqa: PLR0917
    data: bytes,
    source: str = "configuration",
    base: Layers | None = None,
    fetch: Fetch | None = None,
    unit: Unit = NO_UNIT,
    has_zone: HasZone | None = None,
) -> ReadResult:
    """Read a configuration over `base` (the factory's if none). Never raises, whatever the bytes are.

    source: file name or URL, shown in messages; includes are relative to it. fetch: see lines.Fetch; None refuses every
    include. unit: the phone that reads, for <MAC> in includes. has_zone: whether a name is in the time zone database;
    None takes any.
    """
    text = Text(_is_name, fetch, unit)
    reading = Reading(base or Layers(), text, source, has_zone)
    if len(data) > SIZE_LIMIT:
        text.error(Place(source, 1), "file", f"expected at most {SIZE_LIMIT} bytes, got {len(data)}")
        return ReadResult(None, tuple(text.errors), verdict=Verdict.REFUSED, refused=1)
    for assignment in text.read(data, source):
        reading.assignments += 1
        _take(assignment, reading)
    if text.nature:
        text.error(Place(source, 1), "file", f"expected path/name=value lines of this phone, got {text.nature}")
        return ReadResult(None, tuple(text.errors), verdict=Verdict.NO_CONFIGURATION, nature=text.nature)
    _agent_or_administrator(reading)
    return _judged(reading)


def _judged(reading: Reading) -> ReadResult:
    """Whether the file is applied, in part or not at all, and all that is said of it."""
    text, source = reading.text, reading.source
    strict = reading.layers().settings.provisioning.strict
    if not text.elsewhere:
        checks.settle(reading, strict)
    layers = reading.layers()
    lost = text.missing and not text.elsewhere
    empty = not reading.places and not reading.known
    # With whole_file what the file does not name is reset: one that could not be read would reset everything.
    nothing = bool(text.errors) and (strict or empty or ((lost or not reading.written) and reading.whole))
    errors = reading.errors(None if nothing else layers)
    if other := _other_model(reading):
        nothing, errors = True, (other, *errors)
    warnings, idle = [*text.warnings, *reading.warnings, *reading.half_obeyed()], reading.idle()
    if not text.missing:
        warnings += checks.doubts(layers.settings, reading.places, source, reading.refused)
    if idle:
        warnings.append(Diagnostic(Place(source, 1), "file", _said_once(idle)))
    return ReadResult(
        None if nothing else layers,
        errors,
        tuple(warnings),
        tuple(reading.unknown.values()),
        Verdict.REFUSED if nothing else Verdict.PARTLY if errors else Verdict.TAKEN,
        "",
        reading.assignments,
        text.refused + bool(other),
        idle,
        text.elsewhere,
        "" if text.missing or nothing else _serverless(reading),
    )


def _other_model(reading: Reading) -> Diagnostic | None:
    """The error that refuses a file for another model, as the 420HD does (its manual 2.2.8, page 41); None for ours, or
    for the one that this phone says it is."""
    named = reading.written.get(MODEL)
    if named is None or named in (Settings().system.model, reading.base.settings.system.model):
        return None
    message = f"expected {Settings().system.model}, got {named!a} (the file of another phone?)"
    return Diagnostic(reading.places[MODEL], MODEL, message)


def _serverless(reading: Reading) -> str:
    """Why the account the file configures will not register; "" where it will, or the file configures none."""
    about = any(_ACCOUNT.fullmatch(name) for name in reading.places)
    return servers.none_named(reading.layers().settings) if about else ""


def _said_once(idle: tuple[str, ...]) -> str:
    some = ", ".join(idle[:IDLE_SHOWN])
    more = f" and {len(idle) - IDLE_SHOWN} more" if len(idle) > IDLE_SHOWN else ""
    return f"read, without effect here: {len(idle)} name{'s' if len(idle) > 1 else ''} ({some}{more})"


def _is_name(name: str) -> bool:
    return _meaning(name) is not None or name.casefold() in (USER_NAME, PASSWORD) or _is_idle(name)


def _is_idle(name: str) -> bool:
    """Whether the 420HD's family has the name and nothing here does."""
    return is_known(name) or is_beyond(Settings, name)


def _meaning(name: str) -> str | None:
    """The schema's name of a setting given by name or alias in any case; None where it has none."""
    folded = name.casefold()
    return names_of(Settings).get(folded.replace(*_RENAMED, 1) if folded.startswith(_RENAMED[0]) else folded)


def _take(assignment: Assignment, reading: Reading) -> None:
    """One line into the reading: a value, an error, or an unknown name."""
    folded = assignment.name.casefold()
    name = _meaning(assignment.name)
    if missing := without_effect.missing(assignment.name, assignment.value):
        reading.warn(assignment.place, assignment.name, missing)
    if folded in (USER_NAME, PASSWORD):
        reading.ambiguous[folded] = assignment
    elif name is None and _is_idle(assignment.name):
        reading.known[assignment.name] = None
    elif name is None:
        _keep_unknown(assignment, reading)
    elif _is_masked(slots_of(Settings)[name], assignment.value):
        reading.places[name] = assignment.place
        reading.warn(assignment.place, name, f"{MASK} stands for a secret that was not shown: the old one stays")
    else:
        _set(slots_of(Settings)[name], assignment, reading)


def _is_masked(slot: Slot, value: str) -> bool:
    """Whether the value is what `writer.dump` writes in place of a secret or of one in a URL, or what web pages
    show: nothing but asterisks or dots."""
    kind = slot.option.kind
    return (isinstance(kind, SecretText) and hidden(value)) or (isinstance(kind, Url) and url_secrets.is_masked(value))


def _set(slot: Slot, assignment: Assignment, reading: Reading) -> None:
    kind, value = slot.option.kind, _listed(slot, assignment)
    if not value and not slot.option.empty:
        reading.put(slot.name, None)
    else:
        try:
            reading.put(slot.name, fitting(slot, value, reading))
        except BadValue as wrong:
            if not meant(slot, assignment, value, reading):
                reading.refuse(assignment.place, assignment.name, slot, str(wrong))
    if isinstance(kind, SecretText) and (signs := signs_about(value)):
        reading.warn(assignment.place, assignment.name, f"the {signs} taken as part of the secret")
    reading.places[slot.name] = assignment.place


def _listed(slot: Slot, assignment: Assignment) -> str:
    """The text of a value; of a list with blanks before its semicolons the whole of it, where it can be one."""
    kind, value = slot.option.kind, bare(slot, assignment.value)
    if not assignment.behind or not isinstance(kind, FreeText) or not kind.listed:
        return value
    whole = re.sub(r"(?<!\s)\s*;\s*", ";", bare(slot, f"{assignment.value}{assignment.behind}"))
    try:
        kind.parse(whole)
    except BadValue:
        return value
    return whole


def _keep_unknown(assignment: Assignment, reading: Reading) -> None:
    name = assignment.name
    suggestion = ""
    if name not in reading.unknown and len(reading.unknown) < SUGGESTION_LIMIT:
        suggestion = suggest(name)
    elif name in reading.unknown:
        suggestion = reading.unknown[name].suggestion
    if len(reading.unknown) < UNKNOWN_LIMIT or name in reading.unknown:
        reading.unknown[name] = Unknown(assignment.place, name, assignment.value, suggestion)


def suggest(name: str) -> str:
    """The setting's name that goes on where an unknown one ends, else is most like it; "" where none is near (difflib's
    ratio below 0.8)."""
    import difflib  # noqa: PLC0415 - for a misspelt name alone

    folded = {each.casefold(): each for each in slots_of(Settings)}
    if other := LIKE.get(name.casefold().rpartition("/")[2]):
        return other
    longer = next((each for each in folded if each.startswith(f"{name.casefold()}_")), "")  # server: server_address
    if longer:
        return folded[longer]
    like = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.8)
    return folded[like[0]] if like else ""


def _agent_or_administrator(reading: Reading) -> None:
    """Give `system/user_name` and `system/password` the meaning the rest of the configuration asks for.

    The agent's, as the 420HD guide has it, when agent login is on; the web administrator's otherwise, and always when
    the name is `admin` or the password is a crypt hash, as in files written by a real phone. The unambiguous
    `deskphone/...` names win wherever they stand.
    """
    if not reading.ambiguous:
        return
    user, password = (reading.ambiguous.get(name) for name in (USER_NAME, PASSWORD))
    exported = (user is not None and user.value == "admin") or (password is not None and password.value[:1] == "$")
    agent = reading.layers().settings.acd.enabled and not exported
    names = ("deskphone/acd/user_name", "deskphone/acd/password") if agent else _ADMINISTRATOR
    for assignment, name in zip((user, password), names, strict=True):
        if assignment is None:
            continue
        meaning = "the agent's, because agent login is on" if agent else "the web administrator's"
        message = f"taken as {meaning}; write {name} to be clear"
        slot, said = slots_of(Settings)[name], name in reading.places
        if hidden(assignment.value):
            message = f"{MASK} stands for a secret that was not shown: the old one stays"
        elif assignment.value.startswith("$") and isinstance(slot.option.kind, SecretText):
            message = f"a hash of another phone's password is of no use here; write {name}"
        elif not said:
            _set(slot, assignment, reading)
        reading.warn(assignment.place, assignment.name, message)
