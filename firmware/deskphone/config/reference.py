"""The reference page of all settings, in Markdown, generated from the schema.

Law: `docs/configuration.md` is its output; a test compares them. Only words that explain the file itself stand here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from deskphone.config import lines, rules, without_effect
from deskphone.config.known import KNOWN
from deskphone.config.option import COUNT, GROUP, OPTION, Option
from deskphone.config.registry import slots_of
from deskphone.config.settings import Settings

_INTRODUCTION = """\
# Configuration

This page is made by `deskphone config reference` from the schema (`firmware/deskphone/config/schema/`); do not edit it.
It lists {names} settings ({slots} with all index numbers). Names are those of the 420HD; what that phone does not
have begins with `deskphone/`. {known} further names of the 420HD are recognised and have no effect here.

**Status.** "works": a room of this program obeys the setting; where it obeys some values only, they are named. "read":
it is read, checked and kept, and nothing obeys it, for the reason beside it; `config check` and Status > Provisioning
say how many such names a file has. "restart" beside it: a change takes effect at the next start.

Of the settings {works} work and {read} are read. Of the {own} names of the 420HD that are known here (an index counts
once) {own_works} are obeyed, {own_read} read, {known} recognised.

## Whose a value is

Factory < file < administrator (web, CLI, TR-069) < person: the last one that says something is in force. What is laid
over a value ends when the layer below comes to say something else there: a volume that a person chose lives through
every file that leaves the volume alone, and ends with one that changes it. What belongs together (a forwarding and its
number) ends together. `deskphone config dump --origin [--data DIR]` prints whose each value is, and what it covers.

## The file

- One `path/name=value` a line, in UTF-8; bytes that are no UTF-8 are Windows-1252, also within one line. UTF-16 is
  read as well. Marks of byte order, Ctrl-Z and NUL bytes at the end do not count. At most {size:,} bytes and {count:,}
  lines a file, {line:,} characters a line.
- Names are compared without case, blanks around name and value do not count, nor does a slash at the beginning.
- A line that begins with `;` or `#` is a comment. After a value a comment begins with a blank and `;`, so that
  `digit_map=10x;4xxx` is a value. Lines that begin with `//`, `!` or `[` are skipped, and that is said once a file.
- A setting that is on or off is `1` or `0`; `enable`, `on`, `yes`, `true` and their opposites are read too. Words of a
  list are compared without case, blanks, hyphens and underscores. `DISABLE`, `NONE`, `OFF` are read wherever there is
  an off: of a list, of an address or URL, of a number that may be 0. Numbers may be hexadecimal (`0xb8`).
- **An empty value means the default**, for every setting but `deskphone/dhcp/vendor_class` and `user_class`, where
  empty means none.
- `address:port` where an address is meant sets the port beside it too, unless a line of its own says another.
- Names of people and places are cleaned, not refused: blanks of every kind are blanks, direction marks and other signs
  nobody sees are left out.
- `include FILE-OR-URL` reads another file at that point, relative to the file that includes it, at most {depth} deep;
  a file from a server includes from servers only. `<MAC>` and `<MODEL>` in it are the phone's. Later lines win.
- **A bad value costs its line**, is named (`file:line: name: expected ..., got ..., kept ...`), and the rest is in
  force; the idle screen says "Settings: 2 lines refused", journal and status report say which. Lines that do not fit
  together (the rules below) cost the one that asks for what is not there. `deskphone/provisioning/strict=1`: one bad
  line refuses the whole file.
- **A file changes only what it names**: it is laid over what files said before. `deskphone/provisioning/whole_file=1`,
  in the file or in force: what it does not name is the default, and a missing include refuses it.
- **A body of which no line names a setting of this phone is no configuration**, whatever it holds: it changes nothing
  and is called by its name (an HTML page, JSON, XML, another maker's file). A file whose `system/type` is another model
  is taken not at all, either.
- A name nobody knows is kept and reported, with the name that was probably meant. Names without effect are counted in
  one line a file.
- `***` as the value of a secret, as `deskphone config dump` prints it, leaves the secret as it was.
- `N` in a name is an index that begins at 0.

`deskphone config dump [FILE]` prints the configuration in force after a file, secrets masked. `deskphone config check
[--mac MAC] FILE` reads a file as a phone as delivered would, and reports:

| exit code | what becomes of the file |
|---|---|
| 0 | every line is taken |
| 65 | some lines are refused, the rest is taken |
| 69 | taken, but the account will not register: no server, no number, or another line than line 0 |
| 75 | good as far as it can be read here: the phone fetches the rest (URLs, a file for each phone without `--mac`) |
| 76 | no configuration |
| 78 | refused, nothing is taken: another model, or `strict` |
| 64, 66 | wrong arguments; the file cannot be opened |

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
    """The whole page in Markdown: introduction, one table a group of `Settings`, the rules between settings."""
    options = {slot.option.name: slot.option for slot in slots_of(Settings).values()}
    works = sum(option.behaviour for option in options.values())
    own = [option.behaviour for name, option in options.items() if not name.startswith("deskphone/")]
    head = _INTRODUCTION.format(
        own=len(own) + len(KNOWN),
        own_works=sum(own),
        own_read=len(own) - sum(own),
        names=len(options),
        works=works,
        read=len(options) - works,
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
    """The rows of a group. Of an indexed group each setting is one row, with the defaults that differ."""
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
    why = "" if option.behaviour else without_effect.reason(option.name)
    status += f": {why}" if why else ""
    if option.only:
        status = f"{', '.join(option.kind.format(each) for each in option.only)}: {status}"
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
        f"| `{(*rule.refuse, *rule.keys)[0]}` | {'line refused' if rule.fatal else 'warning'} | {rule.message} |\n"
        for rule in rules.RULES
    )
    return f"\n## Rules between settings\n\n| name | | what is said |\n|---|---|---|\n{rows}"
