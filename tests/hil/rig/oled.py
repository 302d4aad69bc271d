"""The display's bytes back to the picture a person sees: SSD1306 on SPI or I2C.

Law: an independent reading of the datasheet (SSD1306, Solomon Systech, table 9-1 and chapter 10.1.3), not of luma.oled.
Horizontal and page addressing; a command or a mode that is not here is an error: the rig must not guess.
"""

from __future__ import annotations

from PIL import Image

WIDTH, PAGES = 128, 8
DATA, COMMANDS = 0x40, 0x00  # the control byte of I2C: what follows is data, or commands
HORIZONTAL, PAGE = 0, 2
ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
"""Command -> how many bytes follow; all others have none."""
SINGLE = {*range(0x40, 0x80), *range(0xA0, 0xA2), *range(0xA4, 0xA8), 0xAE, 0xAF, 0xC0, 0xC8, 0xE3, 0x2E}


class Ssd1306:
    """A display of 128x64. `frames` counts how often its memory was written to the end."""

    def __init__(self) -> None:
        self.memory = bytearray(WIDTH * PAGES)
        self.on = False
        self.contrast = 0x7F
        self.frames = 0
        self.data_bytes = 0
        self._pending: list[int] = []
        self._mode = PAGE
        self._columns, self._pages = (0, WIDTH - 1), (0, PAGES - 1)
        self._column = self._page = 0

    def i2c(self, message: bytes) -> None:
        """One I2C message without its address."""
        if message:
            self.spi(message[1:], data=bool(message[0] & DATA))

    def spi(self, sent: bytes, data: bool) -> None:
        """One SPI transfer; data: the level of the data/command line."""
        if data:
            self._write(sent)
        else:
            for byte in sent:
                self._command(byte)

    def picture(self) -> Image.Image:
        """Mode "1", white is a lit pixel; black while the display is off."""
        image = Image.new("1", (WIDTH, PAGES * 8))
        if not self.on:
            return image
        pixels = bytearray(WIDTH * PAGES)  # rows of 16 bytes, most significant bit left
        for page in range(PAGES):
            for column in range(WIDTH):
                byte = self.memory[page * WIDTH + column]
                for bit in range(8):
                    if byte >> bit & 1:
                        pixels[(page * 8 + bit) * WIDTH // 8 + column // 8] |= 0x80 >> column % 8
        return Image.frombytes("1", (WIDTH, PAGES * 8), bytes(pixels))

    def _write(self, sent: bytes) -> None:
        if self._mode not in (HORIZONTAL, PAGE):
            raise ValueError(f"data in addressing mode {self._mode}, expected {HORIZONTAL} or {PAGE}")
        self.data_bytes += len(sent)
        for byte in sent:
            self.memory[self._page * WIDTH + self._column] = byte
            self._column += 1
            if self._mode == PAGE and self._column == WIDTH:
                self._column = 0
                self.frames += self._page == PAGES - 1
            elif self._mode == HORIZONTAL and self._column > self._columns[1]:
                self._column = self._columns[0]
                self._page += 1
                if self._page > self._pages[1]:
                    self._page = self._pages[0]
                    self.frames += 1

    def _command(self, byte: int) -> None:
        self._pending.append(byte)
        name, arguments = self._pending[0], self._pending[1:]
        if len(arguments) < ARGUMENTS.get(name, 0):
            return
        self._pending = []
        match name:
            case 0x20:
                self._mode = arguments[0] & 3
            case 0x21:
                self._columns = (arguments[0], arguments[1])
                self._column = arguments[0]
            case 0x22:
                self._pages = (arguments[0], arguments[1])
                self._page = arguments[0]
            case 0x81:
                self.contrast = arguments[0]
            case 0xAE | 0xAF:
                self.on = name == 0xAF
            case _ if 0xB0 <= name < 0xB0 + PAGES:
                self._page = name & 7
            case _ if name <= 0x0F:
                self._column = self._column & 0x70 | name
            case _ if name <= 0x1F:
                self._column = self._column & 0x0F | (name & 7) << 4
            case _ if name not in ARGUMENTS and name not in SINGLE:
                raise ValueError(f"command {name:#04x}: not one of the SSD1306")
