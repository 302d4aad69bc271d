"""One datagram that bears the server's address, from a stranger on the voice LAN who cannot see what is answered.

Each is sent as it was when it worked: nothing is dialled, no microphone opens, no proof of the password leaves, nothing
is answered to the stranger; and what the server itself asks is done afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deskphone.wire.message import Request
from tests.netns.forger import OPEN, Site
from tests.netns.lan import PHONE, SERVER, STRANGER, Lan
from tests.sip.useragent.peer import Dialog, learn, sdp

pytestmark = [pytest.mark.netns, pytest.mark.slow]
REALM = "site"
CHALLENGE = f'Digest realm="{REALM}", nonce="bait", algorithm=MD5, qop="auth"'


@pytest.fixture(scope="module")
def lan() -> Iterator[Lan]:
    with Lan() as made:
        yield made


@pytest.fixture(scope="module")
def open_site(lan: Lan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A phone with everything switched on that a server may ask for; nobody is logged in."""
    folder = tmp_path_factory.mktemp("open")
    with lan.media("wire", SERVER) as voice, lan.phone(folder, **OPEN) as phone:
        yield Site(lan, phone, phone.story(), voice)
        assert phone.troubles() == []


@pytest.fixture
def site(open_site: Site) -> Site:
    """The same, forgetful of what the test before has seen."""
    open_site.lan.seen.clear()
    registers = [each for each in open_site.lan.server.seen if isinstance(each, Request) and each.method == "REGISTER"]
    open_site.lan.server.seen[:] = registers[-1:]
    return open_site


def test_a_refer_dials_nobody(site: Site) -> None:
    refer_to = f"Refer-To: <sip:666@{STRANGER}>"
    contact = f"sip:1502@{PHONE}:{site.port}"
    for uri in ("", contact + ";mark=", contact + ";mark=0123456789abcdef", contact + ";MARK=x;mark=y",
                f"sip:1502;mark=1@{PHONE}", contact + "?mark=1"):  # fmt: skip
        site.forge("REFER", refer_to, uri=uri)
    site.forge("REFER", refer_to, source=5099)  # the server may speak from another port
    site.forge("REFER", refer_to, "Refer-Sub: false", "Referred-By: <sip:1502@10.78.0.1>", sent_by=STRANGER)
    site.nothing_happened()
    assert "a forgery, or a server that does not keep the Contact" in site.phone.journal()


def test_who_was_in_a_call_has_not_seen_what_a_refer_needs(site: Site) -> None:
    """A proxy shows the phone's Contact to the far end of a call: he asks at that, in the server's name."""
    server = site.lan.server
    dialog = server.invite(site.target, (), sdp(site.voice.port, host=SERVER))
    ringing = server.response(180)
    learn(dialog, ringing)
    site.story.shows("Incoming call")
    site.story.press("soft1")
    answer = server.response(200, "INVITE")
    server.ack(dialog, answer)
    site.story.in_call()
    shown = {each.headers.get("contact").partition("<")[2].partition(">")[0] for each in (ringing, answer)}
    site.story.press("hold")
    hold = server.request("INVITE")
    shown.add(hold.headers.get("contact").partition("<")[2].partition(">")[0])
    server.reply(hold, 200, "OK", (), sdp(site.voice.port, "recvonly", host=SERVER))
    server.request("ACK")
    server.send("BYE", dialog)
    server.response(200, "BYE")
    site.story.idle()
    site.phone.press(*"2001", "ok")
    invite = server.request("INVITE")
    shown.add(invite.headers.get("contact").partition("<")[2].partition(">")[0])
    server.reply(invite, 486, "Busy Here")
    server.request("ACK")
    site.story.idle()
    site.story.wait("silence", lambda state: state["audio"]["path"] == "none" and not state["tone"], 15)
    site.lan.server.seen[:] = [each for each in server.seen if isinstance(each, Request) and each.method == "REGISTER"]
    assert all(contact.startswith("sip:1502@") for contact in shown)
    for contact in shown:
        site.forge("REFER", f"Refer-To: <sip:666@{STRANGER}>", uri=contact)
        site.forge("NOTIFY", "Event: check-sync;reboot=true", uri=contact)
    site.nothing_happened()


def test_check_sync_restarts_and_fetches_nothing(site: Site) -> None:
    registers = site.registers()
    for event in ("check-sync", "check-sync;reboot=true", "resync", "reboot"):
        site.forge("NOTIFY", f"Event: {event}", "Subscription-State: active")
    site.nothing_happened()
    assert site.registers() == registers


@pytest.mark.parametrize(
    "line",
    [
        "Call-Info: <sip:x>;answer-after=0",
        f"Alert-Info: <http://{SERVER}>;info=alert-autoanswer",
        "Answer-Mode: Auto",
        "Priv-Answer-Mode: Auto;require",
    ],
)
def test_an_invite_that_answers_itself_opens_no_microphone(site: Site, line: str) -> None:
    site.forge("INVITE", line, body=sdp(4000, host=STRANGER))
    site.heard_out()
    site.story.pass_time(0.5)
    state = site.phone.state()
    assert [call["state"] for call in state["calls"]] in ([], ["incoming"])
    assert site.lan.of_the_phone() == []
    if state["calls"]:  # it only rings; talk needs a tag that the stranger has not seen
        for event in ("talk", "hold"):
            site.forge("NOTIFY", f"Event: {event}")
        site.heard_out()
        site.story.shows("Incoming call")
        site.phone.softkey("reject")
        site.story.idle()
    assert site.lan.of_the_phone() == []


def test_an_answer_that_is_wanted_elsewhere_goes_nowhere(site: Site) -> None:
    for via in (f";maddr={STRANGER}", f";rport;maddr={STRANGER}", f';MADDR="{STRANGER}"', f";received={STRANGER}",
                ";rport=4000"):  # fmt: skip
        for method, line in (("OPTIONS", "Accept: a/b"), ("INVITE", "Call-Info: <sip:x>;answer-after=0"),
                             ("NOTIFY", "Event: check-sync;reboot=true")):  # fmt: skip
            site.forge(method, line, via=via, body=sdp(4000, host=STRANGER) if method == "INVITE" else b"")
    site.forge("OPTIONS", sent_by=STRANGER)
    for _ in range(4):
        site.heard_out()
        if site.phone.state()["calls"]:
            site.phone.softkey("reject")
            site.story.pass_time(0.2)
    site.nothing_happened()


def test_wrong_digests_in_the_name_of_an_honest_host_tell_nothing(site: Site) -> None:
    """No answer reaches him, so he has no nonce; what he makes up counts for nothing, also not against that host."""
    for number in range(20):
        site.forge("NOTIFY", "Event: check-sync",
                   f'Authorization: Digest username="1502", realm="{SERVER}", nonce="n{number}", uri="sip:1502@x",'
                   f' response="{number:032x}", cnonce="c", nc=00000001, qop=auth')  # fmt: skip
    site.nothing_happened()
    assert "blocked" not in site.phone.journal()


def test_who_is_in_a_call_and_challenges_our_requests_gets_no_proof_in_the_servers_name_either(site: Site) -> None:
    """A far end behind the server names a Contact of his own; what the phone sends in the call comes to him. He answers
    401, from his own address and with the server's, in the realm in which the server itself asks at REGISTER.
    """
    server, lan = site.lan.server, site.lan
    server.automatic["SUBSCRIBE"] = lambda request: server.reply(request, 489, "Bad Event")
    dialog = server.invite(site.target, (("Contact", f"<sip:666@{STRANGER}:5060>"),), sdp(site.voice.port, host=SERVER))
    learn(dialog, server.response(180))
    site.story.shows("Incoming call")
    site.story.press("soft1")
    server.ack(dialog, server.response(200, "INVITE"))
    site.story.in_call()
    for keys, method in ((("hold",), b"INVITE "), (("cancel",), b"BYE ")):
        site.story.press(*keys)
        asked = request_to_the_stranger(site, method)
        same = [line for line in asked.split("\r\n") if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        for header, code in (("WWW-Authenticate", 401), ("Proxy-Authenticate", 407)):
            refusal = "\r\n".join((f"SIP/2.0 {code} Who are you", *same, f"{header}: {CHALLENGE}",
                                   "Content-Length: 0", "", "")).encode()  # fmt: skip
            for source in (SERVER, STRANGER):
                lan.forge((source, 5060), (PHONE, site.port), refusal)
        site.heard_out()
        site.story.pass_time(0.5)
    assert not [each for each in lan.of_the_phone() if b"Authorization:" in each]
    site.story.idle(within=40)


def request_to_the_stranger(site: Site, method: bytes) -> str:
    """The next request of that method that the phone sends to him."""
    site.story.wait(f"{method!r} to the stranger", lambda _: any(
        each.startswith(method) for each in site.lan.of_the_phone()))  # fmt: skip
    return next(each for each in site.lan.of_the_phone() if each.startswith(method)).decode()


def test_what_the_server_itself_asks_is_done(site: Site) -> None:
    """The same from the right host: else all of the above would prove nothing."""
    server = site.lan.server
    outside = Dialog("our-refer", f"<sip:2001@{SERVER}>;tag=s", f"<{site.target}>", site.target, 0)
    server.send("REFER", outside, (("Refer-To", f"<sip:2002@{SERVER}>"),))
    server.response(202, "REFER")
    server.reply(server.request("NOTIFY"), 200)  # a server that answers no report is suspected, asked, and left
    invite = server.request("INVITE")
    assert invite.uri.startswith("sip:2002@")
    server.reply(invite, 486, "Busy Here")
    server.request("ACK")
    server.reply(server.request("NOTIFY"), 200)
    site.story.idle()
    dialog = server.invite(site.target, (("Call-Info", "<sip:x>;answer-after=0"),), sdp(site.voice.port, host=SERVER))
    server.ack(dialog, server.response(200, "INVITE"))
    server.send("NOTIFY", dialog, (("Event", "hold"), ("Subscription-State", "active")))
    server.response(200, "NOTIFY")
    server.reply(server.request("INVITE"), 200, "OK", (), sdp(site.voice.port, "recvonly", host=SERVER))
    server.request("ACK")
    server.send("BYE", dialog)
    server.response(200, "BYE")
    site.story.idle()
    site.honest_call()
