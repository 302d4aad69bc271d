"""What a failed SUBSCRIBE or an ended subscription means: a rule a line, first match wins.

Law: pure questions; `core.lines.subscription` carries the answer out. Sources: RFC 6665 sections 4.1.2 and 4.1.3, and
the 420HD's own knobs (voip/services/subs/...), which tell what SIP Server answers in the field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deskphone.core.lines.subscription_table import Happening, Stage, Subscription
from deskphone.core.state import Phone

SPACING = 30.0  # seconds between new dialogs after a failure, at least; doubled each time
REJECTED_PAUSE = 300.0  # seconds; for these reasons RFC 6665 section 4.1.3 advises against a new subscription
UNKNOWN_PACKAGE = (489, 404, 405, 501)  # responses that a new SUBSCRIBE would get again (489: RFC 6665 section 8.3.2)
BAD_COMMAND = (400, 413, 415, 488)  # of the body, where the SUBSCRIBE carried a command
AT_ONCE = ("deactivated", "timeout", "")  # reasons of RFC 6665 section 4.1.3; none given: as if the dialog were lost
LATER = ("probation", "giveup")
MUCH_LATER = ("rejected", "noresource")
NEVER = "invariant"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure of a subscription. code: of the final response; 0 for a NOTIFY with Subscription-State terminated and
    this reason. retry_after, min_expires: seconds, 0 where none is given. gone: the dialog is over."""

    code: int
    reason: str
    retry_after: int = 0
    min_expires: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """A trouble with its surroundings. hurry: this package may begin a new dialog before SPACING is over."""

    phone: Phone
    sub: Subscription
    trouble: Trouble
    hurry: bool

    def ended(self, *reasons: str) -> bool:
        """Terminated by the server with one of these reasons."""
        return self.trouble.code == 0 and self.trouble.reason.lower() in reasons

    @property
    def moment(self) -> float:
        """Seconds the server wants us to wait before the same request again (491, CSeq too small), else 0."""
        wish = self.phone.settings.subscription
        if self.trouble.code == 491:
            return float(wish.retry_after_491)
        if self.trouble.code == 500 and "cseq" in self.trouble.reason.lower():
            return float(wish.retry_after_cseq)
        return 0.0

    @property
    def pause(self) -> float:
        """The back-off, or what Retry-After asks for where that is longer."""
        return max(float(self.trouble.retry_after), back_off(self.phone, self.sub))


Rule = tuple[Callable[[_Case], bool], Callable[[_Case], tuple[Happening, float]]]
RULES: tuple[Rule, ...] = (
    (
        lambda case: case.trouble.code in UNKNOWN_PACKAGE or case.ended(NEVER),
        lambda case: (Happening.REFUSED, 0.0),
    ),
    (
        lambda case: case.trouble.code == 403 and not case.phone.settings.subscription.retry_after_403,
        lambda case: (Happening.REFUSED, 0.0),
    ),
    (
        lambda case: case.trouble.code in BAD_COMMAND and case.sub.under_way is not None and not case.trouble.gone,
        lambda case: (Happening.NOT_ACCEPTED, 0.0),
    ),
    (
        lambda case: (
            case.trouble.code in BAD_COMMAND and case.trouble.gone and case.sub.stage is Stage.BUSY and case.hurry
        ),
        lambda case: (Happening.DROPPED, 0.0),
    ),
    (
        lambda case: (
            case.moment > 0 and not case.trouble.gone and case.sub.repeats < case.phone.settings.subscription.retries
        ),
        lambda case: (Happening.REPEAT, case.moment),
    ),
    (lambda case: case.moment > 0 and case.trouble.gone and case.hurry, lambda case: (Happening.LOST, case.moment)),
    (
        lambda case: case.trouble.code == 423 and case.trouble.min_expires > case.sub.expires and case.hurry,
        lambda case: (Happening.DROPPED, 0.0),
    ),
    (
        lambda case: case.ended(*MUCH_LATER),
        lambda case: (Happening.LOST, max(REJECTED_PAUSE, float(case.trouble.retry_after))),
    ),
    (
        lambda case: case.ended(*LATER) and case.trouble.retry_after > 0 and case.hurry,
        lambda case: (Happening.LOST, float(case.trouble.retry_after)),
    ),
    (
        lambda case: (case.ended(*AT_ONCE) or case.trouble.code == 481) and case.hurry,
        lambda case: (Happening.DROPPED, 0.0),
    ),
    (lambda case: True, lambda case: (Happening.LOST, case.pause)),
)


def judge(phone: Phone, sub: Subscription, trouble: Trouble, hurry: bool) -> tuple[Happening, float]:
    """The happening of `subscription_table` that a trouble amounts to, and the pause in seconds before what follows.
    hurry: a new dialog may begin before SPACING is over."""
    case = _Case(phone, sub, trouble, hurry)
    return next(answer(case) for fits, answer in RULES if fits(case))


def lasted(phone: Phone, sub: Subscription) -> bool:
    """Whether the dialog lived long enough to call its end a new trouble, not the old one again."""
    return sub.since > 0 and phone.now.mono - sub.since >= SPACING


def back_off(phone: Phone, sub: Subscription) -> float:
    """30, 60, 120 ... s for `subs/retries` times, then `subs/retry/timeout` (never less than SPACING)."""
    wish = phone.settings.subscription
    if sub.failures > wish.retries:
        return max(SPACING, float(wish.retry_interval))
    return SPACING * float(2 ** min(max(0, sub.failures - 1), 10))
