"""The way to many calls, into a conference at a server, and to somebody who refuses to be held.

Law: as in `walks`.
"""

from __future__ import annotations

from deskphone.core import events as ev
from tests.stories.bench import Story


def network_conference(phone: Story) -> None:
    """Confirmed, and the phone is in: the others are on their way."""
    phone.power_on(voip__services__conference__mode="REMOTE", voip__services__conference__conf_ms_addr="9196")
    phone.registered()
    phone.customer().call()
    phone.press("soft1")
    phone.in_call()
    phone.press("soft2", *"2001", "soft1")
    phone.pass_time(2)
    phone.callee("9196", after=0.2)
    for _ in range(2):
        phone.callee("9196", after=1)
    phone.press("soft2", "soft1")
    phone.pass_time(0.4)


def refuses_the_conference(phone: Story) -> None:
    phone.turn(ev.TransferProgress(phone.bench.phone.calls[0].id, 603, "Declined", True))


def left(phone: Story) -> None:
    """The customer hangs up."""
    phone.turn(ev.CallEnded(phone.bench.phone.calls[0].id, 200))


def eight_calls(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    for place, name in enumerate(("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana Longname")):
        phone.customer(f"030{place}", name).call()
        phone.press("soft1")
        phone.pass_time(9)


def third_caller(phone: Story) -> None:
    phone.customer("0405555", "Third Caller").call()


def hold_refused(phone: Story) -> None:
    """Hold, and the speaker is put down at once; then the far end refuses to be held, and the notice is over."""
    phone.power_on()
    phone.registered()
    phone.customer().call()
    phone.press("speaker")
    phone.in_call()
    phone.server_answers("re-INVITE", 488, "Not Acceptable Here")
    phone.hold_waits()
    phone.press("hold", "speaker")
    phone.pass_time(6)
