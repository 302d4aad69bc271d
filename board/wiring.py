"""Draw the wiring page from the board files: docs/wiring.md and docs/wiring.svg.

Law: nothing is known here that is not in board/*.toml; a test makes both again and compares.
Run: .venv/bin/python board/wiring.py [DIRECTORY]
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.sax.saxutils import escape

from deskphone.drivers.board import HEADER, HOOK, PATHS, POWER, Board, SoundCard
from deskphone.drivers.board_file import load_board

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
PAIRS = [(odd, odd + 1) for odd in range(1, 41, 2)]
BCM = {pin: bcm for bcm, pin in HEADER.items()}
COLOURS = {
    "3V3": "#e8a33d", "5V": "#d6453d", "GND": "#3c4450", "row": "#2f7ed8", "column": "#5aa9a3", "lamp": "#c2a000",
    "display": "#8a5bd1", "sound": "#3f9b4f", "EEPROM": "#9aa3ad", "free": "#c9d1d9",
}  # fmt: skip
TITLES = {"soft1": "soft 1", "soft2": "soft 2", "soft3": "soft 3", "soft4": "soft 4", "volume_up": "vol +"}
TITLES |= {"volume_down": "vol -", HOOK: "HOOK"}


def uses(board: Board) -> dict[int, str]:
    """What each pin of the header is for, by header pin."""
    named = {HEADER[bcm]: what for what, bcm in board.pins()}
    return {pin: POWER.get(pin) or named.get(pin, "free") for pin in range(1, 41)}


def markdown(spi: Board, i2c: Board) -> str:
    """The wiring page."""
    first, second = uses(spi), uses(i2c)
    lines = [
        "# Wiring",
        "",
        "Made by `python board/wiring.py` from `board/handset.toml` and `board/handset-i2c.toml`; do not edit.",
        "",
        "![The header and the key matrix](wiring.svg)",
        "",
        "## The 40-pin header",
        "",
        f"| Pin | BCM | {spi.name} | {i2c.name} |",
        "|---:|---:|---|---|",
    ]
    lines += [f"| {pin} | {BCM.get(pin, '')} | {first[pin]} | {second[pin]} |" for pin in range(1, 41)]
    for board in (spi, i2c):
        lines += ["", f"## Key matrix: {board.name}", "", *_matrix_table(board)]
    lines += [
        "",
        "Each contact joins its row to its column through a diode, anode at the row. `hook` is the cradle's switch,",
        "closed while the handset is lifted.",
        "",
        "## Lamps",
        "",
        f"Lit by a {'high' if spi.lamps.lit_high else 'low'} level, through 470 ohm each.",
        "",
        "| Lamp | BCM | Pin |",
        "|---|---:|---:|",
        *(f"| {name} | {bcm} | {HEADER[bcm]} |" for name, bcm in spi.lamps.pins),
        "",
        "## Sound",
        "",
        f"The ring tone sounds on: {spi.audio.ringer}.",
        "",
        "| Path | Card | Playback | Capture | Volume |",
        "|---|---|---|---|---|",
        *(_card_row(path, spi.audio.card(path)) for path in PATHS),
    ]
    return "\n".join(lines) + "\n"


def _matrix_table(board: Board) -> list[str]:
    matrix = board.matrix
    head = " | ".join(f"column {n} (BCM {bcm}, pin {HEADER[bcm]})" for n, bcm in enumerate(matrix.columns))
    lines = [f"| | {head} |", "|---|" + "---|" * len(matrix.columns)]
    for n, bcm in enumerate(matrix.rows):
        keys = " | ".join(f"`{key}`" if key else "" for key in matrix.keys[n])
        lines.append(f"| row {n} (BCM {bcm}, pin {HEADER[bcm]}) | {keys} |")
    return lines


def _card_row(path: str, card: SoundCard) -> str:
    volume = f"{card.control}, {card.lowest} to {card.highest} %" if card.control else "none"
    return f"| {path} | `{card.card}` | `{card.playback}` | `{card.capture}` | {volume} |"


def svg(board: Board) -> str:
    """The header seen from above, and the key matrix."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1180 700" font-family="sans-serif" font-size="13">',
        '<rect width="1180" height="700" fill="#ffffff"/>',
        _text(30, 36, board.name, size=20, weight="bold"),
        _text(30, 58, "40-pin header from above, pin 1 at the corner of the board", colour="#57606a"),
        *_header(board),
        _text(600, 58, "Key matrix: row - diode (anode at the row) - key - column", colour="#57606a"),
        *_matrix(board),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _header(board: Board) -> list[str]:
    parts = ['<rect x="212" y="76" width="76" height="608" rx="6" fill="#24292f"/>']
    named = uses(board)
    for line, pair in enumerate(PAIRS):
        y = 96 + line * 30
        for pin, x, edge, anchor in ((pair[0], 232, 200, "end"), (pair[1], 268, 300, "start")):
            use = named[pin]
            colour = COLOURS[use if use in COLOURS else use.split()[0]]
            shape = (
                f'<rect x="{x - 11}" y="{y - 11}" width="22" height="22" fill="{colour}"/>'
                if pin == 1
                else f'<circle cx="{x}" cy="{y}" r="11" fill="{colour}"/>'
            )
            label = use if pin in POWER else f"{use}  GPIO{BCM[pin]}"
            parts += [
                shape,
                _text(x, y + 4, str(pin), anchor="middle", size=11, colour="#ffffff", weight="bold"),
                _text(edge, y + 5, label, anchor=anchor),
            ]
    return parts


def _matrix(board: Board) -> list[str]:
    matrix = board.matrix
    left, top, wide, high = 660, 130, 86, 90
    bottom = top + (len(matrix.rows) - 1) * high + 40
    right = left + (len(matrix.columns) - 1) * wide + 60
    parts = []
    for n, bcm in enumerate(matrix.columns):
        x = left + 50 + n * wide
        parts.append(f'<path d="M{x} {top - 30}V{bottom}" stroke="{COLOURS["column"]}" stroke-width="2"/>')
        parts.append(_text(x, top - 38, f"GPIO{bcm}", anchor="middle", colour=COLOURS["column"], weight="bold"))
    for n, bcm in enumerate(matrix.rows):
        y = top + n * high
        parts.append(f'<path d="M{left - 20} {y}H{right}" stroke="{COLOURS["row"]}" stroke-width="2"/>')
        parts.append(_text(left - 26, y + 5, f"GPIO{bcm}", anchor="end", colour=COLOURS["row"], weight="bold"))
        for column, key in enumerate(matrix.keys[n]):
            if key:
                parts += _contact(left + 50 + column * wide, y, TITLES.get(key, key))
    return parts


def _contact(x: int, y: int, name: str) -> list[str]:
    """From the row down through the diode to the key, and right into the column."""
    a = x - 48
    return [
        f'<circle cx="{a}" cy="{y}" r="3" fill="{COLOURS["row"]}"/>',
        f'<path d="M{a - 6} {y + 9}h12l-6 11z" fill="#24292f"/>',
        f'<path d="M{a} {y}v9 M{a - 6} {y + 20}h12 M{a} {y + 20}v12h14l14 -8 M{a + 32} {y + 32}H{x}" '
        'fill="none" stroke="#24292f" stroke-width="1.5"/>',
        f'<circle cx="{x}" cy="{y + 32}" r="3" fill="{COLOURS["column"]}"/>',
        _text(a - 4, y + 50, name, size=12, weight="bold", halo=4),
    ]


def _text(
    x: int,
    y: int,
    words: str,
    *,
    anchor: str = "start",
    size: int = 13,
    colour: str = "#24292f",
    weight: str = "normal",
    halo: int = 0,
) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{colour}" '
        f'font-weight="{weight}" paint-order="stroke" stroke="#ffffff" stroke-width="{halo}">{escape(words)}</text>'
    )


def pages() -> dict[str, str]:
    """File name and text of everything this script makes."""
    spi, i2c = load_board(HERE / "handset.toml"), load_board(HERE / "handset-i2c.toml")
    return {"wiring.md": markdown(spi, i2c), "wiring.svg": svg(spi)}


if __name__ == "__main__":
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    for file, text in pages().items():
        (directory / file).write_text(text, "utf-8")
        print(directory / file)
