"""`python -m tests.hil measure_voice` (make hil-bench): mouth to ear of the phone and of baresip, on one rig, by turns.

Law: both use the same card of the same guest, G.711 of 20 ms and the stand-in's echo, which gives each packet back at
once: a loop holds what one way between two phones holds, a microphone's side and an ear's.
"""

from __future__ import annotations

import os
import statistics
import sys
from dataclasses import dataclass, field

from tests.hil.rig import delay, network
from tests.hil.rig.ear import HANDSET
from tests.hil.rig.uml import ROOT
from tests.stories.bench import Story
from tests.stories.bench_hil import HilBench

ECHO, OTHER = "9196", "1777"  # numbers of the stand-in
ROUNDS, SPEECH_S = 3, 16.0
ONLY_PCMU = {
    "voip__codec__codec_info__0__name": "PCMU",
    **{f"voip__codec__codec_info__{place}__enabled": "0" for place in range(1, 5)},
}
# What `baresip` 1.0 writes itself, less what needs a terminal or a camera; only the card is named here.
BARESIP = """\
poll_method epoll
audio_player alsa,plughw:CARD=Handset
audio_source alsa,plughw:CARD=Handset
audio_alert alsa,plughw:CARD=Handset
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
rtp_tos 184
jitter_buffer_delay 5-10
module_path /usr/lib/baresip/modules
module g711.so
module alsa.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


@dataclass
class Talk:
    """What one phone did: milliseconds of each chirp that came back, and how many were spoken in its calls."""

    delays: list[float] = field(default_factory=list)
    spoken: int = 0


class Guest:
    """The bench, and the person at the far side of the handset's cable."""

    def __init__(self, bench: HilBench) -> None:
        self.phone, self.shell, self.folder = Story(bench), bench.place.shell, bench.place.folder
        self.bench = bench

    def speak(self, seed: int) -> list[int]:
        """Begin to speak; where each chirp begins."""
        speech, begins = delay.speech(SPEECH_S, seed)
        (self.folder / "speech.raw").write_bytes(speech)
        mouth = f"{ROOT}/.venv/bin/python {ROOT}/tests/hil/guest/mouth.py"
        self.shell.check("rm -f /hil/heard.raw /hil/times.json")
        self.shell.check(
            f"{mouth} Handset /hil/speech.raw /hil/heard.raw /hil/times.json >/hil/mouth.log 2>&1 </dev/null &"
            " echo $! >/run/mouth.pid"
        )
        # Who opens a cable first says its format: the far side is the hardware, and 48 kHz stereo.
        self.shell.check("until grep -q open /hil/mouth.log; do sleep 0.05; done")
        return begins

    def heard(self, begins: list[int]) -> list[float]:
        """The end of the speech; what came back."""
        self.shell.check("wait $(cat /run/mouth.pid) && ! grep 'broke off' /hil/mouth.log", SPEECH_S + 20)
        return delay.delays(begins, self.folder / "heard.raw", self.folder / "times.json")

    def ours(self, seed: int) -> tuple[list[int], list[float]]:
        """One call of the phone on the rig."""
        begins = self.speak(seed)
        self.phone.press(*ECHO)
        self.phone.shows("Dial", ECHO)
        self.phone.lift()
        self.phone.in_call(within=10)
        heard = self.heard(begins)
        self.phone.put_down()
        self.phone.idle()
        self.phone.wait("the card to be free", lambda state: state["audio"]["path"] == "none")
        return begins, heard

    def baresips(self, seed: int) -> tuple[list[int], list[float]]:
        """One call of baresip."""
        server = f"{network.SERVERS[0]}:{self.bench.server.port}"
        folder = self.folder / "baresip"
        folder.mkdir(exist_ok=True)
        (folder / "config").write_text(BARESIP)
        (folder / "accounts").write_text(f"<sip:{OTHER}@{server}>;auth_pass=secret;audio_codecs=PCMU/8000/1\n")
        (folder / "contacts").write_text("")
        begins = self.speak(seed)
        self.shell.check(
            f"baresip -f /hil/baresip -e '/dial {ECHO}' >/hil/baresip.log 2>&1 </dev/null & echo $! >/run/baresip.pid"
        )
        self.shell.check("until grep -qi 'call established' /hil/baresip.log; do sleep 0.05; done")
        heard = self.heard(begins)
        self.shell.check("kill $(cat /run/baresip.pid); wait $(cat /run/baresip.pid) || :")
        return begins, heard


def measure() -> dict[str, Talk]:
    """Calls by turns."""
    talks = {"deskphone": Talk(), "baresip": Talk()}
    with HilBench() as bench:
        phone = Story(bench)
        phone.power_on(**ONLY_PCMU)
        phone.registered(within=15)
        bench.place.ear.release(HANDSET)
        guest = Guest(bench)
        for turn in range(ROUNDS):
            for name, call in (("deskphone", guest.ours), ("baresip", guest.baresips)):
                begins, heard = call(turn)
                talks[name].spoken += len(begins)
                talks[name].delays += heard
                print(f"{name}: {', '.join(f'{each:.0f}' for each in heard)}", file=sys.stderr, flush=True)
    return talks


def table(talks: dict[str, Talk]) -> str:
    """As docs/bench.md has it."""
    lines = [
        "| phone | chirps heard of spoken | median, ms | 5 % to 95 %, ms | least to most, ms |",
        "|---|---|---|---|---|",
    ]
    for name, talk in talks.items():
        low, *_, high = statistics.quantiles(talk.delays, n=20)
        spread = f"{low:.1f} to {high:.1f} | {min(talk.delays):.1f} to {max(talk.delays):.1f}"
        lines.append(
            f"| {name} | {len(talk.delays)} of {talk.spoken} | {statistics.median(talk.delays):.1f} | {spread} |"
        )
    ratio = statistics.median(talks["deskphone"].delays) / statistics.median(talks["baresip"].delays)
    return "\n".join((*lines, "", f"Mouth to ear, deskphone to baresip: x {ratio:.2f}"))


def main() -> int:
    """Print the table."""
    if os.geteuid() == 0:
        os.nice(-15)  # other programs on this machine are not what is to be measured
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    print(table(measure()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
