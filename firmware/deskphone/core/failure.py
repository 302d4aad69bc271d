"""What a final response to a request of ours amounts to: its class, its tone, the key of its words.

Law: pure questions; who asks decides what follows. Codes are those of RFC 3261 section 21; troubles of TLS have names
of their own (`tls:wrong_name`, in sip/stack/tls.py) and come as the reason of a code nobody sent; so has a challenge
that we cannot answer.
"""

from __future__ import annotations

NO_ANSWER = 408  # also where no final response came at all (RFC 3261 section 8.1.3.1)
ACCOUNT = (401, 403, 404, 407)  # the responses that tell a wrong number or password: asking faster cannot help
SERVER = (408, 502, 503, 504)  # no response, or one that another server of the number need not give
LINE = (*ACCOUNT, *SERVER, 410, 480, 484, 500, 501, 604)  # whose words are as true of a REGISTER as of a call
BUSY = (486, 600, 603)  # for these the caller hears the busy tone, else congestion
TLS = "tls:"
AUTH = "auth:"
UNKNOWN_PROOF = "auth:unknown"  # the server asks for a proof of another kind than we have (RFC 7616), no wrong password


def of_account(code: int) -> bool:
    """Whether the server does not take this number with this password."""
    return code in ACCOUNT


def of_server(code: int) -> bool:
    """Whether another server of the same number may do what this one did not."""
    return code in SERVER


def tone(code: int) -> str:
    """The tone a caller hears of it: busy or congestion."""
    return "busy" if code in BUSY else "congestion"


def of_tls(reason: str) -> bool:
    """Whether the request never left, because the connection could not be made secure."""
    return reason.startswith(TLS)


def word(code: int, reason: str = "") -> str:
    """The key of its words; the reason's text is the server's (`said_by_server`), but where it is a name of ours."""
    return reason if reason.startswith((TLS, AUTH)) else f"failure:{code}"


def word_of_line(code: int, reason: str) -> str:
    """The same of a REGISTER: no call was refused, and no codec was missing."""
    key = word(code, reason)
    return key if code in LINE or key == reason else f"line:{code}"


def detail(reason: str) -> str:
    """What a person reads beside its words: the server's own, no name of ours."""
    return "" if reason.startswith((TLS, AUTH)) else reason


def said_by_server(reason: str) -> str:
    """A reason phrase from the wire, which is no name of ours whatever it says."""
    return f"'{reason}'" if reason.startswith((TLS, AUTH)) else reason
