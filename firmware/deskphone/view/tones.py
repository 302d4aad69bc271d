"""The tones a person hears in the ear: call-progress tones by country, the phone's own signals, DTMF.

Law: look-up only. `tone(country, name)` is the one door; it never fails for a country it does not know.
What the countries differ in is data in `tone_countries`; what E.180 leaves to the terminal is here.
"""

from __future__ import annotations

from deskphone.view.tone_countries import COUNTRIES, Country
from deskphone.view.tone_shapes import Cadence, Segment, Tone, melody, pulses, steady

__all__ = ["DEFAULT_COUNTRY", "DTMF", "NAMES", "Segment", "Tone", "country_code", "dtmf", "tone"]

DEFAULT_COUNTRY = "US"  # `voip/regional_settings/selected_country` has the default USA

# Signals that do not differ by country. hold_reminder: somebody is still on hold. confirmation, error: a key
# was obeyed or refused. auto_answer: the call is answered (voip/auto_answer/*_beep). key_click: a key was pressed.
# ring, ring_beep: the phone rings, or beeps, in a headset.
# information, recording (the recorder warning tone, 1400 Hz every 15 s): as E.180 recommends them to all.
_COMMON: dict[str, Cadence] = {
    "howler": Cadence(pulses((1400, 2060, 2450, 2600), 100, 100)),
    "information": Cadence(melody((950, 330, 0), (1400, 330, 0), (1800, 330, 1000))),
    "hold_reminder": Cadence(melody((620, 90, 60), (620, 90, 14_760))),
    "confirmation": Cadence(melody((880, 70, 30), (1175, 110, 0)), repeat=1),
    "error": Cadence(melody((392, 120, 40), (294, 220, 0)), repeat=1),
    "auto_answer": Cadence(melody((1000, 120, 80), (1000, 120, 0)), repeat=1),
    "key_click": Cadence(melody((1600, 12, 0)), repeat=1),
    "recording": Cadence(melody((1400, 500, 14_500))),
    "ring": Cadence(melody(*((770, 70, 0), (620, 70, 0)) * 7, (770, 70, 3_000))),
    "ring_beep": Cadence(steady(1000)),
}

# dBm0 of each sinusoid, the levels of the precise tone plan; our own beeps stay below speech.
_LEVELS: dict[str, int] = {
    "dial": -16,
    "secondary": -16,
    "stutter": -16,
    "ringback": -19,
    "busy": -22,
    "congestion": -22,
    "call_waiting": -19,
    "howler": -10,
    "information": -19,
    "hold_reminder": -22,
    "confirmation": -19,
    "error": -19,
    "auto_answer": -13,
    "key_click": -22,
    "recording": -25,
    "ring": -19,
    "ring_beep": -19,
}

NAMES: tuple[str, ...] = tuple(_LEVELS)


def _by_name() -> dict[str, str]:
    words = {code: code for code in COUNTRIES}
    for code, country in COUNTRIES.items():
        words |= dict.fromkeys((country.name.upper(), *(n.upper() for n in country.names)), code)
    return words


_CODES = _by_name()


def country_code(country: str) -> str:
    """ISO 3166-1 alpha-2 code of a country given as that code, its alpha-3 code or a name, in any case.

    A country this phone does not know is DEFAULT_COUNTRY: a phone with a wrong country still has tones.
    """
    return _CODES.get(" ".join(country.replace("_", " ").split()).upper(), DEFAULT_COUNTRY)


def tone(country: str, name: str) -> Tone:
    """The tone `name` (one of NAMES) as the country's network has it.

    Raises LookupError where `name` is no tone: that is our own mistake, never a configuration's.
    """
    if name not in _LEVELS:
        raise LookupError(f"tone: no tone is called {name!r}; expected one of {', '.join(NAMES)}")
    cadence = _cadence(COUNTRIES[country_code(country)], name)
    return Tone(name, cadence.loop, cadence.repeat, cadence.lead, _LEVELS[name])


def _cadence(country: Country, name: str) -> Cadence:
    own: dict[str, Cadence | None] = {
        "dial": country.dial,
        "secondary": country.secondary or country.dial,
        "stutter": country.stutter,
        "ringback": country.ringback,
        "busy": country.busy,
        "congestion": country.congestion,
        "call_waiting": country.call_waiting,
        "howler": country.howler,
        "information": country.information,
    }
    return own.get(name) or _COMMON[name]


# ITU-T Q.23: low group (row) and high group (column), Hz.
_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
DTMF: dict[str, tuple[int, int]] = {
    key: (_ROWS[row], _COLUMNS[column])
    for row, keys in enumerate(("123A", "456B", "789C", "*0#D"))
    for column, key in enumerate(keys)
}


def dtmf(digit: str, on_ms: int = 100, off_ms: int = 100) -> Tone:
    """One DTMF digit, on and off in ms. ITU-T Q.24 asks receivers to take 40 ms; people and IVRs expect 100 ms.

    Raises LookupError where `digit` is none of 0-9 * # A-D.
    """
    pair = DTMF.get(digit.upper())
    if pair is None:
        raise LookupError(f"dtmf: expected one of {''.join(DTMF)}, got {digit!r}")
    return Tone(f"dtmf-{digit.upper()}", (Segment(pair, on_ms, off_ms),), repeat=1, level_dbm0=-10)
