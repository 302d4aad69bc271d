"""The phones Asterisk knows, as sections of pjsip.conf.

Law: text only. What a test needs of an endpoint beyond the usual is given as pjsip.conf's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PASSWORD = "secret"
_USUAL = {
    "context": "main",
    "disallow": "all",
    "direct_media": "no",
    "rtp_symmetric": "yes",
    "force_rport": "yes",
    "rewrite_contact": "yes",
    "send_pai": "yes",
    "trust_id_inbound": "yes",
    "trust_id_outbound": "yes",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """codecs: in Asterisk's words, in order. options, aor: more lines of the endpoint and of its address of record."""

    number: str
    name: str = ""
    codecs: str = "g722,alaw,ulaw,opus"
    options: Mapping[str, str] = field(default_factory=dict)
    aor: Mapping[str, str] = field(default_factory=dict)

    def sections(self) -> str:
        """endpoint, auth and aor of this number."""
        name = self.name or f"Extension {self.number}"
        endpoint = {**_USUAL, "allow": self.codecs, "auth": self.number, "aors": self.number,
                    "callerid": f'"{name}" <{self.number}>', **self.options}  # fmt: skip
        auth = {"auth_type": "userpass", "username": self.number, "password": PASSWORD}
        aor = {"max_contacts": "1", "remove_existing": "yes", "qualify_frequency": "0", **self.aor}
        kinds = (("endpoint", endpoint), ("auth", auth), ("aor", aor))
        return "".join(self._section(kind, values) for kind, values in kinds)

    def _section(self, kind: str, values: Mapping[str, str]) -> str:
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        return f"[{self.number}]\ntype={kind}\n{lines}"
