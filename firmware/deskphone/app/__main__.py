"""`deskphone`: the command line. One subcommand a job; exit codes and one-line errors as sysexits(3).

Law: parses arguments and calls the command; imports of a command's rooms happen when it is chosen, because
start-up time is the user's.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from deskphone import VERSION, dataclass_code

COMMANDS = {
    "run": "deskphone.app.run_command",
    "demo": "deskphone.app.demo_command",
    "sipserver": "deskphone.app.centre_command",
    "config": "deskphone.app.config_command",
    "replay": "deskphone.app.replay_command",
    "manage": "deskphone.manage.command",
    "cli": "deskphone.manage.cli.command",
    "trace": "deskphone.manage.cli.trace_command",
    "capture": "deskphone.manage.cli.capture_command",
    "support": "deskphone.manage.cli.support_command",
}


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose complaints are one line and EX_USAGE, not argparse's own exit code 2."""

    def error(self, message: str) -> NoReturn:
        """argparse: one line on standard error, exit code 64 (EX_USAGE of sysexits(3))."""
        self.exit(os.EX_USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser(chosen: str | None = None) -> argparse.ArgumentParser:
    """The parser with the chosen command's arguments, or with all of them."""
    top = Parser(prog="deskphone", description="Open firmware for a contact-centre desk phone.")
    top.add_argument("--version", action="version", version=f"deskphone {VERSION}")
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        if chosen not in COMMANDS or name == chosen:
            importlib.import_module(module).add_parser(subparsers)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    dataclass_code.use()
    given = list(sys.argv[1:] if arguments is None else arguments)
    args = parser(given[0] if given else None).parse_args(given)
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `deskphone config dump | head`: the reader has gone, that is no error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
