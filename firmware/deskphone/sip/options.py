"""What the program chooses for the user agent, beside the settings: addresses, sound, who may call.

Law: frozen values. A setting of the configuration file does not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path as FolderPath

from deskphone.core.voice_path import VoicePath

ALSA = "alsa"
NULL = "null"
WAV = "wav"


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """The ALSA names of one voice path, as board/handset.toml has them; "" is the system's default device."""

    capture: str = ""
    playback: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """Where voice comes from and goes to. kind: null, wav or alsa. source, sink: the files of wav, "" for none.

    record_latency, play_latency: milliseconds of the card's buffers. The one is room for a late reader; the other is
    kept full, so that it is heard. card_rate: the clock of the cards in Hz; pjsua resamples between it and its own.
    """

    kind: str = NULL
    source: str = ""
    sink: str = ""
    devices: Mapping[VoicePath, SoundDevice] = field(default_factory=dict)
    record_latency: int = 40
    play_latency: int = 40
    card_rate: int = 16_000


def sound(argument: str) -> Sound:
    """`null`, `alsa` or `wav:IN,OUT` of the command line; either file may be empty. ValueError says what is wrong."""
    kind, _, files = argument.partition(":")
    if kind in (NULL, ALSA) and not files:
        return Sound(kind)
    source, comma, sink = files.partition(",")
    if kind != WAV or not comma:
        raise ValueError(f"--audio {argument}: expected null, alsa or wav:IN,OUT")
    return Sound(WAV, source, sink)


@dataclass(frozen=True, slots=True)
class UserAgentOptions:
    """address: local IP address to bind SIP and RTP to, "" for all interfaces. sip_port overrides the settings.

    media_port: first RTP port, 0 for the settings'. only_servers: INVITEs from other hosts are refused with 403.
    ca_file: the system's PEM file of authorities; data: the folder whose certificates (room `trust`) count beside it.
    """

    address: str = ""
    sip_port: int | None = None
    media_port: int = 0
    sound: Sound = Sound()
    only_servers: bool = True
    user_agent: str = "deskphone"
    ca_file: str = "/etc/ssl/certs/ca-certificates.crt"
    data: FolderPath | None = None
    log_level: int = 2

    def bound(self, ipv6: bool) -> str | None:
        """The address to bind for one of the two families, "" for all of them; None: not to be opened.

        Loopback is both families' loopback; another address is of its own family alone.
        """
        if not self.address:
            return ""
        address = ip_address(self.address)
        if address.is_loopback:
            return "::1" if ipv6 else "127.0.0.1"
        return self.address if (address.version == 6) is ipv6 else None
