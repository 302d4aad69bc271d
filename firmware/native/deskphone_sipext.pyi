"""What pjsua2 lacks for a contact-centre phone: a hook for incoming requests and doors in front of it, client
subscriptions of any package, REFER outside a dialog, and some things of pjmedia.

Bytes in, bytes out; no pjsua2 object crosses. Every function belongs on the SIP thread (the one that called
libCreate, or one registered with libRegisterThread); callbacks come on it too, inside libHandleEvents, and must
return at once: note the fact, queue the work. An exception in a callback is printed by sys.unraisablehook.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, final

BUILD_ID: str
"""Hash of the pjproject source, config_site.h and options both modules were built with; checked at import."""
PJ_VERSION: str
"""The pjproject version, such as "2.17"."""
PJ_SOURCE: str
"""Where its source came from: twelve digits of upstream's commit, "Debian" (the release as it was), "given"."""

Header = tuple[str, str]
Answer = tuple[int, str, Sequence[Header]] | tuple[int, str, Sequence[Header], bool] | Literal["drop"]
Hook = Callable[[bytes, str, int, str], Answer | None]
"""hook(message, source address, source port, transport) -> None, (status code, reason, headers[, stateless]), "drop".

None leaves the request to pjsip. A stateless answer opens no transaction (RFC 3261, 8.2.7): nothing is kept, nothing is
sent again, and a repeated request is asked about again; for strangers, whose floods would cost memory. "drop" is no
answer at all. Status codes are 200 to 699; an empty reason means the usual phrase. A hook that
raises or answers nonsense answers 500. It sees every request but ACK and CANCEL. Retransmissions do not reach the hook;
transport is "UDP", "TCP" or "TLS".
After accept_refer() the request has its answer, and what the hook returns is not looked at.
"""

class Error(RuntimeError):
    """pjsip refused, is not running, has no started extension, or was called from a foreign thread."""

class Busy(Error):
    """The subscription waits for the answer to a SUBSCRIBE; refresh again after its ANSWER event."""

class Event(NamedTuple):
    """What happened to a subscription; of a referral only "TERMINATED" is told.

    kind is one of: "ANSWER" (2xx to a SUBSCRIBE of ours: the next refresh() may go), "NOTIFY" (message holds it whole;
    answered 200 by pjsip), "TERMINATED" (the last one).
    """

    kind: str
    code: int
    """Status code of the answer that caused it; 0 for a NOTIFY, for a local end, or when the server fell silent."""
    reason: str
    """Reason phrase of the answer, or reason= of Subscription-State (RFC 6665, 4.1.3), or ""."""
    retry_after: int | None
    """Seconds, from Retry-After of the answer or retry-after= of Subscription-State."""
    min_expires: int | None
    """Seconds, from Min-Expires of a 423."""
    message: bytes
    """The response or NOTIFY that caused it, or b""."""

@final
class Subscription:
    """A client subscription. It lives until its TERMINATED event, whether this object is kept or not.

    pjsip answers digest challenges, refreshes without a body before it expires, and answers NOTIFYs. Any final
    answer to a SUBSCRIBE other than 2xx terminates it: subscribe anew.
    """

    @property
    def busy(self) -> bool:
        """Whether a SUBSCRIBE waits for its final answer; refresh() raises Busy then."""

    @property
    def call_id(self) -> str:
        """Call-ID of the dialog; a hook leaves NOTIFYs with it to pjsip."""

    def refresh(self, expires: int | None = None, *, content_type: str = "", body: bytes = b"") -> None:
        """SUBSCRIBE again in the dialog, with a body if given. expires in seconds; None keeps it, 0 ends it.

        Raises Busy while a SUBSCRIBE is under way, Error when terminated or when pjsip cannot send.
        """

    def close(self) -> None:
        """End it: SUBSCRIBE with Expires 0, TERMINATED follows. Before the server answered the first SUBSCRIBE it
        ends at once. Harmless when terminated."""

@final
class Referral:
    """A REFER outside a dialog that accept_refer() accepted. It lives until its end, whether this object is kept or
    not.

    It ends by a notify() that is final, or early: when the referrer unsubscribes (SUBSCRIBE with Expires 0), lets it
    expire (600 s, or Expires of the REFER if shorter), or answers a NOTIFY with 481, with silence, or with another
    refusal that has no Retry-After; or by stop(). pjsip answers refreshes with the last report. A challenge to a NOTIFY
    is never answered: who opened the dialog wrote its Contact, and would get a proof to guess the password from.
    """

    @property
    def live(self) -> bool:
        """Whether reports still go out; False once it has ended, and where the referrer wants none (RFC 4488)."""

    def notify(self, code: int, reason: str = "", final: bool = False) -> None:
        """Report how the call fares: NOTIFY with message/sipfrag "SIP/2.0 <code> <reason>" (RFC 3515, 2.4.5).

        code is 100 to 699; an empty reason means the usual phrase, and one above 100 bytes is cut. final ends the
        referral ("terminated;reason=noresource"). Does nothing where the referrer wants no reports.
        Raises ValueError for unusable arguments;
        Error once it has ended or when pjsip cannot send, and a final report that cannot be sent ends it as well.
        """

def accept_refer(account: int, callback: Callable[[Event], None], /) -> Referral:
    """Accept the REFER the hook is deciding about: answer it 202 at once, as `account` (its index).

    Called by the hook itself, once for a request, and only for a REFER outside a dialog. The first report is due at
    once (RFC 3515, 2.4.4): notify(100). callback gets one TERMINATED event if the referral ends early: with the code
    and phrase of the answer to a NOTIFY, or with code 0 and reason "timeout" (unsubscribed or expired) or
    "noresource" (stop()); after a final notify() it is not called.

    Raises TypeError or ValueError for unusable arguments, Error where there is no request that can be accepted: not
    exactly one readable Refer-To, an Event other than refer, no Contact. The hook then answers it as any other. What
    Refer-To names is not judged here. After an accepted REFER the hook returns None.
    """

@final
class Dialog:
    """The dialog of a call, which lives on for what else it carries until it is released (RFC 5057), also where the
    call ends. Answers to its requests are told to nobody, and a challenge is not answered.
    """

    def request(self, method: str, headers: Sequence[Header], content_type: str, body: bytes, /) -> None:
        """Send a request in the dialog; an empty body has no type. Error once released, or when pjsip cannot send;
        ValueError or TypeError for unusable arguments.
        """

    def release(self) -> None:
        """Let the dialog go, once its transactions have ended. Harmless when done."""

def keep_dialog(call: int, /) -> Dialog:
    """Keep the dialog of a call (pjsua2's Call.getId()). Error where it is over, ValueError for no call's number."""

def start(hook: Hook, /) -> None:
    """Install the hook. Once, between libInit and libStart.

    pjsip itself leaves REFER, INFO, UPDATE, PUBLISH and unknown methods outside a dialog without any answer (RFC 3261,
    8.2.1 wants 405 or 501), so a phone should answer them here; REFER by accept_refer().

    Of pjsua2's callbacks some take Python's lock no more, while a caller waits and nobody would hear them: onCallState
    of a provisional answer of ours, onCallTsxState of an INVITE that came in and has no ACK yet, onCallSdpCreated of an
    answer; onCreateMediaTransport, onCallMediaTransportState, onAccFindForIncoming, onStreamPreCreate, onStreamCreated
    and onStreamDestroyed never come.

    Raises Error elsewhere, TypeError where the hook cannot be called.
    """

def stop(timeout_ms: int = 500) -> None:
    """End every referral (last report 503) and every subscription, handling events for up to timeout_ms until the
    servers agree, and uninstall the hook.

    Call it before the accounts go and before libDestroy; not from a callback. Later calls of the other functions
    raise Error; calling it again is harmless.
    """

Mender = Callable[[bytes, str, int, str, int], tuple[Literal["again", "answer", "drop"], bytes, int]]
"""mender(message, source address, source port, problem, attempt) -> (verb, bytes, number).

problem: "syntax" (a header or the start line), "missing" (Via, From, To, Call-ID or CSeq), "framing" (on a stream,
whatever else it is: no usable Content-Length, or lines that end in LF only; the bytes may hold more messages), or
"size" (the first part of one that is longer than pjsip's buffer; on a stream it is passed over whatever is said).
"again": pjsip reads these bytes as if they had come; attempt is 1 where it drops them too, and they are not read a
third time. "answer": these bytes are sent, on a stream back on it, else to port `number` of the source.
"drop": nothing. With "framing" `number` is how many of the bytes are dealt with; 0: pjsip drops all that has come.
"""

def set_mender(mender: Mender | None, /) -> None:
    """Offer the messages that pjsip's parser drops to this function, until stop(); None: to none.

    pjsip drops a message whole for one header it dislikes, in a request and in an answer. A message it reads costs
    nothing more, but a search for its end on a stream. One that raises or returns nonsense has dropped that message.
    """

def reads_header(name: str, value: bytes, /) -> bool:
    """Whether pjsip's parser takes a header with this value, to the last byte."""

def reads_message(message: bytes, /) -> bool:
    """Whether pjsip's parser takes a whole message; at least one header is needed."""

def set_sdp_mender(mender: Callable[[bytes], bytes | None] | None, /) -> None:
    """Offer SDP that pjmedia does not read, or not whole, to this function before pjsip looks at it; None: as it is.

    In requests and answers, alone or as a part of a multipart body. What pjmedia reads whole costs one reading more
    (about 0.01 ms).
    """

def reads_sdp(description: bytes, /) -> bool:
    """Whether pjmedia reads SDP and loses nothing of it."""

Resolver = Callable[[int, str], None]
"""resolver(number, name): the name is asked for; resolved() answers with that number, later, in no callback."""

def set_resolver(resolver: Resolver | None, /) -> None:
    """Ask this function what a name in a URI means, until stop(); None: pjsip asks the name server, and all waits.

    What is to be sent there waits for resolved(). A resolver that raises knows nothing. stop() asks it no more and
    sends what waits: a name means what resolved() said last, else where it came from, else nothing.
    """

def resolved(number: int, addresses: Sequence[str], /) -> bool:
    """The addresses of the name asked for under this number, best first; False where nobody waits for it any more.

    Without any those of the last time count, else the place where a message came from that was taken, or answered a
    request of ours, with that name in its Contact or Record-Route; without that the sender is told that nothing was
    sent. Each number must be answered, for 32 may be open at once. Raises Error in a callback.
    """

def set_challenge_judge(judge: Callable[[bytes, str, int], object] | None, /) -> None:
    """Ask before a 401 or 407 is answered: judge(message, address, port) with where the request went, and the proof
    would go, whoever wrote the answer. What is not true, or raises, takes the challenge out of the answer, which is
    then a plain refusal. The password is proved to nobody else.
    """

def set_limits(servers: Sequence[str], strangers: tuple[float, float], each_server: tuple[float, float], /) -> None:
    """How many messages are taken: (per second, at once) from all strangers together and from each known address.

    Requests, and messages that cannot be read; what is more is dropped before it costs anything. 0 a second: no limit.
    At most 64 addresses. ValueError or TypeError for others.
    """

def set_symmetric_rtp(milliseconds: int, /) -> None:
    """How long after its description a stream may follow the first packet to wherever it came from (symmetric RTP):
    once for each description, and only while the negotiated address was not heard. 0: never. 0 to 10000, else
    ValueError.

    Everything else from another source than the description's, RTP or RTCP, is dropped and counted, in SRTP too; and
    nothing is sent elsewhere (RFC 3550, 9; pjmedia of itself follows whoever sends ten packets).
    """

def media_source(call: int, /) -> tuple[str, int, int, bool]:
    """Of a call (pjsua2's Call.getId()): the address its voice comes from and goes to, "" without media; RTP and RTCP
    packets dropped for coming from elsewhere; whether it followed its sender.
    """

def unanswered(milliseconds: int, question: int = 0, /) -> list[tuple[str, int, str]]:
    """Requests of ours without any answer, not even a provisional one, for at least so long: address and port they were
    sent to, method. Each is told once to each question, 0 to 31.
    """

def give_up(call_id: str, /) -> bool:
    """Nobody waits any more for the answer to the INVITE that began a call with this Call-ID: CANCEL to it, and ACK and
    BYE to a 2xx that comes all the same. For an early dialog that has gone while others ring (RFC 3261, 13.2.2.4).

    Whether there is such an INVITE without a final answer.
    """

def set_capabilities(methods: tuple[str, ...], bodies: tuple[str, ...], extensions: tuple[str, ...], /) -> None:
    """Allow, Accept and Supported of every message that pjsip writes by itself, in place of what its modules could.

    1 to 32 of each. ValueError for other numbers and for line ends, TypeError for what is no tuple of str.
    """

def set_timers(t1: int, t2: int, t4: int, life: int = 0, /) -> None:
    """RFC 3261's timers in milliseconds, for transactions begun from now on; 0 leaves one as it is. life: how long a
    request is retransmitted at all, 32,000 at first; what comes later to an INVITE is seen to all the same: CANCEL for
    a provisional answer, ACK and BYE for a 2xx, ACK for a refusal.
    """

def connections() -> list[tuple[int, str, int, str, int]]:
    """TCP and TLS connections that others opened: number, address, port, transport, and milliseconds since something
    came on it.
    """

def close_connection(number: int, /) -> bool:
    """Close one of connections(); False where it is gone already."""

def changing_connection() -> tuple[bool, str, int] | None:
    """Within onTransportState, of the connection it tells of: whether this side opened it, and the far address and
    port. None anywhere else.
    """

def registered_contact(call_id: str, /) -> str:
    """The URI of the Contact that the last REGISTER with this Call-ID made, as it left; "" where there was none.

    Over TCP and TLS a Contact that names the port of our listener leaves with address and port of its connection. A
    Contact among the headers of an account's REGISTERs (expires=0) removes a binding; it is left out where it is the
    one that is made.
    """

def bindings_removed(call_id: str, /) -> bool:
    """No further REGISTER with this Call-ID carries a Contact of the account's headers; False where there was none."""

def trace(after: int = 0, /) -> list[tuple[int, float, bool, str, str, int, int, bytes]]:
    """The last messages that passed, oldest first, with a higher number than `after`; from any thread, started or not.

    Number, seconds since 1970, whether it was sent, transport, address, port, the message's length, and its first 4096
    bytes, with the secrets that are in it. At most 400 messages and 262144 bytes; the oldest go. Each transmission
    counts, those of retransmissions too; what front.c drops does not.
    """

def counts() -> dict[str, int]:
    """What the doors did since the module was loaded, by kind.

    via: requests whose topmost Via asks for the answer to go elsewhere (maddr, a foreign rport): dropped, always.
    rate: beyond set_limits(). hook: dropped by the hook. unreadable, mended, answered: messages for the mender, and
    what became of them. challenge: challenges taken out. sdp: SDP mended. rtp, rtcp: packets from elsewhere than the
    negotiated address; latched: streams that followed their sender.
    """

def set_sound_devices(names: Sequence[str]) -> None:
    """The ALSA devices pjmedia knows from now on, by the names snd_pcm_open(3) takes and in this order, and a new look
    at them: one that does not open has no inputs and no outputs until refreshDevs() finds it well.

    Of itself pjmedia takes what snd_device_name_hint(3) lists, and no more than 64 of that: a device beyond, or one
    under a shorter name than ALSA's list has, could not be opened, and each of the others is opened to look at it.
    1 to 64 names of 1 to 63 bytes; ValueError or TypeError for others, Error where pjmedia has no ALSA. Not while a
    device is open.
    """

def close_sound() -> None:
    """The bridge has no sound device and no clock, as by pjsua2's setNoDev(), and nothing is left of what it had.

    pjsua itself leaves what resampled between a card and a bridge of different rates behind, 12 kB each time. Before
    another device is opened, too: pjsua closes the one before it by itself, and leaves the same.
    """

def encrypted(call: int, media: int) -> bool:
    """Whether this media of the call (its index in the SDP) has SRTP's keys in use, by its own transport.

    False where the call is over or has no such media; ValueError for numbers that can be none.
    """

def local_tag(call: int) -> str:
    """Our tag in the dialog of the call (pjsua2's Call.getId()), "" where it is over. ValueError for numbers that can
    be none."""

def stop_sending(call: int) -> int:
    """Send no more RTP from this call (pjsua2's Call.getId()), whatever the bridge gives; the number of its streams.

    Before hanging up: pjsua says RTCP BYE, and until the bridge has let the stream go voice still follows, which
    makes a receiver count a new source (RFC 3550, 6.3.4 and A.1). 0 where the call has no voice or is over.
    ValueError for a number that can be no call.
    """

def subscribe(
    account: int,
    event: str,
    callback: Callable[[Event], None],
    *,
    accept: Sequence[str] = (),
    expires: int = 3600,
) -> Subscription:
    """Open a subscription (RFC 6665) as `account` (its index) does: its identity, Contact, Via, transport, route set
    and credentials.

    Its resource is the account's own. accept: content types; the first subscription of a package decides, and pjsip's
    own packages (presence, message-summary, dialog) keep theirs. expires in seconds. The callback gets no event before
    this returns. Raises Error when the request cannot be sent.
    """
