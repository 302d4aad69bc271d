"""Ten thousand phones lose one server in the same half second, and it returns: how many REGISTERs a second it gets.

Law: the core itself, in virtual time, one `reduce` for each event of each phone. Run it to draw docs/storm.svg anew:
`.venv/bin/python -m tests.bench.storm` (two to five minutes).
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from pathlib import Path

from deskphone.config.reader import read
from deskphone.core import events as ev
from deskphone.core.effects import Register
from deskphone.core.lines import line
from deskphone.core.moment import Moment
from deskphone.core.reduce import reduce
from deskphone.core.state import Phone

PHONES, SHORT, OUTAGE, SHOWN = 10_000, 8.0, 120.0, 240
START = 1100.0
CONFIG = (
    b"voip/line/0/enabled=1\nvoip/line/0/id=1502\nvoip/signalling/sip/use_proxy=1\n"
    b"voip/signalling/sip/proxy_address=10.0.0.1\nvoip/signalling/sip/proxy_timeout=300\n"
)


def storm(phones: int, outage: float, seed: int = 1) -> Counter[int]:
    """REGISTERs by the second since the loss. outage: seconds until the server answers again."""
    draw, sent = random.Random(seed), Counter[int]()
    layers = read(CONFIG).layers
    assert layers is not None
    on, _ = reduce(Phone(), ev.PowerOn(layers), Moment(1000.0, 1.8e9))
    on, _ = reduce(on, ev.Registered(0, 300), Moment(1000.1, 1.8e9))
    all_of_them = [on] * phones
    due = [(START + draw.random() / 2, number, True) for number in range(phones)]
    heapq.heapify(due)
    while due:
        when, number, lost = heapq.heappop(due)
        event = ev.RegistrationFailed(0, 503, "", answered=False) if lost else ev.Elapsed()
        phone, effects = reduce(all_of_them[number], event, Moment(when, 1.8e9 + when, draw.random()))
        all_of_them[number] = phone
        asked = any(isinstance(each, Register) for each in effects)
        sent[int(when - START)] += asked
        if not asked or when < START + outage:  # else it is answered, and this phone is home
            heapq.heappush(due, (min(phone.lines[0].register_at, phone.lines[0].answer_by), number, False))
    return sent


def picture(curves: dict[str, tuple[Counter[int], float]]) -> str:
    """An SVG of REGISTERs a second, one curve each with seconds of the outage, and each peak in words."""
    width, height, most = 720, 300, 600
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 74}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>'
    ]
    for level in range(0, most + 1, 100):
        y = height - level * (height - 20) / most
        lines.append(f'<path d="M40 {y:.0f}H{width}" stroke="#ddd"/><text x="8" y="{y + 4:.0f}">{level}</text>')
    for outage in {outage for _, outage in curves.values()}:
        back = 40 + outage * (width - 40) / SHOWN
        lines.append(f'<path d="M{back:.0f} 20V{height}" stroke="#888" stroke-dasharray="4"/>')
        lines.append(f'<text x="{back + 4:.0f}" y="16">back after {outage:.0f} s</text>')
    for place, (name, (sent, outage)) in enumerate(curves.items()):
        colour = ("#c33", "#36c", "#393")[place % 3]
        points = " ".join(
            f"{40 + second * (width - 40) / SHOWN:.1f},{height - min(sent[second], most) * (height - 20) / most:.1f}"
            for second in range(SHOWN)
        )
        peak, home = max(sent.values()), max(second for second in sent if sent[second])
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        lines.append(
            f'<text x="40" y="{height + 20 + 18 * place}" fill="{colour}">{name}, away for {outage:.0f} s: '
            f"peak {peak}/s, the last one home after {home} s</text>"
        )
    return "\n".join([*lines, "</svg>\n"])


def five_seconds(_pause: float, chance: float) -> float:
    """The first try after a loss as it once was."""
    return 5.0 * (1 + line.JITTER * (2 * chance - 1))


def main() -> None:
    """All curves, and the picture."""
    now, line._rest_of = line._rest_of, five_seconds
    curves = {"first try after 5 s": (storm(PHONES, SHORT), SHORT)}
    line._rest_of = now
    for outage in (SHORT, OUTAGE):
        curves["first try somewhere in a pause" if outage == SHORT else "the same"] = (storm(PHONES, outage), outage)
    Path("docs/storm.svg").write_text(picture(curves), "utf-8")


if __name__ == "__main__":
    main()
