"""The valid messages a mutation starts from, as a server or a far end of the phone sends them.

Law: text of a Caller's names only.
"""

from __future__ import annotations

import random
import re
import time

from tests.sip.robust.caller import SDP, Call, Caller, encrypted

NOTIFY_BODIES = (
    ("talk", "", ""),
    ("hold", "", ""),
    ("check-sync", "", ""),
    ("message-summary", "application/simple-message-summary", "Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n"),
    ("refer", "message/sipfrag;version=2.0", "SIP/2.0 200 OK\r\n"),
    (
        "as-feature-event",
        "application/x-as-feature-event+xml",
        '<?xml version="1.0"?><AgentLoggedOnEvent xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed3">'
        "<device>1502</device><agentID>4711</agentID></AgentLoggedOnEvent>",
    ),
    ("presence", "application/pidf+xml", "<presence/>"),
)


def make(chance: random.Random, caller: Caller, call: Call | None, register: str) -> bytes:
    """One of them, by chance; in the dialog of `call` where there is one. `register`: the phone's last REGISTER."""
    fresh = Call(f"m-{time.monotonic_ns()}-{chance.randrange(1 << 30)}", f"t{chance.randrange(1 << 30)}")
    inside = call if call is not None and chance.random() < 0.5 else fresh
    inside.cseq += 1
    kind = chance.randrange(10)
    body = encrypted(SDP) if caller.encrypted and chance.random() < 0.7 else SDP
    if kind <= 1:
        fresh.cseq = 1
        return caller.request("INVITE", fresh, _call_headers(chance), body)
    if kind <= 3:
        return _notify(chance, caller, inside)
    if kind == 4:
        return caller.request(chance.choice(("OPTIONS", "INFO", "MESSAGE", "SUBSCRIBE", "PUBLISH", "REGISTER")), inside)
    if kind == 5:
        return caller.request(chance.choice(("BYE", "CANCEL", "ACK", "PRACK")), fresh, "RAck: 1 1 INVITE\r\n")
    if kind == 6:
        return caller.request(
            chance.choice(("INVITE", "UPDATE")), inside, "Session-Expires: 90;refresher=uas\r\n", body
        )
    if kind == 7:
        return caller.request("REFER", inside, f"Refer-To: <sip:20{chance.randrange(100):02d}@{caller.host}>\r\n")
    return _register_answer(chance, register)


def _call_headers(chance: random.Random) -> str:
    lines = (
        'P-Asserted-Identity: "Jane" <sip:2001@127.0.0.1>\r\n',
        "Alert-Info: <http://127.0.0.1/ring>;info=alert-autoanswer;delay=9\r\n",
        "Call-Info: <sip:127.0.0.1>;answer-after=9\r\n",
        "Replaces: a@b;to-tag=1;from-tag=2\r\n",
        "Require: 100rel\r\n",
        "Supported: timer, 100rel, replaces\r\nSession-Expires: 1800;refresher=uac\r\n",
        "Privacy: id\r\n",
        "",
    )
    return "".join(chance.sample(lines, chance.randrange(3)))


def _notify(chance: random.Random, caller: Caller, inside: Call) -> bytes:
    event, kind, body = chance.choice(NOTIFY_BODIES)
    extra = f"Event: {event}\r\nSubscription-State: active;expires=60\r\n"
    message = caller.request("NOTIFY", inside, extra, body)
    return message.replace(b"application/sdp", kind.encode(), 1) if kind else message


def _register_answer(chance: random.Random, register: str) -> bytes:
    """A final answer to the REGISTER seen last, whose transaction has just ended: what a confused server repeats."""
    code = chance.choice(
        ("200 OK", "401 Unauthorized", "403 Forbidden", "423 Interval Too Brief", "503 Service Unavailable")
    )
    extra = {"4": 'WWW-Authenticate: Digest realm="x", nonce="y"\r\nMin-Expires: 9\r\n', "5": "Retry-After: 9\r\n"}.get(
        code[0], ""
    )
    head = register.partition("\r\n\r\n")[0]
    kept = "".join(line + "\r\n" for line in re.findall(r"(?im)^(?:Via|From|To|Call-ID|CSeq|Contact):[^\r]*", head))
    return f"SIP/2.0 {code}\r\n{kept}{extra}Expires: 300\r\nContent-Length: 0\r\n\r\n".encode()
