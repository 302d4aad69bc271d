"""`deskphone config check|dump|reference`: opens the files and prints; the answers come from `deskphone.config.cli`.

Files of this machine only: an include that names a URL is the phone's to fetch, and that is said.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deskphone.app.configuration import LAST_GOOD
from deskphone.config import cli, lines
from deskphone.config.layers import SECTIONS
from deskphone.config.lines import Unit
from deskphone.drivers.localtime import has_zone


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `config` to the program's commands; `run` is set as its function."""
    parser = subparsers.add_parser("config", help="check, print and explain configuration files")
    parser.set_defaults(run=run)
    commands = parser.add_subparsers(dest="config_command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="report every error and doubt of a file")
    check.add_argument("file", help="configuration file, or - for standard input")
    check.add_argument("--mac", type=_mac, help="the phone's, for <MAC> in includes")
    dump = commands.add_parser("dump", help="print the whole configuration, secrets masked")
    dump.add_argument("file", nargs="?", help="configuration file, or - for standard input (default: none)")
    dump.add_argument("--secrets", action="store_true", help="print secrets in clear")
    dump.add_argument("--changed", action="store_true", help="only what differs from the defaults")
    dump.add_argument("--origin", action="store_true", help="say whose each value is")
    dump.add_argument("--data", metavar="DIR", help="a phone's folder: its last good file, and what was set over it")
    commands.add_parser("reference", help="print the reference of all settings in Markdown")


def run(args: argparse.Namespace) -> int:
    """Run the command and return its exit code (sysexits(3))."""
    try:
        outcome = _outcome(args)
    except OSError as wrong:
        where = wrong.filename or args.file
        outcome = cli.Outcome(cli.EX_NOINPUT, "", f"{where}: expected a readable file, got {wrong.strerror}\n")
    sys.stderr.write(outcome.err)
    sys.stdout.write(outcome.out)
    return outcome.code


def _outcome(args: argparse.Namespace) -> cli.Outcome:
    if args.config_command == "reference":
        return cli.show_reference()
    if args.config_command == "check":
        return cli.check(_load(args.file), _source(args.file), fetch, Unit(args.mac or ""), has_zone)
    return _dump(args)


def _dump(args: argparse.Namespace) -> cli.Outcome:
    file, stored = args.file, dict[str, str]()
    if args.data is not None:
        folder = Path(args.data)
        if not folder.is_dir():
            raise NotADirectoryError(20, "no folder", str(folder))
        stored = {section: _text(folder / f"{section}.json") for section in SECTIONS.values()
                  if (folder / f"{section}.json").exists()}  # fmt: skip
        if file is None and (folder / LAST_GOOD).exists():
            file = str(folder / LAST_GOOD)
    shown = cli.Shown(args.secrets, args.changed, args.origin)
    return cli.dump(_load(file) if file else None, _source(file), fetch, shown, stored, has_zone=has_zone)


def _source(file: str | None) -> str:
    return "stdin" if file == "-" else file or "defaults"


def _text(path: Path) -> str:
    return _load(str(path)).decode("utf-8", "replace")


def _load(path: str) -> bytes:
    """One byte more than allowed tells the reader that a file is too long."""
    if path == "-":
        return sys.stdin.buffer.read(lines.SIZE_LIMIT + 1)
    with Path(path).open("rb") as file:
        return file.read(lines.SIZE_LIMIT + 1)


def fetch(reference: str) -> bytes:
    """The bytes of an included file of this machine. Elsewhere for a URL, OSError where it cannot be read."""
    if "://" in reference:
        raise lines.Elsewhere("a URL, which the phone fetches")
    return _load(reference)


def _mac(text: str) -> str:
    digits = text.replace(":", "").replace("-", "")
    if len(digits) != 12 or any(each not in "0123456789abcdefABCDEF" for each in digits):
        raise argparse.ArgumentTypeError(f"{text}: expected a MAC address")
    return digits
