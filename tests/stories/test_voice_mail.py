"""Voice mail at two sites: one mailbox, of which each of them tells."""

from __future__ import annotations

import pytest

from deskphone.core.events import MessageWaiting
from tests.stories.agent import TWO_SERVERS
from tests.stories.bench import Story
from tests.stories.bench_core import core

pytestmark = pytest.mark.bench("core")


def tells(phone: Story, server: int, new: int) -> None:
    core(phone).turn(MessageWaiting(server, new > 0, new, 0))


@pytest.fixture
def two(phone: Story) -> Story:
    phone.power_on(**TWO_SERVERS)
    phone.registered_everywhere()
    return phone


def test_messages_that_both_sites_tell_of_are_counted_once(two: Story) -> None:
    tells(two, 0, 3)
    tells(two, 1, 3)
    two.shows("V3")
    tells(two, 1, 4)
    two.shows("V4")


def test_as_long_as_one_of_them_has_some_the_lamp_shines(two: Story) -> None:
    tells(two, 0, 3)
    tells(two, 1, 0)
    two.shows("V3")
    two.lamp("message", "on")
    tells(two, 0, 0)
    two.lamp("message", "off")


def test_what_a_site_said_before_it_died_does_not_stay_after_the_messages_were_heard(two: Story) -> None:
    tells(two, 0, 3)
    two.server_lost(0)
    two.lamp("message", "on")
    tells(two, 1, 0)
    two.lamp("message", "off")
    assert not [mark for mark in two.screen().marks if mark.startswith("V")]
