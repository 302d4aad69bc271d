"""The long storms at the phone's own process: `python -m tests.fuzz.storm [--srtp MODE] [--valgrind]`.

Law: 10,000 broken SIP messages and 100,000 broken packets of RTP, RTCP and SRTP in a call, with one SRTP mode or with
each; OPTIONS is answered throughout, a call works afterwards, memory stays. With --valgrind the phone runs under
memcheck, and an error in the extension or in pjsip below it fails; memory is not judged then.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from deskphone.config.schema.words import SrtpMode
from tests.native import valgrind_report
from tests.peers.desk import open_desk
from tests.sip.robust.caller import ANY_PORT, STRANGER, Caller
from tests.sip.robust.media_storm import media_storm
from tests.sip.robust.storm import PATIENCE, Weather, storm

MOST_GROWTH = 2_000_000
"""Bytes over the second half."""
SLOW = 90.0
"""Seconds of patience under valgrind, which is some thirty times slower."""
MEMCHECK = (
    "env", "PYTHONMALLOC=malloc", "valgrind", "--tool=memcheck", "--leak-check=full", "--show-leak-kinds=definite",
    "--errors-for-leak-kinds=none", "--num-callers=40",
)  # fmt: skip


def run(mode: SrtpMode, messages: int, packets: int, *, valgrind: bool, folder: Path) -> bool:
    """Both storms with one mode; whether all was well.

    Where the far end sends nothing authentic for half a minute the phone rightly ends the call: that watch is off here.
    """
    log = folder / "memcheck.log"
    prefix = (*MEMCHECK, f"--log-file={log}") if valgrind else ()
    patience = SLOW if valgrind else PATIENCE
    with open_desk(
        folder, prefix=prefix, patience=patience, voip__signalling__sip__registration_failed_timeout="1",
        voip__media__srtp__mode=mode.value, voip__media__broken_connection_detection="0", **ANY_PORT,
    ) as desk:  # fmt: skip
        caller = Caller(desk.exchange.phone, encrypted=mode is SrtpMode.REQUIREENCRYPTION)
        stranger = Caller(desk.exchange.phone, STRANGER)
        try:
            well = True
            if packets:
                well &= told(f"{mode}: packets", media_storm(desk, caller, packets, patience), judged=not valgrind)
            if messages:
                seen = storm(desk, caller, stranger, folder, messages, memory=not valgrind, patience=patience)
                well &= told(f"{mode}: messages", seen, judged=not valgrind)
        finally:
            caller.close()
            stranger.close()
    return well and not (valgrind and valgrind_report.main(str(log)))


def told(what: str, seen: Weather, *, judged: bool) -> bool:
    """Print a line; whether memory stayed."""
    grown = seen.end - seen.half
    print(f"{what}: {seen.sent} sent, {seen.lost} lost, slowest OPTIONS {seen.slowest * 1000:.0f} ms, memory "
          f"{seen.half / 1e6:.1f} MB half way, {grown / 1e3:+.0f} kB at the end", flush=True)  # fmt: skip
    return grown < MOST_GROWTH or not judged


def main() -> int:
    """With each mode, or with one."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--srtp", type=SrtpMode, choices=tuple(SrtpMode), help="one mode (default: each)")
    arguments.add_argument("--messages", type=int, default=10_000)
    arguments.add_argument("--packets", type=int, default=100_000)
    arguments.add_argument("--valgrind", action="store_true")
    chosen = arguments.parse_args()
    well = True
    for mode in [chosen.srtp] if chosen.srtp else list(SrtpMode):
        with tempfile.TemporaryDirectory(prefix="deskphone-storm-") as folder:
            well &= run(mode, chosen.messages, chosen.packets, valgrind=chosen.valgrind, folder=Path(folder))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
