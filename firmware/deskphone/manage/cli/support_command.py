"""`deskphone support`: `deskphone cli support`, by a shorter name."""

from __future__ import annotations

import argparse

from deskphone.manage.cli.command import add_short


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `support` to the program's commands."""
    add_short(subparsers, "support", "write a support bundle of a running phone")
