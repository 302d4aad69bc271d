"""A side of a call that lives in this process: it negotiates one audio stream, plays, echoes and listens.

Service numbers and customers are local parties; to a call they are sides like any phone (`Party`).
"""

from __future__ import annotations

from centre import sdp
from centre.audio import check_kind, loop_of
from centre.ear import Ear
from centre.party import Exchange, Outcome
from centre.rtp import Packet, Player, RtpSocket
from centre.useragent import UserAgent

OFFERED = {"PCMU": sdp.Format(0, "PCMU/8000"), "PCMA": sdp.Format(8, "PCMA/8000")}
EVENTS = sdp.Format(101, "telephone-event/8000", "0-16")


class LocalParty:
    """`media`: echo, none, or a sound of audio.py. `codecs` in order of wish; echo takes any codec offered."""

    def __init__(
        self, agent: UserAgent, label: str, *, name: str = "", media: str = "silence",
        codecs: tuple[str, ...] = ("PCMA", "PCMU"),
    ) -> None:  # fmt: skip
        check_kind(media)
        unknown = [codec for codec in codecs if codec not in OFFERED]
        if unknown or not codecs:
            raise ValueError(f"codecs {codecs}: expected some of {', '.join(OFFERED)}")
        self.agent, self.label, self.name, self.media = agent, label, name, media
        self.owner: Exchange | None = None
        self.ear = Ear()
        self.infos: list[tuple[str, bytes]] = []
        self.held = False  # by the other side
        self.codec = ""
        self.remote: sdp.Session | None = None
        self._codecs = codecs
        self._direction = "sendrecv"  # what we want; sendonly while we hold
        self._rtp: RtpSocket | None = None
        self._player: Player | None = None
        self._version = 0
        self._ended = False

    @property
    def alive(self) -> bool:
        """Not ended."""
        return not self._ended

    @property
    def packets_sent(self) -> int:
        """RTP packets that went out."""
        return self._rtp.sent if self._rtp else 0

    # Offer and answer

    def make_offer(self) -> bytes:
        """Our offer."""
        formats = (*(OFFERED[codec] for codec in self._codecs), EVENTS)
        return self._build(formats, self._direction, None)

    def take_answer(self, body: bytes) -> None:
        """The answer to our offer. ValueError when it is none."""
        self._apply(sdp.parse(body))

    def answer_offer(self, body: bytes) -> bytes:
        """Our answer. ValueError when there is no codec in common or no audio."""
        offer = sdp.parse(body)
        if offer.protocol not in ("RTP/AVP", "RTP/AVPF"):
            raise ValueError(f"{offer.protocol}: expected RTP/AVP (local parties speak no SRTP)")
        if self.media == "echo":
            formats = offer.formats
        else:
            wanted = [entry for codec in self._codecs if (entry := offer.find(codec))][:1]
            events = offer.find("TELEPHONE-EVENT")
            formats = (*wanted, *([events] if events else []))
            if not wanted:
                raise ValueError(f"no codec in common: offered {[entry.name for entry in offer.formats]}")
        self._apply(offer)
        return self._build(formats, sdp.answer_direction(offer.direction, self._direction), offer)

    # Party

    async def reoffer(self, offer: bytes | None, *, update: bool = False) -> Outcome:
        """A new offer of the other side, or a wish for ours."""
        if self._ended:
            return Outcome(481)
        if offer is None:
            return Outcome(200, self.make_offer())
        try:
            return Outcome(200, self.answer_offer(offer))
        except ValueError as error:
            return Outcome(488, phrase=str(error)[:60])

    def confirm(self, answer: bytes | None) -> None:
        """The ACK; with an SDP it answers our offer."""
        if answer:
            try:
                self.take_answer(answer)
            except ValueError:
                self.hang_up("SIP;cause=488")
                if self.owner is not None:
                    self.owner.hung_up(self, "bad answer")

    async def inform(self, method: str, content_type: str, body: bytes) -> int:
        """INFO or MESSAGE: kept for assertions; DTMF in INFO counts as digits."""
        self.infos.append((content_type, body))
        if method == "INFO" and content_type.lower().startswith("application/dtmf-relay"):
            fields = dict(line.split("=", 1) for line in body.decode("ascii", "replace").split() if "=" in line)
            self.ear.digits += fields.get("Signal", "")[:1]
        elif method == "INFO" and content_type.lower().startswith("application/dtmf"):
            self.ear.digits += body.decode("ascii", "replace").strip()[:1]
        self.changed()
        return 200

    def hang_up(self, reason: str = "") -> None:
        """Close the media. Told by the call; to leave by own wish also tell the owner."""
        if self._ended:
            return
        self._ended = True
        self.close_media()
        self.changed()

    # Media

    def hold_changed(self) -> None:
        """The other side held or retrieved us; `held` says which."""

    def changed(self) -> None:
        """Something a story may wait for has happened."""
        self.agent.bus.wake()

    def close_media(self) -> None:
        """Free the ports."""
        if self._player is not None:
            self._player.stop()
        if self._rtp is not None:
            self._rtp.close()

    def _build(self, formats: tuple[sdp.Format, ...], direction: str, offer: sdp.Session | None) -> bytes:
        if self._rtp is None:
            self._rtp = RtpSocket(self.agent.settings.host, self._heard)
            self._aim()
        self._version += 1
        return sdp.build(
            host=self._rtp.host, port=self._rtp.port, formats=formats, direction=direction,
            version=self._version, answering=offer,
        )  # fmt: skip

    def _apply(self, remote: sdp.Session) -> None:
        self.remote = remote
        if remote.on_hold != self.held:
            self.held = remote.on_hold
            self.hold_changed()
        chosen = next((entry for entry in remote.formats if entry.name in self._codecs), None)
        if self.media == "echo":
            self.codec = remote.formats[0].name if remote.formats else ""
        elif chosen is None:
            raise ValueError(f"no codec in common: {[entry.name for entry in remote.formats]}")
        elif chosen.name != self.codec:
            self.codec = chosen.name
            self._change_sound(chosen)
        self._aim()
        self.changed()

    def _change_sound(self, chosen: sdp.Format) -> None:
        if self._player is not None:
            self._player.stop()
            self._player = None
        if self.media != "none":
            self._sound = (chosen.payload_type, loop_of(self.media, chosen.name))

    def _aim(self) -> None:
        """Send to where the other side listens, or fall silent."""
        if self._rtp is None or self.remote is None or self._ended:
            return
        silent = self.held or self._direction == "inactive"
        self._rtp.remote = None if silent else (self.remote.host, self.remote.port)
        if self.media in ("echo", "none"):
            return
        if self._player is None:
            self._player = Player(self._rtp, *self._sound)
        if silent:
            self._player.stop()
        else:
            self._player.start()

    def _heard(self, packet: Packet) -> None:
        formats = self.remote.formats if self.remote else ()
        name = next((entry.name for entry in formats if entry.payload_type == packet.payload_type), "")
        self.ear.hear(packet, name or sdp.STATIC.get(packet.payload_type, "").split("/")[0])
        if self.media == "echo" and self._rtp is not None:
            mine = Packet(
                packet.payload_type, packet.sequence, packet.timestamp, self._rtp.ssrc, packet.payload, packet.marker
            )
            self._rtp.send(mine)
        self.changed()
