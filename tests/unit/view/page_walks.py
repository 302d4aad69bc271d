"""What fills the call log and the directory, who calls, and what the desktop does meanwhile.

Law: as in `walks`.
"""

from __future__ import annotations

from collections.abc import Callable

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


def caller(number: str, name: str) -> Callable[[Story], None]:
    """Somebody who calls."""
    return lambda phone: phone.customer(number, name).call()


def desktop_logs_in(phone: Story) -> None:
    """The agent does so there, a moment before."""
    phone.desktop.log_in("agent7001")
    phone.pass_time(1)
