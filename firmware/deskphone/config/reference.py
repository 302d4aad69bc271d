"""The reference page of all settings, in Markdown, generated from the schema.

`docs/configuration.md` is its output; a test compares them. Only words that explain the file itself are written here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from deskphone.config import lines, rules
from deskphone.config.known import KNOWN
from deskphone.config.option import COUNT, GROUP, OPTION, Option
from deskphone.config.registry import slots_of
from deskphone.config.settings import Settings

_INTRODUCTION = """\
# Configuration

This page is made by `deskphone config reference` from the schema (`firmware/deskphone/config/schema/`); do not edit it.
It lists {names} settings ({slots} with all index numbers). Names are those of the 420HD; what that phone does not
have begins with `deskphone/`. {known} further names of the 420HD are recognised and have no effect here.

**Status.** "works": a room of this program obeys the setting. "read": it is read, checked and kept, and nothing obeys
it yet. "restart" beside it: a change takes effect at the next start.

## The file

- Text in UTF-8 (ISO-8859-1 where it is not valid UTF-8), one `path/name=value` a line; blanks around name and value do
  not count. At most {size:,} bytes and {count:,} lines a file, {line:,} characters a line.
- A line that begins with `;` or `#` is a comment. After a value a comment begins with a blank and `;`, so that
  `digit_map=10x;4xxx` is a value.
- A setting that is on or off is `1` or `0`; `enable` and `disable` are read too. Words of a list are compared without
  case and are written in capitals. Numbers may be hexadecimal (`0xb8`).
- `include FILE-OR-URL` reads another file at that point, relative to the file that includes it, at most {depth} deep;
  a file from a server includes from servers only. Later lines win.
- A file changes only what it names. If anything in it is wrong, nothing of it is used: all errors are reported at once
  as `file:line: name: expected ..., got ...`, and the last good configuration stays in force.
- A name nobody knows is kept and reported, with the name that was probably meant.
- `***` as the value of a secret, as `deskphone config dump` prints it, leaves the secret as it was.
- `N` in a name is an index that begins at 0.

`deskphone config check FILE` reads a file and reports; `deskphone config dump [FILE]` prints the configuration in force
after it, secrets masked.

### `system/user_name` and `system/password`

The 420HD guide binds these two to the agent, the 420HD's own parameter list to the web administrator. Here they are
the agent's when agent login is on (`voip/services/ACD/enabled=1`), the web administrator's otherwise, and always the
administrator's when the name is `admin` or the password is a crypt hash, as in a file a real phone exported; such a
hash is not used. A warning says which was chosen. `deskphone/acd/user_name`, `deskphone/acd/password`,
`deskphone/web/admin_user_name` and `deskphone/web/admin_password` say it without doubt and win.

### Words with a change of meaning

- `voip/services/ACD/server_type`: GENESYS and BROADSOFT are the same here (as-feature-event and hoteling); the exact
  messages of the older GENESYS method are not public.
- `voip/signalling/sip/proxy_timeout` is the registration lifetime, whatever title a guide prints.
- `0.0.0.0` as an address means "not set".
"""


_HEAD = "| name | value | default | what it does | status |\n|---|---|---|---|---|\n"


def page() -> str:
    """The whole page."""
    head = _INTRODUCTION.format(
        names=len({slot.option.name for slot in slots_of(Settings).values()}),
        slots=len(slots_of(Settings)),
        known=len(KNOWN),
        size=lines.SIZE_LIMIT,
        count=lines.COUNT_LIMIT,
        line=lines.LINE_LIMIT,
        depth=lines.DEPTH_LIMIT,
    )
    return head + "\n## Settings\n" + "".join(_sections()) + _rules()


def _sections() -> Iterator[str]:
    default = Settings()
    for member in dataclasses.fields(Settings):
        group = member.metadata[GROUP]
        value = getattr(default, member.name)
        rows = "".join(_rows(group, value, member.metadata.get(COUNT, 0)))
        note = (group.__doc__ or "").strip().splitlines()[0]
        yield f"\n### {member.name}\n\n{note}\n\n{_HEAD}{rows}"


def _rows(group: type, value: object, count: int) -> Iterator[str]:
    """The rows of a group; an indexed group shows its name once, with the default of every index that differs."""
    members = value if isinstance(value, tuple) else (value,)
    for member in dataclasses.fields(group):
        inner = [getattr(each, member.name) for each in members]
        if OPTION in member.metadata:
            yield _row(member.metadata[OPTION], inner, count)
        else:
            yield from _rows(member.metadata[GROUP], inner[0], member.metadata.get(COUNT, count))


def _row(option: Option, values: list[object], count: int) -> str:
    name = f"`{option.name}`" + "".join(f", also `{alias}`" for alias in option.aliases)
    if count:
        name += f" (N 0 to {count - 1})"
    texts = [option.kind.format(value) for value in values]
    shown = texts[0] if len(set(texts)) == 1 else ", ".join(f"{number}: {text}" for number, text in _first(texts))
    status = ("works" if option.behaviour else "read") + (", restart" if option.restart else "")
    cells = (name, option.kind.expects(), shown, option.doc, status)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _first(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Index and default, the equal ones at the end folded into one."""
    last = len(texts)
    while last > 1 and texts[last - 2] == texts[-1]:
        last -= 1
    for number, text in enumerate(texts[: last - 1]):
        yield str(number), text or "(empty)"
    yield f"{last - 1}" + ("" if last == len(texts) else " on"), texts[-1] or "(empty)"


def _rules() -> str:
    rows = "".join(
        f"| `{rule.keys[0]}` | {'error' if rule.fatal else 'warning'} | {rule.message} |\n" for rule in rules.RULES
    )
    return f"\n## Rules between settings\n\n| name | | what is said |\n|---|---|---|\n{rows}"
