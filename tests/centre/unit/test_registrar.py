"""Registration at the SIP Server stand-in, seen from a phone's socket."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from hashlib import md5

import pytest
from sipmessage import AuthChallenge, AuthCredentials, AuthParameters, Message, Request

from centre import SipServer
from centre.digest import Digest, Verdict
from tests.centre.unit.conftest import FAST
from tests.centre.unit.phone import PATIENCE, Phone


async def test_a_phone_with_the_right_password_is_registered(server: SipServer) -> None:
    async with Phone("1502", server.port) as phone:
        challenge = await phone.ask(phone.request("REGISTER", headers={"Expires": "60"}))
        assert challenge.code == 401
        assert 'qop="auth"' in challenge.headers["WWW-Authenticate"]
        answer = await phone.register()
        assert answer.code == 200
        assert answer.headers["Contact"] == f"<sip:1502@127.0.0.1:{phone.port}>;expires=60"
        await server.wait_registered("1502", within=PATIENCE)
        assert [b.peer.port for b in server.registrations["1502"]] == [phone.port]


async def test_a_wrong_password_is_challenged_again_and_never_registered(server: SipServer) -> None:
    async with Phone("1502", server.port, password="wrong") as phone:
        answer = await phone.register()
        assert answer.code == 401
        assert AuthChallenge.parse(answer.headers["WWW-Authenticate"]).parameters.get("stale") is None
        assert server.registrations == {}
        assert server.gate.failures == 1


async def test_both_digest_algorithms_are_offered_and_sha256_is_taken() -> None:
    async with (
        SipServer(dns={"1502": "secret"}, timers=FAST, algorithms=("SHA-256", "MD5")) as server,
        Phone("1502", server.port) as phone,
    ):
        request = phone.request("REGISTER")
        challenge = await phone.ask(request)
        offered = [
            AuthChallenge.parse(v).parameters["algorithm"] for v in challenge.headers.getlist("WWW-Authenticate")
        ]
        assert offered == ["SHA-256", "MD5"]
        assert (await phone.ask(phone.authorized(request, challenge))).code == 200


async def test_an_old_nonce_is_called_stale_and_a_repeated_count_too(server: SipServer) -> None:
    async with Phone("1502", server.port) as phone:
        request = phone.request("REGISTER")
        challenge = await phone.ask(request)
        first = phone.authorized(request, challenge)
        assert (await phone.ask(first)).code == 200
        replayed = await phone.ask(phone.again(first))
        assert replayed.code == 401 and "stale=true" in replayed.headers["WWW-Authenticate"]
        # Same nonce, next count: good while it lives, stale when it is old.
        assert (await phone.ask(phone.authorized(first, challenge, nc="00000002"))).code == 200
        born = server.gate.digest.now()
        server.gate.digest.now = lambda: born + 301
        old = await phone.ask(phone.authorized(phone.again(first), challenge, nc="00000003"))
        assert old.code == 401 and "stale=true" in old.headers["WWW-Authenticate"]


async def test_too_short_an_expiry_is_refused_with_the_shortest_one() -> None:
    async with (
        SipServer(dns={"1502": "secret"}, timers=FAST, min_expires=60) as server,
        Phone("1502", server.port) as phone,
    ):
        answer = await phone.register(expires=30)
        assert (answer.code, answer.headers["Min-Expires"]) == (423, "60")


async def test_a_binding_ends_when_it_expires_and_when_the_phone_says_so(server: SipServer, alice: Phone) -> None:
    await alice.register(expires=0)
    assert server.registrations == {}
    assert (await alice.register(expires=1)).code == 200
    [binding] = server.location.of("1502")
    left = binding.expires_at - asyncio.get_running_loop().time()
    assert 0 < left <= 1
    server.location.add(replace(binding, expires_at=binding.expires_at - left + 0.01))
    await server.wait_until(lambda: not server.registrations, within=PATIENCE)


async def test_a_star_contact_removes_every_binding(server: SipServer, alice: Phone) -> None:
    async with Phone("1502", server.port) as second:
        await second.register()
        assert len(server.registrations["1502"]) == 2
        refused = await second.ask_authorized(second.request("REGISTER", headers={"Contact": "*", "Expires": "9"}))
        assert refused.code == 400
        answer = await second.ask_authorized(second.request("REGISTER", headers={"Contact": "*", "Expires": "0"}))
        assert answer.code == 200 and answer.headers.get("Contact") is None
        assert server.registrations == {}


async def test_an_older_register_of_the_same_call_id_is_refused(server: SipServer, alice: Phone) -> None:
    challenge = await alice.ask(alice.request("REGISTER"))
    newer = alice.authorized(alice.request("REGISTER", headers={"CSeq": "7 REGISTER"}), challenge)
    assert (await alice.ask(newer)).code == 200
    older = alice.authorized(newer, challenge, nc="00000002")
    older.headers.set("CSeq", "7 REGISTER")
    answer = await alice.ask(older)
    assert (answer.code, answer.phrase) == (500, "CSeq Too Small")


async def test_the_eleventh_contact_and_an_unknown_dn_are_refused(server: SipServer, alice: Phone) -> None:
    contacts = ", ".join(f"<sip:1502@127.0.0.1:{5000 + i}>" for i in range(10))
    answer = await alice.ask_authorized(alice.request("REGISTER", headers={"Contact": contacts}))
    assert answer.code == 403
    assert len(server.registrations["1502"]) == 10
    async with Phone("9999", server.port) as stranger:
        assert (await stranger.register()).code == 404


async def test_a_silent_server_answers_nothing_until_it_is_back(server: SipServer) -> None:
    async with Phone("1502", server.port) as phone:
        server.silence(True)
        request = phone.request("REGISTER")
        phone.send(request)
        await server.wait_until(lambda: server.agent.dropped == 1, within=PATIENCE)
        assert phone.inbox.empty()
        server.silence(False)
        assert (await phone.ask(request)).code == 401


async def test_ordered_failures_hit_the_next_requests_only(server: SipServer) -> None:
    async with Phone("1502", server.port) as phone:
        server.fail_next("REGISTER", 503, (("Retry-After", "7"),), count=2)
        for _ in range(2):
            answer = await phone.ask(phone.request("REGISTER"))
            assert (answer.code, answer.headers["Retry-After"]) == (503, "7")
        assert (await phone.register()).code == 200
        server.fail_next("*", 403, dn="1503")
        assert (await phone.register()).code == 200
        with pytest.raises(ValueError, match="expected 300 to 699"):
            server.fail_next("INVITE", 200)


async def test_registration_and_a_call_over_tcp(server: SipServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

    async def read() -> Message:
        head = await reader.readuntil(b"\r\n\r\n")
        message = Message.parse(head)
        message.body = await reader.readexactly(message.content_length or 0)
        return message

    async with Phone("1502", server.port) as helper:
        request = helper.request("REGISTER")
        via = f"SIP/2.0/TCP 127.0.0.1:{writer.get_extra_info('sockname')[1]};branch=z9hG4bKtcp1"
        request.headers.set("Via", via)
        request.headers.set("Contact", "<sip:1502@10.255.255.1:5060;transport=tcp>")
        request.headers.set("Content-Length", "0")
        writer.write(b"\r\n\r\n" + bytes(request)[:50])
        writer.write(bytes(request)[50:])
        assert await reader.readexactly(2) == b"\r\n"  # the pong
        challenge = await read()
        assert challenge.code == 401  # type: ignore[attr-defined]
        again = helper.authorized(request, challenge)  # type: ignore[arg-type]
        again.headers.set("Via", via + "b")
        writer.write(bytes(again))
        assert (await read()).code == 200  # type: ignore[attr-defined]
    # The contact's address cannot be reached: the call must come down the connection that registered.
    server.call("1502")
    invite = await read()
    assert isinstance(invite, Request) and invite.method == "INVITE"
    assert "transport=tcp" in invite.headers["Contact"]
    writer.close()
    await writer.wait_closed()


def test_a_nonce_nobody_gave_is_stale_even_with_a_good_proof() -> None:
    digest = Digest("r", ("MD5",), 60)
    secret, asked = (md5(text.encode()).hexdigest() for text in ("u:r:p", "REGISTER:sip:x"))
    proof = md5(f"{secret}:made.up:1:c:auth:{asked}".encode()).hexdigest()
    request = Message.parse(b"REGISTER sip:x SIP/2.0\r\n\r\n")
    assert isinstance(request, Request)
    request.authorization = AuthCredentials(
        "Digest",
        AuthParameters(
            username="u", realm="r", nonce="made.up", uri="sip:x", response=proof, qop="auth", nc="1", cnonce="c"
        ),
    )
    assert digest.check(request, "u", "p") is Verdict.STALE
