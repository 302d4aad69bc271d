"""What a request means to this phone before pjsip sees it: who may ring, NOTIFY talk/hold, check-sync, REFER.

Law: pure functions of the message and of what the phone knows (`Scene`); no pjsua2, nothing is done here. The
caller sends the answer first and then posts the events. `None` as answer: pjsip goes on with the request.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from deskphone.core.events import CallNotified, CheckSync, Event, MessageWaiting, ReferReceived
from deskphone.sip.policy import content
from deskphone.sip.policy.dialogs import Dialog, Dialogs
from deskphone.sip.policy.media import WARNINGS, Speaks, objection
from deskphone.sip.policy.sender import Sender
from deskphone.wire import checksync, fields, referto, summary
from deskphone.wire.body_types import Unreadable, notify_documents
from deskphone.wire.errors import WireError, clip
from deskphone.wire.fields import Valued
from deskphone.wire.message import Request
from deskphone.wire.replaces import replaces

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "NOTIFY", "REFER", "PRACK", "UPDATE", "INFO")
ALLOWED = ", ".join(METHODS)
_IN_DIALOG_ONLY = frozenset({"PRACK", "UPDATE", "INFO"})
_REFUSED = frozenset({"MESSAGE", "PUBLISH", "REGISTER"})
_PJSIP = frozenset({"ACK", "BYE", "CANCEL", "OPTIONS"})
_ENDING = frozenset({"ACK", "BYE", "CANCEL"})
_OURS_IN_CALL = frozenset({"OPTIONS", "SUBSCRIBE"})
"""pjsua answers these 500 in a call; a server that sends OPTIONS as keep-alive would end the call for it."""

ALLOW_EVENTS = "talk,hold,conference,refer,check-sync"
"""Sent in 180, 200, INVITE and REGISTER: SIP Server looks for `talk` in the 180 (facts of call control)."""

CALL_CONTROL = ("talk", "hold")

_ALLOW = (("Allow-Events", ALLOW_EVENTS),)


@dataclass(frozen=True, slots=True)
class Answer:
    """A final response; an empty reason is the standard phrase of the code."""

    code: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer (None: pjsip handles the request) and what the phone is told after it was sent.

    refer: of the events, the REFER whose sender wants reports; outside a dialog it is accepted with a subscription.
    asked: it would be another where the sender proves by digest that he knows the line's password. silent: no answer.
    """

    answer: Answer | None = None
    events: tuple[Event, ...] = ()
    refer: ReferReceived | None = None
    asked: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What the policy knows beside the sender. calls: their dialogs. left: those that live on for a referral.

    challenge: registered servers, too, have to prove themselves for check-sync. least_interval: seconds a session
    interval must have, 0 where there are no session timers.
    secure: the request came over TLS.
    packages and subscriptions: event packages and Call-IDs of the subscriptions we have. referrals: Call-IDs of those
    that REFERs outside a call have made here. speaks: media we speak. extensions: those in force.
    """

    calls: Dialogs = field(default_factory=Dialogs)
    left: Dialogs = field(default_factory=Dialogs)
    packages: frozenset[str] = frozenset()
    subscriptions: frozenset[str] = frozenset()
    referrals: frozenset[str] = frozenset()
    speaks: Speaks = Speaks()
    talk: bool = True
    click_to_dial: bool = True
    only_servers: bool = True
    challenge: bool = False
    answer_strangers: bool = False
    secure: bool = True
    least_interval: int = 0
    extensions: tuple[str, ...] = tuple(sorted(content.EXTENSIONS))


PASS = Verdict()
IGNORED = Verdict(silent=True)
FORBIDDEN = Verdict(Answer(403))
BAD_EVENT = Verdict(Answer(489, "Bad Event", _ALLOW))
NO_DIALOG = Verdict(Answer(481))
NOT_SECURE = Verdict(Answer(416))
MERGED = Verdict(Answer(482))
STALE = Verdict(Answer(500, "Old CSeq"))
NOT_ALLOWED = Verdict(Answer(405, "", (("Allow", ALLOWED),)))
UNKNOWN_METHOD = Verdict(Answer(501, "", (("Allow", ALLOWED),)))


def judge(request: Request, sender: Sender, scene: Scene) -> Verdict:
    """The verdict on one request. WireError (400) where who or which cannot be read."""
    _ = request.from_tag, request.call_id  # now, not when pjsip has made a call of it
    if request.cseq[1] != request.method:  # RFC 3261 section 8.1.1.5: pjsip answers it, or drops it
        raise WireError(f"{clip(request.cseq[1])!r} in a {clip(request.method)}", "header cseq", "the same method")
    if not scene.secure and request.uri[:5].lower() == "sips:" and request.method not in ("ACK", "CANCEL"):
        # RFC 3261 section 26.2.2: it is to be TLS all the way, and the last of it is not
        return NOT_SECURE if sender.trusted or not scene.only_servers or scene.answer_strangers else IGNORED
    if _is_call_of_a_stranger(request, sender, scene):  # before anything that is answered
        return FORBIDDEN if scene.answer_strangers else IGNORED
    if refused := content.refused(request):
        return Verdict(Answer(*refused))
    dialog = scene.calls.of(request) if request.to_tag else None
    if request.to_tag and _is_of_an_ended_call(request, dialog, scene):
        return NO_DIALOG  # pjsip still has the dialog
    if dialog is not None and request.method != "BYE" and dialog.is_stale(request):
        # pjsip cannot know of those that were answered here; of a BYE it judges alone: it must get through
        return STALE
    if request.method == "INVITE":
        return _invite(request, sender, scene)
    if request.method == "BYE" and not request.to_tag:
        return NO_DIALOG  # RFC 3261 section 15.1.2
    if request.method == "NOTIFY":
        return _notify(request, sender, scene)
    if request.method == "REFER":
        return _refer(request, sender, scene)
    if dialog is not None:
        return _in_call(request, dialog, sender, scene)
    if request.method == "SUBSCRIBE" and not request.to_tag:
        return BAD_EVENT  # nobody may watch this phone; talk and hold need no subscription
    if request.method == "OPTIONS" and not request.to_tag:
        return _abilities(scene)
    if request.to_tag or request.method in _PJSIP:
        return PASS
    return NO_DIALOG if request.method in _IN_DIALOG_ONLY else _no_method(request)


def _is_call_of_a_stranger(request: Request, sender: Sender, scene: Scene) -> bool:
    """Whether nobody may answer it. Who knows a call that is here is no stranger to it (`_invite`)."""
    if request.method != "INVITE" or request.to_tag or sender.trusted or not scene.only_servers:
        return False
    return not scene.calls.has_merged(request)


def _is_of_an_ended_call(request: Request, dialog: Dialog | None, scene: Scene) -> bool:
    """Whether it is in a dialog whose call has ended: pjsip has that until the BYE is forgotten, half a minute, and for
    the reports on a REFER as long as they go. It says nothing at all to an INVITE there, and 500 to most others; a BYE
    that crosses ours it answers well."""
    if dialog is not None and dialog.matches(request):
        return False
    left = scene.left.of(request)
    if left is not None and left.matches(request):
        return True
    known = dialog is not None or request.call_id in scene.subscriptions | scene.referrals
    return not known and request.method not in _ENDING and request.method != "NOTIFY"


def _in_call(request: Request, dialog: Dialog, sender: Sender, scene: Scene) -> Verdict:
    """What pjsua would answer 500 in the dialog of a call."""
    if request.method == "INFO" and dialog.matches(request) and (answer := content.info(request)):
        return Verdict(Answer(*answer))
    if request.method in _IN_DIALOG_ONLY:
        return _offer(request, sender, scene)
    if request.method in _PJSIP - _OURS_IN_CALL:
        return PASS
    if not dialog.matches(request):
        return NO_DIALOG
    if request.method in _OURS_IN_CALL:
        return _abilities(scene) if request.method == "OPTIONS" else BAD_EVENT
    return _no_method(request)


def _abilities(scene: Scene) -> Verdict:
    """What the phone really does (RFC 3261 section 11.2): pjsua names what its modules could, were they not refused."""
    supported = (("Supported", ", ".join(scene.extensions)),)
    return Verdict(Answer(200, "", (("Allow", ALLOWED), ("Accept", content.ACCEPTED), *supported, *_ALLOW)))


def _no_method(request: Request) -> Verdict:
    return NOT_ALLOWED if request.method in _REFUSED else UNKNOWN_METHOD  # RFC 3261 section 8.2.1


def _invite(request: Request, sender: Sender, scene: Scene) -> Verdict:
    """A new call may come from a registered server only. An answer would tell scanners that somebody is here, and go to
    whoever's address they wrote; 403, where it is wanted, tells an honest mistake what it is.

    Within a dialog the tags have proved the sender, and after a switchover a server speaks from another address. Who
    knows a call that is here learns nothing: a proxy that forks to the Contact of before a power cut, too, would wait
    for that branch until it times out, however the person decides.
    """
    if scene.calls.has_merged(request):
        return MERGED
    if not request.to_tag:
        replaces(request.headers.fields)  # WireError: pjsip answers some of these 481, and others ring
    if not request.to_tag and _interval(request) < scene.least_interval:  # before it would ring: it is asked again
        return Verdict(Answer(422, "", (("Min-SE", str(scene.least_interval)),)))
    return _offer(request, sender, scene)


def _offer(request: Request, sender: Sender, scene: Scene) -> Verdict:
    """The verdict on the media that it brings, if it does."""
    code = objection(request, scene.speaks, sender.ipv6)
    return Verdict(Answer(488, "", (("Warning", f'{code} deskphone "{WARNINGS[code]}"'),))) if code else PASS


def _interval(request: Request) -> float:
    """Seconds of the session interval that a caller with session timers asks for; endless without (RFC 4028)."""
    asked = request.headers.get("session-expires").partition(";")[0].strip()
    options = {tag.strip().lower() for value in request.headers.every("supported") for tag in value.split(",")}
    readable = asked.isascii() and asked.isdecimal() and len(asked) < 10
    return int(asked) if readable and "timer" in options else float("inf")


def _notify(request: Request, sender: Sender, scene: Scene) -> Verdict:
    try:
        event = request.event
    except WireError:
        return BAD_EVENT
    if request.to_tag:
        return _notify_in_dialog(request, event, sender, scene)
    if event.value in CALL_CONTROL:
        return NO_DIALOG
    if event.value in checksync.PACKAGES:
        return _check_sync(event, sender, scene)
    if event.value == summary.PACKAGE:
        return _message_waiting(request, sender)
    return BAD_EVENT


def _notify_in_dialog(request: Request, event: Valued, sender: Sender, scene: Scene) -> Verdict:
    dialog = scene.calls.of(request)
    if dialog is None:
        return PASS if request.call_id in scene.subscriptions else NO_DIALOG
    if event.value == "refer" or event.value in scene.packages:  # without a subscription: RFC 6665 section 4.1.3
        return PASS if dialog.refers or request.call_id in scene.subscriptions else NO_DIALOG
    if event.value not in CALL_CONTROL:
        return BAD_EVENT
    if not dialog.matches(request):
        return NO_DIALOG
    if not scene.talk or not sender.trusted:
        return FORBIDDEN
    return Verdict(Answer(200), (CallNotified(dialog.call, event.value),))


def _check_sync(event: Valued, sender: Sender, scene: Scene) -> Verdict:
    """A registered server is obeyed by its address, anybody else by digest."""
    wish = checksync.read(event)
    if wish is None:
        return BAD_EVENT
    obeyed = Verdict(Answer(200), (CheckSync(sender.server, wish.reboot),))
    by_address = sender.trusted and not sender.doubtful and not scene.challenge
    return obeyed if by_address or sender.proved else replace(FORBIDDEN, asked=True)


def _message_waiting(request: Request, sender: Sender) -> Verdict:
    """Message-waiting without a subscription: many servers send it so (RFC 3842 is polite about it)."""
    if not sender.trusted:
        return FORBIDDEN
    documents = notify_documents(summary.PACKAGE, request.headers.get("content-type"), request.body)
    waiting = waiting_events(sender.server, documents)
    unreadable = any(isinstance(each, Unreadable) for each in documents)
    return Verdict(Answer(200), waiting) if waiting or not unreadable else Verdict(Answer(400))


def waiting_events(server: int, documents: tuple[object, ...]) -> tuple[Event, ...]:
    """MessageWaiting for each message summary among the documents."""
    return tuple(
        MessageWaiting(server, each.waiting, each.voice.new, each.voice.old)
        for each in documents
        if isinstance(each, summary.MessageSummary)
    )


def _refer(request: Request, sender: Sender, scene: Scene) -> Verdict:
    """Click to dial (RFC 3515): 202, then the core dials. `Refer-Sub: false` (RFC 4488) wants no NOTIFYs."""
    if not sender.trusted or sender.doubtful or not scene.click_to_dial:
        return FORBIDDEN
    dialog = scene.calls.of(request) if request.to_tag else None
    if request.to_tag and (dialog is None or not dialog.matches(request)):
        return NO_DIALOG
    try:
        wanted = referto.parse(request.headers.fields)
        _means_a_call(request)
    except WireError:
        return Verdict(Answer(400, "Bad Refer-To"))
    event = ReferReceived(
        refer_name(request), sender.server, wanted.target, dialog.call if dialog else "",
        replaces=wanted.replaces.value if wanted.replaces else "",
    )  # fmt: skip
    if wanted.silent:
        return Verdict(Answer(202, "", (("Refer-Sub", "false"),)), (event,))
    return Verdict(Answer(202), (event,), event)


def refer_name(request: Request) -> str:
    """What NotifyRefer calls this REFER: its Call-ID and number, which no other request shares."""
    return f"{request.call_id}/{request.cseq[0]}"


def _means_a_call(request: Request) -> None:
    """WireError for Refer-To: <sip:a@b?method=BYE>: who writes the method among the headers means no call either."""
    embedded = dict(fields.uri(fields.address(request.headers.one("refer-to")).uri).headers)
    if embedded.get("method", "INVITE").upper() != "INVITE":
        raise WireError("another method", "header refer-to", "INVITE")
