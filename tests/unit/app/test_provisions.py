"""Which phones look for a configuration by themselves."""

from __future__ import annotations

import argparse

import pytest

from deskphone.app import assembly, run_command


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run"], True),
        (["run", "--config", "phone.cfg"], False),
        (["run", "--config", "https://prov.example.com/phone.cfg"], True),
        (["run", "--config", "tftp://10.0.0.1/phone.cfg"], True),
        (["run", "--sim"], False),
        (["run", "--sim", "--provision"], True),
        (["run", "--sim", "--provision", "--config", "phone.cfg"], False),
        (["run", "--sim", "--config", "http://127.0.0.1/phone.cfg"], True),
    ],
)
def test_a_real_phone_looks_and_a_laptop_when_told_to(arguments: list[str], expected: bool) -> None:
    parser = argparse.ArgumentParser()
    run_command.add_parser(parser.add_subparsers())
    assert assembly.provisions(parser.parse_args(arguments)) is expected
