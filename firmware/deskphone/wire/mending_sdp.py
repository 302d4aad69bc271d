"""SDP as it comes from the field, written again so that the stack's parser takes it (RFC 8866, RFC 3264).

Law: pure, linear, bytes to bytes. Every m= line stays in its place, for an answer has as many (RFC 3264 section 6); a
medium that cannot be read gets port 0, a format that cannot be read is left out.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

MOST_MEDIA: Final = 15  # of the stack's bounds one less each: it cannot tell "full" from "too many"
MOST_FORMATS: Final = 31
MOST_ATTRIBUTES: Final = 67
MOST_BANDWIDTHS: Final = 3
MOST_KEYS: Final = 16  # far below the stack's bound, and more than anybody offers
MOST_BYTES: Final = 32_768
Attribute = tuple[str, str | None]
"""Name and value of an a= line; None where there is no value."""

TOKEN: Final = r"[A-Za-z0-9\-.!#$%&'*+^_`{|}~]+"
DIRECTIONS: Final = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
# What the phone speaks, kept first where an offer has more formats than the stack holds.
SPOKEN: Final = frozenset({"pcmu", "pcma", "g722", "opus", "telephone-event"})
STATIC: Final = {"0": "PCMU", "8": "PCMA", "9": "G722"}
NOWHERE: Final = "IN IP4 0.0.0.0"
KEY: Final = re.compile(r"\d{1,9} (?:AES|AEAD)_[A-Z0-9_]{3,40} inline:[A-Za-z0-9+/=|:]{16,256}(?: .*)?")
# What the stack or the phone acts on, kept first where a medium has more attributes than the stack holds.
ACTED_ON: Final = frozenset({
    *DIRECTIONS, "rtpmap", "fmtp", "ptime", "maxptime", "rtcp", "rtcp-mux", "crypto", "setup", "fingerprint", "mid",
    "ice-ufrag", "ice-pwd",
})  # fmt: skip


class _Section:
    """The lines of the session level or below one m= line, while they are read. usable: no c= of it is unreadable."""

    def __init__(self, usable: bool = True) -> None:
        self.connection = ""
        self.bandwidths: list[str] = []
        self.attributes: list[Attribute] = []
        self.usable = usable


class _Medium(_Section):
    """One media description (RFC 8866 section 5.14): the m= line and what is below it."""

    def __init__(self, kind: str, port: str, profile: str, formats: list[str], usable: bool) -> None:
        super().__init__(usable)
        self.kind, self.port, self.profile, self.formats = kind, port, profile, formats


def mend_sdp(raw: bytes) -> bytes | None:
    """The session description with what can be read of it; None where no line is v= or m=, or above MOST_BYTES."""
    if len(raw) > MOST_BYTES:
        return None
    lines = [line.strip() for line in re.split(r"[\r\n\x00]+", raw.decode("utf-8", "replace"))]
    pairs = [(line[0].lower(), line[2:].strip()) for line in lines if re.match(r"[A-Za-z]=", line)]
    pairs += [] if pairs else [(m[1], m[2].strip()) for line in lines if (m := re.match(r"([a-z])\s*=(.*)", line))]
    if not any(kind in ("v", "m") for kind, _ in pairs):
        return None
    session, media, origin, name = _Section(), list[_Medium](), "", "-"
    current: _Section = session
    for kind, value in pairs:
        if kind == "m":
            current = _medium(value)
            media.append(current)
        elif kind == "o":
            origin = origin or _origin(value)
        elif kind == "s":
            name = value if not media and value else name
        else:
            _take(current, kind, value)
    out = ["v=0", f"o={origin or '- 0 0 IN IP4 0.0.0.0'}", f"s={name}"]
    nowhere = "" if media and all(medium.connection for medium in media) else NOWHERE
    out += [f"c={session.connection or nowhere}"] if session.connection or nowhere else []
    out += [f"b={each}" for each in session.bandwidths[:MOST_BANDWIDTHS]] + ["t=0 0"]
    out += _attributes(session.attributes)
    for medium in media[:MOST_MEDIA]:
        out += _lines(medium, session)
    return "\r\n".join([*out, ""]).encode()


def _origin(value: str) -> str:
    """The value of o= (RFC 8866 section 5.2), an id or version that is no number as 0; "" for fewer than six words."""
    words = value.split()
    if len(words) < 6:
        return ""
    user, number, version, _, kind, address = *words[:5], words[5]
    numbers = [each if each.isascii() and each.isdigit() and len(each) < 20 else "0" for each in (number, version)]
    return f"{user} {' '.join(numbers)} IN {_type(kind, address)} {address}"


def _type(kind: str, address: str) -> str:
    return "IP6" if ":" in address else "IP4" if kind.upper() not in ("IP4", "IP6") else kind.upper()


def _connection(value: str) -> str:
    """The value of c= as `IN IP4 address` (RFC 8866 section 5.7) without TTL; "" where it is of another network type or
    cannot be read."""
    words = value.split()
    if len(words) == 2 and words[0].upper() in ("IP4", "IP6"):
        words.insert(0, "IN")
    if len(words) < 3 or words[0].upper() != "IN" or words[1].upper() not in ("IP4", "IP6"):
        return ""
    address = words[2].partition("/")[0].strip("[]")
    return f"IN {_type(words[1], address)} {address}" if re.fullmatch(r"[A-Za-z0-9.:\-]{1,255}", address) else ""


def _take(section: _Section, kind: str, value: str) -> None:
    """A c=, b= or a= line into its section; other types and lines that cannot be read are left out."""
    if kind == "c":
        section.connection = section.connection or _connection(value)
        section.usable = section.usable and bool(section.connection)
    elif kind == "b" and re.fullmatch(rf"{TOKEN}:\s*\d{{1,9}}", value):
        section.bandwidths.append("".join(value.split()))
    elif kind == "a":
        name, colon, text = value.partition(":")
        name = name.strip()
        if re.fullmatch(TOKEN, name) and (name.lower() != "crypto" or KEY.fullmatch(text.strip())):
            name = name.lower() if name.lower() in DIRECTIONS | ACTED_ON else name
            section.attributes.append((name, text.strip() if colon and text.strip() else None))


def _medium(value: str) -> _Medium:
    """The value of an m= line, `audio 40000 RTP/AVP 0 8 101`; one that cannot be read has port 0 and is not usable."""
    words = value.split()
    kind = words[0].lower() if words and re.fullmatch(TOKEN, words[0]) else "audio"
    port = re.fullmatch(r"(\d{1,5})(?:/\d+)?", words[1]) if len(words) > 1 else None
    profile = words[2] if len(words) > 2 and re.fullmatch(r"[A-Za-z0-9/]{1,40}", words[2]) else "RTP/AVP"
    readable = port is not None and int(port[1]) < 65_536 and len(words) > 3
    return _Medium(
        kind=kind, port=str(int(port[1])) if port is not None and readable else "0", profile=profile,
        formats=list(dict.fromkeys(words[3:])), usable=readable,
    )  # fmt: skip


def _rtpmap(value: str | None) -> tuple[str, str, str] | None:
    """Payload type, encoding name in lower case, and the whole as `101 telephone-event/8000`; None where it cannot be
    read, or has no clock rate and none is known for it."""
    found = re.fullmatch(r"(\d{1,3})\s+([A-Za-z0-9\-._]+)\s*(?:/\s*(\d{1,6})\s*(/\s*\d{1,2})?)?.*", value or "")
    if found is None or int(found[1]) > 127:
        return None
    rate = found[3] or ("8000" if found[2].lower() in SPOKEN - {"opus"} else "")
    if not rate:
        return None
    return str(int(found[1])), found[2].lower(), f"{int(found[1])} {found[2]}/{rate}{''.join((found[4] or '').split())}"


def _lines(medium: _Medium, session: _Section) -> list[str]:
    """The lines of one media description, with port 0 where nothing usable is left."""
    attributes, formats = medium.attributes, medium.formats
    if "RTP" in medium.profile.upper():
        attributes, formats = _formats(medium, medium.connection or session.connection)
    where = (
        [f"c={medium.connection}"] if medium.connection else []
    )  # also of one that is off: else the session needs one
    connected = bool(medium.connection or session.connection) and medium.usable
    # One format that cannot stand there would cost all lines, and of another protocol none can be left out.
    if not formats or not connected or medium.port == "0" or not all(map(_printable, formats)):
        kept = [each for each in medium.formats if _printable(each)][:MOST_FORMATS] or ["0"]
        return [f"m={medium.kind} 0 {medium.profile} {' '.join(kept)}", *where]
    lines = [f"m={medium.kind} {medium.port} {medium.profile} {' '.join(formats)}"]
    lines += where
    lines += [f"b={each}" for each in medium.bandwidths[:MOST_BANDWIDTHS]]
    return lines + _attributes(attributes)


def _printable(text: str) -> bool:
    """Whether a format can stand in an m= line of port 0: a token, a number below 128 or without a digit in front."""
    number = re.fullmatch(r"[0-9]{1,3}", text) is not None and int(text) < 128
    return re.fullmatch(TOKEN, text) is not None and (number or not text[0].isdigit())


def _rtcp(value: str, where: str) -> str:
    """The value of a=rtcp (RFC 3605): its address stays where it is one host's and of the family of its medium, whose
    c= is `where`; a name, another family, a group and nobody are left out; "" where no port can be read."""
    found = re.fullmatch(r"(\d{1,5})(?:\s+IN\s+IP[46]\s+([0-9A-Fa-f.:\[\]]+))?(?:\s.*)?", value, re.IGNORECASE)
    if found is None or int(found[1]) > 65_535:
        return ""
    try:
        address = ip_address((found[2] or "").strip("[]"))
    except ValueError:
        return found[1]
    family, host = f"IN IP{address.version}", getattr(address, "ipv4_mapped", None) or address
    if host.is_multicast or host.is_unspecified or (host.version == 4 and host.is_reserved):
        return found[1]
    return f"{found[1]} {family} {address}" if where.startswith(family) else found[1]


def _formats(medium: _Medium, where: str) -> tuple[list[Attribute], list[str]]:
    """The attributes and formats of an RTP medium without the formats that neither an rtpmap nor RFC 3551 defines.
    where: the value of the c= line that counts for it."""
    maps = {found[0]: found for name, value in medium.attributes if name == "rtpmap" and (found := _rtpmap(value))}
    broken = {
        words[0] for name, value in medium.attributes
        if name == "rtpmap" and not _rtpmap(value) and (words := (value or "").split())
    }  # fmt: skip
    numbers = [str(int(each)) for each in medium.formats if re.fullmatch(r"[0-9]{1,3}", each) and int(each) < 128]
    known = [each for each in dict.fromkeys(numbers) if each in maps or (int(each) < 96 and not
             (each in broken and each not in STATIC))]  # fmt: skip
    if len(known) > MOST_FORMATS:
        spoken = [each for each in known if each in STATIC or (each in maps and maps[each][1] in SPOKEN)]
        known = [*spoken, *(each for each in known if each not in spoken)][:MOST_FORMATS]
    kept: list[Attribute] = []
    for name, value in medium.attributes:
        if name == "rtpmap":
            found = _rtpmap(value)
            if found and maps.get(found[0]) == found and found[0] in known:
                kept.append((name, found[2]))
        elif name == "fmtp":
            words = (value or "").split(None, 1)
            if len(words) == 2 and words[0] in known:
                kept.append((name, " ".join(words)))
        elif name == "rtcp":
            port = _rtcp(value or "", where)
            kept += [(name, port)] if port else []
        else:
            kept.append((name, value))
    return kept, known


def _attributes(attributes: list[Attribute]) -> list[str]:
    """The a= lines, each once, MOST_ATTRIBUTES and MOST_KEYS at most; those of ACTED_ON first where there are more."""
    attributes = list(dict.fromkeys(attributes))
    spare = [each for each in attributes if each[0] == "crypto"][MOST_KEYS:]
    attributes = [each for each in attributes if each not in spare]
    if len(attributes) > MOST_ATTRIBUTES:
        first = [each for each in attributes if each[0] in ACTED_ON]
        attributes = [*first, *(each for each in attributes if each[0] not in ACTED_ON)][:MOST_ATTRIBUTES]
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]
