"""What fills the call log and the directory.

Law: as in `walks`.
"""

from __future__ import annotations

from tests.stories.bench import Story


def logged_calls(phone: Story) -> None:
    """Two missed, one received, two dialled."""
    phone.power_on()
    phone.registered()
    for number, name in (("0301234567", "Jane Customer"), ("0409876", "Otto Second")):
        caller = phone.customer(number, name)
        caller.call()
        caller.hang_up()
        phone.pass_time(1800)
    caller = phone.customer("004930123456", "")
    caller.call()
    phone.press("soft1")
    phone.in_call()
    caller.hang_up()
    for number in ("9486", "9404"):
        phone.dial(number)
        phone.pass_time(7)


def contacts(phone: Story) -> None:
    """A directory of two, and the idle screen again."""
    phone.power_on()
    phone.registered()
    phone.press("menu", "2")
    for name, number in (("Jane Customer", "0301234567"), ("Reception", "2500")):
        phone.press("up", "ok")
        phone.type(name)
        phone.press("down", *number, "soft1")
    phone.press("menu")
