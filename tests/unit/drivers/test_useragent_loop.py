"""The SIP thread's loop: what is to be done before the network is looked at again."""

from __future__ import annotations

from deskphone.sip.stack.loop import Loop


def test_what_an_order_leaves_behind_is_done_before_the_next_poll() -> None:
    """A 180 is sent by an order, and its tag learnt after it: a NOTIFY talk that follows at once must find the tag."""
    loop, done = Loop(), list[str]()

    def order() -> None:
        done.append("180")
        loop.soon(lambda: done.append("tag"))

    loop.post(order)
    loop.turn(lambda _: done.append("poll"), lambda: None)
    assert done == ["180", "tag", "poll"]


def test_an_order_that_is_expected_is_waited_for_and_what_it_leaves_comes_before_the_next_poll() -> None:
    loop, done = Loop(), list[str]()

    def poll(_: int) -> None:
        done.append("poll")
        if len(done) == 1:
            loop.expect()
            loop.post(lambda: loop.soon(lambda: done.append("tag")))

    loop.turn(poll, lambda: None)
    loop.turn(poll, lambda: None)
    assert done == ["poll", "tag", "poll"]
