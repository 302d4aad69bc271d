"""The SIP thread's loop: what is to be done before the network is looked at again."""

from __future__ import annotations

from deskphone.sip.stack.loop import Loop


def test_an_order_that_is_expected_is_waited_for_and_done_before_the_next_poll() -> None:
    """A NOTIFY talk that follows a 180 at once must find what the order of the 180 left behind."""
    loop, done = Loop(), list[str]()

    def poll(_: int) -> None:
        done.append("poll")
        if len(done) == 1:
            loop.expect()
            loop.post(lambda: done.append("180"))

    loop.turn(poll, lambda: None)
    loop.turn(poll, lambda: None)
    assert done == ["poll", "180", "poll"]
