"""The little SDP (RFC 4566, 3264) a local party needs: one audio stream. Pure. SDP between phones is only passed on."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SDP = 16384
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_MIRROR = {"sendonly": "recvonly", "recvonly": "sendonly"}
STATIC = {0: "PCMU/8000", 3: "GSM/8000", 8: "PCMA/8000", 9: "G722/8000", 18: "G729/8000"}


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type of the m= line."""

    payload_type: int
    rtpmap: str = ""
    fmtp: str = ""

    @property
    def name(self) -> str:
        """Encoding name, upper case."""
        return self.rtpmap.split("/", 1)[0].upper()


@dataclass(frozen=True, slots=True)
class Session:
    """What a remote SDP says of its first audio stream. `streams` are all m= lines, for the answer's shape."""

    host: str
    port: int
    formats: tuple[Format, ...]
    direction: str
    protocol: str
    streams: tuple[str, ...]
    audio_index: int

    @property
    def on_hold(self) -> bool:
        """The other side does not want to hear us (RFC 3264 section 8.4; 0.0.0.0 is the old way)."""
        return self.direction in ("sendonly", "inactive") or self.host == "0.0.0.0" or self.port == 0

    def find(self, name: str) -> Format | None:
        """The format with this encoding name."""
        return next((entry for entry in self.formats if entry.name == name), None)


def parse(body: bytes) -> Session:
    """Raises ValueError on anything without an audio stream."""
    if len(body) > MAX_SDP:
        raise ValueError(f"SDP of {len(body)} bytes: expected at most {MAX_SDP}")
    lines = [line for line in body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n") if line[1:2] == "="]
    streams = [line[2:] for line in lines if line.startswith("m=")]
    index = next((i for i, stream in enumerate(streams) if stream.startswith("audio ")), None)
    if index is None:
        raise ValueError("SDP without an audio stream")
    parts = streams[index].split()
    if len(parts) < 4 or not parts[1].isdecimal():
        raise ValueError(f"m={streams[index]}: expected m=audio PORT PROTOCOL FORMATS")
    starts = [i for i, line in enumerate(lines) if line.startswith("m=")] + [len(lines)]
    session_part, audio_part = lines[: starts[0]], lines[starts[index] : starts[index + 1]]
    host = _connection(audio_part) or _connection(session_part)
    maps, fmtps = _attributes(audio_part, "rtpmap"), _attributes(audio_part, "fmtp")
    formats = tuple(
        Format(int(number), maps.get(number) or STATIC.get(int(number), ""), fmtps.get(number, ""))
        for number in parts[3:35]
        if number.isdecimal() and int(number) < 128
    )
    return Session(
        host=host,
        port=int(parts[1]),
        formats=formats,
        direction=_direction(audio_part) or _direction(session_part) or "sendrecv",
        protocol=parts[2],
        streams=tuple(streams),
        audio_index=index,
    )


def build(
    *, host: str, port: int, formats: tuple[Format, ...], direction: str, version: int, answering: Session | None = None
) -> bytes:
    """An offer, or the answer to `answering` (its other streams are refused with port 0)."""
    family = "IP6" if ":" in host else "IP4"
    numbers = " ".join(str(entry.payload_type) for entry in formats)
    audio = [f"m=audio {port} {answering.protocol if answering else 'RTP/AVP'} {numbers}"]
    for entry in formats:
        if entry.rtpmap:
            audio.append(f"a=rtpmap:{entry.payload_type} {entry.rtpmap}")
        if entry.fmtp:
            audio.append(f"a=fmtp:{entry.payload_type} {entry.fmtp}")
    audio += ["a=ptime:20", f"a={direction}"]
    head = ["v=0", f"o=sipserver 1 {version} IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0"]
    if answering is None:
        return _join(head + audio)
    body = list(head)
    for i, stream in enumerate(answering.streams):
        if i == answering.audio_index:
            body += audio
        else:
            parts = stream.split()
            body.append("m=" + " ".join([parts[0], "0", *parts[2:]]) if len(parts) > 2 else f"m={stream}")
    return _join(body)


def answer_direction(offered: str, wanted: str = "sendrecv") -> str:
    """The direction of an answer (RFC 3264 section 6.1): the offer's mirror, narrowed by what we want."""
    mirror = _MIRROR.get(offered, offered)
    if mirror == "sendrecv":
        return wanted
    if wanted in ("sendrecv", mirror):
        return mirror
    return "inactive"


def _join(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode()


def _connection(lines: list[str]) -> str:
    found = next((line[2:].split() for line in lines if line.startswith("c=")), [])
    return found[2].split("/", 1)[0] if len(found) == 3 else ""


def _attributes(lines: list[str], name: str) -> dict[str, str]:
    values = [line[2:].split(":", 1)[1] for line in lines if line.startswith(f"a={name}:")]
    return {number: rest for number, _, rest in (value.strip().partition(" ") for value in values)}


def _direction(lines: list[str]) -> str:
    return next((line[2:].strip() for line in lines if line[2:].strip() in DIRECTIONS and line[0] == "a"), "")
