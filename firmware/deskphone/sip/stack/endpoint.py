"""The pjsua2 endpoint: one configuration from Settings, transports, codecs, and a clean end.

Law: runs on the SIP thread only. What a setting means to pjsip is written here and nowhere else.
"""

from __future__ import annotations

import ctypes
import logging
import re
import socket
from collections.abc import Callable
from typing import Any

import _pjsua2  # type: ignore[import-not-found]
import deskphone_sipext as sipext
import pjsua2 as pj

from deskphone.config.schema.words import CodecName, RedundancyMode, Transport
from deskphone.config.settings import Settings
from deskphone.sip.options import ALSA, UserAgentOptions
from deskphone.sip.policy.sender import place_of
from deskphone.sip.stack import tls
from deskphone.sip.stack.loop import guarded
from deskphone.sip.stack.often import OncePerMinute
from deskphone.trust.certificates import Credentials

LOG = logging.getLogger("deskphone.sip.pjsip")
LOG.addFilter(OncePerMinute())

RELEASE = "Debian"
"""The source that is 2.17 without what upstream mended since (firmware/native/pjproject.toml)."""
CLOCK_RATE = 16_000
FRAME_MS = 20
CARD_FRAME_MS = 10
"""Frames of the bridge where a sound card is: several wait between mouth and network, and each is half as long."""
ECHO_MS = 200  # of the loudspeaker's sound in a room, card and buffers included

UNACKNOWLEDGED = pj.SockOpt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 5000)
"""Milliseconds what was sent may wait for the far host (RFC 5482): else a server that had no power is heard of again
when TCP repeats itself, up to two minutes after it is back. Kept here, for pjsip keeps a pointer to it."""

CODEC_IDS = {
    CodecName.G722: "G722/16000/1",
    CodecName.PCMA: "PCMA/8000/1",
    CodecName.PCMU: "PCMU/8000/1",
    CodecName.OPUS: "opus/48000/2",
}

ORDINARY = re.compile(
    r"RTC?P socket bind\(\) at .* error"  # a port of the range is taken: the next pair is tried
    r"|(create/send REGISTER|pjsua_acc_set_registration).*\(PJSIP_EBUSY\)"  # a refresh of pjsip's own is pending
    r"|cannot find Account instance .* on_acc_send_request"  # at the end, where an OPTIONS has no answer yet
)
"""What pjsip prints as an error and is none: the caller has another way, and tells it where that fails, too."""

_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO}


_MENDERS_BUSINESS = ("Dropping ", "Error processing packet", "Error parsing ", "Field Content-Length not found")
"""Lines of pjsip about a message it cannot read, the whole message in some: `mending` says it once an hour."""


class PjLog(pj.LogWriter):  # type: ignore[misc]
    """pjsip's own log lines in the journal. Level 4 and up print whole messages with credentials: never used."""

    def write(self, entry: Any) -> None:
        """pjsua2: one line of pjsip's log, at its level (1 fatal to 6 trace)."""
        text = entry.msg.rstrip()
        if any(line in text[:120] for line in _MENDERS_BUSINESS):
            return
        level = logging.DEBUG if ORDINARY.search(text) else _LEVELS.get(entry.level, logging.DEBUG)
        LOG.log(level, "%s", text)


CardLost = Callable[[int, int], None]
"""Told pjmedia's direction and number of a sound device that has gone."""


Connection = Callable[[bool, str, str], None]
"""Told whether a TCP or TLS connection that this phone opened is up or lost, the `host:port` it goes to, and the name
of what was wrong with TLS, "" for nothing. What others open says nothing about a server."""


class _Endpoint(pj.Endpoint):  # type: ignore[misc]
    """Tells when a TCP or TLS connection is up or lost, and when a sound card has gone."""

    def __init__(self, connection: Connection, card_lost: CardLost) -> None:
        super().__init__()
        self._connection, self._card_lost = connection, card_lost

    def onMediaEvent(self, prm: Any) -> None:
        """On the SIP thread, as all of pjsua2's with mainThreadOnly."""
        if prm.ev.type == pj.PJMEDIA_EVENT_AUD_DEV_ERROR:
            gone = prm.ev.data.audDevError
            direction, number = int(gone.dir), int(gone.id)
            guarded(lambda: self._card_lost(direction, number))

    def onTransportState(self, prm: Any) -> None:
        """A transport changed; datagram transports have no such life."""
        kind, state, changing = str(prm.type), int(prm.state), sipext.changing_connection()
        if changing is None or not changing[0]:
            return
        _, host, port = changing
        remote = place_of(f"[{host}]:{port}")
        if not kind.upper().startswith("UDP") and state in (
            pj.PJSIP_TP_STATE_CONNECTED,
            pj.PJSIP_TP_STATE_DISCONNECTED,
        ):
            lost = kind.upper().startswith("TLS") and state == pj.PJSIP_TP_STATE_DISCONNECTED
            trouble = tls.trouble(int(prm.tlsInfo.verifyStatus), bool(prm.tlsInfo.established)) if lost else ""
            guarded(lambda: self._connection(state == pj.PJSIP_TP_STATE_CONNECTED, remote, trouble))


class PjEndpoint:
    """pjsua2 from libCreate to libDestroy. `transports` maps a transport to pjsua's id."""

    def __init__(
        self,
        settings: Settings,
        options: UserAgentOptions,
        connection: Connection = lambda _up, _remote, _trouble: None,
        card_lost: CardLost = lambda _direction, _number: None,
    ) -> None:
        self.settings = settings
        self.options = options
        self.transports: dict[Transport, int] = {}
        self._listeners: list[tuple[int, bool]] = []  # those of TLS: pjsua's id, and whether IPv6
        self._credentials = Credentials()
        # libCreate prints to stdout, where the phone's screen may be, before a log writer can be given to it.
        _log_level(0)
        self.ep = _Endpoint(connection, card_lost)
        self.ep.libCreate()

    def init(self) -> None:
        """libInit: modules may be registered after it and before `start`."""
        self.ep.libInit(_ep_config(self.settings, self.options))
        if sipext.PJ_SOURCE == RELEASE:
            LOG.warning("pjproject %s as released: it lacks what docs/security.md names", sipext.PJ_VERSION)
        else:
            LOG.info("pjproject %s, source %s", sipext.PJ_VERSION, sipext.PJ_SOURCE)

    def start(self) -> tuple[str, int]:
        """Open the transports and start; returns the UDP address that a wake-up datagram reaches.

        Both families at once: which of them the servers are reached by may change with the network. IPv6 may be
        missing on this machine; the phone works without.
        """
        wanted = self.settings.sip.transport
        port = self.options.sip_port if self.options.sip_port is not None else self.settings.sip.port
        main = self.options.bound(ipv6=False) is None  # bound to one IPv6 address: there is no other family
        first = self._open(wanted, self._stream_port(wanted, port), ipv6=main)
        if wanted == Transport.UDP:
            wake = first
        else:
            # It exists to be woken, on loopback; with TCP also to answer in the dialogs of a far end that has nothing
            # but UDP and whose proxy does not stay between (RFC 3261, 18). `Gate.datagrams`: no request is taken there.
            outside = self.options.bound(ipv6=main) or "" if wanted == Transport.TCP else None
            loopback = "::1" if main else "127.0.0.1"
            where = self._config(0, loopback if outside is None else outside)
            wake = self._create(_kind(Transport.UDP, main), where)
        if not main and self.options.bound(ipv6=True) is not None:
            try:
                self._open(wanted, self._stream_port(wanted, port), ipv6=True)
            except OSError as error:
                LOG.info("%s; no IPv6", error)
        self.ep.libStart()
        self.ep.audDevManager().setNoDev()  # until somebody listens there is no clock to run
        self.apply_codecs(self.settings)
        host, _, own = self.ep.transportGetInfo(wake).localAddress.rpartition(":")
        host = host.strip("[]")
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), int(own)

    def leave_connections(self) -> None:
        """Shut TCP and TLS connections: those of an address the phone has no more carry nothing, and say so late."""
        if self.settings.sip.transport == Transport.UDP:
            return
        change = pj.IpChangeParam()
        change.restartListener, change.shutdownTransport = False, True
        try:
            self.ep.handleIpChange(change)
        except pj.Error as error:
            LOG.warning("connections of the old address: %s", error.reason)

    @property
    def name(self) -> str:
        """What User-Agent and Server say."""
        return _name(self.settings, self.options)

    def local(self, transport: Transport) -> str:
        """host:port of one of our transports."""
        info = self.ep.transportGetInfo(self.transports[transport])
        return str(info.localAddress)

    def apply_codecs(self, settings: Settings) -> None:
        """Order, packet time and silence suppression; a codec that is not in the settings is off."""
        wanted = [codec for codec in settings.media.codecs if codec.name in CODEC_IDS]
        ranks = {CODEC_IDS[codec.name]: 250 - place for place, codec in reversed(list(enumerate(wanted)))}
        times = {CODEC_IDS[codec.name]: codec.ptime for codec in reversed(wanted)}
        for info in self.ep.codecEnum2():
            self.ep.codecSetPriority(info.codecId, ranks.get(info.codecId, 0))
        for codec_id, ptime in times.items():
            try:
                param = self.ep.codecGetParam(codec_id)
                param.setting.vad = settings.audio.silence_compression
                if ptime and param.info.frameLen:
                    param.setting.frmPerPkt = max(1, ptime // param.info.frameLen)
                if codec_id == CODEC_IDS[CodecName.OPUS]:
                    _mono(param.setting.decFmtp)
                self.ep.codecSetParam(codec_id, param)
            except pj.Error as error:
                LOG.warning("codec %s: %s", codec_id, error.reason)

    def destroy(self) -> None:
        """libDestroy. What had to be said to the servers has been said: no second of waiting."""
        self.ep.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)

    def _stream_port(self, transport: Transport, port: int) -> int:
        if transport == Transport.TLS and self.options.sip_port is None:
            return self.settings.sip.tls.port
        return port

    def _open(self, transport: Transport, port: int, ipv6: bool) -> int:
        config = self._config(port, self.options.bound(ipv6) or "")
        if transport == Transport.TCP:
            config.sockOptParams.sockOpts.append(UNACKNOWLEDGED)
        if transport == Transport.TLS:
            config.tlsConfig.sockOptParams.sockOpts.append(UNACKNOWLEDGED)
            self._credentials = tls.credentials(self.options)
            tls.configure(config.tlsConfig, self.settings, self._credentials)
            dscp(config.tlsConfig.qosParams, self.settings.sip.tos)
        made = self._create(_kind(transport, ipv6), config)
        self.transports.setdefault(transport, made)
        if transport == Transport.TLS:
            self._listeners.append((made, ipv6))
        return made

    def renew(self) -> None:
        """Open the TLS listeners anew where the certificates in force are others now; connections that are up stay."""
        if not self._listeners or tls.credentials(self.options) == self._credentials:
            return
        LOG.info("TLS: the certificates have changed")
        listeners, self._listeners = self._listeners, []
        del self.transports[Transport.TLS]
        for number, ipv6 in listeners:
            port = int(self.ep.transportGetInfo(number).localAddress.rpartition(":")[2])
            self.ep.transportClose(number)
            self._open(Transport.TLS, port, ipv6)

    def _config(self, port: int, address: str) -> Any:
        config = pj.TransportConfig()
        config.port = port
        config.boundAddress = address
        dscp(config.qosParams, self.settings.sip.tos)
        return config

    def _create(self, kind: int, config: Any) -> int:
        _log_level(0)  # pjsip would tell of a port that is taken in two lines of its own, before ours
        try:
            return int(self.ep.transportCreate(kind, config))
        except pj.Error as error:
            where = f"{config.boundAddress or 'any address'} port {config.port}"
            raise OSError(f"SIP transport: cannot bind {where}: {error.reason}") from None
        finally:
            _log_level(self.options.log_level)


def _log_level(level: int) -> None:
    ctypes.CDLL(_pjsua2.__file__).pj_log_set_level(level)


def _mono(formats: Any) -> None:
    """One channel both ways (RFC 7587 section 6.1), said aloud: else pjmedia takes stereo where the far end can, and
    its bridge adds the two channels, 6 dB too loud."""
    for name in ("stereo", "sprop-stereo"):
        if not any(each.name == name for each in formats):
            parameter = pj.CodecFmtp()
            parameter.name, parameter.val = name, "0"
            formats.append(parameter)


def set_timers(settings: Settings) -> None:
    """RFC 3261's timers. With a second server T1 is that of the two (manual 2.2.8): a request is sent again so soon and
    so often that neither a lost packet nor a dead server is waited for."""
    two = settings.redundant.effective is not RedundancyMode.DISABLE
    sipext.set_timers(settings.redundant.dual_t1 if two else settings.sip.t1, settings.sip.t2, settings.sip.t4)


def dscp(qos: Any, tos: int) -> None:
    """Mark packets: the upper six bits of the TOS byte (RFC 2474)."""
    qos.flags = 1  # PJ_QOS_PARAM_HAS_DSCP
    qos.dscp_val = tos >> 2


def _kind(transport: Transport, ipv6: bool) -> int:
    """pjsip's number of a transport over one of the two families."""
    kinds = {
        Transport.UDP: (pj.PJSIP_TRANSPORT_UDP, pj.PJSIP_TRANSPORT_UDP6),
        Transport.TCP: (pj.PJSIP_TRANSPORT_TCP, pj.PJSIP_TRANSPORT_TCP6),
        Transport.TLS: (pj.PJSIP_TRANSPORT_TLS, pj.PJSIP_TRANSPORT_TLS6),
    }
    return int(kinds[transport][ipv6])


def _name(settings: Settings, options: UserAgentOptions) -> str:
    return settings.sip.user_agent or options.user_agent


def _ep_config(settings: Settings, options: UserAgentOptions) -> Any:
    config = pj.EpConfig()
    ua = config.uaConfig
    ua.threadCnt = 0
    ua.mainThreadOnly = True
    ua.maxCalls = 16
    ua.userAgent = _name(settings, options)
    ua.mwiUnsolicitedEnabled = False  # ours, with the sender checked
    ua.natTypeInSdp = 0
    config.logConfig.level = options.log_level
    config.logConfig.consoleLevel = options.log_level  # "console" is the writer, where there is one
    config.logConfig.msgLogging = 0
    log = PjLog()
    log.__disown__()  # libDestroy deletes it
    config.logConfig.writer = log
    media = config.medConfig
    media.clockRate = CLOCK_RATE
    card = options.sound.kind == ALSA
    media.sndClockRate = options.sound.card_rate if card else CLOCK_RATE
    media.audioFramePtime = CARD_FRAME_MS if card else FRAME_MS
    # The card is clock enough. pjsua's own clock beside it costs a delay buffer each way: 70 ms, measured on the rig.
    media.sndUseSwClock = False
    media.channelCount = 1
    media.noVad = not settings.audio.silence_compression
    media.sndAutoCloseTime = -1  # the switchboard opens and closes the device
    media.sndRecLatency = options.sound.record_latency
    media.sndPlayLatency = options.sound.play_latency
    media.ecTailLen = ECHO_MS if settings.audio.echo_cancellation and card else 0
    return config
