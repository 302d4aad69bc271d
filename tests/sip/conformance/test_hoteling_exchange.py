"""Hoteling as a BroadWorks server was published to speak it (Cisco document 221935), replayed in our own words.

What that trace has beyond SIP Server's: SUBSCRIBE challenged by digest with qop, header fields without a blank behind
the colon, a shorter Expires than asked for, Session-ID, CSeq that jumps, a refusal by an empty guest address, and
`expires` in the document of success.
"""

from __future__ import annotations

import pytest

from deskphone.wire.message import Request
from tests.sip.conformance.conftest import Wire
from tests.stories.agent import ACD, log_in

pytestmark = [pytest.mark.sip, pytest.mark.proves("hoteling exchange of BroadWorks, replayed", "Cisco document 221935")]
PACKAGE = "x-broadworks-hoteling"
CHALLENGE = 'Digest realm="BroadWorks",nonce="BroadWorksXm3q0TestNonce",algorithm=MD5,qop="auth"'
REFUSED = '<?xml version="1.0" encoding="UTF-8"?>\n<HotelingEvent xmlns="http://schema.broadsoft.com/hoteling">\n' \
          "<guestAddress/>\n</HotelingEvent>"  # fmt: skip
TAKEN = '<?xml version="1.0" encoding="UTF-8"?>\n<HotelingEvent xmlns="http://schema.broadsoft.com/hoteling">\n' \
        "<guestAddress>agent7001</guestAddress>\n<expires>43200</expires>\n</HotelingEvent>"  # fmt: skip


def subscribe(wire: Wire) -> Request:
    """The phone's next SUBSCRIBE for hoteling, challenged first and sent again with credentials."""
    first = wire.asked(PACKAGE)
    wire.peer.reply(first, 401, "Unauthorized", (("WWW-Authenticate", CHALLENGE),))
    again = wire.asked(PACKAGE)
    credentials = again.headers.get("authorization")
    assert 'username="1502"' in credentials and "qop=auth" in credentials and "nc=0000000" in credentials
    return again


def grant(wire: Wire, request: Request, expires: int) -> None:
    """200 for less than was asked for."""
    wire.peer.reply(request, 200, "OK", (("Session-ID", "1abe;remote=4e85"), ("Expires", str(expires))))


def notify(wire: Wire, request: Request, cseq: int, document: str, expires: int) -> None:
    """A NOTIFY as it was published, and its 200."""
    to = request.headers.get("to")
    mine = to if "tag=" in to else f"{to};tag=peer"
    contact = request.headers.get("contact").partition("<")[2].partition(">")[0]
    host = f"127.0.0.1:{wire.peer.port}"
    lines = (
        f"NOTIFY {contact} SIP/2.0",
        f"Via:SIP/2.0/UDP {host};branch=z9hG4bKBroadworksSSE.-127.0.0.1V5060-0-{cseq}-394818446",
        f"From:{mine}", f"To:{request.headers.get('from')}", f"Call-ID:{request.call_id}", f"CSeq:{cseq} NOTIFY",
        f"Contact:<sip:{host}>", f"Subscription-State:active;expires={expires}", "Max-Forwards:69",
        "Session-ID:1abe;remote=4e85", f"Event:{PACKAGE}", f"Content-Type:application/{PACKAGE}+xml",
        f"Content-Length:{len(document)}",
    )  # fmt: skip
    wire.peer.raw(("\r\n".join(lines) + "\r\n\r\n" + document).encode())
    wire.peer.response(200, "NOTIFY")


def logged_out(wire: Wire) -> Request:
    """A phone whose subscription is up, nobody logged in; its SUBSCRIBE."""
    grant_register = wire.peer.automatic["REGISTER"]

    def challenge(register: Request) -> None:
        """Who has not shown the password at REGISTER is asked, in the realm of the later challenges."""
        if register.headers.get("authorization"):
            grant_register(register)
        else:
            wire.peer.reply(register, 401, "Unauthorized", (("WWW-Authenticate", CHALLENGE),))

    wire.peer.automatic["REGISTER"] = challenge
    wire.power_on(**ACD)
    request = subscribe(wire)
    grant(wire, request, 3424)
    notify(wire, request, 101, REFUSED, 3424)
    wire.phone.shows("Login")
    return request


def test_an_empty_guest_address_refuses_the_log_in(wire: Wire) -> None:
    logged_out(wire)
    log_in(wire.phone)
    asked = subscribe(wire)
    assert b"<guestAddress>agent7001</guestAddress>" in asked.body
    grant(wire, asked, 3424)
    notify(wire, asked, 102, REFUSED, 3424)
    wire.phone.shows("Login failed")
    wire.phone.wait("nobody", lambda state: state["agent"]["id"] == "")


def test_a_guest_address_with_its_lifetime_is_the_log_in(wire: Wire) -> None:
    logged_out(wire)
    log_in(wire.phone)
    asked = subscribe(wire)
    grant(wire, asked, 3324)
    notify(wire, asked, 103, TAKEN, 3324)
    wire.phone.wait("the agent", lambda state: state["agent"]["id"] == "agent7001")
