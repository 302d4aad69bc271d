"""The faults of CWMP (TR-069 annex A.5.1): codes of a CPE, their words, and whose fault each is."""

from __future__ import annotations

from dataclasses import dataclass

TEXTS = {
    9000: "Method not supported",
    9001: "Request denied",
    9002: "Internal error",
    9003: "Invalid arguments",
    9004: "Resources exceeded",
    9005: "Invalid parameter name",
    9006: "Invalid parameter type",
    9007: "Invalid parameter value",
    9008: "Attempt to set a non-writable parameter",
    9009: "Notification request rejected",
    9010: "Download failure",
    9011: "Upload failure",
    9012: "File transfer server authentication failure",
    9013: "Unsupported protocol for file transfer",
    9014: "Download failure: unable to join multicast group",
    9015: "Download failure: unable to contact file server",
    9016: "Download failure: unable to access file",
    9017: "Download failure: unable to complete download",
    9018: "Download failure: file corrupted or otherwise unusable",
    9019: "Download failure: file authentication failure",
}
CLIENT = frozenset({9003, 9005, 9006, 9007, 9008})
"""What the server did wrong; SOAP's faultcode is Client there, Server for the rest."""
RETRY = 8005
"""An ACS says: send the same again."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is wrong with one parameter of SetParameterValues."""

    name: str
    code: int
    text: str


class Fault(Exception):
    """A request that is not carried out. detail: for a person, behind the code's own words; rows: by parameter."""

    def __init__(self, code: int, detail: str = "", rows: tuple[Row, ...] = ()) -> None:
        self.code, self.rows = code, rows
        self.text = f"{TEXTS[code]}: {detail}" if detail else TEXTS[code]
        super().__init__(self.text)
