"""Subscriptions on the wire: what the far end receives, what the callback is told, and how they end."""

from __future__ import annotations

import deskphone_sipext as sipext
import pytest

from deskphone.sip.stack.mending import Mender
from tests.native.native_peer import Peer, digest_is_right
from tests.native.native_phone import Phone, Watched


def test_a_challenged_subscription_is_sent_again_with_the_accounts_password(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone, accept=["application/x-test"], expires=900)
    first = phone.take("SUBSCRIBE")
    peer.challenge(first, "nonce-1")
    second = phone.take("SUBSCRIBE")
    assert digest_is_right(second, "nonce-1")
    peer.accept(second)
    peer.notify(second, "active;expires=600", b"<state/>")
    notify = watched.wait("NOTIFY")
    assert notify.message.endswith(b"<state/>") and notify.message.startswith(b"NOTIFY sip:")
    assert phone.take("NOTIFY", 200)


def test_a_subscription_looks_like_the_accounts_own_requests(phone: Phone, peer: Peer) -> None:
    Watched(phone, accept=["application/x-look"], event="x-look", expires=900)
    subscribe = phone.take("SUBSCRIBE")
    assert subscribe.first_line == "SUBSCRIBE sip:1502@sips-a.example.com SIP/2.0"
    assert subscribe.get("From").startswith("<sip:1502@sips-a.example.com>")
    assert subscribe.get("Route") == f"<sip:127.0.0.1:{peer.port};lr>"
    assert subscribe.get("Via").startswith(f"SIP/2.0/UDP 127.0.0.1:{phone.port};")
    assert f"127.0.0.1:{phone.port}" in subscribe.contact()
    assert subscribe.get("User-Agent") == "deskphone-test"
    assert (subscribe.get("Event"), subscribe.get("Expires")) == ("x-look", "900")
    assert subscribe.get("Accept") == "application/x-look"


def test_a_subscription_shows_the_address_that_the_registrar_saw(bare_phone: Phone, peer: Peer) -> None:
    bare_phone.start(via_rewrite=True)
    register = bare_phone.take("REGISTER")
    register_headers = [("Contact", f"{register.get('Contact')};expires=300")]
    via = register.get("Via").replace(";rport", ";rport=5099;received=127.0.0.9")
    seen_elsewhere = type(register)(
        register.first_line,
        tuple((name, via if name == "Via" else value) for name, value in register.headers),
        b"",
        register.source,
    )
    peer.answer(seen_elsewhere, 200, "OK", register_headers)
    bare_phone.until(lambda: bare_phone.account.getInfo().regStatus == 200)
    Watched(bare_phone)
    assert bare_phone.take("SUBSCRIBE").get("Via").startswith("SIP/2.0/UDP 127.0.0.9:5099;")


def test_a_notify_before_the_200_is_taken(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    subscribe = phone.take("SUBSCRIBE")
    peer.notify(subscribe, "active;expires=600", b"early")
    assert watched.wait("NOTIFY").message.endswith(b"early")
    assert phone.take("NOTIFY", 200)
    peer.accept(subscribe)
    assert watched.wait("ANSWER").code == 200
    assert not watched.handle.busy


@pytest.mark.parametrize("state", ["", '"active"', "0", "{}"])
def test_a_notify_that_says_no_state_is_taken_and_the_subscription_goes_on(
    phone: Phone, peer: Peer, state: str
) -> None:
    Mender().install()
    watched = Watched(phone)
    subscribe = watched.establish()
    for body in (b"one", b"two"):
        peer.notify(subscribe, state, body)
        assert phone.take("NOTIFY", 200)
    bodies = [event.message.rpartition(b"\r\n\r\n")[2] for event in watched.events if event.kind == "NOTIFY"]
    assert bodies == [b"", b"one", b"two"]


def test_a_retransmitted_notify_is_told_once_and_answered_twice(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    subscribe = watched.establish()
    datagram = peer.notify(subscribe, "active", b"one", cseq=100_000)
    assert phone.take("NOTIFY", 200)
    peer.socket.sendto(datagram, ("127.0.0.1", phone.port))
    assert phone.take("NOTIFY", 200)
    peer.notify(subscribe, "active", b"two", cseq=100_001)
    assert phone.take("NOTIFY", 200)
    bodies = [event.message.rpartition(b"\r\n\r\n")[2] for event in watched.events if event.kind == "NOTIFY"]
    assert bodies == [b"", b"one", b"two"]


def test_a_refresh_carries_a_command_in_its_body(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    first = watched.establish()
    watched.handle.refresh(content_type="application/x-as-feature-event+xml", body=b"<SetAgentState/>")
    command = phone.take("SUBSCRIBE")
    assert command.body == b"<SetAgentState/>"
    assert command.get("Content-Type") == "application/x-as-feature-event+xml"
    assert (command.get("Call-ID"), command.tag("To")) == (first.get("Call-ID"), "peer")
    assert watched.handle.call_id == first.get("Call-ID")
    assert watched.handle.busy
    with pytest.raises(sipext.Busy, match="waits for its answer"):
        watched.handle.refresh()
    peer.accept(command)
    watched.wait("ANSWER", 2)
    watched.handle.refresh(300)
    assert phone.take("SUBSCRIBE").get("Expires") == "300"


def test_a_stale_nonce_sends_the_command_again_with_its_body(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    peer.challenge(phone.take("SUBSCRIBE"), "nonce-1")
    watched.establish()
    watched.handle.refresh(content_type="text/plain", body=b"command")
    peer.challenge(phone.take("SUBSCRIBE"), "nonce-2", stale=True)
    again = phone.take("SUBSCRIBE")
    assert again.body == b"command" and digest_is_right(again, "nonce-2")
    peer.accept(again)
    watched.wait("ANSWER", 2)
    assert "TERMINATED" not in watched.kinds()


def test_a_subscription_is_refreshed_before_it_expires(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    subscribe = phone.take("SUBSCRIBE")
    peer.accept(subscribe, expires=6)  # pjsip refreshes 5 s before the end
    peer.notify(subscribe, "active")
    watched.wait("NOTIFY")
    refresh = phone.take("SUBSCRIBE")
    assert refresh.get("User-Agent") == "deskphone-test" and refresh.body == b""
    assert watched.handle.busy


@pytest.mark.parametrize(
    ("code", "header", "told"),
    [
        (489, ("Allow-Events", "talk"), (None, None)),
        (423, ("Min-Expires", "1800"), (None, 1800)),
        (423, ("Min-Expires", "4294967290"), (None, 2**31 - 1)),
        (503, ("Retry-After", "17"), (17, None)),
        (403, ("Warning", "399 peer x"), (None, None)),
    ],
)
def test_a_refusal_ends_the_subscription_and_says_why(
    phone: Phone, peer: Peer, code: int, header: tuple[str, str], told: tuple[int | None, int | None]
) -> None:
    watched = Watched(phone)
    peer.answer(phone.take("SUBSCRIBE"), code, "So Be It", [header])
    end = watched.wait("TERMINATED")
    assert (end.code, end.reason, (end.retry_after, end.min_expires)) == (code, "So Be It", told)
    assert end.message.startswith(f"SIP/2.0 {code} ".encode())
    assert watched.kinds() == ["TERMINATED"]
    with pytest.raises(sipext.Error, match="terminated"):
        watched.handle.refresh()
    watched.handle.close()


@pytest.mark.parametrize(
    ("state", "reason", "retry_after"),
    [
        ("terminated;reason=deactivated", "deactivated", None),
        ("terminated;reason=probation;retry-after=30", "probation", 30),
        ("terminated;reason=probation;retry-after=4294967290", "probation", 2**31 - 1),
        ("terminated;reason=rejected", "rejected", None),
        ("terminated", "", None),
    ],
)
def test_the_server_ends_the_subscription_with_its_reason(
    phone: Phone, peer: Peer, state: str, reason: str, retry_after: int | None
) -> None:
    watched = Watched(phone)
    peer.notify(watched.establish(), state)
    end = watched.wait("TERMINATED")
    assert (end.code, end.reason, end.retry_after) == (0, reason, retry_after)
    assert phone.take("NOTIFY", 200)


def test_close_unsubscribes_and_the_last_notify_ends_it(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    watched.establish()
    watched.handle.close()
    goodbye = phone.take("SUBSCRIBE")
    assert goodbye.get("Expires") == "0"
    peer.accept(goodbye, expires=0)
    peer.notify(goodbye, "terminated;reason=timeout")
    assert watched.wait("TERMINATED").reason == "timeout"


def test_close_before_any_answer_ends_it_at_once(phone: Phone) -> None:
    watched = Watched(phone)
    watched.handle.close()
    assert watched.kinds() == ["TERMINATED"] and watched.events[0].code == 0


def test_close_from_inside_its_own_callback_is_safe(phone: Phone, peer: Peer) -> None:
    kinds: list[str] = []

    def close_at_the_first_notify(event: sipext.Event) -> None:
        kinds.append(event.kind)
        if event.kind == "NOTIFY" and kinds.count("NOTIFY") == 1:
            handle.close()

    handle = sipext.subscribe(phone.account.getId(), "x-brief", close_at_the_first_notify)
    subscribe = phone.take("SUBSCRIBE")
    peer.accept(subscribe)
    phone.until(lambda: "ANSWER" in kinds)
    peer.notify(subscribe, "active;expires=600")
    assert phone.take("SUBSCRIBE").get("Expires") == "0"
    peer.notify(subscribe, "terminated")
    phone.until(lambda: "TERMINATED" in kinds)


def test_a_callback_that_raises_harms_nobody(phone: Phone, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[str] = []  # words only: an exception holds its frames, and they hold the endpoint
    monkeypatch.setattr("sys.unraisablehook", lambda problem: raised.append(str(problem.exc_value)))

    def broken(_event: sipext.Event) -> None:
        if len(raised) < 2:
            raise ValueError("broken callback")

    sipext.subscribe(phone.account.getId(), "x-broken", broken)
    subscribe = phone.take("SUBSCRIBE")
    peer.accept(subscribe)
    peer.notify(subscribe, "active")
    assert phone.take("NOTIFY", 200)
    phone.until(lambda: len(raised) == 2)
    assert set(raised) == {"broken callback"}


def test_a_forgotten_subscription_goes_on(phone: Phone, peer: Peer) -> None:
    events: list[sipext.Event] = []
    sipext.subscribe(phone.account.getId(), "x-forgotten", events.append)
    subscribe = phone.take("SUBSCRIBE")
    peer.accept(subscribe)
    peer.notify(subscribe, "active", b"still here")
    phone.until(lambda: any(event.message.endswith(b"still here") for event in events))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"account": 99}, ValueError, "no account 99"),
        ({"event": ""}, ValueError, "event package"),
        ({"callback": 5}, TypeError, "callable"),
        ({"expires": -1}, ValueError, "seconds"),
        ({"event": "x\r\nEvil: 1"}, ValueError, "line ends"),
        ({"accept": ["a/b"] * 17}, ValueError, "at most 16"),
    ],
)
def test_bad_arguments_are_refused_with_words(
    phone: Phone, arguments: dict[str, object], error: type[Exception], words: str
) -> None:
    given: dict[str, object] = {"account": phone.account.getId(), "event": "x-bad", "callback": print}
    with pytest.raises(error, match=words):
        sipext.subscribe(**{**given, **arguments})  # type: ignore[arg-type]


def test_a_subscription_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError):
        sipext.Subscription()
