"""`deskphone cli`: one command, a batch of them from standard input, or a prompt with completion.

Law: arguments, terminal and exit codes (sysexits(3)); what a command does is `commands`.
"""

from __future__ import annotations

import argparse
import cmd
import getpass
import io
import os
import shlex
import sys
from collections.abc import Sequence

from deskphone.config.settings import Settings
from deskphone.manage.cli import remote
from deskphone.manage.cli.commands import COMMANDS, carry_out, help_text
from deskphone.manage.cli.usage import Usage
from deskphone.manage.client import Gone, Phone, Refusal, default_socket
from deskphone.manage.visible import visible

CODES = {"request": os.EX_USAGE, "unknown": os.EX_USAGE, "value": os.EX_DATAERR, "refused": os.EX_TEMPFAIL}
LONGEST = 4096  # characters of a secret's line
LONGEST_LINE = 65_536  # of a command's


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `cli` to the program's commands."""
    parser = subparsers.add_parser(
        "cli", help="ask and set a running phone", epilog=help_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--control", metavar="SOCKET", default=default_socket(), help="of `deskphone run --control`")
    parser.add_argument("--ssh", action="store_true", help="as a forced command of sshd")
    parser.add_argument("--telnet", action="store_true", help="as the program of telnetd: with a log-in")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help="none: a prompt, or lines of stdin")
    parser.set_defaults(run=run)


def add_short(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str) -> None:
    """Add a command of the CLI to the program's own."""
    parser = subparsers.add_parser(name, help=words)
    parser.add_argument("--control", metavar="SOCKET", default=default_socket(), help="of `deskphone run --control`")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="ARGUMENT", help=f"as of `deskphone cli {name}`")
    own = {"ssh": False, "telnet": False}
    parser.set_defaults(run=lambda args: run(argparse.Namespace(**vars(args) | own | {"words": [name, *args.words]})))


def run(args: argparse.Namespace) -> int:
    """Carry out what was asked for; returns a sysexits(3) code."""
    distant = args.ssh or args.telnet
    for stream, how in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=how)
    try:
        phone = Phone(args.control, f"the CLI by {'SSH' if args.ssh else 'Telnet'}" if distant else "the CLI")
    except Gone as error:
        denied = isinstance(error.__cause__, PermissionError)
        return _fail(os.EX_NOPERM if denied else os.EX_UNAVAILABLE, error)
    try:
        return _serve(phone, args, distant)
    except (Usage, Refusal, Gone) as error:
        return _told(error)
    except EOFError:
        return os.EX_OK
    finally:
        phone.close()


def _serve(phone: Phone, args: argparse.Namespace, distant: bool) -> int:
    if args.telnet and not remote.log_in(phone, input, getpass.getpass, print):
        return os.EX_NOPERM
    words = remote.of_ssh() if args.ssh else args.words
    if words:
        return _one(phone, words, distant)
    if sys.stdin is not None and sys.stdin.isatty():
        Prompt(phone, _lifetime(phone) if distant else 0).cmdloop()
        return os.EX_OK
    return _batch(phone, distant)


def _lifetime(phone: Phone) -> int:
    """Seconds a session of the management may be idle."""
    return int(phone.ask("show", names=["system/web_session_timeout"])["settings"][0]["value"])


def _one(phone: Phone, words: Sequence[str], distant: bool = False) -> int:
    """One command to standard output; what is wrong goes to standard error. distant: asked over the network."""
    try:
        if distant:
            remote.may(words)
        said = carry_out(phone, words, _secret)
    except (Usage, Refusal, Gone) as error:
        return _told(error)
    return _say(said)


def _say(text: str) -> int:
    """Print an answer, of which others wrote a part; EX_IOERR where it cannot be written. BrokenPipeError."""
    try:
        if text:
            print(visible(text), flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left of it would fail at the end again
        return _fail(os.EX_IOERR, f"the answer cannot be written: {error.strerror}")
    return os.EX_OK


def _told(error: Usage | Refusal | Gone) -> int:
    """Say why a command was not carried out; its exit code."""
    if isinstance(error, Refusal):
        return _fail(CODES.get(error.kind, os.EX_SOFTWARE), error)
    return _fail(os.EX_USAGE if isinstance(error, Usage) else os.EX_UNAVAILABLE, error)


def _fail(code: int, error: object) -> int:
    text = error.strerror if isinstance(error, OSError) and error.strerror else error
    print(f"deskphone cli: {visible(str(text))}", file=sys.stderr)
    return code


def _secret() -> str:
    """A line that nobody sees: twice at a terminal, else once from standard input."""
    if sys.stdin is None:
        raise Usage("expected the secret at standard input, which is closed")
    if not sys.stdin.isatty():
        return sys.stdin.readline(LONGEST).rstrip("\r\n")
    first = getpass.getpass("secret: ")
    if getpass.getpass("once more: ") != first:
        raise Usage("the two are not the same; nothing is set")
    return first


def _batch(phone: Phone, distant: bool) -> int:
    """Line by line; ends with the first that fails, and its code. Over the network it ends, as a prompt does, when no
    line comes for a session's time."""
    patience = _lifetime(phone) if distant else 0
    while True:
        remote.idle(patience)
        line = sys.stdin.readline(LONGEST_LINE + 1) if sys.stdin is not None else ""  # None where it was closed
        remote.idle(0)
        if not line:
            return os.EX_OK
        if len(line) > LONGEST_LINE:
            return _fail(os.EX_USAGE, f"expected lines of at most {LONGEST_LINE} characters")
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            return _fail(os.EX_USAGE, f"{line.strip()[:60]}: {error}")
        code = _one(phone, words, distant) if words else os.EX_OK
        if code:
            return code


class Prompt(cmd.Cmd):
    """The prompt: history and completion of commands and of the schema's names by readline. idle: seconds after which
    a prompt over the network ends, 0 for one of this machine."""

    prompt = "deskphone> "

    def __init__(self, phone: Phone, idle: int = 0) -> None:
        super().__init__()
        self._phone, self._idle = phone, idle

    def preloop(self) -> None:
        """cmd.Cmd: a name with its slashes is one word to complete."""
        import readline  # noqa: PLC0415 - a batch needs none

        readline.set_completer_delims(" \t\n")
        remote.idle(self._idle)

    def precmd(self, line: str) -> str:
        """cmd.Cmd: somebody is there."""
        remote.idle(0)
        return line

    def postcmd(self, stop: bool, line: str) -> bool:
        """cmd.Cmd: the next line is waited for."""
        remote.idle(self._idle)
        return stop

    def emptyline(self) -> bool:
        """cmd.Cmd: an empty line does nothing (by default it would do the last command again)."""
        return False

    def default(self, line: str) -> bool:  # type: ignore[override]
        """cmd.Cmd: one command line; True (the prompt ends) for `quit`, `exit`, the end of input, and a phone that has
        gone."""
        if line in ("quit", "exit", "EOF"):
            print()
            return True
        try:
            words = shlex.split(line)
        except ValueError as error:
            _fail(os.EX_USAGE, error)
            return False
        return _one(self._phone, words, self._idle > 0) == os.EX_UNAVAILABLE

    def do_help(self, arg: str) -> None:
        """cmd.Cmd: `help` prints all commands."""
        print(help_text())

    def completenames(self, text: str, *ignored: object) -> list[str]:
        """cmd.Cmd: completions of the first word of a command."""
        return completions(text, "")

    def completedefault(self, *args: object) -> list[str]:
        """cmd.Cmd: completions of the words behind it. args: text, line, begin, end."""
        text, line, begin = str(args[0]), str(args[1]), int(str(args[2]))
        return completions(text, line[:begin])


def completions(text: str, before: str) -> list[str]:
    """What can stand where `text` begins, behind the words `before`."""
    words = before.split()
    if words[:1] in (["show"], ["set"], ["reset"]):
        return [name for name in Settings.slots() if name.startswith(text)] if len(words) == 1 else []
    given = len(words)
    found = {name.split()[given] for name in COMMANDS if name.split()[:given] == words and len(name.split()) > given}
    extra = {"help", "quit"} if not words else set()
    return sorted(word for word in found | extra if word.startswith(text))
