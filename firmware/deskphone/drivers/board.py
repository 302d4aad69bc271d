"""The board: wiring facts as frozen values, and what a Raspberry Pi's 40-pin header offers.

Law: types and facts only; `board_file` reads them from board/handset.toml. BCM numbers throughout.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.core.voice_path import VoicePath

# BCM number -> pin of the 40-pin header (all Pis since the B+). 0 and 1 belong to the HAT identification EEPROM.
HEADER: dict[int, int] = {
    0: 27, 1: 28, 2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 7: 26, 8: 24, 9: 21, 10: 19, 11: 23, 12: 32, 13: 33,
    14: 8, 15: 10, 16: 36, 17: 11, 18: 12, 19: 35, 20: 38, 21: 40, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37, 27: 13,
}  # fmt: skip
POWER: dict[int, str] = {1: "3V3", 2: "5V", 4: "5V", 17: "3V3"} | dict.fromkeys((6, 9, 14, 20, 25, 30, 34, 39), "GND")
EEPROM = (0, 1)
PULLED_DOWN_AT_RESET = frozenset(range(9, 28))  # BCM2835 ARM Peripherals, table 6-31: 0 to 8 are pulled up

KEYS: tuple[str, ...] = (
    *"0123456789*#",
    *("soft1", "soft2", "soft3", "soft4"),
    *("up", "down", "left", "right", "ok", "cancel"),
    *("menu", "hold", "mute", "transfer", "redial", "voicemail", "contacts", "headset", "speaker"),
    *("volume_up", "volume_down"),
)  # fmt: skip
HOOK = "hook"  # the cradle's switch as a contact of the matrix
LAMPS: tuple[str, ...] = ("ring", "message", "mute", "headset", "speaker")
PATHS: tuple[VoicePath, ...] = (VoicePath.HANDSET, VoicePath.HEADSET, VoicePath.SPEAKER)

SPI_PINS: dict[int, tuple[int, ...]] = {0: (10, 11, 8), 1: (20, 21, 18)}  # MOSI, SCLK, CE0
SPI_MISO: dict[int, int] = {0: 9, 1: 19}
I2C_PINS: dict[int, tuple[int, int]] = {1: (2, 3)}  # SDA, SCL


@dataclass(frozen=True, slots=True)
class MatrixWiring:
    """keys[row][column] is a key's name, `hook`, or "" where nothing is wired."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    settle_us: int
    keys: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class LampWiring:
    """The pins in the order of LAMPS; lit_high: a lamp burns at high level."""

    pins: tuple[tuple[str, int], ...]
    lit_high: bool


@dataclass(frozen=True, slots=True)
class Spi:
    """reset -1: the display resets itself. miso: the port's data input is claimed although nothing uses it."""

    port: int
    device: int
    dc: int
    speed_hz: int
    reset: int = -1
    miso: bool = True

    def pins(self) -> dict[str, int]:
        """What the display uses, by signal."""
        mosi, sclk, ce0 = SPI_PINS[self.port]
        used = {"MOSI": mosi, "SCLK": sclk, "CS": ce0 if self.device == 0 else 7, "DC": self.dc}
        if self.reset >= 0:
            used["RES"] = self.reset
        if self.miso:
            used["MISO"] = SPI_MISO[self.port]
        return used


@dataclass(frozen=True, slots=True)
class I2c:
    """The display at `address` on /dev/i2c-`port`."""

    port: int
    address: int
    speed_hz: int

    def pins(self) -> dict[str, int]:
        """What the display uses, by signal."""
        sda, scl = I2C_PINS[self.port]
        return {"SDA": sda, "SCL": scl}


@dataclass(frozen=True, slots=True)
class DisplayWiring:
    """device: a name in luma.oled.device. rotate: quarter turns. bright, dim: contrast 0 to 255."""

    device: str
    width: int
    height: int
    rotate: int
    bright: int
    dim: int
    bus: Spi | I2c


@dataclass(frozen=True, slots=True)
class SoundCard:
    """One voice path. control "" where the card has no volume of its own; percentages of that control's range."""

    card: str
    playback: str
    capture: str
    control: str = ""
    lowest: int = 0
    highest: int = 100
    microphone: str = ""
    microphone_percent: int = 70


@dataclass(frozen=True, slots=True)
class SoundWiring:
    """i2s: pins the sound overlay claims. ringer: the path that rings. rate_hz: the clock at which cards are opened, in
    hertz: their own, so that nothing but pjsua's resampler changes it."""

    handset: SoundCard
    headset: SoundCard
    speaker: SoundCard
    ringer: VoicePath
    i2s: tuple[int, ...] = ()
    rate_hz: int = 48_000

    def card(self, path: VoicePath) -> SoundCard:
        """The card of one of PATHS."""
        return {
            VoicePath.HANDSET: self.handset,
            VoicePath.HEADSET: self.headset,
            VoicePath.SPEAKER: self.speaker,
        }[path]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that is wired."""

    name: str
    matrix: MatrixWiring
    lamps: LampWiring
    display: DisplayWiring
    audio: SoundWiring

    def pins(self) -> tuple[tuple[str, int], ...]:
        """Every use of a pin as (what, BCM number); a pin used twice appears twice."""
        return (
            *((f"EEPROM {name}", pin) for name, pin in zip(("ID_SD", "ID_SC"), EEPROM, strict=True)),
            *((f"row {n}", pin) for n, pin in enumerate(self.matrix.rows)),
            *((f"column {n}", pin) for n, pin in enumerate(self.matrix.columns)),
            *((f"lamp {name}", pin) for name, pin in self.lamps.pins),
            *((f"display {name}", pin) for name, pin in self.display.bus.pins().items()),
            *((f"sound {name}", pin) for name, pin in zip(_I2S_NAMES, self.audio.i2s, strict=False)),
        )


_I2S_NAMES = ("BCLK", "LRCLK", "mic data in", "amp data out", "amp SD")
