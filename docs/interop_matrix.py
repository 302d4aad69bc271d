"""Writes the matrix of docs/interop.md from the marks of the tests: `python docs/interop_matrix.py`, or `--check`.

Law: a cell says what a test proves (`@pytest.mark.proves(feature, peer)`) and nothing else; a fault that is known
stands there in the words of its test. What was only tried by hand is BY_HAND, with its date.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "interop.md"
BEGIN, END = "<!-- matrix: docs/interop_matrix.py -->", "<!-- end of the matrix -->"
WHERE = ("tests/peers", "tests/sip/conformance", "tests/netns")
BY_HAND = (
    ("FreeSWITCH 1.11.3-dev (cc93a68, with sofia-sip 1.13.17)", "2026-11-29", "UDP, TCP and TLS over IPv4 and IPv6; "
     "calls both ways, twenty in a row, early media, refusals; hold from both sides, crossed, by the server "
     "(`uuid_hold`); blind, attended and semi-attended transfers, `uuid_transfer`, `uuid_bridge`, `uuid_deflect`; "
     "three-way in the phone and `mod_conference` (each ear by tone), its REMOTE form, valet parking; talk and hold "
     "(`uuid_phone_event`), automatic answer by Call-Info and Alert-Info; feature synchronisation both ways; MWI by "
     "NOTIFY and by SUBSCRIBE; check-sync and `flush_inbound_reg reboot`; digits three ways; session timer with 422 "
     "and UPDATE; `uuid_media`, `bypass_media`, `uuid_media_reneg`; `mod_callcenter`'s agent: all held. Two faults of "
     "SRTP were found and mended: keys in the re-INVITE of a plain call (488 there), and an offer whose first line has "
     "a suite that is not ours (406); with SRTP allowed a call of ours is plain there, at its second INVITE (see "
     "Encryption). `sofia recover` after a crash finds both phones of a call talking. It has no hoteling. Its UPDATE "
     "with the new party after a transfer goes only to makers it knows by name, or by "
     "`update_ignore_ua=true` (then shown)"),
    ("OpenSIPS 3.6.8", "2026-11-29", "registration, calls, hold and retrieve by NOTIFY in a call "
     "(`dlg_send_sequential`), hold by the server's own re-INVITE (`call_hold`), feature synchronisation both ways "
     "(`presence_dfks`): all held. It refuses to send a NOTIFY in a call that rings, so talk could not be tried there"),
    ("Kamailio 6", "2026-11", "ordinary telephony held"),
    ("linphonec", "2026-11", "ordinary telephony held"),
)  # fmt: skip
"""Peer, when, and what came of it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A test, what it proves at whom, and the fault it waits for ("" for none)."""

    feature: str
    peer: str
    fault: str


class Collector:
    """A pytest plugin that keeps the marks of all tests."""

    def __init__(self) -> None:
        self.proofs: list[Proof] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Each test, before any is chosen."""
        for item in items:
            waits = item.get_closest_marker("xfail")
            fault = str(waits.kwargs.get("reason", "known")) if waits is not None else ""
            self.proofs += [Proof(*mark.args, fault) for mark in item.iter_markers("proves")]


def collect() -> list[Proof]:
    """All proofs of the tests; nothing is run."""
    collector = Collector()
    arguments = ["-c", str(ROOT / "firmware" / "pyproject.toml"), "--rootdir", str(ROOT), "--collect-only", "-qqq"]
    places = [str(ROOT / place) for place in WHERE]
    code = pytest.main([*arguments, "-p", "no:cacheprovider", *places], plugins=[collector])
    assert code == pytest.ExitCode.OK, f"the tests cannot be collected: {code}"
    return collector.proofs


def table(proofs: list[Proof]) -> list[str]:
    """The matrix: a row for each feature, a column for each peer, in a cell the number of tests."""
    peers = sorted({each.peer for each in proofs})
    cells: dict[tuple[str, str], list[Proof]] = defaultdict(list)
    for each in proofs:
        cells[each.feature, each.peer].append(each)
    lines = [f"| feature | {' | '.join(peers)} |", "|---|" + "---|" * len(peers)]
    for feature in sorted({each.feature for each in proofs}, key=str.casefold):
        row = (_cell(cells.get((feature, peer), [])) for peer in peers)
        lines.append(f"| {feature} | {' | '.join(row)} |")
    return lines


def _cell(found: list[Proof]) -> str:
    faults = sorted({each.fault for each in found if each.fault})
    good = sum(not each.fault for each in found)
    return "; ".join([*([str(good)] if good else []), *(f"not yet: {fault}" for fault in faults)])


def part() -> str:
    """The generated part of the page, with its marks."""
    by_hand = [f"| {peer} | {when} | {result} |" for peer, when, result in BY_HAND]
    lines = [
        BEGIN, "A number is how many tests of `make test` prove it at that peer; an empty cell claims nothing.", "",
        *table(collect()), "", "Tried by hand only, so that nothing watches over it:", "",
        "| peer | when | what came of it |", "|---|---|---|", *by_hand, END,
    ]  # fmt: skip
    return "\n".join(lines)


def page() -> str:
    """The whole page as it should be."""
    text = PAGE.read_text("utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    assert begin and end, f"{PAGE}: expected the marks {BEGIN} and {END}"
    return head + part() + tail


def main() -> int:
    """Write the page, or say that it is old."""
    wanted = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted, "utf-8")
    elif PAGE.read_text("utf-8") != wanted:
        print("docs/interop.md is old: make docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
