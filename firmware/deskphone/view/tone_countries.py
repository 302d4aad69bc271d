"""Call-progress tones of the countries, as data.

Law: one entry a country, no behaviour. The figures are those of ITU-T E.180/Q.35 Supplement 2 (01/94) and
the ITU list "Various tones used in national networks" (02/2003); `source` names the national paper where one
rules. A field that stays open is left out (`tones` then takes the common tone); where a country has no
message-waiting tone, its dial tone stutters ten times first.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.view.tone_shapes import Cadence, Segment, melody, pulses, steady, stutter


@dataclass(frozen=True, slots=True)
class Country:
    """The tones of one national network; None: see `tones`. names: other ways a configuration file calls the country.
    source: the paper the figures are from."""

    name: str
    names: tuple[str, ...]
    dial: Cadence
    ringback: Cadence
    busy: Cadence
    congestion: Cadence
    call_waiting: Cadence
    stutter: Cadence
    secondary: Cadence | None = None
    information: Cadence | None = None
    howler: Cadence | None = None
    source: str = "E.180 Supplement 2"


def _loop(hz: int, *on_off_ms: int) -> Cadence:
    return Cadence(pulses((hz,), *on_off_ms))


def _continental(
    name: str,
    names: tuple[str, ...],
    *,
    busy: int,
    ringback: tuple[int, int],
    congestion: int,
    call_waiting: tuple[int, ...],
    special: Cadence | None = None,
) -> Country:
    """A network of one frequency, 425 Hz (E.180 clause 4.1 recommends it). busy, congestion: ms on and as many off;
    ringback, call_waiting: ms on and off in turn. special: its message-waiting tone."""
    return Country(
        name,
        names,
        dial=Cadence(steady(425)),
        ringback=_loop(425, *ringback),
        busy=_loop(425, busy, busy),
        congestion=_loop(425, congestion, congestion),
        call_waiting=_loop(425, *call_waiting),
        stutter=special or stutter(steady(425), (425,), 10, 100, 100),
    )


def _north_american(name: str, names: tuple[str, ...]) -> Country:
    """The precise audible tone plan (ITU-T E.300 Supplement 3); howler is its receiver-off-hook tone."""
    return Country(
        name,
        names,
        dial=Cadence(steady(350, 440)),
        ringback=Cadence(pulses((440, 480), 2000, 4000)),
        busy=Cadence(pulses((480, 620), 500, 500)),
        congestion=Cadence(pulses((480, 620), 250, 250)),
        call_waiting=_loop(440, 300, 9700),
        stutter=stutter(steady(350, 440), (350, 440), 10, 100, 100),
        secondary=stutter(steady(350, 440), (350, 440), 3, 100, 100),
        howler=Cadence(pulses((1400, 2060, 2450, 2600), 100, 100)),
        source="E.180 Supplement 2; E.300 Supplement 3; Telcordia GR-506",
    )


_BRITISH_RING = Cadence(pulses((400, 450), 400, 200, 400, 2000))
_SPECIAL_425_400 = Cadence(steady(425, 400))
_INDIAN_DIAL = steady(400, modulated_hz=25)
_SOUTH_AFRICAN_DIAL = steady(400, modulated_hz=33)

COUNTRIES: dict[str, Country] = {
    "US": _north_american("United States", ("USA", "United States of America", "North America")),
    "CA": _north_american("Canada", ("CAN",)),
    "GB": Country(
        "United Kingdom",
        ("UK", "GBR", "England", "Great Britain"),
        dial=Cadence(steady(350, 440)),
        ringback=_BRITISH_RING,
        busy=_loop(400, 375, 375),
        congestion=_loop(400, 400, 350, 225, 525),
        call_waiting=_loop(400, 100, 4000),
        stutter=Cadence((Segment((350, 440), 750), Segment((440,), 750))),
        source="BT SIN 350",
    ),
    "IE": _continental("Ireland", ("IRL",), busy=500, ringback=(1000, 4000), congestion=250, call_waiting=(200, 4000)),
    "DE": _continental(
        "Germany",
        ("DEU", "Deutschland"),
        busy=480,
        ringback=(1000, 4000),
        congestion=240,
        call_waiting=(200, 200, 200, 5000),
        special=_SPECIAL_425_400,
    ),
    "AT": Country(
        "Austria",
        ("AUT",),
        dial=Cadence(steady(420)),
        ringback=_loop(420, 1000, 5000),
        busy=_loop(420, 400, 400),
        congestion=_loop(420, 200, 200),
        call_waiting=_loop(420, 40, 1960),
        stutter=Cadence(steady(380, 420)),
    ),
    "CH": _continental(
        "Switzerland",
        ("CHE", "Schweiz", "Suisse"),
        busy=500,
        ringback=(1000, 4000),
        congestion=200,
        call_waiting=(200, 200, 200, 4000),
        special=Cadence(pulses((425, 340), 1100, 1100)),
    ),
    "FR": Country(
        "France",
        ("FRA",),
        dial=Cadence(steady(440)),
        ringback=_loop(440, 1500, 3500),
        busy=_loop(440, 500, 500),
        congestion=_loop(440, 250, 250),
        call_waiting=_loop(440, 300, 10000),
        stutter=stutter(steady(440), (440,), 10, 100, 100),
        secondary=Cadence(steady(440, 330)),
    ),
    "BE": _continental(
        "Belgium",
        ("BEL",),
        busy=500,
        ringback=(1000, 3000),
        congestion=167,
        call_waiting=(175, 175, 175, 3500),
        special=_loop(425, 1000, 250),
    ),
    "NL": _continental(
        "Netherlands",
        ("NLD", "Holland", "The Netherlands"),
        busy=500,
        ringback=(1000, 4000),
        congestion=250,
        call_waiting=(500, 9500),
        special=_loop(425, 500, 50),
    ),
    "IT": Country(
        "Italy",
        ("ITA",),
        dial=_loop(425, 200, 200, 600, 1000),
        ringback=_loop(425, 1000, 4000),
        busy=_loop(425, 500, 500),
        congestion=_loop(425, 200, 200),
        call_waiting=_loop(425, 400, 100, 250, 100, 150, 14000),
        stutter=Cadence(melody((470, 400, 0), (425, 400, 0))),
    ),
    "ES": Country(
        "Spain",
        ("ESP", "Espana"),
        dial=Cadence(steady(425)),
        ringback=_loop(425, 1500, 3000),
        busy=_loop(425, 200, 200),
        congestion=_loop(425, 200, 200, 200, 200, 200, 600),
        call_waiting=_loop(425, 175, 175, 175, 3500),
        stutter=stutter(steady(425), (425,), 10, 100, 100),
    ),
    "PT": _continental("Portugal", ("PRT",), busy=500, ringback=(1000, 5000), congestion=200, call_waiting=(200, 5000)),
    "SE": Country(
        "Sweden",
        ("SWE",),
        dial=Cadence(steady(425)),
        ringback=_loop(425, 1000, 5000),
        busy=_loop(425, 250, 250),
        congestion=_loop(425, 250, 750),
        call_waiting=_loop(425, 200, 500, 200, 9100),
        stutter=_loop(425, 320, 20),
    ),
    "NO": _continental(
        "Norway",
        ("NOR",),
        busy=500,
        ringback=(1000, 4000),
        congestion=200,
        call_waiting=(200, 600, 200, 10000),
        special=Cadence(melody((470, 400, 0), (425, 400, 0))),
    ),
    "DK": _continental(
        "Denmark",
        ("DNK",),
        busy=500,
        ringback=(1000, 4000),
        congestion=200,
        call_waiting=(200, 600, 200, 3000),
        special=_loop(425, 450, 50),
    ),
    "FI": _continental(
        "Finland",
        ("FIN",),
        busy=300,
        ringback=(1000, 4000),
        congestion=200,
        call_waiting=(150, 150, 150, 8000),
        special=_loop(425, 650, 25),
    ),
    "PL": _continental(
        "Poland",
        ("POL",),
        busy=500,
        ringback=(1000, 4000),
        congestion=500,
        call_waiting=(150, 150, 150, 4000),
    ),
    "CZ": Country(
        "Czech Republic",
        ("CZE", "Czechia"),
        dial=_loop(425, 330, 330, 660, 660),
        ringback=_loop(425, 1000, 4000),
        busy=_loop(425, 330, 330),
        congestion=_loop(425, 165, 165),
        call_waiting=_loop(425, 330, 9000),
        stutter=_loop(425, 450, 50),
    ),
    "HU": _continental(
        "Hungary",
        ("HUN",),
        busy=300,
        ringback=(1250, 3750),
        congestion=300,
        call_waiting=(40, 1960),
        special=Cadence(steady(350, 375, 400)),
    ),
    "RU": _continental(
        "Russia",
        ("RUS", "Russian Federation"),
        busy=350,
        ringback=(1000, 4000),
        congestion=175,
        call_waiting=(200, 5000),
        special=_loop(425, 400, 40),
    ),
    "IL": Country(
        "Israel",
        ("ISR",),
        dial=Cadence(steady(414)),
        ringback=_loop(414, 1000, 3000),
        busy=_loop(414, 500, 500),
        congestion=_loop(414, 250, 250),
        call_waiting=_loop(414, 100, 100, 100, 100, 600, 3000),
        stutter=stutter(steady(414), (414,), 10, 160, 160),
        information=Cadence(melody((1000, 330, 0), (1400, 330, 0), (1800, 330, 1000))),
    ),
    "AU": Country(
        "Australia",
        ("AUS",),
        dial=Cadence(steady(413, 438)),
        ringback=Cadence(pulses((413, 438), 400, 200, 400, 2000)),
        busy=_loop(425, 375, 375),
        congestion=_loop(425, 375, 375),
        call_waiting=_loop(425, 200, 200, 200, 4400),
        stutter=Cadence(pulses((413, 438), 100, 40)),
        information=_loop(425, 2500, 500),
        source="AS/ACIF S002:2001",
    ),
    "NZ": Country(
        "New Zealand",
        ("NZL",),
        dial=Cadence(steady(400)),
        ringback=_BRITISH_RING,
        busy=_loop(400, 500, 500),
        congestion=_loop(400, 250, 250),
        call_waiting=_loop(400, 200, 3000),
        stutter=stutter(steady(400), (400,), 10, 100, 100),
        source="Telecom New Zealand TNA 102",
    ),
    "JP": Country(
        "Japan",
        ("JPN",),
        dial=Cadence(steady(400)),
        ringback=Cadence(pulses((400,), 1000, 2000, modulated_hz=16)),
        busy=_loop(400, 500, 500),
        congestion=_loop(400, 500, 500),
        call_waiting=Cadence(pulses((400,), 500, 8000, modulated_hz=16)),
        stutter=_loop(400, 250, 250),
    ),
    "CN": Country(
        "China",
        ("CHN",),
        dial=Cadence(steady(450)),
        ringback=_loop(450, 1000, 4000),
        busy=_loop(450, 350, 350),
        congestion=_loop(450, 700, 700),
        call_waiting=_loop(450, 400, 4000),
        stutter=_loop(450, 400, 40),
        information=_loop(450, 100, 100, 100, 100, 100, 100, 400, 400),
    ),
    "IN": Country(
        "India",
        ("IND",),
        dial=Cadence(_INDIAN_DIAL),
        ringback=Cadence(pulses((400,), 400, 200, 400, 2000, modulated_hz=25)),
        busy=_loop(400, 750, 750),
        congestion=_loop(400, 250, 250),
        call_waiting=_loop(400, 200, 100, 200, 7500),
        stutter=Cadence(_INDIAN_DIAL, pulses((400,), *((100, 100) * 10), modulated_hz=25)),
    ),
    "SG": Country(
        "Singapore",
        ("SGP",),
        dial=Cadence(steady(425)),
        ringback=Cadence(pulses((425,), 400, 200, 400, 2000, modulated_hz=24)),
        busy=_loop(425, 750, 750),
        congestion=_loop(425, 250, 250),
        call_waiting=Cadence(pulses((425,), 300, 200, 300, 3200, modulated_hz=24)),
        stutter=Cadence(steady(425), pulses((425,), *((200, 200, 600, 200) * 4))),
        source="IDA TS PSTN 1",
    ),
    "BR": Country(
        "Brazil",
        ("BRA", "Brasil"),
        dial=Cadence(steady(425)),
        ringback=_loop(425, 1000, 4000),
        busy=_loop(425, 250, 250),
        congestion=_loop(425, 250, 250, 750, 250),
        call_waiting=_loop(425, 50, 1000),
        stutter=stutter(steady(425), (425,), 10, 100, 100),
    ),
    "MX": _continental(
        "Mexico",
        ("MEX",),
        busy=250,
        ringback=(1000, 4000),
        congestion=250,
        call_waiting=(200, 600, 200, 10000),
    ),
    "ZA": Country(
        "South Africa",
        ("ZAF",),
        dial=Cadence(_SOUTH_AFRICAN_DIAL),
        ringback=Cadence(pulses((400,), 400, 200, 400, 2000, modulated_hz=33)),
        busy=_loop(400, 500, 500),
        congestion=_loop(400, 250, 250),
        call_waiting=Cadence(pulses((400,), 250, 250, modulated_hz=33)),
        stutter=Cadence(_SOUTH_AFRICAN_DIAL, pulses((400,), *((100, 100) * 10), modulated_hz=33)),
    ),
}
