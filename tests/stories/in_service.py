"""How the stories of settings begin: a phone in service, and a customer who calls or talks."""

from __future__ import annotations

from tests.stories.bench import Customer, Story


def on(phone: Story, **settings: str) -> Story:
    """A phone in service with these settings."""
    phone.power_on(**settings)
    phone.registered()
    return phone


def caller(phone: Story, number: str = "0301234567", name: str = "Jane Customer") -> Customer:
    who: Customer = phone.customer(number, name)
    who.call()
    return who


def talking(phone: Story) -> Customer:
    """A customer in a call."""
    who = caller(phone)
    phone.shows("Incoming call")
    phone.press("soft1")
    who.answered()
    phone.in_call()
    return who
