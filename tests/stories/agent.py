"""The agent at the phone: what the phone must be set to, and the way to a log in. The words are the guide's."""

from __future__ import annotations

from tests.stories.bench import Story

ACD = {"voip__services__ACD__enabled": "1"}
REASONS = {
    "voip__services__ACD__unavailable_reason__0__code": "500",
    "voip__services__ACD__unavailable_reason__0__name": "Lunch break",
    "voip__services__ACD__unavailable_reason__1__code": "501",
    "voip__services__ACD__unavailable_reason__1__name": "Coffee break",
    "voip__services__ACD__unavailable_reason__2__code": "777",
}
READY_AFTER = {"voip__services__ACD__state_after_login": "READY"}
TWO_SERVERS = {
    "voip__signalling__sip__redundant_proxy__mode": "SIMULTANEOUS",
    "voip__signalling__sip__secondary_proxy__address": "127.0.0.2",
}


def power_on(phone: Story, **settings: str) -> None:
    """A phone of the contact centre, in service, nobody logged in."""
    phone.agents(agent7001="1234", a7002="", **{"7003": "99"})
    phone.power_on(**ACD, **settings)
    phone.registered()
    phone.large("Logged Out", "Login")


def fill_in(phone: Story, user: str = "agent7001", password: str = "1234") -> None:
    """Login softkey, user name, password."""
    phone.press("soft1")
    phone.shows("Log In", "Username")
    phone.type(user)
    phone.press("down")
    phone.type(password)


def log_in(phone: Story, user: str = "agent7001", password: str = "1234") -> None:
    """The same, and Login."""
    fill_in(phone, user, password)
    phone.press("soft1")
