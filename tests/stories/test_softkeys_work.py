"""A softkey stands there only where it does something: lists that grow under the cursor, callers without a number,
calls that are on their way to somebody else, holds that were refused.
"""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story


@pytest.mark.parametrize("presses", [1, 3, 6])
@pytest.mark.parametrize("arrow", ["up", "down"])
def test_a_list_that_was_empty_when_the_cursor_moved_chooses_its_first_row(
    phone: Story, arrow: str, presses: int
) -> None:
    phone.callee("0301234567")
    phone.power_on()
    phone.registered()
    phone.press("soft2")
    phone.shows("Missed calls", "(empty)")
    phone.press(*[arrow] * presses)
    customer = phone.customer()
    customer.call()
    phone.shows("Incoming call")
    customer.hang_up()
    phone.shows("Missed calls", "Jane Customer")
    phone.press("soft1")
    phone.in_call()
    phone.shows("0301234567")


def test_who_called_without_a_number_cannot_be_called_back_and_says_so(phone: Story) -> None:
    phone.callee("0301234567")
    phone.power_on()
    phone.registered()
    for anonymous in (False, True):
        customer = phone.customer()
        customer.call(anonymous=anonymous)
        phone.shows("Incoming call")
        customer.hang_up()
        phone.idle()
    phone.press("soft2")
    assert phone.shows("Missed calls").softkeys == ("", "", "", "Back")
    phone.press("ok", "1")
    phone.pass_time(0.2)
    phone.shows("Missed calls")
    phone.press("down")
    assert phone.shows("Missed calls").softkeys == ("Select", "", "", "Back")
    phone.press("ok")
    phone.in_call()


def test_a_number_that_is_half_typed_is_not_called_for_a_caller_without_one(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    customer = phone.customer()
    customer.call(anonymous=True)
    phone.shows("Incoming call")
    customer.hang_up()
    phone.idle()
    phone.press("2", "0", "menu", "1", "1")
    phone.shows("Missed calls")
    phone.press("ok")
    phone.pass_time(1)
    phone.shows("Missed calls")


def talking(phone: Story) -> Customer:
    """Switched on, in a call with Jane; who will call next."""
    phone.power_on()
    phone.registered()
    customer, other = phone.customer(), phone.customer("0409876", "Otto Second")
    customer.call()
    phone.shows("Incoming call")
    phone.press("soft1")
    phone.in_call()
    return other


def test_next_to_who_is_being_transferred_a_call_has_the_keys_of_one_call(phone: Story) -> None:
    phone.callee("2001", after=None)
    other = talking(phone)
    phone.press("soft4", "soft1", *"2001", "soft1")
    phone.shows("Transferring")
    other.call()
    phone.shows("Call waiting", "Otto Second")
    phone.press("soft1")
    phone.shows("Talking", "Otto Second")
    assert phone.screen().softkeys == ("Hold", "Trans", "Conf", "»")


@pytest.mark.bench("core")  # both re-INVITEs are to be refused, whichever comes first
def test_swap_goes_to_the_other_one_though_his_hold_was_refused(phone: Story) -> None:
    other = talking(phone)
    other.call()
    phone.shows("Call waiting", "Otto Second")
    phone.server_answers("re-INVITE", 488, "Not Acceptable Here", times=2)
    phone.press("soft1")
    phone.shows("Hold refused")
    phone.in_call(2)
    phone.shows("Hold refused")
    phone.pass_time(0.5)
    phone.press("soft1")
    held = {"Jane Customer": False, "Otto Second": True}
    phone.wait("Otto to be held", lambda state: {each["name"]: each["local_hold"] for each in state["calls"]} == held)
    phone.shows("Talking", "Jane Customer")


def test_who_is_missed_while_the_list_is_read_does_not_come_under_the_finger(phone: Story) -> None:
    phone.callee("0301234567")
    phone.power_on()
    phone.registered()
    for number, name in (("0301234567", "Jane Customer"), ("0409876", "Otto Second")):
        customer = phone.customer(number, name)
        customer.call()
        phone.shows("Incoming call", name)
        customer.hang_up()
        phone.idle()
        if name == "Jane Customer":
            phone.press("soft2")
        phone.shows("Missed calls", "Jane Customer")
    phone.shows("Otto Second")
    phone.press("soft1")
    phone.in_call()
    phone.shows("0301234567")
