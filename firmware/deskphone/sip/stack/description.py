"""What the session descriptions of one call say: the far end's of itself, and ours as the settings and it want them.

Law: what a description means is `policy.media`'s and `policy.payloads`'; here is what is remembered of the newest one.
"""

from __future__ import annotations

from deskphone.config.settings import Settings
from deskphone.sip.policy.headers import retry_after
from deskphone.sip.policy.media import refuses_profile, session
from deskphone.sip.policy.payloads import renumbered, wants_feedback, with_feedback, without_keys
from deskphone.wire import sdp
from deskphone.wire.message import Request, Response


class Descriptions:
    """feedback: our offers are of a profile with feedback. pauses: the far end may leave silence unsent. refused: it
    may have been the profile of our first offer that the far end refused. plain: no keys go with a line that is not of
    SRTP: the voice is agreed on without, or our first offer was refused. retry_after: seconds, as a refusal has it."""

    def __init__(self) -> None:
        self.feedback = self.pauses = self.refused = self.plain = False
        self.retry_after = 0

    def heard(self, message: Request | Response) -> None:
        """An offer or an answer of the far end, as it came: of our answers no callback tells (`sipext.start`)."""
        theirs = session(message)
        if sdp.has_voice(theirs):
            self.feedback, self.pauses = wants_feedback(theirs), sdp.may_pause(theirs)

    def ended(self, message: Request | Response | None) -> None:
        """What ended the call before it was answered."""
        self.refused = isinstance(message, Response) and not self.feedback and refuses_profile(message)
        self.retry_after = retry_after(message.headers) if isinstance(message, Response) else 0

    def ours(self, offer: str, theirs: str, settings: Settings) -> str:
        """Our offer before it leaves: with the payload types of the settings, in the profile the far end wants. theirs:
        the offer of the far end where ours is an answer."""
        offer = renumbered(offer, settings.media.opus_payload, settings.dtmf.payload)
        offer = without_keys(offer) if self.plain and not theirs else offer
        return with_feedback(offer) if self.feedback else offer
