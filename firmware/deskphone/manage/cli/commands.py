"""The commands of the CLI: one table from a word to what asks the phone and to the text a person reads.

Law: asks, and puts the answer in words; prints nothing and reads nothing but what `Terminal` gives. `answers` are the
phone's own, so that `--json` and the text say the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deskphone.config.layers import slot_of
from deskphone.config.settings import Settings
from deskphone.manage.cli import diagnostics, remote
from deskphone.manage.cli.usage import Usage, number
from deskphone.manage.client import Phone
from deskphone.trust import password

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One row. run: asks the phone; say: its answer as text. words: behind its name, as the help shows them; fewest and
    most: how many (most None: any)."""

    run: Callable[[Phone, Sequence[str], Callable[[], str]], Json]
    say: Callable[[Json], str]
    words: str
    help: str
    fewest: int = 0
    most: int | None = 0


def carry_out(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> str:
    """One command line; `--json` anywhere in it asks for the answer as JSON. secret: reads a line nobody sees.

    Returns the text to print. Usage for a command written wrongly; client.Refusal and client.Gone as `Phone.ask`.
    """
    as_json = "--json" in words[:2] or words[-1:] == ["--json"]
    rest = [word for word in words if not (as_json and word == "--json")]
    name = next((name for name in sorted(COMMANDS, key=len, reverse=True) if rest[: len(name.split())] == name.split()),
                None)  # fmt: skip
    if name is None:
        raise Usage(f"expected one of {', '.join(COMMANDS)}; got {' '.join(rest)[:60] or 'nothing'}")
    command, given = COMMANDS[name], rest[len(name.split()) :]
    if len(given) < command.fewest or (command.most is not None and len(given) > command.most):
        raise Usage(f"expected: {name} {command.words}".rstrip())
    answer = command.run(phone, given, secret)
    return json.dumps(answer, indent=2, ensure_ascii=False) if as_json else command.say(answer)


# --- settings --------------------------------------------------------------------------------------------


def _show(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    """A setting, or all below a prefix that ends in a slash, or all."""
    wanted = words[0] if words else ""
    if wanted.endswith("/") or not wanted:
        names = [name for name in Settings.slots() if name.startswith(wanted)]
        if not names:
            raise Usage(f"no setting begins with {wanted}")
        return {"settings": phone.ask("show", names=names)["settings"]}
    found: Json = phone.ask("show", names=[wanted])["settings"][0]
    return found


def _set(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    """NAME VALUE, or NAME - for a value from standard input, which is how a secret is set."""
    value = secret() if list(words[1:]) == ["-"] else " ".join(words[1:])
    return _changed(phone.ask("set", values={words[0]: value}))


def _reset(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    return _changed(phone.ask("set", values={words[0]: None}))


def _changed(answer: Json) -> Json:
    return {**answer["settings"][0], "waits": answer["waits"], "warnings": answer["warnings"]}


def _say_settings(answer: Json) -> str:
    if "settings" in answer:
        return "\n".join(f"{each['name']}={each['value']} ; {each['layer']}" for each in answer["settings"])
    kind = slot_of(answer["name"]).option
    lines = [f"{answer['name']}={answer['value']} ; {answer['layer']}", kind.doc, f"expected: {kind.kind.expects()}"]
    return "\n".join(lines)


def _say_changed(answer: Json) -> str:
    text = f"{answer['name']}={answer['value']} ; {answer['layer']}"
    text += "\ncounts when the phone is idle" if answer["waits"] else ""
    text += "\ncounts from the next start on" if answer["restart"] else ""
    return "\n".join([text, *(f"warning: {each}" for each in answer["warnings"])])


# --- the phone -------------------------------------------------------------------------------------------


def _status(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    answer = phone.ask("status")
    answer.pop("ok")
    return answer


def _say_status(answer: Json) -> str:
    rows = [("version", f"{answer['model']} {answer['version']}"), ("MAC", answer["mac"] or "-"),
            ("address", answer["address"] or "-"), ("screen", answer["state"]["title"])]  # fmt: skip
    rows += [(label, answer[key]) for label, key in (("VLAN", "vlan"), ("802.1X", "port_access")) if answer.get(key)]
    rows += [(f"server {number}", _say_server(each)) for number, each in enumerate(answer["state"]["servers"], 1)]
    rows += [("agent", _say_agent(answer["state"]["agent"])), ("calls", str(len(answer["state"]["calls"])))]
    rows += [("configuration", answer["source"] or "-")]
    rows += [("failed", each) for each in answer["failed_parts"]]
    return "\n".join(f"{label:14} {text}" for label, text in rows)


def _say_server(server: Json) -> str:
    why = f" ({server['code']} {server['reason']})" if server["code"] and not server["registered"] else ""
    return f"{server['address']} {server['status']}{why}"


def _agent(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    agent: Json = phone.ask("state")["state"]["agent"]
    return agent


def _say_agent(agent: Json) -> str:
    reason = f" ({agent['reason']})" if agent["reason"] else ""
    return f"{agent['id'] or 'nobody'} {agent['state'] or 'logged off'}{reason}"


def _calls(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    return {"calls": phone.ask("state")["state"]["calls"]}


def _say_calls(answer: Json) -> str:
    def held(call: Json) -> str:
        sides = [side for side, is_held in (("here", call["local_hold"]), ("there", call["remote_hold"])) if is_held]
        return f" held {' and '.join(sides)}" if sides else ""

    rows = [f"{each['id']} {each['direction']} {each['state']}{held(each)} {each['number']} {each['name']}".rstrip()
            for each in answer["calls"]]  # fmt: skip
    return "\n".join(rows) or "no call"


def _order(verb: str) -> Callable[[Phone, Sequence[str], Callable[[], str]], Json]:
    def run(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
        if verb == "dial":
            return {"call": phone.ask("call", verb=verb, number=" ".join(words))["call"]}
        return {"call": phone.ask("call", verb=verb, call=words[0] if words else "")["call"]}

    return run


def _plain(request: str, said: str, **fields: Any) -> Command:
    """A request without an answer worth printing."""

    def run(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
        phone.ask(request, **fields)
        return {"done": said}

    return Command(run, lambda answer: str(answer["done"]), "", "")


def _log(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    return {"lines": phone.ask("log", lines=number(words, 20, "log [LINES]"))["lines"]}


def _ssh_keys(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    """The file of keys for sshd."""
    found = phone.ask("show", names=["deskphone/ssh/keys"])["settings"][0]
    return {"keys": remote.authorized_keys(found["value"])}


# --- who may manage it -----------------------------------------------------------------------------------


def _set_password(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    word = secret()
    why = password.refused(word)
    if why:
        raise Usage(why)
    phone.ask("set_credential", kind="password", hash=password.hashed(word))
    return {"done": "the administrator's password is set"}


def _new_token(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
    text, kept = password.token()
    phone.ask("set_credential", kind="token", hash=kept)
    return {"token": text}


def _forget(kind: str) -> Callable[[Phone, Sequence[str], Callable[[], str]], Json]:
    def run(phone: Phone, words: Sequence[str], secret: Callable[[], str]) -> Json:
        phone.ask("set_credential", kind=kind, hash="")
        return {"done": f"no {kind} is kept any more"}

    return run


def _done(answer: Json) -> str:
    return str(answer["done"])


def _call_id(answer: Json) -> str:
    return str(answer["call"])


COMMANDS: dict[str, Command] = {
    "status": Command(_status, _say_status, "[--json]", "the phone in a few lines"),
    "show": Command(_show, _say_settings, "[NAME|PREFIX/]", "a setting, all below a prefix, or all", 0, 1),
    "set": Command(_set, _say_changed, "NAME VALUE|-", "set it for the administrator; - reads the value", 2, None),
    "reset": Command(_reset, _say_changed, "NAME", "the administrator's value goes, the file's counts", 1, 1),
    "agent": Command(_agent, _say_agent, "", "who is logged in, and how"),
    "calls": Command(_calls, _say_calls, "", "the calls of now"),
    "dial": Command(_order("dial"), _call_id, "NUMBER", "call a number", 1, None),
    "answer": Command(_order("answer"), _call_id, "[CALL]", "take the call that rings", 0, 1),
    "hold": Command(_order("hold"), _call_id, "[CALL]", "hold a call", 0, 1),
    "retrieve": Command(_order("retrieve"), _call_id, "[CALL]", "take a held call back", 0, 1),
    "hangup": Command(_order("hang_up"), _call_id, "[CALL]", "end a call", 0, 1),
    "provision now": Command(_plain("provision", "looking for a configuration").run, _done, "", "look for files now"),
    "restart": Command(_plain("restart", "restarting").run, _done, "", "start the program anew, if nobody talks"),
    "restart now": Command(_plain("restart", "restarting", now=True).run, _done, "", "whoever talks"),
    "factory reset": Command(_plain("factory_reset", "reset").run, _done, "", "the owner's file alone counts"),
    "log": Command(_log, lambda answer: "\n".join(answer["lines"]), "[LINES]", "the journal's last lines", 0, 1),
    "trace": Command(diagnostics.trace, diagnostics.say_trace, "[MESSAGES]", "the last SIP messages", 0, 1),
    "capture": Command(diagnostics.capture, diagnostics.say_capture, "[SECONDS]", "capture what passes", 0, 1),
    "capture state": Command(diagnostics.capture_state, diagnostics.say_capture_state, "", "and what became of it"),
    "support": Command(diagnostics.write_bundle, diagnostics.say_bundle, "[FILE|-]", "all of it in one archive", 0, 1),
    "ssh keys": Command(_ssh_keys, lambda answer: str(answer["keys"]), "", "who gets in by SSH, for sshd"),
    "password set": Command(_set_password, _done, "", "of the web pages; read from standard input"),
    "password remove": Command(_forget("password"), _done, "", "nobody gets in by network"),
    "token new": Command(_new_token, lambda answer: str(answer["token"]), "", "for programs; the old one ends"),
    "token remove": Command(_forget("token"), _done, "", "no program gets in by network"),
}


def help_text() -> str:
    """All commands, one a line: name, words behind it, what it does."""
    width = max(len(f"{name} {each.words}") for name, each in COMMANDS.items())
    return "\n".join(f"{f'{name} {each.words}':{width}}  {each.help}" for name, each in COMMANDS.items())
