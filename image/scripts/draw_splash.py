"""Draw the first and the last picture of the display, in the phone's own type, as XBM: text that C includes.

Run by hand when a word changes: .venv/bin/python image/scripts/draw_splash.py. A test draws them again and compares.
"""

from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).resolve().parents[2] / "firmware/deskphone/view/fonts/9x15B.pcf.gz"
FOLDER = Path(__file__).resolve().parents[1] / "package" / "deskphone-splash" / "src"
SIZE = (128, 64)
WORDS = {"starting": "Starting", "off": "Off"}


def picture(word: str) -> Image.Image:
    """The word in the middle."""
    image = Image.new("1", SIZE, 0)
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    font = ImageFont.truetype(BytesIO(gzip.decompress(FONT.read_bytes())), 15, layout_engine=ImageFont.Layout.BASIC)
    pen.text(((SIZE[0] - int(font.getlength(word))) // 2, SIZE[1] // 2 - 8), word, fill=1, font=font)
    return image


def xbm(name: str, image: Image.Image) -> str:
    """The picture as X BitMap, twelve bytes a line; a set bit is a lit pixel."""
    mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in image.tobytes())
    rows = [mirrored[at : at + 12] for at in range(0, len(mirrored), 12)]
    body = ",\n".join("    " + ", ".join(f"0x{byte:02x}" for byte in row) for row in rows)
    return (
        f"#define {name}_width {image.width}\n#define {name}_height {image.height}\n"
        f"static const unsigned char {name}_bits[] = {{\n{body}\n}};\n"
    )


def files() -> dict[str, str]:
    """File name and text of each picture."""
    return {f"{name}.xbm": xbm(name, picture(word)) for name, word in WORDS.items()}


if __name__ == "__main__":
    for file, text in files().items():
        (FOLDER / file).write_text(text, "ascii")
        print(FOLDER / file)
